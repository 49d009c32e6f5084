//! Lists, a page at a time.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// Most of one page, and what one has unless asked.
const MOST: u32 = 200;
const USUAL: u32 = 50;

/// Which part of a list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// What comes after this one: `next` of the page before. Absent for the first page.
    after: Option<String>,
    /// How many, 1 to 200; 50 unless stated.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

impl Part {
    pub(crate) const fn new(after: Option<String>, limit: Option<u32>) -> Self {
        Self { after, limit }
    }

    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        match self.limit.unwrap_or(USUAL) {
            limit @ 1..=MOST => Ok(limit),
            other => Err(Problem::malformed(format!(
                "limit is 1 to {MOST}, not {other}"
            ))),
        }
    }

    /// The name that the page comes after.
    pub(crate) fn after<K: std::str::FromStr>(&self) -> Result<Option<K>, Problem> {
        let parse = |text: &String| {
            let wrong = || Problem::malformed(format!("after is no such name: {text}"));
            text.parse().map_err(|_| wrong())
        };
        self.after.as_ref().map(parse).transpose()
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// What there is, in order.
    items: Vec<T>,
    /// What to ask for as `after` to get the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl<T> Page<T> {
    /// A page as it is.
    pub(crate) const fn whole(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }

    /// A page of what was found; one more than the limit was looked for.
    pub(crate) fn of(mut found: Vec<T>, limit: u32, name: impl Fn(&T) -> String) -> Self {
        let limit = limit as usize;
        let more = found.len() > limit;
        found.truncate(limit);
        Self {
            next: found.last().filter(|_| more).map(name),
            items: found,
        }
    }
}
