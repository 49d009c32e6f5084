//! Instruments: what is bought, and at what prices. An instrument is an outcome class with the published grade that terms
//! follow, if they follow one.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use proofmark_core::{Ppm, Timestamp};
use proofmark_ledger::{Amount, Asset};
use proofmark_market::event::{Event, Subject};
use proofmark_market::rfq::{Rfq, RfqState};
use proofmark_market::terms::Terms;
use proofmark_market::{Market, RfqId};
use proofmark_service::Recorder;
use serde::Deserialize;

use crate::shown::{money, percent, short, time};
use crate::{NoPage, page};

/// So many awards are drawn and listed, the newest.
const MOST: usize = 100;
/// Of the drawing.
const WIDTH: u64 = 640;
const HEIGHT: u64 = 160;
/// Room at the edges, so that no dot is cut off.
const EDGE: u64 = 8;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Name {
    class: String,
    #[serde(default)]
    grade: String,
}

impl Name {
    fn of(terms: &Terms) -> Self {
        Self {
            class: terms.outcome_class.clone(),
            grade: terms.instrument.clone().unwrap_or_default(),
        }
    }

    fn address(&self) -> String {
        let of =
            |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        format!(
            "/instruments/prices?class={}&grade={}",
            of(&self.class),
            of(&self.grade)
        )
    }
}

/// Where the prices of what these terms ask for stand.
pub(crate) fn address(terms: &Terms) -> String {
    Name::of(terms).address()
}

#[derive(Template)]
#[template(path = "instruments.html")]
struct List {
    title: &'static str,
    instruments: Vec<Row>,
}

struct Row {
    address: String,
    class: String,
    grade: String,
    rfqs: usize,
    awards: usize,
    last: String,
    passed: String,
}

#[derive(Template)]
#[template(path = "prices.html")]
struct Prices {
    title: String,
    class: String,
    grade: String,
    rfqs: usize,
    awards: usize,
    passed: String,
    chart: Option<Chart>,
    prints: Vec<Print>,
}

/// Prices over time, as it is drawn.
struct Chart {
    says: String,
    points: String,
    dots: Vec<(u64, u64)>,
    highest: String,
    lowest: String,
    when: String,
}

/// One award.
struct Print {
    rfq: String,
    short: String,
    at: String,
    price: String,
    bids: usize,
}

/// What is known of an instrument.
#[derive(Default)]
struct Known<'m> {
    rfqs: usize,
    /// The newest last.
    awards: Vec<(Timestamp, RfqId, Amount, &'m Rfq)>,
    attempts: u64,
    passed: u64,
}

impl<'m> Known<'m> {
    fn add(&mut self, market: &'m Market, rfq: &'m Rfq) {
        self.rfqs += 1;
        let Some(win) = rfq.award.as_ref().and_then(|award| award.winner) else {
            return;
        };
        let Some(at) = awarded_at(market, rfq) else {
            return;
        };
        self.awards.push((at, rfq.id, win.price, rfq));
        let RfqState::Awarded(engagement) = &rfq.state else {
            return;
        };
        for number in (1..=engagement.begun).filter_map(std::num::NonZeroU8::new) {
            if let Some(contract) = market.contract(&rfq.id.contract(number)) {
                self.attempts += u64::from(contract.attempts);
                self.passed += u64::from(contract.verdicts_passed);
            }
        }
    }

    /// Share of attempts that passed.
    fn pass_share(&self) -> String {
        let share = Ppm::ratio(self.passed.into(), self.attempts.into());
        match share.filter(|_| self.attempts > 0) {
            Some(share) => format!("{} of {}", percent(share), self.attempts),
            None => String::new(),
        }
    }
}

fn awarded_at(market: &Market, rfq: &Rfq) -> Option<Timestamp> {
    let story = market.story(&Subject::Rfq(rfq.id));
    let awarded = story
        .iter()
        .find(|noted| matches!(noted.event, Event::RfqAwarded { .. }));
    awarded.map(|noted| noted.at)
}

pub(crate) async fn list(State(recorder): State<Recorder>) -> Result<Html<String>, NoPage> {
    Ok(page(&recorder.read(listed).await?))
}

fn listed(market: &Market) -> List {
    let mut known: BTreeMap<Name, Known<'_>> = BTreeMap::new();
    for rfq in market.rfqs() {
        let one = known.entry(Name::of(&rfq.terms)).or_default();
        one.add(market, rfq);
    }
    let row = |(name, mut known): (Name, Known<'_>)| {
        known.awards.sort_by_key(|(at, rfq, ..)| (*at, *rfq));
        let last = known.awards.last();
        Row {
            address: name.address(),
            rfqs: known.rfqs,
            awards: known.awards.len(),
            last: last.map_or_else(String::new, |(_, _, price, rfq)| {
                money(*price, rfq.terms.asset)
            }),
            passed: known.pass_share(),
            class: name.class,
            grade: name.grade,
        }
    };
    List {
        title: "Instruments",
        instruments: known.into_iter().map(row).collect(),
    }
}

