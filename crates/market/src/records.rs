//! What a contract that has ended says of its two sides. Nothing else makes reputation.

use crate::change::{Change, Update};
use crate::command::{Ground, Side};
use crate::contract::{Contract, Ended, Ending};
use crate::reputation::{self, BuyerRecord, Record};

pub(crate) fn ended(change: &mut Change<'_>, contract: &Contract, ended: Ended) {
    let ending = match ended.ending {
        Ending::Final => Some(reputation::Ending::Final),
        Ending::Rejected => Some(reputation::Ending::Rejected),
        Ending::Defaulted => Some(reputation::Ending::Defaulted),
        Ending::ClawedBack => Some(reputation::Ending::ClawedBack),
        Ending::Cancelled | Ending::Void => None,
    };
    if let Some(ending) = ending {
        let class = contract.terms.outcome_class.clone();
        let record = supplier(contract, ended, ending);
        change.update(Update::Supplier(contract.supplier, class, record));
    }
    if ended.ending != Ending::Void {
        change.update(Update::Buyer(contract.buyer, buyer(contract, ended)));
    }
}

fn supplier(contract: &Contract, ended: Ended, ending: reputation::Ending) -> Record {
    let delivered = contract.delivered_at;
    let took = delivered.map(|at| at.seconds().saturating_sub(contract.started_at.seconds()));
    let allowed = contract.terms.windows.delivery_seconds;
    Record {
        at: ended.at,
        counterparty: contract.buyer,
        ending,
        fee: contract.stakes.fee,
        verdicts_passed: contract.verdicts_passed,
        verdicts_failed: count(&contract.failed),
        seconds_to_pass: took,
        on_time: took.is_some_and(|took| took <= allowed),
    }
}

fn buyer(contract: &Contract, ended: Ended) -> BuyerRecord {
    let lost = contract.lost.iter();
    let lost = lost.filter(|(_, side)| *side == Side::Buyer);
    let (reviews, disputes): (Vec<_>, Vec<_>) = lost
        .copied()
        .partition(|(ground, _): &(Ground, Side)| *ground == Ground::ReviewUnfounded);
    BuyerRecord {
        at: ended.at,
        counterparty: contract.supplier,
        fee: contract.stakes.fee,
        cancelled: ended.ending == Ending::Cancelled,
        silent: contract.silent,
        disputes_lost: count(&disputes),
        rejections_overturned: count(&reviews),
    }
}

fn count<T>(all: impl IntoIterator<Item = T>) -> u32 {
    u32::try_from(all.into_iter().count()).unwrap_or(u32::MAX)
}
