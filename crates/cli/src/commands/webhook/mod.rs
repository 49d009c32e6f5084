//! `proofmark webhook …`

mod verify;

use proofmark_api::ticket::Access;
use serde_json::{Value, json};

use super::Outcome;
use super::market::client::{self, Method};
use super::market::ticket;
use super::trade::{table, text};
use crate::args::{One, Webhook, WebhookOwner};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::signers;

const ALL: &str = "/v1/webhooks";

pub(crate) fn run(command: &Webhook, printer: &Printer) -> Outcome {
    match command {
        Webhook::Add {
            url,
            types,
            of,
            after,
            owner,
        } => {
            let mut asked = json!({ "url": url, "types": types });
            if let Some(of) = of {
                asked["of"] = json!(of);
            }
            if let Some(after) = after {
                asked["after"] = json!(after);
            }
            let added = ask(owner, Method::Post, ALL, Some(asked))?;
            printer.data(|| text(&added, "id"), || added.clone());
            Ok(Exit::Done)
        }
        Webhook::List(owner) => list(owner, printer),
        Webhook::Show(one) => {
            let found = ask(&one.owner, Method::Get, &path(one), None)?;
            printer.data(|| shown(&found), || found.clone());
            Ok(Exit::Done)
        }
        Webhook::Remove(one) => {
            let removed = ask(&one.owner, Method::Delete, &path(one), None)?;
            printer.data(|| text(&removed, "id"), || removed.clone());
            Ok(Exit::Done)
        }
        Webhook::Test(one) => {
            let path = format!("{}/test", path(one));
            on_its_way(&one.owner, &path, printer)
        }
        Webhook::Redeliver {
            webhook,
            message,
            owner,
        } => {
            let (webhook, message) = (segment(webhook), segment(message));
            let path = format!("{ALL}/{webhook}/messages/{message}/redeliver");
            on_its_way(owner, &path, printer)
        }
        Webhook::Verify {
            headers,
            body,
            webhook_key,
            max_age,
            any_age,
        } => {
            let tolerance = (!any_age).then_some(*max_age);
            verify::run((headers, body), webhook_key, tolerance, printer)
        }
    }
}

fn path(one: &One) -> String {
    format!("{ALL}/{}", segment(&one.webhook))
}

/// A name as a part of a path; what no name has, the market does not know either.
fn segment(name: &str) -> String {
    let allowed = |it: &char| it.is_ascii_alphanumeric() || *it == '_';
    match name.chars().all(|it| allowed(&it)) && !name.is_empty() {
        true => name.to_owned(),
        false => "-".to_owned(),
    }
}

/// Asks with a ticket of the owner's.
fn ask(
    owner: &WebhookOwner,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<Value, Failure> {
    let signer = signers::open(&owner.key)?;
    let market = &owner.at.market;
    let ticket = ticket::sign(&client::audience(market)?, &*signer, Access::Webhooks {})?;
    client::with_ticket(market, method, path, &ticket, body)
}

fn on_its_way(owner: &WebhookOwner, path: &str, printer: &Printer) -> Outcome {
    let message = ask(owner, Method::Post, path, None)?;
    printer.data(|| text(&message, "id"), || message.clone());
    Ok(Exit::Done)
}

fn list(owner: &WebhookOwner, printer: &Printer) -> Outcome {
    let found = ask(owner, Method::Get, ALL, None)?;
    if printer.is_json() {
        printer.data(String::new, || found.clone());
        return Ok(Exit::Done);
    }
    let signer = signers::open(&owner.key)?;
    let market = &owner.at.market;
    let ticket = ticket::sign(&client::audience(market)?, &*signer, Access::Webhooks {})?;
    let mut rows = Vec::new();
    for it in found["items"].as_array().into_iter().flatten() {
        let path = format!("{ALL}/{}", segment(&text(it, "id")));
        // It may have gone meanwhile.
        let shown = match client::with_ticket(market, Method::Get, &path, &ticket, None) {
            Err(failure)
                if failure
                    .problems
                    .iter()
                    .any(|it| it.code == "webhook-unknown") =>
            {
                Value::Null
            }
            shown => shown?,
        };
        rows.push([
            text(it, "id"),
            text(it, "url"),
            listens(it),
            text(it, "delivered_at"),
            failing(&shown),
            text(it, "disabled_why"),
        ]);
    }
    let header = [
        "webhook",
        "url",
        "listens to",
        "delivered",
        "failing",
        "disabled",
    ];
    printer.data(|| table(header, rows.into_iter()), || found.clone());
    Ok(Exit::Done)
}

/// How many of the last messages were tried, have not arrived, and are not given up.
fn failing(shown: &Value) -> String {
    let messages = shown["messages"].as_array().into_iter().flatten();
    let tried = |it: &&Value| {
        it["tries"]
            .as_array()
            .is_some_and(|tries| !tries.is_empty())
    };
    let failing = messages.filter(|it| it["done_at"].is_null()).filter(tried);
    match failing.count() {
        0 => String::new(),
        1 => "1 message".to_owned(),
        many => format!("{many} messages"),
    }
}

fn listens(webhook: &Value) -> String {
    let types = webhook["types"].as_array().into_iter().flatten();
    let types: Vec<_> = types.filter_map(Value::as_str).collect();
    let what = match types.is_empty() {
        true => "everything".to_owned(),
        false => types.join(" "),
    };
    match webhook["of"].as_str() {
        None => what,
        Some(of) => format!("{what} of {of}"),
    }
}

/// A webhook in lines, then each message with its tries.
fn shown(found: &Value) -> String {
    let webhook = &found["webhook"];
    let mut lines = vec![
        format!("webhook     {}", text(webhook, "id")),
        format!("url         {}", text(webhook, "url")),
        format!("listens to  {}", listens(webhook)),
        format!("cursor      {}", webhook["cursor"]),
    ];
    let members = [
        ("delivered", "delivered_at"),
        ("disabled", "disabled_at"),
        ("because", "disabled_why"),
    ];
    for (name, member) in members {
        if let Some(value) = webhook[member].as_str() {
            lines.push(format!("{name:<11} {value}"));
        }
    }
    for message in found["messages"].as_array().into_iter().flatten() {
        lines.push(format!("\n{}", heading(message)));
        let tries = message["tries"].as_array().into_iter().flatten();
        lines.extend(tries.map(tried));
    }
    lines.join("\n")
}

fn heading(message: &Value) -> String {
    let of = match message["number"].as_u64() {
        None => "test".to_owned(),
        Some(number) => format!("event {number}"),
    };
    let next = message["due_at"].as_str();
    let next = next.map_or_else(String::new, |due| format!(", next try {due}"));
    format!(
        "{}  {of}  {}{next}",
        text(message, "id"),
        text(message, "state")
    )
}

fn tried(it: &Value) -> String {
    let status = it["status"].as_u64().map(|status| format!("  {status}"));
    let error = it["error"].as_str().map(|error| format!("  {error}"));
    format!(
        "  {}  {} ms{}{}",
        text(it, "tried_at"),
        it["took_ms"],
        status.unwrap_or_default(),
        error.unwrap_or_default()
    )
}
