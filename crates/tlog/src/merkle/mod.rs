//! Merkle trees of RFC 6962: hashing, growing, proving, verifying.

mod frontier;
mod prove;
mod verify;

pub use frontier::{Frontier, FrontierError};
pub use prove::{ProveError, prove_consistency, prove_inclusion, root_of_tiles};
pub use verify::{ProofError, verify_consistency, verify_inclusion};

pub(crate) use frontier::root_of;
pub(crate) use prove::read_tile;

use crate::Hash;

/// Largest tree: 2^63 − 1 leaves, as in golang.org/x/mod and wherever sizes are signed integers.
pub const MAX_SIZE: u64 = (1 << 63) - 1;

/// Longest inclusion proof: a tree of [`MAX_SIZE`] leaves is 63 high.
pub const MAX_INCLUSION_HASHES: usize = 63;

/// Longest consistency proof: one hash for each level, and one for the subtree that both trees share.
pub const MAX_CONSISTENCY_HASHES: usize = 64;

/// SHA-256 of nothing, in base64 `47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=`.
const EMPTY_ROOT: Hash = Hash::from_bytes([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// The root of a tree without leaves: SHA-256 of nothing (RFC 6962 §2.1).
#[must_use]
pub const fn empty_root() -> Hash {
    EMPTY_ROOT
}

/// The hash of a leaf: SHA-256(0x00 || entry) (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut digester = proofmark_core::Digester::new();
    digester.update(&[0]);
    digester.update(entry);
    Hash::from_bytes(*digester.finish().as_bytes())
}

/// The hash of a node: SHA-256(0x01 || left || right) (RFC 6962 §2.1).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 1 + 2 * Hash::BYTES];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    Hash::of(&bytes)
}
