//! Work bought by the finished outcome, as a pure reducer over signed commands.
//!
//! In scope: RFQ, bids, award, contract, disputes, clawback, reputation, and every movement of money that follows
//! from them. Out of scope: running validators (`proofmark-engine`), what an attestation proves
//! (`proofmark-attestation`), arithmetic of accounts (`proofmark-ledger`), where the log lies and who may connect.
//!
//! | entry point | what |
//! |---|---|
//! | [`Market::open`] | bytes → a command whose signature and attachment were checked |
//! | [`step`] | obeys a command at a time, or rejects it and changes nothing |
//! | [`replay`] | the market that follows from a log |
//! | [`award::recompute`] | whether an award follows from public data |
//! | [`contract::table`] | which command, by whom, in which state, leads where |
//!
//! No I/O, clock, randomness, floating-point number or unordered collection: two machines that obey the same commands
//! at the same times are in the same state ([`Market::root`]).

mod account;
pub mod award;
pub mod books;
mod change;
pub mod command;
pub mod contract;
pub mod event;
pub mod explain;
mod ids;
pub mod instruments;
mod log;
mod market;
pub mod money;
mod order;
mod parties;
mod records;
mod rejection;
pub mod reputation;
pub mod rfq;
mod rules;
pub mod terms;

pub use account::Account;
pub use command::{Action, Command, ContractAction};
pub use contract::{Contract, Run};
pub use ids::{CommandId, ContractId, IdError, PartyId, RfqId};
pub use log::{Entry, ReplayError, replay};
pub use market::{Market, Receipt, Status, Withdrawal, step};
pub use order::Order;
pub use rejection::{Code, Rejection};
pub use rfq::Rfq;
pub use rules::{MAX_BIDS, Rules, RulesError};
pub use terms::Terms;
