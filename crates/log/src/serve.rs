//! HTTP servers with limits: of a log's public files, and of a witness.

mod files;
mod server;
#[cfg(test)]
mod tests;
mod witness;

pub use files::log_routes;
pub use server::{ServeLimits, serve};
pub use witness::{Clock, witness_routes};
