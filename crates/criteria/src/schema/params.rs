//! The schema that a validator gives for its parameters.
//!
//! It comes from whoever wrote the validator and runs on the machine of whoever makes criteria, outside
//! any sandbox. So it is held to a subset of draft 2020-12 whose cost is bounded: see
//! [`ParamsSchemaError`].

use jsonschema::Validator;
use proofmark_core::canonical::{self, ParseError, ParseLimits};
use proofmark_core::{Problem, pointer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{compile, complexity, violation};
use crate::report::ValidatorManifest;
use crate::text::{MAX_MESSAGE_BYTES, MAX_PLACE_BYTES, clean};

/// Longest schema text in bytes: 256 KiB = 256 × 2^10; the largest hand-written ones have some 50 KiB.
pub const MAX_SCHEMA_BYTES: usize = 256 << 10;
/// The one dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// One thing wrong with parameters, from the validator's schema or its `check-params`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamProblem {
    /// JSON Pointer into the parameters.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
}

impl ParamProblem {
    /// The same as a problem of the document that has the parameters at `params_pointer`. The texts of
    /// a validator are made safe.
    #[must_use]
    pub fn within(&self, params_pointer: &str) -> Problem {
        let inner = clean(&self.pointer, MAX_PLACE_BYTES);
        let place = if pointer::is_valid(&inner) {
            format!("{params_pointer}{inner}")
        } else {
            params_pointer.to_owned()
        };
        Problem::new("params-refused", clean(&self.message, MAX_MESSAGE_BYTES))
            .at(place)
            .hint("see the validator's own description of its parameters")
    }
}

/// What a validator says to parameters: the answer of `check-params`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParamsAnswer {
    /// They ask for the checks with these ids.
    AskFor(Vec<String>),
    /// They are refused.
    Refused(Vec<ParamProblem>),
}

impl ParamsAnswer {
    /// The checks that the parameters ask for, in ascending byte order.
    ///
    /// # Errors
    /// What the validator says against the parameters, with pointers into them; or that its answer makes
    /// no sense, for which its author is to blame.
    pub fn asked(self, manifest: &ValidatorManifest) -> Result<Vec<String>, Vec<Problem>> {
        match self {
            Self::AskFor(ids) => manifest.asked(ids).map_err(|error| {
                let message = clean(&error.to_string(), MAX_MESSAGE_BYTES).into_owned();
                vec![Problem::new(error.code(), message).hint(AUTHOR)]
            }),
            Self::Refused(problems) if problems.is_empty() => {
                let why = "the validator refuses the parameters and does not say why";
                Err(vec![Problem::new("params-refused", why).hint(AUTHOR)])
            }
            Self::Refused(problems) => {
                Err(problems.iter().map(|problem| problem.within("")).collect())
            }
        }
    }
}

/// A hint where nothing but another validator helps.
pub(crate) const AUTHOR: &str =
    "the validator itself is at fault: tell its author, or take another one";

/// Why a text cannot be a validator's parameter schema. The validator's author is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamsSchemaError {
    /// The text is not a document of the canonical profile: too large, no JSON, duplicate members,
    /// fractions or nulls (which parameters cannot contain either).
    #[error("the parameter schema is not a JSON document that Proofmark reads")]
    Document(#[from] ParseError),
    /// The document is not an object.
    #[error("the parameter schema is not a JSON object")]
    NotAnObject,
    /// `$schema` names another dialect.
    #[error("the parameter schema is not of draft 2020-12")]
    Dialect,
    /// A keyword whose cost cannot be bounded beforehand: anchors, dynamic references, nested ids,
    /// `unevaluatedProperties` and `unevaluatedItems`.
    #[error("the parameter schema uses `{keyword}`, which is not allowed")]
    Keyword {
        /// The keyword.
        keyword: &'static str,
    },
    /// A `$ref` that is not `#` or `#/…` into the same document, or leads nowhere.
    #[error("the parameter schema has a `$ref` that leads nowhere inside it")]
    Reference,
    /// Schemas that apply each other to the same value in a circle.
    #[error("the parameter schema refers to itself without end")]
    Cycle,
    /// Too many schemas apply to one value, once all references are followed.
    #[error("the parameter schema is too complex")]
    TooComplex,
    /// The document breaks the rules of JSON Schema, or has a pattern that the linear-time engine lacks
    /// (look-around, back-references) or that is too large.
    #[error("the parameter schema is not a JSON Schema: {message}")]
    NotASchema {
        /// JSON Pointer into the schema.
        pointer: String,
        /// What the rules say.
        message: String,
    },
}

impl ParamsSchemaError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Document(_) => "params-schema-document",
            Self::NotAnObject => "params-schema-not-an-object",
            Self::Dialect => "params-schema-dialect",
            Self::Keyword { .. } => "params-schema-keyword",
            Self::Reference => "params-schema-reference",
            Self::Cycle => "params-schema-cycle",
            Self::TooComplex => "params-schema-too-complex",
            Self::NotASchema { .. } => "params-schema-not-a-schema",
        }
    }
}

/// A validator's parameter schema, compiled.
#[derive(Debug)]
pub struct ParamsSchema {
    value: Value,
    validator: Validator,
}

impl ParamsSchema {
    /// Reads and compiles a schema: at publication of a validator, and whenever criteria are made.
    ///
    /// # Errors
    /// [`ParamsSchemaError`], in the order of its variants.
    pub fn compile(text: &str) -> Result<Self, ParamsSchemaError> {
        let limits = ParseLimits {
            max_bytes: MAX_SCHEMA_BYTES,
            ..ParseLimits::DOCUMENT
        };
        let value = canonical::parse(text.as_bytes(), limits)?;
        let object = value.as_object().ok_or(ParamsSchemaError::NotAnObject)?;
        if object
            .get("$schema")
            .is_some_and(|dialect| dialect != DIALECT)
        {
            return Err(ParamsSchemaError::Dialect);
        }
        complexity::check(&value)?;
        let validator = compile(&value).map_err(|error| ParamsSchemaError::NotASchema {
            pointer: clean(error.instance_path().as_str(), MAX_PLACE_BYTES).into_owned(),
            message: clean(&error.masked().to_string(), MAX_MESSAGE_BYTES).into_owned(),
        })?;
        Ok(Self { value, validator })
    }

    /// The schema itself.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// What the schema says against `params`, with pointers into the parameters.
    #[must_use]
    pub fn problems(&self, params: &Value) -> Vec<Problem> {
        violation::problems(&self.validator, params)
    }
}
