//! Verdicts, reviews and claims that do not belong here.

use std::num::NonZeroU8;

use proofmark_core::Digest;
use proofmark_ledger::Amount;
use proofmark_market::command::Ground;
use proofmark_market::contract::{Contract, State};
use proofmark_market::{Action, Code, ContractAction, ContractId, RfqId};

use super::Attempt;
use crate::season::Season;
use crate::stage::{Actor, Says, bundle, cents};

/// The least that is too much.
fn above(amount: Amount) -> Amount {
    cents(amount.minor() + 1)
}

fn ask(
    what: &'static str,
    who: &Actor,
    contract: ContractId,
    verb: ContractAction,
    code: Code,
) -> Attempt {
    Attempt::new(what, who, Action::Contract { contract, verb }, code)
}

impl Season {
    fn contract_that(&mut self, wanted: impl Fn(&Contract) -> bool) -> Option<Contract> {
        let all = self.stage.market.contracts().filter(|it| wanted(it));
        let all: Vec<_> = all.collect();
        match all.is_empty() {
            true => None,
            false => Some((*self.chance.pick(&all)).clone()),
        }
    }

    pub(super) fn bad_move(&mut self) -> Option<Attempt> {
        if self.chance.percent(30) {
            return self.bad_verdict();
        }
        let now = self.stage.now;
        let passed = |it: &Contract| match &it.state {
            State::Passed(passed) => now <= passed.challenge_until,
            _ => false,
        };
        let Some(contract) = self.contract_that(passed) else {
            let nowhere = RfqId::of(&Digest::of(b"nowhere")).contract(NonZeroU8::MIN);
            let (who, what) = (Actor::passer_by(), "a tick of nothing");
            let tick = ContractAction::Tick;
            return Some(ask(what, &who, nowhere, tick, Code::ContractUnknown));
        };
        self.bad_answer(&contract)
    }

    /// To a pass that can still be challenged.
    fn bad_answer(&mut self, contract: &Contract) -> Option<Attempt> {
        let price = contract.stakes.price;
        let terms = &contract.terms;
        let (what, who, verb, code) = match self.chance.below(3) {
            0 if terms.human_review.is_some() => {
                let review = terms.human_review.as_ref()?;
                let verb = ContractAction::Review {
                    ground: review.grounds.first().cloned(),
                    withheld: above(price.share_down(review.cap)),
                };
                let what = "a reviewer who withholds more than declared";
                (what, Actor::new("reviewer"), verb, Code::ReviewOutsideTerms)
            }
            1 if terms.arbitration.is_some() => {
                let ground = Ground::ValidatorGamed;
                let claim = Some(above(price));
                let code = match contract.raised.contains(&ground) {
                    true => Code::GroundNotHere,
                    false => Code::ClaimOutsideEffect,
                };
                let verb = ContractAction::Challenge { ground, claim };
                (
                    "a claim above the price",
                    self.who(contract.buyer),
                    verb,
                    code,
                )
            }
            _ if contract.buyer != contract.supplier => {
                let what = "a supplier who accepts its own work";
                let who = self.who(contract.supplier);
                (what, who, ContractAction::Accept, Code::ActorForbids)
            }
            _ => return None,
        };
        Some(ask(what, &who, contract.id, verb, code))
    }

    /// Verdicts that are not of this contract, or of no engine.
    fn bad_verdict(&mut self) -> Option<Attempt> {
        let contract = self.contract_that(|it| it.run().is_some())?;
        let other = self.contract_that(|it| it.run().is_some() && it.id != contract.id);
        let other = other.filter(|_| self.chance.percent(50));
        let (what, source, signer) = match &other {
            Some(other) => ("a verdict of another contract", other, Actor::house()),
            None => {
                let what = "a verdict that no engine signed";
                (what, &contract, Actor::new("spammer"))
            }
        };
        let run = source.run()?;
        let manifest = self.stage.manifest(&run.submission())?;
        let bundle = bundle(run, manifest, Says::Pass, &[&signer]);
        let verb = ContractAction::PresentVerdict {
            bundle: Digest::of(&bundle),
        };
        let who = Actor::passer_by();
        Some(ask(what, &who, contract.id, verb, Code::OutcomeRefused).beside(bundle))
    }
}
