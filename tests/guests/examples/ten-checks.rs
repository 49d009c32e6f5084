//! A validator as small as they come in practice: one order of 2 KB as JSON, ten checks of it.

// On the host it is only checked: nothing calls what a component exports.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use std::collections::BTreeSet;

use proofmark_validator_sdk::{
    Finding, Refusal, ReportBuilder, Validator, checks, export, submission,
};
use serde::Deserialize;

checks! {
    /// What is asked of an order.
    pub enum Check {
        /// The number.
        Number = "number": "The order has a number of the agreed form.",
        /// The day.
        Day = "day": "The day of the order is a date.",
        /// The currency.
        Currency = "currency": "The currency is the agreed one.",
        /// The lines.
        Lines = "lines": "There is at least one line, and not too many.",
        /// Articles.
        Articles = "articles": "No article occurs in two lines.",
        /// Positions.
        Positions = "positions": "Lines are numbered from 1 without a gap.",
        /// Quantities.
        Quantities = "quantities": "Every quantity is positive.",
        /// Line totals.
        LineTotals = "line-totals": "Every line's total is quantity times price.",
        /// The total.
        Total = "total": "The total is the sum of the lines.",
        /// The ceiling.
        Ceiling = "ceiling": "The total is not above the ceiling.",
    }
}

/// What the buyer agreed to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    path: String,
    currency: String,
    max_lines: usize,
    ceiling: u64,
}

#[derive(Deserialize)]
struct Order {
    number: String,
    ordered_on: String,
    currency: String,
    lines: Vec<Line>,
    total: u64,
}

#[derive(Deserialize)]
struct Line {
    position: usize,
    article: String,
    quantity: u64,
    price: u64,
    total: u64,
}

struct TenChecks;

impl Validator for TenChecks {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "ten-checks";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "An order is complete and adds up.";

    fn params_schema() -> &'static str {
        r#"{"type":"object","required":["path","currency","max_lines","ceiling"]}"#
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        let bytes = submission::open(&params.path).and_then(|file| file.read_at(0, MAX_BYTES));
        let bytes = bytes.map_err(|error| Refusal::UnsupportedSubmission(error.to_string()))?;
        let order: Order = serde_json::from_slice(&bytes)
            .map_err(|error| Refusal::UnsupportedSubmission(error.to_string()))?;
        let mut ask = |check, holds| ask(report, &params.path, check, holds);
        ask(
            Check::Number,
            order.number.starts_with("PO-") && order.number.len() == 13,
        );
        ask(Check::Day, is_date(&order.ordered_on));
        ask(Check::Currency, order.currency == params.currency);
        ask(
            Check::Lines,
            !order.lines.is_empty() && order.lines.len() <= params.max_lines,
        );
        let articles: BTreeSet<&str> = order
            .lines
            .iter()
            .map(|line| line.article.as_str())
            .collect();
        ask(Check::Articles, articles.len() == order.lines.len());
        ask(
            Check::Positions,
            order
                .lines
                .iter()
                .enumerate()
                .all(|(at, line)| line.position == at + 1),
        );
        ask(
            Check::Quantities,
            order.lines.iter().all(|line| line.quantity > 0),
        );
        ask(
            Check::LineTotals,
            order
                .lines
                .iter()
                .all(|line| line.quantity.checked_mul(line.price) == Some(line.total)),
        );
        ask(
            Check::Total,
            order.lines.iter().map(|line| line.total).sum::<u64>() == order.total,
        );
        ask(Check::Ceiling, order.total <= params.ceiling);
        Ok(())
    }
}

/// One read gets all of it.
const MAX_BYTES: u32 = 64 << 10;

fn ask(report: &mut ReportBuilder<Check>, path: &str, check: Check, holds: bool) {
    let check = report.check(check);
    check.examine(holds);
    if !holds {
        check.finding(Finding::new("not-so", "The order is not as agreed.").at_file(path));
    }
}

/// `2026-11-05`.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes[range].iter().all(u8::is_ascii_digit);
    bytes.len() == 10
        && digits(0..4)
        && bytes[4] == b'-'
        && digits(5..7)
        && bytes[7] == b'-'
        && digits(8..10)
}

export!(TenChecks);
