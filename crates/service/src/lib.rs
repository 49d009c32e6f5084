//! A market that runs: commands are obeyed in the order in which they come, and acknowledged when they and all that
//! followed from them are durable.
//!
//! In scope: the one writer of a market, starting it from its record, ticks when deadlines have passed, the audit of a
//! record, and its copy. Out of scope: deciding (`proofmark-market`), keeping (`proofmark-storage`). The clock is an argument.

mod audit;
mod clock;
mod consequences;
mod copy;
mod recorder;
mod start;
mod ticks;
mod writer;

pub use audit::{Audit, Counts, Finding, audit};
pub use clock::Clock;
pub use copy::copy;
pub use recorder::{Recorder, Refused};
pub use start::{StartError, found};
pub use ticks::Ticker;
