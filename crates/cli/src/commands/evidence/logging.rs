//! Putting a signed outcome into a log, and its proof into the bundle.

use std::path::Path;

use proofmark_attestation::bundle::LogEvidence;
use proofmark_attestation::{Bundle, leaf};
use proofmark_keys::Signer;
use proofmark_log::Log;
use proofmark_tlog::{VerifiedCheckpoint, leaf_hash, verify_inclusion};
use serde_json::json;

use super::{read, write};
use crate::args::{LogInto, Logging, Witnesses};
use crate::commands::Outcome;
use crate::commands::log::{meetable, witnessed};
use crate::failure::{Exit, Failure};
use crate::files::{vacant, writable};
use crate::printer::Printer;
use crate::signers;

/// A log to write to, its signer opened before any work is done.
pub(super) struct Writer<'o> {
    directory: &'o Path,
    signer: Option<Box<dyn Signer>>,
    witnesses: &'o Witnesses,
}

impl<'o> Writer<'o> {
    /// The log that the options name, if they name one. `outcome` is the key that signs outcomes.
    pub(super) fn open(
        logging: &'o Logging,
        outcome: &dyn Signer,
    ) -> Result<Option<Self>, Failure> {
        let (Some(directory), Some(key)) = (&logging.log, &logging.log_key) else {
            return match logging.witnesses.witnesses.is_empty() {
                true => Ok(None),
                false => Err(Failure::input(
                    "log-not-named",
                    "there is nothing for the witnesses to cosign",
                    "name the log with --log and --log-key",
                )),
            };
        };
        let writer = Self::at(directory, Some(key), &logging.witnesses)?;
        let same = |signer: &dyn Signer| signer.public_key() == outcome.public_key();
        match writer.signer.as_deref().is_some_and(same) {
            true => Err(two_roles("one key cannot sign outcomes and the log")),
            false => Ok(Some(writer)),
        }
    }

    fn at(
        directory: &'o Path,
        key: Option<&String>,
        witnesses: &'o Witnesses,
    ) -> Result<Self, Failure> {
        Log::key_in(directory)?;
        meetable(witnesses)?;
        let signer = key.map(|key| signers::open(key)).transpose()?;
        Ok(Self {
            directory,
            signer,
            witnesses,
        })
    }

    /// Logs the bundle with all the signatures that it has, unless that was done, and asks the witnesses. The bundle is
    /// in its file as soon as it is in the log, and holds the better of its old proof and the new one (see
    /// [`is_better`]). The log is open only for this: other engines write to it as well.
    ///
    /// Gives what is still missing when all that is done: cosignatures.
    fn append(
        &self,
        bundle: &mut Bundle,
        file: &Path,
        renew: bool,
        printer: &Printer,
    ) -> Result<Option<Failure>, Failure> {
        let old = bundle.log.take();
        let mut log = Log::open(self.directory)?;
        let known = old.as_ref().filter(|old| is_logged(&log, bundle, old));
        let mut new = match (known, &self.signer) {
            (Some(known), _) => again(&log, known)?,
            (None, Some(_)) if !renew && is_proven(bundle, &old) => return Err(elsewhere(&old)),
            (None, Some(signer)) => prove(&mut log, signer.as_ref(), bundle)?,
            (None, None) => return Err(unlogged()),
        };
        bundle.log = Some(better(&old, &new, renew).clone());
        write(file, bundle)?;
        let missing = witnessed(&mut log, self.witnesses, printer)?;
        new = again(&log, &new)?;
        let best = better(&old, &new, renew);
        if *best != new {
            printer.note(KEPT);
        }
        bundle.log = Some(best.clone());
        write(file, bundle)?;
        Ok(missing.map(|missing| {
            let (file, log) = (file.display(), self.directory.display());
            let hint = format!(
                "the outcome is logged; ask again: proofmark bundle log {file} --log {log} --witness …"
            );
            Failure::environment("witness-quorum", missing, hint)
        }))
    }
}

const KEPT: &str = "the bundle keeps its old log proof, which proves as much and is older; --renew takes the new one";

fn two_roles(what: &str) -> Failure {
    let hint = "make a second key: proofmark key new";
    Failure::input("key-in-two-roles", what, hint)
}

fn unlogged() -> Failure {
    Failure::input(
        "log-key-missing",
        "the log does not hold this envelope with all its signatures yet",
        "name the log's private key with --log-key, and it is appended",
    )
}

/// Whether there is a proof of all the signatures, from whichever log.
fn is_proven(bundle: &Bundle, old: &Option<LogEvidence>) -> bool {
    old.as_ref()
        .is_some_and(|old| old.signers == bundle.envelope.key_ids())
}

fn elsewhere(old: &Option<LogEvidence>) -> Failure {
    let log = old.as_ref().map_or("another log", origin);
    Failure::input(
        "logged-elsewhere",
        format!(
            "the bundle has a proof of all its signatures, of {log}, and it is not in this log"
        ),
        "leave it; or log it here as well, and take that proof: proofmark bundle log --renew",
    )
}

