//! Terms at their edges: any number of judges, windows of seconds, sums of a few cents, records that are asked for.

use proofmark_market::Terms;

use super::chance::Chance;
use super::terms::{judges, share};
use crate::stage::cents;

/// Changes terms that contradict nothing into others that do not either.
pub(super) fn vary(chance: &mut Chance, it: &mut Terms) {
    let count = chance.between(1, 4);
    judges(chance, it, count);
    it.losses.fail = cents(chance.between(0, 2_000));
    it.losses.defect = cents(chance.between(0, 4_000));
    it.bonds.challenge = cents(chance.between(it.fees.verification.minor(), 80));
    if chance.percent(25) {
        windows(chance, it);
    }
    if chance.percent(6) {
        // So little that a milestone may be for nothing, and every share is rounded.
        it.award.price_ceiling = cents(chance.between(1, 12));
    }
    if chance.percent(20) {
        asks(chance, it);
    }
}

/// Windows of any length, also of seconds.
fn windows(chance: &mut Chance, it: &mut Terms) {
    let mut seconds = || match chance.percent(20) {
        true => chance.between(1, 5).unsigned_abs(),
        false => chance.between(60, 400_000).unsigned_abs(),
    };
    it.windows.delivery_seconds = seconds();
    it.windows.retry_seconds = seconds();
    it.windows.verification_seconds = seconds();
    it.windows.challenge_seconds = seconds();
    it.windows.rerun_seconds = seconds();
    it.windows.bidding_seconds = seconds();
    it.windows.award_seconds = seconds();
    if let Some(arbitration) = &mut it.arbitration {
        arbitration.respond_seconds = 3_600 + seconds();
        arbitration.offer_seconds = seconds();
        arbitration.ruling_seconds = seconds();
    }
    if let Some(warranty) = &mut it.warranty {
        warranty.cure_seconds = seconds();
        warranty.warranty_seconds = 259_200 + seconds();
        warranty.evidence_seconds = seconds().min(warranty.warranty_seconds);
    }
}

/// What a supplier's record must show, and what the whole may cost.
fn asks(chance: &mut Chance, it: &mut Terms) {
    let ceiling = it.award.price_ceiling.minor();
    if chance.percent(40) {
        let least = it.fees.verification.minor().max(ceiling / 2);
        it.award.total_ceiling = Some(cents(chance.between(least, least + 3 * ceiling)));
    }
    let asked = &mut it.award.qualification;
    if chance.percent(60) {
        asked.newcomer_bond = Some(cents(chance.between(0, ceiling)));
    }
    if chance.percent(40) {
        asked.benchmark_min = Some(share(chance.between(0, 1_000_000)));
    }
    if chance.percent(40) {
        asked.errors_max = Some(share(chance.between(0, 1_000_000)));
    }
    if chance.percent(40) {
        asked.finals_per_day_min_milli = Some(chance.below(2_000));
    }
    if chance.percent(40) {
        asked.latency_max_seconds = Some(chance.below(20_000));
    }
    if chance.percent(40) {
        asked.uptime_min = Some(share(chance.between(0, 1_000_000)));
    }
}
