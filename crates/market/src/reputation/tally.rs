//! Counted evidence in buckets: one for each day and counterparty.

use std::collections::BTreeMap;

use proofmark_core::Ppm;
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;
use serde::{Serialize, Serializer};

use super::ReputationRules;
use super::decay;

/// Most buckets of one history; the oldest day goes first. 16,384 are 18 counterparties on each of 900 days.
pub const MAX_BUCKETS: usize = 16_384;

/// Most counterparties that are told apart on one day; further ones of that day count together, and as many as they
/// are: each of the others was paid for, and what is bad of these must not be lost.
pub const MAX_COUNTERPARTIES_PER_DAY: usize = 1_024;

/// A bucket counts to 10^12 millionths: a million whole contracts with one counterparty on one day.
const MAX_COUNT: u64 = 1_000_000_000_000;

/// Millionths of a contract, what the evidence of one contract weighs at most.
pub(super) const WHOLE: u64 = 1_000_000;

/// Counts of one kind of history, each in millionths of a contract. The first is the weight of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts<const N: usize>(pub(super) [u64; N]);

impl<const N: usize> Serialize for Counts<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0)
    }
}

/// What was counted on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Day<const N: usize> {
    /// By counterparty.
    known: BTreeMap<KeyId, Counts<N>>,
    /// Of all whom a full day does not tell apart.
    others: Option<Counts<N>>,
}

impl<const N: usize> Default for Day<N> {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            others: None,
        }
    }
}

impl<const N: usize> Day<N> {
    fn of(&mut self, counterparty: KeyId) -> &mut Counts<N> {
        let full = self.known.len() >= MAX_COUNTERPARTIES_PER_DAY;
        match full && !self.known.contains_key(&counterparty) {
            true => self.others.get_or_insert(Counts([0; N])),
            false => self.known.entry(counterparty).or_insert(Counts([0; N])),
        }
    }
}

/// Buckets by day since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Tally<const N: usize>(BTreeMap<u64, Day<N>>);

impl<const N: usize> Default for Tally<N> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

/// What one contract weighs, in millionths: the market fee that nobody gets back, as a share of the reference,
/// rounded down, at most 1 (AgenC's rule: only irreversible fees count). A reference of nothing is one minor unit.
pub(super) fn weight(fee: Amount, rules: &ReputationRules) -> u64 {
    let reference = rules.fee_reference.minor().unsigned_abs().max(1);
    let fee = fee.minor().unsigned_abs().min(reference);
    Ppm::ratio(u128::from(fee), u128::from(reference)).map_or(0, |share| u64::from(share.get()))
}

impl<const N: usize> Tally<N> {
    /// Adds counts of one contract.
    pub(super) fn add(&mut self, day: u64, counterparty: KeyId, counts: [u64; N]) {
        let Counts(sums) = self.0.entry(day).or_default().of(counterparty);
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum = sum.saturating_add(count).min(MAX_COUNT);
        }
    }

    /// Forgets what has faded by the newest day, and the oldest days while there are too many buckets.
    pub(super) fn prune(&mut self, half_life_days: u32) {
        let Some(newest) = self.0.keys().next_back().copied() else {
            return;
        };
        self.0 = self.0.split_off(&decay::first_day(newest, half_life_days));
        while self.0.len() > 1 && self.buckets() > MAX_BUCKETS {
            self.0.pop_first();
        }
    }

    /// How many buckets there are.
    pub(super) fn buckets(&self) -> usize {
        self.0.values().map(|day| day.known.len()).sum()
    }

    /// The counts in millionths, faded by `today`, each rounded down, and capped: with W the weight of all
    /// counterparties and c a share of it, a counterparty that weighs more than c·W counts as if it weighed that,
    /// in all its counts alike. Days after `today` are not looked at.
    pub(super) fn faded(&self, rules: &ReputationRules, today: u64) -> [u64; N] {
        let by_counterparty =
            self.by_counterparty(today, |day| decay::left(today - day, rules.half_life_days));
        capped(&by_counterparty, rules.counterparty_cap)
    }

    /// One count, faded and capped as if nothing else had been counted: nothing else can raise it.
    pub(super) fn faded_alone(&self, count: usize, rules: &ReputationRules, today: u64) -> u64 {
        let all = self.by_counterparty(today, |day| decay::left(today - day, rules.half_life_days));
        let alone = all.into_iter().map(|(who, counts)| (who, [counts[count]]));
        let [sum] = capped(&alone.collect(), rules.counterparty_cap);
        sum
    }

    /// The counts of the days from `first` to `today` in millionths, not faded, capped in the same way.
    pub(super) fn recent(&self, rules: &ReputationRules, first: u64, today: u64) -> [u64; N] {
        let by_counterparty = self.by_counterparty(today, |day| match day >= first {
            true => 1 << decay::BITS,
            false => 0,
        });
        capped(&by_counterparty, rules.counterparty_cap)
    }

    /// The counts of each counterparty, none for those that are not told apart.
    fn by_counterparty(
        &self,
        today: u64,
        left: impl Fn(u64) -> u64,
    ) -> BTreeMap<Option<KeyId>, [u128; N]> {
        let mut sums = BTreeMap::new();
        for (at, day) in self.0.range(..=today) {
            let left = u128::from(left(*at));
            let known = day.known.iter().map(|(who, counts)| (Some(*who), counts));
            let others = day.others.iter().map(|counts| (None, counts));
            for (who, Counts(counts)) in known.chain(others) {
                let sums: &mut [u128; N] = sums.entry(who).or_insert([0; N]);
                for (sum, count) in sums.iter_mut().zip(counts) {
                    // At most 2^40 · 2^32 in each of 2^15 buckets.
                    *sum += u128::from(*count) * left;
                }
            }
        }
        for sum in sums.values_mut().flatten() {
            *sum >>= decay::BITS;
        }
        sums
    }
}

/// The sums over all counterparties, none of which weighs more than its share; those that are not told apart are
/// many.
fn capped<const N: usize>(
    by_counterparty: &BTreeMap<Option<KeyId>, [u128; N]>,
    cap: Ppm,
) -> [u64; N] {
    let weight: u128 = by_counterparty.values().map(|counts| counts[0]).sum();
    // At most 2^40 in each of 2^15 buckets: the products below stay under 2^110.
    let most = weight * u128::from(cap.get()) / u128::from(Ppm::ONE.get());
    let mut sums = [0_u128; N];
    for (who, counts) in by_counterparty {
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += match who.is_some() && counts[0] > most {
                true => count * most / counts[0],
                false => *count,
            };
        }
    }
    sums.map(|sum| u64::try_from(sum).unwrap_or(u64::MAX))
}
