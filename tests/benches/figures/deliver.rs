//! `deliver`: work that is handed in over HTTP, judged, signed, presented, obeyed, logged, accepted and paid, all of it
//! durable. Server, engine and clients share the machine.

use std::fs;
use std::num::NonZeroU8;
use std::thread;
use std::time::{Duration, Instant};

use proofmark_core::{Digest, canonical};
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_market::{ContractId, RfqId};
use serde_json::{Value, json};

use crate::guests::{self, Setting};
use crate::serve::{Market, request};
use crate::table::{Figure, Section, Target};
use crate::wire;

/// Contracts.
const DELIVERIES: usize = 2_000;
/// Connections of those who deliver and accept.
const CONNECTIONS: usize = 64;
/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) fn run(setting: &Setting) -> Section {
    let mut section = Section::new(
        "deliver",
        "contracts from the delivery to the money, each with one run of ten checks",
        &["what", "contracts", "seconds", "per second"],
    );
    let options = ["--runs", "64", "--commands-per-second", "0"];
    let market = Market::with(setting, &options);
    let parties = Parties::of(&market);
    let criteria = market.criteria(setting);
    let submission = work(&market);
    let contracts = contracts(&market, &parties, criteria);
    let of_each = |verb: &str, value: &Value, key: &SecretKey| -> Vec<Vec<u8>> {
        let one = |contract: &ContractId| {
            let action = json!({"type": "contract", "contract": contract, "verb": value});
            request(key, &format!("{verb}/{contract}"), action, None).0
        };
        contracts.iter().map(one).collect()
    };
    let submit = json!({"type": "submit", "submission": submission});
    let submits = of_each("submit", &submit, &parties.supplier);
    let accepts = of_each("accept", &json!({"type": "accept"}), &parties.buyer);
    let logged = size(&market);
    let started = Instant::now();
    wire::closed(&market.address, &submits, CONNECTIONS);
    let handed_in = started.elapsed();
    wait("all are judged and logged", || {
        size(&market) - logged == DELIVERIES as u64
    });
    let judged = started.elapsed();
    let accepting = Instant::now();
    wire::closed(&market.address, &accepts, CONNECTIONS);
    let paid = judged + accepting.elapsed();
    let mut row = |what: &str, took: Duration| {
        section.row(vec![
            what.into(),
            Figure::Count(DELIVERIES as u64),
            Figure::Decimal(took.as_secs_f64(), 2),
            Figure::Decimal(DELIVERIES as f64 / took.as_secs_f64(), 0),
        ]);
    };
    row("handed in, while others are judged", handed_in);
    row("and judged, signed, obeyed, logged", judged);
    row("and accepted, and paid", paid);
    let rate = DELIVERIES as f64 / paid.as_secs_f64();
    section.target(Target::at_least("deliveries per second", rate, 6_000.0, ""));
    section
}

/// Who takes part.
struct Parties {
    operator: SecretKey,
    buyer: SecretKey,
    supplier: SecretKey,
}

impl Parties {
    fn of(market: &Market) -> Self {
        Self {
            operator: market.operator(),
            buyer: market.party("payer"),
            supplier: market.party("supplier"),
        }
    }
}

/// The supplier's work, uploaded once: the bytes of a delivery are the same each time.
fn work(market: &Market) -> Digest {
    let folder = market.folder.join("work");
    let file = folder.join(guests::INPUT);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, guests::order()).expect("written");
    let sent = market.run(&["market", "upload", "work", "--key", "supplier.pem"]);
    let manifest = sent["items"]
        .as_array()
        .and_then(|it| it.last()?["blob"].as_str());
    let manifest = manifest.unwrap_or_default().parse();
    manifest.unwrap_or_else(|_| panic!("a digest: {sent}"))
}

