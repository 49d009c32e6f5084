//! `proofmark account history`

use proofmark_ledger::Asset;
use serde_json::{Value, json};

use super::{amount, text};
use crate::args::At;
use crate::commands::Outcome;
use crate::commands::market::client;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

/// What came or went, and what was free to use then.
struct Line {
    number: u64,
    at: String,
    /// What the free money became more by, in minor units; less, below zero.
    change: i64,
    /// Where it came from or went to.
    other: String,
    free: i64,
    asset: String,
}

/// Each movement on a line; as JSON, a document on a line.
pub(super) fn run(party: &str, at: &At, printer: &Printer) -> Outcome {
    client::get(&at.market, &format!("/v1/parties/{party}"))?;
    let mut free = std::collections::BTreeMap::new();
    each(&at.market, |transfer| {
        let Some((change, other, asset)) = change(&transfer["body"], party) else {
            return;
        };
        let sum = free.entry(asset.clone()).or_insert(0);
        *sum += change;
        let line = Line {
            number: transfer["number"].as_u64().unwrap_or_default(),
            at: text(&transfer["body"], "at"),
            change,
            other,
            free: *sum,
            asset,
        };
        match printer.is_json() {
            true => printer.line(line.json()),
            false => printer.line(line.shown()),
        }
    })?;
    Ok(Exit::Done)
}

/// Every transfer of the market, from the first one on.
fn each(market: &str, mut see: impl FnMut(&Value)) -> Result<(), Failure> {
    let mut after = Value::from("0");
    while let Some(name) = after.as_str() {
        let page = client::get(market, &format!("/v1/transfers?after={name}&limit=200"))?;
        page["items"]
            .as_array()
            .into_iter()
            .flatten()
            .for_each(&mut see);
        after = page["next"].clone();
    }
    Ok(())
}

/// What a transfer changes of what a party has free to use. Money that is held is not free; when it is paid out, that
/// changes nothing any more.
fn change(body: &Value, party: &str) -> Option<(i64, String, String)> {
    let own = |side: &str| body[side]["available"][0] == party;
    let amount = body["amount"].as_i64()?;
    let (other, change) = match (own("debit"), own("credit"), body["kind"].as_str()?) {
        (true, false, "single" | "pending") => ("credit", -amount),
        (true, false, "void" | "expire") => ("credit", amount),
        (false, true, "single" | "post") => ("debit", amount),
        _ => return None,
    };
    let own = if other == "credit" { "debit" } else { "credit" };
    let asset = body[own]["available"][1].as_str()?.to_owned();
    Some((change, account(&body[other]), asset))
}

/// `{"price": ["CONTRACT", "USD/2"]}` as `price CONTRACT`.
fn account(account: &Value) -> String {
    let Some((kind, of)) = account.as_object().and_then(|it| it.iter().next()) else {
        return account.to_string();
    };
    let of = of.as_array().map(Vec::as_slice).unwrap_or_default();
    let names = of.split_last().map(|(_, names)| names).unwrap_or_default();
    let names = names.iter().filter_map(Value::as_str);
    std::iter::once(kind.as_str())
        .chain(names)
        .collect::<Vec<_>>()
        .join(" ")
}

impl Line {
    fn json(&self) -> Value {
        json!({
            "number": self.number, "at": self.at, "change": self.change, "other": self.other,
            "free": self.free, "asset": self.asset,
        })
    }

    fn shown(&self) -> String {
        let asset: Option<Asset> = self.asset.parse().ok();
        let sign = if self.change < 0 { '-' } else { '+' };
        let change = amount::shown(&self.change.abs().into(), asset);
        let free = amount::shown(&self.free.into(), asset);
        format!("{} {sign}{change} {} (free: {free})", self.at, self.other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_gone_once_and_comes_back_when_it_is_returned() {
        let mine = json!({"available": ["me", "USD/2"]});
        let custody = json!({"custody": "USD/2"});
        let of = |debit: &Value, credit: &Value, kind: &str| {
            let body = json!({"debit": debit, "credit": credit, "amount": 500, "kind": kind});
            change(&body, "me").map(|(change, other, _)| (change, other))
        };
        let said = |change| Some((change, "custody".to_owned()));
        assert_eq!(of(&custody, &mine, "single"), said(500));
        assert_eq!(of(&mine, &custody, "single"), said(-500));
        assert_eq!(of(&mine, &custody, "pending"), said(-500));
        assert_eq!(of(&mine, &custody, "post"), None, "it was gone already");
        assert_eq!(of(&mine, &custody, "void"), said(500));
        assert_eq!(
            of(
                &custody,
                &json!({"available": ["other", "USD/2"]}),
                "single"
            ),
            None
        );
    }

    #[test]
    fn an_account_is_named_without_its_asset() {
        assert_eq!(account(&json!({"custody": "USD/2"})), "custody");
        let bond = json!({"bid_bond": ["rfq", "party", "USD/2"]});
        assert_eq!(account(&bond), "bid_bond rfq party");
    }
}
