//! Runs: what engines sign, what counts, and where it leads.

use std::collections::{BTreeMap, BTreeSet};

use proofmark_criteria::FaultCode;

use super::contract::Contract;
use super::table::State;
use super::wire::{self, Signed};
use super::{Auditor, holds};

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Attempt,
    Cure,
    Evidence,
}

/// A submission or a piece of evidence, and what engines signed of it.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) kind: Kind,
    submission: String,
    criteria: String,
    /// Outcome digests by key.
    pub(super) votes: BTreeMap<String, String>,
    /// Keys that signed two outcomes.
    both: BTreeSet<String>,
    /// Verdicts by outcome digest.
    pub(super) verdicts: BTreeMap<String, String>,
    /// Whose signatures were shown outside of disputes, by outcome; and of the verdict in the last dispute, before it.
    shown: BTreeMap<String, BTreeSet<String>>,
    pub(super) before: BTreeSet<String>,
    /// Operators who were paid for it.
    pub(super) paid: BTreeSet<String>,
    /// The outcome that stands.
    pub(super) judgement: Option<String>,
}

impl Auditor {
    /// What was shown of the verdict until now says nothing about a re-run; but whoever is trusted and said it then
    /// says it now, whether it counted then or not.
    pub(super) fn recall(&mut self, c: &Contract, run: &mut Run) -> Result<(), String> {
        let verdict = run.judgement.clone().unwrap_or_default();
        run.before = run.shown.get(&verdict).cloned().unwrap_or_default();
        for key in run.before.clone() {
            let side = key == c.supplier || key == c.buyer;
            let trusted = self.engines.operator(&key).is_some();
            if trusted && !side && !self.engines.struck.contains(&key) {
                self.vote(run, &key, &verdict)?;
            }
        }
        Ok(())
    }

    pub(super) fn start_run(
        &self,
        c: &mut Contract,
        kind: Kind,
        submission: String,
        criteria: String,
    ) {
        c.runs += 1;
        c.extended = false;
        c.run = Some(Run {
            kind,
            submission,
            criteria,
            votes: BTreeMap::new(),
            both: BTreeSet::new(),
            verdicts: BTreeMap::new(),
            shown: BTreeMap::new(),
            before: BTreeSet::new(),
            paid: BTreeSet::new(),
            judgement: None,
        });
    }

    /// Votes of engines that are not trusted any more, or were struck off, are none.
    pub(super) fn forget_untrusted(&self, run: &mut Run) {
        let engines = &self.engines;
        run.votes
            .retain(|key, _| engines.operator(key).is_some() && !engines.struck.contains(key));
    }

    /// A bundle: the signatures in it that count are votes.
    pub(super) fn present_verdict(
        &mut self,
        c: &mut Contract,
        attachment: &[u8],
    ) -> Result<(), String> {
        let signed = wire::bundle(attachment)?;
        // The same outcome may be shown with its criteria or without, and so come to something else.
        let mut run = c.run.take().ok_or("there is nothing to judge")?;
        let verdict = comes_to(&signed, run.kind).to_owned();
        let finding = format!("{} {verdict}", signed.digest);
        self.bound(c, &run, &signed)?;
        self.forget_untrusted(&mut run);
        if matches!(c.state, State::Passed | State::Failed | State::Curing) {
            self.recall(c, &mut run)?;
        }
        // What was signed before a dispute does not uphold the verdict in it.
        let upholds = c.state == State::Disputed && run.judgement.as_ref() == Some(&finding);
        let again = |key: &str| !upholds || !run.before.contains(key);
        let counting = |key: &&String| self.engine_counts(c, key) && again(key);
        let signers: Vec<_> = signed.signers.iter().filter(counting).collect();
        holds(!signers.is_empty(), "no signature counts")?;
        if c.state != State::Disputed {
            let shown = run.shown.entry(finding.clone()).or_default();
            shown.extend(signed.signers.iter().cloned());
        }
        run.verdicts.insert(finding.clone(), verdict);
        for key in signers {
            self.vote(&mut run, key, &finding)?;
        }
        let contradicts = run.judgement.as_ref() != Some(&finding);
        let judged = self.is_judgement(c, &run, &finding);
        c.run = Some(run);
        match (c.state, judged) {
            (State::Verifying | State::Rechecking, true) => self.judged(c, &finding),
            (State::Disputed, true) => self.run_again(c, &finding),
            (State::Verifying | State::Rechecking | State::Disputed, false) => Ok(()),
            _ => {
                holds(contradicts, "it says what the verdict says")?;
                self.open_dispute(c);
                match judged {
                    true => self.run_again(c, &finding),
                    false => Ok(()),
                }
            }
        }
    }

