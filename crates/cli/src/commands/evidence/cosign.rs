//! `proofmark cosign`: another engine runs it by itself, and signs only if it comes to the same bytes.

use proofmark_attestation::Bundle;
use proofmark_attestation::bundle::DocumentRole;
use proofmark_attestation::statement::binding::Binding;
use proofmark_attestation::statement::receipt::RunKind;
use proofmark_attestation::statement::{ValidatedOutcome, build};
use proofmark_core::{Digest, Problem};
use proofmark_criteria::Criteria;
use proofmark_dsse::MergeError;
use serde_json::Value;

use super::attest::{identity, read_binding, to_json};
use super::logging::{self, Writer};
use super::read;
use super::signing::{RunTimes, Signers, not_built, unsigned};
use crate::args::{Cosign, Global};
use crate::blobs::Blobs;
use crate::commands::check::{exit, judge_with_progress, read_criteria};
use crate::commands::{Outcome, submission};
use crate::failure::{Exit, Failure, chain};
use crate::files::{vacant, writable};
use crate::printer::Printer;
use crate::{render, setup};

/// Differences that are named.
const SHOWN: usize = 5;

pub(crate) fn run(cosign: &Cosign, global: &Global, printer: &Printer) -> Outcome {
    let file = cosign.to.as_ref().unwrap_or(&cosign.bundle);
    match *file == cosign.bundle {
        true => writable(file)?,
        false => vacant(file, "--to")?,
    }
    let signers = Signers::open(&cosign.signing)?;
    let log = Writer::open(&cosign.logging, signers.outcome.as_ref())?;
    let mut bundle = read(&cosign.bundle)?;
    let theirs = stated(&bundle)?;
    let binding = ordered(cosign, &theirs)?;
    remark(&bundle, &signers, printer);
    let criteria = criteria(cosign, &bundle)?;
    let work = submission::read(&cosign.work, cosign.manifest.as_deref())?;
    same_work(&theirs, work.manifest.digest())
        .map_err(|failure| failure.about(cosign.work.display()))?;
    let engine = setup::engine(global, printer)?;
    let around = cosign.criteria.as_ref().unwrap_or(&cosign.bundle);
    let blobs = Blobs::around(around, &cosign.blobs);
    let (judgement, times) =
        RunTimes::of(|| judge_with_progress(&engine, &criteria, &work, &blobs))?;

    let ours = build(&criteria, &work.manifest, &judgement.record, binding)
        .map_err(|error| not_built(&error))?;
    if ours != theirs {
        return Err(disagreement(&theirs, &ours));
    }
    let envelope = ours
        .sign(signers.outcome.as_ref())
        .map_err(|error| unsigned(&error))?;
    bundle
        .envelope
        .merge(&envelope)
        .map_err(|error| unmerged(&error))?;
    signers.receipt(&mut bundle, &ours, RunKind::ReExecution, &times, &judgement)?;
    let missing = logging::append(log.as_ref(), &mut bundle, file, printer)?;
    printer.partly(
        missing,
        exit(ours.verdict()),
        || {
            let story = render::verdict::text(&judgement, &criteria);
            format!("{}{}", story, identity(&ours, &bundle, file))
        },
        || to_json(&ours, &bundle, file),
    )
}

/// What the outcome is for. The validators cannot tell, so an engine that copies it from the bundle signs for an
/// order that it may never have seen.
fn ordered(cosign: &Cosign, theirs: &ValidatedOutcome) -> Result<Option<Binding>, Failure> {
    let stated = theirs.predicate().binding.as_ref();
    match (&cosign.binding, stated) {
        (Some(path), _) => {
            let known = read_binding(path)?;
            match stated == Some(&known) {
                true => Ok(Some(known)),
                false => Err(other_order(&known, stated).about(cosign.bundle.display())),
            }
        }
        (None, Some(_)) if !cosign.any_binding => Err(Failure::input(
            "binding-unconfirmed",
            "the bundle says what the outcome is for, and you have not said that you know of it",
            "give your own order with --binding, or sign for whatever it says with --any-binding",
        )
        .about(cosign.bundle.display())),
        (None, _) => Ok(stated.cloned()),
    }
}

/// Other work comes to another outcome, which contradicts nothing. Found out before it is judged.
fn same_work(theirs: &ValidatedOutcome, ours: Digest) -> Result<(), Failure> {
    let stated = theirs.submission();
    if stated == ours {
        return Ok(());
    }
    let mut failure = Failure::input(
        "subject-mismatch",
        format!("this is other work than the bundle is about: {ours}, not {stated}"),
        "give the work that was delivered; if this is it, the bundle is about something else: sign nothing",
    );
    failure.exit = Exit::Refused;
    Err(failure)
}

