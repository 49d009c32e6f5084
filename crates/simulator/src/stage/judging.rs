//! What engines sign, honest or not.

use proofmark_attestation::statement::{PAYLOAD_TYPE, ValidatedOutcome};
use proofmark_attestation::verify::{Conflict, FraudProof};
use proofmark_attestation::{Bundle, statement};
use proofmark_criteria::{Criteria, Manifest};
use proofmark_dsse::Envelope;
use proofmark_keys::Signer as _;
use proofmark_market::Run;
use proofmark_trust::TrustPolicy;

use super::Actor;
use super::work::{EVIDENCE, MILESTONE, Work, record};

/// What engines say of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// The work is done.
    Pass,
    /// It is, as somebody else describes it: another outcome with the same verdict.
    PassOtherwise,
    /// It is not.
    Fail,
    /// It is not, for another reason: another outcome with the same verdict.
    FailOtherwise,
    /// A validator ran out of fuel.
    Inconclusive,
    /// A validator refused what was submitted: it comes to a fail.
    Refused,
}

fn outcome(run: &Run, manifest: &Manifest, says: Says) -> ValidatedOutcome {
    let criteria = criteria_of(run);
    let record = record(criteria, manifest, says);
    let built = statement::build(criteria, manifest, &record, Some(run.binding().clone()));
    built.expect("the record is of this run")
}

fn criteria_of(run: &Run) -> &'static Criteria {
    let both = [MILESTONE, EVIDENCE].map(Work::criteria);
    let found = both.into_iter().find(|one| one.digest() == run.criteria());
    found.expect("criteria of the stage")
}

fn envelope(run: &Run, manifest: &Manifest, says: Says, engines: &[&Actor]) -> Envelope {
    let outcome = outcome(run, manifest, says);
    let mut envelope = Envelope::unsigned(PAYLOAD_TYPE, outcome.canonical_bytes().to_vec());
    for engine in engines {
        let signature = engine.secret().sign(&envelope.pae()).expect("it signs");
        let attached = envelope.attach(engine.id(), &signature);
        attached.expect("there is room");
    }
    envelope
}

/// The bundle of what `engines` say of a run.
#[must_use]
pub fn bundle(run: &Run, manifest: &Manifest, says: Says, engines: &[&Actor]) -> Vec<u8> {
    Bundle::of(envelope(run, manifest, says, engines))
        .to_json()
        .into_bytes()
}

/// The proof that an engine signed two results of one run.
///
/// # Panics
/// If the policy does not know the engine, or the two agree.
#[must_use]
pub fn fraud(run: &Run, manifest: &Manifest, engine: &Actor, policy: &TrustPolicy) -> Vec<u8> {
    let says = [Says::Pass, Says::Fail];
    let [pass, fail] = says.map(|says| envelope(run, manifest, says, &[engine]));
    let conflict = Conflict::between(&pass, &fail, policy).expect("they contradict each other");
    let proof = FraudProof::all_of(&conflict, policy).next();
    proof.expect("one key signed both").to_json().into_bytes()
}
