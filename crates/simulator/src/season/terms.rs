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

/// What a job is to the record of its supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// So large that its fee lets its supplier have something at risk afterwards.
    Large,
    /// Of any kind.
    Small,
    /// Holdback and bond cover little of what may have to be given back.
    Trusting,
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
    if it.award.rule == AwardRule::SecondScore || chance.percent(30) {
        it.award.bids = BidMode::Sealed;
        it.windows.reveal_seconds = Some(1_800);
    }
    it.attempts = *chance.pick(&[1, 1, 2, 3]);
    shares(chance, &mut it);
    match size {
        Size::Large => {
            it.award.price_ceiling = cents(chance.between(10_000, 20_000));
            it.fees.market = share(100_000);
            it.warranty = None;
        }
        Size::Small => {}
        Size::Trusting => {
            it.holdback = share(chance.between(0, 150_000));
            it.bonds.performance = cents(chance.between(50, 150));
        }
    }
    milestones(chance, &mut it);
    after(chance, &mut it);
    match size {
        Size::Large | Size::Trusting => judges(chance, &mut it, 3),
        Size::Small => variety::vary(chance, &mut it),
    }
    fee_of_the_arbiter(chance, &mut it);
    let most = it.award.price_ceiling.max(it.fees.verification);
    it.bonds.challenge = it.bonds.challenge.min(most);
    it
}

/// What the bond of the smallest milestone covers three times.
fn fee_of_the_arbiter(chance: &mut Chance, it: &mut Terms) {
    let shares = it.milestones.iter().map(|one| one.share).min();
    let bond = it.bonds.performance.share_down(shares.unwrap_or(Ppm::ZERO));
    if let Some(arbitration) = &mut it.arbitration {
        arbitration.fee = cents(chance.between(0, bond.minor() / 3));
    }
}

/// So many engines, of whom so many operators must agree as there are at most; two belong to one operator.
pub(super) fn judges(chance: &mut Chance, it: &mut Terms, count: i64) {
    let mut all = engines().to_vec();
    while all.len() as u64 > count.unsigned_abs() {
        let left_out = chance.below(all.len() as u64);
        all.remove(usize::try_from(left_out).expect("an index"));
    }
    let of_alpha = all.iter().filter(|who| who.name().starts_with("alpha"));
    let twice = of_alpha.count() == 2;
    let operators = count - i64::from(twice);
    let mut keys: Vec<_> = all.iter().map(Actor::id).collect();
    keys.sort();
    it.engines.keys = keys;
    let threshold = match chance.percent(70) {
        true => chance.between(1, operators.min(2)),
        false => chance.between(1, operators),
    };
    it.engines.threshold = u32::try_from(threshold).expect("small");
}

fn shares(chance: &mut Chance, it: &mut Terms) {
    it.holdback = share(chance.between(0, 1_000_000));
    it.fees.market = share(chance.between(5_000, 100_000));
    it.fees.verification = cents(chance.between(0, 7));
    it.penalties.cancelled = share(chance.between(0, 1_000_000));
    it.penalties.rejected = share(chance.between(0, 1_000_000));
    it.penalties.defaulted = share(chance.between(0, 1_000_000));
    let least = it.penalties.defaulted.min(it.penalties.rejected);
    let resigned = chance.between(0, i64::from(least.get()));
    it.penalties.resigned = share(resigned);
    it.penalties.to_buyer = share(chance.between(0, 500_000));
    it.penalties.cancelled_rfq = cents(chance.between(0, 40));
    it.bonds.performance = cents(chance.between(50, 800));
    let sealed = i64::from(it.award.bids == BidMode::Sealed);
    it.bonds.bid = cents(chance.between(sealed, 50));
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
    if it.warranty.is_none() || chance.percent(30) {
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
    if let Some(arbitration) = &mut it.arbitration {
        arbitration.offer_seconds = chance.between(600, 7_200).unsigned_abs();
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
        warranty.evidence_max = *chance.pick(&[1, 2, 3, 8]);
    }
}