    /// To this contract, its terms, this run, this submission and these criteria.
    fn bound(&self, c: &Contract, run: &Run, signed: &Signed) -> Result<(), String> {
        let predicate = signed.outcome.predicate();
        let binding = predicate.binding.as_ref().ok_or("it is bound to nothing")?;
        let same = binding.audience.as_str() == self.audience
            && binding.contract.id.as_str() == c.name
            && binding.contract.digest.0.to_string() == c.terms_digest
            && i64::from(binding.attempt.get()) == c.runs
            && binding.deliverable.as_str() == c.terms.milestones[c.milestone - 1].deliverable
            && signed.outcome.submission().to_string() == run.submission
            && predicate.criteria.digest.0.to_string() == run.criteria;
        holds(same, "it is bound to something else")
    }

    /// At first the engines of the terms count; after the first deadline, and in disputes, all.
    fn engine_counts(&self, c: &Contract, key: &str) -> bool {
        let named = c.terms.engines.keys.iter().any(|it| it == key);
        let side = key == c.supplier || key == c.buyer;
        self.engines.counts(key, self.now) && (named || (wide(c) && !side))
    }

    /// A key that signs two outcomes counts for neither and is struck off.
    fn vote(&mut self, run: &mut Run, key: &str, outcome: &str) -> Result<(), String> {
        let voted = run.votes.get(key).is_some_and(|before| before != outcome);
        let mut others = run.shown.iter().filter(|(it, _)| it.as_str() != outcome);
        let shown = others.any(|(_, keys)| keys.contains(key));
        if voted || shown {
            run.votes.remove(key);
            run.both.insert(key.to_owned());
            return self.engines.strike(key.to_owned());
        }
        if !run.both.contains(key) {
            run.votes.insert(key.to_owned(), outcome.to_owned());
        }
        Ok(())
    }

