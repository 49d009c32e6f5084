//! `proofmark contract bundle`: the evidence of a contract, to be verified without the market.

use std::path::Path;
use std::time::{Duration, Instant};

use proofmark_attestation::Bundle;
use proofmark_core::Digest;
use proofmark_market::ContractId;
use serde_json::{Value, json};

use super::{table, text};
use crate::args::At;
use crate::commands::Outcome;
use crate::commands::market::client;
use crate::failure::{Exit, Failure};
use crate::files::{vacant, write_atomically};
use crate::printer::Printer;

/// A verdict is logged some milliseconds after it was obeyed; where it takes longer, there is no proof yet.
const PATIENCE: Duration = Duration::from_secs(5);
const REST: Duration = Duration::from_millis(100);

/// Which bundle, and in which form.
pub(crate) struct Wanted {
    /// By its digest; the last one without.
    pub(crate) bundle: Option<Digest>,
    /// Byte for byte as it was presented.
    pub(crate) presented: bool,
}

/// Every bundle that was presented for a contract and obeyed, in order.
pub(crate) fn presented(contract: &ContractId, at: &At) -> Result<Vec<Value>, Failure> {
    let path = format!("/v1/contracts/{contract}/verdicts");
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let asked = [("limit", Some("200")), ("after", after.as_deref())];
        let mut page = client::find(&at.market, &path, &asked)?;
        if let Value::Array(items) = page["items"].take() {
            all.extend(items);
        }
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            return Ok(all);
        }
    }
}

pub(super) fn list(contract: &ContractId, at: &At, printer: &Printer) -> Outcome {
    let found = presented(contract, at)?;
    let rows = || {
        found.iter().map(|it| {
            let logged = it["log_index"].as_u64();
            [
                text(it, "bundle"),
                it["run"].to_string(),
                text(it, "verdict"),
                text(it, "at"),
                logged.map_or_else(|| "not yet".to_owned(), |index| format!("#{index}")),
            ]
        })
    };
    let header = ["bundle", "run", "verdict", "presented", "logged"];
    printer.data(|| table(header, rows()), || json!({ "items": found }));
    Ok(Exit::Done)
}

/// Where to write what.
pub(super) struct Files<'f> {
    /// The bundle; to standard output without.
    pub(super) to: Option<&'f Path>,
    /// The facts of the order.
    pub(super) facts: Option<&'f Path>,
}

pub(super) fn fetch(
    contract: &ContractId,
    wanted: &Wanted,
    files: &Files<'_>,
    at: &At,
    printer: &Printer,
) -> Outcome {
    for (file, option) in [(files.to, "--to"), (files.facts, "--facts")] {
        file.map_or(Ok(()), |file| vacant(file, option))?;
    }
    let Fetched {
        bundle,
        bytes,
        index,
        run,
    } = fetched(contract, wanted, at)?;
    if let Some(file) = files.facts {
        let run = run.to_string();
        let path = format!("/v1/contracts/{contract}/facts");
        let facts = client::fetch(&at.market, &path, &[("run", Some(&run))])?;
        write_atomically(file, &facts[..])?;
    }
    let Some(file) = files.to else {
        printer.bytes(&bytes);
        return Ok(Exit::Done);
    };
    write_atomically(file, &bytes[..])?;
    let logged = match index {
        Some(index) => format!("#{index} of its log"),
        None => "without a proof".to_owned(),
    };
    let facts = files
        .facts
        .map(|file| format!("\nfacts   {}", file.display()));
    printer.data(
        || {
            let facts = facts.unwrap_or_default();
            format!("bundle  {}{facts}\nlogged  {logged}", file.display())
        },
        || json!({ "bundle": bundle, "file": file, "facts": files.facts, "log_index": index }),
    );
    Ok(Exit::Done)
}

/// A bundle that was fetched.
pub(crate) struct Fetched {
    /// Its digest as it was presented.
    pub(crate) bundle: String,
    /// What came.
    pub(crate) bytes: Vec<u8>,
    /// Where it is logged, if what came proves that.
    pub(crate) index: Option<u64>,
    /// Of which run.
    pub(crate) run: u64,
}

/// Fetches a bundle, and waits a little until it is logged if the market has a log.
pub(crate) fn fetched(contract: &ContractId, wanted: &Wanted, at: &At) -> Result<Fetched, Failure> {
    let has_log = !client::get(&at.market, "/v1/market")?["log"].is_null();
    let until = Instant::now() + PATIENCE;
    let found = loop {
        let listed = presented(contract, at)?;
        let found = chosen(&listed, contract, wanted.bundle)?;
        let done = !found["log_index"].is_null() || !has_log || wanted.presented;
        if done || Instant::now() >= until {
            break found;
        }
        std::thread::sleep(REST);
    };
    let bundle = text(&found, "bundle");
    let path = format!("/v1/contracts/{contract}/verdicts/{bundle}");
    let form = wanted.presented.then_some("presented");
    let bytes = client::fetch(&at.market, &path, &[("as", form)])?;
    // One that brought a proof of its own keeps it: what is said is what the bytes prove.
    let proof = Bundle::parse(&bytes).ok().and_then(|it| it.log);
    Ok(Fetched {
        index: proof.map(|it| it.proof.index),
        bytes,
        bundle,
        run: found["run"].as_u64().unwrap_or_default(),
    })
}

fn chosen(
    listed: &[Value],
    contract: &ContractId,
    bundle: Option<Digest>,
) -> Result<Value, Failure> {
    let mut items = listed.iter();
    let found = match bundle {
        Some(bundle) => items.find(|it| it["bundle"] == json!(bundle)),
        None => items.next_back(),
    };
    found.cloned().ok_or_else(|| {
        let hint = format!("see what there is: proofmark contract bundle {contract} --list");
        Failure::input("verdict-unknown", "no such bundle was presented", hint)
    })
}
