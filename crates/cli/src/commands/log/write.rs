//! Commands that change a log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proofmark_log::{CosignerError, Log};
use proofmark_tlog::tile::MAX_ENTRY_BYTES;
use proofmark_tlog::{KeyName, NoteKey};
use serde_json::json;

use super::Outcome;
use crate::args::Witnesses;
use crate::commands::read_document;
use crate::failure::{Exit, Failure, chain};
use crate::printer::Printer;
use crate::signers;

pub(super) fn init(directory: &Path, origin: &KeyName, key: &str, printer: &Printer) -> Outcome {
    let signer = signers::open(key)?;
    let key = NoteKey::log(origin.clone(), *signer.public_key());
    Log::create(directory, &key, signer.as_ref())?;
    printer.data(
        || format!("log  {}\nkey  {key}", directory.display()),
        || json!({ "log": directory, "key": key.to_string() }),
    );
    Ok(Exit::Done)
}

pub(super) fn append(
    directory: &Path,
    files: &[PathBuf],
    key: &str,
    witnesses: &Witnesses,
    printer: &Printer,
) -> Outcome {
    let read = |file: &PathBuf| read_document(file, MAX_ENTRY_BYTES);
    let entries: Vec<_> = files.iter().map(read).collect::<Result<_, _>>()?;
    meetable(witnesses)?;
    let signer = signers::open(key)?;
    let mut log = Log::open(directory)?;
    let appended = log.append(&entries, signer.as_ref())?;
    let first = appended.indexes.start;
    let lines = || {
        let line = |(index, file): (u64, &PathBuf)| format!("{index}  {}\n", file.display());
        (first..).zip(files).map(line).collect::<String>()
    };
    let list = || {
        let entry = |(index, file)| json!({ "index": index, "file": file });
        (first..).zip(files).map(entry).collect::<Vec<_>>()
    };
    // The entries are logged, whatever witnesses say afterwards.
    let missing = collect(&mut log, witnesses, printer).unwrap_or_else(Some);
    let size = log.size();
    printer.partly(
        missing,
        Exit::Done,
        lines,
        || json!({ "entries": list(), "size": size }),
    )
}

pub(super) fn cosign(directory: &Path, witnesses: &Witnesses, printer: &Printer) -> Outcome {
    meetable(witnesses)?;
    let mut log = Log::open(directory)?;
    let missing = collect(&mut log, witnesses, printer)?;
    printer.partly(
        missing,
        Exit::Done,
        || log.checkpoint().to_string(),
        || json!({ "size": log.size(), "checkpoint": log.checkpoint().to_string() }),
    )
}

/// Asks the witnesses. Gives what is missing then.
fn collect(
    log: &mut Log,
    witnesses: &Witnesses,
    printer: &Printer,
) -> Result<Option<Failure>, Failure> {
    let missing = witnessed(log, witnesses, printer)?;
    Ok(missing.map(|missing| {
        let hint = "the entries are logged; ask again: proofmark log cosign";
        Failure::environment("witness-quorum", missing, hint)
    }))
}

/// Found out before anything is logged, which is for ever: more witnesses must cosign than are asked.
pub(crate) fn meetable(witnesses: &Witnesses) -> Result<(), Failure> {
    let (asked, quorum) = (witnesses.witnesses.len(), witnesses.quorum.unwrap_or(0));
    match quorum <= asked {
        true => Ok(()),
        false => Err(Failure::input(
            "quorum-too-large",
            format!("{quorum} witnesses must cosign, and {asked} are asked"),
            "name more of them with --witness",
        )),
    }
}

/// Asks the witnesses, and publishes the checkpoint with what they answer. A sentence, if fewer have cosigned than
/// must.
pub(crate) fn witnessed(
    log: &mut Log,
    witnesses: &Witnesses,
    printer: &Printer,
) -> Result<Option<String>, Failure> {
    if witnesses.witnesses.is_empty() {
        return Ok(None);
    }
    let timeout = Duration::from_secs(witnesses.timeout);
    let witnessed = log.collect_cosignatures(&witnesses.witnesses, timeout)?;
    for failure in &witnessed.failures {
        printer.warn(format!("{} [{}]", chain(failure), failure.code()));
    }
    // A witness that refuses growth has seen another history; asking again does not help.
    let mut failures = witnessed.failures.iter();
    let forked = match failures.any(CosignerError::knows_another) {
        true => {
            "; one of them knows another history of this log: find out which is true before anything else"
        }
        false => "",
    };
    let (found, quorum) = (witnessed.cosignatures.len(), witnesses.quorum);
    let quorum = quorum.unwrap_or(witnesses.witnesses.len());
    Ok((found < quorum)
        .then(|| format!("{found} witnesses have cosigned, and {quorum} must{forked}")))
}
