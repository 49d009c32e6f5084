//! The text and file formats of C2SP transparency logs, and the Merkle trees under them.
//!
//! In scope: hashing, proving and verifying; names and contents of tiles; signed notes, checkpoints,
//! cosignatures, proofs, the decision of a witness, and policy texts. Out of scope: what an entry means
//! (`proofmark-attestation`), who is trusted (`proofmark-trust`), files, locks and HTTP (`proofmark-log`).
//!
//! | Module | Specification | Strictness |
//! |---|---|---|
//! | [`merkle`] | RFC 6962 §2.1, algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2 | sizes up to 2^63 − 1; no hash too few or too many; proofs between equal sizes and from size 0 are empty |
//! | [`tile`] | C2SP tlog-tiles | one spelling of a path; full tiles are never written `.p/256`; levels 0 to 63; pruning is not supported |
//! | [`note`] | C2SP signed-note | types 0x01 and 0x04 only; one spelling of a key and of a signature; a known key whose signature fails refuses the note; a signature of nobody known is counted and kept |
//! | [`checkpoint`] | C2SP tlog-checkpoint | the name of the log's key must equal the origin (there: SHOULD); extension lines are read and kept, never written |
//! | [`cosignature`] | C2SP tlog-cosignature | the Ed25519 form only; ML-DSA-44 counts as unknown |
//! | [`proof`] | C2SP tlog-proof@v1 | one spelling; `extra` is read and shown, and never believed |
//! | [`witness`] | C2SP tlog-witness, `add-checkpoint` | the whole order of refusals, as a function of state and request |
//! | [`policy`] | C2SP tlog-policy | written in one spelling; comments and spaces are read and not kept; UTF-8 only |
//!
//! A signature is only ever tried by [`proofmark_keys::PublicKey::verify`]. Every reader here refuses a
//! second spelling of the same thing: leading zeros, base64 that is not canonical, a missing last newline,
//! a carriage return.
//!
//! No I/O, clock or randomness.

pub mod checkpoint;
pub mod cosignature;
mod hash;
mod lines;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
pub mod witness;

pub use checkpoint::{Checkpoint, CheckpointError, VerifiedCheckpoint};
pub use cosignature::{AnswerError, CosignError, Cosignature, cosign};
pub use hash::{Hash, HashError};
pub use merkle::{
    Frontier, FrontierError, MAX_SIZE, ProofError, ProveError, empty_root, leaf_hash, node_hash,
    prove_consistency, prove_inclusion, verify_consistency, verify_inclusion,
};
pub use note::{
    KeyKind, KeyName, NoteError, NoteKey, NoteSignature, SignNoteError, SignedNote, sign_note,
};
pub use proof::{TlogProof, TlogProofError, VerifiedInclusion};
pub use tile::{EntryBundle, Path, RightEdge, Tile, TileReader, paths_for};
pub use witness::{Accepted, AddCheckpoint, Refusal, WitnessState, decide};
