//! Validator: every quotation of a text occurs verbatim in the source that it names.
//!
//! **In scope:** block quotations and inline quotations of Markdown or plain text, citations by marker
//! or footnote, a stated normal form, omissions. **Out of scope:** paraphrase, and whether a quotation is
//! fair to its source. See `README.md` for every definition.

mod characters;
mod judge;
mod normal;
mod params;
mod quotation;
mod source;
mod text;
mod words;

use judge::Judge;
use params::Links;
pub use params::Params;
use proofmark_validator_sdk::{
    Problem, ReadErrorKind, Refusal, ReportBuilder, Validator, checks, export, submission,
};
use quotation::Quotation;
use source::Source;
use std::collections::BTreeMap;

/// A text is prose that a person reads; War and Peace has 3.4 MB.
const MAX_TEXT_BYTES: u64 = 4 * 1024 * 1024;
/// All texts together: what they quote is kept while the sources are read.
const MAX_TOTAL_BYTES: u64 = 8 * 1024 * 1024;
/// All quotations together.
const MAX_QUOTATIONS: usize = 10_000;
/// Quotations with omissions: each of their parts is followed wherever it occurs.
const MAX_ELIDED: usize = 500;

checks! {
    /// What this validator reports, always all of it.
    pub enum Check {
        /// Quotations occur.
        Quotations = "quotations": "Every quotation occurs verbatim in a source that it cites.",
        /// Citations are real.
        Citations = "citations": "Every source that the text cites is among the references.",
        /// There are quotations.
        Coverage = "coverage": "The text has at least the asked-for number of verified quotations.",
    }
}

/// The validator.
#[derive(Debug)]
pub struct Quotations;

impl Validator for Quotations {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "quotations";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Every quotation of a text occurs verbatim in the source that it names, and every cited source exists.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["text/markdown", "text/plain"]
    }

    fn check_params(params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        let sources: Vec<_> = params
            .sources
            .iter()
            .map(|(id, file)| Source { id, file })
            .collect();
        let judge = Judge {
            params: &params,
            sources: &sources,
        };
        let mut quotations = Vec::new();
        let mut left = MAX_TOTAL_BYTES;
        let mut marks = text::MAX_MARKS;
        for (at, path) in params.texts.iter().enumerate() {
            match read_text(path, left.min(MAX_TEXT_BYTES))? {
                Ok(text) => {
                    left = left.saturating_sub(text.len() as u64);
                    let used = read_quotations(&judge, report, (at, &text, marks), &mut quotations);
                    marks = marks.saturating_sub(used);
                }
                Err((code, message)) => judge.bad_text(report, code, &message, path),
            }
        }
        source::verify(&mut quotations, &sources, &params)?;
        quotations
            .iter()
            .for_each(|quotation| judge.quotation(report, quotation));
        judge.conclude(report, quotation::passages(&quotations, params.min_words));
        Ok(())
    }
}

/// The text, or the code of the finding and its message.
fn read_text(path: &str, max: u64) -> Result<Result<String, (&'static str, String)>, Refusal> {
    let mut artifact = match submission::open(path) {
        Ok(artifact) => artifact,
        Err(error) if error.is_not_found() => {
            return Ok(Err((
                "text-missing",
                "The text was not delivered.".to_owned(),
            )));
        }
        Err(error) => return Err(error.into()),
    };
    match artifact.read_text(max) {
        Ok(text) if text.trim().is_empty() => {
            Ok(Err(("text-empty", "The text is empty.".to_owned())))
        }
        Ok(text) => Ok(Ok(text)),
        Err(error) => match error.kind {
            ReadErrorKind::TooLarge { .. } => {
                let message = format!(
                    "A text has at most {MAX_TEXT_BYTES} bytes, all texts together {MAX_TOTAL_BYTES}."
                );
                Ok(Err(("text-too-large", message)))
            }
            ReadErrorKind::NotUtf8 { valid_up_to } => {
                let message = format!("The text is not UTF-8 at byte {valid_up_to}.");
                Ok(Err(("text-not-utf8", message)))
            }
            _ => Err(error.into()),
        },
    }
}

/// Judges the citations of a text, of which so many marks are read, and adds its quotations. Returns how
/// many marks it has.
fn read_quotations(
    judge: &Judge<'_>,
    report: &mut ReportBuilder<Check>,
    (at, text, marks): (usize, &str, usize),
    quotations: &mut Vec<Quotation>,
) -> usize {
    let params = judge.params;
    let path = &params.texts[at];
    let ids: BTreeMap<&str, usize> = judge
        .sources
        .iter()
        .enumerate()
        .map(|(index, source)| (source.id, index))
        .collect();
    let rules = text::Rules {
        markdown: params.is_markdown(path),
        sources: &ids,
        reach: params.citation_reach,
        min_words: params.min_words,
        remarks: &params.remarks,
        marks,
        judge_links: params.links == Links::Judge,
    };
    let reading = text::read(text, &rules);
    let found = reading.quotations.into_iter();
    quotations.extend(found.filter_map(|found| Quotation::new(found, at, params)));
    let elided = quotations.iter().filter(|it| it.parts.len() > 1).count();
    if reading.overflow || quotations.len() > MAX_QUOTATIONS || elided > MAX_ELIDED {
        quotations.retain(|quotation| quotation.text != at);
        let message = "The text has more markup, quotations or citations than are judged.";
        judge.bad_text(report, "text-too-dense", message, path);
        return marks;
    }
    for cited in &reading.citations {
        judge.citation(report, path, cited);
    }
    for defect in &reading.defects {
        judge.defect(report, path, defect);
    }
    reading.marks
}

export!(Quotations);
