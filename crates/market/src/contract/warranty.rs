//! After payment: evidence, its re-check, and what follows.

use proofmark_core::{Digest, Timestamp};
use proofmark_ledger::Amount;

use super::state::{Confirmed, Curing, Ending, Provisional, Rechecking, State};
use super::work::{order, verify_by};
use super::{Contract, Run};
use crate::change::{Change, Update};
use crate::command::Ground;
use crate::event::Event;
use crate::money::Debt;
use crate::money::proof::Judgement;
use crate::money::recipes::{self, Clawback, Undone};
use crate::rejection::{Code, Rejection};

/// An oracle states facts. A validator judges them, not the market.
pub(crate) fn evidence(
    change: &mut Change<'_>,
    contract: &Contract,
    evidence: Digest,
) -> Result<(), Rejection> {
    let State::Provisional(provisional) = &contract.state else {
        return Err(Code::StateForbids.because(contract.state.name().as_str()));
    };
    let warranty = contract.terms.warranty.as_ref();
    let warranty =
        warranty.ok_or_else(|| Code::ActorForbids.because("the terms name no oracle"))?;
    if change.at > provisional.evidence_until {
        let why = format!("it was taken until {}", provisional.evidence_until);
        return Err(Code::EvidenceLate.because(why));
    }
    if contract.evidence >= warranty.evidence_max {
        let why = format!("{} times at most", warranty.evidence_max);
        return Err(Code::EvidenceTooOften.because(why));
    }
    let run = order(change, contract, evidence, warranty.criteria);
    let verify_by = verify_by(change, contract);
    let oracle = change.sender;
    change.tell(
        contract,
        Event::EvidenceStated {
            oracle,
            evidence,
            run: run.number().get(),
            verify_by,
        },
    );
    let mut next = contract.clone();
    next.runs += 1;
    next.evidence += 1;
    // What an arbiter found false is not true because it is stated again: the supplier may ask again.
    next.raised.remove(&Ground::EvidenceFalse);
    next.state = State::Rechecking(Rechecking {
        run,
        evidence_at: change.at,
        verify_by,
        // Nothing can be said against evidence that was dismissed, but to state it again: then the referee judges.
        house: contract.evidence > 0,
        warranty: provisional.stopped(change.at),
    });
    change.put(next);
    Ok(())
}

/// A judgement of evidence.
pub(crate) struct Recheck {
    pub(crate) run: Run,
    pub(crate) evidence_at: Timestamp,
    pub(crate) warranty: Provisional,
    pub(crate) confirmed: Confirmed,
}

impl Recheck {
    /// A fail undoes the outcome unless it is mended; anything else changes nothing.
    pub(crate) fn conclude(
        self,
        change: &mut Change<'_>,
        contract: &Contract,
        judgement: Judgement,
    ) {
        let passed = self.warranty.seconds_until(self.evidence_at);
        let target = target(contract, passed);
        let fail = match judgement {
            Judgement::Fail(fail) if !target.is_zero() => fail,
            _ => return dismiss(change, contract, self.warranty),
        };
        let cure_by = cure_by(change, contract);
        change.tell(contract, Event::CureOpened { target, cure_by });
        let curing = Curing {
            fail,
            run: self.run,
            confirmed: self.confirmed,
            target,
            evidence_at: self.evidence_at,
            cure_by,
            warranty: self.warranty,
        };
        change.become_state(contract, State::Curing(curing));
    }
}

/// What the buyer gets back by the schedule, so many seconds after payment.
fn target(contract: &Contract, seconds: u64) -> Amount {
    let warranty = contract.terms.warranty.as_ref();
    warranty.map_or(Amount::ZERO, |warranty| {
        contract
            .stakes
            .price
            .share_down(warranty.clawback.at(seconds))
    })
}

/// The facts change nothing.
pub(crate) fn dismiss(change: &mut Change<'_>, contract: &Contract, warranty: Provisional) {
    change.tell(contract, Event::EvidenceDismissed);
    let warranty = warranty.resumed(change.at);
    change.become_state(contract, State::Provisional(warranty));
}

fn cure_by(change: &Change<'_>, contract: &Contract) -> Timestamp {
    let warranty = contract.terms.warranty.as_ref();
    let seconds = warranty.map_or(0, |warranty| warranty.cure_seconds);
    change.at.plus_seconds(seconds)
}

/// The cure begins again, with its whole window.
pub(crate) fn again(
    change: &Change<'_>,
    contract: &Contract,
    curing: Curing,
    confirmed: Confirmed,
) -> Curing {
    Curing {
        cure_by: cure_by(change, contract),
        confirmed: curing.confirmed.max(confirmed),
        ..curing
    }
}

/// The buyer gets money back, and the contract is over. Beside the target there is what a reviewer withheld.
pub(crate) fn claw_back(
    change: &mut Change<'_>,
    contract: &Contract,
    why: &Undone<'_>,
    amounts: (Amount, Amount),
) {
    let Clawback { paid, owed } = recipes::claw_back(&mut change.moves, contract, why, amounts);
    if !owed.is_zero() {
        change.update(Update::Debt(contract.supplier, Debt::of(contract)));
    }
    let (target, withheld) = amounts;
    let target = target.max(withheld);
    change.tell(contract, Event::ClawedBack { target, paid, owed });
    let at = change.at;
    change.become_state(contract, State::ended(Ending::ClawedBack, at));
}
