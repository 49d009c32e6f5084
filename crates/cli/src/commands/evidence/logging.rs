//! Putting a signed outcome into a log, and its proof into the bundle.

use std::path::Path;

use proofmark_attestation::bundle::LogEvidence;
use proofmark_attestation::{Bundle, leaf};
use proofmark_keys::Signer;
use proofmark_log::Log;
use proofmark_tlog::{TlogProof, VerifiedCheckpoint, leaf_hash};
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

    /// Logs the bundle with all the signatures that it has, unless that was done, and asks the witnesses. The log is open
    /// only for this: other engines write to it as well. An old proof stays in the bundle until there is a better
    /// one; without one the bundle is in its file as soon as it is in the log.
    ///
    /// Gives what is still missing when all that is done: cosignatures.
    fn append(
        &self,
        bundle: &mut Bundle,
        file: &Path,
        renew: bool,
        printer: &Printer,
    ) -> Result<Option<Failure>, Failure> {
        let mut log = Log::open(self.directory)?;
        let old = bundle.log.take();
        let known = old.as_ref().filter(|old| is_logged(&log, bundle, old));
        let old = old.as_ref().filter(|old| is_honest(&log, bundle, old));
        let new = match (known, &self.signer) {
            (Some(known), _) => again(&log, known)?,
            (None, Some(_)) if !renew && is_proven(bundle, old) => return Err(elsewhere(old)),
            (None, Some(signer)) => prove(&mut log, signer.as_ref(), bundle)?,
            (None, None) => return Err(unlogged()),
        };
        bundle.log = Some(old.unwrap_or(&new).clone());
        write(file, bundle)?;
        let missing = witnessed(&mut log, self.witnesses, printer)?;
        let new = again(&log, &new)?;
        match old.filter(|old| !self.replaces(&log, &new, old, renew, missing.is_none())) {
            Some(old) if *old != new => printer.note(format!(
                "the bundle keeps its old log proof, with {}; the new one has {}",
                described(old),
                described(&new)
            )),
            Some(_) => {}
            None => {
                bundle.log = Some(new.clone());
                write(file, bundle)?;
            }
        }
        let covered = bundle
            .log
            .as_ref()
            .is_some_and(|log| log.signers == new.signers);
        Ok(missing.map(|missing| self.unwitnessed(missing, file, covered)))
    }

    /// Whether a new proof takes the place of an old one. Nothing brings back the time at which witnesses saw an old
    /// checkpoint, so of equals the old one stays; but a proof of all the signatures that has the witnesses that were
    /// asked for is worth more than one of some of them.
    fn replaces(
        &self,
        log: &Log,
        new: &LogEvidence,
        old: &LogEvidence,
        renew: bool,
        complete: bool,
    ) -> bool {
        if renew {
            return complete;
        }
        let covers = old.signers.iter().all(|key| new.signers.contains(key));
        let more = covers && new.signers.len() > old.signers.len();
        let asked = !self.witnesses.witnesses.is_empty();
        if more && asked {
            return complete;
        }
        let (new, old) = (self.seen(log, new), self.seen(log, old));
        covers && (new > old || (new == old && more))
    }

    /// By how many of the witnesses that were asked, or that are said to be there if none was.
    fn seen(&self, log: &Log, evidence: &LogEvidence) -> usize {
        if self.witnesses.witnesses.is_empty() {
            return cosignatures(evidence);
        }
        let keys = self.witnesses.witnesses.iter();
        let keys: Vec<_> = keys.map(|witness| &witness.key).collect();
        let checkpoint = VerifiedCheckpoint::open(&evidence.proof.checkpoint, log.key());
        let cosignatures = checkpoint.map(|checkpoint| checkpoint.cosignatures(&keys));
        cosignatures.map_or(0, |found| found.map_or(0, |found| found.len()))
    }

    fn unwitnessed(&self, missing: String, file: &Path, covered: bool) -> Failure {
        let (file, log) = (file.display(), self.directory.display());
        let key = if covered { "" } else { " --log-key KEY" };
        let hint = format!(
            "the outcome is logged; ask again: proofmark bundle log {file} --log {log}{key} --witness …"
        );
        Failure::environment("witness-quorum", missing, hint)
    }
}

fn described(evidence: &LogEvidence) -> String {
    format!(
        "{} cosignature(s) over {} signature(s)",
        cosignatures(evidence),
        evidence.signers.len()
    )
}

fn two_roles(what: &str) -> Failure {
    let hint = "make a second key: proofmark key new";
    Failure::input("key-in-two-roles", what, hint)
}

fn unlogged() -> Failure {
    Failure::input(
        "log-key-missing",
        "the proof in the bundle is not of all its signatures, so they are logged anew",
        "name the log's private key with --log-key",
    )
}

/// Whether there is a proof of all the signatures, from whichever log.
fn is_proven(bundle: &Bundle, old: Option<&LogEvidence>) -> bool {
    old.is_some_and(|old| old.signers == bundle.envelope.key_ids())
}

fn elsewhere(old: Option<&LogEvidence>) -> Failure {
    let log = old.map_or("another log", origin);
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
    let all = evidence.signers == bundle.envelope.key_ids();
    let proof = log.prove(evidence.proof.index);
    all && proof.is_ok_and(|proof| holds(log, bundle, evidence, &proof))
}

/// A proof that is said to be of this log, and is not, is none: whoever sent the bundle may have made it up. One of
/// another log cannot be judged here.
fn is_honest(log: &Log, bundle: &Bundle, evidence: &LogEvidence) -> bool {
    origin(evidence) != log.key().name().as_str() || holds(log, bundle, evidence, &evidence.proof)
}

fn holds(log: &Log, bundle: &Bundle, evidence: &LogEvidence, proof: &TlogProof) -> bool {
    leaf(&bundle.envelope, &evidence.signers)
        .is_some_and(|entry| proof.verify(&leaf_hash(&entry), log.key()).is_ok())
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
