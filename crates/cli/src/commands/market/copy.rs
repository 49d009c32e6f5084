//! A record, once more.

use proofmark_market::Rules;
use serde_json::json;

use super::place;
use crate::args::Copy;
use crate::commands::Outcome;
use crate::commands::evidence::now;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

pub(crate) fn run(options: &Copy, printer: &Printer) -> Outcome {
    let address = place::existing(&options.record)?;
    let position = place::block_on(async {
        let from = proofmark_storage::open(&address).await?;
        let rules = from.rules().await?;
        let rules = rules.ok_or_else(|| place::no_record(&address))?;
        let rules: Rules = serde_json::from_slice(&rules).map_err(|error| {
            let hint = "audit the record: `proofmark market audit`";
            Failure::environment("record-changed", error, hint)
        })?;
        let to = proofmark_storage::open(&options.to).await?;
        let copied = proofmark_service::copy(&*from, &*to, rules, now).await;
        to.close().await;
        from.close().await;
        Ok(copied?)
    })?;
    printer.data(
        || {
            format!(
                "{} commands, verified\nhead {}",
                position.sequence, position.head
            )
        },
        || json!({"commands": position.sequence, "head": position.head}),
    );
    Ok(Exit::Done)
}
