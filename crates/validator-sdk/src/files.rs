//! Listing files, page by page.

use crate::bindings::proofmark::validator::artifacts;
use crate::digest::Digest;
use crate::host::{self, Origin, PAGE_MAX_ENTRIES};
use std::vec;

/// One file of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative path with `/`.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 of the whole content.
    pub digest: Digest,
}

/// All files in ascending byte order of their paths. Only one page of them is in memory.
pub struct Listing {
    origin: Origin,
    page: vec::IntoIter<artifacts::Entry>,
    last: Option<String>,
    more: bool,
}

impl Listing {
    pub(crate) fn new(origin: Origin) -> Self {
        Self {
            origin,
            page: Vec::new().into_iter(),
            last: None,
            more: true,
        }
    }

    fn fetch(&mut self) {
        let page = host::enumerate(self.origin, self.last.as_deref(), PAGE_MAX_ENTRIES);
        self.more = page.len() == PAGE_MAX_ENTRIES as usize;
        self.last = page.last().map(|entry| entry.path.clone());
        self.page = page.into_iter();
    }
}

impl Iterator for Listing {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        if self.page.len() == 0 && self.more {
            self.fetch();
        }
        let entry = self.page.next()?;
        let digest = Digest::from_host(&entry.digest);
        Some(Entry {
            path: entry.path,
            size: entry.size,
            digest,
        })
    }
}
