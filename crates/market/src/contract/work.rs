//! Submitting, and leaving.

use proofmark_core::Digest;

use super::state::{Ending, Purpose, State, Verifying};
use super::{Contract, Order, Run};
use crate::change::Change;
use crate::event::Event;
use crate::money::recipes;
use crate::rejection::{Code, Rejection};
use crate::rfq;

pub(crate) fn submit(
    change: &mut Change<'_>,
    contract: &Contract,
    submission: Digest,
) -> Result<(), Rejection> {
    in_time(change, contract)?;
    let purpose = match &contract.state {
        State::Curing(curing) => Purpose::Cure {
            target: curing.target,
            warranty: curing.warranty.clone(),
            fail: curing.fail.clone(),
        },
        _ => Purpose::Attempt,
    };
    let criteria = contract.terms.criteria(contract.id.milestone);
    let criteria = criteria.ok_or_else(|| Code::ContractUnknown.because("without a milestone"))?;
    let run = order(change, contract, submission, criteria);
    let verify_by = verify_by(change, contract);
    let mut next = contract.clone();
    next.runs += 1;
    next.attempts += u32::from(matches!(purpose, Purpose::Attempt));
    change.tell(
        contract,
        Event::Submitted {
            run: run.number().get(),
            submission,
            verify_by,
        },
    );
    next.state = State::Verifying(Verifying {
        run,
        purpose,
        verify_by,
        house: false,
    });
    change.put(next);
    Ok(())
}

/// The state's deadline has not passed; after it only a tick can follow.
pub(crate) fn in_time(change: &Change<'_>, contract: &Contract) -> Result<(), Rejection> {
    match contract
        .state
        .deadline()
        .filter(|deadline| change.at > *deadline)
    {
        Some(deadline) => Err(Code::DeadlinePassed.because(format!("it was {deadline}"))),
        None => Ok(()),
    }
}

/// A new run of this contract's validators, or of those of its warranty.
pub(crate) fn order(
    change: &Change<'_>,
    contract: &Contract,
    submission: Digest,
    criteria: Digest,
) -> Run {
    let order = Order {
        audience: change.market.rules.audience.clone(),
        deliverable: contract.deliverable().to_owned(),
        submission,
        criteria,
        command: change.command,
        at: change.at,
        of_evidence: matches!(contract.state, State::Provisional(_)),
    };
    Run::order(contract, order)
}

pub(crate) fn verify_by(change: &Change<'_>, contract: &Contract) -> proofmark_core::Timestamp {
    let seconds = contract.terms.windows.verification_seconds;
    change.at.plus_seconds(seconds)
}

pub(crate) fn cancel(change: &mut Change<'_>, contract: &Contract) -> Result<(), Rejection> {
    in_time(change, contract)?;
    let amount = recipes::cancel(&mut change.moves, contract);
    change.tell(contract, Event::CancellationPaid { amount });
    end(change, contract, Ending::Cancelled);
    Ok(())
}

pub(crate) fn resign(change: &mut Change<'_>, contract: &Contract) -> Result<(), Rejection> {
    in_time(change, contract)?;
    let amount = recipes::resign(&mut change.moves, contract);
    change.tell(contract, Event::Slashed { amount });
    end(change, contract, Ending::Defaulted);
    Ok(())
}

/// Ends a contract that was never paid; the milestones after it never begin.
pub(crate) fn end(change: &mut Change<'_>, contract: &Contract, ending: Ending) {
    rfq::over(change, contract);
    let at = change.at;
    change.become_state(contract, State::ended(ending, at));
}
