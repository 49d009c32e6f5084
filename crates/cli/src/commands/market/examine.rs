//! Judging what was submitted, with the engines whose keys the market's directory holds.

use std::path::Path;
use std::sync::Arc;

use proofmark_blobs::Blobs;
use proofmark_engine::Engine;
use proofmark_examiner::Examiner;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_service::Recorder;
use proofmark_storage::{Store, StoreError};
use tokio::task::JoinHandle;

use crate::args::Global;
use crate::blobs::ready_made;
use crate::commands::evidence::now;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::setup;

/// Files with keys of engines, as `market init` makes them.
const ENGINES: [&str; 2] = ["engine.pem", "house.pem"];

/// Everything that is needed to judge, before there is a market.
pub(super) struct Judge {
    engine: Arc<Engine>,
    engines: Vec<SecretKey>,
    carrier: SecretKey,
}

impl Judge {
    pub(super) fn open(
        directory: &Path,
        global: &Global,
        printer: &Printer,
    ) -> Result<Self, Failure> {
        let files = ENGINES.map(|name| directory.join(name));
        let there = files.iter().filter(|file| file.is_file());
        let engines = there.map(|file| proofmark_keystore::read(file, None));
        Ok(Self {
            engines: engines.collect::<Result<_, _>>()?,
            engine: Arc::new(setup::engine(global, printer)?),
            carrier: proofmark_keystore::read(&directory.join("operator.pem"), None)?,
        })
    }

    /// A server that judges nothing must not look like one that does.
    pub(super) async fn warn(&self, recorder: &Recorder, printer: &Printer) -> Result<(), Failure> {
        let ours: Vec<_> = self
            .engines
            .iter()
            .map(|key| key.public_key().id())
            .collect();
        let missing = recorder.read(|market| {
            let policy = market.policy();
            let operator = |key| {
                policy
                    .and_then(|it| it.key(key))
                    .map(|it| it.operator.clone())
            };
            let ours: Vec<_> = ours.iter().filter_map(operator).collect();
            (ours.is_empty(), !ours.contains(&market.rules().house))
        });
        match missing.await? {
            (true, _) => printer.warn("no engine of the trust policy works here: nothing is judged (--no-examiner says so on purpose)"),
            (_, true) => printer.warn("the market's own engine does not work here: where others are silent or are challenged, nobody judges"),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn start(
        self,
        recorder: &Recorder,
        store: &Arc<dyn Store>,
        blobs: &Blobs,
    ) -> JoinHandle<Result<(), StoreError>> {
        let examiner = Examiner {
            recorder: recorder.clone(),
            store: Arc::clone(store),
            blobs: blobs.clone(),
            engine: self.engine,
            engines: self.engines,
            carrier: self.carrier,
            clock: Box::new(now),
            ready_made,
        };
        tokio::spawn(examiner.run())
    }
}
