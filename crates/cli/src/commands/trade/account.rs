//! `proofmark account …`

use proofmark_ledger::Asset;
use serde_json::{Value, json};

use super::party::named;
use super::{amount, history, send, text};
use crate::args::{Account, At};
use crate::commands::Outcome;
use crate::commands::market::client;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

pub(crate) fn run(command: &Account, printer: &Printer) -> Outcome {
    match command {
        Account::Balance { party, at } => {
            let party = named(party)?;
            let found = client::get(&at.market, &format!("/v1/parties/{party}"))?;
            printer.data(|| balances(&found), || found["balances"].clone());
            Ok(Exit::Done)
        }
        Account::History { party, at } => history::run(&named(party)?.to_string(), at, printer),
        Account::Deposit {
            party,
            amount,
            sender,
        } => {
            let party = named(party)?;
            // Money of a name that nobody has would be lost.
            client::get(&sender.at.market, &format!("/v1/parties/{party}"))?;
            let asset = asset(&sender.at)?;
            let amount = amount::parse(amount, asset)?;
            let action =
                json!({ "type": "deposit", "party": party, "asset": asset, "amount": amount });
            send(action, sender, printer)
        }
        Account::Withdraw { amount, sender } => {
            let asset = asset(&sender.at)?;
            let amount = amount::parse(amount, asset)?;
            let action = json!({ "type": "withdraw", "asset": asset, "amount": amount });
            send(action, sender, printer)
        }
    }
}

/// A market has one asset.
fn asset(at: &At) -> Result<Asset, Failure> {
    let market = client::get(&at.market, "/v1/market")?;
    let asset = market["rules"]["assets"][0].as_str().unwrap_or_default();
    asset
        .parse()
        .map_err(|_| client::no_market("it names no asset"))
}

fn balances(party: &Value) -> String {
    let balances = party["balances"].as_array().into_iter().flatten();
    let line = |balance: &Value| {
        let asset: Option<Asset> = text(balance, "asset").parse().ok();
        amount::shown(&balance["available"], asset)
    };
    balances.map(line).collect::<Vec<_>>().join("\n")
}