fn other_order(known: &Binding, stated: Option<&Binding>) -> Failure {
    let mut failure = Failure::input(
        "binding-mismatch",
        match stated {
            Some(_) => "the bundle says that the outcome is for something else than you were told",
            None => "the bundle says that the outcome is for no order at all",
        },
        "sign nothing: ask the market which of the two it ordered",
    );
    let json = |binding: Option<&Binding>| serde_json::to_value(binding).unwrap_or_default();
    let mut differences = Vec::new();
    let mut place = "/predicate/binding".to_owned();
    compare(
        &json(stated),
        &json(Some(known)),
        &mut place,
        &mut differences,
    );
    failure.problems.extend(problems(&differences));
    failure.exit = Exit::Refused;
    failure
}

/// Nothing is wrong with signing twice, but whoever does it expects another signature afterwards.
fn remark(bundle: &Bundle, signers: &Signers, printer: &Printer) {
    let key = signers.outcome.public_key().id();
    let mut signatures = bundle.envelope.signatures().iter();
    if signatures.any(|signature| signature.key_id == Some(key)) {
        printer.note(format!(
            "key {key} has signed this bundle already: it counts once"
        ));
    }
}

/// What the other engine states. Its signature says nothing yet: this engine signs for its own run.
fn stated(bundle: &Bundle) -> Result<ValidatedOutcome, Failure> {
    ValidatedOutcome::parse(bundle.envelope.payload()).map_err(|error| {
        Failure::input(
            "payload-malformed",
            chain(&error),
            "the bundle holds no outcome that an engine could sign",
        )
    })
}

fn criteria(cosign: &Cosign, bundle: &Bundle) -> Result<Criteria, Failure> {
    match (&cosign.criteria, bundle.document(DocumentRole::Criteria)) {
        (Some(path), _) => read_criteria(path),
        (None, Some(bytes)) => Criteria::parse(bytes).map_err(Failure::from),
        (None, None) => Err(Failure::input(
            "criteria-missing",
            "the bundle does not hold its criteria",
            "name the document with --criteria",
        )),
    }
}

/// Two engines do not agree. Nothing is signed; what differs is named by its place in the statement.
pub(crate) fn disagreement(theirs: &ValidatedOutcome, ours: &ValidatedOutcome) -> Failure {
    let (one, other) = (json(theirs), json(ours));
    let mut differences = Vec::new();
    compare(&one, &other, &mut String::new(), &mut differences);
    let profiles =
        theirs.predicate().execution.profile.digest == ours.predicate().execution.profile.digest;
    let hint = match (profiles, theirs.outcome_digest() == ours.outcome_digest()) {
        (false, true) => {
            "the engines have different profiles and agree on the outcome: each signs its own envelope"
        }
        _ => {
            "one of the two runs had other criteria, validators or work, or an engine is broken: pay nobody until you know which"
        }
    };
    let mut failure = Failure::input(
        "conflicting-outcome",
        format!(
            "this engine comes to {} ({}), the bundle states {} ({})",
            ours.verdict().as_str(),
            ours.statement_digest(),
            theirs.verdict().as_str(),
            theirs.statement_digest()
        ),
        hint,
    );
    failure.problems.extend(problems(&differences));
    failure.exit = Exit::Refused;
    failure
}

/// The first differences, each at its place, and how many there are besides.
fn problems(differences: &[(String, String)]) -> impl Iterator<Item = Problem> {
    let places = differences.iter().take(SHOWN);
    let more = differences.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| {
        Problem::new(
            "outcome-differs",
            format!("there are {more} more differences"),
        )
    });
    places
        .map(|(place, message)| Problem::new("outcome-differs", message.clone()).at(place.clone()))
        .chain(more)
}

fn json(outcome: &ValidatedOutcome) -> Value {
    serde_json::from_slice(outcome.canonical_bytes()).expect("a statement is JSON")
}

/// The innermost places in which two documents differ.
fn compare(one: &Value, other: &Value, place: &mut String, found: &mut Vec<(String, String)>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for name in names {
                step(a.get(name), b.get(name), place, name, found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for index in 0..a.len().max(b.len()) {
                step(a.get(index), b.get(index), place, &index.to_string(), found);
            }
        }
        _ if one != other => {
            found.push((
                place.clone(),
                format!("the bundle states {one}, this engine {other}"),
            ));
        }
        _ => {}
    }
}

fn step(
    one: Option<&Value>,
    other: Option<&Value>,
    place: &mut String,
    token: &str,
    found: &mut Vec<(String, String)>,
) {
    let length = place.len();
    place.push('/');
    place.push_str(token);
    match (one, other) {
        (Some(one), Some(other)) => compare(one, other, place, found),
        (Some(_), None) => found.push((place.clone(), "only the bundle states this".to_owned())),
        _ => found.push((place.clone(), "only this engine states this".to_owned())),
    }
    place.truncate(length);
}

fn unmerged(error: &MergeError) -> Failure {
    let hint = match error {
        MergeError::Payload { .. } => "compare the two statements",
        MergeError::Signature(_) => {
            "the bundle has a signature under this key's id that is not this key's: get it again"
        }
        MergeError::TooMany => "leave out signatures that nobody asks for",
    };
    Failure::input(error.code(), chain(error), hint)
}
