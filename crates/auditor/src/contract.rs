//! One milestone: what is known of it, and where its commands lead.

use std::rc::Rc;

use serde_json::Value;

use super::arbitration::Arbitration;
use super::money::{account, available, share_up};
use super::rfq::Rfq;
use super::table::{Role, State, who};
use super::terms::Terms;
use super::verdict::{Kind, Run};
use super::wire::{int, text};
use super::{Auditor, holds};

#[derive(Debug, Clone)]
pub(super) struct Contract {
    pub(super) name: String,
    pub(super) rfq: String,
    /// From 1.
    pub(super) milestone: usize,
    pub(super) terms: Rc<Terms>,
    pub(super) terms_digest: String,
    pub(super) buyer: String,
    pub(super) supplier: String,
    /// P.
    pub(super) price: i64,
    /// B.
    pub(super) bond: i64,
    pub(super) state: State,
    pub(super) deadline: i64,
    pub(super) started: i64,
    pub(super) attempts: i64,
    /// How many runs there were; the latest is `run`.
    pub(super) runs: i64,
    pub(super) run: Option<Run>,
    /// Whether the first deadline of the run has passed.
    pub(super) extended: bool,
    pub(super) paid: i64,
    /// How long the clock of the warranty has stood, and since when it stands.
    pub(super) stood: i64,
    pub(super) stands_since: Option<i64>,
    /// Pieces of evidence.
    pub(super) evidence: i64,
    pub(super) withheld: i64,
    /// T of the latest evidence.
    pub(super) target: i64,
    /// Where a dispute or an arbitration began.
    pub(super) from: State,
    /// Who put up a bond against the verdict.
    pub(super) challenger: Option<String>,
    pub(super) arbitration: Option<Arbitration>,
    /// Grounds on which the arbiter was asked.
    pub(super) raised: Vec<String>,
}

impl Contract {
    pub(super) fn own(&self, party: &str) -> String {
        available(party, &self.terms.asset)
    }

    pub(super) fn account(&self, kind: &str) -> String {
        account(kind, &self.name, &self.terms.asset)
    }

    /// What the contract holds for a side, whatever comes.
    pub(super) fn held(&self, side: &str) -> String {
        match side == self.buyer {
            true => self.account("verification"),
            false => self.account("bond"),
        }
    }

    pub(super) fn dispute(&self, party: &str) -> String {
        account(
            "dispute",
            &format!("{}/{party}", self.name),
            &self.terms.asset,
        )
    }

    /// Whether a party may act in one of these roles.
    fn is(&self, party: &str, role: Role) -> bool {
        let terms = &self.terms;
        match role {
            Role::Anybody => true,
            Role::Buyer => party == self.buyer,
            Role::Supplier => party == self.supplier,
            Role::Reviewer => {
                let review = terms.human_review.as_ref();
                review.is_some_and(|it| it.reviewers.iter().any(|key| key == party))
            }
            Role::Oracle => {
                let warranty = terms.warranty.as_ref();
                warranty.is_some_and(|it| it.oracles.iter().any(|key| key == party))
            }
            Role::Arbiter => {
                let arbitration = terms.arbitration.as_ref();
                arbitration.is_some_and(|it| it.arbiter == party)
            }
        }
    }
}

impl Auditor {
    /// reserved → price, holdback, fee, verification; bid bond → bond. Active from now.
    pub(super) fn begin(&mut self, rfq: &Rfq, milestone: usize) -> Result<(), String> {
        let terms = Rc::clone(&rfq.terms);
        let contract = Contract {
            name: format!("con_{}_{milestone}", rfq.name.trim_start_matches("rfq_")),
            rfq: rfq.name.clone(),
            milestone,
            terms_digest: rfq.terms_digest.clone(),
            buyer: rfq.buyer.clone(),
            supplier: rfq.winner.clone(),
            price: rfq.prices[milestone - 1],
            bond: rfq.bonds[milestone - 1],
            state: State::Active,
            deadline: self.after(terms.windows.delivery_seconds),
            started: self.now,
            attempts: 0,
            runs: 0,
            run: None,
            extended: false,
            paid: 0,
            stood: 0,
            stands_since: None,
            evidence: 0,
            withheld: 0,
            target: 0,
            from: State::Active,
            challenger: None,
            arbitration: None,
            raised: Vec::new(),
            terms,
        };
        let (terms, price) = (&contract.terms, contract.price);
        let holdback = share_up(price, terms.holdback);
        for (kind, amount) in [
            ("price", price - holdback),
            ("holdback", holdback),
            ("fee", share_up(price, terms.fees.market)),
            ("verification", terms.verification_budget()),
        ] {
            self.money
                .post(&rfq.reserved(), &contract.account(kind), amount)?;
        }
        let bid_bond = rfq.bid_bond(&contract.supplier);
        self.money
            .post(&bid_bond, &contract.account("bond"), contract.bond)?;
        self.contracts.insert(contract.name.clone(), contract);
        Ok(())
    }

