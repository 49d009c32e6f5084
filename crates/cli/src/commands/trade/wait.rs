//! Waiting until something has happened.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::args::At;
use crate::commands::market::client;
use crate::failure::Failure;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// What is there, as soon as it is so.
pub(crate) fn until(
    at: &At,
    path: &str,
    within: u64,
    is_so: impl Fn(&Value) -> bool,
) -> Result<Value, Failure> {
    let begun = Instant::now();
    loop {
        let found = client::get(&at.market, path)?;
        if is_so(&found) {
            return Ok(found);
        }
        if begun.elapsed() >= Duration::from_secs(within) {
            let why = format!("it is {} after {within} s", found["state"]);
            let hint = "wait longer with --within; `contract show` says what it waits for";
            return Err(Failure::environment("waited", why, hint));
        }
        thread::sleep(PAUSE);
    }
}