/// Contracts that have begun: published, bid on, awarded.
fn contracts(market: &Market, parties: &Parties, criteria: Digest) -> Vec<ContractId> {
    for key in [&parties.buyer, &parties.supplier] {
        let party = key.public_key().id();
        let amount = 10_000 * DELIVERIES;
        let deposit =
            json!({"type": "deposit", "party": party, "asset": "USD/2", "amount": amount});
        let (deposit, _) = request(&parties.operator, &format!("{party}"), deposit, None);
        wire::closed(&market.address, &[deposit], 1);
    }
    let terms = canonical::to_bytes(&terms(market, parties, criteria)).expect("text and integers");
    let published = (0..DELIVERIES).map(|number| {
        let publish = json!({"type": "publish_rfq", "terms": Digest::of(&terms)});
        let name = format!("publish/{number}");
        request(&parties.buyer, &name, publish, Some(&terms))
    });
    let (published, payloads): (Vec<_>, Vec<_>) = published.unzip();
    let rfqs: Vec<_> = payloads.iter().map(RfqId::of).collect();
    let bids = rfqs.iter().map(|rfq| {
        let bid = json!({"price": 4_000, "bond": 4_000, "firm_until": "2100-01-01T00:00:00Z"});
        let bid = json!({"type": "place_bid", "rfq": rfq, "bid": bid});
        request(&parties.supplier, &format!("bid/{rfq}"), bid, None).0
    });
    let bids: Vec<_> = bids.collect();
    wire::closed(&market.address, &published, CONNECTIONS);
    wire::closed(&market.address, &bids, CONNECTIONS);
    let contracts = rfqs.into_iter().map(|rfq| rfq.contract(NonZeroU8::MIN));
    let contracts: Vec<ContractId> = contracts.collect();
    for contract in &contracts {
        wait("it begins", || {
            state(market, contract).is_some_and(|it| it == "Active")
        });
    }
    contracts
}

fn terms(market: &Market, parties: &Parties, criteria: Digest) -> Value {
    let oracle = parties.buyer.public_key().id();
    json!({
        "schema": "https://proofmark.example/terms/v1", "outcome_class": "order", "asset": "USD/2",
        "milestones": [{"deliverable": "m1", "criteria": criteria, "share": 1_000_000}],
        "engines": {"keys": [market.made["engine"]], "threshold": 1, "profile": market.made["profile"]},
        "award": {"rule": "first_score", "bids": "open", "price_ceiling": 5_000},
        "attempts": 2, "holdback": 200_000,
        "windows": {"bidding_seconds": 10, "award_seconds": 600, "delivery_seconds": 600, "retry_seconds": 60,
            "verification_seconds": 600, "challenge_seconds": 600, "rerun_seconds": 60},
        "bonds": {"bid": 50, "performance": 500, "challenge": 60},
        "fees": {"market": 25_000, "verification": 2},
        "penalties": {"cancelled_rfq": 0, "cancelled": 200_000, "rejected": 100_000, "resigned": 50_000,
            "defaulted": 500_000, "to_buyer": 500_000},
        "losses": {"fail": 800, "defect": 2_000},
        "warranty": {"warranty_seconds": 600, "evidence_seconds": 60, "evidence_max": 1, "cure_seconds": 60,
            "oracles": [oracle], "criteria": criteria, "clawback": [{"after_seconds": 0, "share": 1_000_000}]},
    })
}

fn wait(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE, "{what}: not yet");
        thread::sleep(Duration::from_millis(5));
    }
}

fn state(market: &Market, contract: &ContractId) -> Option<String> {
    let shown = wire::get(&market.address, &format!("/v1/contracts/{contract}"))?;
    let shown: Value = serde_json::from_str(&shown).ok()?;
    Some(shown["state"].as_str()?.to_owned())
}

/// Verdicts that the published checkpoint of the log covers.
fn size(market: &Market) -> u64 {
    let checkpoint = wire::get(&market.address, "/log/checkpoint");
    let checkpoint = checkpoint.unwrap_or_default();
    let size = checkpoint.lines().nth(1).and_then(|it| it.parse().ok());
    size.unwrap_or(0)
}
