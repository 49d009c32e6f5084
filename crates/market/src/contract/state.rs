//! Where a contract stands. One struct per state; each that is not an ending has a deadline.

use std::collections::{BTreeMap, BTreeSet};

use proofmark_core::Timestamp;
use proofmark_criteria::Verdict;
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;
use serde::Serialize;

use super::run::Run;
use super::table::StateName;
use crate::command::{Ground, Side};
use crate::ids::PartyId;
use crate::money::proof::{Conclusion, Fail, NotPassed, Pass};

/// Where a contract stands.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(
    clippy::large_enum_variant,
    reason = "most contracts are in the large ones most of the time"
)]
pub enum State {
    /// The supplier works.
    Active(Active),
    /// Engines judge a submission.
    Verifying(Verifying),
    /// It passed; the verdict can be challenged.
    Passed(Passed),
    /// The last attempt, or a cure, did not pass; the verdict can be challenged.
    Failed(Failed),
    /// Paid but for the holdback; evidence can undo it.
    Provisional(Provisional),
    /// Engines judge the evidence.
    Rechecking(Rechecking),
    /// The evidence holds; the supplier may mend what was found.
    Curing(Curing),
    /// Other engines run the validators again.
    Disputed(Disputed),
    /// The two sides make offers, and an arbiter rules.
    Arbitrating(Arbitrating),
    /// Over.
    Ended(Ended),
}

/// The supplier works.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Active {
    /// The last moment to submit.
    pub submit_by: Timestamp,
}

/// Engines judge a submission.
#[derive(Debug, Clone, Serialize)]
pub struct Verifying {
    /// What they say.
    pub run: Run,
    /// What follows from it.
    pub purpose: Purpose,
    /// The last moment to judge.
    pub verify_by: Timestamp,
    /// Whether the market's own engine was called, because the others were silent.
    pub house: bool,
}

/// What a submission is for.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An attempt at the milestone.
    Attempt,
    /// Mends what evidence found, or so much is paid back.
    Cure {
        /// What the buyer gets back otherwise.
        target: Amount,
        /// Where the contract returns to.
        warranty: Provisional,
        /// Why the cure was needed.
        fail: Fail,
    },
}

/// Whether a verdict was disputed before, and how that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmed {
    /// It was not.
    No,
    /// Nobody ran it again in time. Only a contradiction that is the judgement at once can change it: else a friend's
    /// challenge, which costs nothing if nobody answers it, would take everybody else's.
    BySilence,
    /// It was run again.
    ByRerun,
}

/// It passed.
#[derive(Debug, Clone, Serialize)]
pub struct Passed {
    /// The proof.
    pub pass: Pass,
    /// What engines said.
    pub run: Run,
    /// Whether it was disputed before.
    pub confirmed: Confirmed,
    /// The last moment to challenge.
    pub challenge_until: Timestamp,
}

/// The last attempt, or a cure, did not pass.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// The proof.
    pub why: NotPassed,
    /// What the submission was for.
    pub purpose: Purpose,
    /// What engines said.
    pub run: Run,
    /// Whether it was disputed before.
    pub confirmed: Confirmed,
    /// The last moment to challenge.
    pub challenge_until: Timestamp,
}

/// Paid but for the holdback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provisional {
    /// The proof.
    pub pass: Pass,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// What a reviewer withheld of the holdback.
    pub withheld: Amount,
    /// The last moment for evidence.
    pub evidence_until: Timestamp,
    /// After then it is final.
    pub finality_at: Timestamp,
    /// While evidence is judged, mended or arbitrated, the clock of the warranty stands: since when.
    pub stands_since: Option<Timestamp>,
    /// How long it has stood before, in microseconds.
    pub stood_micros: u64,
}

impl Provisional {
    /// The clock of the warranty stands.
    pub(crate) fn stopped(&self, at: Timestamp) -> Self {
        Self {
            stands_since: Some(at),
            ..self.clone()
        }
    }

    /// The clock goes on: what was left of the windows is left again.
    pub(crate) fn resumed(self, at: Timestamp) -> Self {
        let Some(since) = self.stands_since else {
            return self;
        };
        let stood = at.micros().saturating_sub(since.micros()).max(0);
        let later = |moment: Timestamp| {
            let micros = moment.micros().saturating_add(stood);
            Timestamp::from_micros(micros).unwrap_or(moment)
        };
        Self {
            evidence_until: later(self.evidence_until),
            finality_at: later(self.finality_at),
            stands_since: None,
            stood_micros: self.stood_micros.saturating_add(stood.unsigned_abs()),
            ..self
        }
    }

    /// Whole seconds between payment and a moment, without the time during which the clock stood.
    pub(crate) fn seconds_until(&self, at: Timestamp) -> u64 {
        let passed = at.micros().saturating_sub(self.paid_at.micros());
        passed.unsigned_abs().saturating_sub(self.stood_micros) / 1_000_000
    }
}

/// Engines judge the evidence.
#[derive(Debug, Clone, Serialize)]
pub struct Rechecking {
    /// What they say.
    pub run: Run,
    /// When the evidence came in.
    pub evidence_at: Timestamp,
    /// The last moment to judge.
    pub verify_by: Timestamp,
    /// Whether the market's own engine was called.
    pub house: bool,
    /// Where the contract returns to.
    pub warranty: Provisional,
}

