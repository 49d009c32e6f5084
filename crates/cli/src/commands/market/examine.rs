//! Judging for a market elsewhere.

use std::path::PathBuf;
use std::sync::Arc;

use proofmark_blobs::Blobs;
use proofmark_examiner::{Bytes, Examiner, seats};
use proofmark_keys::Signer;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::desk::WebDesk;
use super::{client, judge, place};
use crate::args::{Examine, Global};
use crate::blobs::ready_made;
use crate::commands::Outcome;
use crate::commands::log::stopped;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::{setup, signers};

/// Where fetched work is kept; a temporary place goes at the end.
struct Kept {
    blobs: Blobs,
    _temporary: Option<TempDir>,
}

pub(crate) fn run(options: &Examine, global: &Global, printer: &Printer) -> Outcome {
    let kept = kept(options.blobs.clone())?;
    let bytes = Bytes::new(kept.blobs.clone(), ready_made);
    let engine = Arc::new(setup::engine(global, printer)?);
    let market = &options.at.market;
    let audience = client::audience(market)?;
    let desk = |spec: &String| {
        let key: Arc<dyn Signer> = Arc::from(signers::open(spec)?);
        let desk = WebDesk::new(
            market,
            audience.clone(),
            Arc::clone(&key),
            kept.blobs.clone(),
        );
        desk.ask()?;
        let examiner = Examiner {
            desk: Arc::new(desk),
            bytes: bytes.clone(),
            engine: Arc::clone(&engine),
            key,
        };
        Ok(examiner)
    };
    let examiners: Vec<_> = options
        .keys
        .iter()
        .map(desk)
        .collect::<Result<_, Failure>>()?;
    for examiner in &examiners {
        let engine = examiner.key.public_key().id();
        printer.line(format!("engine {engine} judges for {market}"));
    }
    place::block_on(async {
        let told = stopped().map_err(|error| {
            let hint = "the system gives no signals";
            Failure::environment("no-signals", error, hint)
        })?;
        let seats = seats(judge::at_once(options.runs));
        let mut judging = JoinSet::new();
        for examiner in examiners {
            judging.spawn(examiner.run(seats.clone()));
        }
        // What is under way is left to whoever holds it next.
        told.await;
        Ok(Exit::Done)
    })
}

fn kept(directory: Option<PathBuf>) -> Result<Kept, Failure> {
    let temporary = match &directory {
        Some(_) => None,
        None => Some(
            tempfile::tempdir()
                .map_err(|error| Failure::unwritable(&std::env::temp_dir(), &error))?,
        ),
    };
    let place = directory.or_else(|| Some(temporary.as_ref()?.path().to_owned()));
    let place = place.expect("one of both is there");
    let blobs = Blobs::open(&place).map_err(|error| Failure::unwritable(&place, &error))?;
    Ok(Kept {
        blobs,
        _temporary: temporary,
    })
}
