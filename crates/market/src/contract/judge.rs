//! Verdicts: who counts, when engines enough agree, and what follows.

use std::collections::{BTreeMap, BTreeSet};

use proofmark_attestation::VerifiedOutcome;
use proofmark_keys::KeyId;

use super::dispute;
use super::state::{Active, Confirmed, Ending, Failed, Passed, Purpose, State};
use super::warranty::Recheck;
use super::work::in_time;
use super::{Contract, Quorum, Run, Vote};
use crate::change::Change;
use crate::event::Event;
use crate::market::Market;
use crate::money::proof::{Judgement, NotPassed, Proven};
use crate::money::recipes;
use crate::parties;
use crate::rejection::{Code, Rejection};

/// Takes a verified outcome as a vote, and as a judgement if engines enough agree now.
pub(crate) fn present(
    change: &mut Change<'_>,
    contract: &Contract,
    outcome: VerifiedOutcome,
) -> Result<(), Rejection> {
    in_time(change, contract)?;
    let run = contract
        .run()
        .ok_or_else(|| Code::NothingToJudge.because(contract.id.to_string()))?;
    let proven = Proven::by(outcome, run)?;
    let quorum = quorum(change.market, contract);
    let mut signers = counting(change, contract, quorum, proven.signers());
    let mut contract = contract.clone();
    dispute::open_by_conflict(change, &mut contract, &proven, &signers)?;
    // Not who was struck off by what this very command brought to light.
    signers.retain(|key, _| change.counts(key));
    let signers = who_ran_it_again(&contract, &proven, signers)?;
    vote(change, &mut contract, &proven, signers, quorum)?;
    let run = contract.run().expect("the vote was put into it");
    let leading = run.votes().leading(quorum).cloned();
    match leading.and_then(|vote| Some((proven.judged(&vote)?, vote))) {
        Some((judgement, vote)) => conclude(change, contract, judgement, &vote),
        None => change.put(contract),
    }
    Ok(())
}

/// What makes a judgement in this state.
fn quorum<'m>(market: &'m Market, contract: &Contract) -> Quorum<'m> {
    let called = match &contract.state {
        State::Verifying(it) => it.house,
        State::Rechecking(it) => it.house,
        _ => return Quorum::House(&market.rules.house),
    };
    match called {
        true => Quorum::Called(&market.rules.house),
        false => Quorum::Terms(contract.terms.engines.threshold),
    }
}

/// Of these signers those that count, with their operators: engines of the terms first; when they were silent or
/// are challenged, every engine that the market trusts.
pub(crate) fn counting<'k>(
    change: &Change<'_>,
    contract: &Contract,
    quorum: Quorum<'_>,
    signers: impl IntoIterator<Item = &'k KeyId>,
) -> BTreeMap<KeyId, String> {
    let wanted = |key: &&KeyId| match quorum {
        Quorum::Terms(_) => contract.terms.engines.keys.contains(key),
        Quorum::Called(_) | Quorum::House(_) => contract.side(**key).is_none(),
    };
    let operator = |key: &KeyId| {
        let operator = change.market.engine_operator(key)?;
        Some((*key, operator.to_owned()))
    };
    let signers = signers.into_iter().filter(wanted);
    signers.filter_map(operator).collect()
}

/// What was signed before a dispute does not uphold the verdict in it: that takes somebody who runs it again.
fn who_ran_it_again(
    contract: &Contract,
    proven: &Proven,
    mut signers: BTreeMap<KeyId, String>,
) -> Result<BTreeMap<KeyId, String>, Rejection> {
    let before = signed_before(contract, proven);
    let some = !signers.is_empty();
    signers.retain(|key, _| before.is_none_or(|before| !before.contains(key)));
    match some && signers.is_empty() {
        true => Err(Code::VerdictKnown.because("it was signed before the dispute")),
        false => Ok(signers),
    }
}

/// Who had signed the verdict that is disputed, if it is this.
fn signed_before<'c>(contract: &'c Contract, proven: &Proven) -> Option<&'c BTreeSet<KeyId>> {
    match &contract.state {
        State::Disputed(it) if it.was.conclusion() == proven.conclusion() => {
            Some(&it.signed_before)
        }
        _ => None,
    }
}

