//! An RFQ: what holds, who bids, and what was decided.

use std::cmp::Reverse;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use proofmark_market::rfq::{BidEntry, Rfq, RfqState};
use proofmark_market::{PartyId, RfqId};
use proofmark_service::Recorder;

use crate::shown::{money, short, time};
use crate::terms::{self, Group};
use crate::{NoPage, instruments, page};

#[derive(Template)]
#[template(path = "rfq.html")]
struct RfqPage {
    title: String,
    id: String,
    class: String,
    state: &'static str,
    until: String,
    buyer: String,
    buyer_short: String,
    terms: Vec<Group>,
    instrument: String,
    terms_digest: String,
    bids: Vec<BidRow>,
    award: String,
    contracts: Vec<String>,
}

struct BidRow {
    supplier: String,
    short: String,
    price: String,
    bond: String,
    bonded: bool,
    found: String,
}

pub(crate) async fn show(
    State(recorder): State<Recorder>,
    Path(name): Path<String>,
) -> Result<Html<String>, NoPage> {
    let id: RfqId = name.parse().map_err(|_| NoPage::unknown("RFQ"))?;
    let found = recorder
        .read(|market| market.rfq(&id).map(RfqPage::from))
        .await?;
    found
        .map(|it| page(&it))
        .ok_or_else(|| NoPage::unknown("RFQ"))
}

impl From<&Rfq> for RfqPage {
    fn from(rfq: &Rfq) -> Self {
        let contracts = match &rfq.state {
            RfqState::Awarded(engagement) => (1..=engagement.begun)
                .filter_map(std::num::NonZeroU8::new)
                .map(|number| rfq.id.contract(number).to_string())
                .collect(),
            _ => Vec::new(),
        };
        let winner = rfq.award.as_ref().map(|award| match award.winner {
            Some(win) => format!(
                "{} is paid {}.",
                short(&win.supplier),
                money(win.price, rfq.terms.asset)
            ),
            None => "No bid could win.".to_owned(),
        });
        Self {
            title: format!("{} {}", rfq.terms.outcome_class, short(&rfq.id)),
            id: rfq.id.to_string(),
            class: rfq.terms.outcome_class.clone(),
            state: rfq.state.as_str(),
            until: rfq.state.deadline().as_ref().map(time).unwrap_or_default(),
            buyer: rfq.buyer.to_string(),
            buyer_short: short(&rfq.buyer),
            terms: terms::told(&rfq.terms),
            instrument: instruments::address(&rfq.terms),
            terms_digest: rfq.terms_digest.to_string(),
            bids: bids(rfq),
            award: winner.unwrap_or_default(),
            contracts,
        }
    }
}

/// The newest first.
fn bids(rfq: &Rfq) -> Vec<BidRow> {
    let mut bids: Vec<_> = rfq.bids.iter().collect();
    bids.sort_by_key(|(_, bid)| Reverse(bid.sequence));
    let rows = bids.into_iter();
    rows.map(|(supplier, bid)| row(rfq, supplier, bid))
        .collect()
}

fn row(rfq: &Rfq, supplier: &PartyId, entry: &BidEntry) -> BidRow {
    let asset = rfq.terms.asset;
    let shown = |amount| money(amount, asset);
    let sealed = || "sealed".to_owned();
    let candidates = rfq.award.iter().flat_map(|award| &award.basis.candidates);
    let mut own = candidates.filter(|it| it.candidate.supplier == *supplier);
    let found = own.next().map(|it| it.assessment.told(asset));
    BidRow {
        supplier: supplier.to_string(),
        short: short(supplier),
        price: entry.bid.map_or_else(sealed, |bid| shown(bid.price)),
        bond: entry.bid.map_or_else(sealed, |bid| shown(bid.bond)),
        bonded: entry.bonded,
        found: found.unwrap_or_else(|| match rfq.award.is_some() {
            true => "was not revealed: its bid bond is lost".to_owned(),
            false => String::new(),
        }),
    }
}
