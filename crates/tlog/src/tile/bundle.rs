//! Entry bundles: up to 256 entries, each after its length.

use super::FULL_WIDTH;
use crate::{Hash, leaf_hash};

/// Longest entry in bytes: its length is written in 16 bits.
pub const MAX_ENTRY_BYTES: usize = u16::MAX as usize;

/// Longest bundle in bytes: 256 entries of 65,535 bytes and 2 bytes each for their lengths.
pub const MAX_BUNDLE_BYTES: usize = FULL_WIDTH * (MAX_ENTRY_BYTES + 2);

/// The entries of a part of a log, 1 to 256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryBundle {
    entries: Vec<Vec<u8>>,
}

/// No entry bundle. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// There are no entries, or more than 256.
    #[error("a bundle has 1 to {FULL_WIDTH} entries")]
    Count,
    /// An entry is longer than [`MAX_ENTRY_BYTES`].
    #[error("an entry has at most {MAX_ENTRY_BYTES} bytes, not {0}")]
    EntryTooLong(usize),
    /// The bytes end within an entry or its length.
    #[error("the bundle ends within an entry")]
    Truncated,
}

impl BundleError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Count => "bundle-count",
            Self::EntryTooLong(_) => "entry-too-long",
            Self::Truncated => "bundle-truncated",
        }
    }
}

impl EntryBundle {
    /// A bundle of these entries.
    ///
    /// # Errors
    /// [`BundleError::Count`] and [`BundleError::EntryTooLong`].
    pub fn new(entries: Vec<Vec<u8>>) -> Result<Self, BundleError> {
        if entries.is_empty() || entries.len() > FULL_WIDTH {
            return Err(BundleError::Count);
        }
        match entries.iter().find(|entry| entry.len() > MAX_ENTRY_BYTES) {
            Some(entry) => Err(BundleError::EntryTooLong(entry.len())),
            None => Ok(Self { entries }),
        }
    }

    /// Reads the bytes of a bundle.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BundleError> {
        let mut entries = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            if entries.len() == FULL_WIDTH {
                return Err(BundleError::Count);
            }
            let (length, after) = rest.split_first_chunk().ok_or(BundleError::Truncated)?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (entry, after) = after
                .split_at_checked(length)
                .ok_or(BundleError::Truncated)?;
            entries.push(entry.to_vec());
            rest = after;
        }
        Self::new(entries)
    }

    /// The bytes: for each entry its length, 16 bits, most significant byte first, and itself.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in &self.entries {
            let length = u16::try_from(entry.len()).expect("entries are at most 65,535 bytes");
            bytes.extend(length.to_be_bytes());
            bytes.extend(entry);
        }
        bytes
    }

    /// In the order of the log.
    #[must_use]
    pub fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    /// What the tile at level 0 holds for them.
    #[must_use]
    pub fn leaf_hashes(&self) -> Vec<Hash> {
        self.entries.iter().map(|entry| leaf_hash(entry)).collect()
    }
}
