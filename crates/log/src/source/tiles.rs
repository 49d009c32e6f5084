//! Tiles and bundles of a source, in their types.

use proofmark_tlog::tile::{
    BundleError, EntryBundle, FULL_WIDTH, Path, Tile, TileReader, decode_hashes,
};
use proofmark_tlog::{Hash, tile};

use super::{Source, SourceError};

/// The tiles of a source.
pub(crate) struct Tiles<'s, S: ?Sized>(pub(crate) &'s S);

/// A tile or a bundle is not what it must be. Whoever serves the log is to blame.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// It cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// It has no bytes that a tile can have.
    #[error("{place} is no tile")]
    Tile {
        /// Which.
        place: String,
        /// Why not.
        #[source]
        source: tile::TileError,
    },
    /// It has no bytes that a bundle can have.
    #[error("{place} is no entry bundle")]
    Bundle {
        /// Which.
        place: String,
        /// Why not.
        #[source]
        source: BundleError,
    },
    /// It is narrower than its name says.
    #[error("{0} has too few entries")]
    Short(String),
}

impl TileError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Source(_) => "log-unreadable",
            Self::Missing(_) => "tile-missing",
            Self::Tile { source, .. } => source.code(),
            Self::Bundle { source, .. } => source.code(),
            Self::Short(_) => "bundle-truncated",
        }
    }
}

impl<S: Source + ?Sized> Tiles<'_, S> {
    /// The bytes of a file, or of the full one where a partial one was removed since, and where they are.
    fn bytes(&self, path: Path) -> Result<(Vec<u8>, String), TileError> {
        for path in [path, full(path)] {
            if let Some(bytes) = self.0.read(path)? {
                return Ok((bytes, self.0.place(&path.to_string())));
            }
        }
        Err(TileError::Missing(self.0.place(&path.to_string())))
    }

    /// The first `width` entries of a bundle.
    pub(crate) fn entries(&self, index: u64, width: usize) -> Result<Vec<Vec<u8>>, TileError> {
        let (bytes, place) = self.bytes(Path::Entries { index, width })?;
        let bundle = match EntryBundle::decode(&bytes) {
            Ok(bundle) => bundle,
            Err(source) => return Err(TileError::Bundle { place, source }),
        };
        match bundle.entries().get(..width) {
            Some(entries) => Ok(entries.to_vec()),
            None => Err(TileError::Short(place)),
        }
    }
}

fn full(path: Path) -> Path {
    match path {
        Path::Hashes(tile) => Path::Hashes(tile.to_full()),
        Path::Entries { index, .. } => Path::Entries {
            index,
            width: FULL_WIDTH,
        },
    }
}

impl<S: Source + ?Sized> TileReader for Tiles<'_, S> {
    type Error = TileError;

    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, TileError> {
        let (bytes, place) = self.bytes(Path::Hashes(tile))?;
        decode_hashes(&bytes).map_err(|source| TileError::Tile { place, source })
    }
}
