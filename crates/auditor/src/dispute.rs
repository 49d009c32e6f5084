//! A verdict is said to be wrong, and other engines run the same validators again.

use super::Auditor;
use super::contract::Contract;
use super::table::State;
use super::verdict::Kind;

impl Auditor {
    /// party → dispute: D.
    pub(super) fn challenge(&mut self, c: &mut Contract, sender: &str) -> Result<(), String> {
        let bond = c.terms.bonds.challenge;
        self.money.post(&c.own(sender), &c.dispute(sender), bond)?;
        if let Some(mut run) = c.run.take() {
            self.recall(c, &mut run)?;
            c.run = Some(run);
        }
        self.open_dispute(c);
        c.challenger = Some(sender.to_owned());
        Ok(())
    }

    pub(super) fn open_dispute(&self, c: &mut Contract) {
        c.from = c.state;
        c.challenger = None;
        self.enter(c, State::Disputed);
    }

    /// Other engines agree on an outcome; who signed anything else is struck off.
    pub(super) fn run_again(&mut self, c: &mut Contract, outcome: &str) -> Result<(), String> {
        let run = c.run.as_ref().ok_or("there is no run")?;
        let upheld = run.judgement.as_deref() == Some(outcome);
        let wrong = run.votes.iter().filter(|(_, vote)| *vote != outcome);
        for (key, _) in wrong {
            self.engines.strike(key.clone())?;
        }
        if upheld {
            self.upheld(c, outcome)
        } else {
            self.pay_run(c, outcome)?;
            self.bond_back(c)?;
            self.lead_on(c, outcome)
        }
    }

    /// The challenger's bond pays the re-run; half of the rest goes to the side that the verdict favours.
    fn upheld(&mut self, c: &mut Contract, outcome: &str) -> Result<(), String> {
        if let Some(challenger) = c.challenger.take() {
            let run = c.run.as_ref().ok_or("there is no run")?;
            let unpaid = self.unpaid(run, outcome);
            let (bond, asset) = (c.dispute(&challenger), &c.terms.asset);
            if !unpaid.is_empty() {
                let costs = c.terms.fees.verification.min(self.money.balance(&bond));
                self.money.share_out(&bond, &unpaid, asset, costs)?;
            }
            self.divide(c, &bond, outcome)?;
        }
        self.enter(c, c.from);
        Ok(())
    }

    /// The same where nobody ran it again.
    fn upheld_without_a_run(&mut self, c: &mut Contract, outcome: &str) -> Result<(), String> {
        match c.challenger.take() {
            Some(challenger) => self.divide(c, &c.dispute(&challenger), outcome),
            None => Ok(()),
        }
    }

    /// What is left of a lost bond: half to the side that the verdict favours, if it favours any.
    fn divide(&mut self, c: &Contract, bond: &str, outcome: &str) -> Result<(), String> {
        let run = c.run.as_ref().ok_or("there is no run")?;
        let nobody_knows = run.verdicts[outcome] == "inconclusive" && run.kind == Kind::Attempt;
        let favoured = match c.from {
            State::Passed => &c.supplier,
            _ => &c.buyer,
        };
        if !nobody_knows {
            let half = self.money.balance(bond) / 2;
            self.money.post(bond, &c.own(favoured), half)?;
        }
        self.money.rest(bond, &format!("pool/{}", c.terms.asset))
    }

    /// dispute → party: rest.
    fn bond_back(&mut self, c: &mut Contract) -> Result<(), String> {
        match c.challenger.take() {
            Some(party) => self.money.rest(&c.dispute(&party), &c.own(&party)),
            None => Ok(()),
        }
    }

    fn referee_passed(&self, c: &Contract) -> bool {
        let run = c.run.as_ref();
        run.is_some_and(|run| {
            let mut passes = run
                .verdicts
                .iter()
                .filter(|(_, verdict)| *verdict == "pass");
            passes.any(|(finding, _)| {
                let mut signers = self.signers(run, finding).into_iter();
                self.ties(run, finding) && signers.any(|key| self.engines.is_house(&key))
            })
        })
    }

    /// The verdict stands if more operators signed it than any other outcome.
    pub(super) fn nobody_ran_it_again(&mut self, c: &mut Contract) -> Result<(), String> {
        let run = c.run.as_mut().ok_or("there is no run")?;
        self.forget_untrusted(run);
        let verdict = run.judgement.clone().unwrap_or_default();
        // The referee had spoken: a tie is not enough, and who challenged in vain has lost.
        let mut signers = self.signers(run, &verdict).into_iter();
        let tie = self.ties(run, &verdict) && signers.any(|key| self.engines.is_house(&key));
        let (leads, kind) = (tie || self.leads(run, &verdict), run.kind);
        match tie {
            true => self.upheld_without_a_run(c, &verdict)?,
            false => self.bond_back(c)?,
        }
        match (leads, kind) {
            (true, _) => self.enter(c, c.from),
            (false, Kind::Evidence) => self.enter(c, State::Provisional),
            // Against the referee, who found a pass, one is not enough.
            (false, Kind::Cure) if self.referee_passed(c) => self.enter(c, State::Provisional),
            (false, Kind::Cure) => return self.claw_back(c, c.target),
            (false, _) => return self.void(c),
        }
        Ok(())
    }
}
