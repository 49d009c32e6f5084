//! The right edge of a growing log: which tiles come out when leaves go in.

use super::{FULL_WIDTH, Tile, TileReader, tile_root};
use crate::Hash;
use crate::merkle::{Frontier, FrontierError, ProveError, read_tile};

/// A tile and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashTile {
    /// Which tile.
    pub tile: Tile,
    /// As many as the tile is wide.
    pub hashes: Vec<Hash>,
}

/// The partial tiles of a log, and its frontier: all that one must have in memory to append, at most
/// 8 levels of 255 hashes and 63 hashes more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RightEdge {
    frontier: Frontier,
    /// For each level the hashes of its partial tile, none where the last tile is full.
    partial: Vec<Vec<Hash>>,
}

impl RightEdge {
    /// Of the empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of the log of `size` leaves whose tiles can be read: one tile for each level.
    ///
    /// # Errors
    /// [`ProveError`]. Whether the tiles are right, a comparison of [`RightEdge::root`] with a signed root
    /// shows.
    pub fn read<R: TileReader + ?Sized>(
        size: u64,
        reader: &R,
    ) -> Result<Self, ProveError<R::Error>> {
        let frontier = Frontier::from_tiles(size, reader)?;
        let levels = (0..8).take_while(|level| size >> (8 * level) > 0);
        let mut partial = Vec::new();
        for level in levels {
            let hashes = size >> (8 * level);
            let tile = Tile::of_tree(level, hashes / 256, size);
            let read = tile.map(|tile| read_tile(tile, reader)).transpose()?;
            partial.push(read.unwrap_or_default());
        }
        Ok(Self { frontier, partial })
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends leaves and gives the hash tiles that the log must write before it signs the new size: those
    /// of [`super::paths_for`], those that became full first.
    ///
    /// # Errors
    /// [`FrontierError::TooLarge`]; then nothing has changed.
    pub fn append(&mut self, leaves: &[Hash]) -> Result<Vec<HashTile>, FrontierError> {
        let mut next = self.clone();
        let mut tiles = Vec::new();
        let mut grown = 0;
        for leaf in leaves {
            next.frontier.push(*leaf)?;
            grown = grown.max(next.place(*leaf, &mut tiles));
        }
        tiles.extend(next.partial_tiles(grown));
        *self = next;
        Ok(tiles)
    }

    /// Puts a leaf into its tile, and the roots of tiles that become full into theirs. Gives the number of
    /// levels that grew.
    fn place(&mut self, leaf: Hash, full: &mut Vec<HashTile>) -> usize {
        let mut hash = leaf;
        let mut level = 0_u8;
        loop {
            let at = usize::from(level);
            if self.partial.len() == at {
                self.partial.push(Vec::new());
            }
            self.partial[at].push(hash);
            if self.partial[at].len() < FULL_WIDTH {
                return at + 1;
            }
            let hashes = std::mem::take(&mut self.partial[at]);
            hash = tile_root(&hashes);
            let index = (self.size() >> (8 * (u32::from(level) + 1))) - 1;
            let tile = Tile::new(level, index, FULL_WIDTH).expect("below 2^63 leaves");
            full.push(HashTile { tile, hashes });
            level += 1;
        }
    }

    /// The partial tiles of the levels that grew: the lowest ones.
    fn partial_tiles(&self, grown: usize) -> Vec<HashTile> {
        let levels = (0_u32..).zip(&self.partial).take(grown);
        let partial = levels.filter(|(_, hashes)| !hashes.is_empty());
        let tiles = partial.map(|(level, hashes)| {
            let index = (self.size() >> (8 * level)) / 256;
            let tile = Tile::of_tree(level, index, self.size());
            let tile = tile.expect("a level with hashes has a tile");
            debug_assert_eq!(tile.width(), hashes.len());
            let hashes = hashes.clone();
            HashTile { tile, hashes }
        });
        tiles.collect()
    }
}
