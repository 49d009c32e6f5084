//! DSSE 1.0.2 envelopes (secure-systems-lab/dsse, `protocol.md` and `envelope.md`).
//!
//! In scope: what exactly is signed ([`pae`]), the JSON form of an envelope, making signatures, and
//! saying whose signatures are on it ([`Envelope::tally`]). Out of scope: what a payload means, and how
//! many signatures of whom are enough (`proofmark-trust`).
//!
//! Where the specification leaves a choice, this crate takes the strict side:
//!
//! | The specification | Here |
//! |---|---|
//! | `keyid` is optional | always written; a signature without one is tried with every key given |
//! | `keyid` is a hint that narrows the choice of keys | it narrows: a signature under the id of one key is not tried with another |
//! | one key may sign more than once | refused, so that nobody counts it twice |
//! | both base64 alphabets must be read | read, but not mixed, and only in canonical form; standard and padded is written |
//! | unknown members must be ignored | ignored; known members twice are refused |
//! | envelope and signatures are JSON objects | objects only; no list of the members' values |
//!
//! No I/O.

mod envelope;
mod object;
mod pae;
mod wire;

pub use envelope::{Envelope, EnvelopeSignature, MergeError, Tally};
pub use object::Object;
pub use pae::pae;
pub use wire::{EnvelopeError, MAX_ENVELOPE_BYTES, MAX_SIGNATURE_BYTES, MAX_SIGNATURES};
