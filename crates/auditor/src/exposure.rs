//! What buyers could lose by a supplier, beyond holdback and bond.

use super::Auditor;
use super::money::share_up;
use super::rfq::{Rfq, State};
use super::terms::Terms;

impl Auditor {
    /// What a supplier exposes: in contracts that have not ended, in milestones ahead, and by bids that stay; without
    /// its bid in the RFQ `but`.
    pub(super) fn exposed(&self, supplier: &str, but: &str) -> i64 {
        let contracts = self.contracts.values();
        let open = contracts.filter(|it| it.supplier == supplier && !it.state.is_end());
        let open = open.map(|it| exposure(&it.terms, it.price, it.bond));
        let rfqs = self.rfqs.values().filter(|rfq| rfq.name != but);
        let elsewhere = rfqs.map(|rfq| self.exposed_in(rfq, supplier));
        open.chain(elsewhere).sum()
    }

    fn exposed_in(&self, rfq: &Rfq, supplier: &str) -> i64 {
        match rfq.state {
            State::Open => {
                let bid = rfq.bids.get(supplier).filter(|bid| bid.bonded);
                let offer = bid.and_then(|bid| bid.offer.as_ref());
                offer.map_or(0, |offer| exposure(&rfq.terms, offer.price, offer.bond))
            }
            // What is put aside for milestones ahead goes back when they will not begin.
            State::Awarded if rfq.winner == supplier && self.money.balance(&rfq.reserved()) > 0 => {
                let begun = self
                    .contracts
                    .values()
                    .filter(|it| it.rfq == rfq.name)
                    .count();
                let stakes = rfq.prices.iter().zip(&rfq.bonds).skip(begun);
                stakes
                    .map(|(price, bond)| exposure(&rfq.terms, *price, *bond))
                    .sum()
            }
            _ => 0,
        }
    }
}

fn exposure(terms: &Terms, price: i64, bond: i64) -> i64 {
    let paid_at_once = price - share_up(price, terms.holdback);
    (paid_at_once - bond).max(0)
}
