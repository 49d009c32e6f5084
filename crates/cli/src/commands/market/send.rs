//! Signing a command and sending it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::canonical::{self, ParseLimits};
use proofmark_core::{Digest, uri};
use proofmark_keys::SignError;
use proofmark_market::command::{Payload, sign};
use proofmark_market::{Action, CommandId, RfqId};
use serde_json::{Value, json};

use super::client;
use crate::args::Send;
use crate::commands::{Outcome, read_document};
use crate::failure::{Exit, Failure, chain};
use crate::printer::Printer;
use crate::signers;

/// Longest attachment that a market takes.
const MAX_ATTACHMENT: usize = 4 << 20;

pub(crate) fn run(send: &Send, printer: &Printer) -> Outcome {
    let mut action = action(&send.action)?;
    let attachment = send.attach.as_deref();
    let attachment = attachment.map(|path| attached(path, &action)).transpose()?;
    let signer = signers::open(&send.key)?;
    if action["type"] == "register" {
        action["public_key"] = json!(signer.public_key().to_pem());
    }
    if let Some(bytes) = &attachment {
        name_attachment(&mut action, Digest::of(bytes));
    }
    let action: Action = serde_json::from_value(action).map_err(|error| {
        let hint = "docs/market.md lists the actions and their members";
        Failure::input("action-malformed", error, hint)
    })?;
    let audience = client::audience(&send.at.market)?;
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| {
        Failure::environment(
            "no-randomness",
            error,
            "the operating system gives no random bytes",
        )
    })?;
    let publishes = matches!(action, Action::PublishRfq { .. });
    let payload = Payload {
        schema: uri::COMMAND_V1.to_owned(),
        market: audience,
        sender: signer.public_key().id(),
        id: CommandId::from_bytes(id),
        valid_until: None,
        action,
    };
    let envelope = sign(&payload, &*signer).map_err(|error| unsigned(&error))?;
    let made = publishes.then(|| RfqId::of(&envelope.payload_digest()).to_string());
    let beside = attachment.map(|bytes| STANDARD.encode(bytes));
    let beside = beside.map_or_else(String::new, |text| format!(r#","attachment":"{text}""#));
    let body = format!(r#"{{"envelope":{}{beside}}}"#, envelope.to_json());
    let mut answer = client::post(&send.at.market, "/v1/commands", &body)?;
    answer["command"] = json!(envelope.payload_digest());
    if let Some(rfq) = made {
        answer["rfq"] = json!(rfq);
    }
    printer.data(|| text(&answer), || answer.clone());
    Ok(Exit::Done)
}

pub(super) fn unsigned(error: &SignError) -> Failure {
    let hint = "see whether the key, or the program that signs, can be used";
    Failure::environment("unsigned", chain(error), hint)
}

/// An action as JSON, or from a file.
fn action(text: &str) -> Result<Value, Failure> {
    let bytes = match text.trim_start().starts_with('{') {
        true => text.as_bytes().to_vec(),
        false => read_document(Path::new(text), ParseLimits::DOCUMENT.max_bytes)?,
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        let hint = "an action is a JSON object; docs/market.md lists them";
        Failure::input("action-malformed", error, hint)
    })
}

/// What goes beside the command. Terms are signed in their canonical form, however they are written.
fn attached(path: &Path, action: &Value) -> Result<Vec<u8>, Failure> {
    let bytes = read_document(path, MAX_ATTACHMENT)?;
    if action["type"] != "publish_rfq" {
        return Ok(bytes);
    }
    let malformed = |error: &dyn std::fmt::Display| {
        let hint = "docs/market.md lists the members of terms";
        Failure::input("terms-malformed", error, hint).about(path.display())
    };
    let terms: Value = serde_json::from_slice(&bytes).map_err(|error| malformed(&error))?;
    canonical::to_bytes(&terms).map_err(|error| malformed(&error))
}

/// The command names what is attached by its digest.
fn name_attachment(action: &mut Value, digest: Digest) {
    let digest = json!(digest);
    let verb = action["verb"]["type"] == "present_verdict";
    let kind = action["type"].as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "publish_rfq" => action["terms"] = digest,
        "publish_policy" => action["policy"] = digest,
        "strike_engine" => action["proof"] = digest,
        "contract" if verb => action["verb"]["bundle"] = digest,
        _ => {}
    }
}

fn text(answer: &Value) -> String {
    let line = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let mut out = format!("{:<9} {}\n", line("status"), line("command"));
    if answer["rfq"].is_string() {
        out.push_str(&format!("{:<9} {}\n", "rfq", line("rfq")));
    }
    let events = answer["events"].as_array().into_iter().flatten();
    for event in events {
        let event = &event["event"];
        let mut members = event.as_object().cloned().unwrap_or_default();
        let kind = members.remove("type").unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default().to_owned();
        out.push_str(&format!("{kind:<22} {}\n", Value::from(members)));
    }
    out.trim_end().to_owned()
}
