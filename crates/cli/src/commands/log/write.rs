//! Commands that change a log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use proofmark_log::Log;
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
    printer.data(lines, || json!({ "entries": list(), "size": log.size() }));
    collect(&mut log, witnesses, printer)
}

pub(super) fn cosign(directory: &Path, witnesses: &Witnesses, printer: &Printer) -> Outcome {
    let mut log = Log::open(directory)?;
    let exit = collect(&mut log, witnesses, printer)?;
    printer.data(
        || log.checkpoint().to_string(),
        || json!({ "size": log.size(), "checkpoint": log.checkpoint().to_string() }),
    );
    Ok(exit)
}

fn collect(log: &mut Log, witnesses: &Witnesses, printer: &Printer) -> Outcome {
    match witnessed(log, witnesses, printer)? {
        None => Ok(Exit::Done),
        Some(missing) => Err(Failure::environment(
            "witness-quorum",
            missing,
            "the entries are logged; ask again: proofmark log cosign",
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
    let (found, quorum) = (witnessed.cosignatures.len(), witnesses.quorum);
    let quorum = quorum.unwrap_or(witnesses.witnesses.len());
    Ok((found < quorum).then(|| format!("{found} witnesses have cosigned, and {quorum} must")))
}
