//! What there is in a market.

use serde_json::Value;

use super::client;
use crate::args::At;
use crate::commands::Outcome;
use crate::commands::trade::shown;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::render::foreign::one_line;

pub(crate) fn run(name: Option<&str>, at: &At, printer: &Printer) -> Outcome {
    let path = match name {
        None => "/v1/market".to_owned(),
        Some(name) if name.starts_with("rfq_") => format!("/v1/rfqs/{name}"),
        Some(name) if name.starts_with("con_") => format!("/v1/contracts/{name}"),
        Some(name) if is_party(name) => format!("/v1/parties/{name}"),
        Some(name) => return Err(no_name(name)),
    };
    let found = client::get(&at.market, &path)?;
    let said = || match name {
        Some(name) if name.starts_with("rfq_") => shown::rfq(&found),
        Some(name) if is_party(name) => shown::party(&found),
        _ => text(&found),
    };
    printer.data(said, || found.clone());
    Ok(Exit::Done)
}

/// A party is its key.
fn is_party(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn no_name(name: &str) -> Failure {
    let why = format!("{name} is the name of nothing");
    let hint = "rfq_ and 32 digits, con_ and 32 digits and a milestone, or the 64 digits of a party's key; nothing shows the market itself";
    Failure::input("name-malformed", why, hint)
}

/// What an engine is told of the run that waits for a verdict, or can still be challenged.
pub(crate) fn binding(contract: &str, at: &At, printer: &Printer) -> Outcome {
    let facts = client::get(&at.market, &format!("/v1/contracts/{contract}/facts"))?;
    let members = ["audience", "contract", "deliverable", "attempt", "nonce"];
    let members = members.map(|name| (name.to_owned(), facts[name].clone()));
    let binding = Value::from(serde_json::Map::from_iter(members));
    printer.data(|| binding.to_string(), || binding.clone());
    Ok(Exit::Done)
}

/// A contract explains itself; everything else is shown as it is.
pub(crate) fn text(found: &Value) -> String {
    match found["explanation"].as_str() {
        Some(explanation) => explanation
            .lines()
            .map(one_line)
            .collect::<Vec<_>>()
            .join("\n"),
        None => serde_json::to_string_pretty(found).expect("JSON"),
    }
}
