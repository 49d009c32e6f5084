//! Putting a signed outcome into a log, and its proof into the bundle.

use std::path::PathBuf;
use std::time::Duration;

use proofmark_attestation::bundle::LogEvidence;
use proofmark_attestation::{Bundle, leaf};
use proofmark_keys::Signer;
use proofmark_log::Log;

use crate::args::{Logging, Witnesses};
use crate::failure::{Failure, chain};
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
    /// this: other engines write to it as well. That a witness does not answer is a warning: the outcome
    /// is logged, and the policy of whoever verifies says how many are enough.
    pub(super) fn append(&self, bundle: &mut Bundle, printer: &Printer) -> Result<(), Failure> {
        let mut log = Log::open(&self.directory)?;
        prove(&mut log, self.signer.as_ref(), bundle)?;
        if self.witnesses.witnesses.is_empty() {
            return Ok(());
        }
        let timeout = Duration::from_secs(self.witnesses.timeout);
        let witnessed = log.collect_cosignatures(&self.witnesses.witnesses, timeout)?;
        for failure in &witnessed.failures {
            printer.warn(format!("{} [{}]", chain(failure), failure.code()));
        }
        prove_again(&log, bundle)
    }
}

/// Logs the envelope, and puts the proof into the bundle.
pub(crate) fn prove(
    log: &mut Log,
    signer: &dyn Signer,
    bundle: &mut Bundle,
) -> Result<(), Failure> {
    let signatures = bundle.envelope.signatures().iter();
    let signers: Vec<_> = signatures
        .filter_map(|signature| signature.key_id)
        .collect();
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
