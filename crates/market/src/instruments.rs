//! What is bought, and at what prices: everything that a market knows of an instrument, from its RFQs and contracts.

use std::collections::BTreeMap;
use std::num::NonZeroU8;

use proofmark_core::{Ppm, Timestamp};
use proofmark_ledger::{Amount, Asset};

use crate::event::{Event, Subject};
use crate::ids::RfqId;
use crate::market::Market;
use crate::rfq::{Rfq, RfqState};
use crate::terms::Terms;

/// An outcome class, with the published grade that terms follow if they follow one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instrument {
    /// What is bought.
    pub outcome_class: String,
    /// In which grade.
    pub grade: Option<String>,
}

/// An award: what was paid for all milestones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Print {
    /// When it was awarded.
    pub at: Timestamp,
    /// Of which RFQ.
    pub rfq: RfqId,
    /// What the winner is paid.
    pub price: Amount,
    /// In which asset.
    pub asset: Asset,
    /// How many bids there were.
    pub bids: usize,
}

/// What is known of an instrument.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// How often it was asked for.
    pub rfqs: usize,
    /// What was paid, the newest last.
    pub prints: Vec<Print>,
    /// Attempts that were made under its contracts.
    pub attempts: u64,
    /// Attempts that passed.
    pub passed: u64,
}

impl Instrument {
    /// What these terms ask for.
    #[must_use]
    pub fn of(terms: &Terms) -> Self {
        Self {
            outcome_class: terms.outcome_class.clone(),
            grade: terms.instrument.clone(),
        }
    }
}

impl Known {
    /// Share of attempts that passed; nothing before the first.
    #[must_use]
    pub fn pass_share(&self) -> Option<Ppm> {
        let share = Ppm::ratio(self.passed.into(), self.attempts.into());
        share.filter(|_| self.attempts > 0)
    }

    fn add(&mut self, market: &Market, rfq: &Rfq) {
        self.rfqs += 1;
        let win = rfq.award.as_ref().and_then(|award| award.winner);
        let (Some(win), Some(at)) = (win, awarded_at(market, rfq)) else {
            return;
        };
        self.prints.push(Print {
            at,
            rfq: rfq.id,
            price: win.price,
            asset: rfq.terms.asset,
            bids: rfq.bids.len(),
        });
        let RfqState::Awarded(engagement) = &rfq.state else {
            return;
        };
        for number in (1..=engagement.begun).filter_map(NonZeroU8::new) {
            if let Some(contract) = market.contract(&rfq.id.contract(number)) {
                self.attempts += u64::from(contract.attempts);
                self.passed += u64::from(contract.verdicts_passed);
            }
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

/// Every instrument that was ever asked for.
#[must_use]
pub fn all(market: &Market) -> BTreeMap<Instrument, Known> {
    let mut all: BTreeMap<Instrument, Known> = BTreeMap::new();
    for rfq in market.rfqs() {
        let known = all.entry(Instrument::of(&rfq.terms)).or_default();
        known.add(market, rfq);
    }
    for known in all.values_mut() {
        known.prints.sort_unstable();
    }
    all
}

/// What is known of one; nothing if it was never asked for.
#[must_use]
pub fn one(market: &Market, instrument: &Instrument) -> Option<Known> {
    let mut known = Known::default();
    let is_it = |rfq: &&Rfq| {
        rfq.terms.outcome_class == instrument.outcome_class
            && rfq.terms.instrument == instrument.grade
    };
    for rfq in market.rfqs().filter(is_it) {
        known.add(market, rfq);
    }
    known.prints.sort_unstable();
    (known.rfqs > 0).then_some(known)
}
