//! Criteria as people write them, in TOML or JSON.
//!
//! ```toml
//! name = "rows"
//!
//! [[criteria]]
//! name = "schema"
//! validator = { builtin = "json-schema" }
//! params = { format = "jsonl" }
//! references = { "schema.json" = "row.schema.json" }
//! ```
//!
//! Reading checks the document against its published schema ([`crate::schema::DRAFT_SCHEMA`]);
//! [`crate::lint::draft`] and [`crate::lock()`] check what a schema cannot say.

use std::collections::BTreeMap;

use proofmark_core::canonical::{self, ParseLimits};
use proofmark_core::{Digest, Ppm, Problem, pointer};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::document::{Criterion, Document};
use crate::limits::LimitsOverride;
use crate::schema;

/// Criteria in their authoring form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// For people.
    pub name: String,
    /// What is asked for, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The weighted score must be at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Ppm>,
    /// For every criterion, over the defaults.
    #[serde(default)]
    pub limits: LimitsOverride,
    /// In the order of the author.
    #[serde(default)]
    pub criteria: Vec<CriterionDraft>,
}

/// One criterion in its authoring form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriterionDraft {
    /// A slug, unique within the document.
    pub name: String,
    /// What is asked for, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Which validator decides.
    pub validator: ValidatorSource,
    /// As the validator's own schema asks.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// The buyer's own files, by the names under which the validator opens them.
    #[serde(default)]
    pub references: BTreeMap<String, ReferenceSource>,
    /// Whether it must pass.
    #[serde(default = "required_by_default")]
    pub required: bool,
    /// Its share in the weighted score.
    #[serde(default)]
    pub weight: u32,
    /// For this criterion, over those of the document.
    #[serde(default)]
    pub limits: LimitsOverride,
}

const fn required_by_default() -> bool {
    true
}

/// Where a validator comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidatorSource {
    /// One that comes with Proofmark, by its name.
    Builtin(String),
    /// A component file, relative to the document.
    Path(String),
    /// A component that the resolver already holds.
    Digest(Digest),
}

/// Where a reference file comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ReferenceWire", rename_all = "snake_case")]
pub enum ReferenceSource {
    /// A file, relative to the document.
    Path(String),
    /// A file that the resolver already holds.
    Digest(Digest),
}

impl From<&Document> for Draft {
    /// The draft that says the same: every file by digest, every limit explicit.
    fn from(document: &Document) -> Self {
        Self {
            name: document.name.clone(),
            summary: document.summary.clone(),
            threshold: document.threshold,
            limits: LimitsOverride::default(),
            criteria: document.criteria.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Criterion> for CriterionDraft {
    fn from(criterion: &Criterion) -> Self {
        let references = criterion.references.iter().map(|reference| {
            let name = reference.name.to_string();
            (name, ReferenceSource::Digest(reference.digest))
        });
        Self {
            name: criterion.name.clone(),
            summary: criterion.summary.clone(),
            validator: ValidatorSource::Digest(criterion.validator.digest),
            params: criterion.params.clone(),
            references: references.collect(),
            required: criterion.required,
            weight: criterion.weight,
            limits: criterion.limits.into(),
        }
    }
}

/// A bare text is the short form of a path.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReferenceWire {
    Short(String),
    Path { path: String },
    Digest { digest: Digest },
}

impl From<ReferenceWire> for ReferenceSource {
    fn from(wire: ReferenceWire) -> Self {
        match wire {
            ReferenceWire::Short(path) | ReferenceWire::Path { path } => Self::Path(path),
            ReferenceWire::Digest { digest } => Self::Digest(digest),
        }
    }
}

impl Draft {
    /// Reads JSON.
    ///
    /// # Errors
    /// What is wrong with the text, or else all violations of the draft's schema.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let value = canonical::parse(bytes, ParseLimits::DOCUMENT)
            .map_err(|error| vec![Problem::from(error)])?;
        Self::from_value(value)
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// What is wrong with the text, or else all violations of the draft's schema.
    pub fn from_toml(text: &str) -> Result<Self, Vec<Problem>> {
        let value = toml_value(text).map_err(|problem| vec![problem])?;
        Self::from_value(value)
    }

    fn from_value(value: Value) -> Result<Self, Vec<Problem>> {
        let problems = schema::check_draft(&value);
        if !problems.is_empty() {
            return Err(problems);
        }
        serde_json::from_value(value).map_err(|error| vec![schema::mismatch(&error)])
    }
}

/// The document as JSON, inside the canonical profile.
fn toml_value(text: &str) -> Result<Value, Problem> {
    let max_bytes = ParseLimits::DOCUMENT.max_bytes;
    if text.len() > max_bytes {
        let bytes = text.len();
        return Err(canonical::ParseError::TooLarge { bytes, max_bytes }.into());
    }
    let table: toml::Table = text.parse().map_err(|error| not_toml(text, &error))?;
    let value = convert_table("", table, ParseLimits::DOCUMENT.max_depth)?;
    // Fractions cannot be left, but integers beyond 2^53 can.
    canonical::check(&value).map_err(|error| {
        Problem::new("integer-too-large", error.to_string())
            .at(error.pointer().unwrap_or_default())
            .hint("write the number as a string")
    })?;
    Ok(value)
}

fn not_toml(text: &str, error: &toml::de::Error) -> Problem {
    let offset = error.span().map_or(0, |span| span.start);
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, str::len) + 1;
    let message = error.message();
    Problem::new(
        "not-toml",
        format!("the document is not TOML at line {line}, column {column}: {message}"),
    )
    .hint("check quotes and brackets near that place")
}

fn convert(place: &str, value: toml::Value, depth: usize) -> Result<Value, Problem> {
    match value {
        toml::Value::String(text) => Ok(text.into()),
        toml::Value::Integer(integer) => Ok(integer.into()),
        toml::Value::Boolean(boolean) => Ok(boolean.into()),
        toml::Value::Table(table) => convert_table(place, table, depth),
        toml::Value::Array(items) => {
            let below = inside(place, depth)?;
            let items = items.into_iter().enumerate();
            let converted = items.map(|(i, item)| convert(&pointer::join(place, i), item, below));
            converted.collect::<Result<_, _>>().map(Value::Array)
        }
        toml::Value::Float(_) => Err(Problem::new(
            "fraction-not-allowed",
            "a number that is not an integer is not allowed in a document",
        )
        .at(place)
        .hint("use an integer of a smaller unit, for instance parts per million")),
        toml::Value::Datetime(_) => Err(Problem::new(
            "datetime-not-allowed",
            "a date or time is not allowed in a document",
        )
        .at(place)
        .hint("put it in quotes")),
    }
}

fn convert_table(place: &str, table: toml::Table, depth: usize) -> Result<Value, Problem> {
    let below = inside(place, depth)?;
    let mut members = Map::new();
    for (name, value) in table {
        let converted = convert(&pointer::join(place, &name), value, below)?;
        members.insert(name, converted);
    }
    Ok(Value::Object(members))
}

/// The depth that is left one level further in.
fn inside(place: &str, depth: usize) -> Result<usize, Problem> {
    depth.checked_sub(1).ok_or_else(|| {
        let max_depth = ParseLimits::DOCUMENT.max_depth;
        let pointer = place.to_owned();
        canonical::ParseError::TooDeep { pointer, max_depth }.into()
    })
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
