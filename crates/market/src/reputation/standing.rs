//! The vector that is published of a supplier.

use proofmark_core::{Ppm, Timestamp, integer};
use proofmark_ledger::Amount;
use serde::{Deserialize, Serialize, Serializer};

/// What a supplier's record in one outcome class allows to rely on. Never one star: a vector of bounds, each with
/// 90 % confidence to one side ([`crate::reputation::bounds`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// When this was so.
    pub as_of: Timestamp,
    /// At least this share of verdicts is a pass.
    pub benchmark: Ppm,
    /// At most this share of deliveries is found defective later (d).
    pub defects: Ppm,
    /// At least this share of contracts is delivered (q).
    pub delivers: Ppm,
    /// How much evidence there is, without the prior, in thousandths of a contract.
    #[serde(serialize_with = "saturated")]
    pub effective_milli: u64,
    /// At most this share of contracts is rejected, defaulted or clawed back.
    pub errors: Ppm,
    /// Market fees paid on final contracts, faded, rounded down (Φ).
    pub fees: Amount,
    /// At least so many thousandths of a final contract per day.
    #[serde(serialize_with = "saturated")]
    pub finals_per_day_milli: u64,
    /// 95 % of passes come within so many seconds; absent with too few of them.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "saturated_option"
    )]
    pub latency_seconds: Option<u64>,
    /// Share of the evidence in which what passed came within the delivery window, rounded down; 0 without evidence.
    pub on_time: Ppm,
    /// At least this share of promises to act in time (to reveal a bid, to deliver) is kept.
    pub uptime: Ppm,
}

/// Writes what JSON carries exactly: a larger number as 2^53 − 1.
pub(crate) fn saturated<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(integer::saturate(*value))
}

/// As [`saturated`].
pub(crate) fn saturated_option<S: Serializer>(
    value: &Option<u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.map(integer::saturate).serialize(serializer)
}
