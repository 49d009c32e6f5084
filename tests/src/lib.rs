//! What the tests that cross crates share.
//!
//! In scope: engines for tests, forged guests and documents, the function that tries to break out, a
//! worker that fails at everything. Out of scope: the
//! tests themselves, which stand in `tests/tests/`, one file for each promise.

pub mod escape;
pub mod faulty;
pub mod forge;
pub mod frozen;
pub mod setup;
