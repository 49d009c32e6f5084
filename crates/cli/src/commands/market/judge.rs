//! Judging what was submitted, with the engines whose keys the market's directory holds.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use proofmark_api::{Check, Checks, Inspect, Inspected, Signed, Unchecked, Validators};
use proofmark_core::Digest;
use proofmark_engine::Engine;
use proofmark_examiner::{
    Bytes, CheckError, Checker, Examiner, Inspection, Inspector, OwnDesk, seats,
};
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_service::{Recorder, Runs};
use serde_json::json;
use tokio::task::JoinSet;

use crate::args::Global;
use crate::blobs::ready_made;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::setup;

/// Files with keys of engines, as `market init` makes them.
const ENGINES: [&str; 2] = ["engine.pem", "house.pem"];

/// A checker, as the routes ask for one.
struct ForAll(Checker);

impl Check for ForAll {
    fn check(&self, criteria: &Digest, files: Vec<(String, Vec<u8>)>) -> Result<Signed, Unchecked> {
        let checked = self.0.check(criteria, files).map_err(|error| match error {
            CheckError::NoSubmission(why) => Unchecked::NoSubmission(why),
            CheckError::NotJudgeable(why) => Unchecked::NotJudgeable(why),
            CheckError::Host(why) => Unchecked::Host(why),
        })?;
        let record = String::from_utf8(checked.record);
        let record = record.map_err(|_| Unchecked::Host("the record is no text".to_owned()))?;
        Ok(Signed {
            verdict: checked.verdict.as_str(),
            outcome: checked.outcome,
            bundle: checked.bundle,
            record,
        })
    }
}

/// A inspector, as the routes ask for one.
struct ForAuthors(Inspector);

impl Inspect for ForAuthors {
    fn is_built_in(&self, validator: &Digest) -> bool {
        ready_made(validator).is_some()
    }

    fn known(&self, validator: &Digest) -> Option<Inspected> {
        self.0.known(validator).and_then(told)
    }

    fn inspect(&self, validator: &Digest) -> Result<Option<Inspected>, String> {
        self.0.inspect(validator).map(told)
    }
}

fn told(found: Inspection) -> Option<Inspected> {
    let refused = |code, why, hint: &str| Inspected {
        accepted: false,
        code: Some(code),
        detail: Some(why),
        hint: Some(hint.to_owned()),
        manifest: None,
    };
    match found {
        Inspection::Unknown => None,
        Inspection::Refused { code, why, hint } => Some(refused(code, why, hint)),
        Inspection::Accepted(manifest) => Some(Inspected {
            accepted: true,
            code: None,
            detail: None,
            hint: None,
            manifest: Some(json!(*manifest)),
        }),
    }
}

/// Everything that is needed to judge, before there is a market.
pub(super) struct Judge {
    engine: Arc<Engine>,
    engines: Vec<SecretKey>,
    /// The first of them again, for what is judged without a contract.
    checker: Option<SecretKey>,
}

impl Judge {
    pub(super) fn open(
        directory: &Path,
        global: &Global,
        printer: &Printer,
    ) -> Result<Self, Failure> {
        let files = ENGINES.map(|name| directory.join(name));
        let there: Vec<_> = files.iter().filter(|file| file.is_file()).collect();
        let read = |file: &&PathBuf| proofmark_keystore::read(file, None);
        Ok(Self {
            engines: there.iter().map(read).collect::<Result<_, _>>()?,
            checker: there.first().map(read).transpose()?,
            engine: Arc::new(setup::engine(global, printer)?),
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

    /// Judges without a contract, with the first of the engines.
    pub(super) fn checks(&mut self, at_once: usize, bytes: &Bytes) -> Checks {
        let Some(signer) = self.checker.take() else {
            return Checks::default();
        };
        let engine = Arc::clone(&self.engine);
        let checker = Checker::new(engine, signer, bytes.clone());
        Checks::by(Arc::new(ForAll(checker)), at_once)
    }

    /// Looks at validators for whoever asks.
    pub(super) fn validators(&self, bytes: &Bytes) -> Validators {
        let inspector = Inspector::new(Arc::clone(&self.engine), bytes.clone());
        Validators::by(Arc::new(ForAuthors(inspector)))
    }

    /// Judges until the tasks are dropped.
    pub(super) fn start(self, runs: &Runs, bytes: &Bytes, at_once: usize) -> JoinSet<()> {
        let seats = seats(at_once);
        let mut judging = JoinSet::new();
        for key in self.engines {
            let desk = OwnDesk {
                runs: runs.clone(),
                engine: key.public_key().id(),
                seen: AtomicU64::default(),
            };
            let examiner = Examiner {
                desk: Arc::new(desk),
                bytes: bytes.clone(),
                engine: Arc::clone(&self.engine),
                key: Arc::new(key),
            };
            judging.spawn(examiner.run(seats.clone()));
        }
        judging
    }
}

/// So many runs at a time where nobody says how many.
pub(super) fn at_once(said: Option<NonZeroUsize>) -> usize {
    let said = said.or_else(|| std::thread::available_parallelism().ok());
    said.map_or(1, NonZeroUsize::get)
}
