//! Accounts by name, and the postings between them.

use std::collections::BTreeMap;

/// What a supplier still owes a buyer.
#[derive(Debug)]
struct Debt {
    contract: String,
    asset: String,
    debtor: String,
    creditor: String,
}

/// Every account. What is on `custody` and `debt` belongs to the market, everything else is owed to somebody.
#[derive(Debug, Default)]
pub(super) struct Money {
    balances: BTreeMap<String, i64>,
    /// What ever came to an account, and what ever left it.
    moved: BTreeMap<String, (i64, i64)>,
    /// Of `available`, what waits to be paid out and cannot be spent.
    held: BTreeMap<String, i64>,
    /// What accounts had before the command that is being followed.
    before: BTreeMap<String, i64>,
    /// Oldest first.
    debts: Vec<Debt>,
}

/// Whose account has moved more than this is paid no debt: half of the largest amount.
const FULL: i64 = ((1 << 53) - 1) / 2;

/// One command pays so many debts at most.
const MAX_PAYMENTS: usize = 100;

/// The name of an account of an object (or a party).
pub(super) fn account(kind: &str, owner: &str, asset: &str) -> String {
    format!("{kind}/{owner}/{asset}")
}

/// The name of a party's own account.
pub(super) fn available(party: &str, asset: &str) -> String {
    account("available", party, asset)
}

impl Money {
    pub(super) fn balance(&self, account: &str) -> i64 {
        self.balances.get(account).copied().unwrap_or(0)
    }

    /// What can be spent.
    pub(super) fn free(&self, account: &str) -> i64 {
        self.balance(account) - self.held.get(account).copied().unwrap_or(0)
    }

    /// Balances that are not zero.
    pub(super) fn balances(&self) -> BTreeMap<String, i64> {
        let posted = self.balances.iter().filter(|(_, balance)| **balance != 0);
        posted
            .map(|(account, balance)| (account.clone(), *balance))
            .collect()
    }

    /// Another command is followed.
    pub(super) fn next_command(&mut self) {
        self.before.clear();
    }

    fn change(&mut self, account: &str, by: i64) {
        let balance = self.balances.entry(account.to_owned()).or_insert(0);
        self.before.entry(account.to_owned()).or_insert(*balance);
        *balance += by;
        let (came, left) = self.moved.entry(account.to_owned()).or_default();
        *came += by.max(0);
        *left -= by.min(0);
    }

    fn is_full(&self, account: &str) -> bool {
        let moved = self.moved.get(account);
        moved.is_some_and(|(came, left)| came.max(left) > &FULL)
    }

    /// From one account to another.
    pub(super) fn post(&mut self, from: &str, to: &str, amount: i64) -> Result<(), String> {
        if amount < 0 || self.free(from) < amount {
            return Err(format!(
                "{from} has {}, and {to} should get {amount} of it",
                self.free(from)
            ));
        }
        self.change(from, -amount);
        self.change(to, amount);
        Ok(())
    }

    /// Whatever is left.
    pub(super) fn rest(&mut self, from: &str, to: &str) -> Result<(), String> {
        self.post(from, to, self.balance(from))
    }

    /// As much of `wanted` as there is; returns how much that was.
    pub(super) fn up_to(&mut self, from: &str, to: &str, wanted: i64) -> Result<i64, String> {
        let amount = wanted.min(self.free(from));
        self.post(from, to, amount)?;
        Ok(amount)
    }

    /// In equal parts; `parties` are in ascending order.
    pub(super) fn share_out(
        &mut self,
        from: &str,
        parties: &[String],
        asset: &str,
        amount: i64,
    ) -> Result<(), String> {
        let parts = split(amount, &vec![1; parties.len()]);
        for (party, part) in parties.iter().zip(parts) {
            self.post(from, &available(party, asset), part)?;
        }
        Ok(())
    }

    /// custody → available.
    pub(super) fn deposit(&mut self, party: &str, asset: &str, amount: i64) {
        self.change(&format!("custody/{asset}"), amount);
        self.change(&available(party, asset), amount);
    }

