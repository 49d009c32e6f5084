//! Asks the host function of the isolation tests to hang, as a broken host would. Host fault:
//! `worker-timeout`.

use proofmark_validator_hostile::{hostile, passed, report};

mod probe {
    #![allow(
        missing_docs,
        unreachable_pub,
        clippy::all,
        clippy::undocumented_unsafe_blocks
    )]
    wit_bindgen::generate!({
        inline: "package proofmark:test; world probe { import attempt: func(what: string) -> string; }",
        world: "probe",
    });
}

hostile!(Ok(report(passed(probe::attempt("hang")))));
