//! Bundles that verify, some of which look odd.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proofmark_attestation::bundle::{DocumentRole, MAX_BUNDLE_BYTES};
use proofmark_attestation::statement;
use proofmark_criteria::Verdict::{Fail, Inconclusive, Pass};
use serde_json::{Value, json};

use super::{Case, good};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        good("valid-pass", "Nothing: two engines, a log, three witnesses, a receipt.", Pass),
        good("valid-fail", "Nothing: a fail is as verified as a pass.", Fail)
            .bundle(&bundle_of(&outcome_of(&WORLD.fail))),
        good("valid-inconclusive", "Nothing: a validator ran out of fuel, which every engine sees.", Inconclusive)
            .bundle(&bundle_of(&outcome_of(&WORLD.inconclusive))),
        good("valid-free-standing", "Nothing: an outcome bound to no contract, of which nothing is asked; it settles nothing.", Pass)
            .bundle(&bundle_of(&free_standing()))
            .without(&["audience", "contract", "deliverable", "attempt", "nonce"]),
        good("valid-only-time-known", "Nothing: the verifier knows nothing but the time; the outcome settles nothing.", Pass)
            .facts(|facts| *facts = json!({ "now": NOW })),
        good("valid-with-documents", "Nothing: criteria, record and manifest travel along.", Pass)
            .change(|bundle| attach_all(bundle, &WORLD.pass)),
        good("valid-documents-at-hand", "Nothing: the verifier has its own criteria and the work itself.", Pass)
            .with_documents_at_hand(),
        good("valid-lists-cut", "Nothing: so many criteria that artifacts and results stand behind their digests.", Pass)
            .bundle(&large().0)
            .facts(|facts| *facts = large().1),
        good("valid-lists-cut-without-record", "Nothing: results stand behind their digest and nobody has the record; `result` is not asked.", Pass)
            .bundle(&large().0)
            .change(|bundle| *bundle = bare(bundle))
            .facts(|facts| *facts = large().1),
        good("valid-third-signature-later", "Nothing: a third engine signed after the envelope was logged.", Pass)
            .bundle(&{
                let envelope = sign_payload(outcome().canonical_bytes(), &[ALPHA, BETA, GAMMA]);
                logged_for(envelope, &[ALPHA, BETA])
            }),
        good("valid-quorum-exactly", "Nothing: as many witnesses as are needed, and no more.", Pass)
            .bundle(&logged_as(signed(), &Logging {
                witnesses: vec![(SUPPLIER, SEEN_AT), (NOTARY, EXISTED_BY)],
                ..Logging::default()
            })),
        good("valid-unknown-signature", "Somebody that the policy does not know signed too; DSSE passes over that.", Pass)
            .bundle(&logged_for(sign_payload(outcome().canonical_bytes(), &[ALPHA, BETA, STRANGER]), &[ALPHA, BETA])),
        good("valid-unknown-witness", "A witness that the policy does not know cosigned too.", Pass)
            .bundle(&logged_as(signed(), &Logging {
                witnesses: vec![(UNKNOWN_WITNESS, SEEN_AT), (BUYER, SEEN_AT), (SUPPLIER, EXISTED_BY)],
                ..Logging::default()
            })),
        good("valid-url-safe-base64", "The envelope is written in the other alphabet of base64, which DSSE allows.", Pass)
            .edit(url_safe),
        good("valid-pretty-printed", "The bundle is written with white space.", Pass).bytes({
            let value: Value = serde_json::from_str(&bundle().to_json()).expect("JSON");
            serde_json::to_vec_pretty(&value).expect("JSON")
        }),
        good("valid-signatures-reordered", "The signatures stand in another order.", Pass).edit(|bundle| {
            let signatures = bundle["envelope"]["signatures"].as_array_mut();
            signatures.expect("a list").reverse();
        }),
        good("valid-longest-bundle", "Nothing: white space makes the bundle as long as one may be.", Pass).spaces({
            let length = bundle().to_json().len();
            (MAX_BUNDLE_BYTES - length) as u64
        }),
        good("valid-last-moment", "Nothing: the deadline is the very moment by which the outcome existed.", Pass)
            .fact("deadline", EXISTED_BY)
            .fact("orderedAt", EXISTED_BY),
        good("valid-oldest", "Nothing: the outcome is exactly as old as the policy allows.", Pass)
            .under(|policy| policy["time"]["maxAgeSeconds"] = json!(60 * 59 + 50)),
        good("valid-ahead-within-skew", "Nothing: the witnesses' clocks are ahead as far as the policy allows.", Pass)
            .fact("now", "2026-11-26T17:55:10Z"),
        good("valid-key-window-ends-then", "Nothing: the windows of the keys end at the very moment.", Pass).under(|policy| {
            for number in [ALPHA, BETA] {
                entry(policy, number)["validUntil"] = json!(EXISTED_BY);
            }
            policy["profiles"][1]["validUntil"] = json!(EXISTED_BY);
            policy["transparency"]["logs"][0]["validUntil"] = json!(EXISTED_BY);
        }),
        good("valid-key-window-begins-then", "Nothing: the windows of the keys begin at the very moment.", Pass).under(|policy| {
            for number in [ALPHA, BETA] {
                entry(policy, number)["validFrom"] = json!(EXISTED_BY);
            }
        }),
        good("valid-revoked-later", "Nothing: a key was revoked after its signature was witnessed.", Pass).under(|policy| {
            let revoked = json!({ "effectiveAt": "2026-11-26T18:00:10.000001Z", "reason": "compromised" });
            entry(policy, ALPHA)["revoked"] = revoked;
        }),
        good("valid-spare-key-revoked", "Nothing: one of three signers is revoked, and two are enough.", Pass)
            .bundle(&logged(sign_payload(outcome().canonical_bytes(), &[ALPHA, BETA, GAMMA])))
            .under(|policy| {
                let revoked = json!({ "effectiveAt": ORDERED_AT, "reason": "compromised" });
                entry(policy, GAMMA)["revoked"] = revoked;
            }),
        good("valid-one-witness-in-the-past", "One of three witnesses has a false clock; the quorum's time stays what it is.", Pass)
            .bundle(&logged_as(signed(), &Logging {
                witnesses: vec![(NOTARY, "2026-11-02T00:00:00Z"), (BUYER, SEEN_AT), (SUPPLIER, EXISTED_BY)],
                ..Logging::default()
            })),
        good("valid-newer-profile", "Nothing: a newer engine profile than the contract's.", Pass).bundle(&{
            let runs = passing(&WORLD.criteria, &WORLD.manifest);
            let record = record(&WORLD.criteria, &WORLD.manifest, NEWER, runs);
            bundle_of(&outcome_of(&record))
        }),
        good("valid-log-not-needed", "Nothing: the policy demands no log, and there is no proof.", Pass)
            .change(|bundle| bundle.log = None)
            .under(|policy| policy["transparency"]["required"] = json!(false)),
        good("valid-policy-not-known", "Nothing: the policy signs for itself, and is neither pinned nor remembered; the outcome settles nothing.", Pass),
        good("valid-remembered-policy", "Nothing: the verifier accepted this policy before, and pins it.", Pass).also(|case| {
            case.remembered = Some(signed_policy().into_bytes());
            case.pin = Some(policy().digest().to_string());
        }),
        good("valid-newer-policy", "Nothing: the policy follows the one accepted before.", Pass)
            .under(|policy| policy["version"] = json!(2))
            .also(|case| case.remembered = Some(signed_policy().into_bytes())),
        good("valid-known-agrees", "Nothing: another bundle of the same run says the same.", Pass).also(|case| {
            let envelope = sign_payload(outcome().canonical_bytes(), &[GAMMA]);
            case.known = vec![logged(envelope)];
        }),
        good("valid-known-other-run", "Nothing: another bundle says fail, of another attempt.", Pass).also(|case| {
            let mut binding = binding();
            binding.attempt = std::num::NonZeroU32::new(2).expect("not zero");
            let other = statement::build(&WORLD.criteria, &WORLD.manifest, &WORLD.fail, Some(binding));
            case.known = vec![bundle_of(&other.expect("a statement"))];
        }),
        good("valid-known-of-a-revoked-key", "A thief signs a fail of this run with a key that is revoked; else it could stop the payment.", Pass)
            .under(|policy| {
                let revoked = json!({ "effectiveAt": NOW, "reason": "compromised" });
                entry(policy, GAMMA)["revoked"] = revoked;
            })
            .also(|case| {
                let fail = outcome_of(&WORLD.fail);
                case.known = vec![logged(sign_payload(fail.canonical_bytes(), &[GAMMA]))];
            }),
        good("valid-receipt-key-ended", "Nothing: the key of the receipt made room for another since.", Pass)
            .under(|policy| entry(policy, ALPHA_RECEIPTS)["validUntil"] = json!(SEEN_AT)),
        good("valid-known-newer-profile", "Nothing: another bundle of another profile agrees but for the fuel.", Pass).also(|case| {
            let runs = passing(&WORLD.criteria, &WORLD.manifest);
            let record = record(&WORLD.criteria, &WORLD.manifest, NEWER, runs);
            case.known = vec![bundle_of(&outcome_of(&record))];
        }),
    ]
}

