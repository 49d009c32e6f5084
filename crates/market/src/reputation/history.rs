//! The record of one supplier in one outcome class.

use std::collections::BTreeMap;

use proofmark_core::{Ppm, Timestamp};
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;
use serde::Serialize;

use super::bounds::{self, JEFFREYS_MILLI};
use super::decay::{self, day};
use super::latency::{self, MAX_SAMPLES};
use super::tally::{Tally, WHOLE, weight};
use super::{Ending, Prior, Record, ReputationRules, Standing};

/// Throughput is counted over so many days, the last one included.
pub const THROUGHPUT_DAYS: u64 = 30;

/// Latency is measured over so many days, the last one included: in 30, a small supplier has not the 45 deliveries
/// that a bound needs.
pub const LATENCY_DAYS: u64 = 90;

/// Of one counterparty on one day, the first 8 latencies are kept.
pub const MAX_SAMPLES_PER_DAY: usize = 8;

/// Millionths in a thousandth.
const PER_MILLI: u64 = WHOLE / 1_000;

/// What is counted of each contract, in millionths of one.
const ALL: usize = 0;
const FINAL: usize = 1;
const LOST: usize = 2;
const CLAWED_BACK: usize = 3;
const PASSED: usize = 4;
const FAILED: usize = 5;
const ON_TIME: usize = 6;
const COUNTS: usize = 7;

/// What is counted of promises to act in time, in the same way: all, kept, broken.
const WORDS: usize = 3;
const KEPT: usize = 1;

/// The record of one supplier in one outcome class, in buckets by day and counterparty. Its size is bounded:
/// what has faded is dropped, and so are the oldest days beyond [`super::MAX_BUCKETS`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct History {
    contracts: Tally<COUNTS>,
    fees: BTreeMap<u64, Amount>,
    latencies: BTreeMap<u64, BTreeMap<KeyId, Vec<u64>>>,
    words: Tally<WORDS>,
}

impl History {
    /// Adds a contract that has ended. Its weight follows from the rules of that moment, and stays.
    pub fn observe(&mut self, record: &Record, rules: &ReputationRules) {
        let today = day(record.at);
        let weight = weight(record.fee, rules);
        let counts = counts(record, weight);
        self.contracts.add(today, record.counterparty, counts);
        if record.ending != Ending::Defaulted {
            let words = [weight, weight, 0];
            self.words.add(today, record.counterparty, words);
        }
        if record.ending == Ending::Final {
            let fees = self.fees.entry(today).or_default();
            *fees = fees.checked_add(record.fee).unwrap_or(Amount::MAX);
            self.observe_latency(record, weight);
        }
        self.prune(rules);
    }

    /// Only contracts of full weight: an order statistic has no fractions of samples, and what costs no fee must
    /// not improve it.
    fn observe_latency(&mut self, record: &Record, weight: u64) {
        let Some(seconds) = record.seconds_to_pass else {
            return;
        };
        let bucket = self.latencies.entry(day(record.at)).or_default();
        let samples = bucket.entry(record.counterparty).or_default();
        if weight == WHOLE && samples.len() < MAX_SAMPLES_PER_DAY {
            samples.push(seconds);
        }
    }

    /// Adds a moment at which the supplier had promised to act (to reveal a bid, to deliver), and did not. Weighs what
    /// a contract with this fee weighs.
    pub fn observe_broken_word(
        &mut self,
        at: Timestamp,
        counterparty: KeyId,
        fee: Amount,
        rules: &ReputationRules,
    ) {
        let weight = weight(fee, rules);
        self.words.add(day(at), counterparty, [weight, 0, weight]);
        self.words.prune(rules.half_life_days);
    }

    /// How many buckets there are.
    #[cfg(test)]
    pub(super) fn buckets(&self) -> usize {
        self.contracts.buckets()
    }

    fn prune(&mut self, rules: &ReputationRules) {
        let lifetime = decay::HALF_LIVES * u64::from(rules.half_life_days.max(1));
        self.contracts.prune(rules.half_life_days);
        self.words.prune(rules.half_life_days);
        keep_from_newest(&mut self.fees, lifetime);
        keep_from_newest(&mut self.latencies, LATENCY_DAYS);
    }

