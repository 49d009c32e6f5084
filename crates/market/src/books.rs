//! What a market comes to, in the words of `docs/market.md`: for whoever holds it against what should be.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Account, Market};
use proofmark_ledger::AccountKey as _;

/// What a market comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// What is posted on each account, on its normal side; accounts without anything are left out.
    pub balances: BTreeMap<String, i64>,
    /// The state of each RFQ.
    pub rfqs: BTreeMap<String, String>,
    /// The state of each contract.
    pub contracts: BTreeMap<String, String>,
    /// The engines that were struck off.
    pub struck: BTreeSet<String>,
}

impl Books {
    /// Those of a market as it is now.
    #[must_use]
    pub fn of(market: &Market) -> Self {
        Self {
            balances: balances(market),
            rfqs: rfqs(market),
            contracts: contracts(market),
            struck: market.struck().iter().map(ToString::to_string).collect(),
        }
    }
}

fn balances(market: &Market) -> BTreeMap<String, i64> {
    let accounts = market.ledger().accounts();
    let balances = accounts.map(|(account, balance)| {
        let net = balance.net(account.normal());
        (name(account), net)
    });
    balances.filter(|(_, net)| *net != 0).collect()
}

fn rfqs(market: &Market) -> BTreeMap<String, String> {
    let rfqs = market.rfqs().map(|rfq| {
        let state = rfq.state.as_str();
        (rfq.id.to_string(), state.to_owned())
    });
    rfqs.collect()
}

fn contracts(market: &Market) -> BTreeMap<String, String> {
    let contracts = market.contracts().map(|contract| {
        let state = contract.state.name().as_str();
        (contract.id.to_string(), state.to_owned())
    });
    contracts.collect()
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
