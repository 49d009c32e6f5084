//! How contracts are paid, and how they end.

use super::Auditor;
use super::contract::Contract;
use super::money::{share_down, share_up};
use super::table::State;

impl Auditor {
    /// price → supplier: rest; the next milestone begins.
    pub(super) fn pay(&mut self, c: &mut Contract) -> Result<(), String> {
        self.money.rest(&c.account("price"), &c.own(&c.supplier))?;
        c.paid = self.now;
        c.stood = 0;
        let rfq = self.rfqs[&c.rfq].clone();
        if c.milestone < rfq.prices.len() {
            self.begin(&rfq, c.milestone + 1)?;
        }
        self.enter(c, State::Provisional);
        match c.terms.warranty {
            Some(_) => Ok(()),
            None => self.finish(c),
        }
    }

    /// Final: holdback → buyer, supplier; fee → fees.
    pub(super) fn finish(&mut self, c: &mut Contract) -> Result<(), String> {
        let holdback = c.account("holdback");
        self.money.post(&holdback, &c.own(&c.buyer), c.withheld)?;
        self.money.rest(&holdback, &c.own(&c.supplier))?;
        let fees = format!("fees/{}", c.terms.asset);
        self.money.rest(&c.account("fee"), &fees)?;
        self.close(c, State::Final)
    }

    /// The work failed to the end.
    pub(super) fn rejected(&mut self, c: &mut Contract) -> Result<(), String> {
        self.slash(c, c.terms.penalties.rejected)?;
        self.refund(c)?;
        self.close(c, State::Rejected)
    }

    /// The supplier does not deliver, and perhaps says so.
    pub(super) fn defaulted(&mut self, c: &mut Contract, resigned: bool) -> Result<(), String> {
        let penalties = &c.terms.penalties;
        let share = match resigned {
            true => penalties.resigned,
            false => penalties.defaulted,
        };
        self.slash(c, share)?;
        self.refund(c)?;
        self.close(c, State::Defaulted)
    }

    /// The buyer no longer wants the work.
    pub(super) fn cancelled(&mut self, c: &mut Contract) -> Result<(), String> {
        let compensation = share_up(c.price, c.terms.penalties.cancelled);
        let paid = self
            .money
            .up_to(&c.account("price"), &c.own(&c.supplier), compensation)?;
        let earned = share_up(paid, c.terms.fees.market);
        let fees = format!("fees/{}", c.terms.asset);
        self.money.up_to(&c.account("fee"), &fees, earned)?;
        self.refund(c)?;
        self.close(c, State::Cancelled)
    }

    /// Nobody knows.
    pub(super) fn void(&mut self, c: &mut Contract) -> Result<(), String> {
        self.refund(c)?;
        self.close(c, State::Void)
    }

    /// The outcome did not last: `target` goes to the buyer, and what is missing is owed.
    pub(super) fn claw_back(&mut self, c: &mut Contract, target: i64) -> Result<(), String> {
        let (buyer, supplier) = (c.own(&c.buyer), c.own(&c.supplier));
        // What a reviewer withheld is the buyer's too.
        let whole = target.max(c.withheld);
        let mut missing = whole;
        for from in [
            c.account("holdback"),
            c.account("price"),
            c.account("bond"),
            supplier.clone(),
        ] {
            missing -= self.money.up_to(&from, &buyer, missing)?;
        }
        if missing > 0 {
            let asset = &c.terms.asset;
            self.money
                .owe(&c.name, asset, &c.supplier, &c.buyer, missing);
        }
        self.money.rest(&c.account("holdback"), &supplier)?;
        self.money.rest(&c.account("price"), &supplier)?;
        // The operator earns its fee of what the supplier keeps.
        let earned = share_up(c.price - whole, c.terms.fees.market);
        let fees = format!("fees/{}", c.terms.asset);
        self.money.up_to(&c.account("fee"), &fees, earned)?;
        self.money.rest(&c.account("fee"), &buyer)?;
        self.close(c, State::ClawedBack)
    }

    /// bond → buyer, pool.
    fn slash(&mut self, c: &Contract, share: i64) -> Result<(), String> {
        let lost = share_down(c.bond, share);
        let to_buyer = share_down(lost, c.terms.penalties.to_buyer).min(c.price);
        let (bond, pool) = (c.account("bond"), format!("pool/{}", c.terms.asset));
        self.money.post(&bond, &c.own(&c.buyer), to_buyer)?;
        self.money.post(&bond, &pool, lost - to_buyer)
    }

    /// price, holdback, fee → buyer; and what was put aside for the milestones ahead.
    fn refund(&mut self, c: &Contract) -> Result<(), String> {
        for kind in ["price", "holdback", "fee"] {
            self.money.rest(&c.account(kind), &c.own(&c.buyer))?;
        }
        self.end_milestones_ahead(c)
    }

    /// reserved → buyer, bid bond → supplier.
    pub(super) fn end_milestones_ahead(&mut self, c: &Contract) -> Result<(), String> {
        let rfq = &self.rfqs[&c.rfq];
        let (reserved, bid_bond) = (rfq.reserved(), rfq.bid_bond(&c.supplier));
        self.money.rest(&reserved, &c.own(&c.buyer))?;
        self.money.rest(&bid_bond, &c.own(&c.supplier))
    }

    /// bond → supplier, verification → buyer.
    fn close(&mut self, c: &mut Contract, end: State) -> Result<(), String> {
        self.money.rest(&c.account("bond"), &c.own(&c.supplier))?;
        self.money
            .rest(&c.account("verification"), &c.own(&c.buyer))?;
        self.enter(c, end);
        Ok(())
    }
}
