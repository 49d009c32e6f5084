//! Stories about one contract or a few, each ending in exact balances. Everybody begins with 1,000.00.

mod bidding;
mod cast;
mod commands;
mod debts;
mod disputes;
mod example;
mod milestones;
mod money;
mod product;
mod silence;
mod warranty;
