//! `proofmark validator qualify`

use std::collections::BTreeMap;
use std::path::Path;

use proofmark_core::Digest;
use proofmark_criteria::verdict::Verdict;
use proofmark_mutation::{Mutant, Operator};
use serde_json::{Value, json};

use super::super::Outcome;
use super::source::Source;
use super::table::{self, Cell};
use super::test;
use crate::args::Global;
use crate::failure::{Exit, Failure};
use crate::fixtures::{self, Candidate, Case, CaseResult, Kind, Mutated};
use crate::printer::{BAD, FAINT, GOOD, Printer, WARN, paint};
use crate::render::foreign::one_line;
use crate::{progress, setup};

/// Survivors that are shown; JSON has all.
const SURVIVORS_SHOWN: usize = 20;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Most mutants of each accept case.
    pub(super) mutants: usize,
    /// Share of them that must be killed, in per cent.
    pub(super) least: u8,
}

pub(super) fn run(
    validator: &str,
    fixtures: Option<&Path>,
    wanted: Wanted,
    global: &Global,
    printer: &Printer,
) -> Outcome {
    let source = Source::of(validator)?;
    let folder = source.fixtures(fixtures)?;
    let cases = fixtures::load(&folder)?;
    let component = source.component(printer)?;
    let engine = setup::engine(global, printer)?;
    let candidate = Candidate::publish(&engine, &component.bytes)
        .map_err(|failure| failure.about(validator))?;
    let results = test::run_all(&candidate, &cases)?;
    let mut mutation = Mutation::default();
    let accepted = |(case, result): &(&Case, &CaseResult)| case.kind == Kind::Accept && result.held;
    for (case, _) in cases.iter().zip(&results).filter(accepted) {
        let about = |failure: Failure| failure.about(&case.name);
        let mutated = Mutated::of(&folder, case, wanted.mutants).map_err(about)?;
        mutation.add(&candidate, case, mutated).map_err(about)?;
    }
    let qualification = Qualification {
        digest: component.digest(),
        candidate,
        results,
        mutation,
        least: wanted.least,
    };
    printer.data(|| qualification.text(), || qualification.json());
    Ok(match qualification.qualifies() {
        true => Exit::Done,
        false => Exit::Negative,
    })
}

/// What became of the mutants.
#[derive(Default)]
struct Mutation {
    made: BTreeMap<Operator, u64>,
    /// By the case that each was made of.
    survivors: Vec<(String, Mutant)>,
    /// Killed, but not judged: the validator refused, or ended in a fault.
    without_report: u64,
}

