//! Verifying proofs, in steps that the heights of the trees bound.

use super::{MAX_SIZE, empty_root, node_hash};
use crate::Hash;

/// A proof that proves nothing. Whoever made the proof, or said what it is about, is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not below the size, or the old size is above the new one.
    #[error("there is no {index} in a tree of {size}")]
    OutOfTree {
        /// Index of the leaf, or the old size.
        index: u64,
        /// The size, or the new size.
        size: u64,
    },
    /// A size above [`MAX_SIZE`].
    #[error("a tree has at most {MAX_SIZE} leaves")]
    TooLarge,
    /// It has too few or too many hashes for the sizes.
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// It leads to another root than the one given; where there are two, to another new root.
    #[error("the proof leads to another root")]
    Root,
    /// It leads to another old root than the one given.
    #[error("the proof leads to another old root")]
    OldRoot,
}

impl ProofError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfTree { .. } => "proof-out-of-tree",
            Self::TooLarge => "tree-too-large",
            Self::Length => "proof-length",
            Self::Root => "proof-root",
            Self::OldRoot => "proof-old-root",
        }
    }
}

/// Whether the tree of `size` leaves with this `root` has `leaf` at `index` (RFC 9162 §2.1.3.2).
///
/// # Errors
/// [`ProofError`].
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    within(index, size)?;
    if index == size {
        return Err(ProofError::OutOfTree { index, size });
    }
    let mut walk = Walk::new(index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        hash = match walk.step()? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    walk.end()?;
    match hash == *root {
        true => Ok(()),
        false => Err(ProofError::Root),
    }
}

/// Whether the tree of `new_size` leaves with `new_root` begins with the tree of `old_size` leaves with
/// `old_root` (RFC 9162 §2.1.4.2). Between equal sizes the proof is empty and the roots are equal; every
/// tree begins with the empty one, whose proof is empty.
///
/// # Errors
/// [`ProofError`].
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofError> {
    within(old_size, new_size)?;
    if old_size == 0 || old_size == new_size {
        return verify_trivial(old_size, new_size, proof, old_root, new_root);
    }
    let mut walk = Walk::new(old_size - 1, new_size - 1);
    walk.climb_while_right();
    // A full old tree is a node of the new one, and its hash, which is known, is left out of the proof.
    let (seed, rest) = match old_size.is_power_of_two() {
        true => (old_root, proof),
        false => proof.split_first().ok_or(ProofError::Length)?,
    };
    let (mut old, mut new) = (*seed, *seed);
    for sibling in rest {
        match walk.step()? {
            Side::Left => {
                old = node_hash(sibling, &old);
                new = node_hash(sibling, &new);
            }
            Side::Right => new = node_hash(&new, sibling),
        }
    }
    walk.end()?;
    match (old == *old_root, new == *new_root) {
        (true, true) => Ok(()),
        (false, _) => Err(ProofError::OldRoot),
        (true, false) => Err(ProofError::Root),
    }
}

fn verify_trivial(
    old_size: u64,
    new_size: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> Result<(), ProofError> {
    if !proof.is_empty() {
        return Err(ProofError::Length);
    }
    if old_size == 0 && *old_root != empty_root() {
        return Err(ProofError::OldRoot);
    }
    match old_size == new_size && old_root != new_root {
        true => Err(ProofError::Root),
        false => Ok(()),
    }
}

fn within(index: u64, size: u64) -> Result<(), ProofError> {
    if size > MAX_SIZE {
        return Err(ProofError::TooLarge);
    }
    match index <= size {
        true => Ok(()),
        false => Err(ProofError::OutOfTree { index, size }),
    }
}

/// On which side of the node a sibling stands.
enum Side {
    Left,
    Right,
}

/// A way from a node to the root: the node's place and the last place on its level (`fn` and `sn` of
/// RFC 9162).
struct Walk {
    place: u64,
    last: u64,
}

impl Walk {
    const fn new(place: u64, last: u64) -> Self {
        Self { place, last }
    }

    const fn climb(&mut self) {
        self.place >>= 1;
        self.last >>= 1;
    }

    /// Up to where the node is a left child, or the only one.
    const fn climb_while_right(&mut self) {
        while self.place & 1 == 1 {
            self.climb();
        }
    }

    /// Over one sibling, which must exist.
    fn step(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        if self.place & 1 == 0 && self.place < self.last {
            self.climb();
            return Ok(Side::Right);
        }
        // The last node of a level may be a left child without a sibling: it moves up as it is.
        while self.place & 1 == 0 && self.place != 0 {
            self.climb();
        }
        self.climb();
        Ok(Side::Left)
    }

    /// There is no sibling left to come.
    const fn end(&self) -> Result<(), ProofError> {
        match self.last == 0 {
            true => Ok(()),
            false => Err(ProofError::Length),
        }
    }
}
