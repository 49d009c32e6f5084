//! Buyers are judged too: a supplier prices whom it works for.

use proofmark_core::{Ppm, Timestamp};
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;
use serde::{Deserialize, Serialize};

use super::ReputationRules;
use super::decay::day;
use super::history::without_prior_upper;
use super::standing::saturated;
use super::tally::{Tally, WHOLE, weight};

/// What is counted of each contract, in millionths of one.
const ALL: usize = 0;
const CANCELLED: usize = 1;
const SILENT: usize = 2;
const DISPUTES_LOST: usize = 3;
const REJECTIONS_OVERTURNED: usize = 4;
const BAD: usize = 5;
const COUNTS: usize = 6;

/// What one contract that has ended says of its buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuyerRecord {
    /// When it ended.
    pub at: Timestamp,
    /// The supplier.
    pub counterparty: KeyId,
    /// The market fee that nobody gets back, or that was at stake.
    pub fee: Amount,
    /// The buyer cancelled it.
    pub cancelled: bool,
    /// It was settled by silence: the buyer neither accepted nor challenged.
    pub silent: bool,
    /// Disputes that the buyer lost.
    pub disputes_lost: u32,
    /// Objections of the buyer's reviewers that were overturned.
    pub rejections_overturned: u32,
}

/// The record of one buyer, in buckets by day and supplier; bounded as [`super::History`] is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct BuyerHistory {
    contracts: Tally<COUNTS>,
}

/// What a buyer's record says. Counts are faded, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuyerStanding {
    /// Contracts.
    #[serde(serialize_with = "saturated")]
    pub contracts_milli: u64,
    /// Contracts that the buyer cancelled.
    #[serde(serialize_with = "saturated")]
    pub cancelled_milli: u64,
    /// Contracts that were settled by silence.
    #[serde(serialize_with = "saturated")]
    pub silent_milli: u64,
    /// Disputes that the buyer lost.
    #[serde(serialize_with = "saturated")]
    pub disputes_lost_milli: u64,
    /// Objections that were overturned.
    #[serde(serialize_with = "saturated")]
    pub rejections_overturned_milli: u64,
    /// At most this share of contracts is bad, with 90 % confidence: cancelled, with a dispute lost, or with an
    /// objection overturned. Silence is not bad, as it pays the supplier; it only takes longer.
    pub bad: Ppm,
    /// When this was so.
    pub as_of: Timestamp,
}

impl BuyerHistory {
    /// Adds a contract that has ended. Its weight follows from the rules of that moment, and stays.
    pub fn observe(&mut self, record: &BuyerRecord, rules: &ReputationRules) {
        let weight = weight(record.fee, rules);
        let lost = record.disputes_lost > 0 || record.rejections_overturned > 0;
        let counts = counts(|count| match count {
            ALL => weight,
            CANCELLED => if_so(record.cancelled, weight),
            SILENT => if_so(record.silent, weight),
            DISPUTES_LOST => weight * u64::from(record.disputes_lost),
            REJECTIONS_OVERTURNED => weight * u64::from(record.rejections_overturned),
            _ => if_so(record.cancelled || lost, weight),
        });
        self.contracts
            .add(day(record.at), record.counterparty, counts);
        self.contracts.prune(rules.half_life_days);
    }

    /// What the record says at `at`, as [`super::History::standing`].
    #[must_use]
    pub fn standing(&self, rules: &ReputationRules, at: Timestamp) -> BuyerStanding {
        let counts = self.contracts.faded(rules, day(at));
        let milli = |count: usize| counts[count] / (WHOLE / 1_000);
        BuyerStanding {
            contracts_milli: milli(ALL),
            cancelled_milli: milli(CANCELLED),
            silent_milli: milli(SILENT),
            disputes_lost_milli: milli(DISPUTES_LOST),
            rejections_overturned_milli: milli(REJECTIONS_OVERTURNED),
            bad: without_prior_upper(milli(BAD), milli(ALL).saturating_sub(milli(BAD))),
            as_of: at,
        }
    }
}

fn counts(count: impl Fn(usize) -> u64) -> [u64; COUNTS] {
    std::array::from_fn(count)
}

const fn if_so(condition: bool, weight: u64) -> u64 {
    if condition { weight } else { 0 }
}
