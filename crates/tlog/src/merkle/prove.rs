//! Making proofs from hash tiles.

use super::frontier::{Frontier, FrontierError, fold, root_of};
use super::{MAX_SIZE, empty_root};
use crate::Hash;
use crate::tile::{Tile, TileReader};

/// There is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// There is no such leaf, or the old tree is the larger one. Whoever asked is to blame.
    #[error("there is no {index} in a tree of {size}")]
    OutOfTree {
        /// Index of the leaf, or the old size.
        index: u64,
        /// The size, or the new size.
        size: u64,
    },
    /// A size above [`MAX_SIZE`]. Whoever asked is to blame.
    #[error("a tree has at most {MAX_SIZE} leaves")]
    TooLarge,
    /// A tile has fewer hashes than its name says. Whoever keeps the tiles is to blame.
    #[error("the tile {tile} has {found} hashes")]
    Tile {
        /// Which tile.
        tile: Tile,
        /// How many hashes came.
        found: usize,
    },
    /// A tile could not be read.
    #[error("the tile {tile} cannot be read")]
    Read {
        /// Which tile.
        tile: Tile,
        /// Why.
        #[source]
        source: E,
    },
}

impl<E> ProveError<E> {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutOfTree { .. } => "proof-out-of-tree",
            Self::TooLarge => "tree-too-large",
            Self::Tile { .. } => "tile-truncated",
            Self::Read { .. } => "tile-unreadable",
        }
    }
}

/// The proof that the leaf at `index` is in the tree of `size` leaves (RFC 6962 §2.1.1), lowest sibling
/// first. It proves what the tiles say: whoever does not trust them verifies it against a signed root.
///
/// # Errors
/// [`ProveError`].
pub fn prove_inclusion<R: TileReader + ?Sized>(
    index: u64,
    size: u64,
    reader: &R,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    let tree = Tree::new(size, reader)?;
    if index >= size {
        return Err(ProveError::OutOfTree { index, size });
    }
    tree.siblings(index, 0)
}

/// The proof that the tree of `new_size` leaves begins with the one of `old_size` (RFC 6962 §2.1.2). It is
/// empty between equal sizes and from size 0.
///
/// # Errors
/// [`ProveError`].
pub fn prove_consistency<R: TileReader + ?Sized>(
    old_size: u64,
    new_size: u64,
    reader: &R,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    let tree = Tree::new(new_size, reader)?;
    if old_size > new_size {
        return Err(ProveError::OutOfTree {
            index: old_size,
            size: new_size,
        });
    }
    if old_size == 0 || old_size == new_size {
        return Ok(Vec::new());
    }
    // The largest full subtree at the old tree's right edge. If it is the whole old tree, its hash is known.
    let height = (old_size - 1).trailing_ones();
    let place = (old_size - 1) >> height;
    let mut proof = match place {
        0 => Vec::new(),
        _ => vec![tree.node(place, height)?],
    };
    proof.extend(tree.siblings(place, height)?);
    Ok(proof)
}

/// The root of the tree of `size` leaves, from its tiles.
///
/// # Errors
/// [`ProveError`].
pub fn root_of_tiles<R: TileReader + ?Sized>(
    size: u64,
    reader: &R,
) -> Result<Hash, ProveError<R::Error>> {
    match size {
        0 => Ok(empty_root()),
        _ => Tree::new(size, reader)?.range(0, size),
    }
}

impl Frontier {
    /// The frontier of the tree of `size` leaves, from its tiles.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn from_tiles<R: TileReader + ?Sized>(
        size: u64,
        reader: &R,
    ) -> Result<Self, ProveError<R::Error>> {
        let hashes = Tree::new(size, reader)?.subtrees(0, size)?;
        let frontier = Self::from_hashes(size, hashes);
        frontier.map_err(|_: FrontierError| ProveError::TooLarge)
    }
}

/// The hashes of `tile`, exactly as many as its name says: a full tile may stand in for a partial one.
pub(crate) fn read_tile<R: TileReader + ?Sized>(
    tile: Tile,
    reader: &R,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    let read = reader.hashes(tile);
    let mut hashes = read.map_err(|source| ProveError::Read { tile, source })?;
    let found = hashes.len();
    if found < tile.width() {
        return Err(ProveError::Tile { tile, found });
    }
    hashes.truncate(tile.width());
    Ok(hashes)
}

/// A tree of a fixed size, of which the tiles are read as they are needed.
struct Tree<'r, R: ?Sized> {
    size: u64,
    reader: &'r R,
}

impl<'r, R: TileReader + ?Sized> Tree<'r, R> {
    const fn new(size: u64, reader: &'r R) -> Result<Self, ProveError<R::Error>> {
        match size > MAX_SIZE {
            true => Err(ProveError::TooLarge),
            false => Ok(Self { size, reader }),
        }
    }

    /// The siblings on the way from a node to the root.
    fn siblings(&self, place: u64, height: u32) -> Result<Vec<Hash>, ProveError<R::Error>> {
        let mut siblings = Vec::new();
        let (mut place, mut height) = (place, height);
        let mut last = (self.size - 1) >> height;
        while last > 0 {
            // The last node of a level has no sibling if it is a left child.
            if place & 1 == 1 || place < last {
                siblings.push(self.at_edge(place ^ 1, height)?);
            }
            (place, last, height) = (place >> 1, last >> 1, height + 1);
        }
        Ok(siblings)
    }

    /// A node that may be cut off by the right edge.
    fn at_edge(&self, place: u64, height: u32) -> Result<Hash, ProveError<R::Error>> {
        let start = place << height;
        match self.size - start >= 1 << height {
            true => self.node(place, height),
            false => self.range(start, self.size),
        }
    }

    /// The root over the leaves from `start` to `end`, where a subtree at least as large starts at `start`.
    fn range(&self, start: u64, end: u64) -> Result<Hash, ProveError<R::Error>> {
        let subtrees = self.subtrees(start, end)?;
        Ok(fold(&subtrees).expect("a range has at least one leaf"))
    }

    /// The full subtrees that make up such a range, largest first.
    fn subtrees(&self, start: u64, end: u64) -> Result<Vec<Hash>, ProveError<R::Error>> {
        let mut subtrees = Vec::new();
        let mut start = start;
        while start < end {
            let height = (end - start).ilog2();
            subtrees.push(self.node(start >> height, height)?);
            start += 1 << height;
        }
        Ok(subtrees)
    }

    /// A full subtree of 2^`height` leaves: 2^(`height` mod 8) neighbours of one tile.
    fn node(&self, place: u64, height: u32) -> Result<Hash, ProveError<R::Error>> {
        let (level, inner) = (height / 8, height % 8);
        let first = place << inner;
        let tile = Tile::of_tree(level, first / 256, self.size).expect("a full node is in a tile");
        let hashes = read_tile(tile, self.reader)?;
        let from = usize::try_from(first % 256).expect("below 256");
        Ok(root_of(&hashes[from..from + (1 << inner)]))
    }
}
