//! What a debtor owes is paid from whatever it is credited with next.

use std::collections::{BTreeMap, BTreeSet};

use proofmark_ledger::{AccountKey as _, Amount, Asset, Transfer};
use serde::Serialize;

use super::moves::Moves;
use crate::account::Account;
use crate::contract::Contract;
use crate::ids::PartyId;

/// What suppliers still owe after clawbacks, oldest first.
pub(crate) type Debts = BTreeMap<PartyId, Vec<Debt>>;

/// One of them.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Debt {
    /// Where the amount stands.
    pub(crate) account: Account,
    /// Its contra account.
    pub(crate) claim: Account,
    /// To whom it is owed.
    pub(crate) buyer: PartyId,
}

impl Debt {
    pub(crate) fn of(contract: &Contract) -> Self {
        Self {
            account: contract.account(Account::Debt),
            claim: contract.account(Account::Claim),
            buyer: contract.buyer,
        }
    }
}

/// Appends what the debtors among those who are credited here pay to their creditors.
pub(crate) fn collect(moves: &mut Moves<'_>, debts: &Debts) {
    if debts.is_empty() {
        return;
    }
    // A creditor who is a debtor too pays on from what it gets.
    while pay_once(moves, debts) {}
}

/// Whether anybody paid anything.
fn pay_once(moves: &mut Moves<'_>, debts: &Debts) -> bool {
    let mut paid_something = false;
    for (party, asset) in credited(moves, debts) {
        let mut income = income(moves, party, asset);
        let owed = debts[&party].iter();
        for debt in owed.filter(|debt| debt.account.asset() == asset) {
            let paid = income.min(moves.left(&debt.account));
            moves.pay(
                Account::Available(party, asset),
                Account::Available(debt.buyer, asset),
                paid,
            );
            moves.pay(debt.claim, debt.account, paid);
            income = income.saturating_sub(paid);
            paid_something |= !paid.is_zero();
        }
    }
    paid_something
}

fn credited(moves: &Moves<'_>, debts: &Debts) -> BTreeSet<(PartyId, Asset)> {
    let credits = moves
        .transfers()
        .iter()
        .filter_map(|transfer| match transfer {
            Transfer::Single {
                credit: Account::Available(party, asset),
                ..
            } => Some((*party, *asset)),
            _ => None,
        });
    let returned = moves
        .returned()
        .iter()
        .filter_map(|(account, _)| match account {
            Account::Available(party, asset) => Some((*party, *asset)),
            _ => None,
        });
    let all = credits.chain(returned);
    all.filter(|(party, _)| debts.contains_key(party)).collect()
}

/// What the party gains by these transfers.
fn income(moves: &Moves<'_>, party: PartyId, asset: Asset) -> Amount {
    let account = Account::Available(party, asset);
    let mut income: i64 = 0;
    for (returned, amount) in moves.returned() {
        income += if *returned == account {
            amount.minor()
        } else {
            0
        };
    }
    for transfer in moves.transfers() {
        if let Transfer::Single {
            debit,
            credit,
            amount,
        } = transfer
        {
            income += if *credit == account {
                amount.minor()
            } else {
                0
            };
            income -= if *debit == account { amount.minor() } else { 0 };
        }
    }
    Amount::new(income).unwrap_or(Amount::ZERO)
}
