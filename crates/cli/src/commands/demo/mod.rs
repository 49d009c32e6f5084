//! `proofmark demo`: the examples, judged as `proofmark check` judges, attested, logged and verified; then bought and sold.

mod evidence;
mod market;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use include_dir::{Dir, include_dir};
use proofmark_attestation::Bundle;
use proofmark_attestation::verify::{FactsDocument, Verification};
use proofmark_core::{Digest, Timestamp};
use proofmark_criteria::document::Criteria;
use proofmark_criteria::record::RecordDocument;
use proofmark_criteria::verdict::Verdict;
use proofmark_engine::Engine;
use proofmark_engine::judge::Judgement;
use serde_json::{Value, json};

use self::evidence::Ceremony;
use super::check::{judge_with_progress, read_criteria, record_json};
use super::evidence::now;
use super::{Outcome, submission};
use crate::args::{Args, Global};
use crate::blobs::Blobs;
use crate::failure::{Exit, Failure};
use crate::files::write_atomically;
use crate::printer::{FAINT, Printer, paint};
use crate::render::number::{duration, grouped, percent};
use crate::{render, setup};

/// The examples of this repository, so that the demo runs from anywhere.
static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples");

/// One piece of work, and the verdict that its README promises.
pub(super) struct Case {
    /// Folder of the example.
    pub example: &'static str,
    /// Folder below `submissions`.
    pub submission: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What must come out.
    pub expected: Verdict,
}

/// Every submission of every example.
pub(super) const CASES: &[Case] = &[
    Case {
        example: "diagnosis",
        submission: "good",
        what: "a real classifier's predictions",
        expected: Verdict::Pass,
    },
    Case {
        example: "diagnosis",
        submission: "degraded",
        what: "the same model, trained on twelve shuffled rows",
        expected: Verdict::Fail,
    },
    Case {
        example: "diagnosis",
        submission: "incomplete",
        what: "the good one with answers missing, twice and made up",
        expected: Verdict::Fail,
    },
    Case {
        example: "service",
        submission: "within-grade",
        what: "a minute of a real HTTP server",
        expected: Verdict::Pass,
    },
    Case {
        example: "service",
        submission: "outside-grade",
        what: "the same server, overloaded",
        expected: Verdict::Fail,
    },
    Case {
        example: "quotations",
        submission: "honest",
        what: "an essay that quotes faithfully",
        expected: Verdict::Pass,
    },
    Case {
        example: "quotations",
        submission: "invented",
        what: "the essay with an invented quotation and source",
        expected: Verdict::Fail,
    },
    Case {
        example: "claim",
        submission: "right",
        what: "an insurance claim, decided by the policy's rules",
        expected: Verdict::Pass,
    },
    Case {
        example: "claim",
        submission: "generous",
        what: "the same, with a line paid that was not covered yet",
        expected: Verdict::Fail,
    },
    Case {
        example: "support-ticket",
        submission: "resolved",
        what: "a ticket of a help desk, resolved as the articles say",
        expected: Verdict::Pass,
    },
    Case {
        example: "support-ticket",
        submission: "keywords",
        what: "the same, with the right words and no answer",
        expected: Verdict::Fail,
    },
    Case {
        example: "code-change",
        submission: "good",
        what: "a change of a library that resolves its issue",
        expected: Verdict::Pass,
    },
    Case {
        example: "code-change",
        submission: "weakened",
        what: "the same, with a test taken away",
        expected: Verdict::Fail,
    },
    Case {
        example: "program",
        submission: "right",
        what: "a program, run on cases that are shown and on some that are not",
        expected: Verdict::Pass,
    },
    Case {
        example: "program",
        submission: "short",
        what: "one that is right in every case that is shown",
        expected: Verdict::Fail,
    },
];

