//! Tries to break the market.
//!
//! [`stage`] holds a market with its parties, who sign for real, and what they deliver: stories (`tests/stories`) and
//! seasons play on it. A [`season`] is a market in which everything happens by chance, a [`campaign`] is many of them.
//! For development only; nothing of it ships.

pub mod campaign;
pub mod season;
pub mod stage;
