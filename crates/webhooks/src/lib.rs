//! Tells receivers of what happens in a market: Standard Webhooks 1.0.0, signed with Ed25519 (`v1a`).
//!
//! | file | what |
//! |---|---|
//! | `address` | which addresses are spoken to, and which are refused |
//! | `listens` | which events a webhook is told of |
//! | `message` | what a message says, and its names |
//! | `schedule` | when a message is tried again, and when no more |
//! | `signature` | what is signed, and how a receiver verifies it |
//! | `send` | one try: a request to an address that was looked at |
//! | `flights` | what is on its way, by owner |
//! | `courier` | events into messages, messages to receivers, until the market stops |
//!
//! All but the last three know the world from their arguments alone. A message is sent once at least and may come twice, always
//! with the same id and the same bytes. In scope: deciding whom to tell, and telling. Out of scope: keeping
//! (`proofmark-storage`), who may add a webhook (`proofmark-api`).

mod address;
mod courier;
mod flights;
mod listens;
mod message;
mod schedule;
mod send;
mod signature;

pub use address::{AddressError, MAX_URL_BYTES, Reach, check_url, is_public};
pub use courier::{Courier, MAX_WAITING};
pub use listens::{Listens, ListensError, MAX_TYPES};
pub use message::{MAX_MESSAGE_BYTES, message_id, webhook_id};
pub use schedule::{WAITS, next_wait};
pub use send::{MAX_SECONDS, Sender};
pub use signature::{
    Received, TOLERANCE_SECONDS, VerifyError, key_from_text, key_text, sign, verify,
};