pub(super) fn run(keep: Option<&Path>, serve: bool, global: &Global, printer: &Printer) -> Outcome {
    keep.map_or(Ok(()), room)?;
    let folder = extract()?;
    let engine = setup::engine(global, printer)?;
    if !printer.is_json() {
        printer.line(introduction(&engine)?);
    }
    let mut ceremony = Ceremony::new(&folder.path().join("log"))?;
    let (mut orders, mut bundles) = (Vec::new(), Vec::new());
    for case in CASES {
        let ordered_at = whole_second();
        let order = evidence::order(&case.name(), case.submission)?;
        let (judgement, criteria, work) = judge(&engine, case, folder.path())?;
        if !printer.is_json() {
            printer.line(story(case, &judgement, &criteria));
        }
        // The other side's engine judges by itself, and signs only if it comes to the same.
        let (again, ..) = judge(&engine, case, folder.path())?;
        let both = [&judgement, &again];
        bundles.push(ceremony.attest(&order, &criteria, &work.manifest, both)?);
        let facts = evidence::facts(&order, ordered_at, &criteria, &work.manifest);
        orders.push((case, judgement, facts));
    }
    ceremony.witness(&mut bundles)?;
    let rows: Vec<_> = orders
        .into_iter()
        .zip(&bundles)
        .map(|((case, judgement, facts), bundle)| Row {
            case,
            judgement,
            verification: ceremony.verify(bundle, &facts),
            facts,
        })
        .collect();
    if let Some(keep) = keep {
        leave(keep, &ceremony, &rows, &bundles)?;
    }
    let surprises = rows.iter().filter(|row| row.is_surprise()).count();
    if !printer.is_json() {
        printer.line(table(&rows, surprises));
    }
    let stalls = keep.unwrap_or(folder.path()).join("fair");
    std::fs::create_dir(&stalls).map_err(|error| Failure::unwritable(&stalls, &error))?;
    let market = market::run(&stalls, folder.path(), global, printer)?;
    printer.data(
        || format!("\n{NEXT}\n{}", next(keep.zip(Some(ceremony.pin())))),
        || {
            let judged: Vec<_> = rows.iter().map(Row::to_json).collect();
            json!({ "judged": judged, "market": market.document })
        },
    );
    if serve {
        served(&stalls.join("market"), global, printer)?;
    }
    Ok(match surprises == 0 && market.as_promised {
        true => Exit::Done,
        false => Exit::Negative,
    })
}

/// The market as `market serve` serves it, until it is stopped.
fn served(market: &Path, global: &Global, printer: &Printer) -> Outcome {
    let words = ["proofmark", "market", "serve"].map(OsStr::new);
    let mut args = Args::parse_from(words.into_iter().chain([market.as_os_str()]));
    args.global = global.clone();
    super::run(&args, printer)
}

/// A case, what came of it, and what a stranger finds in its bundle.
struct Row {
    case: &'static Case,
    judgement: Judgement,
    facts: FactsDocument,
    verification: Verification,
}

impl Case {
    /// What its files and its contract are called.
    fn name(&self) -> String {
        format!("{}-{}", self.example, self.submission)
    }
}

impl Row {
    /// Another verdict than promised, or a bundle that does not prove it and settles its order.
    fn is_surprise(&self) -> bool {
        let proven = self.verification.result.as_ref();
        let proven = proven
            .is_ok_and(|proof| proof.verdict() == self.case.expected && proof.settles().is_some());
        verdict(&self.judgement) != self.case.expected || !proven
    }
}

/// Whether the folder is there for what is kept: nothing in it is replaced.
fn room(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
    let mut there = folder
        .read_dir()
        .map_err(|error| Failure::unreadable(folder, &error))?;
    match there.next() {
        None => Ok(()),
        Some(_) => {
            let hint = "name an empty directory, or one that is not there yet";
            let failure = Failure::input("would-replace", "there are files already", hint);
            Err(failure.about(folder.display()))
        }
    }
}

/// The bundles, what the settlement knows of each order, and the policy as files, to be verified by hand.
fn leave(
    folder: &Path,
    ceremony: &Ceremony,
    rows: &[Row],
    bundles: &[Bundle],
) -> Result<(), Failure> {
    ceremony.keep(folder)?;
    write_atomically(&folder.join("terms.txt"), evidence::TERMS.as_bytes())?;
    for (row, bundle) in rows.iter().zip(bundles) {
        let file = |kind: &str| folder.join(format!("{}.{kind}.json", row.case.name()));
        write_atomically(&file("bundle"), (bundle.to_json() + "\n").as_bytes())?;
        let facts = serde_json::to_string_pretty(&row.facts).expect("facts are JSON");
        write_atomically(&file("facts"), (facts + "\n").as_bytes())?;
    }
    Ok(())
}

/// The examples as files: what is judged are files, as it would be anywhere.
fn extract() -> Result<tempfile::TempDir, Failure> {
    let failed = |error: std::io::Error| Failure::unwritable(&std::env::temp_dir(), &error);
    let folder = tempfile::Builder::new()
        .prefix("proofmark-demo-")
        .tempdir()
        .map_err(failed)?;
    EXAMPLES.extract(folder.path()).map_err(failed)?;
    Ok(folder)
}

const NEXT: &str = "\
The whole of one: proofmark check examples/service/criteria.json examples/service/submissions/outside-grade";

/// Now, as witnesses write their time: what they see must not lie before the order.
fn whole_second() -> Timestamp {
    Timestamp::from_seconds(now().seconds()).expect("the present is in range")
}

