//! Transfers of one command, while they are put together.

use proofmark_ledger::{Amount, Ledger, Transfer};

use crate::account::Account;

/// The transfers of one command, with the balances as they will be after them.
pub(crate) struct Moves<'m> {
    ledger: &'m Ledger<Account>,
    transfers: Vec<Transfer<Account>>,
}

impl<'m> Moves<'m> {
    pub(crate) const fn new(ledger: &'m Ledger<Account>) -> Self {
        Self {
            ledger,
            transfers: Vec::new(),
        }
    }

    pub(crate) fn transfers(&self) -> &[Transfer<Account>] {
        &self.transfers
    }

    pub(crate) fn into_transfers(self) -> Vec<Transfer<Account>> {
        self.transfers
    }

    pub(crate) fn push(&mut self, transfer: Transfer<Account>) {
        self.transfers.push(transfer);
    }

    /// What can still be taken from an account.
    pub(crate) fn left(&self, account: &Account) -> Amount {
        let normal = proofmark_ledger::AccountKey::normal(account);
        let mut left = i128::from(self.ledger.balance(account).available(normal).minor());
        for transfer in &self.transfers {
            let (debit, credit, amount) = match transfer {
                Transfer::Single {
                    debit,
                    credit,
                    amount,
                }
                | Transfer::Pending {
                    debit,
                    credit,
                    amount,
                    ..
                } => (debit, credit, amount),
                _ => continue,
            };
            if debit == account {
                left -= i128::from(amount.minor());
            }
            if credit == account {
                left += i128::from(amount.minor());
            }
        }
        let left = i64::try_from(left.max(0)).unwrap_or(Amount::MAX.minor());
        Amount::new(left).unwrap_or(Amount::MAX)
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
