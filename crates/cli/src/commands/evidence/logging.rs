//! Putting a signed outcome into a log, and its proof into the bundle.

use std::path::{Path, PathBuf};

use proofmark_attestation::bundle::LogEvidence;
use proofmark_attestation::{Bundle, leaf};
use proofmark_keys::{KeyId, Signer};
use proofmark_log::Log;
use proofmark_tlog::{VerifiedCheckpoint, leaf_hash, verify_inclusion};
use serde_json::json;

use super::{read, write};
use crate::args::{Logging, Witnesses};
use crate::commands::Outcome;
use crate::commands::log::witnessed;
use crate::failure::{Exit, Failure, chain};
use crate::printer::Printer;
use crate::signers;

/// A log to write to, its signer opened before any work is done.
pub(super) struct Writer<'o> {
    directory: PathBuf,
    signer: Box<dyn Signer>,
    witnesses: &'o Witnesses,
}

impl<'o> Writer<'o> {
    /// The log that the options name, if they name one.
    pub(super) fn open(logging: &'o Logging) -> Result<Option<Self>, Failure> {
        let (Some(directory), Some(key)) = (&logging.log, &logging.log_key) else {
            return Ok(None);
        };
        Log::key_in(directory)?;
        Ok(Some(Self {
            directory: directory.clone(),
            signer: signers::open(key)?,
            witnesses: &logging.witnesses,
        }))
    }

    /// Logs the envelope with all the signatures that it has, and keeps the proof. The log is open only for
    /// this: other engines write to it as well.
    fn append(
        &self,
        bundle: &mut Bundle,
        file: &Path,
        printer: &Printer,
    ) -> Result<Logged, Failure> {
        let mut log = Log::open(&self.directory)?;
        prove(&mut log, self.signer.as_ref(), bundle)?;
        let place = (self.directory.as_path(), file);
        cosigned(&mut log, self.witnesses, bundle, place, printer)
    }
}

/// Logs the bundle if that was asked for.
pub(super) fn append(
    log: Option<&Writer<'_>>,
    bundle: &mut Bundle,
    file: &Path,
    printer: &Printer,
) -> Result<Logged, Failure> {
    match log {
        Some(log) => log.append(bundle, file, printer),
        None => Ok(Logged(None)),
    }
}

/// What is missing once the outcome is in the log: too few witnesses. The bundle is written all the same.
#[must_use]
pub(super) struct Logged(Option<Failure>);

impl Logged {
    /// The exit status if nothing is missing.
    pub(super) fn complete(self, exit: Exit) -> Outcome {
        match self.0 {
            None => Ok(exit),
            Some(missing) => Err(missing),
        }
    }
}

/// `proofmark bundle log`
pub(super) fn run(
    file: &Path,
    directory: &Path,
    key: Option<&str>,
    to: Option<&Path>,
    witnesses: &Witnesses,
    printer: &Printer,
) -> Outcome {
    let mut bundle = read(file)?;
    let to = to.unwrap_or(file);
    let mut log = Log::open(directory)?;
    if !is_logged(&log, &bundle)? {
        let key = key.ok_or_else(|| {
            Failure::input(
                "log-key-missing",
                "the log does not hold this envelope with all its signatures yet",
                "name the log's private key with --log-key, and it is appended",
            )
        })?;
        prove(&mut log, signers::open(key)?.as_ref(), &mut bundle)?;
    }
    let logged = cosigned(&mut log, witnesses, &mut bundle, (directory, to), printer)?;
    write(to, &bundle)?;
    let index = bundle.log.as_ref().map(|log| log.proof.index);
    let (origin, size) = (log.key().name().clone(), log.size());
    printer.data(
        || {
            let index = index.unwrap_or_default();
            format!(
                "logged     {origin} #{index} of {size}\nbundle     {}",
                to.display()
            )
        },
        || json!({ "origin": origin.as_str(), "log_index": index, "size": size, "bundle": to }),
    );
    logged.complete(Exit::Done)
}

/// Whether the entry that the bundle names stands in this log, with every signature of the envelope.
fn is_logged(log: &Log, bundle: &Bundle) -> Result<bool, Failure> {
    let Some(evidence) = &bundle.log else {
        return Ok(false);
    };
    let entry = leaf(&bundle.envelope, &evidence.signers);
    let (Some(entry), true) = (entry, evidence.signers == signers_of(bundle)) else {
        return Ok(false);
    };
    if evidence.proof.index >= log.size() {
        return Ok(false);
    }
    let proof = log.prove(evidence.proof.index)?;
    let checkpoint = VerifiedCheckpoint::open(&proof.checkpoint, log.key()).map_err(|error| {
        let hint = "look into the log: proofmark log fsck";
        Failure::environment("log-checkpoint", chain(&error), hint)
    })?;
    let head = checkpoint.checkpoint();
    let hash = leaf_hash(&entry);
    Ok(verify_inclusion(&hash, proof.index, head.size(), &proof.path, head.root()).is_ok())
}

/// Asks the witnesses, if there are any, and brings the proof up to the last checkpoint. What does not come is said
/// once the bundle is safe.
fn cosigned(
    log: &mut Log,
    witnesses: &Witnesses,
    bundle: &mut Bundle,
    (directory, file): (&Path, &Path),
    printer: &Printer,
) -> Result<Logged, Failure> {
    let missing = witnessed(log, witnesses, printer)?.map(|missing| {
        Failure::environment(
            "witness-quorum",
            missing,
            format!(
                "the outcome is logged; ask again: proofmark bundle log {} --log {} --witness …",
                file.display(),
                directory.display()
            ),
        )
    });
    prove_again(log, bundle)?;
    Ok(Logged(missing))
}

fn signers_of(bundle: &Bundle) -> Vec<KeyId> {
    let signatures = bundle.envelope.signatures().iter();
    signatures
        .filter_map(|signature| signature.key_id)
        .collect()
}

/// Logs the envelope, and puts the proof into the bundle.
pub(crate) fn prove(
    log: &mut Log,
    signer: &dyn Signer,
    bundle: &mut Bundle,
) -> Result<(), Failure> {
    let signers = signers_of(bundle);
    let entry = leaf(&bundle.envelope, &signers).expect("the signers are the envelope's own");
    let proofs = log.append_and_prove(&[entry], signer)?;
    let proof = proofs.into_iter().next().expect("one entry, one proof");
    bundle.log = Some(LogEvidence { signers, proof });
    Ok(())
}

/// The proof anew, up to the last checkpoint with the cosignatures that have come.
pub(crate) fn prove_again(log: &Log, bundle: &mut Bundle) -> Result<(), Failure> {
    if let Some(evidence) = &mut bundle.log {
        evidence.proof = log.prove(evidence.proof.index)?;
    }
    Ok(())
}
