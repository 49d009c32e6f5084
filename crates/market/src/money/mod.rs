//! What moves money, and why it may.
//!
//! `proof` holds the reasons: values that only a verified outcome, a deadline, a party's own signature or a ruling
//! makes. `recipes` holds the postings of each event of a contract, and every one of them that takes money out of
//! escrow asks for its reason. `moves` is the arithmetic, `debts` what a debtor pays from later income.

mod debts;
mod moves;
pub mod proof;
pub(crate) mod recipes;

pub(crate) use debts::{Debt, Debts, collect};
pub(crate) use moves::{Moves, has_room};
