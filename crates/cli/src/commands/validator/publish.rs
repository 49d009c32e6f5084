//! `proofmark validator publish`

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::Outcome;
use super::source::Source;
use crate::args::At;
use crate::commands::market::{client, upload};
use crate::failure::{Exit, Failure};
use crate::files::write_atomically;
use crate::printer::{BAD, GOOD, Printer, paint};
use crate::render::foreign::one_line;

/// A compilation that takes longer than a request is asked for again, for so long.
const PATIENCE: Duration = Duration::from_secs(180);
const REST: Duration = Duration::from_secs(1);

pub(super) fn run(validator: &str, key: &str, at: &At, printer: &Printer) -> Outcome {
    let component = Source::of(validator)?.component(printer)?;
    let digest = component.digest();
    let folder = tempfile::tempdir();
    let folder = folder.map_err(|error| Failure::unwritable(&std::env::temp_dir(), &error))?;
    let file = folder.path().join("component.wasm");
    write_atomically(&file, component.bytes.as_slice())?;
    upload::public(&file, key, at)?;
    let found = inspected(&at.market, &format!("/v1/validators/{digest}"))?;
    printer.data(
        || text(&found, &digest.to_string()),
        || json!({ "validator": digest, "inspected": found }),
    );
    Ok(match found["accepted"] == true {
        true => Exit::Done,
        false => Exit::Negative,
    })
}

fn inspected(market: &str, path: &str) -> Result<Value, Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        match client::get(market, path) {
            Err(failure) if failure.exit == Exit::Unavailable && Instant::now() < until => {
                thread::sleep(REST);
            }
            found => return found,
        }
    }
}

fn text(found: &Value, digest: &str) -> String {
    let said = |holder: &Value, member: &str| one_line(holder[member].as_str().unwrap_or_default());
    if found["accepted"] != true {
        let (code, why) = (said(found, "code"), said(found, "detail"));
        let hint = said(found, "hint");
        return format!(
            "{} {digest}\n{why} [{code}]\nhint: {hint}",
            paint(BAD, "REFUSED")
        );
    }
    let manifest = &found["manifest"];
    let checks = manifest["checks"].as_array().into_iter().flatten();
    let checks: Vec<_> = checks.map(|check| said(check, "id")).collect();
    format!(
        "{} {digest}\n{} {}, checks: {}",
        paint(GOOD, "ACCEPTED"),
        said(manifest, "name"),
        said(manifest, "version"),
        checks.join(", ")
    )
}
