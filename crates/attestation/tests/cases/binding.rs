//! Replays: a true outcome presented where it does not belong.

use proofmark_attestation::verify::FailureCode::*;
use serde_json::json;

use super::valid::free_standing;
use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        bad(
            "replay-audience",
            "Presented to another market, whose policy trusts the same engines.",
            AudienceMismatch,
        )
        .fact("audience", "urn:market:other")
        .under(|policy| policy["audience"] = json!("urn:market:other")),
        bad(
            "replay-contract",
            "Presented for another contract of the same terms.",
            ContractMismatch,
        )
        .facts(|facts| facts["contract"]["id"] = json!("con_other")),
        bad(
            "replay-contract-terms",
            "Presented for a contract of the same name whose terms changed.",
            ContractMismatch,
        )
        .facts(|facts| facts["contract"]["digest"] = digest_set(b"other terms")),
        bad(
            "replay-deliverable",
            "Presented for another deliverable of the contract.",
            DeliverableMismatch,
        )
        .fact("deliverable", "proofreading"),
        bad(
            "replay-attempt",
            "The outcome of the first attempt, presented for the second.",
            AttemptMismatch,
        )
        .fact("attempt", 2),
        bad(
            "replay-nonce",
            "Presented for a later order of the same work.",
            NonceMismatch,
        )
        .fact("nonce", "00000000000000000000000000000001"),
        bad(
            "free-standing-for-contract",
            "A check that was bound to nothing, presented for a contract.",
            BindingMissing,
        )
        .bundle(&bundle_of(&free_standing())),
        bad(
            "binding-edited-unsigned",
            "The contract in the payload was changed; the signatures stayed.",
            SignatureInvalid,
        )
        .change(|bundle| {
            let mut statement = statement_of(&outcome());
            statement["predicate"]["binding"]["contract"]["id"] = json!("con_other");
            bundle.envelope = with_payload(&bundle.envelope, &canonical_bytes(&statement));
        })
        .facts(|facts| facts["contract"]["id"] = json!("con_other")),
        bad(
            "replay-other-submission",
            "The outcome of the first submission, presented for a second one.",
            SubjectMismatch,
        )
        .facts(|facts| {
            let other = manifest_of(&[("notes.md", b"notes"), ("text.csv", b"something else")]);
            facts["submission"] = json!({ "sha256": other.digest().hex() });
        }),
        bad(
            "work-at-hand-is-other",
            "The files that were delivered are not those that were judged.",
            SubjectMismatch,
        )
        .also(|case| {
            let other = manifest_of(&[("notes.md", b"notes"), ("text.csv", b"something else")]);
            case.submission = Some(other.canonical_bytes().to_vec());
        })
        .without(&["submission"]),
        bad(
            "artifact-added",
            "A file was added to the work after it was judged.",
            SubjectMismatch,
        )
        .also(|case| {
            let other = manifest_of(&[
                ("extra.exe", b"x"),
                ("notes.md", b"notes"),
                ("text.csv", b"translated text"),
            ]);
            case.submission = Some(other.canonical_bytes().to_vec());
        })
        .without(&["submission"]),
        bad(
            "artifact-removed",
            "A file was removed from the work after it was judged.",
            SubjectMismatch,
        )
        .also(|case| {
            let other = manifest_of(&[("text.csv", b"translated text")]);
            case.submission = Some(other.canonical_bytes().to_vec());
        })
        .without(&["submission"]),
        bad(
            "artifact-renamed",
            "A file of the work was renamed after it was judged.",
            SubjectMismatch,
        )
        .also(|case| {
            let other = manifest_of(&[("notes.txt", b"notes"), ("text.csv", b"translated text")]);
            case.submission = Some(other.canonical_bytes().to_vec());
        })
        .without(&["submission"]),
        bad(
            "other-criteria",
            "The work was judged by easier criteria than the contract's.",
            CriteriaMismatch,
        )
        .fact("criteria", digest_set(b"the contract's criteria")),
        bad(
            "criteria-at-hand-are-other",
            "The buyer's criteria document is another.",
            CriteriaMismatch,
        )
        .also(|case| {
            let other = criteria_from(
                Some(999_999),
                &[criterion("form", &["columns", "rows"], true, 1)],
            );
            case.criteria = Some(other.canonical_bytes().to_vec());
        })
        .without(&["criteria"]),
        bad(
            "subject-not-in-manifest",
            "Engines name an artifact that the submission does not have.",
            SubjectMismatch,
        )
        .lie(|statement| statement["subject"][1]["name"] = json!("submission/other.md"))
        .with_documents_at_hand(),
        bad(
            "subject-artifact-digest",
            "Engines name another content for an artifact of the submission.",
            SubjectMismatch,
        )
        .lie(|statement| statement["subject"][2]["digest"] = digest_set(b"something else"))
        .with_documents_at_hand(),
        bad(
            "subject-artifact-left-out",
            "Engines leave one artifact out of the subjects.",
            SubjectMismatch,
        )
        .lie(|statement| drop(statement["subject"].as_array_mut().map(|all| all.remove(1))))
        .with_documents_at_hand(),
        bad(
            "subject-reordered",
            "Engines name the artifacts in another order.",
            SubjectMismatch,
        )
        .lie(|statement| {
            statement["subject"]
                .as_array_mut()
                .expect("a list")
                .swap(1, 2)
        }),
        bad(
            "subject-twice",
            "Engines name one artifact twice.",
            SubjectMismatch,
        )
        .lie(|statement| {
            let subjects = statement["subject"].as_array_mut().expect("a list");
            subjects.push(subjects[2].clone());
        }),
        bad(
            "subject-second-submission",
            "Engines name a second submission beside the first.",
            SubjectMismatch,
        )
        .lie(|statement| {
            let subjects = statement["subject"].as_array_mut().expect("a list");
            subjects.insert(
                1,
                json!({ "name": "submission", "digest": digest_set(b"another") }),
            );
        }),
        bad(
            "subject-not-a-submission",
            "Engines name something else first.",
            SubjectMismatch,
        )
        .lie(|statement| statement["subject"][0]["name"] = json!("submission-2")),
        bad(
            "subject-foreign",
            "Engines name something that is no artifact of a submission.",
            SubjectMismatch,
        )
        .lie(|statement| statement["subject"][1]["name"] = json!("release.tar.gz")),
        bad(
            "subject-none",
            "Engines name no subject at all.",
            SubjectMismatch,
        )
        .lie(|statement| statement["subject"] = json!([])),
    ]
}

/// The same signatures over another payload.
pub(crate) fn with_payload(
    envelope: &proofmark_dsse::Envelope,
    payload: &[u8],
) -> proofmark_dsse::Envelope {
    let mut value = json!(envelope);
    let empty = json!(proofmark_dsse::Envelope::unsigned("", payload.to_vec()));
    value["payload"] = empty["payload"].clone();
    proofmark_dsse::Envelope::parse(value.to_string().as_bytes()).expect("an envelope")
}