/// The evidence holds.
#[derive(Debug, Clone, Serialize)]
pub struct Curing {
    /// The proof.
    pub fail: Fail,
    /// What engines said of the evidence.
    pub run: Run,
    /// Whether it was disputed before.
    pub confirmed: Confirmed,
    /// What the buyer gets back if nothing is mended.
    pub target: Amount,
    /// When the evidence came in.
    pub evidence_at: Timestamp,
    /// The last moment to mend it.
    pub cure_by: Timestamp,
    /// Where the contract returns to.
    pub warranty: Provisional,
}

/// Other engines run the validators again.
#[derive(Debug, Clone, Serialize)]
pub struct Disputed {
    /// What they say.
    pub run: Run,
    /// The last moment to say it.
    pub rerun_until: Timestamp,
    /// Who asked for it and put up a bond; nobody where two signed verdicts contradict each other.
    pub challenger: Option<PartyId>,
    /// Whose signature of that verdict had been shown before, whether it counted or not: it says nothing about a re-run.
    pub signed_before: BTreeSet<KeyId>,
    /// What is disputed.
    pub was: Was,
}

/// The verdict that is disputed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Was {
    /// A pass.
    Passed(Pass),
    /// The last attempt, or a cure, did not pass.
    Failed(NotPassed, Purpose),
    /// A fail of the evidence's re-check.
    Curing(Box<Curing>),
}

/// The two sides make offers, and an arbiter rules.
#[derive(Debug, Clone, Serialize)]
pub struct Arbitrating {
    /// About what.
    pub ground: Ground,
    /// Who raised it.
    pub claimant: Side,
    /// What the claimant wants the buyer to get.
    pub claim: Amount,
    /// The most that the buyer can get.
    pub at_most: Amount,
    /// Once the other side has put up its fee: the last moment to change an offer. The arbiter rules after it.
    pub offers_until: Option<Timestamp>,
    /// The last moment for what is due next: the fee, then the ruling.
    pub until: Timestamp,
    /// What the contract lent each side for its fee, because it had not enough itself.
    pub lent: BTreeMap<Side, Amount>,
    /// The last offer of each side: what the buyer should get.
    pub offers: BTreeMap<Side, Amount>,
    /// What is disputed.
    pub over: Box<State>,
}

impl Arbitrating {
    /// What a side stands for: its last offer; without one, what it wants.
    #[must_use]
    pub fn last_offer(&self, side: Side) -> Amount {
        let wants = match side {
            _ if side == self.claimant => self.claim,
            Side::Buyer => self.at_most,
            Side::Supplier => Amount::ZERO,
        };
        self.offers.get(&side).copied().unwrap_or(wants)
    }
}

/// Over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// How.
    pub ending: Ending,
    /// When.
    pub at: Timestamp,
}

/// How a contract ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The work passed, and nothing was found until finality.
    Final,
    /// The work failed to the end.
    Rejected,
    /// The supplier did not deliver.
    Defaulted,
    /// The buyer withdrew.
    Cancelled,
    /// Nobody knows; everybody gets back what was theirs.
    Void,
    /// The outcome did not last.
    ClawedBack,
}

impl State {
    /// Which state it is.
    #[must_use]
    pub const fn name(&self) -> StateName {
        match self {
            Self::Active(_) => StateName::Active,
            Self::Verifying(_) => StateName::Verifying,
            Self::Passed(_) => StateName::Passed,
            Self::Failed(_) => StateName::Failed,
            Self::Provisional(_) => StateName::Provisional,
            Self::Rechecking(_) => StateName::Rechecking,
            Self::Curing(_) => StateName::Curing,
            Self::Disputed(_) => StateName::Disputed,
            Self::Arbitrating(_) => StateName::Arbitrating,
            Self::Ended(ended) => match ended.ending {
                Ending::Final => StateName::Final,
                Ending::Rejected => StateName::Rejected,
                Ending::Defaulted => StateName::Defaulted,
                Ending::Cancelled => StateName::Cancelled,
                Ending::Void => StateName::Void,
                Ending::ClawedBack => StateName::ClawedBack,
            },
        }
    }

    /// The last moment before something happens by itself. Only what has ended has none.
    #[must_use]
    pub const fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Active(it) => Some(it.submit_by),
            Self::Verifying(it) => Some(it.verify_by),
            Self::Passed(it) => Some(it.challenge_until),
            Self::Failed(it) => Some(it.challenge_until),
            Self::Provisional(it) => Some(it.finality_at),
            Self::Rechecking(it) => Some(it.verify_by),
            Self::Curing(it) => Some(it.cure_by),
            Self::Disputed(it) => Some(it.rerun_until),
            Self::Arbitrating(it) => Some(it.until),
            Self::Ended(_) => None,
        }
    }

    pub(crate) const fn ended(ending: Ending, at: Timestamp) -> Self {
        Self::Ended(Ended { ending, at })
    }
}

impl Was {
    /// On what the verdict rests.
    #[must_use]
    pub const fn conclusion(&self) -> Conclusion {
        let (outcome, verdict) = match self {
            Self::Passed(pass) => (pass.outcome(), Verdict::Pass),
            Self::Failed(why, _) => return why.conclusion(),
            Self::Curing(curing) => (curing.fail.outcome(), Verdict::Fail),
        };
        Conclusion { outcome, verdict }
    }
}
