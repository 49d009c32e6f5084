//! Key validity at the time that the evidence shows, and receipts.

use proofmark_core::{Timestamp, chain};
use proofmark_dsse::{Envelope, Tally};
use proofmark_keys::KeyId;
use proofmark_trust::{Role, Standing, TrustPolicy, TrustedKey};

use super::envelope::threshold;
use super::facts::Facts;
use super::failure::{Failure, FailureCode};
use super::logged::LogFindings;
use super::rule::{Rule, Trail};
use crate::bundle::Bundle;
use crate::statement::receipt::RunReceipt;
use crate::statement::{PAYLOAD_TYPE, ValidatedOutcome};

/// The keys whose signatures count, after their windows and revocations.
pub(super) fn check(
    trail: &mut Trail,
    bundle: &Bundle,
    tally: &Tally,
    findings: &LogFindings,
    policy: &TrustPolicy,
    facts: &Facts,
    outcome: &ValidatedOutcome,
) -> Result<Vec<KeyId>, Failure> {
    let signers = trail.fail(Rule::KeyValidity, keys(tally, findings, policy, facts))?;
    trail.hold(Rule::KeyValidity, others(findings, policy, outcome))?;
    trail.ask(Rule::Receipts, receipts(bundle, policy, facts, outcome))?;
    Ok(signers)
}

/// A signature that was logged existed when the log was seen; one that was added later is only known to
/// exist now.
fn keys(
    tally: &Tally,
    findings: &LogFindings,
    policy: &TrustPolicy,
    facts: &Facts,
) -> Result<Vec<KeyId>, Failure> {
    let mut good = Vec::new();
    let mut first_bad = None;
    for key in tally.valid.iter().filter_map(|id| policy.key(id)) {
        let id = key.key.id();
        let at = match findings.signers.contains(&id) {
            true => findings.witnessed_at,
            false => facts.now,
        };
        match key.standing(at) {
            Standing::Good => good.push(id),
            standing => {
                first_bad.get_or_insert((key, standing, at));
            }
        }
    }
    match (threshold(policy, Role::Outcome, &good), first_bad) {
        (Ok(()), _) => Ok(good),
        (Err(_), Some((key, standing, at))) => Err(fallen(key, standing, at)),
        (Err(failure), None) => Err(failure),
    }
}

fn fallen(key: &TrustedKey, standing: Standing, at: Timestamp) -> Failure {
    let (code, what) = match (standing, key.revoked, key.window.valid_until) {
        (Standing::Revoked, Some(revoked), _) => (
            FailureCode::KeyRevoked,
            format!("is revoked from {} on", revoked.effective_at),
        ),
        (Standing::Expired, _, Some(until)) => (
            FailureCode::KeyExpired,
            format!("counted only until {until}"),
        ),
        _ => (
            FailureCode::KeyNotYetValid,
            format!("counts only from {} on", key.window.valid_from),
        ),
    };
    let id = key.key.id();
    code.because(format!(
        "key {id} {what}, its signature is known to exist since {at}, and the rest are not enough"
    ))
}

/// Log and profile at the same moment.
fn others(
    findings: &LogFindings,
    policy: &TrustPolicy,
    outcome: &ValidatedOutcome,
) -> Result<(), Failure> {
    let at = findings.existed_by;
    if let Some(log) = findings.log.as_ref().filter(|log| !log.window.contains(at)) {
        return Err(FailureCode::LogExpired
            .because(format!("log {} did not count at {at}", log.key.name())));
    }
    let profile = outcome.predicate().execution.profile.digest.0;
    match policy
        .profile(&profile)
        .is_some_and(|allowed| allowed.window.contains(at))
    {
        true => Ok(()),
        false => Err(FailureCode::ProfileExpired
            .because(format!("engine profile {profile} did not count at {at}"))),
    }
}

/// Receipts of engines that the policy knows; those of strangers are passed over, as strangers' signatures are, and
/// say nothing.
fn receipts(
    bundle: &Bundle,
    policy: &TrustPolicy,
    facts: &Facts,
    outcome: &ValidatedOutcome,
) -> Option<Result<(), Failure>> {
    let known = bundle.receipts.iter().filter_map(|envelope| {
        let keys = policy.keys_of(Role::Receipt).map(|trusted| &trusted.key);
        let tally = envelope.tally(keys);
        let stranger = tally.valid.is_empty() && tally.invalid.is_empty();
        (!stranger).then_some((envelope, tally))
    });
    let answers = known.map(|(envelope, tally)| receipt(envelope, &tally, policy, facts, outcome));
    answers.reduce(Result::and)
}

fn receipt(
    envelope: &Envelope,
    tally: &Tally,
    policy: &TrustPolicy,
    facts: &Facts,
    outcome: &ValidatedOutcome,
) -> Result<(), Failure> {
    let refuse = |why: &str| FailureCode::ReceiptInvalid.because(why);
    if envelope.payload_type() != PAYLOAD_TYPE {
        return Err(refuse(
            "the payload of a receipt is not an in-toto statement",
        ));
    }
    if let Some(key) = tally.invalid.first() {
        let why = format!("the signature of receipt key {key} does not verify");
        return Err(refuse(&why));
    }
    let receipt = RunReceipt::parse(envelope.payload()).map_err(|error| refuse(&chain(&error)))?;
    let digests = (receipt.outcome(), receipt.predicate().outcome_digest.0);
    if digests != (outcome.statement_digest(), outcome.outcome_digest()) {
        return Err(refuse("a receipt is about another outcome"));
    }
    let finished = receipt.predicate().finished_at;
    let engine = receipt.predicate().engine.id.as_str();
    let mut keys = tally.valid.iter().filter_map(|id| policy.key(id));
    if !keys
        .clone()
        .all(|key| key.engine.as_deref() == Some(engine))
    {
        return Err(refuse("a receipt names another engine than its key is for"));
    }
    // Nothing but its own word says when a receipt was signed. Of a key that was revoked that is worth nothing;
    // one whose window merely ended was its engine's all the time.
    let latest = facts.now.plus_seconds(policy.time().max_clock_skew_seconds);
    let counted = |key: &TrustedKey| {
        finished <= latest
            && key.window.contains(finished)
            && key.standing(facts.now) != Standing::Revoked
    };
    match keys.all(counted) {
        true => Ok(()),
        false => Err(refuse(
            "the key of a receipt is revoked, or did not count when its run ended, or that is not yet",
        )),
    }
}
