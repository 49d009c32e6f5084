//! Signing a command and sending it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::canonical::{self, ParseLimits};
use proofmark_core::{Digest, uri};
use proofmark_keys::{SignError, Signer};
use proofmark_market::command::{Payload, sign};
use proofmark_market::{Action, CommandId, RfqId};
use serde_json::{Value, json};

use super::client;
use crate::args::{Send, Sender};
use crate::commands::{Outcome, read_document};
use crate::failure::{Exit, Failure, chain};
use crate::printer::Printer;
use crate::signers;

/// Longest attachment that a market takes.
const MAX_ATTACHMENT: usize = 4 << 20;

pub(crate) fn run(send: &Send, printer: &Printer) -> Outcome {
    let action = action(&send.action)?;
    let attachment = send.attach.as_deref();
    let attachment = attachment.map(|path| attached(path, &action)).transpose()?;
    deliver(action, attachment, &send.sender, printer)
}

/// The same, printed.
pub(crate) fn deliver(
    action: Value,
    attachment: Option<Vec<u8>>,
    sender: &Sender,
    printer: &Printer,
) -> Outcome {
    let answer = obeyed(action, attachment, sender)?;
    printer.data(|| text(&answer), || answer.clone());
    Ok(Exit::Done)
}

/// Signs a command, sends it, and says what followed.
pub(crate) fn obeyed(
    mut action: Value,
    attachment: Option<Vec<u8>>,
    sender: &Sender,
) -> Result<Value, Failure> {
    let signer = signers::open(&sender.key)?;
    complete(&mut action, attachment.as_deref(), &*signer)?;
    let action = typed(&action)?;
    let audience = client::audience(&sender.at.market)?;
    let id = sender.id.map_or_else(chosen, Ok)?;
    let publishes = matches!(action, Action::PublishRfq { .. });
    let payload = Payload {
        schema: uri::COMMAND_V1.to_owned(),
        market: audience,
        sender: signer.public_key().id(),
        id,
        valid_until: sender.valid_until,
        action,
    };
    let envelope = sign(&payload, &*signer).map_err(|error| unsigned(&error))?;
    let made = publishes.then(|| RfqId::of(&envelope.payload_digest()).to_string());
    let beside = attachment.map(|bytes| STANDARD.encode(bytes));
    let beside = beside.map_or_else(String::new, |text| format!(r#","attachment":"{text}""#));
    let body = format!(r#"{{"envelope":{}{beside}}}"#, envelope.to_json());
    let mut answer = client::command(&sender.at.market, &body, &id)?;
    answer["id"] = json!(id);
    answer["command"] = json!(envelope.payload_digest());
    if let Some(rfq) = made {
        answer["rfq"] = json!(rfq);
    }
    Ok(answer)
}

/// Fills in what follows from the key and from what is attached.
fn complete(
    action: &mut Value,
    attachment: Option<&[u8]>,
    signer: &dyn Signer,
) -> Result<(), Failure> {
    if action["type"] == "register" {
        let public_key = json!(signer.public_key().to_pem());
        fill(action, "public_key", public_key, "the public key of --key")?;
    }
    match (digest_of_attached(action), attachment) {
        (Some((holder, member)), Some(bytes)) => {
            let digest = json!(Digest::of(bytes));
            fill(holder, member, digest, "the digest of what is attached")
        }
        (Some((_, member)), None) => Err(not_attached(member)),
        (None, Some(_)) => Err(nothing_to_attach()),
        (None, None) => Ok(()),
    }
}

pub(crate) fn unsigned(error: &SignError) -> Failure {
    let hint = "see whether the key, or the program that signs, can be used";
    Failure::environment("unsigned", chain(error), hint)
}

/// An action as JSON, or from a file.
fn action(text: &str) -> Result<Value, Failure> {
    let bytes = match text.trim_start().starts_with('{') {
        true => text.as_bytes().to_vec(),
        false => read_document(Path::new(text), ParseLimits::DOCUMENT.max_bytes)?,
    };
    // No member twice: what is signed is what stands there.
    canonical::parse(&bytes, ParseLimits::DOCUMENT).map_err(|error| {
        let hint = "an action is a JSON object; docs/market.md lists them";
        Failure::input("action-malformed", error, hint)
    })
}

/// A name that nobody has used.
fn chosen() -> Result<CommandId, Failure> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| {
        let hint = "the operating system gives no random bytes";
        Failure::environment("no-randomness", error, hint)
    })?;
    Ok(CommandId::from_bytes(id))
}

/// The action; nothing that was written is left out of what is signed.
fn typed(written: &Value) -> Result<Action, Failure> {
    let malformed = |why: String| {
        let hint = "docs/market.md lists the actions and their members; --id and --valid-until are options";
        Failure::input("action-malformed", why, hint)
    };
    let action: Action =
        serde_json::from_value(written.clone()).map_err(|error| malformed(error.to_string()))?;
    match unknown(written, &json!(action)) {
        Some(member) => Err(malformed(format!("there is no member {member} in it"))),
        None => Ok(action),
    }
}

/// The first member that is written and was not read.
fn unknown(written: &Value, read: &Value) -> Option<String> {
    let members = written.as_object()?;
    members.iter().find_map(|(name, value)| match &read[name] {
        Value::Null => Some(name.clone()),
        read => unknown(value, read).map(|inner| format!("{name}.{inner}")),
    })
}

/// Fills in what follows from something else. Whoever has written it too must have written the same.
fn fill(holder: &mut Value, member: &str, value: Value, what: &str) -> Result<(), Failure> {
    let written = &holder[member];
    if !written.is_null() && *written != value {
        let why = format!("{member} is {written}, and {what} is {value}");
        let hint = "leave it out, or attach what it means";
        return Err(Failure::input("action-contradicts", why, hint));
    }
    holder[member] = value;
    Ok(())
}

fn not_attached(member: &str) -> Failure {
    let why = format!("this action names its {member} by digest, and nothing is attached");
    Failure::input("attachment-missing", why, "say --attach FILE")
}

fn nothing_to_attach() -> Failure {
    let why = "this action takes no attachment";
    Failure::input("attachment-surplus", why, "leave --attach out")
}

/// What goes beside the command. Terms are signed in their canonical form, however they are written.
pub(crate) fn attached(path: &Path, action: &Value) -> Result<Vec<u8>, Failure> {
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

/// Where the digest of what is attached stands; nothing for what takes no attachment.
fn digest_of_attached(action: &mut Value) -> Option<(&mut Value, &'static str)> {
    let kind = action["type"].as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "publish_rfq" => Some((action, "terms")),
        "publish_policy" => Some((action, "policy")),
        "strike_engine" => Some((action, "proof")),
        "contract" if action["verb"]["type"] == "present_verdict" => {
            Some((&mut action["verb"], "bundle"))
        }
        _ => None,
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
