//! What was paid out of a contract, and to whom.

use std::collections::BTreeMap;

use proofmark_core::Timestamp;
use proofmark_ledger::Amount;
use proofmark_market::contract::Contract;
use proofmark_market::event::{Event, Subject};
use proofmark_market::{Account, ContractId, Market, PartyId};

use crate::shown::{money, short};

/// Money that left a contract.
pub(crate) struct Paid {
    pub(crate) from: &'static str,
    pub(crate) to: String,
    pub(crate) amount: String,
}

/// Everything that left the accounts of a contract so far, by where it stood and who got it.
pub(crate) fn out_of(market: &Market, contract: &Contract) -> Vec<Paid> {
    let mut sums: BTreeMap<(&'static str, String), Amount> = BTreeMap::new();
    for at in moments(market, contract) {
        for moved in market.ledger().transfers_at(at) {
            let Some(from) = stood(contract.id, moved.debit) else {
                continue;
            };
            if stood(contract.id, moved.credit).is_some() {
                continue;
            }
            let sum = sums.entry((from, got(contract, moved.credit)));
            let sum = sum.or_insert(Amount::ZERO);
            *sum = sum.checked_add(moved.amount).unwrap_or(*sum);
        }
    }
    let paid = |((from, to), amount)| Paid {
        from,
        to,
        amount: money(amount, contract.asset()),
    };
    sums.into_iter().map(paid).collect()
}

/// When something happened to it. Whatever moves its money is told of it.
fn moments(market: &Market, contract: &Contract) -> Vec<Timestamp> {
    let own = market.story(&Subject::Contract(contract.id));
    let mut moments: Vec<_> = own.iter().map(|noted| noted.at).collect();
    moments.dedup();
    moments
}

/// Where in this contract money stood.
fn stood(contract: ContractId, account: &Account) -> Option<&'static str> {
    let (of, name) = match account {
        Account::Price(of, _) => (of, "Price"),
        Account::Holdback(of, _) => (of, "Holdback"),
        Account::Fee(of, _) => (of, "Market fee"),
        Account::Bond(of, _) => (of, "Supplier's bond"),
        Account::Verification(of, _) => (of, "For verification"),
        Account::Dispute(of, ..) => (of, "Put up in a dispute"),
        _ => return None,
    };
    (*of == contract).then_some(name)
}

fn got(contract: &Contract, account: &Account) -> String {
    match account {
        Account::Available(party, _) => who(contract, *party),
        Account::Fees(_) => "the market".to_owned(),
        Account::Pool(_) => "the pool".to_owned(),
        Account::Reserved(..) => "the buyer, for later milestones".to_owned(),
        Account::BidBond(..) => "the supplier, for later milestones".to_owned(),
        _ => "another account".to_owned(),
    }
}

fn who(contract: &Contract, party: PartyId) -> String {
    match party {
        _ if party == contract.buyer => "the buyer".to_owned(),
        _ if party == contract.supplier => "the supplier".to_owned(),
        _ if contract.terms.engines.keys.contains(&party) => {
            format!("the engine {}", short(&party))
        }
        _ => format!("party {}", short(&party)),
    }
}

/// Whether a contract has ended, and so whether the list is complete.
pub(crate) fn is_complete(market: &Market, contract: &Contract) -> bool {
    let own = market.story(&Subject::Contract(contract.id));
    own.iter()
        .any(|noted| matches!(noted.event, Event::Ended { .. }))
}
