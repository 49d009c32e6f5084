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
use crate::commands::market::{client, criteria, fetch, send as commands};
use crate::failure::Exit;
use crate::printer::Printer;

pub(crate) fn run(command: &Rfq, printer: &Printer) -> Outcome {
    match command {
        Rfq::Publish { terms, sender } => {
            let action = json!({ "type": "publish_rfq" });
            let terms = commands::attached(terms, &action)?;
            // What is wrong with terms, the market says.
            if let Ok(terms) = Terms::parse(&terms) {
                unread(&terms, &sender.at, printer);
            }
            commands::deliver(action, Some(terms), sender, printer)
        }
        Rfq::List { state, class, at } => list(state.as_deref(), class.as_deref(), at, printer),
        Rfq::Criteria { rfq, to, at } => fetch(rfq, to, at, printer),
        Rfq::Show { rfq, at } => {
            let found = client::get(&at.market, &format!("/v1/rfqs/{rfq}"))?;
            printer.data(|| shown::rfq(&found), || found.clone());
            if let (true, Ok(terms)) = (found["state"] == "Open", shown::terms(&found)) {
                unread(&terms, at, printer);
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

/// Criteria that not everybody can read yet are no mistake, and who bids would like to know them. It is only a look: what
/// it fails at stops nothing.
pub(super) fn unread(terms: &Terms, at: &At, printer: &Printer) {
    let named = by_name(terms);
    let digests: BTreeSet<_> = named.into_iter().map(|(_, digest)| digest).collect();
    for digest in digests {
        match criteria::unread(at, &digest) {
            Ok(missing) if missing.is_empty() => {}
            Ok(missing) => {
                for why in missing {
                    printer.warn(why);
                }
                printer.note("who bids, and engines elsewhere, cannot judge by it: `proofmark market upload criteria.json --public` sends it with all that it names");
            }
            Err(failure) => {
                let why = failure.sentence();
                printer.warn(format!(
                    "whether everybody can read the criteria is not known: {why}"
                ));
            }
        }
    }
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

/// Fetches what the work will be judged by, each document once.
fn fetch(rfq: &RfqId, to: &Path, at: &At, printer: &Printer) -> Outcome {
    let found = client::get(&at.market, &format!("/v1/rfqs/{rfq}"))?;
    let mut wanted = by_name(&shown::terms(&found)?);
    let mut seen = BTreeSet::new();
    wanted.retain(|(_, digest)| seen.insert(*digest));
    let documents = fetch::all(at, &wanted, to)?;
    let fetched = || wanted.iter().zip(&documents);
    printer.data(
        || {
            let line = |((_, digest), file): (&(_, Digest), &PathBuf)| {
                format!("{digest}  {}\n", file.display())
            };
            fetched().map(line).collect()
        },
        || {
            let item = |((name, digest), file): (&(String, Digest), &PathBuf)| {
                json!({ "for": name, "criteria": digest, "file": file })
            };
            json!({ "items": fetched().map(item).collect::<Vec<_>>() })
        },
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
    let state = state.transpose()?;
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
