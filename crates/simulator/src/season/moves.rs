//! What the parties of a contract do, by their kinds.

use proofmark_core::Digest;
use proofmark_market::command::{Ground, Side};
use proofmark_market::contract::{Contract, State};
use proofmark_market::{Action, ContractAction, ContractId};

use super::cast::{Craft, Temper};
use super::{Season, Truth};
use crate::stage::{Actor, cents, usd};

fn challenge(ground: Ground) -> ContractAction {
    ContractAction::Challenge {
        ground,
        claim: None,
    }
}

impl Season {
    pub(super) fn working(&mut self, id: ContractId) {
        let Some(contract) = self.stage.market.contract(&id).cloned() else {
            return;
        };
        if self.chance.percent(3) {
            return self.out_of_turn(&contract);
        }
        if self.is_wrong(&contract) && self.chance.percent(60) {
            return self.object(&contract);
        }
        match &contract.state {
            State::Active(_) => self.active(&contract),
            State::Verifying(_) | State::Rechecking(_) => self.judge(&contract),
            State::Passed(_) => self.passed(&contract),
            State::Failed(_) => self.failed(&contract),
            State::Provisional(_) => self.provisional(&contract),
            State::Curing(_) => self.curing(&contract),
            State::Disputed(_) => self.judge(&contract),
            State::Arbitrating(_) => self.arbitrating(&contract),
            State::Ended(_) => {}
        }
    }

    fn ask(&mut self, who: &Actor, contract: &Contract, verb: ContractAction) {
        let contract = contract.id;
        self.send(who, Action::Contract { contract, verb }, None);
    }

    fn buyer(&self, contract: &Contract) -> (Actor, Temper) {
        (self.who(contract.buyer), self.cast.temper(contract.buyer))
    }

    fn supplier(&self, contract: &Contract) -> (Actor, Craft) {
        let craft = self.cast.craft(contract.supplier);
        (self.who(contract.supplier), craft)
    }

    /// Somebody sends something that is not for it, or not now.
    fn out_of_turn(&mut self, contract: &Contract) {
        let somebody = self.by_id.values().cloned().collect::<Vec<_>>();
        let somebody = self.chance.pick(&somebody).clone();
        let amount = cents(self.chance.between(0, 500));
        let ground = Ground::ValidatorGamed;
        let submission = self.make(Truth::Bad);
        let verbs = [
            ContractAction::Submit { submission },
            ContractAction::Accept,
            ContractAction::Cancel,
            ContractAction::Resign,
            ContractAction::Respond { ground },
            ContractAction::AcceptOffer { ground, amount },
            ContractAction::Offer { ground, amount },
            ContractAction::Tick,
            challenge(Ground::EvidenceFalse),
            challenge(Ground::VerdictWrong),
            ContractAction::StateEvidence {
                evidence: submission,
            },
        ];
        let verb = self.chance.pick(&verbs).clone();
        self.ask(&somebody, contract, verb);
    }

    fn active(&mut self, contract: &Contract) {
        let (buyer, temper) = self.buyer(contract);
        if temper == Temper::Fickle && self.chance.percent(15) {
            return self.ask(&buyer, contract, ContractAction::Cancel);
        }
        let (supplier, craft) = self.supplier(contract);
        if craft != Craft::Vanishing && self.chance.percent(3) {
            return self.ask(&supplier, contract, ContractAction::Resign);
        }
        let bad = match craft {
            Craft::Vanishing => return,
            Craft::Honest | Craft::Emptying => 3,
            Craft::Sloppy => 50,
            Craft::Cheating => 72,
        };
        let truth = match self.chance.below(100) {
            0..18 => Truth::Unclear,
            18..22 => Truth::Unreadable,
            other if other < 22 + bad => Truth::Bad,
            _ => Truth::Good,
        };
        let submission = self.make(truth);
        self.ask(&supplier, contract, ContractAction::Submit { submission });
    }

    fn passed(&mut self, contract: &Contract) {
        let (buyer, temper) = self.buyer(contract);
        match (self.chance.below(100), temper) {
            (0..18, _) => self.judge(contract),
            (18..26, _) => {
                let spammer = Actor::new("spammer");
                self.ask(&spammer, contract, challenge(Ground::VerdictWrong));
            }
            (26..45, _) => self.review(contract),
            (45..75, Temper::Fair) => self.ask(&buyer, contract, ContractAction::Accept),
            (45..60, Temper::Quarrelsome) => {
                self.ask(&buyer, contract, challenge(Ground::VerdictWrong));
            }
            (60..86, Temper::Quarrelsome | Temper::Fickle) => {
                self.ask(&buyer, contract, challenge(Ground::ValidatorGamed));
            }
            (86..91, _) => self.ask(&buyer, contract, challenge(Ground::ValidatorGamed)),
            _ => {}
        }
    }

