//! `proofmark attest`: judge, sign, and log if asked to.

use std::path::Path;

use proofmark_attestation::Bundle;
use proofmark_attestation::bundle::DocumentRole;
use proofmark_attestation::statement::binding::Binding;
use proofmark_attestation::statement::receipt::RunKind;
use proofmark_attestation::statement::{ValidatedOutcome, build};
use proofmark_core::canonical::{self, ParseLimits};
use proofmark_criteria::{Criteria, Manifest};
use proofmark_engine::judge::Judgement;
use serde_json::{Value, json};

use super::logging::{self, Writer};
use super::signing::{RunTimes, Signers};
pub(crate) use super::signing::{not_built, unsigned};
use crate::args::{Attest, Global};
use crate::blobs::Blobs;
use crate::commands::check::{exit, judge_with_progress, read_criteria};
use crate::commands::{Outcome, read_document, submission};
use crate::failure::Failure;
use crate::files::{vacant, writable};
use crate::printer::{FAINT, Printer, paint};
use crate::{render, setup};

pub(crate) fn run(attest: &Attest, global: &Global, printer: &Printer) -> Outcome {
    // Everything that can be wrong with the options is found out before anything is run.
    match attest.replace {
        true => writable(&attest.to)?,
        false => vacant(&attest.to, "--to (or say --replace)")?,
    }
    let signers = Signers::open(&attest.signing)?;
    let log = Writer::open(&attest.logging, signers.outcome.as_ref())?;
    let binding = attest.binding.as_deref().map(read_binding).transpose()?;
    if binding.is_none() {
        printer.note("without --binding the outcome settles no order");
    }
    let criteria = read_criteria(&attest.criteria)?;
    let work = submission::read(&attest.work, attest.manifest.as_deref())?;
    let engine = setup::engine(global, printer)?;
    let blobs = Blobs::around(&attest.criteria, &attest.blobs);
    let (judgement, times) =
        RunTimes::of(|| judge_with_progress(&engine, &criteria, &work, &blobs))?;

    let outcome = build(&criteria, &work.manifest, &judgement.record, binding)
        .map_err(|error| not_built(&error))?;
    let mut bundle = sign(&outcome, &signers)?;
    documents(&mut bundle, &criteria, &work.manifest, &judgement);
    signers.receipt(&mut bundle, &outcome, RunKind::Original, &times, &judgement)?;
    let missing = logging::append(log.as_ref(), &mut bundle, &attest.to, printer)?;
    printer.partly(
        missing,
        exit(outcome.verdict()),
        || {
            let story = render::verdict::text(&judgement, &criteria);
            format!("{}{}", story, identity(&outcome, &bundle, &attest.to))
        },
        || to_json(&outcome, &bundle, &attest.to),
    )
}

fn sign(outcome: &ValidatedOutcome, signers: &Signers) -> Result<Bundle, Failure> {
    let envelope = outcome.sign(signers.outcome.as_ref());
    envelope.map(Bundle::of).map_err(|error| unsigned(&error))
}

/// What the outcome names by digest travels along, as far as it is not too long.
pub(crate) fn documents(
    bundle: &mut Bundle,
    criteria: &Criteria,
    manifest: &Manifest,
    judgement: &Judgement,
) {
    bundle.attach(DocumentRole::Criteria, criteria.canonical_bytes());
    bundle.attach(DocumentRole::Record, judgement.record.canonical_bytes());
    bundle.attach(DocumentRole::Submission, manifest.canonical_bytes());
}

pub(super) fn read_binding(path: &Path) -> Result<Binding, Failure> {
    let bytes = read_document(path, ParseLimits::DOCUMENT.max_bytes)?;
    let refuse = |message: String| {
        Failure::input(
            "binding-malformed",
            message,
            "audience, contract {id, digest {sha256}}, deliverable, attempt and nonce, as the market issued them",
        )
        .about(path.display())
    };
    let value = canonical::parse(&bytes, ParseLimits::DOCUMENT)
        .map_err(|error| refuse(error.to_string()))?;
    canonical::read_as(&value).map_err(refuse)
}

/// What people compare: the digests, who signed, where it was logged.
pub(super) fn identity(outcome: &ValidatedOutcome, bundle: &Bundle, file: &Path) -> String {
    let mut lines = vec![
        ("statement", outcome.statement_digest().to_string()),
        ("outcome", outcome.outcome_digest().to_string()),
    ];
    for key in bundle.envelope.key_ids() {
        lines.push(("signed by", key.to_string()));
    }
    if let Some(log) = &bundle.log {
        let origin = logging::origin(log);
        lines.push(("logged", format!("{origin} #{}", log.proof.index)));
    }
    lines.push(("bundle", file.display().to_string()));
    let lines = lines
        .iter()
        .map(|(word, what)| paint(FAINT, format!("{word:<10} {what}")) + "\n");
    lines.collect()
}

pub(super) fn to_json(outcome: &ValidatedOutcome, bundle: &Bundle, file: &Path) -> Value {
    json!({
        "verdict": outcome.verdict(),
        "statement_digest": outcome.statement_digest(),
        "outcome_digest": outcome.outcome_digest(),
        "signers": bundle.envelope.key_ids(),
        "log_index": bundle.log.as_ref().map(|log| log.proof.index),
        "receipts": bundle.receipts.len(),
        "bundle": file,
    })
}
