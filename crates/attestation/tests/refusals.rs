//! What an outcome comes to where a validator refused the submission.

mod world;

use proofmark_attestation::statement::{self, ValidatedOutcome};
use proofmark_criteria::report::{Check, Status};
use proofmark_criteria::{FaultCode, Verdict};

use world::{REFERENCE, WORLD, binding, check, criteria_from, criterion, manifest, record, runs};

type End = Result<Vec<Check>, FaultCode>;

fn refused() -> End {
    Err(FaultCode::RefusedSubmission)
}

fn form(status: Status) -> End {
    let columns = check("columns", Status::Pass, None);
    Ok(vec![columns, check("rows", status, None)])
}

fn terms(score: u32) -> End {
    Ok(vec![check("glossary", Status::Pass, Some(score))])
}

/// `form` must pass, `terms` has two thirds of the weight, and the score must reach 60 %.
fn outcome(form: End, terms: End) -> ValidatedOutcome {
    let (criteria, manifest) = (&WORLD.criteria, &WORLD.manifest);
    let runs = runs(criteria, manifest, vec![form, terms]);
    let record = record(criteria, manifest, REFERENCE, runs);
    let built = statement::build(criteria, manifest, &record, Some(binding()));
    built.expect("the record is of this market")
}

#[test]
fn what_was_refused_has_failed_where_that_decides() {
    for (form, terms, says, comes_to) in [
        (refused(), terms(900_000), "inconclusive", Verdict::Fail),
        // The score alone decides: a third is reached at most.
        (form(Status::Pass), refused(), "inconclusive", Verdict::Fail),
        // Whatever the other validator did, this criterion must pass.
        (
            refused(),
            Err(FaultCode::OutOfFuel),
            "inconclusive",
            Verdict::Fail,
        ),
        // A fault of the validator is nobody's else.
        (
            Err(FaultCode::OutOfFuel),
            terms(900_000),
            "inconclusive",
            Verdict::Inconclusive,
        ),
        (
            Err(FaultCode::RefusedInternal),
            terms(900_000),
            "inconclusive",
            Verdict::Inconclusive,
        ),
        (
            Err(FaultCode::RefusedParams),
            terms(900_000),
            "inconclusive",
            Verdict::Inconclusive,
        ),
        // What is decided stays so.
        (form(Status::Fail), refused(), "fail", Verdict::Fail),
        (form(Status::Pass), terms(900_000), "pass", Verdict::Pass),
    ] {
        let outcome = outcome(form, terms);
        assert_eq!(outcome.verdict().as_str(), says);
        assert_eq!(outcome.verdict_of_refusals(), comes_to);
    }
}

/// Without its third, two thirds reach the threshold.
#[test]
fn what_does_not_decide_does_not_when_it_is_refused() {
    let must = criterion("form", &["columns", "rows"], true, 2);
    let may = criterion("terms", &["glossary"], false, 1);
    let (criteria, manifest) = (criteria_from(Some(600_000), &[must, may]), manifest());
    for (end, verdict) in [
        (form(Status::Pass), Verdict::Pass),
        (Err(FaultCode::OutOfFuel), Verdict::Inconclusive),
    ] {
        let runs = runs(&criteria, &manifest, vec![end, refused()]);
        let record = record(&criteria, &manifest, REFERENCE, runs);
        let built = statement::build(&criteria, &manifest, &record, Some(binding()));
        let outcome = built.expect("the record is of these criteria");
        assert_eq!(outcome.verdict(), verdict);
        assert_eq!(outcome.verdict_of_refusals(), verdict);
    }
}
