//! Commands that look for a log's misbehaviour.

use std::path::{Path, PathBuf};

use proofmark_log::monitor::{ForkProof, MAX_FORK_BYTES, Observation, observe, remembered};
use proofmark_tlog::note::MAX_NOTE_BYTES;
use proofmark_tlog::{NoteKey, VerifiedCheckpoint};
use serde_json::json;

use super::{Outcome, read};
use crate::args::LogArgs;
use crate::commands::read_document;
use crate::failure::{Exit, Failure, chain};
use crate::files::write_atomically;
use crate::printer::Printer;

pub(super) fn monitor(log: &LogArgs, remember: &Path, fork: &Path, printer: &Printer) -> Outcome {
    let (reader, key) = read::open(log)?;
    let before = recall(remember, &key)?;
    let observed = observe(&reader, before.as_ref())?;
    let fork = match &observed {
        Observation::Forked(proof) => keep(fork, proof, &key)?,
        _ => fork.to_owned(),
    };
    let (word, text, exit) = match &observed {
        Observation::First => ("first", "seen for the first time".to_owned(), Exit::Done),
        Observation::Unchanged => ("unchanged", "unchanged".to_owned(), Exit::Done),
        Observation::Grown { entries } => {
            ("grown", format!("{entries} more than before"), Exit::Done)
        }
        Observation::Behind { remembered } => (
            "behind",
            format!(
                "behind: {remembered} entries were seen before; ask again later, and if it stays, its operator \
                 took entries back"
            ),
            Exit::Unavailable,
        ),
        Observation::Forked(_) => (
            "forked",
            format!("forked: {} proves it", fork.display()),
            Exit::Negative,
        ),
    };
    match &observed {
        Observation::Forked(_) | Observation::Behind { .. } => {}
        _ => write_atomically(remember, reader.checkpoint().note().to_string().as_bytes())?,
    }
    let size = reader.size();
    printer.data(
        || format!("{} {size} entries, {text}", key.name()),
        || {
            let proof = matches!(observed, Observation::Forked(_)).then_some(&fork);
            json!({ "log": key.to_string(), "observed": word, "size": size, "proof": proof })
        },
    );
    Ok(exit)
}

/// Writes the proof where it belongs, unless one of this log is there; and beside it, if that is another file.
fn keep(file: &Path, proof: &ForkProof, log: &NoteKey) -> Result<PathBuf, Failure> {
    let mut free = file.to_owned();
    let mut number = 1;
    while free.exists() {
        let old = read_document(&free, MAX_FORK_BYTES).unwrap_or_default();
        if ForkProof::parse(&old).is_ok_and(|old| old.check(log).is_ok()) {
            return Ok(free);
        }
        number += 1;
        free = file.with_extension(format!("{number}.json"));
    }
    write_atomically(&free, &proof.to_json()[..])?;
    Ok(free)
}

/// What was seen last, if anything was.
fn recall(file: &Path, key: &NoteKey) -> Result<Option<VerifiedCheckpoint>, Failure> {
    match file.try_exists() {
        Ok(false) => Ok(None),
        Ok(true) => {
            let bytes = read_document(file, MAX_NOTE_BYTES)?;
            // It is the caller's own file, and says nothing about the log.
            let before = remembered(&bytes, &file.display().to_string(), key).map_err(|error| {
                let hint = "give the file that an earlier call wrote for this log, or take it away: then it begins anew";
                Failure::input(error.code(), chain(&error), hint)
            })?;
            Ok(Some(before))
        }
        Err(error) => Err(Failure::unreadable(file, &error)),
    }
}

pub(super) fn check_fork(file: &Path, log: &NoteKey, printer: &Printer) -> Outcome {
    let bytes = read_document(file, MAX_FORK_BYTES)?;
    let hint = "ask whoever gave it to you";
    let proof = ForkProof::parse(&bytes)
        .map_err(|error| Failure::input(error.code(), chain(&error), hint).about(file.display()))?;
    let checked = proof.check(log);
    let (proven, code) = match &checked {
        Ok(()) => (true, None),
        Err(error) => (false, Some(error.code())),
    };
    printer.data(
        || match &checked {
            Ok(()) => format!(
                "{} has signed two trees that cannot both be true",
                log.name()
            ),
            Err(error) => format!("nothing is proven: {}", chain(error)),
        },
        || json!({ "log": log.to_string(), "forked": proven, "code": code }),
    );
    Ok(if proven { Exit::Done } else { Exit::Negative })
}
