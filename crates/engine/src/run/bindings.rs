//! The types of `wit/proofmark-validator-1.0.0`, as they cross the boundary.
//!
//! Written by hand where generated bindings would copy without a bound: [`Text`] and [`Items`] count
//! against the report limit first, so a guest cannot make the host allocate. wasmtime checks them
//! against the component's own types whenever an export is called.

// The variants of the enumerations are made by wasmtime, which the compiler does not see.
#![allow(dead_code)]

use wasmtime::component::{ComponentType, Lift, Lower};

use super::bounded::{Items, Text};

/// `types.status`
#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub(super) enum Status {
    #[component(name = "pass")]
    Pass,
    #[component(name = "fail")]
    Fail,
    #[component(name = "inconclusive")]
    Inconclusive,
}

/// `types.severity`
#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub(super) enum Severity {
    #[component(name = "info")]
    Info,
    #[component(name = "minor")]
    Minor,
    #[component(name = "major")]
    Major,
    #[component(name = "critical")]
    Critical,
}

/// `types.byte-range`
#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[component(record)]
pub(super) struct ByteRange {
    pub(super) offset: u64,
    pub(super) len: u64,
}

/// `types.location`
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Location {
    pub(super) artifact: Text,
    pub(super) range: Option<ByteRange>,
    pub(super) line: Option<u64>,
    #[component(name = "record-number")]
    pub(super) record_number: Option<u64>,
    pub(super) pointer: Option<Text>,
}

/// `types.finding`
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Finding {
    pub(super) code: Text,
    pub(super) severity: Severity,
    pub(super) message: Text,
    pub(super) location: Option<Location>,
    pub(super) expected: Option<Text>,
    pub(super) actual: Option<Text>,
}

/// `types.check`
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Check {
    pub(super) id: Text,
    pub(super) status: Status,
    pub(super) score: Option<u32>,
    pub(super) examined: u64,
    pub(super) matched: u64,
    pub(super) summary: Text,
    pub(super) findings: Items<Finding>,
    #[component(name = "findings-total")]
    pub(super) findings_total: u64,
}

/// `types.report`
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Report {
    pub(super) checks: Items<Check>,
}

/// `types.refusal`
#[derive(ComponentType, Lift)]
#[component(variant)]
pub(super) enum Refusal {
    #[component(name = "invalid-params")]
    InvalidParams(Text),
    #[component(name = "unsupported-submission")]
    UnsupportedSubmission(Text),
    #[component(name = "internal")]
    Internal(Text),
}

/// `types.check-spec`
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct CheckSpec {
    pub(super) id: Text,
    pub(super) summary: Text,
}

/// `types.manifest`
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Manifest {
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) summary: Text,
    #[component(name = "params-schema")]
    pub(super) params_schema: Text,
    pub(super) checks: Items<CheckSpec>,
    #[component(name = "media-types")]
    pub(super) media_types: Items<Text>,
}

/// `types.problem`
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Problem {
    pub(super) pointer: Text,
    pub(super) message: Text,
}

/// `log.level`
#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub(super) enum Level {
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
}

/// `artifacts.access-error`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub(super) enum AccessError {
    #[component(name = "not-found")]
    NotFound,
    #[component(name = "out-of-range")]
    OutOfRange,
    #[component(name = "too-many-open")]
    TooManyOpen,
}

/// `artifacts.entry`
#[derive(Debug, ComponentType, Lower)]
#[component(record)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) digest: Vec<u8>,
}
