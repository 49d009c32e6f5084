//! `proofmark verify`: what a settlement asks before it releases money.

use std::path::Path;

use proofmark_attestation::Bundle;
use proofmark_attestation::bundle::{DocumentRole, MAX_BUNDLE_BYTES};
use proofmark_attestation::statement::build;
use proofmark_attestation::verify::{
    Evidence, Facts, FactsDocument, PolicySource, RuleStatus, Verification, VerifiedOutcome, verify,
};
use proofmark_core::Timestamp;
use proofmark_core::canonical::ParseLimits;
use proofmark_criteria::Criteria;
use proofmark_dsse::MAX_ENVELOPE_BYTES;
use proofmark_engine::intake::Submission;
use proofmark_trust::{TrustPolicy, accept, recall};
use serde_json::{Value, json};

use super::cosign::disagreement;
use super::signing::not_built;
use super::{now, read, read_document};
use crate::args::{Global, Verify};
use crate::blobs::Blobs;
use crate::commands::check::{exit, judge_with_progress, read_criteria};
use crate::commands::{Outcome, submission};
use crate::failure::{Exit, Failure, chain};
use crate::files::write_atomically;
use crate::printer::{BAD, FAINT, GOOD, Printer, WARN, paint};
use crate::render::verdict::word;
use crate::setup;

/// Facts that are older than this, in seconds, were not written for this call.
const AN_HOUR: u64 = 3_600;

pub(crate) fn run(options: &Verify, global: &Global, printer: &Printer) -> Outcome {
    let facts = facts(options, printer)?;
    let criteria = options.criteria.as_deref().map(read_criteria).transpose()?;
    let work = options.submission.as_deref();
    let work = work.map(|work| submission::read(work, None)).transpose()?;
    let known: Vec<_> = options
        .known
        .iter()
        .map(|path| read(path))
        .collect::<Result<_, _>>()?;
    let evidence = Evidence {
        criteria: criteria.as_ref(),
        submission: work.as_ref().map(|work| &work.manifest),
        known: &known,
    };
    let facts = stated(facts, &evidence)?;
    if options.settle {
        complete(options, &facts)?;
    }
    let bundle = read_document(&options.bundle, MAX_BUNDLE_BYTES)?;
    let policy = read_document(&options.policy, MAX_ENVELOPE_BYTES)?;
    let remembered = remembered(options)?;
    let source = PolicySource::Envelope {
        envelope: &policy,
        remembered: remembered.as_ref(),
        pin: options.pin.as_ref(),
    };
    let known = remembered.is_some() || options.pin.is_some();
    let verification = verify(&bundle, source, &facts, &evidence);
    if known {
        remember(options, &policy, &verification)?;
    }
    if let (Ok(_), true) = (&verification.result, options.re_execute) {
        re_execute(options, &bundle, criteria, work.as_ref(), global, printer)?;
    }
    printer.data(
        || text(&verification, &facts, known, options.re_execute),
        || to_json(&verification, options.re_execute),
    );
    Ok(status(&verification))
}

/// 0 only for a verified pass. A refused bundle has a status of its own: a script that pays back the buyer on
/// a verified fail must not do so for a forgery.
fn status(verification: &Verification) -> Exit {
    match &verification.result {
        Ok(verified) => exit(verified.verdict()),
        Err(_) => Exit::Refused,
    }
}

/// What the settlement knows. The time is the machine's own unless --at says otherwise: a file that was written
/// yesterday would verify as of yesterday, for ever.
fn facts(options: &Verify, printer: &Printer) -> Result<Facts, Failure> {
    let clock = options.at.unwrap_or_else(now);
    let mut facts = match &options.facts {
        Some(path) => read_facts(path, clock)?,
        None => Facts::at(clock),
    };
    let written = std::mem::replace(&mut facts.now, clock);
    if options.at.is_none() && !(written..=written.plus_seconds(AN_HOUR)).contains(&clock) {
        printer.warn(format!(
            "the facts were written at {written}; it is verified at {clock}, unless you say --at {written}"
        ));
    }
    let expected = &mut facts.expected;
    replace(&mut expected.audience, options.audience.as_ref());
    replace(&mut expected.contract, options.contract.as_ref());
    replace(
        &mut expected.contract_digest,
        options.contract_digest.as_ref(),
    );
    replace(&mut expected.deliverable, options.deliverable.as_ref());
    replace(&mut expected.attempt, options.attempt.as_ref());
    replace(&mut expected.nonce, options.nonce.as_ref());
    Ok(facts)
}

fn read_facts(path: &Path, clock: Timestamp) -> Result<Facts, Failure> {
    let bytes = read_document(path, ParseLimits::DOCUMENT.max_bytes)?;
    let document = FactsDocument::parse_at(&bytes, clock).map_err(|error| {
        let hint = "docs/spec/verification.md lists the members";
        Failure::input("facts-malformed", error, hint).about(path.display())
    })?;
    Ok(document.into())
}

