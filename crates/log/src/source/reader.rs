//! A log as it was when its checkpoint was read.

use proofmark_tlog::merkle::root_of_tiles;
use proofmark_tlog::tile::TileReader;
use proofmark_tlog::{
    CheckpointError, Hash, NoteError, NoteKey, ProofError, ProveError, SignedNote, Tile, TlogProof,
    VerifiedCheckpoint, leaf_hash, prove_consistency, prove_inclusion, verify_consistency,
    verify_inclusion,
};

use super::{Source, SourceError, TileError, Tiles};

/// A log as it was when its checkpoint was read. Whatever it gives out was verified against that.
#[derive(Debug, Clone)]
pub struct LogReader<S> {
    source: S,
    checkpoint: VerifiedCheckpoint,
}

/// A log cannot be read, or is not what it says.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file cannot be read. The environment, or whoever serves the log, is to blame.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The checkpoint is no signed note. Whoever serves the log is to blame.
    #[error("{place} is no signed note")]
    Note {
        /// Where it is.
        place: String,
        /// Why not.
        #[source]
        source: NoteError,
    },
    /// The checkpoint is not the log's. Whoever serves the log, or named the key, is to blame.
    #[error("{place} is no checkpoint of this log")]
    Checkpoint {
        /// Where it is.
        place: String,
        /// Why not.
        #[source]
        source: CheckpointError,
    },
    /// There is no such leaf, or no such tree. Whoever asked is to blame.
    #[error("there is no {index} in a log of {size} entries")]
    OutOfTree {
        /// Index of the leaf, or the older size.
        index: u64,
        /// Number of leaves.
        size: u64,
    },
    /// A tile or a bundle is not what it must be. Whoever serves the log is to blame.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The tiles are not those of the checkpoint. Whoever serves the log is to blame.
    #[error("the tiles or entries do not lead to the signed root")]
    Root(#[source] ProofError),
}

impl ReadError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Source(_) => "log-unreadable",
            Self::Note { source, .. } => source.code(),
            Self::Checkpoint { source, .. } => source.code(),
            Self::OutOfTree { .. } => "log-out-of-tree",
            Self::Tile(error) => error.code(),
            Self::Root(_) => "log-root",
        }
    }
}

impl From<ProveError<TileError>> for ReadError {
    fn from(error: ProveError<TileError>) -> Self {
        match error {
            ProveError::OutOfTree { index, size } => Self::OutOfTree { index, size },
            ProveError::TooLarge => Self::OutOfTree {
                index: u64::MAX,
                size: proofmark_tlog::MAX_SIZE,
            },
            ProveError::Tile { tile, .. } => Self::Tile(TileError::Short(tile.path())),
            ProveError::Read { source, .. } => Self::Tile(source),
        }
    }
}

impl<S: Source> LogReader<S> {
    /// Reads the checkpoint and verifies it with the log's key.
    ///
    /// # Errors
    /// [`ReadError::Source`], [`ReadError::Note`], [`ReadError::Checkpoint`].
    pub fn open(source: S, log: &NoteKey) -> Result<Self, ReadError> {
        let bytes = source.checkpoint()?;
        let checkpoint = verified(&bytes, &source.place("checkpoint"), log)?;
        Ok(Self { source, checkpoint })
    }

    pub(crate) const fn at(source: S, checkpoint: VerifiedCheckpoint) -> Self {
        Self { source, checkpoint }
    }

