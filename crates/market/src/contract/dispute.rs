//! Disputes over a verdict: other engines run the same validators over the same submission again. Nobody's opinion
//! is asked.

use std::collections::BTreeMap;

use proofmark_core::Digest;
use proofmark_criteria::Verdict;
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;

use super::judge::{counting, lead_on};
use super::settle::not_judged;
use super::state::{Confirmed, Disputed, Failed, Passed, Provisional, Purpose, State, Was};
use super::warranty::{self, Recheck};
use super::work::in_time;
use super::{Contract, Quorum, Run, Vote, Votes, arbitration};
use crate::change::Change;
use crate::command::{Ground, Side};
use crate::event::Event;
use crate::ids::PartyId;
use crate::money::proof::{Judgement, NotPassed, Proven};
use crate::money::recipes;
use crate::parties;
use crate::rejection::{Code, Rejection};

pub(crate) fn challenge(
    change: &mut Change<'_>,
    contract: &Contract,
    ground: Ground,
    claim: Option<Amount>,
) -> Result<(), Rejection> {
    in_time(change, contract)?;
    if ground != Ground::VerdictWrong {
        return arbitration::open(change, contract, ground, claim);
    }
    let by = change.sender;
    let disputed = disputed(change, contract, Some(by), Confirmed::No)?;
    let bond = contract.terms.bonds.challenge;
    parties::may_move(change, by, contract.asset())?;
    recipes::put_up(&mut change.moves, contract, by, bond);
    change.tell(
        contract,
        Event::Challenged {
            by,
            ground,
            until: disputed.rerun_until,
        },
    );
    change.become_state(contract, State::Disputed(disputed));
    Ok(())
}

/// A signed verdict that contradicts the one that stands is a dispute by itself, without a bond.
pub(crate) fn open_by_conflict(
    change: &mut Change<'_>,
    contract: &mut Contract,
    proven: &Proven,
    signers: &BTreeMap<KeyId, String>,
) -> Result<(), Rejection> {
    let Some((was, _, confirmed)) = standing(&contract.state) else {
        return Ok(());
    };
    let disputed = disputed(change, contract, None, Confirmed::BySilence)?;
    let again = confirmed == Confirmed::BySilence;
    if again && !decides_at_once(change, &disputed.run, proven, signers) {
        return Err(Code::VerdictConfirmed.because(contract.id.to_string()));
    }
    if signers.is_empty() {
        return Err(Code::NoCountingSigner.because("nobody of them"));
    }
    if was.conclusion() == proven.conclusion() {
        return Err(Code::NoConflict.because(proven.conclusion().outcome.to_string()));
    }
    let until = disputed.rerun_until;
    change.tell(contract, Event::ConflictFound { until });
    contract.state = State::Disputed(disputed);
    Ok(())
}

/// Whether these signatures make their outcome the judgement, without anybody else's.
fn decides_at_once(
    change: &Change<'_>,
    run: &Run,
    proven: &Proven,
    signers: &BTreeMap<KeyId, String>,
) -> bool {
    let mut votes = run.votes().clone();
    votes.keep(|key| change.counts(key));
    let signers = signers.iter().filter(|(key, _)| change.counts(key));
    let signers = signers.map(|(key, it)| (*key, it.clone()));
    votes.recall(proven.conclusion(), signers.collect());
    let leading = votes.leading(Quorum::House(&change.market.rules.house));
    leading.is_some_and(|vote| vote.conclusion() == proven.conclusion())
}

/// The verdict that stands in a state in which it can be disputed.
fn standing(state: &State) -> Option<(Was, Run, Confirmed)> {
    match state {
        State::Passed(it) => Some((Was::Passed(it.pass.clone()), it.run.clone(), it.confirmed)),
        State::Failed(it) => {
            let was = Was::Failed(it.why.clone(), it.purpose.clone());
            Some((was, it.run.clone(), it.confirmed))
        }
        State::Curing(it) => {
            let run = it.run.clone();
            Some((Was::Curing(Box::new(it.clone())), run, it.confirmed))
        }
        _ => None,
    }
}

