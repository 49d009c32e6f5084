//! What engines say, by their eyes.

use proofmark_core::Digest;
use proofmark_market::contract::{Contract, Run, State};
use proofmark_market::{Action, ContractAction};

use super::cast::Eye;
use super::{Season, Truth};
use crate::stage::{Actor, Says, bundle};

impl Season {
    /// An engine, or two that agree, say something of what waits.
    pub(super) fn judge(&mut self, contract: &Contract) {
        let Some(run) = contract.run().cloned() else {
            return self.judge_nothing(contract);
        };
        let truth = self.truths.get(&run.submission()).copied();
        let truth = truth.unwrap_or(Truth::Unclear);
        if self.chance.percent(60) && self.contradict(contract, &run, truth) {
            return;
        }
        let engines = self.asked(contract);
        let (first, eye) = self.chance.pick(&engines).clone();
        let Some(says) = self.says(eye, truth) else {
            return;
        };
        let mut signers = vec![first];
        if self.chance.percent(40) {
            let (second, eye) = self.chance.pick(&engines).clone();
            if self.says(eye, truth) == Some(says) && second.id() != signers[0].id() {
                signers.push(second);
            }
        }
        self.present(contract, &run, says, &signers);
    }

    /// All honest engines together, where a verdict stands that is not what is; or two who agree on a reason of their
    /// own.
    fn contradict(&mut self, contract: &Contract, run: &Run, truth: Truth) -> bool {
        if !matches!(
            contract.state,
            State::Passed(_) | State::Failed(_) | State::Curing(_)
        ) {
            return false;
        }
        let honest = self.cast.engines.iter();
        let honest = honest.filter(|(_, eye)| *eye == Eye::Honest);
        let honest: Vec<_> = honest.map(|(who, _)| who.clone()).collect();
        let says = match self.chance.percent(20) {
            true => Some(Says::FailOtherwise),
            false => self.says(Eye::Honest, truth),
        };
        let (Some(says), false) = (says, honest.is_empty()) else {
            return false;
        };
        self.present(contract, run, says, &honest);
        true
    }

    /// Whom this is for: the engines of the terms, later everybody, and now and then those whom nobody asked.
    fn asked(&mut self, contract: &Contract) -> Vec<(Actor, Eye)> {
        let everybody = match &contract.state {
            State::Verifying(it) => it.house,
            State::Rechecking(it) => it.house,
            _ => true,
        };
        let house = Actor::house().id();
        let all = self.cast.engines.iter();
        match everybody {
            // The market's own is asked as often as all the others together.
            true if self.chance.percent(50) => {
                all.filter(|(who, _)| who.id() == house).cloned().collect()
            }
            true => all.cloned().collect(),
            false if self.chance.percent(3) => all.cloned().collect(),
            false => {
                let keys = &contract.terms.engines.keys;
                all.filter(|(who, _)| keys.contains(&who.id()))
                    .cloned()
                    .collect()
            }
        }
    }

    fn says(&mut self, eye: Eye, truth: Truth) -> Option<Says> {
        let honest = match truth {
            Truth::Good => Says::Pass,
            Truth::Bad => Says::Fail,
            Truth::Unclear => Says::Inconclusive,
        };
        match eye {
            Eye::Honest => Some(honest),
            Eye::Silent => self.chance.percent(5).then_some(honest),
            Eye::Broken => Some(Says::FailOtherwise),
            Eye::Lying => Some(match honest {
                Says::Pass => Says::Fail,
                _ => Says::Pass,
            }),
            Eye::TwoFaced => Some(*self.chance.pick(&[Says::Pass, Says::Fail])),
        }
    }

    fn present(&mut self, contract: &Contract, run: &Run, says: Says, signers: &[Actor]) {
        let Some(manifest) = self.stage.manifest(&run.submission()) else {
            return;
        };
        let signers: Vec<_> = signers.iter().collect();
        let bundle = bundle(run, manifest, says, &signers);
        let verb = ContractAction::PresentVerdict {
            bundle: Digest::of(&bundle),
        };
        let contract = contract.id;
        let action = Action::Contract { contract, verb };
        self.send(&Actor::passer_by(), action, Some(bundle));
    }

    fn judge_nothing(&mut self, contract: &Contract) {
        let verb = ContractAction::PresentVerdict {
            bundle: Digest::of(b"nothing"),
        };
        let contract = contract.id;
        let action = Action::Contract { contract, verb };
        self.send(&Actor::passer_by(), action, Some(b"nothing".to_vec()));
    }
}
