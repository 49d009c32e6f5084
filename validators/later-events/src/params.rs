//! What lasting means: which events may not come, and which must.

use crate::condition::{Conditions, Fields, Selection, Selector};
use crate::time::Time;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The most events whose ids are remembered: 100,000 of 100 bytes, and as much again for where they stand.
pub(crate) const MAX_EVENTS: u64 = 100_000;

/// The parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Path of the export in the submission.
    #[serde(default = "path")]
    pub(crate) export: String,
    /// Who made the submission, and is answerable for an export that says nothing.
    #[serde(default)]
    pub(crate) delivered_by: Deliverer,
    /// Whose events these are.
    pub(crate) subject: String,
    /// The types that there are, with all their fields.
    pub(crate) events: BTreeMap<String, Fields>,
    /// What an event of another type means.
    #[serde(default)]
    pub(crate) unknown: Unknown,
    /// More events than this are no export of one subject.
    #[serde(default = "max_events")]
    pub(crate) max_events: u64,
    /// The event from which on it must last.
    pub(crate) anchor: Option<Anchor>,
    pub(crate) window: Window,
    #[serde(default)]
    pub(crate) forbidden: Vec<Forbidden>,
    #[serde(default)]
    pub(crate) required: Vec<Required>,
}

impl Params {
    pub(crate) fn fields_of_anchor(&self) -> Option<&Fields> {
        let anchor = self.anchor.as_ref()?;
        self.events.get(&anchor.kind)
    }

    pub(crate) fn prepared<'p>(&self, selection: Selection<'p>) -> Selector<'p> {
        selection.prepared(&self.events, self.fields_of_anchor())
    }
}

fn path() -> String {
    "events.jsonl".to_owned()
}

const fn max_events() -> u64 {
    MAX_EVENTS
}

/// Who made the submission.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deliverer {
    /// What cannot be decided is inconclusive: the supplier is not to pay for the oracle's mistake.
    #[default]
    Oracle,
    /// What cannot be decided fails: else nobody who would fail would deliver an export.
    Supplier,
}

/// What becomes of types that nobody agreed on.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unknown {
    /// They make the export undecidable.
    #[default]
    Refuse,
    /// They are passed over.
    Ignore,
}

/// Which event is the anchor: the first that is selected, from the beginning of the window on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Anchor {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, rename = "where")]
    conditions: Conditions,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    /// Nothing before it.
    pub(crate) from: Time,
    /// With `seconds` the anchor comes until then, else it is the end.
    pub(crate) until: Option<Time>,
    /// It ends so long after the anchor.
    pub(crate) seconds: Option<u64>,
}

/// Of these, no more than so many may come.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forbidden {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, rename = "where")]
    conditions: Conditions,
    #[serde(default)]
    pub(crate) at_most: u64,
}

/// Of these, so many must come, or one after each of others.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Required {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, rename = "where")]
    conditions: Conditions,
    /// How many; 1 if it is left out.
    pub(crate) at_least: Option<u64>,
    /// After the anchor, or after each of those that it follows.
    pub(crate) within_seconds: Option<u64>,
    pub(crate) after_each: Option<Anchor>,
}

impl Anchor {
    pub(crate) fn selection(&self) -> Selection<'_> {
        Selection {
            kind: &self.kind,
            conditions: &self.conditions,
        }
    }
}

impl Forbidden {
    pub(crate) fn selection(&self) -> Selection<'_> {
        Selection {
            kind: &self.kind,
            conditions: &self.conditions,
        }
    }
}

impl Required {
    pub(crate) fn selection(&self) -> Selection<'_> {
        Selection {
            kind: &self.kind,
            conditions: &self.conditions,
        }
    }
}
