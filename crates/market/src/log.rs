//! The log of commands, and the market that follows from it.

use proofmark_core::Timestamp;

use crate::market::{Market, step};
use crate::rejection::Rejection;
use crate::rules::{Rules, RulesError};

/// One command as it was received, and the time at which it was obeyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The envelope, byte for byte.
    pub envelope: Vec<u8>,
    /// What came beside it.
    pub attachment: Option<Vec<u8>>,
    /// When the market obeyed.
    pub at: Timestamp,
}

/// A log from which no market follows. Whoever keeps the log is to blame.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// No market opens with these rules.
    #[error("the rules are none")]
    Rules(#[source] RulesError),
    /// A market that obeyed the entries before does not obey this one.
    #[error("entry {index} is rejected")]
    Entry {
        /// Which, counted from 0.
        index: usize,
        /// Why.
        source: Rejection,
    },
}

/// The market that follows from its rules and its log. Every signature and every attestation is verified again.
///
/// # Errors
/// [`ReplayError`].
pub fn replay<'e>(
    rules: Rules,
    entries: impl IntoIterator<Item = &'e Entry>,
) -> Result<Market, ReplayError> {
    let mut market = Market::new(rules).map_err(ReplayError::Rules)?;
    for (index, entry) in entries.into_iter().enumerate() {
        let refused = |source| ReplayError::Entry { index, source };
        let command = market.open(&entry.envelope, entry.attachment.as_deref(), entry.at);
        let command = command.map_err(refused)?;
        step(&mut market, command, entry.at).map_err(refused)?;
    }
    Ok(market)
}
