//! What the rules say of each line. Lines take from deductible and limits in the order in which they were filed.

use crate::claim::{Claim, Item};
use crate::money::Money;
use crate::reason::Reason;
use crate::rules::Rules;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All that was claimed is paid.
    Paid,
    /// It is covered, and less is paid.
    Reduced,
    /// It is not covered.
    Denied,
}

impl Outcome {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Reduced => "reduced",
            Self::Denied => "denied",
        }
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let all = [Self::Paid, Self::Reduced, Self::Denied];
        let found = all.into_iter().find(|it| it.as_str() == name);
        found.ok_or_else(|| D::Error::custom("a decision is `paid`, `reduced` or `denied`"))
    }
}

/// The arithmetic of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Amounts {
    /// What is looked at: claimed, up to the limit of the category.
    pub(crate) allowed: Money,
    /// What the insured bears first.
    pub(crate) deductible: Money,
    /// The insured's share of the rest.
    pub(crate) coinsurance: Money,
    /// What is paid, up to the limit of the policy.
    pub(crate) paid: Money,
}

/// What a line must come to.
#[derive(Debug)]
pub(crate) struct Expected<'c> {
    pub(crate) item: &'c Item,
    pub(crate) outcome: Outcome,
    pub(crate) amounts: Amounts,
    pub(crate) reasons: BTreeSet<Reason>,
    pub(crate) clauses: BTreeSet<&'c str>,
}

/// One for each line, in order.
pub(crate) fn of<'c>(claim: &'c Claim, rules: &'c Rules) -> Vec<Expected<'c>> {
    let mut left = Left {
        rules,
        deductible: rules.deductible,
        limit: rules.limit,
        of_categories: BTreeMap::new(),
    };
    let lines = claim.lines.iter();
    lines
        .map(|item| left.decide(item, denials(claim, rules, item)))
        .collect()
}

/// Why a line is not covered at all; nothing if it is.
fn denials(claim: &Claim, rules: &Rules, item: &Item) -> BTreeSet<Reason> {
    let category = rules.categories.get(&item.category);
    let waits_until = category.map(|it| rules.from.plus(it.waiting_days));
    let within = rules.from <= item.date && item.date <= rules.to;
    let applies = |reason: &Reason| match reason {
        Reason::UnknownCategory => category.is_none(),
        Reason::NotCovered => category.is_some_and(|it| !it.covered),
        Reason::OutsidePeriod => !within,
        // Before the policy there is nothing to wait for.
        Reason::WaitingPeriod => within && waits_until.is_some_and(|day| item.date < day),
        Reason::FiledLate => claim.filed_on > item.date.plus(rules.file_within_days),
        _ => false,
    };
    Reason::ALL.into_iter().filter(applies).collect()
}

/// What earlier lines have left.
struct Left<'c> {
    rules: &'c Rules,
    deductible: Money,
    limit: Money,
    of_categories: BTreeMap<&'c str, Money>,
}

impl<'c> Left<'c> {
    fn decide(&mut self, item: &'c Item, denials: BTreeSet<Reason>) -> Expected<'c> {
        let (outcome, amounts, reasons) = match denials.is_empty() {
            false => (Outcome::Denied, Amounts::default(), denials),
            true => self.cover(item),
        };
        let clauses = reasons.iter();
        let clauses = clauses.map(|reason| self.rules.clause(*reason, &item.category));
        Expected {
            item,
            outcome,
            amounts,
            clauses: clauses.collect(),
            reasons,
        }
    }

    fn cover(&mut self, item: &'c Item) -> (Outcome, Amounts, BTreeSet<Reason>) {
        let category = &self.rules.categories[&item.category];
        let used = self.of_categories.entry(&item.category).or_default();
        let room = category.limit.map(|limit| limit - *used);
        let allowed = room.map_or(item.claimed, |room| room.min(item.claimed));
        *used = *used + allowed;
        let deductible = match category.deductible {
            true => self.deductible.min(allowed),
            false => Money::ZERO,
        };
        self.deductible = self.deductible - deductible;
        let coinsurance = (allowed - deductible).share(category.coinsurance_ppm);
        let payable = allowed - deductible - coinsurance;
        let paid = payable.min(self.limit);
        self.limit = self.limit - paid;
        let reasons = [
            (Reason::CategoryLimit, allowed < item.claimed),
            (Reason::Deductible, !deductible.is_zero()),
            (Reason::Coinsurance, !coinsurance.is_zero()),
            (Reason::PolicyLimit, paid < payable),
        ];
        let reasons = reasons.into_iter().filter(|(_, applies)| *applies);
        let outcome = match paid == item.claimed {
            true => Outcome::Paid,
            false => Outcome::Reduced,
        };
        let amounts = Amounts {
            allowed,
            deductible,
            coinsurance,
            paid,
        };
        (
            outcome,
            amounts,
            reasons.map(|(reason, _)| reason).collect(),
        )
    }
}
