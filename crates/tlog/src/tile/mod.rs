//! Tiles (C2SP tlog-tiles): a log as files that never change, 256 hashes or entries each.

mod bundle;
mod edge;
mod path;

pub use bundle::{BundleError, EntryBundle, MAX_BUNDLE_BYTES, MAX_ENTRY_BYTES};
pub use edge::{HashTile, RightEdge};
pub use path::{Path, PathError, Tile, TileError};

use crate::Hash;

/// Hashes of a full tile, entries of a full bundle.
pub const FULL_WIDTH: usize = 256;

/// Highest level that has a name. Trees of up to 2^63 leaves use 0 to 7.
pub const MAX_LEVEL: u8 = 63;

/// Where hash tiles come from: files, memory, HTTP.
pub trait TileReader {
    /// Why a tile cannot be read.
    type Error;

    /// The hashes of `tile`: as many as its width says. A full tile may stand in for a partial one of the
    /// same level and index, which a log may delete then.
    ///
    /// # Errors
    /// Whatever keeps the tile from being read.
    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, Self::Error>;
}

/// Reads a hash tile's bytes: 32 for each hash.
///
/// # Errors
/// [`TileError::Bytes`] for no bytes, for more than a full tile's, and for part of a hash.
pub fn decode_hashes(bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
    let (hashes, rest) = bytes.as_chunks::<{ Hash::BYTES }>();
    let fits = rest.is_empty() && (1..=FULL_WIDTH).contains(&hashes.len());
    match fits {
        true => Ok(hashes.iter().copied().map(Hash::from_bytes).collect()),
        false => Err(TileError::Bytes(bytes.len())),
    }
}

/// The bytes of a hash tile.
#[must_use]
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The root of the subtree of which `hashes` are the leaves: what the level above holds for a full tile.
#[must_use]
pub fn tile_root(hashes: &[Hash]) -> Hash {
    crate::merkle::root_of(hashes)
}

/// What a log must write when it grows: hash tiles, level by level, and then entry bundles, each that is
/// new or wider than before. Nothing where it does not grow.
///
/// The widths are those of the new size; partial tiles of sizes in between are not needed, as no checkpoint
/// is made for them.
pub fn paths_for(old_size: u64, new_size: u64) -> impl Iterator<Item = Path> {
    let tiles = (0..8).flat_map(move |level| grown(level, old_size, new_size));
    let bundles = grown(0, old_size, new_size);
    let bundles = bundles.map(|tile| Path::Entries {
        index: tile.index(),
        width: tile.width(),
    });
    tiles.map(Path::Hashes).chain(bundles)
}

/// The hash tiles of one level that are new or wider.
fn grown(level: u32, old_size: u64, new_size: u64) -> impl Iterator<Item = Tile> {
    let (old, new) = (old_size >> (8 * level), new_size >> (8 * level));
    let indexes = match old < new {
        true => old / 256..new.div_ceil(256),
        false => 0..0,
    };
    indexes.filter_map(move |index| Tile::of_tree(level, index, new_size))
}
