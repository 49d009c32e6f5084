//! Reading documents one by one and judging each.

use crate::Check;
use crate::locate::{Span, locate};
use crate::params::{Format, Params};
use crate::schema::Schema;
use crate::strict::{self, Malformed};
use jsonschema::ValidationError;
use proofmark_validator_sdk::{
    Artifact, CheckBuilder, Finding, Place, ReadError, ReadErrorKind, Refusal, ReportBuilder,
    Severity, excerpt, submission,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// How many violations of one document are reported, so that the first bad document does not hide the
/// others. All of them are counted.
const VIOLATIONS_PER_DOCUMENT: usize = 20;
/// How much of a value a finding shows.
const MAX_VALUE_BYTES: usize = 200;

/// Judges all documents and returns how many there were.
pub(crate) fn judge(
    params: &Params,
    schema: &Schema,
    check: &mut CheckBuilder,
) -> Result<u64, Refusal> {
    let max_bytes = params.max_document_bytes;
    let mut judge = Judge {
        schema,
        check,
        documents: 0,
        max_bytes,
    };
    for path in params.paths() {
        let outcome = submission::open(&path).and_then(|artifact| match params.format {
            Format::Json => judge.whole(artifact),
            Format::JsonLines => judge.lines(artifact),
        });
        if let Err(error) = outcome {
            judge.unreadable(error)?;
        }
    }
    Ok(judge.documents)
}

/// Judges the number of documents, and says so where there was none to judge.
pub(crate) fn conclude(params: &Params, seen: u64, report: &mut ReportBuilder<Check>) {
    let (min, max) = (params.min_documents(), params.max_documents);
    let count = report.check(Check::Count);
    if seen < min {
        count.finding(
            Finding::new(
                "too-few-documents",
                "There are fewer documents than asked for.",
            )
            .expected(format!("at least {min}"))
            .actual(seen),
        );
    }
    if let Some(max) = max.filter(|max| seen > *max) {
        count.finding(
            Finding::new(
                "too-many-documents",
                "There are more documents than asked for.",
            )
            .expected(format!("at most {max}"))
            .actual(seen),
        );
    }
    let within = count.findings_total() == 0;
    count.examine(within).summary(format!("documents: {seen}"));
    let documents = report.check(Check::Documents);
    documents.score_by_ratio();
    match (documents.examined(), documents.findings_total()) {
        (0, 0) if min == 0 => documents
            .decide(true)
            .summary("there is no document, as allowed"),
        (0, 0) => documents.finding(Finding::new("no-document", "There is no document.")),
        _ => documents,
    };
}

struct Judge<'a> {
    schema: &'a Schema,
    check: &'a mut CheckBuilder,
    documents: u64,
    max_bytes: u64,
}

/// One document and where it stands.
struct Document<'a> {
    path: &'a str,
    record: Option<u64>,
    line: u64,
    offset: u64,
    text: &'a [u8],
}

impl Document<'_> {
    fn place(&self) -> Place {
        let place = Place::file(self.path);
        match self.record {
            Some(record) => place.record(record),
            None => place,
        }
    }

    /// The place of a value within the document.
    fn place_of(&self, pointer: &str) -> Place {
        let place = self.place().pointer(pointer);
        match locate(self.text, pointer) {
            None => place.line(self.line),
            Some(Span { offset, len }) => {
                let before = self.text.get(..offset).unwrap_or(&[]);
                let lines = before.iter().filter(|byte| **byte == b'\n').count();
                place
                    .line(self.line + lines as u64)
                    .range(self.offset + offset as u64, len as u64)
            }
        }
    }
}

