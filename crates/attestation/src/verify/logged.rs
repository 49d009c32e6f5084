//! Log origin, inclusion, witness quorum, time.

use std::collections::BTreeSet;

use proofmark_core::{Timestamp, chain};
use proofmark_dsse::Tally;
use proofmark_keys::KeyId;
use proofmark_tlog::{CheckpointError, VerifiedCheckpoint, leaf_hash, verify_inclusion};
use proofmark_trust::{Role, Standing, Transparency, TrustPolicy, TrustedLog, TrustedWitness};

use super::Bound;
use super::envelope::threshold;
use super::facts::Facts;
use super::failure::{Failure, FailureCode};
use super::rule::{Rule, Trail};
use super::verified::Logged;
use crate::bundle::{Bundle, LogEvidence};

/// Where the envelope was logged, if it was, and by when it certainly existed.
pub(super) fn check(
    trail: &mut Trail,
    bundle: &Bundle,
    tally: &Tally,
    policy: &TrustPolicy,
    facts: &Facts,
) -> Result<LogFindings, Failure> {
    let transparency = policy.transparency();
    let Some(evidence) = wanted(bundle, transparency) else {
        let missing = FailureCode::LogMissing.because("the policy demands a log proof");
        trail.ask(
            Rule::LogOrigin,
            transparency.required.then_some(Err(missing)),
        )?;
        trail.ask(Rule::Inclusion, None)?;
        trail.ask(Rule::WitnessQuorum, None)?;
        trail.hold(Rule::Time, times(facts, policy, facts.now))?;
        return Ok(LogFindings::nothing(facts.now));
    };
    let (log, checkpoint) = trail.hold(Rule::LogOrigin, origin(evidence, transparency))?;
    trail.hold(Rule::Inclusion, inclusion(bundle, evidence, &checkpoint))?;
    let bound = trail.hold(
        Rule::WitnessQuorum,
        quorum(&checkpoint, transparency, facts.now),
    )?;
    // A witness may be ahead by the clock skew; nothing is judged by a time that is not yet.
    let witnessed_at = bound.map_or(facts.now, |at| at.min(facts.now));
    let existed_by = match enough(tally, &evidence.signers, policy, witnessed_at) {
        true => witnessed_at,
        false => facts.now,
    };
    trail.fail(Rule::Time, not_ahead(facts, policy, bound))?;
    trail.hold(Rule::Time, times(facts, policy, existed_by))?;
    Ok(LogFindings {
        existed_by,
        witnessed_at,
        signers: evidence.signers.clone(),
        log: Some(log.clone()),
        logged: Some(Logged {
            origin: log.key.name().clone(),
            index: evidence.proof.index,
            size: checkpoint.checkpoint().size(),
        }),
    })
}

/// What the log says of an envelope.
pub(super) struct LogFindings {
    /// By then enough signatures existed: when the log was seen, if those in it are enough; else now.
    pub(super) existed_by: Bound,
    /// By then the logged signatures existed.
    pub(super) witnessed_at: Bound,
    /// Whose signatures were logged.
    pub(super) signers: Vec<KeyId>,
    pub(super) log: Option<TrustedLog>,
    pub(super) logged: Option<Logged>,
}

impl LogFindings {
    const fn nothing(now: Timestamp) -> Self {
        Self {
            existed_by: now,
            witnessed_at: now,
            signers: Vec::new(),
            log: None,
            logged: None,
        }
    }
}

/// Evidence of a log is passed over only where the policy knows no log and asks for none.
fn wanted<'b>(bundle: &'b Bundle, transparency: &Transparency) -> Option<&'b LogEvidence> {
    let evidence = bundle.log.as_ref()?;
    let knows_logs = transparency.required || !transparency.logs.is_empty();
    knows_logs.then_some(evidence)
}

/// The log by the origin in the checkpoint, and its signature under it.
fn origin<'p>(
    evidence: &LogEvidence,
    transparency: &'p Transparency,
) -> Result<(&'p TrustedLog, VerifiedCheckpoint), Failure> {
    let note = &evidence.proof.checkpoint;
    let origin = note.text().lines().next().unwrap_or_default();
    let log = transparency
        .logs
        .iter()
        .find(|log| log.key.name().as_str() == origin);
    let Some(log) = log else {
        return Err(FailureCode::LogOrigin
            .because("the checkpoint is of a log that the policy does not know"));
    };
    let checkpoint = VerifiedCheckpoint::open(note, &log.key).map_err(|error| {
        let code = match error {
            CheckpointError::Signature(_) => FailureCode::LogSignature,
            CheckpointError::OtherLog { .. } => FailureCode::LogOrigin,
            _ => FailureCode::LogMalformed,
        };
        code.because(chain(&error))
    })?;
    Ok((log, checkpoint))
}

