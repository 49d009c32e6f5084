//! Reputation: what the market's own final contracts say of a supplier or a buyer.
//!
//! Derived from records of contracts that have ended, never from ratings. A record weighs as much as its market fee
//! is of a reference, because a fee is what nobody gets back; it fades by half in every half-life; and one
//! counterparty makes up no more than its share. From the counts follow bounds, not averages: little evidence is
//! bad evidence, so a new identity gains nothing. `docs/market.md` derives the rules.
//!
//! In scope: histories, standings, the limit of exposure. Out of scope: when a contract has ended
//! (`crate::contract`), what a bound costs in an award (`crate::award`).

pub mod bounds;
mod buyer;
mod decay;
mod exposure;
mod history;
mod latency;
mod standing;
mod tally;
#[cfg(test)]
mod tests;

use proofmark_core::{Ppm, Timestamp};
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;
use serde::{Deserialize, Serialize};

pub use buyer::{BuyerHistory, BuyerRecord, BuyerStanding};
pub(crate) use decay::same_day;
pub use exposure::{exposure, exposure_limit, price_within};
pub use history::{History, LATENCY_DAYS, MAX_SAMPLES_PER_DAY, THROUGHPUT_DAYS};
pub use latency::{MAX_SAMPLES, slowest_left_out};
pub use standing::Standing;
pub(crate) use standing::{saturated, saturated_option};
pub use tally::{MAX_BUCKETS, MAX_COUNTERPARTIES_PER_DAY};

/// What is believed of a supplier without a record: a class's base rates, and how much evidence they are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// Worth so many thousandths of an outcome; 4,000 is usual.
    pub strength_milli: u64,
    /// Share of contracts that end with a delivery.
    pub deliver: Ppm,
    /// Share of deliveries in which a defect is found later.
    pub defect: Ppm,
}

/// How evidence of one outcome class is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReputationRules {
    /// After so many days evidence counts half; 90 is usual. 0 counts as 1.
    pub half_life_days: u32,
    /// A contract with at least this market fee counts whole, any other in proportion.
    pub fee_reference: Amount,
    /// Share of all evidence that one counterparty makes up at most; 20 % is usual.
    pub counterparty_cap: Ppm,
    /// What is believed without a record.
    pub prior: Prior,
}

/// How a contract ended, as far as it says something of its supplier. Void and cancelled contracts do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Delivered, and nothing was found wrong until finality.
    Final,
    /// The work failed to the end.
    Rejected,
    /// The supplier did not deliver.
    Defaulted,
    /// Delivered, and found defective later.
    ClawedBack,
}

/// What one contract that has ended says of its supplier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When it ended.
    pub at: Timestamp,
    /// The buyer.
    pub counterparty: KeyId,
    /// How it ended.
    pub ending: Ending,
    /// The market fee that nobody gets back; for another ending than final, the one that was at stake.
    pub fee: Amount,
    /// Verdicts that were a pass.
    pub verdicts_passed: u32,
    /// Verdicts that were a fail.
    pub verdicts_failed: u32,
    /// From the start of the milestone to the submission that passed.
    pub seconds_to_pass: Option<u64>,
    /// Whether the submission that passed came within the delivery window.
    pub on_time: bool,
}
