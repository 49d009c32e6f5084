//! Computing everything in a record again.

use proofmark_core::Digest;
use proofmark_market::Rules;
use proofmark_service::{Audit, audit};
use serde_json::json;

use super::{logbook, place};
use crate::args::Record;
use crate::commands::Outcome;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

pub(crate) fn run(record: &Record, head: Option<Digest>, printer: &Printer) -> Outcome {
    let address = place::existing(record)?;
    let audited = place::block_on(async {
        let store = proofmark_storage::open(&address).await?;
        let log = match store.rules().await?.as_deref().map(serde_json::from_slice) {
            Some(Ok(Rules { audience, .. })) => logbook::audited(&record.directory, &audience)?,
            // What is wrong with the rules is found.
            _ => None,
        };
        let audited = audit(&*store, head, log.as_ref()).await;
        store.close().await;
        Ok::<_, Failure>(audited)
    })?;
    printer.data(|| text(&audited), || json!(audited));
    Ok(match audited.findings.is_empty() {
        true => Exit::Done,
        false => Exit::Negative,
    })
}

fn text(audit: &Audit) -> String {
    let counts = &audit.counts;
    let numbers = [
        ("commands", counts.commands, "verified and obeyed again"),
        ("events", counts.events, "as they follow"),
        ("transfers", counts.transfers, "as they follow"),
        ("documents", counts.documents, "of RFQs and contracts"),
        ("jobs", counts.jobs, "ordered"),
        ("awards", counts.awards, "computed again from their basis"),
        (
            "accounts",
            counts.accounts,
            "as the second set of rules predicts them",
        ),
        ("verdicts", counts.verdicts, "obeyed"),
        ("leaves", counts.leaves, "in the log, each of its verdict"),
    ];
    let mut lines: Vec<_> = numbers
        .iter()
        .map(|(name, count, what)| format!("{name:<10}{count:>10}  {what}"))
        .collect();
    for (name, digest) in [("root", &audit.root), ("head", &audit.head)] {
        if let Some(digest) = digest {
            lines.push(format!("{name:<10}{digest}"));
        }
    }
    let found = audit.findings.len();
    lines.push(match found {
        0 => "nothing is wrong".to_owned(),
        1 => "1 thing is wrong:".to_owned(),
        _ => format!("{found} things are wrong:"),
    });
    for it in &audit.findings {
        lines.push(format!("  [{}] {}: {}", it.code, it.place, it.what));
    }
    lines.join("\n")
}
