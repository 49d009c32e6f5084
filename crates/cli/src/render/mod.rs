//! Verdicts for people, and foreign text as it may be printed.

pub(crate) mod foreign;
pub(crate) mod number;
pub(crate) mod verdict;
