//! The usual cast: one contract of 10.00 with a holdback of 2.00, a fee of 0.25, a bond of 10.00, and 0.10 for
//! verification.

use std::num::NonZeroU8;

use proofmark_core::{Digest, Ppm, Timestamp};
use proofmark_market::award::AwardRule;
use proofmark_market::command::Side;
use proofmark_market::contract::table::StateName;
use proofmark_market::contract::{Arbitrating, State};
use proofmark_market::{
    Account, Action, Code, ContractAction, ContractId, Receipt, Rejection, Terms,
};
use proofmark_simulator::season::differences;
use proofmark_simulator::stage::{Actor, Says, Stage, cents, terms, usd};

/// What everybody begins with.
pub(crate) const PURSE: i64 = 100_000;

pub(crate) fn share(ppm: u32) -> Ppm {
    Ppm::new(ppm).expect("a share")
}

/// The stage's terms, with the price that is bid.
pub(crate) fn plain() -> Terms {
    let mut terms = terms();
    terms.award.rule = AwardRule::FirstPrice;
    terms
}

/// The same with hardly any bond, and a fee of the arbiter that it covers.
pub(crate) fn trusting() -> Terms {
    let mut terms = plain();
    terms.bonds.performance = cents(50);
    terms.arbitration.as_mut().expect("there is one").fee = cents(16);
    terms
}

pub(crate) fn actors(names: &[&str]) -> Vec<Actor> {
    names.iter().map(|name| Actor::new(name)).collect()
}

/// Everybody who may play a part.
pub(crate) fn everybody() -> Vec<Actor> {
    actors(&[
        "buyer",
        "supplier",
        "rival",
        "reviewer",
        "oracle",
        "arbiter",
        "passer-by",
        "alpha",
        "beta",
        "gamma",
        "alpha-again",
        "house",
    ])
}

/// A stage on which a contract is Active.
pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) buyer: Actor,
    pub(crate) supplier: Actor,
    pub(crate) contract: ContractId,
}

impl Play {
    /// The supplier won with 10.00 and a bond of 10.00.
    pub(crate) fn begin() -> Self {
        Self::under(&plain(), 1_000, 1_000)
    }

    pub(crate) fn under(terms: &Terms, price: i64, bond: i64) -> Self {
        let stage = Stage::open(&everybody(), PURSE);
        Self::on(stage, terms, price, bond)
    }

    pub(crate) fn on(stage: Stage, terms: &Terms, price: i64, bond: i64) -> Self {
        Self::between(stage, ["buyer", "supplier"], terms, price, bond)
    }

    pub(crate) fn between(
        mut stage: Stage,
        sides: [&str; 2],
        terms: &Terms,
        price: i64,
        bond: i64,
    ) -> Self {
        let [buyer, supplier] = sides.map(Actor::new);
        let rfq = stage
            .publish(&buyer, terms)
            .expect("the terms are in order");
        let bid = stage.offer(price, bond);
        stage.must(
            &supplier,
            Action::PlaceBid {
                rfq,
                bid,
                bonded: false,
            },
            None,
        );
        stage.pass_rfq(rfq);
        Self {
            stage,
            buyer,
            supplier,
            contract: rfq.contract(NonZeroU8::MIN),
        }
    }

    pub(crate) fn submit(&mut self, text: &str) {
        let submission = self.stage.work(text);
        let verb = ContractAction::Submit { submission };
        self.stage.act(&self.supplier, self.contract, verb);
    }

    /// An engine judges what waits.
    pub(crate) fn judged(&mut self, says: Says, engines: &[&str]) -> Receipt {
        let answer = self.try_judge(says, engines);
        answer.expect("the market takes the verdict")
    }

    pub(crate) fn try_judge(&mut self, says: Says, engines: &[&str]) -> Result<Receipt, Rejection> {
        let engines = actors(engines);
        let engines: Vec<_> = engines.iter().collect();
        let courier = Actor::passer_by();
        self.stage.judge(&courier, self.contract, says, &engines)
    }

    /// The supplier delivers and alpha finds it good.
    pub(crate) fn pass(&mut self) {
        self.submit("good work");
        self.judged(Says::Pass, &["alpha"]);
    }

