//! `proofmark bundle export`: the same evidence for other tools.

use std::path::Path;

use proofmark_attestation::bundle::DocumentRole;
use proofmark_attestation::projection::{ProjectionError, svr, test_result};
use proofmark_attestation::{Bundle, export};
use proofmark_core::{Timestamp, canonical};
use serde_json::Value;

use super::{read, show};
use crate::args::ExportFormat;
use crate::commands::Outcome;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

pub(super) fn run(
    path: &Path,
    format: ExportFormat,
    signature: usize,
    verifier: Option<(&str, Timestamp)>,
    printer: &Printer,
) -> Outcome {
    let bundle = read(path)?;
    printer.bytes(&content(&bundle, format, signature, verifier)?);
    Ok(Exit::Done)
}

fn content(
    bundle: &Bundle,
    format: ExportFormat,
    signature: usize,
    verifier: Option<(&str, Timestamp)>,
) -> Result<Vec<u8>, Failure> {
    let envelope = &bundle.envelope;
    match format {
        ExportFormat::Envelope => Ok((envelope.to_json() + "\n").into_bytes()),
        ExportFormat::Payload => Ok(envelope.payload().to_vec()),
        ExportFormat::SignedBytes => Ok(export::signed_bytes(envelope)),
        ExportFormat::Signature => {
            let found = envelope.signatures().get(signature);
            found
                .map(|found| found.bytes.clone())
                .ok_or_else(|| absent("such signature"))
        }
        ExportFormat::IntotoJsonl => Ok(export::intoto_jsonl(bundle).into_bytes()),
        ExportFormat::Sigstore => {
            let all = export::sigstore(bundle);
            line(all.get(signature).ok_or_else(|| absent("such signature"))?)
        }
        ExportFormat::LogProof => {
            let log = bundle.log.as_ref().ok_or_else(|| absent("log proof"))?;
            Ok(log.proof.to_string().into_bytes())
        }
        ExportFormat::Criteria => document(bundle, DocumentRole::Criteria),
        ExportFormat::Record => document(bundle, DocumentRole::Record),
        ExportFormat::Submission => document(bundle, DocumentRole::Submission),
        ExportFormat::TestResult => projected(test_result(&show::outcome(bundle)?)),
        ExportFormat::Svr => {
            let (verifier, at) = verifier.expect("clap asks for both");
            projected(svr(&show::outcome(bundle)?, verifier, at))
        }
    }
}

fn document(bundle: &Bundle, role: DocumentRole) -> Result<Vec<u8>, Failure> {
    let found = bundle.document(role).map(<[u8]>::to_vec);
    found.ok_or_else(|| absent("such document"))
}

fn projected(statement: Result<Value, ProjectionError>) -> Result<Vec<u8>, Failure> {
    let statement = statement.map_err(|error| {
        let hint = "export the outcome itself: --format payload";
        Failure::input(error.code(), error, hint)
    })?;
    line(&statement)
}

/// Canonical, so that it can be signed as it is.
fn line(value: &Value) -> Result<Vec<u8>, Failure> {
    canonical::to_bytes(value)
        .map_err(|error| Failure::input("export-not-canonical", error, "report this as a bug"))
}

fn absent(what: &str) -> Failure {
    Failure::input(
        "not-in-bundle",
        format!("the bundle has no {what}"),
        "`proofmark bundle show` lists what is there",
    )
}
