//! `proofmark policy export`

use std::path::Path;

use proofmark_core::Timestamp;
use proofmark_trust::{Role, export};

use super::file;
use crate::args::FormatArg;
use crate::commands::Outcome;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

/// The text as another tool reads it, whatever `--output` says.
pub(super) fn run(
    path: &Path,
    format: FormatArg,
    role: Role,
    now: Timestamp,
    printer: &Printer,
) -> Outcome {
    let policy = file::read(path)?.policy;
    let text = match format {
        FormatArg::Jwks => format!("{:#}\n", export::jwks(&policy, role)),
        FormatArg::Pem => export::pem(&policy, role),
        FormatArg::AllowedSigners => export::allowed_signers(&policy, role),
        FormatArg::TlogPolicy => export::tlog_policy(&policy, now).map_err(|error| {
            let hint = "too few witnesses count now for the quorum: proofmark policy show";
            Failure::input(error.code(), error, hint).about(path.display())
        })?,
    };
    printer.bytes(text.as_bytes());
    Ok(Exit::Done)
}