/// Logs the bundle if that was asked for; else only writes it.
pub(super) fn append(
    log: Option<&Writer<'_>>,
    bundle: &mut Bundle,
    file: &Path,
    printer: &Printer,
) -> Result<Option<Failure>, Failure> {
    match log {
        Some(log) => log.append(bundle, file, false, printer),
        None => write(file, bundle).map(|()| None),
    }
}

/// `proofmark bundle log`
pub(super) fn run(
    file: &Path,
    logging: &LogInto,
    to: Option<&Path>,
    renew: bool,
    printer: &Printer,
) -> Outcome {
    match to {
        Some(to) => vacant(to, "--to")?,
        None => writable(file)?,
    }
    let mut bundle = read(file)?;
    let to = to.unwrap_or(file);
    let writer = Writer::at(&logging.log, logging.log_key.as_ref(), &logging.witnesses)?;
    let missing = writer.append(&mut bundle, to, renew, printer)?;
    let evidence = bundle.log.as_ref().expect("it was just logged");
    let (origin, index) = (origin(evidence), evidence.proof.index);
    let cosignatures = cosignatures(evidence);
    printer.partly(
        missing,
        Exit::Done,
        || {
            format!(
                "logged     {origin} #{index}, {cosignatures} cosignature(s)\nbundle     {}",
                to.display()
            )
        },
        || json!({ "origin": origin, "log_index": index, "cosignatures": cosignatures, "bundle": to }),
    )
}

/// Of two proofs the one that proves more, and of equals the older one: nothing brings back the time at which
/// witnesses saw an old checkpoint.
fn better<'e>(old: &'e Option<LogEvidence>, new: &'e LogEvidence, renew: bool) -> &'e LogEvidence {
    match old {
        Some(old) if !renew && !is_better(new, old) => old,
        _ => new,
    }
}

/// Of the same log, and with more cosignatures; or with as many, and of more signatures.
fn is_better(new: &LogEvidence, old: &LogEvidence) -> bool {
    let (new_signers, old_signers) = (&new.signers, &old.signers);
    let covers =
        origin(new) == origin(old) && old_signers.iter().all(|key| new_signers.contains(key));
    let more = covers && new_signers.len() > old_signers.len();
    match cosignatures(new).cmp(&cosignatures(old)) {
        std::cmp::Ordering::Greater => covers,
        std::cmp::Ordering::Equal => more,
        std::cmp::Ordering::Less => false,
    }
}

/// How many signatures there are on the checkpoint beside the log's own. None of them was tried.
fn cosignatures(evidence: &LogEvidence) -> usize {
    evidence
        .proof
        .checkpoint
        .signatures()
        .len()
        .saturating_sub(1)
}

/// The name of the log, as its checkpoint has it.
pub(super) fn origin(evidence: &LogEvidence) -> &str {
    let text = evidence.proof.checkpoint.text();
    text.lines().next().unwrap_or_default()
}

/// Whether the entry of this proof stands in this log, with every signature of the envelope.
fn is_logged(log: &Log, bundle: &Bundle, evidence: &LogEvidence) -> bool {
    let signers = bundle.envelope.key_ids();
    let entry = leaf(&bundle.envelope, &signers).filter(|_| signers == evidence.signers);
    let proof = log.prove(evidence.proof.index).ok();
    let (Some(entry), Some(proof)) = (entry, proof) else {
        return false;
    };
    let checkpoint = VerifiedCheckpoint::open(&proof.checkpoint, log.key());
    checkpoint.is_ok_and(|checkpoint| {
        let head = checkpoint.checkpoint();
        let hash = leaf_hash(&entry);
        verify_inclusion(&hash, proof.index, head.size(), &proof.path, head.root()).is_ok()
    })
}

/// Logs the envelope with all its signatures, and proves it.
pub(crate) fn prove(
    log: &mut Log,
    signer: &dyn Signer,
    bundle: &Bundle,
) -> Result<LogEvidence, Failure> {
    let signers = bundle.envelope.key_ids();
    let entry = leaf(&bundle.envelope, &signers).ok_or_else(|| {
        Failure::input(
            "no-key-id",
            "no signature of the bundle says whose it is, so nothing can be logged",
            "have an engine sign it: proofmark cosign",
        )
    })?;
    let proofs = log.append_and_prove(&[entry], signer)?;
    let proof = proofs.into_iter().next().expect("one entry, one proof");
    Ok(LogEvidence { signers, proof })
}

/// The proof up to the last checkpoint, with the cosignatures that have come.
pub(crate) fn again(log: &Log, evidence: &LogEvidence) -> Result<LogEvidence, Failure> {
    Ok(LogEvidence {
        signers: evidence.signers.clone(),
        proof: log.prove(evidence.proof.index)?,
    })
}
