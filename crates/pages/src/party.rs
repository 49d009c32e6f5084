//! A party: what it has, and what its record says.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use proofmark_core::Ppm;
use proofmark_ledger::AccountKey as _;
use proofmark_market::reputation::Standing;
use proofmark_market::{Account, Market, PartyId};
use proofmark_service::Recorder;

use crate::shown::{money, percent, short};
use crate::{NoPage, page};

/// Length of a bar.
const WIDTH: u32 = 240;

#[derive(Template)]
#[template(path = "party.html")]
struct PartyPage {
    title: String,
    id: String,
    balances: Vec<String>,
    as_buyer: Vec<(&'static str, String)>,
    classes: Vec<Class>,
}

/// The record of a supplier in an outcome class.
struct Class {
    name: String,
    evidence: String,
    fees: String,
    bars: Vec<Bar>,
}

/// A bound, drawn as the interval in which the truth is with 90 % confidence.
struct Bar {
    what: &'static str,
    says: String,
    from: u32,
    width: u32,
    good: bool,
}

pub(crate) async fn show(
    State(recorder): State<Recorder>,
    Path(name): Path<String>,
) -> Result<Html<String>, NoPage> {
    let id: PartyId = name.parse().map_err(|_| NoPage::unknown("party"))?;
    let found = recorder.read(|market| told(market, id)).await?;
    found
        .map(|it| page(&it))
        .ok_or_else(|| NoPage::unknown("party"))
}

fn told(market: &Market, id: PartyId) -> Option<PartyPage> {
    market.key(&id)?;
    let balance = |asset| {
        let account = Account::Available(id, asset);
        let balance = market.ledger().balance(&account);
        money(balance.available(account.normal()), asset)
    };
    let buyer = market.buyer_standing(&id, market.now());
    let has_bought = buyer.contracts_milli > 0;
    let thousandths = |milli: u64| format!("{}.{}", milli / 1_000, milli % 1_000 / 100);
    let classes = market.classes(&id).map(|name| {
        let standing = market.standing(id, name, market.now());
        let asset = market.rules().assets.first().copied();
        Class {
            name: name.to_owned(),
            evidence: thousandths(standing.effective_milli),
            fees: asset.map(|it| money(standing.fees, it)).unwrap_or_default(),
            bars: bars(&standing),
        }
    });
    Some(PartyPage {
        title: format!("Party {}", short(&id)),
        id: id.to_string(),
        balances: market.rules().assets.iter().copied().map(balance).collect(),
        // Of who never bought nothing is known, and a bound would read as a reproach.
        as_buyer: match has_bought {
            false => Vec::new(),
            true => vec![
                ("Contracts", thousandths(buyer.contracts_milli)),
                ("Cancelled", thousandths(buyer.cancelled_milli)),
                ("Accepted by silence", thousandths(buyer.silent_milli)),
                ("Disputes lost", thousandths(buyer.disputes_lost_milli)),
                ("At most this share is bad", percent(buyer.bad)),
            ],
        },
        classes: classes.collect(),
    })
}

fn bars(standing: &Standing) -> Vec<Bar> {
    vec![
        at_least("delivers", standing.delivers),
        at_least("passes", standing.benchmark),
        at_least("keeps its word", standing.uptime),
        at_most("late defects", standing.defects),
        at_most("contracts that failed", standing.errors),
    ]
}

fn at_least(what: &'static str, bound: Ppm) -> Bar {
    let from = scaled(bound);
    Bar {
        what,
        says: format!("at least {}", percent(bound)),
        from,
        width: WIDTH - from,
        good: true,
    }
}

fn at_most(what: &'static str, bound: Ppm) -> Bar {
    Bar {
        what,
        says: format!("at most {}", percent(bound)),
        from: 0,
        width: scaled(bound),
        good: false,
    }
}

fn scaled(share: Ppm) -> u32 {
    let scaled = u64::from(share.get()) * u64::from(WIDTH) / u64::from(Ppm::ONE.get());
    u32::try_from(scaled).unwrap_or(WIDTH)
}