/// An outcome settles an order only if everything about the order is stated, and a policy is only believed by whoever
/// knows which.
fn complete(options: &Verify, facts: &Facts) -> Result<(), Failure> {
    let mut missing = missing(facts);
    let known = knows_a_policy(options);
    if missing.is_empty() && known {
        return Ok(());
    }
    if missing.is_empty() {
        let message = match &options.remember {
            Some(path) => format!(
                "no policy was remembered yet in {}, and any policy is believed that signs for itself",
                path.display()
            ),
            None => "--settle also needs --pin or --remember: any policy is believed that signs for itself".to_owned(),
        };
        return Err(Failure::input(
            "policy-not-known",
            message,
            "the first time, --pin the digest that the market publishes (`proofmark policy show`); --remember keeps it",
        ));
    }
    if !known {
        missing.push("--pin or --remember");
    }
    Err(Failure::input(
        "facts-incomplete",
        format!("--settle also needs {}", missing.join(", ")),
        "take them from the order itself, never from the bundle; --facts takes those of the order as one document",
    ))
}

/// Whether the policy at hand is compared with one that is known.
fn knows_a_policy(options: &Verify) -> bool {
    let remembered = options.remember.as_ref();
    options.pin.is_some() || remembered.is_some_and(|path| path.exists())
}

/// What of an order is not stated.
fn missing(facts: &Facts) -> Vec<&'static str> {
    let expected = &facts.expected;
    let stated = [
        ("--audience", expected.audience.is_some()),
        ("--contract", expected.contract.is_some()),
        ("--contract-digest", expected.contract_digest.is_some()),
        ("--deliverable", expected.deliverable.is_some()),
        ("--attempt", expected.attempt.is_some()),
        ("--nonce", expected.nonce.is_some()),
        ("--submission", facts.submission.is_some()),
        ("--criteria", facts.criteria.is_some()),
    ];
    let missing = stated.iter().filter(|(_, stated)| !stated);
    missing.map(|(option, _)| *option).collect()
}

fn replace<T: Clone>(fact: &mut Option<T>, option: Option<&T>) {
    if let Some(option) = option {
        *fact = Some(option.clone());
    }
}

/// Documents at hand state their digests. That they contradict the facts is nobody's fault but the caller's.
fn stated(facts: Facts, evidence: &Evidence<'_>) -> Result<Facts, Failure> {
    facts.with_documents(evidence).map_err(|error| {
        let hint = format!(
            "give the {0} of this order, or the facts of that one",
            error.what
        );
        Failure::input("facts-contradict", error, hint)
    })
}

/// The newest policy that was accepted so far.
fn remembered(options: &Verify) -> Result<Option<TrustPolicy>, Failure> {
    let Some(path) = options.remember.as_deref().filter(|path| path.exists()) else {
        return Ok(None);
    };
    let bytes = read_document(path, MAX_ENVELOPE_BYTES)?;
    recall(&bytes).map(Some).map_err(|error| {
        Failure::input(error.code(), chain(&error), error.hint()).about(path.display())
    })
}

/// Keeps a policy that is known as soon as it is accepted, whatever the bundle comes to. One that only signs for itself
/// would be known the next time.
fn remember(options: &Verify, policy: &[u8], verification: &Verification) -> Result<(), Failure> {
    let accepted = verification.rules.iter().any(|report| {
        report.rule == proofmark_attestation::verify::Rule::Policy
            && report.status == RuleStatus::Held
    });
    match &options.remember {
        Some(path) if accepted => write_atomically(path, policy),
        _ => Ok(()),
    }
}

/// Runs the validators on the work at hand. The same profile must come to the same bytes, another to the same
/// outcome.
fn re_execute(
    options: &Verify,
    bytes: &[u8],
    criteria: Option<Criteria>,
    work: Option<&Submission>,
    global: &Global,
    printer: &Printer,
) -> Result<(), Failure> {
    let bundle = Bundle::parse(bytes).expect("it was verified");
    let theirs =
        proofmark_attestation::statement::ValidatedOutcome::parse(bundle.envelope.payload())
            .expect("it was verified");
    let work = work.expect("the option asks for the work");
    let (criteria, around) = match criteria {
        Some(criteria) => (
            criteria,
            options.criteria.as_deref().unwrap_or(&options.bundle),
        ),
        None => (carried(&bundle)?, options.bundle.as_path()),
    };
    let engine = setup::engine(global, printer)?;
    let blobs = Blobs::around(around, &options.blobs);
    let judgement = judge_with_progress(&engine, &criteria, work, &blobs)?;
    let binding = theirs.predicate().binding.clone();
    let ours = build(&criteria, &work.manifest, &judgement.record, binding)
        .map_err(|error| not_built(&error))?;
    let profiles = ours.predicate().execution.profile == theirs.predicate().execution.profile;
    let agree = match profiles {
        true => ours == theirs,
        false => ours.outcome_digest() == theirs.outcome_digest(),
    };
    match agree {
        true => Ok(()),
        false => {
            let mut failure = disagreement(&theirs, &ours);
            failure.problems[0].code = "re-execution-mismatch";
            failure.exit = Exit::Refused;
            Err(failure)
        }
    }
}

