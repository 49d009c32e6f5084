//! Validators that misbehave, one program each in `examples/`, and the exact fault each must produce.
//!
//! In scope: everything a guest in Rust can do against its host. What Rust cannot express (tables,
//! broken binaries, compile bombs) is forged as text in `tests/`. Out of scope: what is expected of
//! each; that table stands in `tests/tests/hostile.rs`, and a guest without a row there fails it.

pub use proofmark_validator_sdk::bindings::{self, proofmark::validator as host};

use host::types::{Check, CheckSpec, Finding, Location, Manifest, Report, Severity, Status};

/// The one check that every hostile guest declares.
pub const CHECK: &str = "behaviour";

/// An ordinary manifest.
pub fn manifest() -> Manifest {
    Manifest {
        name: "hostile".into(),
        version: "1.0.0".into(),
        summary: "Misbehaves.".into(),
        params_schema: r#"{"type":"object"}"#.into(),
        checks: vec![CheckSpec {
            id: CHECK.into(),
            summary: "Does it behave?".into(),
        }],
        media_types: Vec::new(),
    }
}

/// A check with `summary` that passes.
pub fn passed(summary: impl Into<String>) -> Check {
    Check {
        id: CHECK.into(),
        status: Status::Pass,
        score: None,
        examined: 0,
        matched: 0,
        summary: summary.into(),
        findings: Vec::new(),
        findings_total: 0,
    }
}

/// A finding with `message`.
pub fn finding(message: impl Into<String>) -> Finding {
    Finding {
        code: "odd".into(),
        severity: Severity::Info,
        message: message.into(),
        location: None::<Location>,
        expected: None,
        actual: None,
    }
}

/// A report with one check.
pub fn report(check: Check) -> Report {
    Report {
        checks: vec![check],
    }
}

/// Exports the world with an ordinary `describe` and `check-params`, and this `evaluate`; another
/// `describe` may be given as a second argument.
#[macro_export]
macro_rules! hostile {
    ($evaluate:expr) => {
        $crate::hostile!($evaluate, $crate::manifest());
    };
    ($evaluate:expr, $describe:expr) => {
        struct Hostile;

        impl $crate::bindings::Guest for Hostile {
            fn describe() -> $crate::host::types::Manifest {
                $describe
            }

            fn check_params(_: String) -> Result<Vec<String>, Vec<$crate::host::types::Problem>> {
                Ok(vec![$crate::CHECK.to_owned()])
            }

            fn evaluate(_: String) -> Result<$crate::host::types::Report, $crate::host::types::Refusal> {
                $evaluate
            }
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::export!(Hostile with_types_in $crate::bindings);
    };
}

/// Running the program of the submission.
pub mod programs {
    use super::host::artifacts::Artifact;
    use super::host::program::{Limits, Program, Request, load};
    use super::host::submission;

    /// The file that holds it.
    pub fn artifact() -> Artifact {
        submission::open("program.wasm").expect("the tests deliver it")
    }

    /// The program, loaded.
    pub fn program() -> Program {
        load(&artifact()).expect("it can be run")
    }

    /// A run with these limits on this standard input.
    pub fn request(fuel: u64, memory_bytes: u64, stdin: Vec<u8>) -> Request {
        Request {
            args: Vec::new(),
            stdin,
            files: Vec::new(),
            limits: Limits {
                fuel,
                memory_bytes,
                output_bytes: 1_000,
            },
        }
    }
}
