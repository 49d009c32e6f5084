//! What the policy says: the buyer's.

use crate::day::Day;
use crate::document::{self, MAX_NAME_BYTES, Object};
use crate::money::Money;
use crate::reason::Reason;
use proofmark_validator_sdk::{PPM, Refusal};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The rules of a policy, and what it has paid so far.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    pub(crate) policy: String,
    pub(crate) currency: String,
    /// First and last day of cover.
    pub(crate) from: Day,
    pub(crate) to: Day,
    /// A line is filed at most so many days after its date.
    pub(crate) file_within_days: u16,
    /// A claim is decided at most so many days after it was filed.
    pub(crate) decide_within_days: u16,
    /// What the insured bears before anything is paid, as far as it is not used up.
    #[serde(default)]
    pub(crate) deductible: Money,
    /// The most that is paid for this claim: what is left of the policy's limit.
    pub(crate) limit: Money,
    /// What is covered; another category is not.
    #[serde(deserialize_with = "document::by_name")]
    pub(crate) categories: BTreeMap<String, Object<Category>>,
    /// The clause that is cited for each reason of the whole policy.
    #[serde(deserialize_with = "document::by_name")]
    pub(crate) clauses: BTreeMap<Reason, String>,
}

/// What is said of one category.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    pub(crate) covered: bool,
    /// The clause that is cited where this category is the reason.
    pub(crate) clause: String,
    /// The insured's share of what is left after the deductible.
    #[serde(default)]
    pub(crate) coinsurance_ppm: u32,
    /// The most that is allowed for all lines of it.
    pub(crate) limit: Option<Money>,
    /// Cover begins so many days after the first day of the policy.
    #[serde(default)]
    pub(crate) waiting_days: u16,
    /// Whether the deductible is taken from it.
    #[serde(default = "yes")]
    pub(crate) deductible: bool,
}

const fn yes() -> bool {
    true
}

impl Rules {
    /// The clause for a reason: the category's, if it is about one that the policy knows.
    pub(crate) fn clause(&self, reason: Reason, category: &str) -> &str {
        let of_category = self.categories.get(category);
        let own = of_category.filter(|_| reason.is_of_the_category());
        let general = || self.clauses.get(&reason).map_or("", String::as_str);
        own.map_or_else(general, |it| it.clause.as_str())
    }
}

pub(crate) fn read(name: &str) -> Result<Rules, Refusal> {
    let rules: Rules = document::of_the_buyer(name)?;
    let general = Reason::ALL.iter().filter(|it| !it.is_of_the_category());
    let missing = general.clone().find(|it| !rules.clauses.contains_key(it));
    let needless = rules.clauses.keys().find(|it| it.is_of_the_category());
    let shares = rules.categories.iter();
    let mut shares = shares.filter(|(_, it)| it.coinsurance_ppm > PPM);
    let own = rules.categories.values().map(|it| &it.clause);
    let mut clauses = own.chain(rules.clauses.values());
    let why = if clauses.any(|clause| clause.len() > MAX_NAME_BYTES) {
        format!("a clause has more than {MAX_NAME_BYTES} bytes")
    } else if rules.from > rules.to {
        format!("the policy ends on {}, before it begins", rules.to)
    } else if let Some(reason) = missing {
        format!(
            "`clauses` does not say which is cited for `{}`",
            reason.as_str()
        )
    } else if let Some(reason) = needless {
        format!(
            "`clauses` names `{}`, for which the category's clause is cited",
            reason.as_str()
        )
    } else if let Some((category, _)) = shares.next() {
        format!("the coinsurance of `{category}` is more than all of it")
    } else {
        return Ok(rules);
    };
    Err(document::wrong(name, &why))
}