    /// The checkpoint.
    #[must_use]
    pub const fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// Number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.checkpoint.checkpoint().size()
    }

    /// The proof that an entry is in the log.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn prove(&self, index: u64) -> Result<TlogProof, ReadError> {
        checked_proof(index, &self.checkpoint, &Tiles(&self.source))
    }

    /// The proof that the log begins with what it was at `old_size`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn prove_consistency(&self, old_size: u64) -> Result<Vec<Hash>, ReadError> {
        self.prefix(old_size).map(|(_, proof)| proof)
    }

    /// The root that the log had at `old_size`, if it has only grown, and the proof of that.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn prefix(&self, old_size: u64) -> Result<(Hash, Vec<Hash>), ReadError> {
        let tiles = Tiles(&self.source);
        let head = self.checkpoint.checkpoint();
        let proof = prove_consistency(old_size, head.size(), &tiles)?;
        let root = match old_size == head.size() {
            true => *head.root(),
            false => root_of_tiles(
                old_size,
                &Grown {
                    size: head.size(),
                    tiles: &tiles,
                },
            )?,
        };
        verify_consistency(old_size, head.size(), &proof, &root, head.root())
            .map_err(ReadError::Root)?;
        Ok((root, proof))
    }

    /// The entries from `from` on, at most to the end of its bundle: never none, except at the log's end. All
    /// of them are proven against the checkpoint.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn entries(&self, from: u64) -> Result<Vec<Vec<u8>>, ReadError> {
        let size = self.size();
        let bundle = from / 256;
        let Some(tile) = Tile::of_tree(0, bundle, size).filter(|_| from < size) else {
            return match from == size {
                true => Ok(Vec::new()),
                false => Err(ReadError::OutOfTree { index: from, size }),
            };
        };
        let tiles = Tiles(&self.source);
        let mut entries = tiles.entries(bundle, tile.width())?;
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        self.prove_leaves(bundle, &leaves, &tiles)?;
        let first = usize::try_from(from % 256).expect("below 256");
        Ok(entries.split_off(first))
    }

    /// That these are the leaves of a bundle.
    fn prove_leaves(
        &self,
        bundle: u64,
        leaves: &[Hash],
        tiles: &Tiles<'_, S>,
    ) -> Result<(), ReadError> {
        let known = Known {
            bundle,
            leaves,
            tiles,
        };
        // Nothing is to the right of the last leaf in its tile, so that its path is made of all the others.
        let last = bundle * 256 + leaves.len() as u64 - 1;
        let head = self.checkpoint.checkpoint();
        let path = prove_inclusion(last, head.size(), &known)?;
        let leaf = leaves.last().expect("a bundle is not empty");
        verify_inclusion(leaf, last, head.size(), &path, head.root()).map_err(ReadError::Root)
    }
}

/// The tiles of a smaller tree, read from those of the one it has grown to: nobody must have kept its partial ones.
struct Grown<'a, S> {
    size: u64,
    tiles: &'a Tiles<'a, S>,
}

impl<S: Source> TileReader for Grown<'_, S> {
    type Error = TileError;

    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, TileError> {
        let grown = Tile::of_tree(tile.level().into(), tile.index(), self.size);
        self.tiles.hashes(grown.unwrap_or(tile))
    }
}

/// The tiles of a source, of which one is known.
struct Known<'a, S> {
    bundle: u64,
    leaves: &'a [Hash],
    tiles: &'a Tiles<'a, S>,
}

impl<S: Source> TileReader for Known<'_, S> {
    type Error = TileError;

    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, TileError> {
        match tile.level() == 0 && tile.index() == self.bundle {
            true => Ok(self.leaves.to_vec()),
            false => self.tiles.hashes(tile),
        }
    }
}

/// The checkpoint in these bytes, if the log has signed it.
pub(crate) fn verified(
    bytes: &[u8],
    place: &str,
    log: &NoteKey,
) -> Result<VerifiedCheckpoint, ReadError> {
    let note = SignedNote::parse(bytes).map_err(|source| ReadError::Note {
        place: place.to_owned(),
        source,
    })?;
    VerifiedCheckpoint::open(&note, log).map_err(|source| ReadError::Checkpoint {
        place: place.to_owned(),
        source,
    })
}

/// The proof that an entry is in a log, verified: nobody is given one that proves nothing.
pub(crate) fn checked_proof<S: Source + ?Sized>(
    index: u64,
    checkpoint: &VerifiedCheckpoint,
    tiles: &Tiles<'_, S>,
) -> Result<TlogProof, ReadError> {
    let head = checkpoint.checkpoint();
    let path = prove_inclusion(index, head.size(), tiles)?;
    let tile = Tile::of_tree(0, index / 256, head.size()).expect("the leaf is in the tree");
    let leaves = tiles.hashes(tile)?;
    let place = usize::try_from(index % 256).expect("below 256");
    let leaf = leaves
        .get(place)
        .ok_or_else(|| TileError::Short(tile.path()))?;
    verify_inclusion(leaf, index, head.size(), &path, head.root()).map_err(ReadError::Root)?;
    Ok(TlogProof {
        extra: None,
        index,
        path,
        checkpoint: checkpoint.note().clone(),
    })
}