    /// What the record says at `at`, day by day: records of later days are not looked at, the day itself counts
    /// whole.
    #[must_use]
    pub fn standing(&self, rules: &ReputationRules, at: Timestamp) -> Standing {
        let today = day(at);
        let counts = self.contracts.faded(rules, today);
        let milli = |count: usize| counts[count] / PER_MILLI;
        let [good, bad] = deliveries(&rules.prior);
        let [sound, defective] = defects(&rules.prior);
        Standing {
            delivers: bounds::lower(
                good.saturating_add(milli(FINAL)),
                bad.saturating_add(milli(LOST)),
            ),
            defects: bounds::upper(
                defective.saturating_add(milli(CLAWED_BACK)),
                sound.saturating_add(milli(FINAL)),
            ),
            effective_milli: milli(ALL),
            on_time: Ppm::ratio(u128::from(counts[ON_TIME]), u128::from(counts[ALL]))
                .unwrap_or(Ppm::ZERO),
            fees: self.faded_fees(rules, today),
            benchmark: without_prior_lower(milli(PASSED), milli(FAILED)),
            errors: without_prior_upper(
                milli(LOST).saturating_add(milli(CLAWED_BACK)),
                milli(FINAL),
            ),
            uptime: self.uptime(rules, today),
            latency_seconds: latency::p95_upper(self.recent_latencies(today)),
            finals_per_day_milli: self.finals_per_day_milli(rules, today),
            as_of: at,
        }
    }

    /// Φ: each day's fees faded and rounded down.
    fn faded_fees(&self, rules: &ReputationRules, today: u64) -> Amount {
        let mut sum = Amount::ZERO;
        for (day, fees) in self.fees.range(..=today) {
            let left = decay::left(today - day, rules.half_life_days);
            let faded = (u128::from(fees.minor().unsigned_abs()) * u128::from(left)) >> decay::BITS;
            let faded = i64::try_from(faded)
                .ok()
                .and_then(|it| Amount::new(it).ok());
            sum = sum
                .checked_add(faded.unwrap_or(Amount::MAX))
                .unwrap_or(Amount::MAX);
        }
        sum
    }

    fn uptime(&self, rules: &ReputationRules, today: u64) -> Ppm {
        // A broken promise to somebody new must not raise what the kept ones to others may weigh.
        let kept = self.words.faded_alone(KEPT, rules, today);
        let [_, _, broken] = self.words.faded(rules, today);
        without_prior_lower(kept / PER_MILLI, broken / PER_MILLI)
    }

    fn finals_per_day_milli(&self, rules: &ReputationRules, today: u64) -> u64 {
        let first = today.saturating_sub(THROUGHPUT_DAYS - 1);
        let finals = self.contracts.recent(rules, first, today)[FINAL];
        bounds::count_lower(finals / PER_MILLI) / THROUGHPUT_DAYS
    }

    /// The newest days first.
    fn recent_latencies(&self, today: u64) -> Vec<u64> {
        let first = today.saturating_sub(LATENCY_DAYS - 1);
        let days = self.latencies.range(first..=today).rev();
        let samples = days.flat_map(|(_, bucket)| bucket.values().flatten());
        samples.take(MAX_SAMPLES).copied().collect()
    }
}

fn counts(record: &Record, weight: u64) -> [u64; COUNTS] {
    let mut counts = [0; COUNTS];
    counts[ALL] = weight;
    counts[match record.ending {
        Ending::Final => FINAL,
        Ending::Rejected | Ending::Defaulted => LOST,
        Ending::ClawedBack => CLAWED_BACK,
    }] = weight;
    counts[PASSED] = weight * u64::from(record.verdicts_passed);
    counts[FAILED] = weight * u64::from(record.verdicts_failed);
    counts[ON_TIME] = if record.on_time { weight } else { 0 };
    counts
}

/// Successes and failures that the prior is worth: the successes rounded down.
fn deliveries(prior: &Prior) -> [u64; 2] {
    let failures = share_up(prior.strength_milli, Ppm::ONE.get() - prior.deliver.get());
    [prior.strength_milli - failures, failures]
}

/// Sound and defective deliveries that the prior is worth: the sound ones rounded down.
fn defects(prior: &Prior) -> [u64; 2] {
    let defective = share_up(prior.strength_milli, prior.defect.get());
    [prior.strength_milli - defective, defective]
}

fn share_up(whole: u64, ppm: u32) -> u64 {
    let share = (u128::from(whole) * u128::from(ppm)).div_ceil(u128::from(Ppm::ONE.get()));
    u64::try_from(share).unwrap_or(whole)
}

/// The lower bound where the class states no prior.
fn without_prior_lower(good: u64, bad: u64) -> Ppm {
    bounds::lower(
        good.saturating_add(JEFFREYS_MILLI),
        bad.saturating_add(JEFFREYS_MILLI),
    )
}

/// The upper bound where the class states no prior.
pub(super) fn without_prior_upper(bad: u64, good: u64) -> Ppm {
    bounds::upper(
        bad.saturating_add(JEFFREYS_MILLI),
        good.saturating_add(JEFFREYS_MILLI),
    )
}

/// Drops what is not of the newest `days` days.
fn keep_from_newest<T>(by_day: &mut BTreeMap<u64, T>, days: u64) {
    if let Some(newest) = by_day.keys().next_back().copied() {
        let first = newest.saturating_add(1).saturating_sub(days);
        *by_day = by_day.split_off(&first);
    }
}