impl Mutation {
    fn add(
        &mut self,
        candidate: &Candidate<'_>,
        case: &Case,
        mut mutated: Mutated,
    ) -> Result<(), Failure> {
        // A case that held has parameters that are taken.
        let Ok(job) = fixtures::job(candidate, case)? else {
            return Ok(());
        };
        let mutants = std::mem::take(&mut mutated.mutants);
        let bar = progress::steps(mutants.len() as u64);
        bar.set_message(one_line(&case.name));
        for mutant in mutants {
            *self.made.entry(mutant.operator).or_default() += 1;
            match mutated.verdict(&mutant, candidate, &job)? {
                Some(Verdict::Pass) => self.survivors.push((case.name.clone(), mutant)),
                Some(_) => {}
                None => self.without_report += 1,
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn all(&self) -> u64 {
        self.made.values().sum()
    }

    fn killed(&self) -> u64 {
        self.all() - self.survivors.len() as u64
    }

    /// How many each has made, and how many of them were killed.
    fn by_operator(&self) -> impl Iterator<Item = (Operator, u64, u64)> {
        self.made.iter().map(|(operator, made)| {
            let survivors = self.survivors.iter();
            let survived = survivors.filter(|(_, mutant)| mutant.operator == *operator);
            (*operator, *made, *made - survived.count() as u64)
        })
    }
}

/// A validator, and what was found of it.
struct Qualification<'e> {
    candidate: Candidate<'e>,
    digest: Digest,
    results: Vec<CaseResult>,
    mutation: Mutation,
    least: u8,
}

impl Qualification<'_> {
    fn qualifies(&self) -> bool {
        self.reasons().is_empty()
    }

    /// Why not; nothing if it does.
    fn reasons(&self) -> Vec<String> {
        let (results, least) = (&self.results, self.least);
        let (killed, all) = (self.mutation.killed(), self.mutation.all());
        let too_few = u128::from(killed) * 100 < u128::from(all) * u128::from(least);
        let reasons = [
            (
                results.iter().any(|it| !it.held),
                "a fixture does not hold".to_owned(),
            ),
            (
                results.iter().any(|it| !it.warnings.is_empty()),
                "a fixture needs more than half of a limit".to_owned(),
            ),
            (
                too_few,
                format!("less than {least} % of the mutants are killed"),
            ),
        ];
        let reasons = reasons.into_iter().filter(|(applies, _)| *applies);
        reasons.map(|(_, reason)| reason).collect()
    }

    fn text(&self) -> String {
        let mut lines = vec![test::title(&self.candidate, &self.digest), String::new()];
        let mut rows = vec![test::heads()];
        rows.extend(self.results.iter().map(test::row));
        lines.extend(table::lines(&rows));
        lines.extend(self.results.iter().flat_map(test::remarks));
        lines.push(String::new());
        lines.extend(table::lines(&self.operators()));
        lines.extend(self.without_report());
        lines.extend(self.survivors());
        lines.extend([String::new(), self.conclusion()]);
        lines.join("\n")
    }

    fn operators(&self) -> Vec<Vec<Cell>> {
        let head = [
            Cell::text("mutants"),
            Cell::number("made"),
            Cell::number("killed"),
        ];
        let row = |(operator, made, killed)| {
            let counts = [made, killed].map(Cell::number);
            [Cell::text(operator)].into_iter().chain(counts).collect()
        };
        let head = head.map(|it| it.in_style(FAINT)).into();
        let rows = self.mutation.by_operator().map(row);
        std::iter::once(head).chain(rows).collect()
    }

    /// Bad work that ends in no verdict costs its supplier nothing.
    fn without_report(&self) -> Option<String> {
        let count = self.mutation.without_report;
        let told = || {
            let what = "of them end in a refusal or a fault: work that is bad should fail a check";
            format!("\n{} {count} {what}", paint(WARN, "!"))
        };
        (count > 0).then(told)
    }

    fn survivors(&self) -> Vec<String> {
        let survivors = &self.mutation.survivors;
        if survivors.is_empty() {
            return Vec::new();
        }
        let head = "nobody notices these. Is each as good as what was there?";
        let mut lines = vec![String::new(), paint(WARN, head)];
        let shown = survivors.iter().take(SURVIVORS_SHOWN);
        lines.extend(shown.map(|(case, mutant)| format!("  {}", survivor(case, mutant))));
        let more = survivors.len().saturating_sub(SURVIVORS_SHOWN);
        if more > 0 {
            let more = format!("  and {more} more; --output json has them");
            lines.push(paint(FAINT, more));
        }
        lines
    }

    fn conclusion(&self) -> String {
        let (killed, all) = (self.mutation.killed(), self.mutation.all());
        let held = self.results.iter().filter(|result| result.held).count();
        let found = format!(
            "{held} of {} fixtures hold, {killed} of {all} mutants are killed ({})",
            self.results.len(),
            percent(killed, all)
        );
        match self.reasons().as_slice() {
            [] => format!("{}: {found}", paint(GOOD, "qualifies")),
            reasons => format!(
                "{}: {}; {found}",
                paint(BAD, "does not qualify"),
                reasons.join(", ")
            ),
        }
    }

    fn json(&self) -> Value {
        let cases: Vec<_> = self.results.iter().map(test::case_json).collect();
        let operators = self.mutation.by_operator();
        let operators = operators.map(|(operator, made, killed)| {
            json!({ "operator": operator.as_str(), "made": made, "killed": killed })
        });
        let survivors = self.mutation.survivors.iter().map(|(case, mutant)| {
            json!({
                "case": case,
                "operator": mutant.operator.as_str(),
                "path": mutant.path,
                "place": mutant.place,
                "was": mutant.was,
                "is": mutant.is,
            })
        });
        json!({
            "validator": test::validator_json(&self.candidate, &self.digest),
            "qualifies": self.qualifies(),
            "reasons": self.reasons(),
            "cases": cases,
            "mutants": {
                "made": self.mutation.all(),
                "killed": self.mutation.killed(),
                "without_report": self.mutation.without_report,
                "operators": operators.collect::<Vec<_>>(),
                "survivors": survivors.collect::<Vec<_>>(),
            },
        })
    }
}

/// With one place, rounded down: nothing looks better than it is.
fn percent(part: u64, whole: u64) -> String {
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn survivor(case: &str, mutant: &Mutant) -> String {
    let place = match mutant.place.as_str() {
        "" => String::new(),
        place => format!(", {place}"),
    };
    let change = match (mutant.was.as_str(), mutant.is.as_str()) {
        (was, "") => format!("without \"{was}\""),
        ("", is) => format!("\"{is}\" added"),
        (was, is) => format!("\"{is}\" for \"{was}\""),
    };
    one_line(&format!(
        "{}  {case}  {}{place}: {change}",
        mutant.operator, mutant.path
    ))
}
