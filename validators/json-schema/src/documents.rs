//! Reading documents one by one and judging each.

use crate::Check;
use crate::keys::{Key, Keys, MAX_KEYS};
use crate::locate::{Span, locate};
use crate::metered::{Budget, expect_paths_of, weight};
use crate::params::{Format, Params};
use crate::schema::Schema;
use crate::strict::{self, Cause, MAX_MEMORY_BYTES, Malformed};
use crate::violations::{MAX_VALUE_BYTES, Violation, Violations, explain};
use proofmark_validator_sdk::{
    Artifact, CheckBuilder, Finding, Place, ReadError, ReadErrorKind, Refusal, ReportBuilder,
    Severity, excerpt, submission,
};
use serde_json::Value;

/// Steps that a submission has beside those for its bytes: enough for a large schema on one small
/// document.
const STEPS: u64 = 1_000_000;
/// What a document takes beside its values.
const STEPS_PER_DOCUMENT: u64 = 3;
/// What a bad document takes once more.
const STEPS_PER_BAD_DOCUMENT: u64 = 8;
/// What its key takes beside its value.
const STEPS_PER_KEY: u64 = 12;
/// Steps to look for violations in bad documents, until enough are found to show.
const EXPLAINING_STEPS: u64 = 200_000;

/// Of them so many at once: 5,000 violations.
const EXPLAINING_STEPS_AT_ONCE: u64 = 1_000_000;

