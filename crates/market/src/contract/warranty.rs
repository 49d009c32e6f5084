//! After payment: evidence, its re-check, and what follows.

use proofmark_core::Digest;
use proofmark_ledger::Amount;

use super::Contract;
use super::state::{Curing, Ending, Provisional, Rechecking, State};
use super::work::{order, verify_by};
use crate::change::{Change, Update};
use crate::event::Event;
use crate::money::Debt;
use crate::money::recipes::{self, Clawback, Undone};
use crate::rejection::{Code, Rejection};

/// Most pieces of evidence about one contract: each keeps it from finality while it is judged.
pub const MAX_EVIDENCE: u32 = 8;

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
    let warranty = warranty.ok_or_else(|| Code::NoWarranty.because(contract.id.to_string()))?;
    if change.at > provisional.evidence_until {
        let why = format!("it was taken until {}", provisional.evidence_until);
        return Err(Code::EvidenceLate.because(why));
    }
    if contract.evidence >= MAX_EVIDENCE {
        return Err(Code::EvidenceTooOften.because(format!("{MAX_EVIDENCE} at most")));
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
    next.state = State::Rechecking(Rechecking {
        run,
        evidence_at: change.at,
        verify_by,
        house: false,
        warranty: provisional.clone(),
    });
    change.put(next);
    Ok(())
}

/// What the buyer gets back by the schedule, so many seconds after payment.
pub(crate) fn target(contract: &Contract, seconds: u64) -> Amount {
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
    change.become_state(contract, State::Provisional(warranty));
}

/// The cure begins again, with its whole window.
pub(crate) fn again(
    change: &Change<'_>,
    contract: &Contract,
    curing: Curing,
    confirmed: bool,
) -> Curing {
    let warranty = contract.terms.warranty.as_ref();
    let seconds = warranty.map_or(0, |warranty| warranty.cure_seconds);
    Curing {
        cure_by: change.at.plus_seconds(seconds),
        confirmed: curing.confirmed || confirmed,
        ..curing
    }
}

/// The buyer gets money back, and the contract is over.
pub(crate) fn claw_back(
    change: &mut Change<'_>,
    contract: &Contract,
    why: &Undone<'_>,
    target: Amount,
) {
    let Clawback { paid, owed } = recipes::claw_back(&mut change.moves, contract, why, target);
    if !owed.is_zero() {
        change.update(Update::Debt(contract.supplier, Debt::of(contract)));
    }
    change.tell(contract, Event::ClawedBack { target, paid, owed });
    let at = change.at;
    change.become_state(contract, State::ended(Ending::ClawedBack, at));
}