impl Case {
    pub(super) fn also(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

pub(crate) fn signed() -> proofmark_dsse::Envelope {
    sign_payload(outcome().canonical_bytes(), &[ALPHA, BETA])
}

pub(crate) fn free_standing() -> statement::ValidatedOutcome {
    let built = statement::build(&WORLD.criteria, &WORLD.manifest, &WORLD.pass, None);
    built.expect("a statement")
}

pub(crate) fn attach_all(
    bundle: &mut proofmark_attestation::Bundle,
    record: &proofmark_criteria::VerdictRecord,
) {
    bundle.attach(DocumentRole::Criteria, WORLD.criteria.canonical_bytes());
    bundle.attach(DocumentRole::Record, record.canonical_bytes());
    bundle.attach(DocumentRole::Submission, WORLD.manifest.canonical_bytes());
}

/// The same without documents.
fn bare(bundle: &proofmark_attestation::Bundle) -> proofmark_attestation::Bundle {
    let mut value: Value = serde_json::from_str(&bundle.to_json()).expect("JSON");
    let members = value.as_object_mut().expect("an object");
    members.remove("documents").expect("there were some");
    proofmark_attestation::Bundle::parse(value.to_string().as_bytes()).expect("a bundle")
}

/// A bundle whose statement has no room for all of its lists, and the facts of its order.
fn large() -> (proofmark_attestation::Bundle, Value) {
    use proofmark_criteria::report::Status;
    let names: Vec<_> = (0..12).map(|at| format!("criterion-{at:02}")).collect();
    let list: Vec<_> = names
        .iter()
        .map(|name| criterion(name, &["a", "b"], true, 0))
        .collect();
    let criteria = criteria_from(None, &list);
    let checks = || {
        vec![
            check("a", Status::Pass, None),
            check("b", Status::Pass, Some(800_000)),
        ]
    };
    let ends = names.iter().map(|_| Ok(checks())).collect();
    let record = record(
        &criteria,
        &WORLD.manifest,
        REFERENCE,
        runs(&criteria, &WORLD.manifest, ends),
    );
    let outcome = statement::build(&criteria, &WORLD.manifest, &record, Some(binding()));
    let outcome = outcome.expect("a statement");
    assert!(
        outcome.statement().subject.len() == 1
            && outcome.predicate().result.criteria.items.is_none()
    );
    let mut bundle = bundle_of(&outcome);
    bundle.attach(DocumentRole::Criteria, criteria.canonical_bytes());
    bundle.attach(DocumentRole::Record, record.canonical_bytes());
    bundle.attach(DocumentRole::Submission, WORLD.manifest.canonical_bytes());
    let mut facts = facts();
    facts["criteria"] = json!({ "sha256": criteria.digest().hex() });
    (bundle, facts)
}

fn url_safe(bundle: &mut Value) {
    use base64::engine::general_purpose::STANDARD;
    let change = |text: &mut Value| {
        let bytes = STANDARD
            .decode(text.as_str().expect("text"))
            .expect("base64");
        *text = json!(URL_SAFE_NO_PAD.encode(bytes));
    };
    let envelope = &mut bundle["envelope"];
    change(&mut envelope["payload"]);
    for signature in envelope["signatures"].as_array_mut().expect("a list") {
        change(&mut signature["sig"]);
    }
}
