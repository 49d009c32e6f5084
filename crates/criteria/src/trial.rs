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
        (!fair).then(|| faulted(&pointer::join("/criteria", index), code))
    });
    passes.into_iter().chain(faults).collect()
}

fn faulted(criterion: &str, code: FaultCode) -> Problem {
    let message = format!(
        "with nothing to judge, it ends as {code}: {}",
        code.meaning()
    );
    match code.is_limit() {
        true => Problem::new("limits-too-low", message)
            .at(pointer::join(criterion, "limits"))
            .hint("raise the limit: no work could be judged under it"),
        false => Problem::new("validator-faults", message)
            .at(pointer::join(criterion, "validator"))
            .hint(AUTHOR),
    }
}
