//! Where policies lie: `policy.json` is written, `policy.v3.dsse.json` beside it is version 3 as it is signed.

use std::path::{Path, PathBuf};

use proofmark_core::Problem;
use proofmark_dsse::{Envelope, MAX_ENVELOPE_BYTES};
use proofmark_trust::{PAYLOAD_TYPE, Policy};

use crate::commands::read_document;
use crate::failure::Failure;
use crate::files::write_atomically;

/// Where a reader finds what a policy may say.
const HINT: &str =
    "compare with docs/spec/trust-policy-v1.md, or with what `proofmark policy new` writes";

/// A policy, and its envelope where the file holds one. Nothing is verified.
pub(super) struct Read {
    pub(super) policy: Policy,
    pub(super) envelope: Option<Envelope>,
}

/// A policy, written or signed.
pub(super) fn read(path: &Path) -> Result<Read, Failure> {
    let bytes = read_document(path, MAX_ENVELOPE_BYTES)?;
    let envelope = Envelope::parse(&bytes)
        .ok()
        .filter(|envelope| envelope.payload_type() == PAYLOAD_TYPE);
    let text = envelope
        .as_ref()
        .map_or(bytes.as_slice(), Envelope::payload);
    let policy = Policy::parse(text).map_err(|problems| refused(path, problems))?;
    Ok(Read { policy, envelope })
}

/// What is wrong with a policy.
pub(super) fn refused(path: &Path, problems: Vec<Problem>) -> Failure {
    let hinted = problems.into_iter().map(|problem| match problem.hint {
        Some(_) => problem,
        None => problem.hint(HINT),
    });
    Failure::from(hinted.collect::<Vec<_>>()).about(path.display())
}

/// Where a version of a policy lies when it is signed.
pub(super) fn signed(path: &Path, version: u64) -> PathBuf {
    path.with_extension(format!("v{version}.dsse.json"))
}

/// The written form, spread over lines.
pub(super) fn write(path: &Path, policy: &Policy) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(policy.document()).expect("a policy is JSON") + "\n";
    write_atomically(path, text.as_bytes())
}

/// Only what is written is changed or signed.
pub(super) fn written(path: &Path) -> Result<Policy, Failure> {
    let read = read(path)?;
    match read.envelope {
        None => Ok(read.policy),
        Some(_) => {
            let hint = "name the written policy, the file without .v<version>.dsse";
            Err(
                Failure::input("policy-is-signed", "a signed policy is not changed", hint)
                    .about(path.display()),
            )
        }
    }
}
