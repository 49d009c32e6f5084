//! Computing a log again, from its entries up, believing nothing but the key.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use proofmark_tlog::tile::{FULL_WIDTH, HashTile, Path, RightEdge, TileReader as _, tile_root};
use proofmark_tlog::{Hash, NoteKey, Tile, leaf_hash};

use crate::source::{Folder, LogReader, ReadError, Source as _, SourceError, TileError, Tiles};

/// More damaged files than this are not named.
const MAX_DAMAGES: usize = 100;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FsckReport {
    /// Number of entries by the signed checkpoint; 0 where there is none.
    pub size: u64,
    /// Number of files that were read.
    pub files: u64,
    /// What is wrong, by place in the log: the first hundred.
    pub damages: Vec<Damage>,
}

/// A file that is not what it must be. The disk, or whoever changed it, is to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Which file.
    pub place: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong with it.
    pub what: String,
}

impl FsckReport {
    /// Whether every byte is what it must be.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.damages.is_empty()
    }
}

/// Computes leaves from entries, every tile of every level from those, and the root from the tiles, and compares
/// all of it with what is there and with the signed checkpoint.
///
/// # Errors
/// [`SourceError`] where a file is there and cannot be read.
pub fn fsck(folder: &Folder, log: &NoteKey) -> Result<FsckReport, SourceError> {
    let mut report = FsckReport {
        size: 0,
        files: 1,
        damages: Vec::new(),
    };
    let reader = match LogReader::open(folder.clone(), log) {
        Ok(reader) => reader,
        Err(ReadError::Source(error)) if !folder.lacks_checkpoint() => return Err(error),
        Err(error) => {
            report.damage(folder.place("checkpoint"), error.code(), told(&error));
            return Ok(report);
        }
    };
    report.size = reader.size();
    let root = *reader.checkpoint().checkpoint().root();
    Pass {
        folder,
        root,
        report: &mut report,
        edge: RightEdge::new(),
        last: BTreeMap::new(),
    }
    .run()?;
    Ok(report)
}

/// One way through a log.
struct Pass<'a> {
    folder: &'a Folder,
    root: Hash,
    report: &'a mut FsckReport,
    edge: RightEdge,
    /// The partial tile of each level, as far as the way has come.
    last: BTreeMap<u8, HashTile>,
}

