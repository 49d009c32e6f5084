//! `proofmark rfq …`

use proofmark_core::Digest;
use proofmark_ledger::Asset;
use serde_json::{Value, json};

use super::{amount, send, table, text, wait};
use crate::args::{At, Rfq};
use crate::commands::Outcome;
use crate::commands::market::{client, send as commands, show, upload};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

pub(crate) fn run(command: &Rfq, printer: &Printer) -> Outcome {
    match command {
        Rfq::Publish { terms, sender } => {
            let action = json!({ "type": "publish_rfq" });
            let terms = commands::attached(terms, &action)?;
            unread(&terms, &sender.at, printer)?;
            commands::deliver(action, Some(terms), sender, printer)
        }
        Rfq::List { state, class, at } => list(state.as_deref(), class.as_deref(), at, printer),
        Rfq::Show { rfq, at } => show::run(Some(&rfq.to_string()), at, printer),
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
fn unread(terms: &[u8], at: &At, printer: &Printer) -> Result<(), Failure> {
    // What is wrong with terms, the market says.
    let terms: Value = serde_json::from_slice(terms).unwrap_or_default();
    let milestones = terms["milestones"].as_array().into_iter().flatten();
    let named = milestones.map(|it| &it["criteria"]);
    let named = named.chain([&terms["warranty"]["criteria"]]);
    let digests = named.filter_map(|it| it.as_str()?.parse().ok());
    for digest in digests.collect::<std::collections::BTreeSet<Digest>>() {
        if !upload::is_public(&at.market, &digest)? {
            printer.warn(format!("nobody can read the criteria {digest} there yet: `proofmark market upload FILE --public` sends them"));
        }
    }
    Ok(())
}

/// The contract that has begun; else what became of the RFQ.
fn outcome(rfq: &Value) -> String {
    let contracts = rfq["contracts"].as_array().into_iter().flatten();
    let names: Vec<_> = contracts.filter_map(Value::as_str).collect();
    match names.is_empty() {
        true => text(rfq, "state"),
        false => names.join("\n"),
    }
}

fn list(state: Option<&str>, class: Option<&str>, at: &At, printer: &Printer) -> Outcome {
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
