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

    fn survived(&self, operator: Operator) -> u64 {
        let survivors = self.survivors.iter();
        let of = survivors.filter(|(_, mutant)| mutant.operator == operator);
        of.count() as u64
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
    fn held(&self) -> bool {
        self.results.iter().all(|result| result.held)
    }

    /// Whether no case needs more than half of what it may.
    fn is_well_under_its_limits(&self) -> bool {
        self.results.iter().all(|result| result.warnings.is_empty())
    }

    fn kills_enough(&self) -> bool {
        let (killed, all) = (self.mutation.killed(), self.mutation.all());
        u128::from(killed) * 100 >= u128::from(all) * u128::from(self.least)
    }

    fn qualifies(&self) -> bool {
        self.held() && self.is_well_under_its_limits() && self.kills_enough()
    }

    /// Why not, if not.
    fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if !self.held() {
            reasons.push("a fixture does not hold".to_owned());
        }
        if !self.is_well_under_its_limits() {
            reasons.push("a fixture needs more than half of a limit".to_owned());
        }
        if !self.kills_enough() {
            reasons.push(format!(
                "less than {} % of the mutants are killed",
                self.least
            ));
        }
        reasons
    }

    fn text(&self) -> String {
        let manifest = &self.candidate.manifest;
        let mut lines = vec![
            format!(
                "{} {}  {}",
                one_line(&manifest.name),
                one_line(&manifest.version),
                paint(FAINT, self.digest)
            ),
            String::new(),
        ];
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
        let heads = ["mutants", "made", "killed"];
        let [name, counts @ ..] = heads;
        let head = [Cell::text(name)]
            .into_iter()
            .chain(counts.map(Cell::number));
        let mut rows = vec![head.map(|it| it.in_style(FAINT)).collect()];
        rows.extend(self.mutation.made.iter().map(|(operator, made)| {
            let killed = made - self.mutation.survived(*operator);
            vec![
                Cell::text(operator),
                Cell::number(made),
                Cell::number(killed),
            ]
        }));
        rows
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
        let manifest = &self.candidate.manifest;
        let cases: Vec<_> = self.results.iter().map(test::case_json).collect();
        let operators = self.mutation.made.iter().map(|(operator, made)| {
            let killed = made - self.mutation.survived(*operator);
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
            "validator": {
                "name": manifest.name,
                "version": manifest.version,
                "digest": self.digest.to_string(),
                "size_bytes": self.candidate.size_bytes,
            },
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
