//! Where the record of a market is.

use std::future::Future;
use std::path::Path;

use crate::args::Record;
use crate::failure::Failure;

/// Its address, whether anything is there or not.
pub(super) fn address(record: &Record) -> String {
    let Record { directory, store } = record;
    store
        .clone()
        .unwrap_or_else(|| format!("sqlite:{}", directory.join("record.db").display()))
}

/// The address of a record that is there: whoever only reads makes none.
pub(super) fn existing(record: &Record) -> Result<String, Failure> {
    let address = address(record);
    match address.strip_prefix("sqlite:") {
        Some(file) if !Path::new(file).is_file() => Err(no_record(&address)),
        _ => Ok(address),
    }
}

/// A mistyped address must not look like a market that has forgotten everything.
pub(super) fn no_record(address: &str) -> Failure {
    let why = format!("there is no record of a market at {address}");
    let hint = "name the right directory or --store; only `serve --new` begins an empty record";
    Failure::input("no-record", why, hint)
}

/// Waits for something on threads of its own.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        let hint = "the system starts no threads, or has no files left";
        Failure::environment("no-threads", error, hint)
    })?;
    runtime.block_on(work)
}
