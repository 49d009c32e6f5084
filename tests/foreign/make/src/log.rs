//! A small log in memory, written out as the static files of C2SP tlog-tiles.

use std::collections::BTreeMap;
use std::path::Path;

use proofmark_core::Timestamp;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_tlog::tile::{decode_hashes, encode_hashes};
use proofmark_tlog::{
    Checkpoint, EntryBundle, Hash, KeyName, NoteKey, RightEdge, SignedNote, Tile, TileReader,
    TlogProof, VerifiedCheckpoint, cosign, leaf_hash, prove_inclusion,
};

use crate::{Outcome, write};

/// When the witness saw the log: 2026-01-01, and no clock is asked.
const SEEN_AT: u64 = 1_767_225_600;

/// A log, its witness, and what they have signed.
pub struct Log {
    pub key: NoteKey,
    pub witness: NoteKey,
    pub checkpoint: SignedNote,
    entries: Vec<Vec<u8>>,
    tiles: Tiles,
}

/// The hash tiles by their paths.
#[derive(Default)]
struct Tiles(BTreeMap<String, Vec<u8>>);

impl TileReader for Tiles {
    type Error = std::io::Error;

    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, Self::Error> {
        let bytes = self
            .0
            .get(&tile.path())
            .ok_or(std::io::ErrorKind::NotFound)?;
        decode_hashes(bytes).map_err(std::io::Error::other)
    }
}

impl Log {
    /// A log of this origin with these entries, signed and cosigned once.
    pub fn new(
        origin: &str,
        log: &SecretKey,
        witness: &SecretKey,
        entries: Vec<Vec<u8>>,
    ) -> Outcome<Self> {
        let key = NoteKey::log(origin.parse()?, *log.public_key());
        let witness_name: KeyName = "witness.example/w1".parse()?;
        let witness_key = NoteKey::witness(witness_name, *witness.public_key());
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let mut edge = RightEdge::new();
        let tiles = edge.append(&leaves)?;
        let tiles = tiles
            .iter()
            .map(|one| (one.tile.path(), encode_hashes(&one.hashes)));
        let tiles = Tiles(tiles.collect());
        let head = Checkpoint::new(key.name(), edge.size(), edge.root())?;
        let mut checkpoint = head.sign(&key, log)?;
        let opened = VerifiedCheckpoint::open(&checkpoint, &key)?;
        let at = Timestamp::from_seconds(SEEN_AT)?;
        checkpoint.attach(cosign(&opened, &witness_key, witness, at)?)?;
        Ok(Self {
            key,
            witness: witness_key,
            checkpoint,
            entries,
            tiles,
        })
    }

    /// The proof that the entry at `index` is in the log.
    pub fn prove(&self, index: u64) -> Outcome<TlogProof> {
        let path = prove_inclusion(index, self.entries.len() as u64, &self.tiles)?;
        Ok(TlogProof {
            extra: None,
            index,
            path,
            checkpoint: self.checkpoint.clone(),
        })
    }

    /// Writes the log below `public`, as a web server would serve it.
    pub fn write(&self, public: &Path) -> Outcome {
        write(&public.join("checkpoint"), self.checkpoint.to_string())?;
        for (path, bytes) in &self.tiles.0 {
            write(&public.join(path), bytes)?;
        }
        for (index, entries) in self.entries.chunks(256).enumerate() {
            let bundle = EntryBundle::new(entries.to_vec())?;
            let path = proofmark_tlog::Path::Entries {
                index: index as u64,
                width: entries.len(),
            };
            write(&public.join(path.to_string()), bundle.encode())?;
        }
        Ok(())
    }
}
