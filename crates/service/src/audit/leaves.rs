//! The log, against the commands.

use std::path::PathBuf;

use proofmark_core::chain;
use proofmark_log::{Folder, LogReader, ReadError, fsck};
use proofmark_tlog::{NoteKey, leaf_hash};

use super::Audit;
use crate::logbook::is_log;
use crate::papers::{Papers, Presented};

/// The log of the market whose record is audited.
#[derive(Debug, Clone)]
pub struct AuditedLog {
    /// Where it is.
    pub directory: PathBuf,
    /// Whose signature its checkpoints must have.
    pub key: NoteKey,
}

/// The log as it was before the record was read; nothing where none was ever shown to anybody.
pub(super) struct Shown(Option<LogReader<Folder>>);

/// Computes the log itself again: every tile from its entries, the root of the checkpoint, its signature.
pub(super) fn shown(log: &AuditedLog, audit: &mut Audit) -> Option<Shown> {
    if !is_log(&log.directory) {
        return Some(Shown(None));
    }
    let folder = Folder::new(&log.directory);
    // First: it may grow meanwhile.
    let reader = LogReader::open(folder.clone(), &log.key);
    match fsck(&folder, &log.key) {
        Ok(report) => {
            for damage in report.damages {
                let place = damage.place;
                audit.find(damage.code, &format!("the log, {place}"), &damage.what);
            }
        }
        Err(error) => audit.find("log-unreadable", "the log", &chain(&error)),
    }
    // Why it cannot be opened was said just now.
    let reader = reader.ok()?;
    Some(Shown(Some(reader)))
}

/// Every leaf against the verdict of its command, as far as commands could be followed.
pub(super) fn compare(papers: &Papers, log: Option<&Shown>, audit: &mut Audit) {
    audit.counts.verdicts = papers.verdicts().len() as u64;
    let Some(Shown(Some(reader))) = log else {
        return;
    };
    let mut verdicts = papers.verdicts().iter().peekable();
    while let Some(next) = verdicts.peek().filter(|it| it.index < reader.size()) {
        let from = next.index;
        let entries = match reader.entries(from) {
            Ok(entries) => entries,
            Err(error) => return unreadable(&error, from, audit),
        };
        for (entry, presented) in entries.iter().zip(&mut verdicts) {
            audit.counts.leaves += 1;
            if leaf_hash(entry) != presented.leaf {
                audit.find("log-leaf-differs", &place(presented), "it is not its leaf");
            }
        }
    }
}

/// More leaves than verdicts were obeyed: the record was cut off, or somebody else writes to the log. None at all: the log is
/// gone, and with it what it knew of the record.
pub(super) fn surplus(papers: &Papers, log: Option<&Shown>, audit: &mut Audit) {
    let recorded = papers.verdicts().len() as u64;
    let logged = match log {
        None => return,
        Some(Shown(None)) if recorded > 0 => {
            let what = format!("{recorded} verdicts were obeyed, and there is no log of them");
            return audit.find("log-missing", "the log", &what);
        }
        Some(Shown(None)) => return,
        Some(Shown(Some(reader))) => reader.size(),
    };
    if logged > recorded {
        let what = format!("the log has {logged} verdicts, and only {recorded} were obeyed");
        audit.find("log-ahead", &format!("leaf {recorded}"), &what);
    }
}

/// A file that is damaged was named before, and what depends on it cannot be compared.
fn unreadable(error: &ReadError, from: u64, audit: &mut Audit) {
    let named = audit
        .findings
        .iter()
        .any(|it| it.place.starts_with("the log, "));
    if !named {
        audit.find(error.code(), &format!("leaf {from}"), &chain(error));
    }
}

fn place(it: &Presented) -> String {
    format!("leaf {} of command {}", it.index, it.sequence)
}
