//! The market's side, in the words of the [`auditor`](crate::auditor).

use std::collections::BTreeMap;

use proofmark_ledger::AccountKey as _;
use proofmark_market::rfq::RfqState;
use proofmark_market::{Account, Market};

/// What is posted on each account, on its normal side; accounts without anything are left out.
#[must_use]
pub fn books(market: &Market) -> BTreeMap<String, i64> {
    let accounts = market.ledger().accounts();
    let balances = accounts.map(|(account, balance)| {
        let net = balance.net(account.normal());
        (name(account), net)
    });
    balances.filter(|(_, net)| *net != 0).collect()
}

/// The states of RFQs, and of contracts.
#[must_use]
pub fn states(market: &Market) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let rfqs = market.rfqs().map(|rfq| {
        let state = match rfq.state {
            RfqState::Open { .. } => "Open",
            RfqState::Revealing { .. } => "Revealing",
            RfqState::Awarded(_) => "Awarded",
            RfqState::Failed { .. } => "Failed",
            RfqState::Cancelled { .. } => "Cancelled",
        };
        (rfq.id.to_string(), state.to_owned())
    });
    let contracts = market.contracts().map(|contract| {
        let state = contract.state.name().as_str();
        (contract.id.to_string(), state.to_owned())
    });
    (rfqs.collect(), contracts.collect())
}

fn name(account: &Account) -> String {
    let asset = account.asset();
    match account {
        Account::Custody(_) => format!("custody/{asset}"),
        Account::Available(party, _) => format!("available/{party}/{asset}"),
        Account::Reserved(rfq, _) => format!("reserved/{rfq}/{asset}"),
        Account::BidBond(rfq, party, _) => format!("bid_bond/{rfq}/{party}/{asset}"),
        Account::Price(contract, _) => format!("price/{contract}/{asset}"),
        Account::Holdback(contract, _) => format!("holdback/{contract}/{asset}"),
        Account::Fee(contract, _) => format!("fee/{contract}/{asset}"),
        Account::Bond(contract, _) => format!("bond/{contract}/{asset}"),
        Account::Verification(contract, _) => format!("verification/{contract}/{asset}"),
        Account::Dispute(contract, party, _) => format!("dispute/{contract}/{party}/{asset}"),
        Account::Fees(_) => format!("fees/{asset}"),
        Account::Pool(_) => format!("pool/{asset}"),
        Account::Debt(contract, _) => format!("debt/{contract}/{asset}"),
        Account::Claim(contract, _) => format!("claim/{contract}/{asset}"),
    }
}