/// A dispute over the verdict that stands, if it is confirmed at most so.
fn disputed(
    change: &mut Change<'_>,
    contract: &Contract,
    challenger: Option<PartyId>,
    most: Confirmed,
) -> Result<Disputed, Rejection> {
    let not_here = || Code::GroundNotHere.because(contract.state.name().as_str());
    let (was, mut run, confirmed) = standing(&contract.state).ok_or_else(not_here)?;
    if confirmed > most {
        return Err(Code::VerdictConfirmed.because(contract.id.to_string()));
    }
    let signed_before = run.votes().shown(was.conclusion());
    // In a dispute every engine counts that the market trusts, also one whose word did not count when it was shown.
    let all = Quorum::House(&change.market.rules.house);
    let signers = counting(change, contract, all, &signed_before);
    for key in run.votes_mut().recall(was.conclusion(), signers) {
        parties::strike(change, key);
    }
    let seconds = contract.terms.windows.rerun_seconds;
    Ok(Disputed {
        signed_before,
        run,
        rerun_until: change.at.plus_seconds(seconds),
        challenger,
        was,
    })
}

/// Engines enough, the market's own among them, agree on what the run comes to.
pub(crate) fn resolve(
    change: &mut Change<'_>,
    mut contract: Contract,
    mut disputed: Disputed,
    judgement: Judgement,
    vote: &Vote,
) {
    let conclusion = vote.conclusion();
    for liar in disputed.run.votes().against(conclusion) {
        parties::strike(change, liar);
    }
    let again = disputed.run.payees(vote);
    let verdict = judgement.verdict();
    if conclusion == disputed.was.conclusion() {
        if let Some(challenger) = disputed.challenger {
            let favoured = favoured(&disputed.was);
            recipes::lose_challenge(&mut change.moves, &contract, challenger, &again, favoured);
            lost(&mut contract, challenger);
        }
        change.tell(&contract, Event::VerdictUpheld { verdict });
        return stand(change, &contract, disputed, Confirmed::ByRerun);
    }
    recipes::verification(&mut change.moves, &contract, &again);
    return_bond(change, &contract, &disputed);
    change.tell(&contract, Event::VerdictOverturned { verdict });
    match disputed.was {
        Was::Passed(_) | Was::Failed(..) => {
            let for_what = (purpose(&disputed.was), Confirmed::ByRerun);
            let contract = uncounted(contract, &disputed.was, disputed.run.submission());
            lead_on(change, contract, disputed.run, judgement, for_what);
        }
        Was::Curing(curing) => {
            let recheck = Recheck {
                run: disputed.run,
                evidence_at: curing.evidence_at,
                warranty: curing.warranty,
                confirmed: Confirmed::ByRerun,
            };
            recheck.conclude(change, &contract, judgement);
        }
    }
}

/// A challenge in vain is a dispute that was lost.
fn lost(contract: &mut Contract, challenger: PartyId) {
    let side = contract.side(challenger);
    contract
        .lost
        .extend(side.map(|side| (Ground::VerdictWrong, side)));
}

/// What the submission was for whose verdict is disputed.
fn purpose(was: &Was) -> Purpose {
    match was {
        Was::Failed(_, purpose) => purpose.clone(),
        Was::Passed(_) | Was::Curing(_) => Purpose::Attempt,
    }
}

/// The record without the verdict that was overturned.
fn uncounted(mut contract: Contract, was: &Was, submission: Digest) -> Contract {
    match was {
        Was::Passed(_) => {
            contract.verdicts_passed -= 1;
            contract.delivered_at = None;
        }
        Was::Failed(NotPassed::Fail(_), Purpose::Attempt) => {
            contract.failed.remove(&submission);
        }
        Was::Failed(..) | Was::Curing(_) => {}
    }
    contract
}

