//! Signatures of an engine: over the outcome, and over the receipt.

use std::time::Duration;

use proofmark_attestation::Bundle;
use proofmark_attestation::bundle::MAX_RECEIPTS;
use proofmark_attestation::statement::receipt::{
    EngineId, HostId, ReceiptPredicate, RunKind, RunReceipt, RunUsage,
};
use proofmark_attestation::statement::{BuildError, DigestSet, ValidatedOutcome};
use proofmark_core::{Digester, Timestamp};
use proofmark_engine::judge::Judgement;
use proofmark_keys::{SignError, Signer};

use crate::args::Signing;
use crate::failure::{Failure, chain};
use crate::signers;

/// The signers that the options name, opened before any work is done.
pub(super) struct Signers {
    pub(super) outcome: Box<dyn Signer>,
    receipt: Option<(Box<dyn Signer>, EngineId)>,
}

impl Signers {
    pub(super) fn open(signing: &Signing) -> Result<Self, Failure> {
        let outcome = signers::open(&signing.key)?;
        let receipt = match (&signing.receipt_key, &signing.engine) {
            (Some(key), Some(engine)) => Some((signers::open(key)?, engine_id(engine)?)),
            _ => None,
        };
        if let Some((receipt, _)) = &receipt
            && receipt.public_key() == outcome.public_key()
        {
            return Err(Failure::input(
                "key-in-two-roles",
                "one key cannot sign outcomes and receipts",
                "make a second key: proofmark key new",
            ));
        }
        Ok(Self { outcome, receipt })
    }

    /// Adds the receipt of a run, if one was asked for.
    pub(super) fn receipt(
        &self,
        bundle: &mut Bundle,
        outcome: &ValidatedOutcome,
        kind: RunKind,
        run: &RunTimes,
        judgement: &Judgement,
    ) -> Result<(), Failure> {
        let Some((signer, engine)) = &self.receipt else {
            return Ok(());
        };
        if bundle.receipts.len() >= MAX_RECEIPTS {
            return Err(Failure::input(
                "too-many-receipts",
                format!("the bundle has {MAX_RECEIPTS} receipts already"),
                "cosign without a receipt key",
            ));
        }
        let predicate = ReceiptPredicate {
            kind,
            engine: engine.clone(),
            host: host(),
            outcome_digest: DigestSet(outcome.outcome_digest()),
            started_at: run.started_at,
            finished_at: run.finished_at,
            usage: usage(run.wall, judgement),
        };
        let receipt = RunReceipt::new(outcome, predicate).map_err(|error| {
            Failure::input(
                "receipt-not-canonical",
                chain(&error),
                "report this as a bug",
            )
        })?;
        bundle
            .receipts
            .push(receipt.sign(signer.as_ref()).map_err(|e| unsigned(&e))?);
        Ok(())
    }
}

/// When a run began and ended.
pub(super) struct RunTimes {
    pub(super) started_at: Timestamp,
    pub(super) finished_at: Timestamp,
    pub(super) wall: Duration,
}

impl RunTimes {
    /// Times a run.
    pub(super) fn of<T>(run: impl FnOnce() -> Result<T, Failure>) -> Result<(T, Self), Failure> {
        let (started_at, started) = (super::now(), std::time::Instant::now());
        let done = run()?;
        let wall = started.elapsed();
        // A clock that is set back during the run must not make a receipt that nobody accepts.
        let finished_at = super::now().max(started_at);
        Ok((
            done,
            Self {
                started_at,
                finished_at,
                wall,
            },
        ))
    }
}

fn usage(wall: Duration, judgement: &Judgement) -> RunUsage {
    let runs = judgement.runs.iter().map(|run| &run.usage);
    RunUsage {
        wall_micros: u64::try_from(wall.as_micros()).unwrap_or(u64::MAX),
        memory_bytes: runs
            .clone()
            .map(|usage| usage.memory_bytes)
            .max()
            .unwrap_or_default(),
        read_bytes: runs
            .map(|usage| usage.read_bytes)
            .fold(0, u64::saturating_add),
    }
}

fn host() -> HostId {
    let term = |text: &str| {
        text.parse()
            .expect("Rust names its targets in plain letters")
    };
    HostId {
        arch: term(std::env::consts::ARCH),
        os: term(std::env::consts::OS),
    }
}

fn engine_id(
    engine: &proofmark_attestation::statement::binding::Term,
) -> Result<EngineId, Failure> {
    let program = std::path::Path::new("/proc/self/exe");
    let mut digester = Digester::new();
    std::fs::File::open(program)
        .and_then(|mut file| std::io::copy(&mut file, &mut digester))
        .map_err(|error| Failure::unreadable(program, &error))?;
    Ok(EngineId {
        id: engine.clone(),
        version: env!("CARGO_PKG_VERSION")
            .parse()
            .expect("a version is a plain word"),
        build_digest: DigestSet(digester.finish()),
    })
}

pub(crate) fn unsigned(error: &SignError) -> Failure {
    let (code, hint) = match error {
        SignError::TooLong(_) => ("statement-too-long", "shorten the names in the binding"),
        SignError::Invalid => (
            "signer-broken",
            "the signer gave a wrong signature: do not use it until you know why",
        ),
        SignError::Unavailable(_) => ("signer-unavailable", "check the signer, and try again"),
    };
    match error {
        SignError::TooLong(_) => Failure::input(code, chain(error), hint),
        _ => Failure::environment(code, chain(error), hint),
    }
}

pub(crate) fn not_built(error: &BuildError) -> Failure {
    let hint = match error {
        BuildError::Criteria { .. } | BuildError::Submission { .. } => {
            "judge the work again with these criteria"
        }
        BuildError::NotDeterministic(_) => {
            "the validator's author must mend it: such a verdict is never signed"
        }
        BuildError::TooLong(_) => "shorten the names in the binding",
        BuildError::Canonical(_) => "report this as a bug",
    };
    Failure::input(error.code(), chain(error), hint)
}
