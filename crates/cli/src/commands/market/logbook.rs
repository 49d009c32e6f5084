//! The log of a market's verdicts: where it lies, by whose key, under which name.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark_attestation::statement::binding::Term;
use proofmark_keys::PublicKey;
use proofmark_service::{AuditedLog, LogSetup, Logbook, LogbookError, Logger, Recorder, is_log};
use proofmark_storage::Store;
use proofmark_tlog::{KeyName, NoteKey};

use crate::args::Serve;
use crate::failure::{Failure, chain};
use crate::printer::Printer;

/// Its directory, in that of the market.
fn place(market: &Path) -> PathBuf {
    market.join("log")
}

/// Its key, which signs nothing else.
fn key_file(market: &Path) -> PathBuf {
    market.join("log.pem")
}

/// The name of the log of a market.
pub(super) fn origin(audience: &Term) -> Result<KeyName, Failure> {
    // A key's name has no plus in it.
    let name = format!("{}/log", audience.as_str().replace('+', "-"));
    name.parse().map_err(|error| {
        let hint = "name another --audience";
        Failure::input("audience-no-origin", error, hint)
    })
}

/// The key of the log of a market, as its trust policy lists it.
pub(super) fn key(audience: &Term, public: PublicKey) -> Result<NoteKey, Failure> {
    Ok(NoteKey::log(origin(audience)?, public))
}

/// Opens the log of a market that has a key for one. Others are told how they get one: a key that nobody asked for would
/// sign a log that no policy knows.
pub(super) async fn open(
    market: &Path,
    recorder: &Recorder,
    store: &Arc<dyn Store>,
    options: &Serve,
    printer: &Printer,
) -> Result<Option<(Logger, Logbook)>, Failure> {
    let file = key_file(market);
    if !file.is_file() {
        let file = file.display();
        printer.warn(format!(
            "there is no {file}: verdicts are not logged (`proofmark key new {file}` makes it, the trust policy must know the log then, and what was judged before is logged with `--remake-log`)"
        ));
        return Ok(None);
    }
    let audience = recorder.read(|market| market.rules().audience.clone());
    let setup = LogSetup {
        directory: &place(market),
        origin: origin(&audience.await?)?,
        signer: proofmark_keystore::read(&file, None)?,
        witnesses: options.witnesses.clone(),
        make_again: options.remake_log,
    };
    let (logger, book) = Logger::open(recorder.clone(), Arc::clone(store), setup).await?;
    let listed = recorder.read(|market| {
        let policy = market.policy()?;
        let logs = &policy.transparency().logs;
        Some(logs.iter().any(|log| log.key == *book.key()))
    });
    if listed.await? == Some(false) {
        let key = book.key();
        printer.warn(format!("the trust policy does not know the log {key}: its proofs are passed over or refused (`proofmark policy add-log`)"));
    }
    Ok(Some((logger, book)))
}

/// What is to be audited beside the record, if the market has a key for a log.
pub(super) fn audited(market: &Path, audience: &Term) -> Result<Option<AuditedLog>, Failure> {
    let directory = place(market);
    // The key that the market has, whatever the directory of the log says.
    let public = market.join("log.pub.pem");
    let file = match public.is_file() {
        true => public,
        false => key_file(market),
    };
    if !file.is_file() && !is_log(&directory) {
        return Ok(None);
    }
    let signer = proofmark_keystore::read_public(&file, None)?;
    Ok(Some(AuditedLog {
        directory,
        key: key(audience, signer)?,
    }))
}

impl From<LogbookError> for Failure {
    fn from(error: LogbookError) -> Self {
        let (code, hint) = (error.code(), error.hint());
        Self::environment(code, chain(&error), hint)
    }
}
