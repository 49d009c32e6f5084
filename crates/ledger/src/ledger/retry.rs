//! Whether a group is the one that was recorded under its id.

use super::{Kind, Ledger, Row};
use crate::{AccountKey, Amount, Applied, Group, Refusal, ResultCode, Transfer, TransferId};

use super::journal::{index_of, narrow};

impl<K: AccountKey> Ledger<K> {
    /// Compares a group with the recorded one of this number.
    pub(super) fn compare(&self, recorded: usize, group: &Group<K>) -> Result<Applied, Refusal> {
        let rows = &self.journal.rows[self.journal.rows_of(recorded)];
        if rows.len() != group.transfers.len() {
            return Err(Refusal::of_group(ResultCode::ExistsWithDifferentLength));
        }
        for (place, (row, transfer)) in rows.iter().zip(&group.transfers).enumerate() {
            self.compare_transfer(*row, transfer)
                .map_err(|code| Refusal {
                    index: Some(index_of(narrow(place))),
                    code,
                })?;
        }
        Ok(Applied::Exists)
    }

    fn compare_transfer(&self, row: Row, transfer: &Transfer<K>) -> Result<(), ResultCode> {
        match (transfer, row.kind) {
            (
                Transfer::Single {
                    debit,
                    credit,
                    amount,
                },
                Kind::Single,
            ) => self.same_movement(row, debit, credit, *amount),
            (
                Transfer::Pending {
                    debit,
                    credit,
                    amount,
                    expires_at,
                },
                Kind::Pending(hold),
            ) => {
                self.same_movement(row, debit, credit, *amount)?;
                let recorded = self.journal.holds[hold as usize].expires_at;
                same(
                    &recorded,
                    expires_at,
                    ResultCode::ExistsWithDifferentExpiresAt,
                )
            }
            (Transfer::Post { pending, amount }, Kind::Post(hold)) => {
                same(&row.amount, amount, ResultCode::ExistsWithDifferentAmount)?;
                self.same_pending(hold, *pending)
            }
            (Transfer::Void { pending }, Kind::Void(hold))
            | (Transfer::Expire { pending }, Kind::Expire(hold)) => {
                self.same_pending(hold, *pending)
            }
            _ => Err(ResultCode::ExistsWithDifferentKind),
        }
    }

    fn same_movement(
        &self,
        row: Row,
        debit: &K,
        credit: &K,
        amount: Amount,
    ) -> Result<(), ResultCode> {
        let recorded = |number| self.chart.key(number);
        same(
            recorded(row.debit),
            debit,
            ResultCode::ExistsWithDifferentDebit,
        )?;
        same(
            recorded(row.credit),
            credit,
            ResultCode::ExistsWithDifferentCredit,
        )?;
        same(&row.amount, &amount, ResultCode::ExistsWithDifferentAmount)
    }

    fn same_pending(&self, hold: u32, pending: TransferId) -> Result<(), ResultCode> {
        let recorded = self.journal.id(self.journal.holds[hold as usize].row);
        same(&recorded, &pending, ResultCode::ExistsWithDifferentPending)
    }
}

fn same<T: PartialEq>(recorded: &T, asked: &T, code: ResultCode) -> Result<(), ResultCode> {
    match recorded == asked {
        true => Ok(()),
        false => Err(code),
    }
}
