//! Transfers of one command, while they are put together.

use proofmark_ledger::{AccountKey as _, Amount, Balance, Ledger, Side, Transfer, TransferId};

use crate::account::Account;

/// The transfers of one command, with the balances as they will be after them.
pub(crate) struct Moves<'m> {
    ledger: &'m Ledger<Account>,
    transfers: Vec<Transfer<Account>>,
    /// What a hold that ends here gives back.
    returned: Vec<(Account, Amount)>,
}

impl<'m> Moves<'m> {
    pub(crate) const fn new(ledger: &'m Ledger<Account>) -> Self {
        Self {
            ledger,
            transfers: Vec::new(),
            returned: Vec::new(),
        }
    }

    pub(crate) fn transfers(&self) -> &[Transfer<Account>] {
        &self.transfers
    }

    pub(crate) fn into_transfers(self) -> Vec<Transfer<Account>> {
        self.transfers
    }

    pub(crate) fn returned(&self) -> &[(Account, Amount)] {
        &self.returned
    }

    /// Ends a hold of an amount on an account, whose money it is again.
    pub(crate) fn void(&mut self, pending: TransferId, account: Account, amount: Amount) {
        self.transfers.push(Transfer::Void { pending });
        self.returned.push((account, amount));
    }

    pub(crate) fn push(&mut self, transfer: Transfer<Account>) {
        self.transfers.push(transfer);
    }

    /// What can still be taken from an account.
    pub(crate) fn left(&self, account: &Account) -> Amount {
        let normal = account.normal();
        let mut left = i128::from(self.ledger.balance(account).available(normal).minor());
        for transfer in &self.transfers {
            let (Transfer::Single {
                debit,
                credit,
                amount,
            }
            | Transfer::Pending {
                debit,
                credit,
                amount,
                ..
            }) = transfer
            else {
                continue;
            };
            let (more, less) = match normal {
                Side::Credit => (credit, debit),
                Side::Debit => (debit, credit),
            };
            left += i128::from(amount.minor()) * i128::from(more == account);
            left -= i128::from(amount.minor()) * i128::from(less == account);
        }
        for (returned, amount) in &self.returned {
            left += i128::from(amount.minor()) * i128::from(returned == account);
        }
        let left = i64::try_from(left.max(0)).unwrap_or(Amount::MAX.minor());
        Amount::new(left).unwrap_or(Amount::MAX)
    }

    /// Whether an account is far from all that it can move in its life.
    pub(crate) fn has_room(&self, account: &Account) -> bool {
        has_room(&self.ledger.balance(account), Amount::ZERO)
    }

    /// Moves an amount; nothing where it is nothing. Whether there is enough, the ledger says.
    pub(crate) fn pay(&mut self, from: Account, to: Account, amount: Amount) {
        if !amount.is_zero() {
            self.transfers.push(Transfer::Single {
                debit: from,
                credit: to,
                amount,
            });
        }
    }

    /// Moves as much of an amount as there is, and says how much that was.
    pub(crate) fn up_to(&mut self, from: Account, to: Account, amount: Amount) -> Amount {
        let moved = amount.min(self.left(&from));
        self.pay(from, to, moved);
        moved
    }

    /// Moves all there is, and says how much that was.
    pub(crate) fn drain(&mut self, from: Account, to: Account) -> Amount {
        self.up_to(from, to, Amount::MAX)
    }
}

/// Whether so much more leaves an account below half of what it can move in its life.
pub(crate) fn has_room(balance: &Balance, more: Amount) -> bool {
    let moved = balance.credits_posted.max(balance.debits_posted);
    moved.minor() <= Amount::MAX.minor() / 2 - more.minor()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use proofmark_core::{Digest, Timestamp};
    use proofmark_ledger::{Asset, Group, GroupId};

    use super::*;
    use crate::ids::RfqId;

    fn amount(minor: i64) -> Amount {
        Amount::new(minor).expect("not negative")
    }

    /// 1.00 on hold, 9.00 free.
    fn books(asset: Asset, reserved: Account) -> (Ledger<Account>, TransferId) {
        let mut ledger = Ledger::new();
        let group = GroupId(Digest::of(b"one"));
        let deposit = Transfer::Single {
            debit: Account::Custody(asset),
            credit: reserved,
            amount: amount(1_000),
        };
        let hold = Transfer::Pending {
            debit: reserved,
            credit: Account::Pool(asset),
            amount: amount(100),
            expires_at: None,
        };
        let transfers = vec![deposit, hold];
        let at = Timestamp::from_seconds(0).expect("1970");
        let group = Group {
            id: group,
            transfers,
        };
        ledger.apply(&group, at).expect("it is in order");
        let hold = TransferId {
            group: group.id,
            index: 1,
        };
        (ledger, hold)
    }

    #[test]
    fn what_is_left_counts_what_was_moved_before_in_the_same_command() {
        let asset: Asset = "USD/2".parse().expect("an asset");
        let rfq = RfqId::of(&Digest::of(b"rfq"));
        let reserved = Account::Reserved(rfq, asset);
        let price = Account::Price(rfq.contract(NonZeroU8::MIN), asset);
        let (ledger, hold) = books(asset, reserved);
        let mut moves = Moves::new(&ledger);
        assert_eq!(moves.left(&reserved), amount(900));
        moves.pay(reserved, price, amount(400));
        assert_eq!(moves.left(&reserved), amount(500));
        assert_eq!(moves.left(&price), amount(400));
        moves.pay(price, reserved, amount(150));
        assert_eq!(moves.left(&reserved), amount(650));
        moves.void(hold, reserved, amount(100));
        assert_eq!(moves.left(&reserved), amount(750));
        assert_eq!(moves.drain(reserved, price), amount(750));
        assert_eq!(moves.left(&reserved), Amount::ZERO);
        assert_eq!(moves.left(&price), amount(1_000));
    }
}
