//! What holds for every RFQ of one market, fixed when it opens.

use proofmark_attestation::statement::binding::Term;
use proofmark_core::{Digest, Ppm, canonical, uri};
use proofmark_keys::PublicKey;
use proofmark_ledger::{Amount, Asset};
use serde::{Deserialize, Serialize};

use crate::reputation::ReputationRules;
use crate::reputation::bounds::MAX_EVIDENCE_MILLI;
use crate::terms::is_name;

/// Most bids that rules may allow on one RFQ: one group of transfers gives all bonds back, and has room for 1,024.
pub const MAX_BIDS: u32 = 500;

/// Largest least window that rules may ask for: 7 days.
const MAX_WINDOW_MIN_SECONDS: u64 = 7 * 86_400;

/// The rules of a market. Their digest is where the chain of its commands begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// [`proofmark_core::uri::MARKET_RULES_V1`].
    pub schema: String,
    /// The settlement domain: commands and attestations for another are refused.
    pub audience: Term,
    /// The operator's key, as PEM: it runs the rails and the trust policy, and decides nothing else.
    pub operator: String,
    /// The operator of the market's own engine, as the trust policy names it: its keys judge where the engines of the
    /// terms are silent, and referee re-runs. A name and not a key, so that a key that is lost or struck off can be
    /// replaced by a new policy.
    pub house: String,
    /// In which asset accounts are kept: exactly one.
    pub assets: Vec<Asset>,
    /// Smallest market fee that terms may state.
    pub fee_min: Ppm,
    /// Largest.
    pub fee_max: Ppm,
    /// What a supplier may have at risk beyond its bonds, per unit of fees that it earned the market, in parts per
    /// million: 1,000,000 is safe even against a supplier who can pass every validator without doing the work.
    pub exposure_per_fee_ppm: u32,
    /// Most bids on one RFQ.
    pub bids_max: u32,
    /// The shortest window, in seconds, in which terms may ask somebody to act who did not choose the moment: to reveal, try
    /// again, judge, challenge, run again, mend, answer, offer, rule, tick.
    pub window_min_seconds: u64,
    /// How reputation is counted.
    pub reputation: ReputationRules,
}

/// Rules that no market can open with. The operator is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rules of the market: {0}")]
pub struct RulesError(pub &'static str);

impl Rules {
    /// The operator's key.
    ///
    /// # Errors
    /// [`RulesError`] for anything that is wrong with the rules.
    pub fn check(&self) -> Result<PublicKey, RulesError> {
        let holds = |holds: bool, message| match holds {
            true => Ok(()),
            false => Err(RulesError(message)),
        };
        holds(self.schema == uri::MARKET_RULES_V1, "the schema is another")?;
        holds(
            is_name(&self.house),
            "the market's own engine has no operator",
        )?;
        // Fees and exposure are compared without a rate of exchange, so minor units must be of one kind.
        holds(self.assets.len() == 1, "a market has one asset")?;
        holds(
            self.fee_min <= self.fee_max,
            "the smallest fee is above the largest",
        )?;
        holds(
            (1..=MAX_BIDS).contains(&self.bids_max),
            "an RFQ takes 1 to 500 bids",
        )?;
        holds(
            (1..=MAX_WINDOW_MIN_SECONDS).contains(&self.window_min_seconds),
            "the shortest window is 1 second to 7 days",
        )?;
        let rules = &self.reputation;
        holds(
            rules.half_life_days > 0 && rules.fee_reference > Amount::ZERO,
            "reputation needs a half-life and a reference fee",
        )?;
        holds(
            rules.prior.strength_milli <= MAX_EVIDENCE_MILLI,
            "the prior is worth more than 100,000 outcomes",
        )?;
        PublicKey::from_pem(&self.operator).map_err(|_| RulesError("the operator's key is none"))
    }

    /// The identity of the rules.
    ///
    /// # Panics
    /// Never: text and safe integers have a canonical form.
    #[must_use]
    pub fn digest(&self) -> Digest {
        canonical::digest(self).expect("safe integers and text")
    }
}