pub(crate) async fn prices(
    State(recorder): State<Recorder>,
    name: Result<Query<Name>, QueryRejection>,
) -> Result<Html<String>, NoPage> {
    let Query(name) = name.map_err(|_| NoPage::unknown("instrument"))?;
    let found = recorder.read(|market| told(market, name)).await?;
    found
        .map(|it| page(&it))
        .ok_or_else(|| NoPage::unknown("instrument"))
}

fn told(market: &Market, name: Name) -> Option<Prices> {
    let mut known = Known::default();
    for rfq in market.rfqs().filter(|rfq| Name::of(&rfq.terms) == name) {
        known.add(market, rfq);
    }
    if known.rfqs == 0 {
        return None;
    }
    known.awards.sort_by_key(|(at, rfq, ..)| (*at, *rfq));
    let awards = known.awards.len();
    let newest = &known.awards[awards.saturating_sub(MOST)..];
    let print = |(at, id, price, rfq): &(Timestamp, RfqId, Amount, &Rfq)| Print {
        rfq: id.to_string(),
        short: short(id),
        at: time(at),
        price: money(*price, rfq.terms.asset),
        bids: rfq.bids.len(),
    };
    let asset = market.rules().assets.first().copied();
    let points: Vec<_> = newest
        .iter()
        .map(|(at, _, price, _)| (*at, *price))
        .collect();
    Some(Prices {
        title: format!("Prices of {}", name.class),
        rfqs: known.rfqs,
        awards,
        passed: known.pass_share(),
        chart: asset.and_then(|asset| chart(&points, asset)),
        prints: newest.iter().rev().map(print).collect(),
        class: name.class,
        grade: name.grade,
    })
}

/// Time to the right, price upwards from zero, so that a small difference looks small.
fn chart(points: &[(Timestamp, Amount)], asset: Asset) -> Option<Chart> {
    let (first, last) = (points.first()?, points.last()?);
    let highest = points.iter().map(|(_, price)| *price).max()?;
    let lowest = points.iter().map(|(_, price)| *price).min()?;
    let span = last.0.micros() - first.0.micros();
    let place = |(at, price): &(Timestamp, Amount)| {
        let passed = at.micros() - first.0.micros();
        let right = scaled(passed, span, WIDTH - 2 * EDGE);
        let up = scaled(price.minor(), highest.minor(), HEIGHT - 2 * EDGE);
        (EDGE + right, HEIGHT - EDGE - up)
    };
    let dots: Vec<_> = points.iter().map(place).collect();
    let pairs = dots.iter().map(|(x, y)| format!("{x},{y}"));
    let (highest, lowest) = (money(highest, asset), money(lowest, asset));
    Some(Chart {
        says: format!("Prices from {lowest} to {highest}; the table has each"),
        points: pairs.collect::<Vec<_>>().join(" "),
        dots,
        highest,
        lowest,
        when: match first.0 == last.0 {
            true => time(&first.0),
            false => format!("{} to {}", time(&first.0), time(&last.0)),
        },
    })
}

/// `part` of `whole`, of so many units; the middle where there is no whole.
fn scaled(part: i64, whole: i64, units: u64) -> u64 {
    if whole <= 0 {
        return units / 2;
    }
    let scaled = i128::from(part) * i128::from(units) / i128::from(whole);
    u64::try_from(scaled).unwrap_or(0).min(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_drawn_within_the_drawing() {
        let asset: Asset = "USD/2".parse().expect("an asset");
        let at = |seconds| Timestamp::from_seconds(seconds).expect("a time");
        let cents = |minor| Amount::new(minor).expect("an amount");
        assert!(chart(&[], asset).is_none());
        let one = chart(&[(at(5), cents(1_000))], asset).expect("one award");
        assert_eq!(one.dots, [(320, EDGE)]);
        let points = [
            (at(0), cents(0)),
            (at(1), cents(500)),
            (at(4), cents(1_000)),
        ];
        let three = chart(&points, asset).expect("three awards");
        assert_eq!(three.dots, [(8, 152), (164, 80), (632, 8)]);
        assert_eq!(three.points, "8,152 164,80 632,8");
        assert_eq!(three.lowest, "0.00 USD");
    }
}
