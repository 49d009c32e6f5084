//! Where the record of a market is.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

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
    let hint = "name the directory of the market, and a record elsewhere with --store ADDRESS; only `serve --new` begins an empty one";
    Failure::input("no-record", why, hint)
}

/// When it is over, what still blocks (a disk, a host that falls silent) is waited for so long, and left.
const LAST: Duration = Duration::from_secs(3);

/// Waits for something on threads of its own.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| {
        let hint = "the system starts no threads, or has no files left";
        Failure::environment("no-threads", error, hint)
    })?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LAST);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_blocks_is_not_waited_for_without_end() {
        let (_never, hangs) = std::sync::mpsc::channel::<()>();
        let (told, heard) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let done = block_on(async {
                let _hangs = tokio::task::spawn_blocking(move || hangs.recv());
                // So that it has begun.
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok(())
            });
            told.send(done.is_ok())
        });
        assert_eq!(heard.recv_timeout(LAST * 3), Ok(true));
    }
}
