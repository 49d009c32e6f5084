//! What engines say, by their eyes.

use std::collections::BTreeSet;

use proofmark_core::Digest;
use proofmark_criteria::Verdict;
use proofmark_market::contract::{Contract, Purpose, Run, State, Vote};
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
        let truth = self.truth(&run);
        if self.chance.percent(60) && self.contradict(contract) {
            return;
        }
        let engines = self.asked(contract, &run);
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

    /// Whether a verdict stands that is not what is.
    pub(super) fn is_wrong(&self, contract: &Contract) -> bool {
        let stands = match contract.state {
            State::Passed(_) => Truth::Good,
            State::Failed(ref it) if it.why.verdict() == Verdict::Inconclusive => Truth::Unclear,
            State::Failed(_) | State::Curing(_) => Truth::Bad,
            _ => return false,
        };
        let truth = match contract.run() {
            Some(run) => self.truth(run),
            None => return false,
        };
        let truth = match truth {
            Truth::Unreadable => Truth::Bad,
            truth => truth,
        };
        truth != stands
    }

    fn truth(&self, run: &Run) -> Truth {
        let known = self.truths.get(&run.submission()).copied();
        known.unwrap_or(Truth::Unclear)
    }

    /// All honest engines together, where a verdict stands that is not what is; or two who agree on a reason of their
    /// own.
    pub(super) fn contradict(&mut self, contract: &Contract) -> bool {
        let Some(run) = contract.run() else {
            return false;
        };
        if !matches!(
            contract.state,
            State::Passed(_) | State::Failed(_) | State::Curing(_)
        ) {
            return false;
        }
        let honest = self.cast.engines.iter();
        let honest = honest.filter(|(_, eye)| *eye == Eye::Honest);
        let honest: Vec<_> = honest.map(|(who, _)| who.clone()).collect();
        // A cure that failed is seldom, and more seldom found good by everybody.
        let cured = matches!(&contract.state, State::Failed(it) if matches!(it.purpose, Purpose::Cure { .. }));
        let passes = if cured { 12..70 } else { 12..20 };
        let says = match self.chance.below(100) {
            0..12 => Some(Says::FailOtherwise),
            it if passes.contains(&it) => Some(Says::PassOtherwise),
            _ => self.says(Eye::Honest, self.truth(run)),
        };
        let (Some(says), false) = (says, honest.is_empty()) else {
            return false;
        };
        self.present(contract, run, says, &honest);
        true
    }

    /// Whom this is for, mostly without those who have spoken: a run is judged more often than it runs out of time.
    fn asked(&mut self, contract: &Contract, run: &Run) -> Vec<(Actor, Eye)> {
        let competent = self.competent(contract);
        let votes = run.votes().all().iter();
        let spoke: BTreeSet<_> = votes.flat_map(Vote::signers).copied().collect();
        let silent = competent
            .iter()
            .filter(|(who, _)| !spoke.contains(&who.id()));
        let silent: Vec<_> = silent.cloned().collect();
        let asked = match silent.is_empty() || self.chance.percent(15) {
            true => competent,
            false => silent,
        };
        // The market's own is asked as often as all the others together.
        let house = Actor::house().id();
        match asked.iter().find(|(who, _)| who.id() == house) {
            Some(house) if self.chance.percent(50) => vec![house.clone()],
            _ => asked,
        }
    }

    /// The engines of the terms, later everybody, and now and then those whom nobody asked.
    fn competent(&mut self, contract: &Contract) -> Vec<(Actor, Eye)> {
        let everybody = match &contract.state {
            State::Verifying(it) => it.house,
            State::Rechecking(it) => it.house,
            _ => true,
        };
        let keys = &contract.terms.engines.keys;
        let uninvited = everybody || self.chance.percent(3);
        let all = self.cast.engines.iter();
        let competent = all.filter(|(who, _)| uninvited || keys.contains(&who.id()));
        competent.cloned().collect()
    }

    fn says(&mut self, eye: Eye, truth: Truth) -> Option<Says> {
        let honest = match truth {
            Truth::Good => Says::Pass,
            Truth::Bad => Says::Fail,
            Truth::Unclear => Says::Inconclusive,
            Truth::Unreadable => Says::Refused,
        };
        match eye {
            Eye::Honest => Some(honest),
            Eye::Silent => self.chance.percent(5).then_some(honest),
            Eye::Broken => Some(Says::FailOtherwise),
            Eye::Lying => Some(match honest {
                Says::Pass => Says::Fail,
                Says::Inconclusive => *self.chance.pick(&[Says::Pass, Says::Fail]),
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