/// Judges all documents and returns how many there were.
pub(crate) fn judge(
    params: &Params,
    schema: &Schema,
    report: &mut ReportBuilder<Check>,
) -> Result<u64, Refusal> {
    let mut judge = Judge {
        params,
        schema,
        report,
        documents: 0,
        judging: Budget::of(STEPS),
        explaining: Budget::of(EXPLAINING_STEPS),
        keys: params.unique_by.as_deref().map(Keys::at),
    };
    for path in params.paths() {
        let outcome = submission::open(&path).and_then(|artifact| match params.format {
            Format::Json => judge.whole(artifact),
            Format::JsonLines => judge.lines(artifact),
        });
        if let Err(error) = outcome {
            judge.unreadable(error)?;
        }
        if judge.is_at_its_end() {
            break;
        }
    }
    if params.refuses_others() {
        judge.others();
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
    if report.asks_for(Check::Unique) && report.check(Check::Unique).examined() == 0 {
        report.check(Check::Unique).decide(seen == 0 && min == 0);
    }
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
    params: &'a Params,
    schema: &'a Schema,
    report: &'a mut ReportBuilder<Check>,
    documents: u64,
    judging: Budget,
    explaining: Budget,
    keys: Option<Keys<'a>>,
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
        let text = artifact.read_all(self.params.max_document_bytes)?;
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
            match text.len() as u64 > self.params.max_document_bytes {
                true => self.too_large(document.place().line(line), text.len() as u64),
                false => self.document(&document),
            }
            if self.is_at_its_end() {
                break;
            }
        }
        Ok(())
    }

    /// Artifacts that are not read.
    fn others(&mut self) {
        for entry in submission::list() {
            if !self.params.reads(&entry.path) {
                let write = || {
                    Finding::new("artifact-unexpected", "Nobody asked for the artifact.")
                        .at(Place::file(&entry.path))
                };
                let check = self.check().examine(false);
                check.finding_of(Severity::Major, write);
            }
        }
    }

    /// Nothing is left to judge another document with.
    fn is_at_its_end(&self) -> bool {
        self.judging.is_empty()
    }

    fn check(&mut self) -> &mut CheckBuilder {
        self.report.check(Check::Documents)
    }

    fn document(&mut self, document: &Document<'_>) {
        self.documents += 1;
        let value = match strict::parse(document.text) {
            Ok(value) => value,
            Err(malformed) => return self.malformed(document, &malformed),
        };
        let steps = self.params.steps_per_byte * document.text.len() as u64;
        self.judging.add(steps);
        self.judging.take(STEPS_PER_DOCUMENT);
        let valid = self.judging.accepts(&self.schema.validator, &value);
        self.check().examine(valid);
        if !valid && !self.is_at_its_end() {
            self.judging.take(STEPS_PER_BAD_DOCUMENT);
            self.explaining.add(steps / 8);
            self.explain(document, &value);
        }
        if !self.is_at_its_end() {
            self.compare(document, &value);
        }
        if self.is_at_its_end() {
            self.too_costly(document);
        }
    }

    /// Lists what is wrong with a document, as long as there is room for it in the report.
    fn explain(&mut self, document: &Document<'_>, value: &Value) {
        let mut violations = Violations::default();
        if !self.explaining.is_empty() && self.check().keeps(Severity::Major) {
            expect_paths_of(value);
            // No more at once than there is memory for.
            let most = self.explaining.left().min(EXPLAINING_STEPS_AT_ONCE);
            let mut own = Budget::of(most);
            violations = explain(self.schema, value, &mut own);
            self.explaining.take(most - own.left());
        }
        if violations.total == 0 {
            let write = || {
                Finding::new(
                    "schema-violation",
                    "The document does not satisfy the schema; too large to say where.",
                )
                .at(document.place().line(document.line))
            };
            self.check().finding_of(Severity::Major, write);
        }
        let left_out = violations.total - violations.first.len() as u64;
        for violation in violations.first {
            let schema = self.schema;
            let write = || finding(schema, document, violation);
            self.check().finding_of(Severity::Major, write);
        }
        self.check().count_findings(Severity::Major, left_out);
    }

    /// Compares the key of a document with those before.
    fn compare(&mut self, document: &Document<'_>, value: &Value) {
        let number = self.documents;
        let Some(keys) = &mut self.keys else { return };
        self.judging.take(STEPS_PER_KEY + weight(value));
        let key = keys.add(value, number);
        let check = self.report.check(Check::Unique);
        check.examine(key == Key::New);
        if key != Key::New {
            let pointer = self.params.unique_by.as_deref().unwrap_or_default();
            check.finding_of(Severity::Major, || {
                not_unique(&key).at(document.place_of(pointer))
            });
        }
    }

    fn malformed(&mut self, document: &Document<'_>, malformed: &Malformed) {
        let (line, _) = malformed.line_and_column(document.line);
        let write = || {
            let place = document.place().line(line);
            let message = malformed.message(document.line);
            match malformed.cause() {
                Some(Cause::Duplicate(pointer)) => Finding::new("duplicate-key", message)
                    .at(place.pointer(pointer))
                    .expected("each key at most once in an object"),
                Some(Cause::TooLarge) => Finding::new("document-too-large", message)
                    .at(place)
                    .expected(format!("values of at most {MAX_MEMORY_BYTES} bytes")),
                None => Finding::new("not-json", message)
                    .at(place)
                    .expected("one JSON document")
                    .actual(excerpt(document.text, MAX_VALUE_BYTES)),
            }
        };
        let severity = match malformed.cause() {
            Some(Cause::TooLarge) => Severity::Critical,
            _ => Severity::Major,
        };
        self.check().examine(false).finding_of(severity, write);
    }

    fn too_large(&mut self, place: Place, size_bytes: u64) {
        self.documents += 1;
        let max_bytes = self.params.max_document_bytes;
        let write = || {
            Finding::new("document-too-large", "The document is too large.")
                .at(place)
                .expected(format!("at most {max_bytes} bytes"))
                .actual(format!("{size_bytes} bytes"))
        };
        self.check()
            .examine(false)
            .finding_of(Severity::Critical, write);
    }

    /// Judging the documents takes more than they may: none is judged any more.
    fn too_costly(&mut self, document: &Document<'_>) {
        let steps = self.params.steps_per_byte;
        self.check().finding(
            Finding::new(
                "too-costly",
                "The schema takes too many steps on the documents; none is judged after this.",
            )
            .severity(Severity::Critical)
            .at(document.place().line(document.line))
            .expected(format!("at most {steps} steps for each byte and {STEPS}")),
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
                self.check().examine(false).finding(finding);
            }
            _ => return Err(error.into()),
        }
        Ok(())
    }
}

fn finding(schema: &Schema, document: &Document<'_>, violation: Violation) -> Finding {
    Finding::new("schema-violation", violation.message)
        .at(document.place_of(&violation.pointer))
        .expected(schema.keyword(&violation.keyword))
        .actual(violation.value)
}

fn not_unique(key: &Key) -> Finding {
    match key {
        Key::Missing => Finding::new("key-missing", "The document has no key."),
        Key::TooMany => Finding::new("too-many-keys", "There are more keys than are compared.")
            .expected(format!("at most {MAX_KEYS}")),
        Key::Of(first) => Finding::new("duplicate", "A document before has the same key.")
            .actual(format!("the same as document {first}")),
        Key::New => Finding::new("duplicate", "The document has a new key."),
    }
}
