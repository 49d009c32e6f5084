//! The accounts that a group touches, and their sums while it is planned.

use super::super::chart::{Bound, Standing};
use super::{Named, Planner, Row, Touched};
use crate::{AccountKey, Amount, Asset, Balance, ResultCode};

/// The two accounts of a transfer, as places among those the plan touches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) debit: usize,
    pub(super) credit: usize,
}

impl<'a, K: AccountKey> Planner<'a, K> {
    /// The accounts of a transfer that names them. Opens what nobody named before.
    pub(super) fn pair(&mut self, debit: &'a K, credit: &'a K) -> Result<Pair, ResultCode> {
        if debit == credit {
            return Err(ResultCode::AccountsMustDiffer);
        }
        if debit.asset() != credit.asset() {
            return Err(ResultCode::AssetsMustMatch);
        }
        let pair = Pair {
            debit: self.resolve(debit)?,
            credit: self.resolve(credit)?,
        };
        self.last = Some(Named {
            debit,
            credit,
            pair,
        });
        Ok(pair)
    }

    /// The accounts of a hold.
    pub(super) fn pair_of(&mut self, held: Row) -> Pair {
        Pair {
            debit: self.touch(held.debit),
            credit: self.touch(held.credit),
        }
    }

    fn resolve(&mut self, key: &K) -> Result<usize, ResultCode> {
        match &self.last {
            Some(last) if last.debit == key => return Ok(last.pair.debit),
            Some(last) if last.credit == key => return Ok(last.pair.credit),
            _ => {}
        }
        let opened = &self.plan.opened.numbers;
        match self
            .ledger
            .chart
            .number(key)
            .or_else(|| opened.get(key).copied())
        {
            Some(number) => Ok(self.touch(number)),
            None => self.open(key),
        }
    }

    fn open(&mut self, key: &K) -> Result<usize, ResultCode> {
        self.admit_asset(key.asset())?;
        let opened = &mut self.plan.opened;
        let number = self.ledger.chart.next() + super::narrow(opened.keys.len());
        opened.keys.push(key.clone());
        let before = opened.numbers.insert(key.clone(), number);
        assert_eq!(before, None, "an account is opened once");
        Ok(self.place(Touched {
            number,
            standing: Standing::new(key),
        }))
    }

    /// Whether the code of an asset is free, or in use with the same scale.
    fn admit_asset(&mut self, asset: Asset) -> Result<(), ResultCode> {
        let new = &mut self.plan.opened.assets;
        let like = |new: &&Asset| new.padded_code() == asset.padded_code();
        let known = self.ledger.chart.asset_like(asset);
        match known.or(new.iter().find(like).copied()) {
            Some(known) if known != asset => return Err(ResultCode::AssetHasOtherScale),
            Some(_) => {}
            None => new.push(asset),
        }
        Ok(())
    }

    /// The place of an account among those that are touched, as it was before the group if it is new there.
    fn touch(&mut self, number: u32) -> usize {
        let mut touched = self.plan.touched.iter();
        match touched.position(|touched| touched.number == number) {
            Some(place) => place,
            None => self.place(Touched {
                number,
                standing: self.ledger.chart.standing(number),
            }),
        }
    }

    fn place(&mut self, touched: Touched) -> usize {
        self.plan.touched.push(touched);
        self.plan.touched.len() - 1
    }

    /// Whether both accounts allow another amount to move, now or later.
    pub(super) fn admit(&self, pair: Pair, amount: Amount) -> Result<(), ResultCode> {
        let debit = &self.plan.touched[pair.debit].standing;
        let credit = &self.plan.touched[pair.credit].standing;
        let debits = debit.balance.debits().checked_add(amount);
        let debits = debits.ok_or(ResultCode::DebitsWouldOverflow)?;
        let credits = credit.balance.credits().checked_add(amount);
        let credits = credits.ok_or(ResultCode::CreditsWouldOverflow)?;
        if debit.bound == Bound::DebitsWithinCredits && debits > debit.balance.credits_posted {
            return Err(ResultCode::DebitsWouldExceedCredits);
        }
        if credit.bound == Bound::CreditsWithinDebits && credits > credit.balance.debits_posted {
            return Err(ResultCode::CreditsWouldExceedDebits);
        }
        Ok(())
    }

    /// Moves an amount that was admitted, or held before.
    pub(super) fn post_to(&mut self, pair: Pair, amount: Amount) {
        let (debit, credit) = self.balances(pair);
        add(&mut debit.debits_posted, amount);
        add(&mut credit.credits_posted, amount);
        self.assert_bounds(pair);
    }

    /// Holds an amount that was admitted.
    pub(super) fn hold_on(&mut self, pair: Pair, amount: Amount) {
        let (debit, credit) = self.balances(pair);
        add(&mut debit.debits_pending, amount);
        add(&mut credit.credits_pending, amount);
        self.assert_bounds(pair);
    }

    /// Releases an amount that was held.
    pub(super) fn release_from(&mut self, pair: Pair, amount: Amount) {
        let (debit, credit) = self.balances(pair);
        take(&mut debit.debits_pending, amount);
        take(&mut credit.credits_pending, amount);
        self.assert_bounds(pair);
    }

    fn balances(&mut self, pair: Pair) -> (&mut Balance, &mut Balance) {
        let both = self
            .plan
            .touched
            .get_disjoint_mut([pair.debit, pair.credit]);
        let [debit, credit] = both.expect("a transfer is between two different accounts");
        (&mut debit.standing.balance, &mut credit.standing.balance)
    }

    fn assert_bounds(&self, pair: Pair) {
        let debit = &self.plan.touched[pair.debit].standing;
        let credit = &self.plan.touched[pair.credit].standing;
        assert!(
            debit.bound.holds(&debit.balance),
            "what was admitted fits the debited account"
        );
        assert!(
            credit.bound.holds(&credit.balance),
            "what was admitted fits the credited account"
        );
    }
}

fn add(sum: &mut Amount, amount: Amount) {
    let larger = sum.checked_add(amount);
    *sum = larger.expect("a movement beyond the largest amount was not admitted");
}

fn take(sum: &mut Amount, amount: Amount) {
    let smaller = sum.checked_sub(amount);
    *sum = smaller.expect("only what is held is released");
}

#[cfg(test)]
#[path = "accounts_tests.rs"]
mod tests;
