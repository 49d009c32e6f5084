//! `proofmark webhook verify`: for receivers that are shell scripts, and for whoever wonders.

use std::collections::BTreeMap;
use std::path::Path;

use proofmark_webhooks::{MAX_MESSAGE_BYTES, Received, key_from_text, verify};
use serde_json::{Value, json};

use crate::commands::evidence::now;
use crate::commands::{Outcome, read_document};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

/// Longest head of a request.
const MAX_HEAD_BYTES: usize = 64 << 10;

pub(super) fn run(
    (headers, body): (&Path, &Path),
    key: &str,
    tolerance: Option<u64>,
    printer: &Printer,
) -> Outcome {
    let key = key_from_text(key).map_err(|error| {
        let hint = "it begins with whpk_, and stands as webhook_key in `proofmark market show`";
        Failure::input("webhook-key", error, hint)
    })?;
    let head = read_document(headers, MAX_HEAD_BYTES)?;
    let head = String::from_utf8_lossy(&head);
    let head = parse(&head)?;
    let bytes = read_document(body, MAX_MESSAGE_BYTES)?;
    let received = Received {
        id: member(&head, "webhook-id")?,
        timestamp: member(&head, "webhook-timestamp")?,
        signature: member(&head, "webhook-signature")?,
        body: &bytes,
    };
    verify(&key, received, now(), tolerance).map_err(|error| {
        let hint =
            "answer it with 400, and do nothing of what it says; with the market's own key only";
        let mut failure = Failure::input(error.code(), error, hint);
        failure.exit = Exit::Refused;
        failure
    })?;
    let message: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let kind = message["type"].as_str().unwrap_or("message");
    printer.data(
        || format!("{}  {kind}", received.id),
        || json!({ "id": received.id, "type": kind, "timestamp": received.timestamp }),
    );
    Ok(Exit::Done)
}

/// Headers by their names in lowercase. Lines that are none, as the first one of a request, are passed over.
fn parse(head: &str) -> Result<BTreeMap<String, &str>, Failure> {
    let mut found = BTreeMap::new();
    for line in head.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        let is_ours = name.starts_with("webhook-");
        if found.insert(name.clone(), value.trim()).is_some() && is_ours {
            let hint = "the market sends each once: somebody changed the request";
            let why = format!("{name} stands there twice");
            return Err(Failure::input("webhook-header-twice", why, hint));
        }
    }
    Ok(found)
}

fn member<'h>(head: &BTreeMap<String, &'h str>, name: &str) -> Result<&'h str, Failure> {
    head.get(name).copied().ok_or_else(|| {
        let hint = "keep the headers of the request as they came, a line for each";
        Failure::input("webhook-header", format!("there is no {name}"), hint)
    })
}
