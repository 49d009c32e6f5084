//! `proofmark validator build`

use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::Outcome;
use super::component::{self, Component};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::render::number::grouped;

pub(super) fn run(directory: &Path, to: Option<&Path>, printer: &Printer) -> Outcome {
    let built = component::build(directory, printer)?;
    let path = to.map_or_else(|| beside(directory, &built), Path::to_owned);
    std::fs::write(&path, &built.bytes).map_err(|error| Failure::unwritable(&path, &error))?;
    let (size, digest) = (built.bytes.len() as u64, built.digest());
    printer.data(
        || format!("{}\n{digest}\n{} bytes", path.display(), grouped(size)),
        || json!({ "path": path, "digest": digest.to_string(), "size_bytes": size }),
    );
    Ok(Exit::Done)
}

fn beside(directory: &Path, built: &Component) -> PathBuf {
    directory.join(format!("{}.wasm", built.name))
}
