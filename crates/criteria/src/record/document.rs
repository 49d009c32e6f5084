//! The content of a record. These types are the format: their names are the members'.
//!
//! Members are declared in the order of RFC 8785 and absent ones are omitted, so that the compact form that serde writes is
//! the canonical one. Where debug assertions are on, every record is held against [`proofmark_core::canonical`].

use std::fmt;

use proofmark_core::{Digest, Ppm};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::written;
use crate::fault::{Fault, FaultCode};
use crate::report::Check;
use crate::verdict::Verdict;

/// A whole record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordDocument {
    /// By what it was judged.
    pub criteria: CriteriaId,
    /// How it was run; the part that may differ between engine versions.
    pub execution: Execution,
    /// What came of it.
    pub result: RunResult,
    /// [`proofmark_core::uri::VERDICT_RECORD_V1`].
    pub schema: String,
    /// What was judged.
    pub submission: SubmissionId,
}

/// A submission by its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmissionId {
    /// Number of artifacts.
    pub artifacts: u64,
    /// Of its canonical manifest.
    pub digest: Digest,
    /// Bytes of all artifacts together.
    pub size_bytes: u64,
}

/// A criteria document by its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CriteriaId {
    /// Of its canonical bytes.
    pub digest: Digest,
    /// Its name, for people.
    pub name: String,
}

/// The verdict and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunResult {
    /// In the order of the criteria document.
    pub criteria: Vec<CriterionResult>,
    /// The weighted score, where weights are given and it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Ppm>,
    /// What the score must reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Ppm>,
    /// Over all criteria; see [`crate::verdict`].
    pub verdict: Verdict,
}

/// What one criterion came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CriterionResult {
    /// In the order of the criteria document; empty without a report.
    #[serde(serialize_with = "written::checks")]
    pub checks: Vec<Check>,
    /// Why there is no report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Its name in the criteria document.
    pub name: String,
    /// Of the canonical parameters.
    pub params_digest: Digest,
    /// The buyer's own files, in ascending byte order of their names.
    pub references: Vec<ReferenceId>,
    /// What the validator said when it refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// Whether it must pass.
    pub required: bool,
    /// Mean of its checks, where the criterion is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Ppm>,
    /// What it came to.
    pub status: Verdict,
    /// SHA-256 of the validator.
    pub validator: Digest,
    /// Its share in the weighted score.
    pub weight: u32,
}

/// A reference file by its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReferenceId {
    /// SHA-256 of its content.
    pub digest: Digest,
    /// By which the validator opens it.
    pub name: String,
}

/// How the validators were run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Execution {
    /// The set of rules under which fuel can be compared.
    pub profile: Profile,
    /// One per criterion, in the order of the criteria document.
    pub runs: Vec<Run>,
}

/// An engine profile by its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    /// Of everything that is fixed in it.
    pub digest: Digest,
    /// Its name, for people.
    pub name: String,
}

/// One run of one validator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Run {
    /// Name of the criterion.
    pub criterion: String,
    /// How it ended.
    pub end: RunCode,
    /// Units of fuel that it had.
    pub fuel_limit: u64,
    /// Units of fuel that `evaluate` used, where the counter is exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel_used: Option<u64>,
    /// Of its log, after a normal return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_digest: Option<Digest>,
}

/// How a run ended: with a report, or with a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunCode {
    /// With a report; written `returned`.
    Returned,
    /// Without one; written as the fault's code.
    Fault(FaultCode),
}

impl RunCode {
    /// The name as in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Fault(code) => code.as_str(),
        }
    }

    /// Whether the fuel that was used is known exactly.
    #[must_use]
    pub const fn fuel_is_exact(self) -> bool {
        match self {
            Self::Returned => true,
            Self::Fault(code) => code.fuel_is_exact(),
        }
    }

    /// Whether `evaluate` returned, so that the log is complete.
    #[must_use]
    pub const fn has_log(self) -> bool {
        match self {
            Self::Returned => true,
            Self::Fault(code) => code.returned(),
        }
    }
}

impl Serialize for RunCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RunCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = RunCode;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`returned` or the code of a fault")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RunCode, E> {
                match text {
                    "returned" => Ok(RunCode::Returned),
                    code => code.parse().map(RunCode::Fault).map_err(E::custom),
                }
            }
        }
        deserializer.deserialize_str(Text)
    }
}