impl Judge<'_> {
    /// A file with one document.
    fn whole(&mut self, mut artifact: Artifact) -> Result<(), ReadError> {
        let text = artifact.read_all(self.max_bytes)?;
        let path = artifact.path();
        self.document(&Document {
            path,
            record: None,
            line: 1,
            offset: 0,
            text: &text,
        });
        Ok(())
    }

    /// A file with a document in each line. Lines of white space are not documents.
    fn lines(&mut self, artifact: Artifact) -> Result<(), ReadError> {
        let path = artifact.path().to_owned();
        let mut lines = artifact.lines();
        let mut record = 0;
        while let Some(line) = lines.next_record()? {
            if line.bytes.trim_ascii().is_empty() {
                continue;
            }
            record += 1;
            let (line, offset, text) = (line.number, line.offset, line.bytes);
            let document = Document {
                path: &path,
                record: Some(record),
                line,
                offset,
                text,
            };
            match text.len() as u64 > self.max_bytes {
                true => self.too_large(document.place().line(line), text.len() as u64),
                false => self.document(&document),
            }
        }
        Ok(())
    }

    fn document(&mut self, document: &Document<'_>) {
        self.documents += 1;
        let value = match strict::parse(document.text) {
            Ok(value) => value,
            Err(malformed) => return self.malformed(document, malformed),
        };
        let mut violations = Violations::default();
        self.schema
            .validator
            .iter_errors(&value)
            .for_each(|error| violations.add(&error));
        self.check.examine(violations.total == 0);
        self.report(document, violations);
    }

    fn report(&mut self, document: &Document<'_>, violations: Violations) {
        let left_out = violations.total - violations.first.len() as u64;
        for violation in violations.first {
            if self.check.keeps(Severity::Major) {
                self.check.finding(self.finding(document, violation));
            } else {
                self.check.count_findings(Severity::Major, 1);
            }
        }
        self.check.count_findings(Severity::Major, left_out);
    }

    fn finding(&self, document: &Document<'_>, violation: Violation) -> Finding {
        Finding::new("schema-violation", violation.message)
            .at(document.place_of(&violation.pointer))
            .expected(self.schema.keyword(&violation.keyword))
            .actual(violation.value)
    }

    fn malformed(&mut self, document: &Document<'_>, malformed: Malformed) {
        let line = document.line + malformed.line.saturating_sub(1);
        let place = document.place().line(line);
        let finding = match malformed.duplicate {
            Some(pointer) => Finding::new("duplicate-key", malformed.message)
                .at(place.pointer(pointer))
                .expected("each key at most once in an object"),
            None => Finding::new("not-json", malformed.message)
                .at(place)
                .expected("one JSON document")
                .actual(excerpt(document.text, MAX_VALUE_BYTES)),
        };
        self.check.examine(false).finding(finding);
    }

    fn too_large(&mut self, place: Place, size_bytes: u64) {
        self.documents += 1;
        self.check.examine(false).finding(
            Finding::new("document-too-large", "The document is too large.")
                .severity(Severity::Critical)
                .at(place)
                .expected(format!("at most {} bytes", self.max_bytes))
                .actual(format!("{size_bytes} bytes")),
        );
    }

    /// What can be said of a file that cannot be read; anything else ends the evaluation.
    fn unreadable(&mut self, error: ReadError) -> Result<(), Refusal> {
        let place = Place::file(&error.path);
        match error.kind {
            ReadErrorKind::RecordTooLong {
                number,
                limit_bytes,
                ..
            } => {
                self.too_large(place.line(number), limit_bytes.saturating_add(1));
            }
            ReadErrorKind::TooLarge { size_bytes, .. } => self.too_large(place, size_bytes),
            _ if error.is_not_found() => {
                let finding = Finding::new("artifact-missing", "The artifact was not delivered.");
                let finding = finding.severity(Severity::Critical).at(place);
                self.check.examine(false).finding(finding);
            }
            _ => return Err(error.into()),
        }
        Ok(())
    }
}

/// The first violations of one document in an order that does not depend on how they were found.
#[derive(Default)]
struct Violations {
    first: BTreeSet<Violation>,
    total: u64,
}

/// One violation; ordered by place, then by keyword.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    pointer: String,
    keyword: String,
    message: String,
    value: String,
}

impl Violations {
    fn add(&mut self, error: &ValidationError<'_>) {
        self.total += 1;
        let pointer = error.instance_path().to_string();
        if self.is_full() && self.first.last().is_some_and(|last| last.pointer < pointer) {
            return;
        }
        self.first.insert(Violation {
            pointer,
            keyword: error.schema_path().to_string(),
            message: error.masked().to_string(),
            value: beginning(error.instance()),
        });
        if self.first.len() > VIOLATIONS_PER_DOCUMENT {
            self.first.pop_last();
        }
    }

    fn is_full(&self) -> bool {
        self.first.len() >= VIOLATIONS_PER_DOCUMENT
    }
}

/// The beginning of a value as text, without writing out the whole of a large one.
fn beginning(value: &Value) -> String {
    let mut text = [0; MAX_VALUE_BYTES * 2];
    let mut room = text.as_mut_slice();
    // A value that does not fit is cut; that is what the error would say.
    let _ = serde_json::to_writer(&mut room, value);
    let left = room.len();
    excerpt(&text[..text.len() - left], MAX_VALUE_BYTES)
}
