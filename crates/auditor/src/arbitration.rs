//! Where running validators again decides nothing, the arbiter rules. Every amount is what the buyer should get.

use std::collections::BTreeMap;

use serde_json::Value;

use super::contract::Contract;
use super::table::State;
use super::wire::{int, text};
use super::{Auditor, holds};

#[derive(Debug, Clone)]
pub(super) struct Arbitration {
    ground: String,
    claimant: String,
    /// The side across.
    other: String,
    claim: i64,
    /// The most that can be moved.
    most: i64,
    /// Once the other side has responded: until when offers can be changed.
    offers_until: Option<i64>,
    /// What the contract lent each side for its fee.
    lent: BTreeMap<String, i64>,
    /// The last offer of each side.
    offers: BTreeMap<String, i64>,
}

impl Arbitration {
    /// What a side stands for: without an offer the claimant for the claim, the other for nothing or everything.
    fn stands_for(&self, side: &str) -> i64 {
        let unless_offered = match (side == self.claimant, self.ground.as_str()) {
            (true, _) => self.claim,
            (false, "validator_gamed") => 0,
            (false, _) => self.most,
        };
        self.offers.get(side).copied().unwrap_or(unless_offered)
    }
}

fn arbitration(c: &Contract) -> Result<Arbitration, String> {
    c.arbitration
        .clone()
        .ok_or_else(|| "there is no arbitration".to_owned())
}

/// The arbitration, if it is about the ground that the command names.
fn case<'c>(c: &'c mut Contract, order: &Value) -> Result<&'c mut Arbitration, String> {
    let case = c.arbitration.as_mut().ok_or("there is no arbitration")?;
    holds(
        case.ground == text(order, "ground")?,
        "it is about another ground",
    )?;
    Ok(case)
}

impl Auditor {
    /// party → dispute: the arbitration fee.
    pub(super) fn ask_arbiter(
        &mut self,
        c: &mut Contract,
        sender: &str,
        order: &Value,
    ) -> Result<(), String> {
        let ground = text(order, "ground")?;
        let (by, most, usual_claim, here) = match ground.as_str() {
            "validator_gamed" => {
                let here = matches!(c.state, State::Passed | State::Provisional);
                (&c.buyer, c.price, c.price, here)
            }
            "review_unfounded" => {
                let here = c.state == State::Provisional && c.withheld > 0;
                (&c.supplier, c.withheld, 0, here)
            }
            _ => (&c.supplier, c.target, 0, c.state == State::Curing),
        };
        holds(here && sender == by, "the ground cannot be raised here")?;
        holds(!c.raised.contains(&ground), "the ground was raised before")?;
        let claim = order["claim"].as_i64().unwrap_or(usual_claim);
        holds(claim <= most, "more is claimed than can be moved")?;
        let other = match sender == c.buyer {
            true => c.supplier.clone(),
            false => c.buyer.clone(),
        };
        c.raised.push(ground.clone());
        if c.state == State::Provisional {
            c.stands_since = Some(self.now);
        }
        c.arbitration = Some(Arbitration {
            ground,
            claimant: sender.to_owned(),
            other,
            claim,
            most,
            offers_until: None,
            lent: BTreeMap::new(),
            offers: BTreeMap::new(),
        });
        c.from = c.state;
        c.state = State::Arbitrating;
        self.put_up_fee(c, sender, |terms| terms.respond_seconds)
    }

    fn put_up_fee(
        &mut self,
        c: &mut Contract,
        side: &str,
        window: fn(&super::terms::Arbitration) -> i64,
    ) -> Result<(), String> {
        let terms = c.terms.arbitration.as_ref();
        let terms = terms.ok_or("the terms name no arbiter")?;
        let (fee, deadline) = (terms.fee, self.after(window(terms)));
        let paid = self.money.up_to(&c.own(side), &c.dispute(side), fee)?;
        let lent = fee - paid;
        self.money.post(&c.held(side), &c.dispute(side), lent)?;
        if let Some(case) = &mut c.arbitration {
            case.lent.insert(side.to_owned(), lent);
        }
        c.deadline = deadline;
        Ok(())
    }