    pub(super) fn contract(
        &mut self,
        sender: &str,
        action: &Value,
        attachment: &[u8],
    ) -> Result<(), String> {
        let (name, order) = (text(action, "contract")?, &action["verb"]);
        let verb = text(order, "type")?;
        let mut c = self
            .contracts
            .get(&name)
            .ok_or("there is no such contract")?
            .clone();
        let roles = who(c.state, &verb);
        let wrong = format!("{verb} by {sender} in {:?}", c.state);
        holds(roles.iter().any(|role| c.is(sender, *role)), &wrong)?;
        let in_time = (self.now > c.deadline) == (verb == "tick");
        holds(in_time, &format!("{wrong} out of time"))?;
        match verb.as_str() {
            "submit" => self.submit(&mut c, order)?,
            "cancel" => self.cancelled(&mut c)?,
            "resign" => self.defaulted(&mut c, true)?,
            "present_verdict" => self.present_verdict(&mut c, attachment)?,
            "accept" => self.pay(&mut c)?,
            "review" => self.review(&mut c, order)?,
            "challenge" if order["ground"] == "verdict_wrong" => self.challenge(&mut c, sender)?,
            "challenge" => self.ask_arbiter(&mut c, sender, order)?,
            "respond" => self.respond(&mut c, sender, order)?,
            "offer" => self.offer(&mut c, sender, order)?,
            "accept_offer" => self.accept_offer(&mut c, sender, order)?,
            "rule" => self.rule(&mut c, sender, order)?,
            "state_evidence" => self.state_evidence(&mut c, order)?,
            _ => self.tick(&mut c)?,
        }
        self.contracts.insert(name, c);
        Ok(())
    }

    /// If nobody acts.
    fn tick(&mut self, c: &mut Contract) -> Result<(), String> {
        match c.state {
            State::Active => self.defaulted(c, false),
            State::Verifying | State::Rechecking => self.nobody_judged(c),
            State::Passed => self.pay(c),
            State::Failed => self.did_not_pass(c),
            State::Provisional => self.finish(c),
            State::Curing => self.claw_back(c, c.target),
            State::Disputed => self.nobody_ran_it_again(c),
            State::Arbitrating => self.nobody_ruled(c),
            _ => Err("the contract has ended".to_owned()),
        }
    }

    /// Into a state, with its window.
    pub(super) fn enter(&self, c: &mut Contract, state: State) {
        let windows = &c.terms.windows;
        let warranty = c.terms.warranty.as_ref();
        let end_of_warranty = warranty.map_or(0, |it| it.warranty_seconds) * super::SECOND;
        if state == State::Provisional
            && let Some(since) = c.stands_since.take()
        {
            c.stood += self.now - since;
        }
        c.state = state;
        c.deadline = match state {
            State::Active => {
                let delivery = c.started + windows.delivery_seconds * super::SECOND;
                delivery.max(self.after(windows.retry_seconds))
            }
            State::Verifying | State::Rechecking => self.after(windows.verification_seconds),
            State::Passed | State::Failed => self.after(windows.challenge_seconds),
            State::Provisional => c.paid + end_of_warranty + c.stood,
            State::Curing => self.after(warranty.map_or(0, |it| it.cure_seconds)),
            State::Disputed => self.after(windows.rerun_seconds),
            // Arbitration sets its own; the others are ends.
            _ => c.deadline,
        };
    }

    /// A submission: an attempt, or a cure.
    fn submit(&mut self, c: &mut Contract, order: &Value) -> Result<(), String> {
        let kind = match c.state {
            State::Curing => Kind::Cure,
            _ => Kind::Attempt,
        };
        if kind == Kind::Attempt {
            c.attempts += 1;
            holds(c.attempts <= c.terms.attempts, "no attempts are left")?;
        }
        let criteria = c.terms.milestones[c.milestone - 1].criteria.clone();
        self.start_run(c, kind, text(order, "submission")?, criteria);
        self.enter(c, State::Verifying);
        Ok(())
    }

    /// A reviewer accepts, and withholds a part of the holdback.
    fn review(&mut self, c: &mut Contract, order: &Value) -> Result<(), String> {
        let review = c.terms.human_review.as_ref();
        let review = review.ok_or("the terms have no review")?;
        let withheld = int(order, "withheld")?;
        let most = super::money::share_down(c.price, review.cap);
        holds(withheld <= most, "more is withheld than may be")?;
        let declared = review
            .grounds
            .iter()
            .any(|it| order["ground"] == it.as_str());
        holds(withheld == 0 || declared, "the ground was not declared")?;
        c.withheld = withheld;
        self.pay(c)
    }
}
