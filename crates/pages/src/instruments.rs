//! Instruments: what is bought, and at what prices. An instrument is an outcome class with the published grade that terms
//! follow, if they follow one.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Html;
use proofmark_core::Timestamp;
use proofmark_ledger::{Amount, Asset};
use proofmark_market::Market;
use proofmark_market::instruments::{Instrument, Known, Print, all, one};
use proofmark_market::terms::Terms;
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

impl From<Instrument> for Name {
    fn from(it: Instrument) -> Self {
        Self {
            class: it.outcome_class,
            grade: it.grade.unwrap_or_default(),
        }
    }
}

impl Name {
    fn instrument(&self) -> Instrument {
        Instrument {
            outcome_class: self.class.clone(),
            grade: Some(self.grade.clone()).filter(|it| !it.is_empty()),
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
    Name::from(Instrument::of(terms)).address()
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
    prints: Vec<PrintRow>,
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
struct PrintRow {
    rfq: String,
    short: String,
    at: String,
    price: String,
    bids: usize,
}

/// Share of attempts that passed.
fn pass_share(known: &Known) -> String {
    match known.pass_share() {
        Some(share) => format!("{} of {}", percent(share), known.attempts),
        None => String::new(),
    }
}

pub(crate) async fn list(State(recorder): State<Recorder>) -> Result<Html<String>, NoPage> {
    Ok(page(&recorder.read(listed).await?))
}

fn listed(market: &Market) -> List {
    let row = |(instrument, known): (Instrument, Known)| {
        let name = Name::from(instrument);
        let last = known.prints.last();
        Row {
            address: name.address(),
            rfqs: known.rfqs,
            awards: known.prints.len(),
            last: last.map_or_else(String::new, |it| money(it.price, it.asset)),
            passed: pass_share(&known),
            class: name.class,
            grade: name.grade,
        }
    };
    List {
        title: "Instruments",
        instruments: all(market).into_iter().map(row).collect(),
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
    let known = one(market, &name.instrument())?;
    let awards = known.prints.len();
    let newest = &known.prints[awards.saturating_sub(MOST)..];
    let print = |it: &Print| PrintRow {
        rfq: it.rfq.to_string(),
        short: short(&it.rfq),
        at: time(&it.at),
        price: money(it.price, it.asset),
        bids: it.bids,
    };
    let asset = market.rules().assets.first().copied();
    let points: Vec<_> = newest.iter().map(|it| (it.at, it.price)).collect();
    Some(Prices {
        title: format!("Prices of {}", name.class),
        rfqs: known.rfqs,
        awards,
        passed: pass_share(&known),
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