    /// It is paid but for the holdback.
    pub(crate) fn paid(&mut self) {
        self.pass();
        self.stage
            .act(&self.buyer, self.contract, ContractAction::Accept);
    }

    pub(crate) fn act(&mut self, who: &str, verb: ContractAction) -> Receipt {
        self.stage.act(&Actor::new(who), self.contract, verb)
    }

    /// The arbitration that is going on.
    pub(crate) fn case(&self) -> &Arbitrating {
        match self.here() {
            State::Arbitrating(case) => case,
            other => panic!("it is {:?}", other.name()),
        }
    }

    pub(crate) fn respond(&mut self, who: &str) {
        let ground = self.case().ground;
        self.act(who, ContractAction::Respond { ground });
    }

    pub(crate) fn offer(&mut self, who: &str, minor: i64) {
        let ground = self.case().ground;
        let amount = cents(minor);
        self.act(who, ContractAction::Offer { ground, amount });
    }

    /// What the arbiter signs for this side, as the case stands.
    pub(crate) fn ruling(&self, for_side: Side) -> ContractAction {
        let case = self.case();
        ContractAction::Rule {
            ground: case.ground,
            for_side,
            amount: case.last_offer(for_side),
            reasons: Digest::of(b"reasons"),
        }
    }

    pub(crate) fn offers_open(&self) -> bool {
        let until = self.case().offers_until;
        until.is_none_or(|until| self.stage.now <= until)
    }

    /// The offers are final.
    pub(crate) fn offers_close(&mut self) {
        let until = self
            .case()
            .offers_until
            .expect("both have put up their fee");
        let after = Timestamp::from_micros(until.micros() + 1);
        self.stage.now = after.expect("not the last moment");
    }

    /// The offers are final, and the arbiter rules.
    pub(crate) fn rule(&mut self, for_side: Side) {
        self.offers_close();
        let ruling = self.ruling(for_side);
        self.act("arbiter", ruling);
    }

    /// What the market refuses, and why.
    pub(crate) fn refused(&mut self, who: &str, verb: ContractAction) -> Code {
        let answer = self.stage.ask(&Actor::new(who), self.contract, verb);
        answer.expect_err("it is refused").code
    }

    /// The deadline of the state passes.
    pub(crate) fn silence(&mut self) -> Receipt {
        self.stage.pass_contract(self.contract)
    }

    pub(crate) fn state(&self) -> StateName {
        self.here().name()
    }

    pub(crate) fn here(&self) -> &State {
        let contract = self.stage.market.contract(&self.contract);
        &contract.expect("it began").state
    }

    /// What a party has gained or lost.
    pub(crate) fn gain(&self, who: &str) -> i64 {
        self.stage.has(&Actor::new(who)) - PURSE
    }

    pub(crate) fn pool(&self) -> i64 {
        self.stage.left(Account::Pool(usd()))
    }

    pub(crate) fn fees(&self) -> i64 {
        self.stage.left(Account::Fees(usd()))
    }

    /// Gains of buyer and supplier, what the pool took, what the operator earned. The books must balance, and nothing
    /// may be left where nothing belongs to a contract that has ended.
    #[track_caller]
    pub(crate) fn ends(&self, state: StateName, buyer: i64, supplier: i64, pool: i64, fees: i64) {
        assert_eq!(self.state(), state);
        let found = (
            self.gain("buyer"),
            self.gain("supplier"),
            self.pool(),
            self.fees(),
        );
        assert_eq!(
            found,
            (buyer, supplier, pool, fees),
            "buyer, supplier, pool, fees"
        );
        self.stage
            .market
            .ledger()
            .audit()
            .expect("the books balance");
        assert_eq!(
            differences(&self.stage),
            Vec::<String>::new(),
            "the auditor agrees"
        );
        for account in [
            Account::Price,
            Account::Holdback,
            Account::Fee,
            Account::Bond,
            Account::Verification,
        ] {
            let left = self.stage.left(account(self.contract, usd()));
            assert_eq!(left, 0, "nothing is left in the contract");
        }
    }
}