fn carried(bundle: &Bundle) -> Result<Criteria, Failure> {
    let missing = || {
        Failure::input(
            "criteria-missing",
            "the bundle does not hold its criteria",
            "name the document with --criteria",
        )
    };
    let bytes = bundle
        .document(DocumentRole::Criteria)
        .ok_or_else(missing)?;
    Criteria::parse(bytes).map_err(Failure::from)
}

fn to_json(verification: &Verification, re_executed: bool) -> Value {
    let mut answer = verification.to_json();
    answer["re_executed"] = json!(re_executed && verification.result.is_ok());
    answer
}

/// The rules, each with what became of it, and then what is proven.
fn text(verification: &Verification, facts: &Facts, known: bool, re_executed: bool) -> String {
    let mut out = String::new();
    for report in &verification.rules {
        let (sign, status) = sign(report.status);
        let (rule, meaning) = (report.rule.as_str(), report.rule.meaning());
        out.push_str(&format!(
            "{sign} {rule:<15} {status:<11} {}\n",
            paint(FAINT, meaning)
        ));
    }
    if re_executed && verification.result.is_ok() {
        let what = paint(FAINT, "The validators were run here and came to the same.");
        out.push_str(&format!(
            "{} {:<15} {:<11} {what}\n",
            sign(RuleStatus::Held).0,
            "re-execution",
            "held"
        ));
    }
    out.push('\n');
    match &verification.result {
        Ok(verified) => out.push_str(&proven(verified, facts, known)),
        Err(failure) => out.push_str(&format!(
            "{}  {} [{}]\n{} {}\n",
            paint(BAD, "REFUSED"),
            failure.message,
            failure.code,
            paint(crate::printer::HINT, "hint:"),
            failure.code.hint()
        )),
    }
    out
}

fn sign(status: RuleStatus) -> (String, &'static str) {
    let (style, mark) = match status {
        RuleStatus::Held => (GOOD, "✓"),
        RuleStatus::Failed => (BAD, "✗"),
        RuleStatus::NotAsked => (WARN, "–"),
        RuleStatus::NotReached => (FAINT, " "),
    };
    (paint(style, mark), status.as_str())
}

fn proven(verified: &VerifiedOutcome, facts: &Facts, known: bool) -> String {
    let outcome = verified.outcome();
    let settles = match (verified.settles(), &outcome.predicate().binding) {
        (Some(binding), _) => format!(
            "contract {}, {}, attempt {}",
            binding.contract.id, binding.deliverable, binding.attempt
        ),
        (None, Some(binding)) => {
            let mut missing = missing(facts);
            if !known {
                missing.push("which policy to believe (--pin, --remember)");
            }
            format!(
                "nothing yet: bound to contract {}, and not stated here are {}",
                binding.contract.id,
                missing.join(", ")
            )
        }
        (None, None) => "nothing: it is bound to no contract".to_owned(),
    };
    let operators: Vec<_> = verified.operators().iter().map(String::as_str).collect();
    let logged = verified.logged().map_or("no".to_owned(), |logged| {
        format!("{} #{} of {}", logged.origin, logged.index, logged.size)
    });
    let mut out = format!("VERIFIED  {}\n", word(verified.verdict()));
    for (name, what) in [
        ("settles", settles),
        ("signed by", operators.join(", ")),
        ("logged", logged),
        ("existed by", verified.existed_by().to_string()),
        ("statement", outcome.statement_digest().to_string()),
        ("outcome", outcome.outcome_digest().to_string()),
        (
            "policy",
            format!("version {}, {}", verified.policy().0, verified.policy().1),
        ),
    ] {
        out.push_str(&format!("{name:<10} {what}\n"));
    }
    out
}

/// A policy file as a settlement has it, accepted at this time.
pub(super) fn policy(path: &Path, at: Timestamp) -> Result<TrustPolicy, Failure> {
    let bytes = read_document(path, MAX_ENVELOPE_BYTES)?;
    accept(&bytes, None, None, at).map_err(|error| {
        Failure::input(error.code(), chain(&error), error.hint()).about(path.display())
    })
}
