//! Terms of all kinds that contradict nothing.

use proofmark_core::Ppm;
use proofmark_market::Terms;
use proofmark_market::award::AwardRule;
use proofmark_market::terms::{BidMode, Schedule, Step};

use super::chance::Chance;
use super::variety;
use crate::stage::{Actor, cents, engines, terms};

pub(super) fn share(ppm: i64) -> Ppm {
    Ppm::new(u32::try_from(ppm).expect("not negative")).expect("a share")
}

/// Whether the job is so large that its fee lets its supplier have something at risk afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Large,
    Small,
}

/// Terms by chance.
pub(super) fn draw(chance: &mut Chance, size: Size) -> Terms {
    let mut it = terms();
    it.outcome_class = (*chance.pick(&["ticket", "ticket", "ticket", "claim"])).to_owned();
    it.award.rule = *chance.pick(&[
        AwardRule::FirstPrice,
        AwardRule::FirstScore,
        AwardRule::SecondScore,
    ]);
    if chance.percent(40) {
        it.award.bids = BidMode::Sealed;
        it.windows.reveal_seconds = Some(1_800);
    }
    it.attempts = u32::try_from(chance.between(1, 3)).expect("small");
    judges(chance, &mut it);
    shares(chance, &mut it);
    if size == Size::Large {
        it.award.price_ceiling = cents(chance.between(10_000, 20_000));
        it.fees.market = share(100_000);
        it.warranty = None;
    }
    milestones(chance, &mut it);
    after(chance, &mut it);
    if size == Size::Small {
        variety::vary(chance, &mut it);
    }
    it
}

fn judges(chance: &mut Chance, it: &mut Terms) {
    let mut keys: Vec<_> = engines().iter().map(Actor::id).collect();
    let left_out = chance.below(keys.len() as u64);
    keys.remove(usize::try_from(left_out).expect("an index"));
    keys.sort();
    it.engines.keys = keys;
    // Two of the four belong to one operator, so two operators are always among three.
    it.engines.threshold = u32::try_from(chance.between(1, 2)).expect("small");
}

fn shares(chance: &mut Chance, it: &mut Terms) {
    it.holdback = share(chance.between(0, 1_000_000));
    it.fees.market = share(chance.between(5_000, 100_000));
    it.fees.verification = cents(chance.between(0, 7));
    it.penalties.cancelled = share(chance.between(0, 1_000_000));
    it.penalties.rejected = share(chance.between(0, 1_000_000));
    it.penalties.defaulted = share(chance.between(0, 1_000_000));
    let resigned = chance.between(0, i64::from(it.penalties.defaulted.get()));
    it.penalties.resigned = share(resigned);
    it.penalties.to_buyer = share(chance.between(0, 500_000));
    it.penalties.cancelled_rfq = cents(chance.between(0, 40));
    it.bonds.performance = cents(chance.between(50, 800));
    it.bonds.bid = cents(chance.between(0, 50));
    it.bonds.challenge = cents(chance.between(7, 80));
    it.award.price_ceiling = cents(chance.between(900, 3_000));
}

fn milestones(chance: &mut Chance, it: &mut Terms) {
    let count = chance.between(1, 3);
    let mut left = 1_000_000;
    let first = it.milestones.remove(0);
    for number in 1..=count {
        let part = match number == count {
            true => left,
            false => chance.between(1, left - (count - number)),
        };
        left -= part;
        let mut milestone = first.clone();
        milestone.deliverable = format!("part-{number}");
        milestone.share = share(part);
        it.milestones.push(milestone);
    }
}

/// What may come after a pass.
fn after(chance: &mut Chance, it: &mut Terms) {
    if it.warranty.is_none() || chance.percent(25) {
        it.warranty = None;
        it.holdback = Ppm::ZERO;
    }
    let cap = chance.between(0, i64::from(it.holdback.get()));
    match &mut it.human_review {
        Some(review) if chance.percent(60) => review.cap = share(cap),
        review => *review = None,
    }
    if it.human_review.is_none() && chance.percent(30) {
        it.arbitration = None;
    }
    if let Some(warranty) = &mut it.warranty {
        let steps = [
            (
                chance.between(0, 100_000),
                chance.between(500_000, 1_000_000),
            ),
            (chance.between(100_001, 259_200), chance.between(0, 500_000)),
        ];
        let steps = steps.map(|(after, ppm)| Step {
            after_seconds: after.unsigned_abs(),
            share: share(ppm),
        });
        warranty.clawback = Schedule::new(steps.to_vec());
    }
}
