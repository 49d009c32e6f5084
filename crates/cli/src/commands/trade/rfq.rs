//! `proofmark rfq …`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proofmark_core::Digest;
use proofmark_ledger::Asset;
use proofmark_market::rfq::RfqState;
use proofmark_market::{RfqId, Terms};
use serde_json::{Value, json};

use super::{amount, send, shown, table, text, wait};
use crate::args::{At, Rfq};
use crate::commands::Outcome;
use crate::commands::market::{client, criteria, send as commands};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

pub(crate) fn run(command: &Rfq, printer: &Printer) -> Outcome {
    match command {
        Rfq::Publish { terms, sender } => {
            let action = json!({ "type": "publish_rfq" });
            let terms = commands::attached(terms, &action)?;
            // What is wrong with terms, the market says.
            if let Ok(terms) = Terms::parse(&terms) {
                unread(&terms, &sender.at, printer)?;
            }
            commands::deliver(action, Some(terms), sender, printer)
        }
        Rfq::List { state, class, at } => list(state.as_deref(), class.as_deref(), at, printer),
        Rfq::Criteria { rfq, to, at } => fetch(rfq, to, at, printer),
        Rfq::Show { rfq, at } => {
            let found = client::get(&at.market, &format!("/v1/rfqs/{rfq}"))?;
            let said = shown::rfq(&found)?;
            printer.data(|| said, || found.clone());
            if found["state"] == "Open" {
                unread(&shown::terms(&found)?, at, printer)?;
            }
            Ok(Exit::Done)
        }
        Rfq::Wait {
            rfq,
            reveal,
            within,
            at,
        } => {
            let path = format!("/v1/rfqs/{rfq}");
            let revealing = |it: &Value| it["state"] == "Revealing";
            let found = wait::until(at, &path, *within, |it| {
                it["state"] != "Open" && (*reveal || !revealing(it))
            })?;
            printer.data(|| outcome(&found), || found.clone());
            let reached = found["state"] == "Awarded" || (*reveal && revealing(&found));
            Ok(match reached {
                true => Exit::Done,
                false => Exit::Negative,
            })
        }
        Rfq::Cancel { rfq, sender } => {
            send(json!({ "type": "cancel_rfq", "rfq": rfq }), sender, printer)
        }
    }
}

/// Criteria that nobody can read yet are no mistake, and who bids would like to know them.
pub(super) fn unread(terms: &Terms, at: &At, printer: &Printer) -> Result<(), Failure> {
    let named = by_name(terms);
    let digests: BTreeSet<_> = named.into_iter().map(|(_, digest)| digest).collect();
    for digest in digests {
        for what in criteria::unread(at, &digest)? {
            printer.warn(format!("nobody can read {what} there yet, and so nobody can judge: `proofmark market upload criteria.json --public` sends them with all that they name"));
        }
    }
    Ok(())
}

/// Criteria of terms, by what they are for.
fn by_name(terms: &Terms) -> Vec<(String, Digest)> {
    let milestones = terms.milestones.iter();
    let milestones = milestones.zip(1..);
    let milestones = milestones.map(|(it, number)| (format!("milestone-{number}"), it.criteria));
    let warranty = terms.warranty.iter();
    let warranty = warranty.map(|it| ("warranty".to_owned(), it.criteria));
    milestones.chain(warranty).collect()
}

/// Fetches what the work will be judged by: of a single milestone into the directory itself.
fn fetch(rfq: &RfqId, to: &Path, at: &At, printer: &Printer) -> Outcome {
    let found = client::get(&at.market, &format!("/v1/rfqs/{rfq}"))?;
    let named = by_name(&shown::terms(&found)?);
    let mut seen = BTreeSet::new();
    let named: Vec<_> = named.into_iter().filter(|it| seen.insert(it.1)).collect();
    let mut fetched = Vec::new();
    for (name, digest) in &named {
        let folder = match named.len() {
            1 => to.to_owned(),
            _ => to.join(name),
        };
        criteria::fetch(at, digest, &folder)?;
        fetched.push((name, digest, folder.join("criteria.json")));
    }
    let line = |(_, digest, file): &(_, &Digest, PathBuf)| format!("{digest}  {}", file.display());
    let item = |(name, digest, file): &(_, _, PathBuf)| json!({ "for": name, "criteria": digest, "file": file });
    printer.data(
        || fetched.iter().map(line).collect::<Vec<_>>().join("\n"),
        || json!({ "items": fetched.iter().map(item).collect::<Vec<_>>() }),
    );
    Ok(Exit::Done)
}

/// The contract that has begun; else what became of the RFQ, and why.
fn outcome(rfq: &Value) -> String {
    let contracts = rfq["contracts"].as_array().into_iter().flatten();
    let names: Vec<_> = contracts.filter_map(Value::as_str).collect();
    match names.is_empty() {
        true => format!("{}{}", text(rfq, "state"), shown::why(rfq)),
        false => names.join("\n"),
    }
}

fn list(state: Option<&str>, class: Option<&str>, at: &At, printer: &Printer) -> Outcome {
    let state = state.map(|typed| super::state(typed, &RfqState::NAMES));
    let asked = [
        ("state", state),
        ("outcome_class", class),
        ("limit", Some("200")),
    ];
    let found = client::find(&at.market, "/v1/rfqs", &asked)?;
    let rows = || {
        let items = found["items"].as_array().into_iter().flatten();
        items.map(|rfq| {
            let asset: Option<Asset> = text(rfq, "asset").parse().ok();
            [
                text(rfq, "id"),
                text(rfq, "state"),
                text(rfq, "outcome_class"),
                amount::shown(&rfq["price_ceiling"], asset),
                rfq["bids"].to_string(),
                text(rfq, "deadline"),
            ]
        })
    };
    let header = ["rfq", "state", "outcome class", "at most", "bids", "until"];
    printer.data(|| table(header, rows()), || found.clone());
    Ok(Exit::Done)
}
