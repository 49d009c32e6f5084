//! Asks a host function that only the tests offer to do what the worker process must not be able to
//! do, and reports how each attempt ended. See `tests/tests/isolation.rs`.

// On the host it is only checked: nothing calls what a component exports.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

use proofmark_validator_hostile::{finding, hostile, passed, report};

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

const ATTEMPTS: &[&str] = &[
    "open-file",
    "create-file",
    "connect",
    "listen",
    "start-process",
    "parent-memory",
    "signal-parent",
    "signal-by-descriptor",
    "capabilities",
    "environment",
];

hostile!({
    let mut check = passed("attempted");
    check.findings = ATTEMPTS
        .iter()
        .map(|what| finding(format!("{what}: {}", probe::attempt(what))))
        .collect();
    check.findings_total = ATTEMPTS.len() as u64;
    Ok(report(check))
});
