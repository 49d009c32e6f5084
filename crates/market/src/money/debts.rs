//! What a debtor owes is paid from whatever it is credited with next.

use std::collections::{BTreeMap, BTreeSet};

use proofmark_ledger::{AccountKey as _, Amount, Asset, MAX_GROUP, Transfer};
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

/// Most payments of debts by one command. Debtors who owe each other pass the same money round and round, and one may owe
/// to hundreds: a command must not fail, or take long, because of it.
pub(crate) const MAX_PAYMENTS: usize = 100;

/// Appends what the debtors among those who are credited here pay to their creditors: at most [`MAX_PAYMENTS`], and no
/// more than the group has room for.
pub(crate) fn collect(moves: &mut Moves<'_>, debts: &Debts) {
    if debts.is_empty() {
        return;
    }
    let room = MAX_GROUP.saturating_sub(moves.transfers().len()) / TRANSFERS_OF_A_PAYMENT;
    let mut left = MAX_PAYMENTS.min(room);
    // A creditor who is a debtor too pays on from what it gets.
    while left > 0 && pay_once(moves, debts, &mut left) {}
}

/// The money, and the memo of the debt.
const TRANSFERS_OF_A_PAYMENT: usize = 2;

/// Whether anybody paid anything.
fn pay_once(moves: &mut Moves<'_>, debts: &Debts, left: &mut usize) -> bool {
    let mut paid_something = false;
    for (party, asset) in credited(moves, debts) {
        let mut income = income(moves, party, asset);
        let owed = debts[&party].iter();
        for debt in owed.filter(|debt| debt.account.asset() == asset) {
            if income.is_zero() {
                break;
            }
            // A creditor whose account is full waits: nobody else may be held up by it.
            if !moves.has_room(&Account::Available(debt.buyer, asset)) {
                continue;
            }
            let paid = income.min(moves.left(&debt.account));
            if paid.is_zero() {
                continue;
            }
            if *left == 0 {
                return paid_something;
            }
            moves.pay(
                Account::Available(party, asset),
                Account::Available(debt.buyer, asset),
                paid,
            );
            moves.pay(debt.claim, debt.account, paid);
            income = income.saturating_sub(paid);
            paid_something = true;
            *left -= 1;
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

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use proofmark_core::{Digest, Timestamp};
    use proofmark_keys::{SecretKey, Signer as _};
    use proofmark_ledger::{Group, GroupId, Ledger};

    use super::*;
    use crate::ids::RfqId;

    fn amount(minor: i64) -> Amount {
        Amount::new(minor).expect("not negative")
    }

    fn party(seed: u8) -> PartyId {
        SecretKey::from_seed(&[seed; 32]).public_key().id()
    }

    /// Everybody owes `owed` to the next one, so often, in contracts of their own.
    fn owing(pairs: &[(PartyId, PartyId)], owed: i64) -> (Ledger<Account>, Debts) {
        let asset: Asset = "USD/2".parse().expect("an asset");
        let (mut ledger, mut debts) = (Ledger::new(), Debts::new());
        for (number, (debtor, buyer)) in pairs.iter().enumerate() {
            let name = Digest::of(&number.to_le_bytes());
            let contract = RfqId::of(&name).contract(NonZeroU8::MIN);
            let debt = Debt {
                account: Account::Debt(contract, asset),
                claim: Account::Claim(contract, asset),
                buyer: *buyer,
            };
            let memo = Transfer::Single {
                debit: debt.account,
                credit: debt.claim,
                amount: amount(owed),
            };
            let group = Group {
                id: GroupId(name),
                transfers: vec![memo],
            };
            let at = Timestamp::from_seconds(0).expect("1970");
            ledger.apply(&group, at).expect("it is in order");
            debts.entry(*debtor).or_default().push(debt);
        }
        (ledger, debts)
    }

    fn payments(pairs: &[(PartyId, PartyId)], owed: i64, credit: i64, before: usize) -> usize {
        let asset: Asset = "USD/2".parse().expect("an asset");
        let (ledger, debts) = owing(pairs, owed);
        let mut moves = Moves::new(&ledger);
        for _ in 0..before {
            moves.pay(Account::Custody(asset), Account::Pool(asset), amount(1));
        }
        let to = Account::Available(pairs[0].0, asset);
        moves.pay(Account::Custody(asset), to, amount(credit));
        collect(&mut moves, &debts);
        assert!(moves.transfers().len() <= MAX_GROUP);
        (moves.transfers().len() - before - 1) / TRANSFERS_OF_A_PAYMENT
    }

    #[test]
    fn debts_are_paid_within_a_bound() {
        let [one, other] = [party(1), party(2)];
        let round = [(one, other), (other, one)];
        // 1 goes round until either owes nothing, or the command has done enough.
        assert_eq!(payments(&round, 3, 1, 0), 6);
        assert_eq!(payments(&round, 10_000, 1, 0), MAX_PAYMENTS);
        let many = vec![(one, other); 600];
        assert_eq!(payments(&many, 1, 550, 0), MAX_PAYMENTS);
        assert_eq!(payments(&many, 1, 5, 0), 5);
        // A group that is nearly full has room for less.
        assert_eq!(payments(&many, 1, 550, 1_000), 11);
        assert_eq!(payments(&many, 1, 550, 1_023), 0);
    }
}