/// Whom the verdict favours; nobody where it is that nobody knows.
const fn favoured(was: &Was) -> Option<Side> {
    match was {
        Was::Passed(_) => Some(Side::Supplier),
        Was::Failed(NotPassed::Inconclusive(_), Purpose::Attempt) => None,
        Was::Failed(..) | Was::Curing(_) => Some(Side::Buyer),
    }
}

fn return_bond(change: &mut Change<'_>, contract: &Contract, disputed: &Disputed) {
    if let Some(challenger) = disputed.challenger {
        recipes::give_back(&mut change.moves, contract, challenger);
    }
}

/// The market's own engine has not spoken in time. The verdict stands if more operators signed it than anything else;
/// where they are equally many, a validator or an engine is broken: nobody knows, and nobody is to blame. But where the
/// market's own had signed the verdict, it cannot speak again, and one who contradicts it is not enough.
pub(crate) fn lapse(change: &mut Change<'_>, contract: &Contract, mut disputed: Disputed) {
    let mut contract = contract.clone();
    disputed.run.votes_mut().keep(|key| change.counts(key));
    let (votes, was) = (disputed.run.votes(), disputed.was.conclusion());
    let by_house = votes.holds_by(&change.market.rules.house, was);
    let leading = votes.leading(Quorum::Terms(1));
    let stands = by_house || leading.is_some_and(|vote| vote.conclusion() == was);
    match disputed.challenger.filter(|_| by_house) {
        // Nobody found otherwise than the referee had.
        Some(challenger) => {
            let favoured = favoured(&disputed.was);
            recipes::lose_challenge(&mut change.moves, &contract, challenger, &[], favoured);
            lost(&mut contract, challenger);
        }
        None => return_bond(change, &contract, &disputed),
    }
    if stands {
        let verdict = was.verdict;
        change.tell(&contract, Event::VerdictUpheld { verdict });
        let confirmed = match by_house {
            true => Confirmed::ByRerun,
            false => Confirmed::BySilence,
        };
        return stand(change, &contract, disputed, confirmed);
    }
    if let Was::Failed(_, Purpose::Cure { warranty, .. }) = &disputed.was
        && passes_by(votes, &change.market.rules.house)
    {
        return cured(change, &contract, warranty.clone());
    }
    let run = disputed.run.number().get();
    change.tell(&contract, Event::NotJudged { run });
    match disputed.was {
        Was::Curing(curing) => warranty::dismiss(change, &contract, curing.warranty),
        Was::Passed(_) => not_judged(change, &contract, Purpose::Attempt),
        Was::Failed(_, purpose) => not_judged(change, &contract, purpose),
    }
}

/// Whether the market's own engine found a pass, and no operators are more who found otherwise.
fn passes_by(votes: &Votes, house: &str) -> bool {
    let mut passes = votes
        .all()
        .iter()
        .map(Vote::conclusion)
        .filter(|it| it.verdict == Verdict::Pass);
    passes.any(|conclusion| votes.holds_by(house, conclusion))
}

/// Against the referee one who says otherwise does not take the price of a cure.
fn cured(change: &mut Change<'_>, contract: &Contract, warranty: Provisional) {
    let verdict = Verdict::Pass;
    change.tell(contract, Event::VerdictOverturned { verdict });
    change.tell(contract, Event::Cured);
    let warranty = warranty.resumed(change.at);
    change.become_state(contract, State::Provisional(warranty));
}

/// Back to where the dispute began, with a new window.
fn stand(change: &mut Change<'_>, contract: &Contract, disputed: Disputed, confirmed: Confirmed) {
    let windows = &contract.terms.windows;
    let challenge_until = change.at.plus_seconds(windows.challenge_seconds);
    let run = disputed.run;
    let state = match disputed.was {
        Was::Passed(pass) => State::Passed(Passed {
            pass,
            run,
            confirmed,
            challenge_until,
        }),
        Was::Failed(why, purpose) => State::Failed(Failed {
            why,
            purpose,
            run,
            confirmed,
            challenge_until,
        }),
        Was::Curing(curing) => State::Curing(warranty::again(change, contract, *curing, confirmed)),
    };
    change.become_state(contract, state);
}
