//! Commands that read a log, in a directory or from a server.

use std::path::Path;
use std::time::Duration;

use proofmark_log::{Folder, Log, LogReader, Source, Web};
use proofmark_tlog::NoteKey;
use serde_json::json;

use super::Outcome;
use crate::args::LogArgs;
use crate::failure::{Exit, Failure};
use crate::printer::{BAD, GOOD, Printer, paint};

/// How long a server may take for a file.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The log that the options name, as it is now.
pub(super) fn open(log: &LogArgs) -> Result<(LogReader<Box<dyn Source>>, NoteKey), Failure> {
    let key = key(log)?;
    let source: Box<dyn Source> = match is_url(&log.place) {
        true => Box::new(Web::new(&log.place, TIMEOUT)),
        false => Box::new(Folder::new(Path::new(&log.place))),
    };
    Ok((LogReader::open(source, &key)?, key))
}

fn is_url(place: &str) -> bool {
    place.starts_with("http://") || place.starts_with("https://")
}

/// The key that was named. Only a log of one's own may say itself which it is.
fn key(log: &LogArgs) -> Result<NoteKey, Failure> {
    match &log.log_key {
        Some(key) => Ok(key.clone()),
        None if is_url(&log.place) => Err(Failure::input(
            "log-key-missing",
            "the key of a log on a server must be known beforehand",
            "name it with --log-key",
        )),
        None => Ok(Log::key_in(Path::new(&log.place))?),
    }
}

pub(super) fn prove(log: &LogArgs, index: u64, printer: &Printer) -> Outcome {
    let (reader, _) = open(log)?;
    let proof = reader.prove(index)?;
    printer.data(
        || proof.to_string(),
        || json!({ "index": index, "size": reader.size(), "proof": proof.to_string() }),
    );
    Ok(Exit::Done)
}

pub(super) fn checkpoint(log: &LogArgs, printer: &Printer) -> Outcome {
    let (reader, key) = open(log)?;
    let note = reader.checkpoint().note();
    let root = reader.checkpoint().checkpoint().root();
    printer.data(
        || note.to_string(),
        || {
            json!({
                "log": key.to_string(),
                "size": reader.size(),
                "root": root.to_base64(),
                "checkpoint": note.to_string(),
            })
        },
    );
    Ok(Exit::Done)
}

pub(super) fn fsck(directory: &Path, key: Option<&NoteKey>, printer: &Printer) -> Outcome {
    let own = Log::key_in(directory);
    let key = match (key, &own) {
        // A copy of the public half does not say whose it is; a log does, and is not damaged by being another.
        (Some(key), Ok(own)) if key != own => {
            let what = format!("this is the log of another key, {own}");
            return Err(Failure::input(
                "log-other-key",
                what,
                "name its own key, or none",
            ));
        }
        (Some(key), _) => key.clone(),
        (None, _) => own?,
    };
    let folder = Folder::new(directory);
    let report = proofmark_log::fsck(&folder, &key).map_err(proofmark_log::ReadError::from)?;
    let damages = || report.damages.iter();
    printer.data(
        || {
            let mut lines: Vec<_> = damages()
                .map(|damage| {
                    format!(
                        "{} {}: {} [{}]",
                        paint(BAD, "damaged"),
                        damage.place,
                        damage.what,
                        damage.code
                    )
                })
                .collect();
            if report.is_clean() {
                lines.push(format!(
                    "{} {} entries, {} files",
                    paint(GOOD, "clean"),
                    report.size,
                    report.files
                ));
            }
            lines.join("\n")
        },
        || {
            let damages = damages().map(|damage| {
                json!({ "file": damage.place, "code": damage.code, "message": damage.what })
            });
            json!({
                "clean": report.is_clean(),
                "size": report.size,
                "files": report.files,
                "damages": damages.collect::<Vec<_>>(),
            })
        },
    );
    match report.is_clean() {
        true => Ok(Exit::Done),
        false => Ok(Exit::Negative),
    }
}
