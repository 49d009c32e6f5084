//! Tries to break the market.
//!
//! [`stage`] holds a market with its parties, who sign for real, and what they deliver: tests and simulation play on
//! it. For development only; nothing of it ships.

pub mod stage;
