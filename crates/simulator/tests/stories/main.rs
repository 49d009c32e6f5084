//! Stories about one contract or a few, each ending in exact balances. Everybody begins with 1,000.00.

mod arbitration;
mod bidding;
mod bound;
mod cast;
mod commands;
mod crowds;
mod debts;
mod disputes;
mod example;
mod milestones;
mod moments;
mod money;
mod product;
mod referee;
mod silence;
mod trust;
mod warranty;
