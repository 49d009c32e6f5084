//! `proofmark contract …`

use proofmark_ledger::Asset;
use proofmark_market::ContractId;
use proofmark_market::command::{Ground, Side};
use proofmark_market::contract::table::{StateName, TABLE};
use serde_json::{Value, json};

use super::party::named;
use super::{amount, bundle, rfq, shown, table, text, wait};
use crate::args::{At, Contract, GroundArg, Sender, Settle, SideArg};
use crate::commands::Outcome;
use crate::commands::market::{client, send as commands, show, upload};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::render::foreign::one_line;

pub(crate) fn run(command: &Contract, printer: &Printer) -> Outcome {
    match command {
        Contract::List { state, party, at } => {
            let party = party.as_deref().map(named).transpose()?;
            let party = party.map(|party| party.to_string());
            list(state.as_deref(), party.as_deref(), at, printer)
        }
        Contract::Show { contract, at } => {
            let found = client::get(&at.market, &format!("/v1/contracts/{contract}"))?;
            printer.data(|| show::text(&found), || found.clone());
            // Where nobody can judge, the windows go by, and nothing in the state says why.
            if ["Active", "Verifying"]
                .iter()
                .any(|state| found["state"] == *state)
            {
                let rfq = client::get(&at.market, &format!("/v1/rfqs/{}", contract.rfq));
                if let Ok(terms) = rfq.and_then(|rfq| shown::terms(&rfq)) {
                    rfq::unread(&terms, at, printer);
                }
            }
            Ok(Exit::Done)
        }
        Contract::Wait {
            contract,
            states,
            within,
            at,
        } => wait(contract, states, *within, at, printer),
        Contract::Bundle {
            contract,
            bundle,
            list,
            to,
            facts,
            presented,
            at,
        } => match list {
            true => bundle::list(contract, at, printer),
            false => {
                let wanted = bundle::Wanted {
                    bundle: *bundle,
                    presented: *presented,
                };
                let files = bundle::Files {
                    to: to.as_deref(),
                    facts: facts.as_deref(),
                };
                bundle::fetch(contract, &wanted, &files, at, printer)
            }
        },
        Contract::Present {
            contract,
            bundle,
            sender,
        } => {
            let action = action(contract, json!({ "type": "present_verdict" }));
            let bundle = commands::attached(bundle, &action)?;
            commands::deliver(action, Some(bundle), sender, printer)
        }
        _ => {
            let (contract, verb, sender) = verb(command)?;
            super::send(action(contract, verb), sender, printer)
        }
    }
}

fn action(contract: &ContractId, verb: Value) -> Value {
    json!({ "type": "contract", "contract": contract, "verb": verb })
}

/// A command beside which nothing goes.
fn verb(command: &Contract) -> Result<(&ContractId, Value, &Sender), Failure> {
    let plain = |kind: &str| json!({ "type": kind });
    Ok(match command {
        Contract::Submit {
            contract,
            work,
            sender,
        } => {
            let submission = upload::directory(work, sender)?;
            let verb = json!({ "type": "submit", "submission": submission });
            (contract, verb, sender)
        }
        Contract::Evidence {
            contract,
            facts,
            sender,
        } => {
            let evidence = upload::directory(facts, sender)?;
            let verb = json!({ "type": "state_evidence", "evidence": evidence });
            (contract, verb, sender)
        }
        Contract::Accept(it) => (&it.contract, plain("accept"), &it.sender),
        Contract::Cancel(it) => (&it.contract, plain("cancel"), &it.sender),
        Contract::Resign(it) => (&it.contract, plain("resign"), &it.sender),
        Contract::Tick(it) => (&it.contract, plain("tick"), &it.sender),
        Contract::Review {
            contract,
            withhold,
            ground,
            sender,
        } => {
            let withheld = amount_of(withhold, contract, sender)?;
            let mut verb = json!({ "type": "review", "withheld": withheld });
            if let Some(ground) = ground {
                verb["ground"] = json!(ground);
            }
            (contract, verb, sender)
        }
        _ => return quarrel(command),
    })
}

/// The same of disputes and arbitrations.
fn quarrel(command: &Contract) -> Result<(&ContractId, Value, &Sender), Failure> {
    Ok(match command {
        Contract::Challenge {
            contract,
            ground,
            claim,
            sender,
        } => {
            let mut verb = json!({ "type": "challenge", "ground": Ground::from(*ground) });
            if let Some(claim) = claim {
                verb["claim"] = json!(amount_of(claim, contract, sender)?);
            }
            (contract, verb, sender)
        }
        Contract::Respond {
            contract,
            ground,
            sender,
        } => {
            let verb = json!({ "type": "respond", "ground": Ground::from(*ground) });
            (contract, verb, sender)
        }
        Contract::Offer(it) => (&it.contract, settle("offer", it)?, &it.sender),
        Contract::AcceptOffer(it) => (&it.contract, settle("accept_offer", it)?, &it.sender),
        Contract::Rule {
            settle: it,
            for_side,
            reasons,
        } => {
            let mut verb = settle("rule", it)?;
            verb["for_side"] = json!(Side::from(*for_side));
            verb["reasons"] = json!(reasons);
            (&it.contract, verb, &it.sender)
        }
        _ => unreachable!("everything else is run before"),
    })
}

