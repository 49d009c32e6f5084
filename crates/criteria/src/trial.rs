//! What criteria show when they are tried on a submission without any file.
//!
//! An author tries a draft on good work, seldom on none. A delivery of nothing is the cheapest there is,
//! so criteria that it passes are worth nothing; and a validator that fails with nothing to judge, or is
//! over its limits, is of no use with anything.

use proofmark_core::{Problem, pointer};

use crate::fault::FaultCode;
use crate::record::VerdictRecord;
use crate::schema::AUTHOR;
use crate::verdict::Verdict;

/// What is wrong with the criteria whose record over an empty submission is `record`.
#[must_use]
pub fn problems(record: &VerdictRecord) -> Vec<Problem> {
    let result = &record.document().result;
    let passes = (result.verdict == Verdict::Pass).then(|| {
        Problem::new("empty-submission-passes", "whoever delivers nothing passes")
            .at("/criteria")
            .hint("ask for a file, a least number of records, or a higher threshold")
    });
    let criteria = result.criteria.iter().enumerate();
    let faults = criteria.filter_map(|(index, criterion)| {
        let code = criterion.fault.map(|fault| fault.code)?;
        // That nothing at all cannot be judged is a fair answer.
        let fair = code == FaultCode::RefusedSubmission;
        let said = criterion.refusal.as_deref();
        (!fair).then(|| faulted(&pointer::join("/criteria", index), code, said))
    });
    passes.into_iter().chain(faults).collect()
}

fn faulted(criterion: &str, code: FaultCode, said: Option<&str>) -> Problem {
    let said = said.map(|said| format!(" It says: {said}"));
    let message = format!(
        "with nothing to judge, it ends as {code}: {}{}",
        code.meaning(),
        said.unwrap_or_default()
    );
    let (problem, place, hint) = match code {
        _ if code.is_limit() => (
            "limits-too-low",
            "limits",
            "raise the limit: no work could be judged under it",
        ),
        FaultCode::RefusedParams => (
            "params-refused",
            "params",
            "change the parameters, or the reference files that they name",
        ),
        _ => ("validator-faults", "validator", AUTHOR),
    };
    Problem::new(problem, message)
        .at(pointer::join(criterion, place))
        .hint(hint)
}
