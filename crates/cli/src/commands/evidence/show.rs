//! `proofmark bundle show`: what a bundle says. Nothing of it is verified.

use std::path::Path;

use proofmark_attestation::Bundle;
use proofmark_attestation::statement::outcome::CheckPart;
use proofmark_attestation::statement::receipt::RunReceipt;
use proofmark_attestation::statement::{PAYLOAD_TYPE, ValidatedOutcome};
use serde_json::{Value, json};

use super::read;
use crate::commands::Outcome;
use crate::failure::{Exit, Failure, chain};
use crate::printer::{FAINT, Printer, WARN, paint};
use crate::render::foreign::one_line;
use crate::render::number::percent;
use crate::render::verdict::word;

pub(super) fn run(path: &Path, printer: &Printer) -> Outcome {
    let bundle = read(path)?;
    let outcome = outcome(&bundle)?;
    printer.data(|| text(&bundle, &outcome), || to_json(&bundle));
    Ok(Exit::Done)
}

pub(super) fn outcome(bundle: &Bundle) -> Result<ValidatedOutcome, Failure> {
    let refuse = |message: String| {
        Failure::input("payload-malformed", message, "this bundle holds no outcome")
    };
    if bundle.envelope.payload_type() != PAYLOAD_TYPE {
        return Err(refuse("the payload is not an in-toto statement".to_owned()));
    }
    ValidatedOutcome::parse(bundle.envelope.payload()).map_err(|error| refuse(chain(&error)))
}

fn text(bundle: &Bundle, outcome: &ValidatedOutcome) -> String {
    let predicate = outcome.predicate();
    let score = predicate
        .result
        .score
        .map(|score| format!("   score {}", percent(score)));
    let mut out = format!("{}{}\n", word(outcome.verdict()), score.unwrap_or_default());
    for criterion in predicate.result.criteria.items.iter().flatten() {
        let fault = criterion
            .fault
            .map(|fault| format!("  [{fault}]"))
            .unwrap_or_default();
        let name = one_line(&criterion.name);
        out.push_str(&format!("  {} {name}{fault}\n", word(criterion.status)));
        out.extend(criterion.checks.iter().map(check));
    }
    out.push('\n');
    for (name, what) in facts(bundle, outcome) {
        out.push_str(&format!("{name:<11} {what}\n"));
    }
    let warning = "Nothing of this was verified: proofmark verify does that.";
    out + &paint(WARN, warning) + "\n"
}

fn check(check: &CheckPart) -> String {
    let score = check
        .score
        .map(|score| format!(" {}", percent(score)))
        .unwrap_or_default();
    let status = proofmark_criteria::Verdict::from(check.status).as_str();
    paint(
        FAINT,
        format!("    {status:<13}{}{score}", one_line(&check.id)),
    ) + "\n"
}

fn facts(bundle: &Bundle, outcome: &ValidatedOutcome) -> Vec<(&'static str, String)> {
    let predicate = outcome.predicate();
    let mut facts = Vec::new();
    if let Some(binding) = &predicate.binding {
        facts.push(("audience", binding.audience.to_string()));
        facts.push(("contract", binding.contract.id.to_string()));
        facts.push(("terms", binding.contract.digest.0.to_string()));
        facts.push(("nonce", binding.nonce.to_string()));
        facts.push((
            "deliverable",
            format!("{}, attempt {}", binding.deliverable, binding.attempt),
        ));
    }
    facts.push(("submission", outcome.submission().to_string()));
    facts.push(("criteria", predicate.criteria.digest.0.to_string()));
    facts.push(("profile", one_line(&predicate.execution.profile.uri)));
    facts.push(("statement", outcome.statement_digest().to_string()));
    facts.push(("outcome", outcome.outcome_digest().to_string()));
    for signature in bundle.envelope.signatures() {
        let key = signature
            .key_id
            .map_or("no key id".to_owned(), |key| key.to_string());
        facts.push(("signature", key));
    }
    if let Some(log) = &bundle.log {
        let note = &log.proof.checkpoint;
        let origin = one_line(note.text().lines().next().unwrap_or_default());
        facts.push(("log", format!("{origin} #{}", log.proof.index)));
        for signature in note.signatures() {
            facts.push(("noted by", signature.name.to_string()));
        }
    }
    for receipt in &bundle.receipts {
        facts.push(("receipt", told(receipt.payload())));
    }
    for document in &bundle.documents {
        let bytes = document.content.len();
        facts.push((
            "document",
            format!("{}, {bytes} bytes", document.role.as_str()),
        ));
    }
    facts
}

fn told(receipt: &[u8]) -> String {
    match RunReceipt::parse(receipt) {
        Ok(receipt) => {
            let said = receipt.predicate();
            format!(
                "{} at {} by {}",
                kind(said.kind),
                said.finished_at,
                said.engine.id
            )
        }
        Err(error) => one_line(&chain(&error)),
    }
}

fn kind(kind: proofmark_attestation::statement::receipt::RunKind) -> String {
    json!(kind).as_str().unwrap_or_default().to_owned()
}

/// The bundle with its statements readable in place of base64.
fn to_json(bundle: &Bundle) -> Value {
    let parsed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
    let receipts = bundle
        .receipts
        .iter()
        .map(|receipt| parsed(receipt.payload()));
    let documents = bundle
        .documents
        .iter()
        .map(|document| json!({ "role": document.role, "content": parsed(&document.content) }));
    let log = bundle
        .log
        .as_ref()
        .map(|log| json!({ "signers": log.signers, "proof": log.proof.to_string() }));
    let signatures = bundle.envelope.signatures().iter();
    let signatures = signatures.map(|signature| signature.key_id.map(|key| key.to_string()));
    json!({
        "verified": false,
        "statement": parsed(bundle.envelope.payload()),
        "statement_digest": bundle.statement_digest(),
        "signers": signatures.collect::<Vec<_>>(),
        "receipts": receipts.collect::<Vec<_>>(),
        "documents": documents.collect::<Vec<_>>(),
        "log": log,
    })
}
