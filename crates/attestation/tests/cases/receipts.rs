//! Receipts of other runs, and of nobody who may give them.

use proofmark_attestation::statement::receipt::{ReceiptPredicate, RunReceipt};
use proofmark_attestation::verify::FailureCode::ReceiptInvalid;
use proofmark_criteria::Verdict;
use proofmark_dsse::Envelope;
use serde_json::{Value, json};

use super::{Case, bad, good};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = strangers();
    cases.extend(false_ones());
    cases
}

fn false_ones() -> Vec<Case> {
    let with = |name, about, receipt: Envelope| {
        bad(name, about, ReceiptInvalid).change(|bundle| bundle.receipts = vec![receipt])
    };
    vec![
        with(
            "receipt-of-another-outcome",
            "The receipt is of a run that came to a fail.",
            receipt(&outcome_of(&WORLD.fail), ALPHA_RECEIPTS),
        ),
        with(
            "receipt-other-outcome-digest",
            "The receipt names this statement, and another outcome digest.",
            told(|predicate| {
                predicate.outcome_digest =
                    serde_json::from_value(digest_set(b"another")).expect("a digest")
            }),
        ),
        with(
            "receipt-of-another-engine",
            "The receipt names another engine than its key is for.",
            {
                let payload = receipt(&outcome(), BETA_RECEIPTS).payload().to_vec();
                sign_payload(&payload, &[ALPHA_RECEIPTS])
            },
        ),
        with(
            "receipt-ended-before-it-began",
            "The run of the receipt ended before it began.",
            told(|predicate| predicate.finished_at = time("2026-11-26T17:58:59Z")),
        ),
        with(
            "receipt-unknown-member",
            "The receipt has a member that nobody knows.",
            lie(|statement| statement["predicate"]["verdict"] = json!("pass")),
        ),
        with(
            "receipt-two-subjects",
            "The receipt is about two outcomes.",
            lie(|statement| {
                let subject = statement["subject"][0].clone();
                statement["subject"]
                    .as_array_mut()
                    .expect("a list")
                    .push(subject);
            }),
        ),
        with(
            "receipt-subject-name",
            "The subject of the receipt is called something else.",
            lie(|statement| statement["subject"][0]["name"] = json!("submission")),
        ),
        with(
            "receipt-is-an-outcome",
            "An outcome stands where a receipt should.",
            sign_payload(outcome().canonical_bytes(), &[ALPHA_RECEIPTS]),
        ),
        with(
            "receipt-payload-type",
            "The receipt is signed under another type.",
            {
                let payload = receipt(&outcome(), ALPHA_RECEIPTS).payload().to_vec();
                sign_as("application/json", &payload, &[ALPHA_RECEIPTS])
            },
        ),
        bad(
            "receipt-edited",
            "A receipt was changed; its signature stayed.",
            ReceiptInvalid,
        )
        .change(|bundle| {
            let other = lie(|statement| statement["predicate"]["usage"]["wallMicros"] = json!(1));
            bundle.receipts = vec![super::binding::with_payload(
                &bundle.receipts[0],
                other.payload(),
            )];
        }),
        bad(
            "receipt-second-is-false",
            "Of two receipts the second is of another outcome.",
            ReceiptInvalid,
        )
        .change(|bundle| {
            bundle
                .receipts
                .push(receipt(&outcome_of(&WORLD.fail), BETA_RECEIPTS))
        }),
        bad(
            "receipt-key-ended-before",
            "The window of the receipt's key ended before its run did.",
            ReceiptInvalid,
        )
        .under(|policy| {
            entry(policy, ALPHA_RECEIPTS)["validUntil"] = json!("2026-11-26T17:59:00Z")
        }),
        bad(
            "receipt-key-revoked",
            "The key of the receipt is revoked.",
            ReceiptInvalid,
        )
        .under(|policy| {
            let revoked = json!({ "effectiveAt": ORDERED_AT, "reason": "compromised" });
            entry(policy, ALPHA_RECEIPTS)["revoked"] = revoked;
        }),
    ]
}

fn strangers() -> Vec<Case> {
    let beside = |name, about, stranger: Envelope| {
        good(name, about, Verdict::Pass).change(|bundle| bundle.receipts.push(stranger))
    };
    vec![
        beside(
            "valid-receipt-by-stranger",
            "A receipt is signed by nobody that the policy knows: else anybody could spoil a bundle.",
            receipt(&outcome_of(&WORLD.fail), STRANGER),
        ),
        beside(
            "valid-receipt-by-engine-key",
            "A receipt is signed with a key for outcomes: it says nothing.",
            {
                let payload = receipt(&outcome(), ALPHA_RECEIPTS).payload().to_vec();
                sign_payload(&payload, &[ALPHA])
            },
        ),
    ]
}

/// A receipt that says something else.
fn told(change: impl FnOnce(&mut ReceiptPredicate)) -> Envelope {
    let mut predicate = receipt_predicate(&outcome(), ALPHA_RECEIPTS);
    change(&mut predicate);
    let receipt = RunReceipt::new(&outcome(), predicate).expect("a receipt");
    sign_payload(receipt.canonical_bytes(), &[ALPHA_RECEIPTS])
}

fn lie(change: impl FnOnce(&mut Value)) -> Envelope {
    let payload = receipt(&outcome(), ALPHA_RECEIPTS).payload().to_vec();
    let mut statement = serde_json::from_slice(&payload).expect("JSON");
    change(&mut statement);
    sign_payload(&canonical_bytes(&statement), &[ALPHA_RECEIPTS])
}