    /// Who signed an outcome, of those who count.
    pub(super) fn signers(&self, run: &Run, outcome: &str) -> Vec<String> {
        let votes = run.votes.iter();
        votes
            .filter(|(key, vote)| *vote == outcome && !self.engines.struck.contains(*key))
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Of how many operators they are.
    fn operators(&self, run: &Run, outcome: &str) -> usize {
        let signers = self.signers(run, outcome);
        let operators: BTreeSet<_> = signers
            .iter()
            .filter_map(|key| self.engines.operator(key))
            .collect();
        operators.len()
    }

    /// Whether fewer operators signed any other outcome.
    pub(super) fn leads(&self, run: &Run, outcome: &str) -> bool {
        let own = self.operators(run, outcome);
        let mut others = run.verdicts.keys().filter(|other| *other != outcome);
        own > 0 && others.all(|other| self.operators(run, other) < own)
    }

    /// Whether not more operators signed any other outcome.
    pub(super) fn ties(&self, run: &Run, outcome: &str) -> bool {
        let own = self.operators(run, outcome);
        let mut others = run.verdicts.keys().filter(|other| *other != outcome);
        own > 0 && others.all(|other| self.operators(run, other) <= own)
    }

    /// Whether the outcome that was presented is the judgement now.
    fn is_judgement(&self, c: &Contract, run: &Run, outcome: &str) -> bool {
        let enough = match wide(c) {
            true => {
                let signers = self.signers(run, outcome);
                signers.iter().any(|key| self.engines.is_house(key))
            }
            false => self.operators(run, outcome) >= c.terms.engines.threshold,
        };
        // Who is called because others were silent is not stopped by one of them.
        let called = wide(c) && matches!(c.state, State::Verifying | State::Rechecking);
        let most = match called {
            true => self.ties(run, outcome),
            false => self.leads(run, outcome),
        };
        enough && most
    }

    /// verification → signers: v.
    fn judged(&mut self, c: &mut Contract, outcome: &str) -> Result<(), String> {
        self.pay_run(c, outcome)?;
        self.lead_on(c, outcome)
    }

    /// Who is paid for an outcome: a key of each operator that was not paid for this run before.
    pub(super) fn unpaid(&self, run: &Run, outcome: &str) -> Vec<String> {
        let mut keys = self.engines.payees(&self.signers(run, outcome));
        keys.retain(|key| {
            let operator = self.engines.operator(key);
            !operator.is_some_and(|it| run.paid.contains(it))
        });
        keys
    }

    /// verification → signers of an outcome: v, or what is left.
    pub(super) fn pay_run(&mut self, c: &mut Contract, outcome: &str) -> Result<(), String> {
        let run = c.run.as_mut().ok_or("there is no run")?;
        let signers = self.unpaid(run, outcome);
        if signers.is_empty() {
            return Ok(());
        }
        let operators = signers.iter().filter_map(|key| self.engines.operator(key));
        run.paid.extend(operators.map(str::to_owned));
        let from = c.account("verification");
        let amount = c.terms.fees.verification.min(self.money.balance(&from));
        self.money
            .share_out(&from, &signers, &c.terms.asset, amount)
    }

    /// Where a judgement leads.
    pub(super) fn lead_on(&mut self, c: &mut Contract, outcome: &str) -> Result<(), String> {
        let run = c.run.as_mut().ok_or("there is no run")?;
        run.judgement = Some(outcome.to_owned());
        let last = c.attempts == c.terms.attempts;
        match (run.kind, run.verdicts[outcome].as_str()) {
            (Kind::Attempt, "pass") => self.enter(c, State::Passed),
            (Kind::Attempt, _) if !last => self.enter(c, State::Active),
            (Kind::Cure, "pass") => self.enter(c, State::Provisional),
            (Kind::Attempt | Kind::Cure, _) => self.enter(c, State::Failed),
            // If the target is nothing, so is the evidence.
            (Kind::Evidence, "fail") if c.target > 0 => self.enter(c, State::Curing),
            (Kind::Evidence, _) => self.enter(c, State::Provisional),
        }
        Ok(())
    }

    /// The verdict of the last attempt, or of a cure, stands.
    pub(super) fn did_not_pass(&mut self, c: &mut Contract) -> Result<(), String> {
        let run = c.run.as_ref().ok_or("there is no run")?;
        let judgement = run.judgement.as_deref().unwrap_or_default();
        let verdict = run.verdicts.get(judgement).map(String::as_str);
        match (run.kind, verdict) {
            (Kind::Cure, _) => self.claw_back(c, c.target),
            (_, Some("fail")) => self.rejected(c),
            _ => self.void(c),
        }
    }

    /// The market's own engine is called; where it was, nobody knows.
    pub(super) fn nobody_judged(&mut self, c: &mut Contract) -> Result<(), String> {
        if !c.extended {
            self.enter(c, c.state);
            c.extended = true;
            return Ok(());
        }
        match c.run.as_ref().map(|run| run.kind) {
            Some(Kind::Cure) => self.claw_back(c, c.target),
            Some(Kind::Evidence) => {
                self.enter(c, State::Provisional);
                Ok(())
            }
            _ => self.void(c),
        }
    }
}

/// What an outcome says; of work, a required criterion whose validator refused it has failed. (These parties have no
/// others.)
fn comes_to(signed: &Signed, kind: Kind) -> &'static str {
    if kind == Kind::Evidence {
        return signed.outcome.verdict().as_str();
    }
    let criteria = signed.outcome.predicate().result.criteria.items.as_ref();
    let mut criteria = criteria.into_iter().flatten();
    let refused = |fault: Option<FaultCode>| fault == Some(FaultCode::RefusedSubmission);
    match criteria.any(|it| it.required && refused(it.fault)) {
        true => "fail",
        false => signed.outcome.verdict().as_str(),
    }
}

/// Whether every engine of the trust policy counts.
fn wide(c: &Contract) -> bool {
    c.extended || !matches!(c.state, State::Verifying | State::Rechecking)
}