    /// The other side puts up its fee.
    pub(super) fn respond(
        &mut self,
        c: &mut Contract,
        sender: &str,
        order: &Value,
    ) -> Result<(), String> {
        let offer_seconds = c.terms.arbitration.as_ref().map(|it| it.offer_seconds);
        let until = self.after(offer_seconds.unwrap_or(0));
        let case = case(c, order)?;
        let awaited = sender == case.other && case.offers_until.is_none();
        holds(awaited, "no fee of this side is awaited")?;
        case.offers_until = Some(until);
        self.put_up_fee(c, sender, |terms| {
            terms.offer_seconds + terms.ruling_seconds
        })
    }

    pub(super) fn offer(
        &mut self,
        c: &mut Contract,
        sender: &str,
        order: &Value,
    ) -> Result<(), String> {
        let amount = int(order, "amount")?;
        let case = case(c, order)?;
        let open = case.offers_until.is_none_or(|until| self.now <= until);
        holds(open, "offers are closed")?;
        holds(amount <= case.most, "more is offered than can be moved")?;
        case.offers.insert(sender.to_owned(), amount);
        Ok(())
    }

    /// Both agree, and have their fees back.
    pub(super) fn accept_offer(
        &mut self,
        c: &mut Contract,
        sender: &str,
        order: &Value,
    ) -> Result<(), String> {
        let case = case(c, order)?.clone();
        let offerer = match sender == case.claimant {
            true => &case.other,
            false => &case.claimant,
        };
        let result = case.offers.get(offerer).copied();
        let result = result.ok_or("there is no offer")?;
        holds(result == int(order, "amount")?, "another amount is offered")?;
        self.fees_back(c, &case)?;
        self.apply(c, &case, result)
    }

    /// The arbiter takes one of the two last offers; the loser's fee is the arbiter's.
    pub(super) fn rule(
        &mut self,
        c: &mut Contract,
        arbiter: &str,
        order: &Value,
    ) -> Result<(), String> {
        let case = case(c, order)?.clone();
        let closed = case.offers_until.is_some_and(|until| self.now > until);
        holds(closed, "offers are not closed")?;
        let (winner, loser) = match text(order, "for_side")?.as_str() {
            "buyer" => (&c.buyer, &c.supplier),
            _ => (&c.supplier, &c.buyer),
        };
        let result = case.stands_for(winner);
        holds(result == int(order, "amount")?, "another amount is offered")?;
        self.money.rest(&c.dispute(loser), &c.own(arbiter))?;
        self.fees_back(c, &case)?;
        self.apply(c, &case, result)
    }

    /// No fee: the claim is granted. No ruling: the verdict stands.
    pub(super) fn nobody_ruled(&mut self, c: &mut Contract) -> Result<(), String> {
        let case = arbitration(c)?;
        self.fees_back(c, &case)?;
        if case.offers_until.is_none() {
            return self.apply(c, &case, case.claim);
        }
        match c.from {
            State::Passed => self.pay(c),
            from => {
                self.enter(c, from);
                Ok(())
            }
        }
    }

    /// dispute → party: rest.
    fn fees_back(&mut self, c: &Contract, case: &Arbitration) -> Result<(), String> {
        for side in [&case.claimant, &case.other] {
            let lent = case.lent.get(side).copied().unwrap_or(0);
            let lent = lent.min(self.money.balance(&c.dispute(side)));
            self.money.post(&c.dispute(side), &c.held(side), lent)?;
            self.money.rest(&c.dispute(side), &c.own(side))?;
        }
        Ok(())
    }

    /// What follows when the buyer should get `result`.
    fn apply(&mut self, c: &mut Contract, case: &Arbitration, result: i64) -> Result<(), String> {
        if case.ground == "review_unfounded" {
            c.withheld = result;
            self.enter(c, State::Provisional);
            return Ok(());
        }
        match (result, c.from) {
            (0, State::Passed) => self.pay(c),
            (0, _) => {
                self.enter(c, State::Provisional);
                Ok(())
            }
            (_, State::Passed) => {
                self.end_milestones_ahead(c)?;
                self.claw_back(c, result)
            }
            _ => self.claw_back(c, result),
        }
    }
}
