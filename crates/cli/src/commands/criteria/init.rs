//! `proofmark criteria init`

use std::path::Path;

use proofmark_validators::{READY_MADE, ready_made};
use serde_json::json;

use crate::commands::Outcome;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

pub(super) fn run(file: &Path, validator: &str, printer: &Printer) -> Outcome {
    let Some(params) = ready_made(validator).and_then(|_| first_params(validator)) else {
        let names: Vec<_> = READY_MADE.iter().map(|validator| validator.name).collect();
        let message = format!("no validator called {validator} is built in");
        return Err(Failure::input(
            "unknown-builtin",
            message,
            format!("one of {}", names.join(", ")),
        ));
    };
    let text = template(validator, params);
    write_new(file, &text)?;
    let next = format!("edit it, then: proofmark criteria lock {}", file.display());
    printer.data(
        || format!("{}\n{next}", file.display()),
        || json!({ "file": file, "next": next }),
    );
    Ok(Exit::Done)
}

/// Parameters to start from: enough to freeze once the files they name exist.
fn first_params(validator: &str) -> Option<&'static str> {
    Some(match validator {
        "json-schema" => include_str!("init/json-schema.toml"),
        "classification" => include_str!("init/classification.toml"),
        "service-level" => include_str!("init/service-level.toml"),
        "quotations" => include_str!("init/quotations.toml"),
        "code-change" => include_str!("init/code-change.toml"),
        "support-ticket" => include_str!("init/support-ticket.toml"),
        "later-events" => include_str!("init/later-events.toml"),
        "program-tests" => include_str!("init/program-tests.toml"),
        "claim-decision" => include_str!("init/claim-decision.toml"),
        _ => return None,
    })
}

fn template(validator: &str, params: &str) -> String {
    format!(
        r#"# What "done" means. Freeze it with `proofmark criteria lock`: the digest of the frozen document is what
# buyer and supplier agree on. `proofmark validator inspect {validator}` shows every parameter.
name = "my-criteria"
summary = "What was asked for, in a sentence."

# With weighted criteria, the least weighted score in parts per million:
# threshold = 900000

# Limits of every run, each optional; `proofmark criteria show` lists what a frozen document has.
# [limits]
# fuel = 1000000000
# memory_bytes = 134217728

[[criteria]]
name = "first"
summary = "What this criterion asks."
validator = {{ builtin = "{validator}" }}   # or {{ path = "my-validator.wasm" }}
required = true
# weight = 1

{params}"#
    )
}

fn write_new(file: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let opened = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file);
    match opened.and_then(|mut opened| opened.write_all(text.as_bytes())) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let message = format!("{} is there already", file.display());
            Err(Failure::input(
                "would-overwrite",
                message,
                "name another file",
            ))
        }
        Err(error) => Err(Failure::unwritable(file, &error)),
    }
}