    /// available → custody, held.
    pub(super) fn hold(&mut self, party: &str, asset: &str, amount: i64) -> Result<(), String> {
        let account = available(party, asset);
        if self.free(&account) < amount {
            return Err(format!("{account} has not {amount} to withdraw"));
        }
        *self.held.entry(account).or_insert(0) += amount;
        Ok(())
    }

    /// What was held is free again.
    fn release(&mut self, party: &str, asset: &str, amount: i64) {
        *self.held.entry(available(party, asset)).or_insert(0) -= amount;
    }

    /// A rail refused it: what was held is the party's again, and counts as income.
    pub(super) fn give_back(&mut self, party: &str, asset: &str, amount: i64) {
        self.release(party, asset, amount);
        let account = available(party, asset);
        let now = self.balance(&account);
        *self.before.entry(account).or_insert(now) -= amount;
    }

    /// available → custody, posted.
    pub(super) fn pay_out(&mut self, party: &str, asset: &str, amount: i64) {
        self.release(party, asset, amount);
        self.change(&available(party, asset), -amount);
        self.change(&format!("custody/{asset}"), -amount);
    }

    /// debt → claim.
    pub(super) fn owe(
        &mut self,
        contract: &str,
        asset: &str,
        debtor: &str,
        creditor: &str,
        amount: i64,
    ) {
        self.change(&account("debt", contract, asset), amount);
        self.change(&account("claim", contract, asset), amount);
        self.debts.push(Debt {
            contract: contract.to_owned(),
            asset: asset.to_owned(),
            debtor: debtor.to_owned(),
            creditor: creditor.to_owned(),
        });
    }

    /// A debtor is credited: of what the command credits it on balance, oldest debt first. A creditor who is a debtor
    /// too is credited by that, so it goes on until nobody has anything to pay with, or enough was paid by one command.
    pub(super) fn pay_debts(&mut self) -> Result<(), String> {
        for _ in 0..MAX_PAYMENTS {
            let Some(at) = (0..self.debts.len()).find(|at| self.payable(*at) > 0) else {
                break;
            };
            let amount = self.payable(at);
            let debt = &self.debts[at];
            let [from, to] =
                [&debt.debtor, &debt.creditor].map(|party| available(party, &debt.asset));
            let [owed, claim] =
                ["debt", "claim"].map(|kind| account(kind, &debt.contract, &debt.asset));
            self.post(&from, &to, amount)?;
            self.change(&owed, -amount);
            self.change(&claim, -amount);
        }
        Ok(())
    }

    fn payable(&self, at: usize) -> i64 {
        let debt = &self.debts[at];
        if self.is_full(&available(&debt.creditor, &debt.asset)) {
            return 0;
        }
        let account_of_debtor = available(&debt.debtor, &debt.asset);
        let before = self.before.get(&account_of_debtor);
        let credited = before.map_or(0, |before| self.balance(&account_of_debtor) - before);
        credited.min(self.balance(&account("debt", &debt.contract, &debt.asset)))
    }
}

/// A share in parts per million, rounded down.
pub(super) fn share_down(amount: i64, ppm: i64) -> i64 {
    narrow(i128::from(amount) * i128::from(ppm) / 1_000_000)
}

/// A share in parts per million, rounded up.
pub(super) fn share_up(amount: i64, ppm: i64) -> i64 {
    narrow((i128::from(amount) * i128::from(ppm) + 999_999) / 1_000_000)
}

fn narrow(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

/// Divides by weights: everybody gets the whole units of its share, and the largest remainders one more; among equal
/// ones the first.
pub(super) fn split(amount: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &i64| i128::from(amount) * i128::from(*weight);
    let mut parts: Vec<_> = weights
        .iter()
        .map(|one| narrow(exact(one) / whole))
        .collect();
    let mut order: Vec<_> = (0..weights.len()).collect();
    order.sort_by_key(|at| (-(exact(&weights[*at]) % whole), *at));
    let mut missing = amount - parts.iter().sum::<i64>();
    for at in order {
        if missing > 0 {
            parts[at] += 1;
            missing -= 1;
        }
    }
    parts
}
