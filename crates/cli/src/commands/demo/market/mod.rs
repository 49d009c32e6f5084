//! The second part of the demo: a market on this machine, with buyers and suppliers, good and bad, over HTTP.

mod fair;
mod jobs;
mod terms;

use std::fs;
use std::path::Path;
use std::thread;

use proofmark_core::Digest;
use proofmark_dsse::Envelope;
use serde_json::{Value, json};

use self::fair::{Fair, shown};
use self::jobs::Ended;
use crate::args::Global;
use crate::failure::Failure;
use crate::printer::Printer;

/// Everybody, and what each brings, in cents.
const CAST: [(&str, i64); 8] = [
    ("insurer", 10_000),
    ("shop", 20_000),
    ("maintainer", 10_000),
    ("oracle", 0),
    ("careful", 15_000),
    ("hasty", 15_000),
    ("cheap", 10_000),
    ("forgetful", 15_000),
];

/// A purchase by name, and how it must end.
type Purchase = (
    &'static str,
    fn(&Fair, &Path) -> Result<Ended, Failure>,
    &'static str,
);

const PURCHASES: [Purchase; 4] = [
    (
        "a claim is decided, and the verdict is challenged",
        jobs::challenged,
        "Final",
    ),
    (
        "a ticket is reopened, and resolved again",
        jobs::cured,
        "Final",
    ),
    (
        "a change is reverted, and not mended",
        jobs::clawed_back,
        "ClawedBack",
    ),
    ("nobody delivers", jobs::vanished, "Defaulted"),
];

/// What came of it.
pub(super) struct Market {
    /// Whether everything ended as it must.
    pub(super) as_promised: bool,
    /// For programs.
    pub(super) document: Value,
}

pub(super) fn run(
    folder: &Path,
    examples: &Path,
    global: &Global,
    printer: &Printer,
) -> Result<Market, Failure> {
    let told = |text: &str| {
        if !printer.is_json() {
            printer.line(text);
        }
    };
    told(
        "\n── a market: three buyers, four suppliers, four purchases at the same time ─────────────────────────",
    );
    let mut fair = Fair::open(folder, global)?;
    for (name, cents) in CAST {
        fair.enter(name, cents)?;
    }
    let ended = all_at_once(&fair, examples)?;
    for ((what, _, _), ended) in PURCHASES.iter().zip(&ended) {
        told(&format!("\n{what}\n  {}", ended.tale.join("\n  ")));
    }
    let balances = CAST
        .iter()
        .map(|(name, brought)| Ok((*name, *brought, fair.cents(name)?)))
        .collect::<Result<Vec<_>, Failure>>()?;
    told(&format!("\n{}", table(&balances)));
    let settled = settled(&fair, folder, &ended)?;
    told(&format!(
        "\n{settled} of 3 first verdicts settle their order, verified offline from the bundle with its log proof, the policy and what the buyer knows."
    ));
    let audit = fair.audit()?;
    told(&format!(
        "The server has stopped; everything in its record is computed again:\n{audit}"
    ));
    let states = PURCHASES.iter().zip(&ended);
    let as_told = states.clone().all(|((_, _, state), it)| it.state == *state);
    let as_promised = as_told && settled == 3 && audit.ends_with("nothing is wrong");
    let purchase = |((what, ..), it): (&Purchase, &Ended)| json!({ "what": what, "contract": it.contract, "state": it.state });
    Ok(Market {
        as_promised,
        document: json!({
            "purchases": states.map(purchase).collect::<Vec<_>>(),
            "balances": balances.iter().map(|(name, _, cents)| (*name, *cents)).collect::<std::collections::BTreeMap<_, _>>(),
            "settled": settled,
            "audit": audit,
        }),
    })
}

fn all_at_once(fair: &Fair, examples: &Path) -> Result<Vec<Ended>, Failure> {
    thread::scope(|scope| {
        let begun = PURCHASES.map(|(_, purchase, _)| scope.spawn(move || purchase(fair, examples)));
        let ended = begun
            .into_iter()
            .map(|it| it.join().expect("no purchase panics"));
        ended.collect()
    })
}

/// How many first passes settle their order for somebody who was not there: facts, policy and bundle are files.
fn settled(fair: &Fair, folder: &Path, ended: &[Ended]) -> Result<usize, Failure> {
    let policy = folder.join("market/policy.v1.dsse.json");
    let policy = fs::read(&policy).map_err(|error| Failure::unreadable(&policy, &error))?;
    let policy = Envelope::parse(&policy).expect("it was signed here");
    let pin: Digest = policy.payload_digest();
    let mut settled = 0;
    for ended in ended {
        let Some(facts) = &ended.facts else { continue };
        let name = ended.contract.to_string();
        let file = format!("{name}.facts.json");
        write(&folder.join(&file), facts.to_string().as_bytes())?;
        for (number, bundle) in fair.bundles(&ended.contract)?.iter().enumerate() {
            let bundle_file = format!("{name}.{number}.bundle.json");
            write(&folder.join(&bundle_file), bundle)?;
            if fair.settles(&bundle_file, &file, &pin)? {
                settled += 1;
                break;
            }
        }
    }
    Ok(settled)
}

fn write(file: &Path, content: &[u8]) -> Result<(), Failure> {
    fs::write(file, content).map_err(|error| Failure::unwritable(file, &error))
}

fn table(balances: &[(&str, i64, i64)]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["party", "brought", "has"]);
    for (name, brought, has) in balances {
        table.add_row([(*name).to_owned(), shown(*brought), shown(*has)]);
    }
    table.to_string()
}
