//! Terms that contradict nothing, to be changed by whoever tells a story.

use proofmark_core::{Digest, Ppm};
use proofmark_market::Terms;
use proofmark_market::award::{AwardRule, Qualification};
use proofmark_market::terms::{
    Arbitration, Award, BidMode, Bonds, Engines, Fees, HumanReview, Losses, Milestone, Penalties,
    Schedule, Step, Warranty, Windows,
};

use super::rules::PROFILE;
use super::work::{EVIDENCE, MILESTONE};
use super::{Actor, Work, cents, engines, usd};

fn share(ppm: u32) -> Ppm {
    Ppm::new(ppm).expect("a share")
}

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// A ticket at most 50.00: one engine of three judges, a fifth is held back for 72 hours, in which the ticket may be
/// reopened.
#[must_use]
pub fn terms() -> Terms {
    let mut keys: Vec<_> = engines().iter().take(3).map(Actor::id).collect();
    keys.sort();
    Terms {
        schema: Terms::SCHEMA.to_owned(),
        outcome_class: "support_ticket_resolved".to_owned(),
        instrument: None,
        asset: usd(),
        milestones: vec![Milestone {
            deliverable: "ticket".to_owned(),
            criteria: Work::criteria(MILESTONE).digest(),
            share: Ppm::ONE,
        }],
        engines: Engines {
            keys,
            threshold: 1,
            profile: Digest::of(PROFILE.as_bytes()),
        },
        award: Award {
            rule: AwardRule::FirstScore,
            bids: BidMode::Open,
            price_ceiling: cents(5_000),
            total_ceiling: None,
            qualification: Qualification::default(),
        },
        attempts: 2,
        windows: Windows {
            bidding_seconds: HOUR,
            reveal_seconds: None,
            award_seconds: HOUR,
            delivery_seconds: DAY,
            retry_seconds: 2 * HOUR,
            verification_seconds: 900,
            challenge_seconds: HOUR,
            rerun_seconds: HOUR,
        },
        holdback: share(200_000),
        bonds: Bonds {
            bid: cents(50),
            performance: cents(500),
            challenge: cents(60),
        },
        fees: Fees {
            market: share(25_000),
            verification: cents(2),
        },
        penalties: Penalties {
            cancelled_rfq: cents(30),
            cancelled: share(200_000),
            rejected: share(100_000),
            resigned: share(100_000),
            defaulted: share(500_000),
            to_buyer: share(500_000),
        },
        losses: Losses {
            fail: cents(800),
            defect: cents(2_000),
        },
        human_review: Some(HumanReview {
            reviewers: vec![Actor::new("reviewer").id()],
            grounds: vec!["tone".to_owned()],
            cap: share(100_000),
        }),
        warranty: Some(Warranty {
            warranty_seconds: 72 * HOUR,
            evidence_seconds: 72 * HOUR,
            evidence_max: 2,
            cure_seconds: DAY,
            oracles: vec![Actor::new("oracle").id()],
            criteria: Work::criteria(EVIDENCE).digest(),
            clawback: Schedule::new(vec![Step {
                after_seconds: 0,
                share: Ppm::ONE,
            }]),
        }),
        arbitration: Some(Arbitration {
            arbiter: Actor::new("arbiter").id(),
            fee: cents(100),
            respond_seconds: DAY,
            offer_seconds: DAY,
            ruling_seconds: 3 * DAY,
        }),
        reference: None,
    }
}
