//! Calls and what they print, one after another, as a reader of a terminal would see them.

use std::fmt::Write;
use std::path::Path;

use super::program::{Ran, run_in};

/// What is not the same on every machine, or follows from the bytes of the validators.
const REDACTED: &[(&str, &str)] = &[
    (
        r"(criteria|profile|record)( +)sha256:[0-9a-f]{64}",
        "$1$2[DIGEST]",
    ),
    (
        r"(criteria\.json|frozen as|validator +[a-z-]+ [0-9.]+) sha256:[0-9a-f]{64}",
        "$1 [DIGEST]",
    ),
    (r"(?m)^sha256:[0-9a-f]{64}$", "[DIGEST]"),
    (r"fuel [0-9,]+ of", "fuel [FUEL] of"),
    (r"memory [0-9,]+ KiB", "memory [MEMORY]"),
    (
        r"prepared in [0-9.]+ (µs|ms|s), ran [0-9.]+ (µs|ms|s)",
        "prepared in [TIME], ran [TIME]",
    ),
];

/// Settings of every snapshot: what is redacted, and plain file names.
pub(crate) fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (pattern, replacement) in REDACTED {
        settings.add_filter(pattern, *replacement);
    }
    settings
}

/// Compare `text` with the snapshot of that name.
pub(crate) fn assert(name: &str, text: &str) {
    settings().bind(|| insta::assert_snapshot!(name, text));
}

/// Everything that a sequence of calls prints.
#[derive(Default)]
pub(crate) struct Transcript {
    text: String,
}

impl Transcript {
    /// Say what comes next.
    pub(crate) fn note(&mut self, text: &str) {
        writeln!(self.text, "# {text}").expect("writing to a string");
    }

    /// Call the product in `folder`.
    pub(crate) fn call(&mut self, folder: &Path, arguments: &[&str]) -> Ran {
        let ran = run_in(folder, arguments);
        writeln!(self.text, "$ proofmark {}", arguments.join(" ")).expect("writing to a string");
        for (stream, text) in [("", &ran.out), ("stderr: ", &ran.err)] {
            for line in text.lines() {
                writeln!(self.text, "{}", format!("{stream}{line}").trim_end())
                    .expect("writing to a string");
            }
        }
        writeln!(self.text, "exit {}\n", ran.code).expect("writing to a string");
        ran
    }

    /// Compare everything with the snapshot of that name.
    pub(crate) fn assert(self, name: &str) {
        assert(name, &self.text);
    }
}
