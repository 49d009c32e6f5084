//! The validators that are measured, and the engines they are measured in.

use std::path::{Path, PathBuf};

use proofmark_engine::{Engine, EngineOptions, Isolation, Job, WorkerCommand};
use proofmark_guest_build::GuestBuild;
use proofmark_tests::setup;

/// The product's binary: worker of the engines, and the command that is timed.
pub(crate) const PROOFMARK: &str = env!("CARGO_BIN_EXE_proofmark-under-test");
const PACKAGE: &str = "proofmark-bench-guests";
/// The file that the guests of `tests/guests` open.
pub(crate) const INPUT: &str = "input";

/// What every bench needs.
pub(crate) struct Setting {
    /// A small validator.
    pub(crate) ten_checks: Vec<u8>,
    /// One kind of work at a time.
    pub(crate) workload: Vec<u8>,
    /// Deleted when the benches are done.
    scratch: tempfile::TempDir,
}

impl Setting {
    /// Builds the guests.
    pub(crate) fn new() -> Self {
        let target = setup::root().join("target/guests");
        let build = GuestBuild::new(&setup::root().join("Cargo.toml"), &target)
            .expect("guests can be built here");
        let built = build
            .examples(PACKAGE)
            .unwrap_or_else(|error| panic!("{error}"));
        let component = |name: &str| {
            let found = built
                .iter()
                .find(|component| component.name == name)
                .expect("the guest is declared");
            found.read().expect("it was built just now")
        };
        // On a disk and not in memory, whatever /tmp is.
        let scratch =
            tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch directory");
        Self {
            ten_checks: component("ten-checks"),
            workload: component("workload"),
            scratch,
        }
    }

    /// Where benches put files.
    pub(crate) fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// The cache of compiled code that all benches share.
    pub(crate) fn cache(&self) -> PathBuf {
        self.scratch.path().join("cache")
    }

    /// An engine of the product.
    pub(crate) fn engine(&self, isolation: Isolation) -> Engine {
        let mut options = EngineOptions::new(WorkerCommand {
            program: PROOFMARK.into(),
            arguments: Vec::new(),
        });
        options.isolation = isolation;
        options.cache = Some(self.cache());
        Engine::new(options).expect("an engine can be made here")
    }
}

/// Ids that `ten-checks` reports.
pub(crate) const TEN: &[&str] = &[
    "number",
    "day",
    "currency",
    "lines",
    "articles",
    "positions",
    "quantities",
    "line-totals",
    "total",
    "ceiling",
];

/// Parameters of `ten-checks`.
pub(crate) const TEN_PARAMS: &str =
    r#"{"ceiling":1000000,"currency":"EUR","max_lines":50,"path":"input"}"#;

/// An order of about 2 KB that passes all ten checks.
pub(crate) fn order() -> Vec<u8> {
    let line = |at: u64| {
        let (quantity, price) = (1 + at % 7, 250 + 13 * at);
        let line = serde_json::json!({
            "position": at + 1,
            "article": format!("AX-{:04}", 1_000 + 17 * at),
            "text": "hinge, steel, zinc-plated",
            "quantity": quantity,
            "price": price,
            "total": quantity * price,
        });
        (line, quantity * price)
    };
    let (lines, totals): (Vec<_>, Vec<u64>) = (0..17).map(line).unzip();
    let order = serde_json::json!({
        "number": "PO-2026-00417",
        "ordered_on": "2026-11-05",
        "currency": "EUR",
        "buyer": "Harbour Joinery Ltd.",
        "lines": lines,
        "total": totals.iter().sum::<u64>(),
    });
    serde_json::to_vec(&order).expect("it is JSON")
}

/// A run of `ten-checks` over [`order`].
pub(crate) fn ten_checks_job() -> Job {
    let mut job = setup::job(TEN, &[(INPUT, &order())]);
    job.params = TEN_PARAMS.to_owned();
    job
}

/// A run of `workload`.
pub(crate) fn workload_job(kind: &str, count: u64, input: &[u8]) -> Job {
    let mut job = setup::job(&["done"], &[(INPUT, input)]);
    job.params = workload_params(kind, count);
    job.limits.fuel = 1_000_000_000_000;
    job.limits.read_bytes = 1 << 40;
    job
}

/// Parameters of `workload`.
pub(crate) fn workload_params(kind: &str, count: u64) -> String {
    format!(r#"{{"count":{count},"kind":"{kind}"}}"#)
}