/// The leaf is computed here, from the envelope at hand, and the root is that of the signed checkpoint.
fn inclusion(
    bundle: &Bundle,
    evidence: &LogEvidence,
    checkpoint: &VerifiedCheckpoint,
) -> Result<(), Failure> {
    let Some(leaf) = crate::leaf(&bundle.envelope, &evidence.signers) else {
        return Err(FailureCode::LeafMismatch
            .because("the proof names a signer whose signature the envelope has not"));
    };
    let (proof, head) = (&evidence.proof, checkpoint.checkpoint());
    verify_inclusion(
        &leaf_hash(&leaf),
        proof.index,
        head.size(),
        &proof.path,
        head.root(),
    )
    .map_err(|error| FailureCode::InclusionInvalid.because(chain(&error)))
}

/// By when witnesses of enough operators had seen the checkpoint: the earliest time at which a quorum of them
/// agrees, so that one witness with a false clock moves nothing. `None` where the policy asks for none.
fn quorum(
    checkpoint: &VerifiedCheckpoint,
    transparency: &Transparency,
    now: Timestamp,
) -> Result<Option<Bound>, Failure> {
    let keys: Vec<_> = transparency
        .witnesses
        .iter()
        .map(|witness| &witness.key)
        .collect();
    let cosignatures = checkpoint
        .cosignatures(&keys)
        .map_err(|error| FailureCode::WitnessSignature.because(chain(&error)))?;
    let mut seen: Vec<(Timestamp, &str)> = Vec::new();
    for cosignature in &cosignatures {
        let of = |witness: &&TrustedWitness| witness.key == cosignature.witness;
        let Some(witness) = transparency.witnesses.iter().find(of) else {
            continue;
        };
        // A witness's own time is its claim. Only the reader's clock bounds it from above.
        if counts(witness, cosignature.at, now) {
            seen.push((cosignature.at, &witness.operator));
        }
    }
    seen.sort();
    if transparency.quorum == 0 {
        return Ok(None);
    }
    let mut operators = BTreeSet::new();
    let bound = seen.iter().find(|(_, operator)| {
        operators.insert(*operator);
        operators.len() >= transparency.quorum as usize
    });
    match bound {
        Some((at, _)) => Ok(Some(*at)),
        None => Err(FailureCode::WitnessQuorum.because(format!(
            "witnesses of {} operators cosigned, {} are needed",
            operators.len(),
            transparency.quorum
        ))),
    }
}

/// Within its window by its own time; and a revoked witness counts for nothing any more, because a thief
/// with its key can write any time.
fn counts(witness: &TrustedWitness, at: Timestamp, now: Timestamp) -> bool {
    witness.window.contains(at) && witness.standing(now) != Standing::Revoked
}

/// Whether the logged signatures are enough by themselves. A leaf may name signatures of anybody: only those of
/// trusted keys that counted at the time show that the outcome was attested then.
fn enough(tally: &Tally, logged: &[KeyId], policy: &TrustPolicy, at: Bound) -> bool {
    let good = |id: &&KeyId| {
        let key = policy.key(id);
        logged.contains(id) && key.is_some_and(|key| key.standing(at) == Standing::Good)
    };
    let good: Vec<_> = tally.valid.iter().filter(good).copied().collect();
    threshold(policy, Role::Outcome, &good).is_ok()
}

fn not_ahead(facts: &Facts, policy: &TrustPolicy, bound: Option<Bound>) -> Result<(), Failure> {
    let latest = facts.now.plus_seconds(policy.time().max_clock_skew_seconds);
    match bound.filter(|bound| *bound > latest) {
        Some(bound) => Err(FailureCode::TimeFuture
            .because(format!("witnesses saw it at {bound}, which is not yet"))),
        None => Ok(()),
    }
}

/// The outcome existed by `bound`; what follows from that.
fn times(facts: &Facts, policy: &TrustPolicy, bound: Bound) -> Result<(), Failure> {
    let rules = policy.time();
    if let Some(ordered) = facts.ordered_at.filter(|ordered| bound < *ordered) {
        return Err(FailureCode::TimeBeforeOrder.because(format!(
            "it existed at {bound}, the order only since {ordered}"
        )));
    }
    if facts.now > bound.plus_seconds(rules.max_age_seconds) {
        return Err(FailureCode::TimeTooOld.because(format!("it is as old as {bound}")));
    }
    match facts.deadline.filter(|deadline| bound > *deadline) {
        Some(deadline) => Err(FailureCode::TimeAfterDeadline.because(format!(
            "nothing shows that it existed before {bound}, the deadline was {deadline}"
        ))),
        None => Ok(()),
    }
}
