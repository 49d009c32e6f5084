//! What a debtor owes is paid from whatever it is credited with next.

use std::collections::{BTreeMap, BTreeSet};

use proofmark_ledger::{Amount, Asset, Transfer};

use super::moves::Moves;
use crate::account::Account;
use crate::ids::{ContractId, PartyId};

/// Contracts after whose clawback a supplier still owes, oldest first, with the buyer of each.
pub(crate) type Debts = BTreeMap<PartyId, Vec<(ContractId, PartyId)>>;

/// Appends what the debtors among those who are credited here pay to their creditors.
pub(crate) fn collect(moves: &mut Moves<'_>, debts: &Debts) {
    if debts.is_empty() {
        return;
    }
    for (party, asset) in credited(moves.transfers(), debts) {
        let mut income = income(moves.transfers(), party, asset);
        for (contract, buyer) in &debts[&party] {
            let debt = Account::Debt(*contract, asset);
            let paid = income.min(moves.left(&debt));
            moves.pay(
                Account::Available(party, asset),
                Account::Available(*buyer, asset),
                paid,
            );
            moves.pay(Account::Claim(*contract, asset), debt, paid);
            income = income.saturating_sub(paid);
        }
    }
}

fn credited(transfers: &[Transfer<Account>], debts: &Debts) -> BTreeSet<(PartyId, Asset)> {
    let credits = transfers.iter().filter_map(|transfer| match transfer {
        Transfer::Single {
            credit: Account::Available(party, asset),
            ..
        } => Some((*party, *asset)),
        _ => None,
    });
    credits
        .filter(|(party, _)| debts.contains_key(party))
        .collect()
}

/// What the party gains by these transfers.
fn income(transfers: &[Transfer<Account>], party: PartyId, asset: Asset) -> Amount {
    let account = Account::Available(party, asset);
    let mut income: i64 = 0;
    for transfer in transfers {
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
