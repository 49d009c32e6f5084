//! Validator: every quotation of a text occurs verbatim in the source that it names.
//!
//! **In scope:** block quotations and inline quotations of Markdown or plain text, citations by marker
//! or footnote, a stated normal form, omissions. **Out of scope:** paraphrase, and whether a quotation is
//! fair to its source. See `README.md` for every definition.

mod judge;
mod normal;
mod params;
mod quotation;
mod source;
mod text;
mod words;

use judge::Judge;
pub use params::Params;
use proofmark_validator_sdk::{
    Problem, ReadErrorKind, Refusal, ReportBuilder, Validator, checks, export, submission,
};
use quotation::{Quotation, State};
use source::Source;
use std::collections::BTreeMap;

/// A text is prose that a person reads; War and Peace has 3.4 MB.
const MAX_TEXT_BYTES: u64 = 4 * 1024 * 1024;

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
        for (at, path) in params.texts.iter().enumerate() {
            match read_text(path)? {
                Ok(text) => read_quotations(&judge, report, at, &text, &mut quotations),
                Err((code, message)) => judge.bad_text(report, code, &message, path),
            }
        }
        source::verify(&mut quotations, &sources, &params)?;
        quotations
            .iter()
            .for_each(|quotation| judge.quotation(report, quotation));
        let verified = quotations
            .iter()
            .filter(|it| matches!(it.state, State::Verified { .. }));
        judge.conclude(report, verified.count() as u64);
        Ok(())
    }
}

/// The text, or the code of the finding and its message.
fn read_text(path: &str) -> Result<Result<String, (&'static str, String)>, Refusal> {
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
    match artifact.read_text(MAX_TEXT_BYTES) {
        Ok(text) if text.trim().is_empty() => {
            Ok(Err(("text-empty", "The text is empty.".to_owned())))
        }
        Ok(text) => Ok(Ok(text)),
        Err(error) => match error.kind {
            ReadErrorKind::TooLarge { .. } => {
                let message = format!("The text has more than {MAX_TEXT_BYTES} bytes.");
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

/// Judges the citations of a text and adds its quotations.
fn read_quotations(
    judge: &Judge<'_>,
    report: &mut ReportBuilder<Check>,
    at: usize,
    text: &str,
    quotations: &mut Vec<Quotation>,
) {
    let params = judge.params;
    let path = &params.texts[at];
    let ids: BTreeMap<&str, usize> = judge
        .sources
        .iter()
        .enumerate()
        .map(|(index, source)| (source.id, index))
        .collect();
    let reading = text::read(text, params.is_markdown(path), &ids, params.citation_reach);
    if reading.overflow {
        let message = "The text has more quotations or citations than are judged.";
        judge.bad_text(report, "text-too-dense", message, path);
        return;
    }
    for cited in &reading.citations {
        judge.citation(report, path, cited);
    }
    for found in reading.unclosed {
        let normal = normal::normalised(&found.content, params.normalisation);
        if words::words(&normal).count() >= params.min_words {
            judge.unclosed(report, path, (found.line, &found.range, &normal));
        }
    }
    let found = reading.quotations.into_iter();
    quotations.extend(found.filter_map(|found| Quotation::new(found, at, params)));
}

export!(Quotations);
