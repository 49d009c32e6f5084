//! What the author of a validator writes against: the guest side of the contract in `wit/`.
//!
//! **In scope:** typed parameters, typed check ids, readers over the submission and the reference
//! files, findings, the report, and an in-memory host for unit tests.
//! **Out of scope:** running validators (`proofmark-engine`), building them (`proofmark-guest-build`)
//! and folding checks into a verdict (`proofmark-criteria`).
//!
//! A whole validator:
//!
//! ```
//! use proofmark_validator_sdk::{
//!     Finding, Refusal, ReportBuilder, Validator, checks, export, submission,
//! };
//!
//! checks! {
//!     /// What this validator reports.
//!     pub enum Check {
//!         /// Its only check.
//!         Present = "present": "The file exists and is not empty.",
//!     }
//! }
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! pub struct Params {
//!     path: String,
//! }
//!
//! pub struct NotEmpty;
//!
//! impl Validator for NotEmpty {
//!     type Params = Params;
//!     type Check = Check;
//!     const NAME: &'static str = "not-empty";
//!     const VERSION: &'static str = env!("CARGO_PKG_VERSION");
//!     const SUMMARY: &'static str = "A file is there and has content.";
//!
//!     fn params_schema() -> &'static str {
//!         r#"{"type":"object","required":["path"],"properties":{"path":{"type":"string"}}}"#
//!     }
//!
//!     fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
//!         let check = report.check(Check::Present);
//!         let len = submission::open(&params.path).map_or(0, |file| file.len());
//!         check.examine(len > 0);
//!         if len == 0 {
//!             check.finding(Finding::new("absent", "There is no content.").at_file(params.path));
//!         }
//!         Ok(())
//!     }
//! }
//!
//! export!(NotEmpty);
//! ```
//!
//! # Memory
//! A guest that calls `memory.grow` costs its host two `mprotect` calls per verdict, which do not scale
//! over threads. So guests are linked with enough initial memory (`proofmark-guest-build` passes
//! `--initial-memory`), and `malloc` takes from that first. It is not resident until it is touched.
//!
//! # Determinism
//! Use `BTreeMap`, not `HashMap`: the latter seeds itself from the host's random numbers. They are
//! constant in the engine, but the import alone is one more thing that a reader must trust.

mod artifact;
pub mod bindings;
mod check;
pub mod checks;
mod digest;
mod files;
mod finding;
mod host;
pub mod log;
#[cfg(feature = "program")]
pub mod program;
mod ratio;
mod read_error;
mod records;
pub mod reference;
mod report;
pub mod submission;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod text;
pub mod validator;

pub use artifact::{Artifact, DEFAULT_WINDOW_BYTES};
pub use bindings::proofmark::validator::artifacts::AccessError;
pub use check::{CheckBuilder, DEFAULT_FINDINGS_KEPT, Status};
pub use checks::CheckId;
pub use digest::Digest;
pub use files::{Entry, Listing};
pub use finding::{Finding, Place, Severity};
pub use host::Origin;
pub use ratio::{PPM, percent, ratio_ppm, ratio_ppm_u128};
pub use read_error::{ReadError, ReadErrorKind};
pub use records::{MAX_RECORD_BYTES, Record, Records};
pub use report::{MAX_REPORT_BYTES, Refusal, Report, ReportBuilder};
pub use text::{MAX_TEXT_BYTES, excerpt, is_code, shorten};
pub use validator::{Manifest, Problem, Validator, problem};