impl Pass<'_> {
    fn run(mut self) -> Result<(), SourceError> {
        let size = self.report.size;
        for index in 0..size.div_ceil(256) {
            let tile = Tile::of_tree(0, index, size).expect("it is below the size");
            let Some(leaves) = self.leaves(tile)? else {
                // Without leaves there is nothing to compute from.
                return Ok(());
            };
            let tiles = self
                .edge
                .append(&leaves)
                .expect("a checkpoint bounds the size");
            for tile in tiles {
                self.compare_or_keep(tile)?;
            }
        }
        for tile in std::mem::take(&mut self.last).into_values() {
            self.compare(&tile)?;
        }
        if self.edge.root() != self.root && self.report.is_clean() {
            let place = self.folder.place("checkpoint");
            self.report.damage(
                place,
                "log-root",
                "the files lead to another root".to_owned(),
            );
        }
        Ok(())
    }

    /// The leaves of a bundle: those of its entries, or where they are damaged those that the tile says.
    fn leaves(&mut self, tile: Tile) -> Result<Option<Vec<Hash>>, SourceError> {
        let path = Path::Entries {
            index: tile.index(),
            width: tile.width(),
        };
        self.report.files += 1;
        let tiles = Tiles(self.folder);
        let stored = tiles
            .hashes(tile)
            .ok()
            .filter(|hashes| hashes.len() >= tile.width());
        let stored = stored.map(|hashes| hashes[..tile.width()].to_vec());
        let entries = match tiles.entries(tile.index(), tile.width()) {
            Ok(entries) => entries,
            Err(error) => {
                self.damaged(path, error)?;
                return Ok(stored);
            }
        };
        let computed: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        match stored {
            Some(stored) if stored != computed && self.fits(tile, &stored) => {
                self.report.damage(
                    self.folder.place(&path.to_string()),
                    "log-entry",
                    format!(
                        "{} is not the one that was logged",
                        first_difference(tile, &stored, &computed)
                    ),
                );
                Ok(Some(stored))
            }
            _ => {
                self.check_partial_bundles(tile.index(), &entries)?;
                Ok(Some(computed))
            }
        }
    }

    /// Whether the tree above has these leaves.
    fn fits(&self, tile: Tile, leaves: &[Hash]) -> bool {
        if !tile.is_full() {
            let mut edge = self.edge.clone();
            return edge.append(leaves).is_ok() && edge.root() == self.root;
        }
        let parent = Tile::of_tree(1, tile.index() / 256, self.report.size);
        let hashes = parent.and_then(|parent| Tiles(self.folder).hashes(parent).ok());
        let place = usize::try_from(tile.index() % 256).expect("below 256");
        hashes.is_some_and(|hashes| hashes.get(place) == Some(&tile_root(leaves)))
    }

    /// Full tiles are final; of partial ones only the last of each level is.
    fn compare_or_keep(&mut self, tile: HashTile) -> Result<(), SourceError> {
        let level = tile.tile.level();
        match tile.tile.is_full() {
            true => {
                self.last.remove(&level);
                self.compare(&tile)
            }
            false => {
                self.last.insert(level, tile);
                Ok(())
            }
        }
    }

    fn compare(&mut self, expected: &HashTile) -> Result<(), SourceError> {
        let path = Path::Hashes(expected.tile);
        self.report.files += 1;
        match Tiles(self.folder).hashes(expected.tile) {
            Err(error) => self.damaged(path, error)?,
            Ok(found) if found.get(..expected.hashes.len()) != Some(&expected.hashes[..]) => {
                let what = "its hashes do not follow from what is below it".to_owned();
                self.report
                    .damage(self.folder.place(&path.to_string()), "tile-hashes", what);
            }
            Ok(_) => {}
        }
        self.check_partial_tiles(expected)
    }

    /// Partial tiles of sizes before must be the beginning of this one.
    fn check_partial_tiles(&mut self, expected: &HashTile) -> Result<(), SourceError> {
        let full = Path::Hashes(expected.tile.to_full());
        for width in self.partial_widths(full, expected.hashes.len())? {
            let tile = Tile::new(expected.tile.level(), expected.tile.index(), width);
            let path = Path::Hashes(tile.expect("a partial width"));
            let bytes = self.folder.read(path)?.unwrap_or_default();
            let expected = proofmark_tlog::tile::encode_hashes(&expected.hashes[..width]);
            self.check_beginning(path, &bytes, &expected);
        }
        Ok(())
    }

    fn check_partial_bundles(
        &mut self,
        index: u64,
        entries: &[Vec<u8>],
    ) -> Result<(), SourceError> {
        let full = Path::Entries {
            index,
            width: FULL_WIDTH,
        };
        for width in self.partial_widths(full, entries.len())? {
            let path = Path::Entries { index, width };
            let bytes = self.folder.read(path)?.unwrap_or_default();
            let bundle = proofmark_tlog::EntryBundle::new(entries[..width].to_vec());
            let expected = bundle.expect("they were read from a bundle").encode();
            self.check_beginning(path, &bytes, &expected);
        }
        Ok(())
    }

    fn check_beginning(&mut self, path: Path, found: &[u8], expected: &[u8]) {
        self.report.files += 1;
        if found != expected {
            let what = "it is not the beginning of the later one".to_owned();
            self.report
                .damage(self.folder.place(&path.to_string()), "tile-partial", what);
        }
    }

    /// The widths, less than `below`, of the partial files beside a full one.
    fn partial_widths(&self, full: Path, below: usize) -> Result<Vec<usize>, SourceError> {
        let names = self.folder.names(&format!("{full}.p"))?;
        let widths = names.iter().filter_map(|name| name.parse::<usize>().ok());
        Ok(widths.filter(|width| (1..below).contains(width)).collect())
    }

    fn damaged(&mut self, path: Path, error: TileError) -> Result<(), SourceError> {
        match error {
            TileError::Source(error) => Err(error),
            error => {
                let place = self.folder.place(&path.to_string());
                self.report.damage(place, error.code(), told(&error));
                Ok(())
            }
        }
    }
}

impl FsckReport {
    fn damage(&mut self, place: String, code: &'static str, what: String) {
        if self.damages.len() < MAX_DAMAGES {
            self.damages.push(Damage { place, code, what });
        }
    }
}

fn first_difference(tile: Tile, one: &[Hash], other: &[Hash]) -> String {
    let place = one
        .iter()
        .zip(other)
        .take_while(|(one, other)| one == other)
        .count();
    format!("entry {}", tile.index() * 256 + place as u64)
}

/// The sentence of an error, and that of what is behind it.
fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        None => error.to_string(),
        Some(source) => format!("{error}: {}", told(source)),
    }
}