type Judged = (Judgement, Criteria, proofmark_engine::intake::Submission);

fn judge(engine: &Engine, case: &Case, root: &Path) -> Result<Judged, Failure> {
    let example = root.join(case.example);
    let document: PathBuf = example.join("criteria.json");
    let criteria = read_criteria(&document)?;
    let work = submission::read(&example.join("submissions").join(case.submission), None)?;
    let judgement = judge_with_progress(engine, &criteria, &work, &Blobs::around(&document, &[]))?;
    Ok((judgement, criteria, work))
}

fn introduction(engine: &Engine) -> Result<String, Failure> {
    let report = engine.isolation_report()?;
    let isolation = if report.measures.is_empty() {
        "off".to_owned()
    } else {
        report.to_string()
    };
    let profile = proofmark_engine::EngineProfile::current();
    Ok(format!(
        "Real work, judged by validators in WebAssembly.\n{}",
        paint(
            FAINT,
            format!(
                "engine profile {} {}\nisolation: {isolation}",
                profile.name(),
                profile.digest()
            )
        )
    ))
}

fn story(case: &Case, judgement: &Judgement, criteria: &Criteria) -> String {
    let title = format!("── {} / {}: {} ", case.example, case.submission, case.what);
    let rule = "─".repeat(100_usize.saturating_sub(title.chars().count()));
    let detail = render::verdict::Detail {
        findings: 2,
        passed_checks: false,
    };
    format!(
        "\n{title}{rule}\n{}",
        render::verdict::story(judgement, criteria, detail).trim_end()
    )
}

fn document(judgement: &Judgement) -> &RecordDocument {
    judgement.record.document()
}

fn verdict(judgement: &Judgement) -> Verdict {
    document(judgement).result.verdict
}

fn fuel(judgement: &Judgement) -> u64 {
    document(judgement)
        .execution
        .runs
        .iter()
        .filter_map(|run| run.fuel_used)
        .sum()
}

fn table(rows: &[Row], surprises: usize) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header([
        "work", "verdict", "score", "fuel", "ran", "evidence", "result",
    ]);
    for row in rows {
        let result = &document(&row.judgement).result;
        let ran = row.judgement.runs.iter().map(|run| run.run_time).sum();
        table.add_row([
            format!("{}/{}", row.case.example, row.case.submission),
            render::verdict::plain(result.verdict).to_owned(),
            result.score.map(percent).unwrap_or_default(),
            grouped(fuel(&row.judgement)),
            duration(ran),
            proof(&row.verification),
            outcome_digest(&row.judgement),
        ]);
    }
    let all = rows.len();
    let conclusion = match surprises {
        0 => format!(
            "\nEvery verdict is the one the examples promise: {all} of {all}. Each was judged twice, \
             signed with two keys, logged, cosigned by two witnesses, and verified against its order."
        ),
        count => format!("\n{count} of {all} are not what the examples promise."),
    };
    format!("\n{table}\n{conclusion}")
}

fn proof(verification: &Verification) -> String {
    match &verification.result {
        Ok(proof) => {
            let place = proof.logged().map(|logged| format!(" #{}", logged.index));
            format!("verified{}", place.unwrap_or_default())
        }
        Err(failure) => failure.code.to_string(),
    }
}

/// The beginning of the record's outcome digest: the same on every machine, and for every order.
fn outcome_digest(judgement: &Judgement) -> String {
    let digest = judgement.record.outcome_digest();
    digest.hex().chars().take(16).collect()
}

fn next(keep: Option<(&Path, Digest)>) -> String {
    match keep {
        Some((folder, pin)) => format!(
            "Settle one yourself, within a day: proofmark verify {0}/{1}.bundle.json --policy {0}/policy.dsse.json \
             --pin {pin} --facts {0}/{1}.facts.json --settle\n\
             The market goes on: proofmark market serve {0}/fair/market",
            folder.display(),
            "service-within-grade"
        ),
        None => "Its evidence: proofmark demo --keep DIR leaves the bundles, for proofmark verify."
            .to_owned(),
    }
}

impl Row {
    fn to_json(&self) -> Value {
        let judgement = &self.judgement;
        json!({
            "example": self.case.example,
            "submission": self.case.submission,
            "expected": self.case.expected,
            "verdict": verdict(judgement),
            "record_digest": judgement.record.digest(),
            "record": record_json(&judgement.record),
            "run_us": judgement.runs.iter().map(|run| run.run_time.as_micros() as u64).sum::<u64>(),
            "verification": self.verification.to_json(),
        })
    }
}
