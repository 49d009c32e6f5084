//! The process that guests run in, and the one that compiles them.
//!
//! Both are the same binary as the caller, started again with one hidden argument: it holds no key,
//! no environment and no open file but one socket, locks itself down before it reads a byte that a
//! stranger wrote, and then answers requests. Whatever comes back out of it is untrusted input.
//!
//! | module | which side | what |
//! |---|---|---|
//! | [`protocol`] | both | requests and responses |
//! | `channel` | both | frames and file descriptors over a socket |
//! | [`sandbox`] | child | what the child gives up |
//! | [`serve`] | child | the loop that answers |
//! | `process` | parent | start, ask with a budget, kill |
//! | `pool` | parent | idle workers for the next run |

mod channel;
pub(crate) mod pool;
pub mod process;
pub mod protocol;
pub mod sandbox;
pub mod serve;

pub use process::WorkerCommand;
pub use sandbox::{Isolation, IsolationReport, Measure};