    /// Whoever knows that a verdict is wrong says so: engines by another one, the side that it hurts by a challenge.
    fn object(&mut self, contract: &Contract) {
        if self.chance.percent(60) && self.contradict(contract) {
            return;
        }
        let hurt = match contract.state {
            State::Passed(_) => contract.buyer,
            _ => contract.supplier,
        };
        let hurt = self.who(hurt);
        self.ask(&hurt, contract, challenge(Ground::VerdictWrong));
    }

    fn review(&mut self, contract: &Contract) {
        let Some(declared) = &contract.terms.human_review else {
            return;
        };
        let cap = contract.stakes.price.share_down(declared.cap).minor();
        let withheld = cents(self.chance.between(0, cap));
        let ground = Some("tone".to_owned());
        let verb = ContractAction::Review { ground, withheld };
        self.ask(&Actor::new("reviewer"), contract, verb);
    }

    fn failed(&mut self, contract: &Contract) {
        let (supplier, _) = self.supplier(contract);
        match self.chance.below(100) {
            0..15 => self.ask(&supplier, contract, challenge(Ground::VerdictWrong)),
            15..45 => self.judge(contract),
            _ => {}
        }
    }

    fn provisional(&mut self, contract: &Contract) {
        let (buyer, temper) = self.buyer(contract);
        let (supplier, craft) = self.supplier(contract);
        if craft == Craft::Emptying && self.chance.percent(60) {
            self.empty(&supplier);
        }
        let reopened = match craft {
            Craft::Emptying => 45,
            _ => 14,
        };
        match self.chance.below(100) {
            roll if roll < reopened => {
                let facts = [
                    Truth::Bad,
                    Truth::Bad,
                    Truth::Good,
                    Truth::Good,
                    Truth::Unclear,
                ];
                let truth = match self.cast.takers {
                    true => Truth::Bad,
                    false => *self.chance.pick(&facts),
                };
                let evidence = self.make(truth);
                let verb = ContractAction::StateEvidence { evidence };
                self.ask(&Actor::new("oracle"), contract, verb);
            }
            35..45 => self.ask(&supplier, contract, challenge(Ground::ReviewUnfounded)),
            45..55 if temper == Temper::Quarrelsome => {
                self.ask(&buyer, contract, challenge(Ground::ValidatorGamed));
            }
            _ => {}
        }
    }

    /// Takes out all it has before somebody wants it back.
    fn empty(&mut self, supplier: &Actor) {
        let all = self.stage.has(supplier);
        if all > 0 {
            self.seen.mark("a supplier emptied its account");
            let action = Action::Withdraw {
                asset: usd(),
                amount: cents(all),
            };
            self.withdraw(supplier, action);
        }
    }

    fn curing(&mut self, contract: &Contract) {
        let (supplier, craft) = self.supplier(contract);
        match self.chance.below(100) {
            0..12 => self.ask(&supplier, contract, challenge(Ground::EvidenceFalse)),
            12..20 => self.ask(&supplier, contract, challenge(Ground::VerdictWrong)),
            20..34 => self.judge(contract),
            34..58 if !matches!(craft, Craft::Vanishing | Craft::Emptying) => {
                let truth =
                    *self
                        .chance
                        .pick(&[Truth::Good, Truth::Good, Truth::Bad, Truth::Unclear]);
                let submission = self.make(truth);
                self.ask(&supplier, contract, ContractAction::Submit { submission });
            }
            _ => {}
        }
    }

    fn arbitrating(&mut self, contract: &Contract) {
        let State::Arbitrating(it) = &contract.state else {
            return;
        };
        let most = it.at_most.minor();
        let sides = [Side::Buyer, Side::Supplier];
        // Now and then what is signed is about another case, or about an offer as it was before.
        let ground = match self.chance.percent(4) {
            true => Ground::VerdictWrong,
            false => it.ground,
        };
        // Whoever has to answer mostly does, before anything else.
        if it.offers_until.is_none() && self.chance.percent(35) {
            let asked = self.who(contract.party(it.claimant.other()));
            return self.ask(&asked, contract, ContractAction::Respond { ground });
        }
        let side = *self.chance.pick(&sides);
        let who = self.who(contract.party(side));
        let amount = match self.chance.percent(40) {
            true => cents(0),
            false => cents(self.chance.between(0, most)),
        };
        let for_side = *self.chance.pick(&sides);
        let stale = match self.chance.below(100) {
            0..3 => 1,
            3..6 => -1,
            _ => 0,
        };
        let as_it_stands = |side| cents((it.last_offer(side).minor() + stale).max(0));
        let verb = match self.chance.below(100) {
            0..4 => ContractAction::Respond { ground },
            4..24 => ContractAction::Offer { ground, amount },
            24..36 => ContractAction::AcceptOffer {
                ground,
                amount: as_it_stands(side.other()),
            },
            36..66 if !self.cast.idle_arbiter => {
                let verb = ContractAction::Rule {
                    ground,
                    for_side,
                    amount: as_it_stands(for_side),
                    reasons: Digest::of(b"reasons"),
                };
                return self.ask(&Actor::new("arbiter"), contract, verb);
            }
            _ => return,
        };
        self.ask(&who, contract, verb);
    }
}
