//! The terms of an RFQ, as far as money follows from them. Shares are parts per million.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Terms {
    pub(super) asset: String,
    pub(super) milestones: Vec<Milestone>,
    pub(super) engines: Engines,
    pub(super) award: Award,
    pub(super) attempts: i64,
    pub(super) windows: Windows,
    pub(super) holdback: i64,
    pub(super) bonds: Bonds,
    pub(super) fees: Fees,
    pub(super) penalties: Penalties,
    pub(super) losses: Losses,
    pub(super) human_review: Option<HumanReview>,
    pub(super) warranty: Option<Warranty>,
    pub(super) arbitration: Option<Arbitration>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Milestone {
    pub(super) deliverable: String,
    pub(super) criteria: String,
    pub(super) share: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Engines {
    pub(super) keys: Vec<String>,
    pub(super) threshold: usize,
}

#[derive(Debug, Deserialize)]
pub(super) struct Award {
    pub(super) rule: String,
    pub(super) bids: String,
    pub(super) price_ceiling: i64,
    pub(super) total_ceiling: Option<i64>,
    #[serde(default)]
    pub(super) qualification: Qualification,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Qualification {
    pub(super) benchmark_min: Option<i64>,
    pub(super) errors_max: Option<i64>,
    pub(super) finals_per_day_min_milli: Option<i64>,
    pub(super) latency_max_seconds: Option<i64>,
    pub(super) newcomer_bond: Option<i64>,
    pub(super) uptime_min: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Windows {
    pub(super) bidding_seconds: i64,
    pub(super) reveal_seconds: Option<i64>,
    pub(super) award_seconds: i64,
    pub(super) delivery_seconds: i64,
    pub(super) retry_seconds: i64,
    pub(super) verification_seconds: i64,
    pub(super) challenge_seconds: i64,
    pub(super) rerun_seconds: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Bonds {
    pub(super) bid: i64,
    pub(super) performance: i64,
    pub(super) challenge: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Fees {
    pub(super) market: i64,
    pub(super) verification: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Penalties {
    pub(super) cancelled_rfq: i64,
    pub(super) cancelled: i64,
    pub(super) rejected: i64,
    pub(super) resigned: i64,
    pub(super) defaulted: i64,
    pub(super) to_buyer: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Losses {
    pub(super) fail: i64,
    pub(super) defect: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct HumanReview {
    pub(super) reviewers: Vec<String>,
    pub(super) grounds: Vec<String>,
    pub(super) cap: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Warranty {
    pub(super) warranty_seconds: i64,
    pub(super) evidence_seconds: i64,
    pub(super) evidence_max: i64,
    pub(super) cure_seconds: i64,
    pub(super) oracles: Vec<String>,
    pub(super) criteria: String,
    pub(super) clawback: Vec<Step>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) after_seconds: i64,
    pub(super) share: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Arbitration {
    pub(super) arbiter: String,
    pub(super) fee: i64,
    pub(super) respond_seconds: i64,
    pub(super) offer_seconds: i64,
    pub(super) ruling_seconds: i64,
}

impl Terms {
    /// V of one milestone.
    pub(super) fn verification_budget(&self) -> i64 {
        let evidence = self.warranty.as_ref().map_or(0, |it| it.evidence_max);
        let arbiter = self.arbitration.as_ref().map_or(0, |it| it.fee);
        self.fees.verification * (2 * self.attempts + 4 * evidence)
            + (1 + evidence.max(1)) * arbiter
    }

    pub(super) fn shares(&self) -> Vec<i64> {
        self.milestones.iter().map(|one| one.share).collect()
    }

    /// Whoever judges, reviews, states facts or rules.
    pub(super) fn has_office(&self, party: &str) -> bool {
        let named = |keys: &[String]| keys.iter().any(|key| key == party);
        named(&self.engines.keys)
            || self
                .human_review
                .as_ref()
                .is_some_and(|it| named(&it.reviewers))
            || self.warranty.as_ref().is_some_and(|it| named(&it.oracles))
            || self
                .arbitration
                .as_ref()
                .is_some_and(|it| it.arbiter == party)
    }
}

impl Warranty {
    /// The share that is paid back so many seconds after payment: that of the first step before it, that of the last
    /// step after it, in between on the line from one step to the next, rounded down.
    pub(super) fn share_at(&self, seconds: i64) -> i64 {
        let Some(first) = self.clawback.first() else {
            return 0;
        };
        let mut earlier = first;
        for step in &self.clawback {
            if seconds < step.after_seconds {
                return between(earlier, step, seconds);
            }
            earlier = step;
        }
        earlier.share
    }
}

fn between(earlier: &Step, later: &Step, seconds: i64) -> i64 {
    let length = i128::from(later.after_seconds - earlier.after_seconds);
    if length == 0 {
        return later.share;
    }
    let gone = i128::from(seconds - earlier.after_seconds);
    let [from, to] = [earlier.share, later.share].map(i128::from);
    let share = (from * (length - gone) + to * gone) / length;
    i64::try_from(share).unwrap_or(0)
}
