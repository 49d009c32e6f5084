//! Growing trees: all that one must remember to append.

use super::{MAX_SIZE, empty_root, node_hash};
use crate::Hash;

/// The roots of the full subtrees that a tree of `size` leaves is made of, largest first: one for each bit
/// of the size. Also called a compact range from 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

/// These hashes are no frontier of a tree of that size. Whoever kept them is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// The tree would be larger than [`MAX_SIZE`].
    #[error("a tree has at most {MAX_SIZE} leaves")]
    TooLarge,
    /// There must be one hash for each bit of the size.
    #[error("a frontier of {size} leaves has {expected} hashes, not {found}")]
    Count {
        /// Leaves.
        size: u64,
        /// Bits of the size.
        expected: u32,
        /// Hashes that came.
        found: usize,
    },
}

impl FrontierError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "tree-too-large",
            Self::Count { .. } => "frontier-count",
        }
    }
}

impl Frontier {
    /// Of the tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From its parts, largest subtree first.
    ///
    /// # Errors
    /// [`FrontierError`]. Whether the hashes are right, only a comparison of [`Frontier::root`] shows.
    pub fn from_hashes(size: u64, hashes: Vec<Hash>) -> Result<Self, FrontierError> {
        if size > MAX_SIZE {
            return Err(FrontierError::TooLarge);
        }
        let (expected, found) = (size.count_ones(), hashes.len());
        if usize::try_from(expected) != Ok(found) {
            return Err(FrontierError::Count {
                size,
                expected,
                found,
            });
        }
        Ok(Self { size, hashes })
    }

    /// Appends one leaf: amortised one node is hashed.
    ///
    /// # Errors
    /// [`FrontierError::TooLarge`]; then nothing has changed.
    pub fn push(&mut self, leaf: Hash) -> Result<(), FrontierError> {
        if self.size >= MAX_SIZE {
            return Err(FrontierError::TooLarge);
        }
        let mut hash = leaf;
        // Each trailing 1 of the size is a full subtree as large as the one just finished.
        for _ in 0..self.size.trailing_ones() {
            let left = self
                .hashes
                .pop()
                .expect("there is one for each bit of the size");
            hash = node_hash(&left, &hash);
        }
        self.hashes.push(hash);
        self.size += 1;
        debug_assert_eq!(self.hashes.len(), self.size.count_ones() as usize);
        Ok(())
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Its parts, largest subtree first.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.hashes).unwrap_or(empty_root())
    }
}

/// The root over full subtrees, largest first.
pub(crate) fn fold(subtrees: &[Hash]) -> Option<Hash> {
    let (last, rest) = subtrees.split_last()?;
    let up = |right: Hash, left: &Hash| node_hash(left, &right);
    Some(rest.iter().rev().fold(*last, up))
}

/// The root of the tree whose leaves have these hashes.
pub(crate) fn root_of(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.push(*leaf).expect("a slice is shorter than 2^63");
    }
    frontier.root()
}
