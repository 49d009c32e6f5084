//! A market that runs: commands are obeyed in the order in which they come, and acknowledged when they and all that
//! followed from them are durable.
//!
//! In scope: the one writer of a market, starting it from its record, ticks when deadlines have passed, runs that wait
//! for those who judge, the log of verdicts, where these stand in the record, the audit of record and log, and its copy.
//! Out of scope: deciding (`proofmark-market`), keeping (`proofmark-storage`, `proofmark-log`). The clock is an argument.

mod appender;
mod audit;
mod clock;
mod consequences;
mod copy;
mod keys;
mod logbook;
mod papers;
mod recorder;
mod runs;
mod start;
mod ticks;
mod together;
mod writer;

pub use audit::{Audit, AuditedLog, Counts, Finding, audit};
pub use clock::Clock;
pub use copy::copy;
pub use logbook::{LogSetup, Logbook, LogbookError, Logger, is_log};
pub use papers::{Papers, Presented, attachment};
pub use recorder::{Recorder, Refused};
pub use runs::{Answer, HOLD_SECONDS, Hold, MAX_PUT_OFF_SECONDS, Runs, RunsError};
pub use start::{StartError, found};
pub use ticks::Ticker;
