//! Opening a log: what the journal says is true, and the tiles are made to agree.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark_tlog::tile::{RightEdge, TileReader as _};
use proofmark_tlog::{NoteKey, SignedNote, Tile, VerifiedCheckpoint, leaf_hash};

use super::create::take_lock;
use super::{JOURNAL_BYTES, Log};
use crate::disk::{Disk, RealDisk};
use crate::error::{LogError, OnDisk};
use crate::journal::{Frame, Journal, JournalWriter};
use crate::layout::{Layout, generation};
use crate::source::{Folder, Tiles};

impl Log {
    /// As [`Log::open`], on any disk.
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn open_on(disk: Arc<dyn Disk>, directory: &Path) -> Result<Self, LogError> {
        let layout = Layout::new(directory);
        let key = read_key(&*disk, &layout)?;
        let lock = take_lock(&*disk, &layout)?;
        remove_unfinished(&*disk, &layout)?;
        let (file, journal) = newest_journal(&*disk, &layout)?;
        let checkpoint = verify(&journal.base, &key, &file)?;
        let (edge, bundle) = read_edge(&disk, &layout, &checkpoint)?;
        let mut log = Self {
            disk,
            layout,
            key,
            edge,
            bundle,
            checkpoint,
            journal: JournalWriter::begin(&journal.base).0,
            journal_file: file,
            journal_limit_bytes: JOURNAL_BYTES,
            unsynced: Vec::new(),
            directories: BTreeSet::new(),
            completed: Vec::new(),
            broken: false,
            _lock: lock,
        };
        let mut frames = journal.frames.into_iter();
        frames.try_for_each(|frame| log.replay(frame))?;
        log.check_public()?;
        log.consolidate()?;
        // Not before what it stands for is durable, whatever a failed sync left in memory.
        log.publish_checkpoint()?;
        Ok(log)
    }

    /// The key of the log in a directory, which is not opened for it.
    ///
    /// # Errors
    /// [`LogError::Missing`], [`LogError::Damaged`], [`LogError::Disk`].
    pub fn key_in(directory: &Path) -> Result<NoteKey, LogError> {
        read_key(&RealDisk::default(), &Layout::new(directory))
    }

    fn replay(&mut self, frame: Frame) -> Result<(), LogError> {
        let (entries, note) = match frame {
            Frame::Batch(entries, note) => (entries, note),
            Frame::Cosigned(note) => (Vec::new(), note),
        };
        let checkpoint = verify(&note, &self.key, &self.journal_file)?;
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let tiles = self.edge.append(&leaves).map_err(|_| LogError::Full)?;
        check_root(&self.edge, &checkpoint, &self.journal_file)?;
        self.checkpoint = checkpoint;
        match entries.is_empty() {
            true => Ok(()),
            false => self.write_tiles(tiles, &entries),
        }
    }

    /// What was published was journaled before, so that nothing public can be ahead of the journal.
    fn check_public(&self) -> Result<(), LogError> {
        let file = self.layout.checkpoint();
        let Ok(bytes) = self.disk.read(&file) else {
            return Ok(());
        };
        // A torn checkpoint says nothing, and is replaced.
        let note = SignedNote::parse(&bytes).ok();
        let public = note.and_then(|note| VerifiedCheckpoint::open(&note, &self.key).ok());
        let Some(public) = public else {
            return Ok(());
        };
        let (public, ours) = (public.checkpoint(), self.checkpoint.checkpoint());
        if public.size() > ours.size() {
            return Err(LogError::damaged(
                &self.journal_file,
                format!(
                    "it ends at {} entries, and {} were published",
                    ours.size(),
                    public.size()
                ),
            ));
        }
        match public.size() == ours.size() && public.root() != ours.root() {
            true => Err(LogError::damaged(
                &file,
                "it has another root than the journal",
            )),
            false => Ok(()),
        }
    }
}

fn read_key(disk: &dyn Disk, layout: &Layout) -> Result<NoteKey, LogError> {
    let file = layout.key();
    let bytes = match disk.read(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(LogError::Missing(layout.root().to_owned()));
        }
        bytes => bytes.on("read", &file)?,
    };
    let text = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.strip_suffix('\n'));
    let key = text.and_then(|text| text.parse().ok());
    key.ok_or_else(|| LogError::damaged(&file, "it is not the key of a log"))
}

/// What was never renamed into place; or a second name of what was, where a file system kept half of a renaming.
/// It must not be written to.
pub(super) fn remove_unfinished(disk: &dyn Disk, layout: &Layout) -> Result<(), LogError> {
    let file = layout.unfinished();
    match disk.remove(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.on("remove", &file),
    }
}

/// The journal that was begun last. One that was never finished begun is not it: nothing is in it.
fn newest_journal(disk: &dyn Disk, layout: &Layout) -> Result<(PathBuf, Journal), LogError> {
    let state = layout.state();
    let names = disk.list(&state).on("list", &state)?;
    let mut generations: Vec<_> = names.iter().filter_map(|name| generation(name)).collect();
    generations.sort_unstable();
    for generation in generations.into_iter().rev() {
        let file = layout.journal(generation);
        let bytes = disk.read(&file).on("read", &file)?;
        let journal = Journal::read(&bytes).map_err(|damage| {
            let what = format!(
                "the frame at byte {} is not what was written",
                damage.offset
            );
            LogError::damaged(&file, what)
        })?;
        if let Some(journal) = journal {
            return Ok((file, journal));
        }
    }
    Err(LogError::damaged(&state, "there is no journal"))
}

fn verify(note: &str, key: &NoteKey, file: &Path) -> Result<VerifiedCheckpoint, LogError> {
    let note =
        SignedNote::parse(note.as_bytes()).map_err(|error| LogError::damaged(file, error))?;
    VerifiedCheckpoint::open(&note, key).map_err(|error| LogError::damaged(file, error))
}

fn check_root(
    edge: &RightEdge,
    checkpoint: &VerifiedCheckpoint,
    file: &Path,
) -> Result<(), LogError> {
    let head = checkpoint.checkpoint();
    match edge.size() == head.size() && edge.root() == *head.root() {
        true => Ok(()),
        false => Err(LogError::damaged(
            file,
            "what it holds is not what was signed",
        )),
    }
}

/// The right edge of the tiles, and the entries of the last bundle if it is not full.
fn read_edge(
    disk: &Arc<dyn Disk>,
    layout: &Layout,
    checkpoint: &VerifiedCheckpoint,
) -> Result<(RightEdge, Vec<Vec<u8>>), LogError> {
    let folder = Folder::on(Arc::clone(disk), layout.public());
    let tiles = Tiles(&folder);
    let size = checkpoint.checkpoint().size();
    let damaged = |error: &dyn std::error::Error| {
        let what = error
            .source()
            .map_or_else(|| error.to_string(), ToString::to_string);
        LogError::damaged(&layout.public(), what)
    };
    let edge = RightEdge::read(size, &tiles).map_err(|error| damaged(&error))?;
    check_root(&edge, checkpoint, &layout.public())?;
    let Some(tile) = Tile::of_tree(0, size / 256, size) else {
        return Ok((edge, Vec::new()));
    };
    let bundle = tiles
        .entries(tile.index(), tile.width())
        .map_err(|error| damaged(&error))?;
    let leaves = tiles.hashes(tile).map_err(|error| damaged(&error))?;
    match bundle
        .iter()
        .map(|entry| leaf_hash(entry))
        .eq(leaves.into_iter().take(tile.width()))
    {
        true => Ok((edge, bundle)),
        false => Err(LogError::damaged(
            &layout.public(),
            "the last entries are not those of the tree",
        )),
    }
}
