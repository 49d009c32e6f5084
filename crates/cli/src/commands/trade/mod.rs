//! Taking part in a market: each command of a party by its name.
//!
//! What is said here is written as an action of `docs/market.md` and goes the way of `market send`.

pub(super) mod account;
mod amount;
pub(super) mod bid;
pub(super) mod bundle;
pub(super) mod contract;
pub(super) mod events;
mod history;
pub(super) mod party;
pub(super) mod rfq;
pub(super) mod shown;
pub(super) mod wait;

use serde_json::Value;

use crate::args::Sender;
use crate::commands::Outcome;
use crate::commands::market::send;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::render::foreign::one_line;

/// Sends an action beside which nothing goes.
fn send(action: Value, sender: &Sender, printer: &Printer) -> Outcome {
    send::deliver(action, None, sender, printer)
}

/// A list for people; nothing but a note where it is empty.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(header);
    table.add_rows(rows);
    match table.is_empty() {
        true => "none".to_owned(),
        false => table.trim_fmt(),
    }
}

/// A state as it is written, however it was typed.
pub(super) fn state(typed: &str, names: &[&'static str]) -> Result<&'static str, Failure> {
    let mut known = names.iter();
    let found = known.find(|name| name.eq_ignore_ascii_case(typed));
    found.copied().ok_or_else(|| {
        let hint = format!("one of {}", names.join(", "));
        Failure::input("state-unknown", format!("{typed:?} is no state"), hint)
    })
}

/// A member that is text, as it is shown: nothing in it deceives.
pub(super) fn text(holder: &Value, member: &str) -> String {
    one_line(holder[member].as_str().unwrap_or_default())
}
