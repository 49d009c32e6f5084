//! The decision: the supplier's.

use crate::day::Day;
use crate::document::{self, MAX_LINES, Object, Unread};
use crate::expected::Outcome;
use crate::money::{self, Money};
use crate::reason::Reason;
use proofmark_validator_sdk::{Finding, ReadErrorKind, Severity, submission};
use serde::Deserialize;
use std::collections::BTreeSet;

/// The longest decision: a thousand lines with names and clauses of the greatest length fit.
const MAX_BYTES: u64 = 4 << 20;

/// What was decided.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    pub(crate) claim: String,
    pub(crate) policy: String,
    pub(crate) currency: String,
    pub(crate) decided_on: Day,
    pub(crate) lines: Vec<Object<Line>>,
    pub(crate) totals: Object<Totals>,
}

/// Of one line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) line: String,
    pub(crate) decision: Outcome,
    pub(crate) claimed: Money,
    pub(crate) allowed: Money,
    pub(crate) deductible: Money,
    pub(crate) coinsurance: Money,
    pub(crate) paid: Money,
    #[serde(deserialize_with = "document::distinct")]
    pub(crate) reasons: BTreeSet<Reason>,
    #[serde(deserialize_with = "document::distinct")]
    pub(crate) clauses: BTreeSet<String>,
}

/// The sums of all lines.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Totals {
    #[serde(deserialize_with = "money::total")]
    pub(crate) claimed: Money,
    #[serde(deserialize_with = "money::total")]
    pub(crate) allowed: Money,
    #[serde(deserialize_with = "money::total")]
    pub(crate) deductible: Money,
    #[serde(deserialize_with = "money::total")]
    pub(crate) coinsurance: Money,
    #[serde(deserialize_with = "money::total")]
    pub(crate) paid: Money,
}

impl Totals {
    pub(crate) fn of(lines: &[Object<Line>]) -> Self {
        let sum = |of: fn(&Line) -> Money| lines.iter().map(|line| of(line)).sum();
        Self {
            claimed: sum(|it| it.claimed),
            allowed: sum(|it| it.allowed),
            deductible: sum(|it| it.deductible),
            coinsurance: sum(|it| it.coinsurance),
            paid: sum(|it| it.paid),
        }
    }
}

/// The decision, or what is wrong with the file.
#[expect(clippy::result_large_err, reason = "it is made once, and told at once")]
pub(crate) fn read(path: &str) -> Result<Decision, Finding> {
    let critical = |code, message: String| {
        let finding = Finding::new(code, message).severity(Severity::Critical);
        finding.at_file(path)
    };
    let decision: Decision = match document::parse(submission::open(path), MAX_BYTES) {
        Ok(decision) => decision,
        Err(Unread::File(error)) if error.is_not_found() => {
            return Err(critical(
                "decision-missing",
                "There is no decision.".to_owned(),
            ));
        }
        Err(Unread::File(error)) if matches!(error.kind, ReadErrorKind::TooLarge { .. }) => {
            let message = format!("The decision has more than {MAX_BYTES} bytes.");
            return Err(critical("decision-malformed", message));
        }
        Err(Unread::File(error)) => {
            return Err(critical("decision-malformed", format!("{error}.")));
        }
        Err(Unread::Form(why)) => {
            let message = format!("This is no decision: {why}.");
            return Err(critical("decision-malformed", message));
        }
    };
    match decision.lines.len() <= MAX_LINES {
        true => Ok(decision),
        false => {
            let message = format!("The decision has more than {MAX_LINES} lines.");
            Err(critical("decision-malformed", message))
        }
    }
}
