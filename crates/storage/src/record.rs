//! What is appended to the record, and what is read back.

use proofmark_core::{Digest, Timestamp};

/// Counts the writers that a record has had. Only the latest can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

/// How far the record goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Commands in it.
    pub sequence: u64,
    /// Head of the chain of commands; the digest of the rules while there is none.
    pub head: Digest,
    /// Events in it.
    pub events: u64,
    /// Transfers in it.
    pub transfers: u64,
}

/// A command as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its place, counted from 1.
    pub sequence: u64,
    /// When it was obeyed.
    pub at: Timestamp,
    /// Digest of the signed payload.
    pub payload: Digest,
    /// Head of the chain with it.
    pub head: Digest,
    /// The envelope, byte for byte.
    pub envelope: Vec<u8>,
    /// What came beside it, byte for byte.
    pub attachment: Option<Vec<u8>>,
}

/// A command, and what followed from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obeyed {
    /// The command.
    pub command: Command,
    /// What followed.
    pub consequences: Consequences,
}

/// What followed from a command. Bodies are JSON; the store does not read them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Consequences {
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Transfers of the ledger, in order.
    pub transfers: Vec<Transfer>,
    /// What became of RFQs, contracts and other things.
    pub documents: Vec<Document>,
    /// What must be done because of it.
    pub jobs: Vec<crate::Job>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// To what.
    pub subject: String,
    /// What.
    pub body: String,
}

/// A transfer of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// From which account, to which, how much.
    pub body: String,
}

/// The present state of something; a later one takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What kind of thing.
    pub kind: String,
    /// Its name.
    pub key: String,
    /// How it is now.
    pub body: String,
}

/// Something with its number, counted from 1 without gaps, and the command that it followed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered<T> {
    /// Its number.
    pub number: u64,
    /// The command.
    pub sequence: u64,
    /// What it is.
    pub it: T,
}
