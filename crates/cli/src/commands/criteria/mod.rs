//! `proofmark criteria …`

mod init;
mod lock;
mod resolve;
mod show;

use std::path::{Path, PathBuf};

use proofmark_core::canonical::ParseLimits;
use proofmark_criteria::document::Criteria as Locked;
use proofmark_criteria::{Draft, lint};

use super::{Outcome, read_document};
use crate::args::{Criteria, Global};
use crate::failure::{Exit, Failure};
use crate::printer::{GOOD, Printer, paint};

pub(crate) fn run(command: &Criteria, global: &Global, printer: &Printer) -> Outcome {
    match command {
        Criteria::Init { file, validator } => init::run(file, validator, printer),
        Criteria::Lock { file, to, replace } => {
            lock::run(file, to.as_deref(), *replace, global, printer)
        }
        Criteria::Lint { file, blobs } => check(file, blobs, global, printer),
        Criteria::Show { file } => show::run(file, printer),
    }
}

/// A document in one of its two forms.
enum Form {
    Written(Draft),
    Frozen(Box<Locked>),
}

/// `proofmark criteria lint`: everything that `lock` would say, without writing anything; of a frozen
/// document also whether it says of its validators what they say themselves.
fn check(file: &Path, blobs: &[PathBuf], global: &Global, printer: &Printer) -> Outcome {
    let sentence = match read(file)? {
        Form::Written(draft) => {
            let criteria = lock::freeze(&draft, file, global, printer)?.criteria;
            format!("can be frozen as {}", criteria.digest())
        }
        Form::Frozen(criteria) => {
            lock::confirm(&criteria, file, blobs, global, printer)?;
            format!("is frozen as {}", criteria.digest())
        }
    };
    printer.data(
        || format!("{} {} {sentence}", paint(GOOD, "ok"), file.display()),
        || serde_json::json!({ "problems": [], "file": file }),
    );
    Ok(Exit::Done)
}

/// A frozen document names its schema; anything else is a draft.
fn read(file: &Path) -> Result<Form, Failure> {
    let bytes = read_document(file, ParseLimits::DOCUMENT.max_bytes)?;
    if file.extension().is_some_and(|suffix| suffix == "json") && names_schema(&bytes) {
        let locked = Locked::parse(&bytes)
            .map_err(|problems| Failure::from(problems).about(file.display()))?;
        return Ok(Form::Frozen(Box::new(locked)));
    }
    draft(file, &bytes).map(Form::Written)
}

fn names_schema(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes)
        .is_ok_and(|value| value.get("schema").is_some())
}

/// Read a document as it was written, and say everything that is wrong with it.
fn draft(file: &Path, bytes: &[u8]) -> Result<Draft, Failure> {
    let about =
        |problems: Vec<proofmark_core::Problem>| Failure::from(problems).about(file.display());
    let draft = if file.extension().is_some_and(|suffix| suffix == "json") {
        Draft::from_json(bytes)
    } else {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            Failure::input("not-utf8", "the document is not UTF-8", "save it as UTF-8")
                .about(file.display())
        })?;
        Draft::from_toml(text)
    };
    let draft = draft.map_err(about)?;
    let problems = lint::draft(&draft);
    if problems.is_empty() {
        Ok(draft)
    } else {
        Err(about(problems))
    }
}
