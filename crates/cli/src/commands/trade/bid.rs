//! `proofmark bid …`

use std::path::{Path, PathBuf};

use proofmark_core::Timestamp;
use proofmark_core::canonical::ParseLimits;
use proofmark_ledger::Asset;
use proofmark_market::command::{Bid as Offered, SealedBid};
use proofmark_market::reputation::Standing;
use proofmark_market::{Code, PartyId, RfqId, Rules, Terms, rfq};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{amount, send, text};
use crate::args::{At, Bid, Offer, Sender};
use crate::commands::market::client;
use crate::commands::{Outcome, read_document};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::{files, signers};

/// A bid is firm for so much longer than it must, so that a late tick does not find it expired.
const DAY: u64 = 86_400;

/// What opens a sealed bid. Whoever loses it loses the bid bond; whoever gets it knows the bid.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    rfq: RfqId,
    bid: Offered,
    salt: String,
}

pub(crate) fn run(command: &Bid, printer: &Printer) -> Outcome {
    match command {
        Bid::Place {
            offer,
            bonded,
            sender,
        } => {
            let bid = offered(offer, sender)?;
            affords(&bid, sender, printer)?;
            let mut action = json!({ "type": "place_bid", "rfq": offer.rfq, "bid": bid });
            if *bonded {
                action["bonded"] = json!(true);
            }
            send(action, sender, printer)
        }
        Bid::Commit { offer, to, sender } => commit(offer, to.as_deref(), sender, printer),
        Bid::Reveal { file, sender } => {
            let opening = opening(&kept(file))?;
            let mut action = json!(opening);
            action["type"] = json!("reveal_bid");
            send(action, sender, printer)
        }
        Bid::Withdraw { rfq, sender } => send(
            json!({ "type": "withdraw_bid", "rfq": rfq }),
            sender,
            printer,
        ),
    }
}

fn offered(offer: &Offer, sender: &Sender) -> Result<Offered, Failure> {
    let rfq = client::get(&sender.at.market, &format!("/v1/rfqs/{}", offer.rfq))?;
    let asset = asset(&rfq)?;
    Ok(Offered {
        price: amount::parse(&offer.price, asset)?,
        bond: amount::parse(&offer.bond, asset)?,
        firm_until: offer.firm_until.map_or_else(|| firm(&rfq), Ok)?,
    })
}

fn asset(rfq: &Value) -> Result<Asset, Failure> {
    text(rfq, "asset")
        .parse()
        .map_err(|_| client::no_market("it names no asset"))
}

fn firm(rfq: &Value) -> Result<Timestamp, Failure> {
    let terms: Option<Terms> = serde_json::from_value(rfq["terms"].clone()).ok();
    let published: Option<Timestamp> = text(rfq, "published_at").parse().ok();
    match (terms, published) {
        (Some(terms), Some(at)) => Ok(at.plus_seconds(terms.firm_seconds().saturating_add(DAY))),
        _ => Err(client::no_market("its terms cannot be read")),
    }
}

/// The market cannot say of a sealed bid that it could never win, until it is too late.
fn competes(offer: &Offer, bid: &Offered, supplier: PartyId, at: &At) -> Result<(), Failure> {
    let rfq = client::get(&at.market, &format!("/v1/rfqs/{}", offer.rfq))?;
    let (terms, published): (Terms, Timestamp) =
        (typed(&rfq["terms"])?, typed(&rfq["published_at"])?);
    rfq::offer(&terms, published, bid)
        .map_err(|no| Failure::input(no.code.as_str(), no.detail, no.code.hint()))?;
    let rules = client::get(&at.market, "/v1/market")?;
    let class = client::segment(&terms.outcome_class);
    let record = client::get(
        &at.market,
        &format!("/v1/parties/{supplier}/standings/{class}"),
    )?;
    let (rules, standing): (Rules, Standing) =
        (typed(&rules["rules"])?, typed(&record["standing"])?);
    let found = rfq::competes(&terms, &rules, supplier, &standing, bid);
    found.map(drop).map_err(|why| {
        let hint = Code::BidIneligible.hint();
        Failure::input(Code::BidIneligible.as_str(), why, hint)
    })
}

/// A bid may promise more than its supplier has, and must be paid for if it wins.
fn affords(bid: &Offered, sender: &Sender, printer: &Printer) -> Result<(), Failure> {
    let supplier: PartyId = signers::open(&sender.key)?.public_key().id();
    // Whoever is no party, the market refuses.
    let Ok(party) = client::get(&sender.at.market, &format!("/v1/parties/{supplier}")) else {
        return Ok(());
    };
    let balance = &party["balances"][0];
    if balance["available"]
        .as_i64()
        .is_some_and(|it| it < bid.bond.minor())
    {
        let asset: Option<Asset> = text(balance, "asset").parse().ok();
        let has = amount::shown(&balance["available"], asset);
        let bond = amount::shown(&json!(bid.bond), asset);
        printer.warn(format!("the bond is {bond}, and {has} are available: a bid that wins and cannot put up its bond loses its bid bond"));
    }
    Ok(())
}

fn typed<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, Failure> {
    let read = serde_json::from_value(value.clone());
    read.map_err(|_| client::no_market("it says what this program cannot read"))
}

/// What opens it is on the disk before anybody sees the commitment.
fn commit(offer: &Offer, to: Option<&Path>, sender: &Sender, printer: &Printer) -> Outcome {
    let opening = Opening {
        rfq: offer.rfq,
        bid: offered(offer, sender)?,
        salt: salt()?,
    };
    let supplier: PartyId = signers::open(&sender.key)?.public_key().id();
    competes(offer, &opening.bid, supplier, &sender.at)?;
    affords(&opening.bid, sender, printer)?;
    let sealed = SealedBid {
        rfq: opening.rfq,
        supplier,
        bid: opening.bid,
        salt: &opening.salt,
    };
    let commitment = sealed.commitment();
    let named = named_after(&offer.rfq);
    let file = to.unwrap_or(&named);
    let text = serde_json::to_string_pretty(&opening).expect("JSON");
    files::create_private(file, text.as_bytes())?;
    let action = json!({ "type": "commit_bid", "rfq": offer.rfq, "commitment": commitment });
    let sent = send(action, sender, printer);
    match &sent {
        // It opens nothing. Where nobody answered, it may.
        Err(failure) if failure.exit == Exit::BadInput => drop(std::fs::remove_file(file)),
        _ => printer.note(format!(
            "{} opens this bid: keep it, and reveal it when bidding is over (`rfq wait --reveal` waits for that)",
            file.display()
        )),
    }
    sent
}

/// 32 bytes that nobody can guess.
fn salt() -> Result<String, Failure> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(|error| {
        let hint = "the operating system gives no random bytes";
        Failure::environment("no-randomness", error, hint)
    })?;
    Ok(salt.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The file that opens a bid, where the name of the RFQ stands for it.
fn kept(file: &Path) -> PathBuf {
    let rfq: Option<RfqId> = file.to_str().and_then(|name| name.parse().ok());
    match rfq {
        Some(rfq) if !file.exists() => named_after(&rfq),
        _ => file.to_owned(),
    }
}

/// Where what opens a bid is kept, if nobody says otherwise.
fn named_after(rfq: &RfqId) -> PathBuf {
    PathBuf::from(format!("{rfq}.bid.json"))
}

fn opening(file: &Path) -> Result<Opening, Failure> {
    let bytes = read_document(file, ParseLimits::DOCUMENT.max_bytes)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let hint = "`bid commit` writes the file that opens a bid";
        Failure::input("opening-malformed", error, hint).about(file.display())
    })
}
