//! What time it is, from outside.

use proofmark_core::Timestamp;

/// What time it is. It may stand still and go back; the market's own time never does.
pub trait Clock: Send + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
}

impl<F: Fn() -> Timestamp + Send + 'static> Clock for F {
    fn now(&self) -> Timestamp {
        self()
    }
}
