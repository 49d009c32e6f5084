//! The claim as it was filed: the buyer's.

use crate::day::Day;
use crate::document::{self, MAX_LINES, MAX_NAME_BYTES, Object};
use crate::money::Money;
use proofmark_validator_sdk::Refusal;
use serde::Deserialize;
use std::collections::BTreeSet;

/// What was claimed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    pub(crate) claim: String,
    pub(crate) policy: String,
    pub(crate) filed_on: Day,
    pub(crate) lines: Vec<Object<Item>>,
}

/// A line of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    pub(crate) line: String,
    pub(crate) category: String,
    /// When the service was rendered, or the loss occurred.
    pub(crate) date: Day,
    pub(crate) claimed: Money,
}

pub(crate) fn read(name: &str) -> Result<Claim, Refusal> {
    let claim: Claim = document::of_the_buyer(name)?;
    let lines = claim.lines.iter().map(|item| item.line.as_str());
    let names: BTreeSet<_> = lines.collect();
    if claim.lines.is_empty() || claim.lines.len() > MAX_LINES {
        let why = format!("a claim has 1 to {MAX_LINES} lines");
        return Err(document::wrong(name, &why));
    }
    if names.len() < claim.lines.len() {
        return Err(document::wrong(name, "a line is there twice"));
    }
    if names.iter().any(|name| name.len() > MAX_NAME_BYTES) {
        let why = format!("the name of a line has more than {MAX_NAME_BYTES} bytes");
        return Err(document::wrong(name, &why));
    }
    Ok(claim)
}