/// Puts the vote into the run. A key that signed two outcomes of the run is struck off, and counts for neither.
fn vote(
    change: &mut Change<'_>,
    contract: &mut Contract,
    proven: &Proven,
    signers: BTreeMap<KeyId, String>,
    quorum: Quorum<'_>,
) -> Result<(), Rejection> {
    let engines = u32::try_from(signers.len()).unwrap_or(u32::MAX);
    let before = signed_before(contract, proven).cloned().unwrap_or_default();
    let disputed = matches!(contract.state, State::Disputed(_));
    let run = run_mut(&mut contract.state).expect("it was found before");
    run.votes_mut().keep(|key| change.counts(key));
    let event = Event::VerdictPresented {
        run: run.number().get(),
        outcome: proven.conclusion().outcome,
        verdict: proven.verdict(),
        engines,
    };
    if !disputed {
        run.votes_mut().show(proven.conclusion(), proven.signers());
    }
    match run.votes_mut().add(proven, signers) {
        Ok(equivocators) => {
            for key in equivocators {
                parties::strike(change, key);
            }
        }
        // Said before, but only now decisive: the one who contradicted it has been disqualified since.
        Err(rejection) if rejection.code == Code::VerdictKnown => {
            let leading = run.votes().leading(quorum);
            leading
                .filter(|vote| vote.conclusion() == proven.conclusion())
                .filter(|vote| vote.signers().any(|key| !before.contains(key)))
                .ok_or(rejection)?;
        }
        Err(rejection) => return Err(rejection),
    }
    change.tell(contract, event);
    Ok(())
}

fn run_mut(state: &mut State) -> Option<&mut Run> {
    match state {
        State::Verifying(it) => Some(&mut it.run),
        State::Rechecking(it) => Some(&mut it.run),
        State::Disputed(it) => Some(&mut it.run),
        _ => None,
    }
}

/// Engines enough agree.
fn conclude(change: &mut Change<'_>, mut contract: Contract, judgement: Judgement, vote: &Vote) {
    // Whatever follows sets the state anew.
    let nowhere = State::ended(Ending::Void, change.at);
    match std::mem::replace(&mut contract.state, nowhere) {
        State::Verifying(mut it) => {
            let payees = it.run.payees(vote);
            recipes::verification(&mut change.moves, &contract, &payees);
            tell(change, &contract, &it.run, &judgement);
            lead_on(
                change,
                contract,
                it.run,
                judgement,
                (it.purpose, Confirmed::No),
            );
        }
        State::Rechecking(mut it) => {
            let payees = it.run.payees(vote);
            recipes::verification(&mut change.moves, &contract, &payees);
            tell(change, &contract, &it.run, &judgement);
            let recheck = Recheck {
                run: it.run,
                evidence_at: it.evidence_at,
                warranty: it.warranty,
                confirmed: Confirmed::No,
            };
            recheck.conclude(change, &contract, judgement);
        }
        State::Disputed(it) => dispute::resolve(change, contract, it, judgement, vote),
        _ => unreachable!("only these states hold a run that waits for a judgement"),
    }
}

fn tell(change: &mut Change<'_>, contract: &Contract, run: &Run, judgement: &Judgement) {
    let event = Event::Judged {
        run: run.number().get(),
        verdict: judgement.verdict(),
        attempts_left: attempts_left(contract),
    };
    change.tell(contract, event);
}

fn attempts_left(contract: &Contract) -> u32 {
    contract.terms.attempts.saturating_sub(contract.attempts)
}

/// What follows from the judgement of a submission, and whether a re-run has confirmed it.
pub(crate) fn lead_on(
    change: &mut Change<'_>,
    mut contract: Contract,
    run: Run,
    judgement: Judgement,
    (purpose, confirmed): (Purpose, Confirmed),
) {
    let seconds = contract.terms.windows.challenge_seconds;
    let challenge_until = change.at.plus_seconds(seconds);
    let why = match (judgement, &purpose) {
        (Judgement::Pass(_), Purpose::Cure { warranty, .. }) => {
            let warranty = warranty.clone().resumed(change.at);
            change.tell(&contract, Event::Cured);
            return change.become_state(&contract, State::Provisional(warranty));
        }
        (Judgement::Pass(pass), Purpose::Attempt) => {
            contract.delivered_at = Some(run.ordered_at());
            contract.verdicts_passed += 1;
            contract.failed.remove(&run.submission());
            contract.state = State::Passed(Passed {
                pass,
                run,
                confirmed,
                challenge_until,
            });
            return change.put(contract);
        }
        (Judgement::Fail(fail), _) => NotPassed::Fail(fail),
        (Judgement::Inconclusive(why), _) => NotPassed::Inconclusive(why),
    };
    let attempt = matches!(purpose, Purpose::Attempt);
    let failed = matches!(why, NotPassed::Fail(_));
    if attempt && failed {
        contract.failed.insert(run.submission());
    }
    contract.state = match attempt && attempts_left(&contract) > 0 {
        true => State::Active(again(change, &contract)),
        false => State::Failed(Failed {
            why,
            purpose,
            run,
            confirmed,
            challenge_until,
        }),
    };
    change.put(contract);
}

/// The supplier may try again until the end of the delivery window, and at least for the retry window.
fn again(change: &Change<'_>, contract: &Contract) -> Active {
    let windows = &contract.terms.windows;
    let delivery = contract.started_at.plus_seconds(windows.delivery_seconds);
    let retry = change.at.plus_seconds(windows.retry_seconds);
    Active {
        submit_by: delivery.max(retry),
    }
}
