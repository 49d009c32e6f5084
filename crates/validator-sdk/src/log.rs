//! Diagnostics for the author of a validator: bounded, deterministic, not part of the verdict (their
//! digest is part of the record).

use crate::host;

pub use crate::bindings::proofmark::validator::log::Level;

/// Writes one line. More than the criteria's log limits allow ends the run with a fault.
pub fn write(level: Level, message: &str) {
    host::log(level, message);
}

/// Writes one line at level `debug`.
pub fn debug(message: &str) {
    write(Level::Debug, message);
}

/// Writes one line at level `info`.
pub fn info(message: &str) {
    write(Level::Info, message);
}

/// Writes one line at level `warn`.
pub fn warn(message: &str) {
    write(Level::Warn, message);
}

/// Writes one line at level `error`.
pub fn error(message: &str) {
    write(Level::Error, message);
}

/// Formats and writes one line: `log!(Info, "read {} rows", rows)`.
#[macro_export]
macro_rules! log {
    ($level:ident, $($format:tt)+) => {
        $crate::log::write($crate::log::Level::$level, &::std::format!($($format)+))
    };
}
