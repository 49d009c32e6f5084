//! `proofmark events`

use std::io::BufRead as _;
use std::thread;
use std::time::Duration;

use proofmark_market::{ContractId, RfqId};
use serde_json::{Value, json};

use super::text;
use crate::args::Events;
use crate::commands::Outcome;
use crate::commands::market::client;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

/// Before a stream that has ended is taken up again.
const PAUSE: Duration = Duration::from_secs(1);

/// Each event on a line; as JSON, a document on a line.
pub(crate) fn run(options: &Events, printer: &Printer) -> Outcome {
    let mut after = options.after;
    // A market that is not there is said, and not waited for.
    client::get(&options.at.market, "/v1/market")?;
    if let Some(of) = &options.of {
        client::get(&options.at.market, &subject(of)?)?;
    }
    match options.follow {
        false => {
            let told = pages(options, &mut after, printer)?;
            if let Some(of) = options.of.as_ref().filter(|_| told == 0) {
                printer.note(format!("nothing was told of {of}"));
            }
        }
        true => loop {
            // Whoever stops the market takes the stream with it: it goes on where it was.
            match follow(options, &mut after, printer) {
                Err(failure) if failure.exit != Exit::Unavailable => return Err(failure),
                _ => thread::sleep(PAUSE),
            }
        },
    }
    Ok(Exit::Done)
}

/// Where that is shown of which events are told.
fn subject(of: &str) -> Result<String, Failure> {
    let rfq = of.parse::<RfqId>().map(|it| format!("/v1/rfqs/{it}"));
    let contract = of.parse::<ContractId>();
    let contract = contract.map(|it| format!("/v1/contracts/{it}"));
    rfq.or(contract).map_err(|_| {
        let why = format!("{of:?} is the name of no RFQ and of no contract");
        let hint = "rfq_ and 32 digits, or con_ and 32 digits and a milestone";
        Failure::input("name-malformed", why, hint)
    })
}

/// Everything so far; says how much that was.
fn pages(options: &Events, after: &mut u64, printer: &Printer) -> Result<usize, Failure> {
    let mut told = 0;
    loop {
        let path = format!("/v1/events?after={after}&limit=200");
        let page = client::get(&options.at.market, &path)?;
        for event in page["items"].as_array().into_iter().flatten() {
            told += usize::from(tell(event, options, after, printer));
        }
        if page["next"].is_null() {
            return Ok(told);
        }
    }
}

fn follow(options: &Events, after: &mut u64, printer: &Printer) -> Result<(), Failure> {
    let lines = client::stream(&options.at.market, *after)?;
    for line in lines.lines() {
        let Ok(line) = line else { return Ok(()) };
        let event = line.strip_prefix("data:").map(str::trim);
        let event = event.and_then(|text| serde_json::from_str(text).ok());
        if let Some(event) = event {
            tell(&event, options, after, printer);
        }
    }
    Ok(())
}

/// Prints it, unless it is of something else.
fn tell(event: &Value, options: &Events, after: &mut u64, printer: &Printer) -> bool {
    *after = event["number"].as_u64().unwrap_or(*after).max(*after);
    let subject = text(event, "subject");
    if options.of.as_ref().is_some_and(|of| *of != subject) {
        return false;
    }
    match printer.is_json() {
        true => printer.line(event),
        false => printer.line(line(event, &subject)),
    }
    true
}

fn line(event: &Value, subject: &str) -> String {
    let body = &event["body"];
    let mut members = body["event"].as_object().cloned().unwrap_or_default();
    let kind = members.remove("type").unwrap_or(json!("event"));
    format!(
        "{} {} {subject} {} {}",
        event["number"],
        text(body, "at"),
        kind.as_str().unwrap_or_default(),
        Value::from(members)
    )
}
