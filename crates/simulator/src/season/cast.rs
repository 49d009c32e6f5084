//! Who plays in a season, and of what kind.

use std::collections::BTreeMap;

use proofmark_market::PartyId;

use super::chance::Chance;
use crate::stage::{Actor, engines};

/// How a supplier works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Craft {
    /// Does what it says.
    Honest,
    /// Every other piece of its work is bad.
    Sloppy,
    /// Delivers bad work and hopes.
    Cheating,
    /// Wins and is never seen again.
    Vanishing,
    /// Works well, and empties its account whenever it was paid.
    Emptying,
}

/// How a buyer behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temper {
    /// Accepts what passed.
    Fair,
    /// Never says anything.
    Silent,
    /// Disputes everything.
    Quarrelsome,
    /// Cancels.
    Fickle,
}

/// How an engine judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eye {
    /// Says what is.
    Honest,
    /// Says nothing.
    Silent,
    /// Says the opposite.
    Lying,
    /// Finds other reasons than the others.
    Broken,
    /// Says both.
    TwoFaced,
}

/// Everybody of one season.
#[derive(Debug)]
pub struct Cast {
    /// With their tempers.
    pub buyers: Vec<(Actor, Temper)>,
    /// With their crafts.
    pub suppliers: Vec<(Actor, Craft)>,
    /// Engines of the policy, the market's own last, with their eyes.
    pub engines: Vec<(Actor, Eye)>,
    /// Whether all suppliers work well and take the money away: it leaves debts.
    pub takers: bool,
    /// Whether the arbiter takes its time until there is none left.
    pub idle_arbiter: bool,
    /// Identities of one person, who bids low with all of them and never works.
    pub ring: Vec<Actor>,
}

const CRAFTS: &[Craft] = &[
    Craft::Honest,
    Craft::Honest,
    Craft::Sloppy,
    Craft::Cheating,
    Craft::Vanishing,
    Craft::Emptying,
    Craft::Emptying,
];
const TEMPERS: &[Temper] = &[
    Temper::Fair,
    Temper::Fair,
    Temper::Silent,
    Temper::Quarrelsome,
    Temper::Fickle,
];
const EYES: &[Eye] = &[
    Eye::Honest,
    Eye::Honest,
    Eye::Honest,
    Eye::Honest,
    Eye::Silent,
    Eye::Lying,
    Eye::Lying,
    Eye::Broken,
    Eye::TwoFaced,
];

impl Cast {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let named = |kind: &str, number: usize| Actor::new(&format!("{kind}-{number}"));
        let mut with_eyes: Vec<_> = engines()
            .into_iter()
            .map(|engine| (engine, *chance.pick(EYES)))
            .collect();
        let takers = chance.percent(20);
        if takers {
            with_eyes.iter_mut().for_each(|(_, eye)| *eye = Eye::Honest);
        }
        let house = match chance.below(8) {
            0 => Eye::Silent,
            _ => Eye::Honest,
        };
        with_eyes.push((Actor::house(), house));
        Self {
            buyers: (0..3)
                .map(|at| {
                    let temper = *chance.pick(TEMPERS);
                    let temper = if takers { Temper::Fair } else { temper };
                    (named("buyer", at), temper)
                })
                .collect(),
            suppliers: (0..6)
                .map(|at| {
                    let craft = *chance.pick(CRAFTS);
                    let craft = if takers { Craft::Emptying } else { craft };
                    (named("supplier", at), craft)
                })
                .collect(),
            engines: with_eyes,
            takers,
            idle_arbiter: chance.percent(30),
            ring: (0..4).map(|at| named("ring", at)).collect(),
        }
    }

    /// Everybody who registers, with what they bring, in cents.
    #[must_use]
    pub fn parties(&self) -> Vec<(Actor, i64)> {
        let buyers = self.buyers.iter().map(|(who, _)| (who.clone(), 1_000_000));
        let suppliers = self.suppliers.iter().map(|(who, _)| (who.clone(), 90_000));
        let ring = self.ring.iter().map(|who| (who.clone(), 1_000));
        let offices = ["reviewer", "oracle", "arbiter", "passer-by", "spammer"];
        let offices = offices.map(|name| (Actor::new(name), 10_000));
        buyers.chain(suppliers).chain(ring).chain(offices).collect()
    }

    /// The craft of a supplier; the ring does not work.
    #[must_use]
    pub fn craft(&self, supplier: PartyId) -> Craft {
        let mut all = self.suppliers.iter();
        let found = all.find(|(who, _)| who.id() == supplier);
        found.map_or(Craft::Vanishing, |(_, craft)| *craft)
    }

    /// The temper of a buyer; whoever buys from itself is fair.
    #[must_use]
    pub fn temper(&self, buyer: PartyId) -> Temper {
        let mut all = self.buyers.iter();
        let found = all.find(|(who, _)| who.id() == buyer);
        found.map_or(Temper::Fair, |(_, temper)| *temper)
    }

    /// Everybody by key.
    #[must_use]
    pub fn by_id(&self) -> BTreeMap<PartyId, Actor> {
        let parties = self.parties().into_iter().map(|(who, _)| who);
        let engines = self.engines.iter().map(|(who, _)| who.clone());
        parties.chain(engines).map(|who| (who.id(), who)).collect()
    }
}
