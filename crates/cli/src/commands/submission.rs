//! `proofmark submission …`

use std::path::Path;

use proofmark_criteria::submission::{MAX_MANIFEST_BYTES, Manifest, SubmissionLimits};
use proofmark_engine::intake::{self, Submission as Read};

use super::{Outcome, read_document};
use crate::args::Submission;
use crate::failure::{Exit, Failure};
use crate::printer::{FAINT, Printer, paint};
use crate::progress;

pub(crate) fn run(command: &Submission, printer: &Printer) -> Outcome {
    let Submission::Manifest { directory } = command;
    let submission = read(directory, None)?;
    // The canonical bytes themselves, whatever the format: their digest is the identity.
    printer.bytes(submission.manifest.canonical_bytes());
    printer.note(paint(FAINT, submission.manifest.digest()));
    Ok(Exit::Done)
}

/// Read a directory, or the files of a manifest below it, with a progress bar.
pub(crate) fn read(work: &Path, manifest: Option<&Path>) -> Result<Read, Failure> {
    let limits = SubmissionLimits::default();
    let bar = progress::hashing();
    let progress = |bytes| bar.inc(bytes);
    let read = match manifest {
        None => intake::directory(work, &limits, &progress),
        Some(file) => {
            let bytes = read_document(file, MAX_MANIFEST_BYTES)?;
            let manifest = Manifest::parse(&bytes, &limits)
                .map_err(|error| Failure::from(vec![error.into()]).about(file.display()))?;
            intake::manifest(&manifest, work, &limits, &progress)
        }
    };
    bar.finish_and_clear();
    Ok(read?)
}