fn settle(kind: &str, it: &Settle) -> Result<Value, Failure> {
    let amount = amount_of(&it.amount, &it.contract, &it.sender)?;
    Ok(json!({ "type": kind, "ground": Ground::from(it.ground), "amount": amount }))
}

fn amount_of(
    written: &str,
    contract: &ContractId,
    sender: &Sender,
) -> Result<proofmark_ledger::Amount, Failure> {
    let found = client::get(&sender.at.market, &format!("/v1/contracts/{contract}"))?;
    let asset: Option<Asset> = text(&found, "asset").parse().ok();
    let asset = asset.ok_or_else(|| client::no_market("it names no asset"))?;
    amount::parse(written, asset)
}

fn wait(
    contract: &ContractId,
    states: &[String],
    within: u64,
    at: &At,
    printer: &Printer,
) -> Outcome {
    let names: Vec<_> = StateName::ALL.iter().map(|it| it.as_str()).collect();
    let states = states.iter().map(|typed| super::state(typed, &names));
    let states = states.collect::<Result<Vec<_>, _>>()?;
    let wanted = |it: &Value| states.iter().any(|state| it["state"] == *state);
    let ended = |it: &Value| it["deadline"].is_null();
    // Whoever waits for a verdict is told that it was none to be paid, while attempts are left or it can be challenged.
    let instead_of = |it: &Value| {
        let again = it["state"] == "Active" && it["attempts"].as_u64() > Some(0);
        let failed = it["state"] == "Failed" && states.iter().all(|it| GOOD.contains(it));
        again || failed || !leads_to(it["state"].as_str(), &states)
    };
    let path = format!("/v1/contracts/{contract}");
    let found = wait::until(at, &path, within, |it| {
        wanted(it) || ended(it) || (!states.is_empty() && instead_of(it))
    })?;
    printer.data(|| text(&found, "state"), || found.clone());
    if states.is_empty() || wanted(&found) {
        return Ok(Exit::Done);
    }
    printer.note(instead(&found));
    Ok(Exit::Negative)
}

/// What is waited for by whoever waits for a pass.
const GOOD: [&str; 3] = ["Passed", "Provisional", "Final"];

/// Whether a contract in this state can still come to one of those.
fn leads_to(from: Option<&str>, to: &[&str]) -> bool {
    let mut seen: Vec<_> = from.into_iter().collect();
    let mut next = 0;
    while let Some(state) = seen.get(next).copied() {
        next += 1;
        if to.contains(&state) {
            return true;
        }
        let rows = TABLE.iter().filter(|row| row.state.as_str() == state);
        for name in rows.flat_map(|row| row.to).map(|it| it.as_str()) {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
    }
    false
}

/// What has happened last, where something else was waited for.
fn instead(contract: &Value) -> String {
    let id = text(contract, "id");
    let told = contract["explanation"].as_str().unwrap_or_default();
    let happened = told.lines().skip(1);
    let happened = happened.take_while(|line| line.starts_with("  "));
    let last = one_line(happened.last().unwrap_or_default().trim());
    format!("{last}\nsee `proofmark contract show {id}`")
}

fn list(state: Option<&str>, party: Option<&str>, at: &At, printer: &Printer) -> Outcome {
    let names: Vec<_> = StateName::ALL.iter().map(|it| it.as_str()).collect();
    let state = state.map(|typed| super::state(typed, &names));
    let state = state.transpose()?;
    let asked = [("state", state), ("party", party), ("limit", Some("200"))];
    let found = client::find(&at.market, "/v1/contracts", &asked)?;
    let rows = || {
        let items = found["items"].as_array().into_iter().flatten();
        items.map(|contract| {
            let asset: Option<Asset> = text(contract, "asset").parse().ok();
            [
                text(contract, "id"),
                text(contract, "state"),
                amount::shown(&contract["price"], asset),
                text(contract, "deadline"),
            ]
        })
    };
    let header = ["contract", "state", "price", "until"];
    printer.data(|| table(header, rows()), || found.clone());
    Ok(Exit::Done)
}

impl From<GroundArg> for Ground {
    fn from(ground: GroundArg) -> Self {
        match ground {
            GroundArg::VerdictWrong => Self::VerdictWrong,
            GroundArg::ValidatorGamed => Self::ValidatorGamed,
            GroundArg::EvidenceFalse => Self::EvidenceFalse,
            GroundArg::ReviewUnfounded => Self::ReviewUnfounded,
        }
    }
}

impl From<SideArg> for Side {
    fn from(side: SideArg) -> Self {
        match side {
            SideArg::Buyer => Self::Buyer,
            SideArg::Supplier => Self::Supplier,
        }
    }
}
