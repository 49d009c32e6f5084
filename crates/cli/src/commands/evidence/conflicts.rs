//! `proofmark bundle conflicts` and `fraud`: two results of one run.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use proofmark_attestation::Bundle;
use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_attestation::verify::{
    Conflict, ConflictKind, FraudProof, FraudProofError, MAX_FRAUD_PROOF_BYTES,
};
use proofmark_trust::TrustPolicy;
use serde_json::{Value, json};

use super::{read, read_document};
use crate::commands::Outcome;
use crate::failure::{Exit, Failure, chain};
use crate::files::{vacant, write_atomically};
use crate::printer::{BAD, GOOD, Printer, paint};

/// A conflict, and the files in which it shows.
struct Found<'a> {
    files: (&'a Path, &'a Path),
    conflict: Conflict,
}

pub(super) fn run(
    files: &[PathBuf],
    policy: &TrustPolicy,
    proof: Option<&Path>,
    printer: &Printer,
) -> Outcome {
    proof.map_or(Ok(()), |proof| vacant(proof, "--proof"))?;
    let bundles: Vec<_> = files
        .iter()
        .map(|file| read(file))
        .collect::<Result<_, _>>()?;
    let found = find(files, &bundles, policy);
    let mut frauds = found
        .iter()
        .flat_map(|found| FraudProof::all_of(&found.conflict, policy));
    if let (Some(path), Some(fraud)) = (proof, frauds.next()) {
        write_atomically(path, (fraud.to_json() + "\n").as_bytes())?;
    }
    printer.data(
        || text(&found, compared(&bundles)),
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

/// How many runs there are of which two bundles tell, whoever signed them.
fn compared(bundles: &[Bundle]) -> usize {
    let outcomes = bundles
        .iter()
        .filter_map(|bundle| ValidatedOutcome::parse(bundle.envelope.payload()).ok());
    let mut runs: HashMap<String, usize> = HashMap::new();
    for outcome in outcomes {
        let binding = serde_json::to_string(&outcome.predicate().binding).unwrap_or_default();
        let criteria = outcome.predicate().criteria.digest.0;
        let run = format!("{} {criteria} {binding}", outcome.submission());
        *runs.entry(run).or_default() += 1;
    }
    runs.values().filter(|bundles| **bundles > 1).count()
}

fn text(found: &[Found<'_>], runs: usize) -> String {
    if found.is_empty() {
        let what = match runs {
            0 => "nothing to compare: every bundle is of another run".to_owned(),
            runs => format!("no contradiction in {runs} run(s) of which two bundles tell"),
        };
        return format!("{} {what}", paint(GOOD, "ok"));
    }
    let lines = found.iter().map(|Found { files, conflict }| {
        let (first, second) = (files.0.display(), files.1.display());
        format!(
            "{} {first} and {second}: two results of one run; {}\n",
            paint(BAD, "conflict"),
            conflict.kind
        )
    });
    lines.collect()
}

fn to_json(found: &Found<'_>) -> Value {
    let (kind, keys): (_, &[_]) = match &found.conflict.kind {
        ConflictKind::Equivocation(keys) => ("equivocation", keys),
        ConflictKind::Disagreement => ("conflicting-verdict", &[]),
    };
    json!({
        "kind": kind,
        "keys": keys,
        "first": { "file": found.files.0, "statement_digest": found.conflict.first.payload_digest() },
        "second": { "file": found.files.1, "statement_digest": found.conflict.second.payload_digest() },
    })
}

/// `proofmark bundle fraud`
pub(super) fn check(path: &Path, printer: &Printer) -> Outcome {
    let bytes = read_document(path, MAX_FRAUD_PROOF_BYTES)?;
    let proof =
        FraudProof::parse(&bytes).map_err(|error| unproven(&error).about(path.display()))?;
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

/// A file that is no proof is bad input; one that proves nothing is a negative answer.
fn unproven(error: &FraudProofError) -> Failure {
    let hint = "a proof is what `proofmark bundle conflicts --proof` writes";
    let mut failure = Failure::input(error.code(), chain(error), hint);
    if failure.problems[0].code != "fraud-proof-malformed" {
        failure.exit = Exit::Negative;
        failure.problems[0].hint = Some("accuse nobody: ask whoever gave it to you".to_owned());
    }
    failure
}
