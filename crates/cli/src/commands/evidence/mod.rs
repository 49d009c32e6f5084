//! `proofmark attest`, `cosign`, `verify`, `bundle …`: evidence made, joined, checked and shown.

pub(crate) mod attest;
mod conflicts;
pub(crate) mod cosign;
mod export;
pub(crate) mod logging;
mod show;
mod signing;
pub(crate) mod verify;

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use proofmark_attestation::Bundle as Evidence;
use proofmark_attestation::bundle::{BundleError, MAX_BUNDLE_BYTES};
use proofmark_core::Timestamp;

use super::{Outcome, read_document};
use crate::args::Bundle;
use crate::failure::{Failure, chain};
use crate::files::write_atomically;
use crate::printer::Printer;

pub(crate) fn run(command: &Bundle, printer: &Printer) -> Outcome {
    match command {
        Bundle::Show { bundle } => show::run(bundle, printer),
        Bundle::Export {
            bundle,
            format,
            signature,
            verifier,
            at,
        } => export::run(
            bundle,
            *format,
            *signature,
            verifier
                .as_deref()
                .map(|name| (name, at.unwrap_or_else(now))),
            printer,
        ),
        Bundle::Log {
            bundle,
            logging,
            to,
            renew,
        } => logging::run(bundle, logging, to.as_deref(), *renew, printer),
        Bundle::Conflicts {
            bundles,
            policy,
            at,
            proof,
        } => {
            let policy = verify::policy(policy, at.unwrap_or_else(now))?;
            conflicts::run(bundles, &policy, proof.as_deref(), printer)
        }
        Bundle::Fraud { proof } => conflicts::check(proof, printer),
    }
}

/// The machine's clock: the only place where these commands look at it.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let micros = i64::try_from(since.as_micros()).unwrap_or_default();
    Timestamp::from_micros(micros).expect("the clock is not past the year 9999")
}

/// Read a bundle. Nothing of it is verified.
pub(crate) fn read(path: &Path) -> Result<Evidence, Failure> {
    let bytes = read_document(path, MAX_BUNDLE_BYTES)?;
    Evidence::parse(&bytes).map_err(|error| unreadable(&error).about(path.display()))
}

fn unreadable(error: &BundleError) -> Failure {
    let code = match error {
        BundleError::TooLarge => "bundle-too-large",
        BundleError::DuplicateName(_) => "bundle-duplicate-name",
        BundleError::Version => "bundle-version",
        BundleError::Document(..) => "document-mismatch",
        _ => "bundle-malformed",
    };
    Failure::input(
        code,
        chain(error),
        "give a bundle as `proofmark attest` writes it",
    )
}

fn write(path: &Path, bundle: &Evidence) -> Result<(), Failure> {
    write_atomically(path, (bundle.to_json() + "\n").as_bytes())
}
