//! `proofmark validator inspect`

use std::time::{Duration, Instant};

use proofmark_core::Digest;
use proofmark_engine::{Admission, Engine};
use serde_json::{Value, json};

use super::super::Outcome;
use super::component::Component;
use super::imports;
use super::source::Source;
use super::table::{self, Cell};
use crate::args::Global;
use crate::failure::{Exit, Failure};
use crate::fixtures::Candidate;
use crate::printer::{FAINT, Printer, paint};
use crate::render::foreign::{one_line, within};
use crate::render::number::{duration, grouped};
use crate::setup;

/// What is told about a validator.
struct Inspection<'e> {
    candidate: Candidate<'e>,
    digest: Digest,
    imports: Vec<String>,
    prepare_time: Duration,
}

pub(super) fn run(validator: &str, global: &Global, printer: &Printer) -> Outcome {
    let component = Source::of(validator)?.component(printer)?;
    // Without a cache, because the time of a first preparation is what a reader wants to know.
    let global = Global {
        no_cache: true,
        cache: None,
        ..global.clone()
    };
    let engine = setup::engine(&global, printer)?;
    let inspection = inspect(&engine, &component).map_err(|failure| failure.about(validator))?;
    printer.data(|| inspection.text(), || inspection.json());
    Ok(Exit::Done)
}

fn inspect<'e>(engine: &'e Engine, component: &Component) -> Result<Inspection<'e>, Failure> {
    let started = Instant::now();
    let prepared = engine.prepare(&component.bytes, Admission::Publish)?;
    let prepare_time = started.elapsed();
    let candidate = Candidate::describe(engine, prepared, component.bytes.len() as u64)?;
    let imports = imports::of(&component.bytes);
    Ok(Inspection {
        candidate,
        digest: component.digest(),
        imports,
        prepare_time,
    })
}

impl Inspection<'_> {
    fn text(&self) -> String {
        let manifest = &self.candidate.manifest;
        let mut lines = vec![
            one_line(&format!("{} {}", manifest.name, manifest.version)),
            one_line(&manifest.summary),
            String::new(),
        ];
        lines.extend(table::lines(&self.facts()));
        lines.extend(section("checks", table::lines(&self.checks())));
        lines.extend(section(
            "imports",
            self.imports.iter().map(|name| one_line(name)).collect(),
        ));
        // Keys and texts of the schema are the validator's own; JSON has no line feed inside a text.
        let schema = format!("{:#}", self.candidate.schema.value());
        lines.extend(section(
            "parameters (JSON Schema)",
            schema
                .lines()
                .map(|line| within(line, usize::MAX))
                .collect(),
        ));
        lines.join("\n")
    }

    fn facts(&self) -> Vec<Vec<Cell>> {
        let candidate = &self.candidate;
        let media_types = match candidate.manifest.media_types.as_slice() {
            [] => "none declared".to_owned(),
            some => some.join(", "),
        };
        let code = candidate.prepared().code_bytes();
        let rows = [
            ("digest", self.digest.to_string()),
            ("size", format!("{} bytes", grouped(candidate.size_bytes))),
            ("compiled", format!("{} bytes", grouped(code))),
            (
                "first prepared in",
                format!(
                    "{} on this machine, without a cache",
                    duration(self.prepare_time)
                ),
            ),
            ("media types", media_types),
        ];
        rows.into_iter()
            .map(|(name, value)| vec![Cell::text(name).in_style(FAINT), Cell::text(value)])
            .collect()
    }

    fn checks(&self) -> Vec<Vec<Cell>> {
        let checks = self.candidate.manifest.checks.iter();
        checks
            .map(|check| vec![Cell::text(&check.id), Cell::text(&check.summary)])
            .collect()
    }

    fn json(&self) -> Value {
        let manifest = &self.candidate.manifest;
        let checks: Vec<_> = manifest
            .checks
            .iter()
            .map(|check| json!({ "id": check.id, "summary": check.summary }))
            .collect();
        json!({
            "name": manifest.name,
            "version": manifest.version,
            "summary": manifest.summary,
            "digest": self.digest.to_string(),
            "size_bytes": self.candidate.size_bytes,
            "compiled_bytes": self.candidate.prepared().code_bytes(),
            "prepare_micros": u64::try_from(self.prepare_time.as_micros()).unwrap_or(u64::MAX),
            "media_types": manifest.media_types,
            "checks": checks,
            "imports": self.imports,
            "params_schema": self.candidate.schema.value(),
        })
    }
}

/// A heading and its lines, indented.
fn section(heading: &str, lines: Vec<String>) -> Vec<String> {
    let mut section = vec![String::new(), paint(FAINT, heading)];
    section.extend(
        lines
            .iter()
            .flat_map(|text| text.lines())
            .map(|line| format!("  {line}")),
    );
    section
}
