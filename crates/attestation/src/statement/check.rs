//! What a statement must not contradict within itself. Needs nothing but the statement.

use std::collections::BTreeSet;

use proofmark_core::{Ppm, integer};
use proofmark_criteria::record::RunCode;
use proofmark_criteria::verdict::{CriterionOutcome, ScoreBounds, Verdict, fold};
use proofmark_criteria::{FaultCode, Owner};

use super::build::{ARTIFACT_PREFIX, SUBMISSION};
use super::outcome::{CriterionPart, OutcomePredicate, RunPart};
use super::{Statement, Subject};

/// Two parts of a statement that contradict each other, in words. Whoever signed it is to blame: no engine
/// makes such a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistency {
    /// The subjects are not a submission and its artifacts, in order, each once.
    #[error("{0}")]
    Subject(&'static str),
    /// Metering that cannot be.
    #[error("{0}")]
    Metering(&'static str),
    /// A result that does not follow.
    #[error("{0}")]
    Result(&'static str),
}

/// Everything that can be found out from the statement alone.
pub(super) fn check(statement: &Statement<OutcomePredicate>) -> Result<(), Inconsistency> {
    let predicate = &statement.predicate;
    subjects(&statement.subject).map_err(Inconsistency::Subject)?;
    listings(predicate).map_err(Inconsistency::Result)?;
    names(predicate).map_err(Inconsistency::Result)?;
    if let Some(criteria) = &predicate.result.criteria.items {
        roll_up(predicate, criteria).map_err(Inconsistency::Result)?;
    }
    if let Some(runs) = &predicate.execution.runs.items {
        metering(runs).map_err(Inconsistency::Metering)?;
    }
    if let (Some(runs), Some(criteria)) = (
        &predicate.execution.runs.items,
        &predicate.result.criteria.items,
    ) {
        ends(runs, criteria).map_err(Inconsistency::Result)?;
    }
    Ok(())
}

fn subjects(subjects: &[Subject]) -> Result<(), &'static str> {
    let Some((whole, artifacts)) = subjects.split_first() else {
        return Err("there is no subject");
    };
    if whole.name != SUBMISSION {
        return Err("the first subject is not the submission");
    }
    if !artifacts
        .iter()
        .all(|one| one.name.starts_with(ARTIFACT_PREFIX))
    {
        return Err("a subject is neither the submission nor an artifact of it");
    }
    match artifacts.windows(2).all(|pair| pair[0].name < pair[1].name) {
        true => Ok(()),
        false => Err("the artifacts are not in ascending order, each once"),
    }
}

fn listings(predicate: &OutcomePredicate) -> Result<(), &'static str> {
    let validators = &predicate.criteria.validators;
    let criteria = &predicate.result.criteria;
    let runs = &predicate.execution.runs;
    if !(validators.is_consistent() && criteria.is_consistent() && runs.is_consistent()) {
        return Err("a list has another length or digest than it states");
    }
    match validators.count == criteria.count && criteria.count == runs.count {
        true => Ok(()),
        false => Err("validators, results and runs are not equally many"),
    }
}

/// Where more than one list is shown, they name the same criteria in the same order, each once.
fn names(predicate: &OutcomePredicate) -> Result<(), &'static str> {
    let validators = predicate.criteria.validators.items.as_ref();
    let criteria = predicate.result.criteria.items.as_ref();
    let runs = predicate.execution.runs.items.as_ref();
    let lists: [Option<Vec<&str>>; 3] = [
        validators.map(|all| all.iter().map(|one| one.criterion.as_str()).collect()),
        criteria.map(|all| all.iter().map(|one| one.name.as_str()).collect()),
        runs.map(|all| all.iter().map(|one| one.criterion.as_str()).collect()),
    ];
    let shown: Vec<_> = lists.iter().flatten().collect();
    if shown.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err("validators, results and runs do not name the same criteria in the same order");
    }
    let distinct = |names: &Vec<&str>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
    match shown.first().is_none_or(|names| distinct(names)) {
        true => Ok(()),
        false => Err("two criteria have one name"),
    }
}

fn roll_up(predicate: &OutcomePredicate, criteria: &[CriterionPart]) -> Result<(), &'static str> {
    let mut outcomes = Vec::with_capacity(criteria.len());
    for criterion in criteria {
        outcomes.push(follow(criterion)?);
    }
    let result = &predicate.result;
    let roll = fold(result.threshold, &outcomes);
    match (roll.verdict, roll.score) == (result.verdict, result.score) {
        true => Ok(()),
        false => Err("the verdict does not follow from the criteria"),
    }
}

/// The same roll-up, where a refused submission is a fail and not unknown.
pub(super) fn verdict_of_refusals(predicate: &OutcomePredicate) -> Verdict {
    let result = &predicate.result;
    let Some(criteria) = result.criteria.items.as_ref() else {
        return result.verdict;
    };
    let refused = |criterion: &&CriterionPart| {
        let owner = criterion.fault.map(FaultCode::owner);
        owner == Some(Owner::Submission)
    };
    if !criteria.iter().any(|criterion| refused(&criterion)) {
        return result.verdict;
    }
    let outcomes: Option<Vec<_>> = criteria
        .iter()
        .map(|criterion| match refused(&criterion) {
            true => Some(CriterionOutcome {
                required: criterion.required,
                weight: criterion.weight,
                status: Verdict::Fail,
                score: ScoreBounds::exactly(Ppm::ZERO),
            }),
            false => follow(criterion).ok(),
        })
        .collect();
    outcomes.map_or(result.verdict, |outcomes| {
        fold(result.threshold, &outcomes).verdict
    })
}

fn follow(criterion: &CriterionPart) -> Result<CriterionOutcome, &'static str> {
    let (required, weight) = (criterion.required, criterion.weight);
    if criterion.fault.is_some() != criterion.checks.is_empty() {
        return Err("a criterion has either a fault or checks");
    }
    if criterion
        .checks
        .windows(2)
        .any(|pair| pair[0].id >= pair[1].id)
    {
        return Err("checks are not in ascending order, each once");
    }
    let outcome = match criterion.fault {
        Some(_) => CriterionOutcome::faulted(required, weight),
        None => CriterionOutcome::reported(required, weight, &criterion.checks),
    };
    match (outcome.status, outcome.score.known()) == (criterion.status, criterion.score) {
        true => Ok(outcome),
        false => Err("a criterion does not follow from its checks"),
    }
}

fn metering(runs: &[RunPart]) -> Result<(), &'static str> {
    for run in runs {
        if run.fuel_used.is_some() != run.end.fuel_is_exact() {
            return Err("fuel is stated where it is not exact, or missing where it is");
        }
        if run.fuel_used.unwrap_or_default() > run.fuel_limit || !integer::is_safe(run.fuel_limit) {
            return Err("a run used more fuel than it had");
        }
    }
    Ok(())
}

fn ends(runs: &[RunPart], criteria: &[CriterionPart]) -> Result<(), &'static str> {
    let mut pairs = runs.iter().zip(criteria);
    let agree = |(run, criterion): (&RunPart, &CriterionPart)| {
        run.end == criterion.fault.map_or(RunCode::Returned, RunCode::Fault)
    };
    match pairs.all(agree) {
        true => Ok(()),
        false => Err("a run did not end as its criterion says"),
    }
}
