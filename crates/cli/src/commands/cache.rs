//! `proofmark cache …`

use proofmark_engine::cache::{Cache as Store, CacheStatus};
use serde_json::json;

use super::Outcome;
use crate::args::{Cache, Global};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::setup;

pub(crate) fn run(command: &Cache, global: &Global, printer: &Printer) -> Outcome {
    let directory = setup::cache_directory(global).ok_or_else(|| {
        Failure::input(
            "no-cache",
            "there is no cache",
            "name one with --cache, or set HOME or XDG_CACHE_HOME",
        )
    })?;
    let store = Store::open(&directory)?;
    let failed = |error: std::io::Error| Failure::unwritable(&directory, &error);
    let (word, status) = match command {
        Cache::Status => ("holds", store.status().map_err(failed)?),
        Cache::Clear => ("cleared", store.clear().map_err(failed)?),
    };
    let CacheStatus {
        entries,
        size_bytes,
    } = status;
    printer.data(
        || {
            format!(
                "{} {word} {entries} compiled validators, {size_bytes} bytes",
                directory.display()
            )
        },
        || json!({ "directory": directory, "entries": entries, "size_bytes": size_bytes }),
    );
    Ok(Exit::Done)
}
