//! `proofmark bundle conflicts` and `fraud`: two results of one run.

use std::path::{Path, PathBuf};

use proofmark_attestation::Bundle;
use proofmark_attestation::verify::{Conflict, ConflictKind, FraudProof};
use proofmark_dsse::MAX_ENVELOPE_BYTES;
use proofmark_trust::TrustPolicy;
use serde_json::{Value, json};

use super::{read, read_document, verify, write_atomically};
use crate::commands::Outcome;
use crate::failure::{Exit, Failure, chain};
use crate::printer::{BAD, GOOD, Printer, paint};

/// A conflict, and the files in which it shows.
struct Found<'a> {
    files: (&'a Path, &'a Path),
    conflict: Conflict,
}

pub(super) fn run(
    files: &[PathBuf],
    policy: &Path,
    proof: Option<&Path>,
    printer: &Printer,
) -> Outcome {
    let policy = verify::policy(policy)?;
    let bundles: Vec<_> = files
        .iter()
        .map(|file| read(file))
        .collect::<Result<_, _>>()?;
    let found = find(files, &bundles, &policy);
    let fraud = found
        .iter()
        .find_map(|found| FraudProof::of(&found.conflict, &policy));
    if let (Some(path), Some(fraud)) = (proof, &fraud) {
        write_atomically(path, (fraud.to_json() + "\n").as_bytes())?;
    }
    printer.data(
        || text(&found),
        || json!(found.iter().map(to_json).collect::<Vec<_>>()),
    );
    Ok(match found.is_empty() {
        true => Exit::Done,
        false => Exit::Negative,
    })
}

/// Every pair.
fn find<'a>(files: &'a [PathBuf], bundles: &[Bundle], policy: &TrustPolicy) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for (at, first) in bundles.iter().enumerate() {
        for (other, second) in bundles.iter().enumerate().skip(at + 1) {
            let conflict = Conflict::between(&first.envelope, &second.envelope, policy);
            found.extend(conflict.map(|conflict| Found {
                files: (&files[at], &files[other]),
                conflict,
            }));
        }
    }
    found
}

fn text(found: &[Found<'_>]) -> String {
    if found.is_empty() {
        return format!("{} no two of them contradict each other", paint(GOOD, "ok"));
    }
    let lines = found.iter().map(|Found { files, conflict }| {
        let what = match conflict.kind {
            ConflictKind::Equivocation(key) => format!("key {key} signed both"),
            ConflictKind::Disagreement => "different engines signed them".to_owned(),
        };
        let (first, second) = (files.0.display(), files.1.display());
        format!(
            "{} {first} and {second}: two results of one run; {what}\n",
            paint(BAD, "conflict")
        )
    });
    lines.collect()
}

fn to_json(found: &Found<'_>) -> Value {
    let (kind, key) = match found.conflict.kind {
        ConflictKind::Equivocation(key) => ("equivocation", Some(key)),
        ConflictKind::Disagreement => ("conflicting-verdict", None),
    };
    json!({
        "kind": kind,
        "key": key,
        "first": { "file": found.files.0, "statement_digest": found.conflict.first.payload_digest() },
        "second": { "file": found.files.1, "statement_digest": found.conflict.second.payload_digest() },
    })
}

/// `proofmark bundle fraud`
pub(super) fn check(path: &Path, printer: &Printer) -> Outcome {
    let bytes = read_document(path, 2 * MAX_ENVELOPE_BYTES)?;
    let proof = FraudProof::parse(&bytes).map_err(|error| {
        let hint = "a proof is what `proofmark bundle conflicts --proof` writes";
        Failure::input(error.code(), chain(&error), hint).about(path.display())
    })?;
    let key = proof.key().id();
    printer.data(
        || {
            format!(
                "{} key {key} signed two results of one run",
                paint(BAD, "proven")
            )
        },
        || json!({ "proven": true, "key": key }),
    );
    Ok(Exit::Done)
}
