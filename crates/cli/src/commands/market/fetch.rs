//! Fetching criteria with all that they name into a directory: everything, or nothing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use proofmark_api::MAX_BLOB_BYTES;
use proofmark_blobs::Blobs;
use proofmark_core::Digest;

use super::criteria::{Named, Read, document, named, store, temporary};
use super::download::{Download, Reader};
use crate::args::At;
use crate::blobs::{FOLDER, file_name, folder_of, ready_made};
use crate::failure::Failure;
use crate::files::write_atomically;

/// Most bytes of all files together: what they are says whoever published the RFQ.
const MOST_BYTES: u64 = 4 << 30;

/// Fetches criteria into a new directory; several, each into a directory in it under this name. Says where the documents
/// are.
pub(crate) fn all(
    at: &At,
    wanted: &[(String, Digest)],
    to: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    if to.symlink_metadata().is_ok() {
        let hint = "name a directory that does not exist yet";
        return Err(
            Failure::input("would-replace", "it is there already", hint).about(to.display())
        );
    }
    let parent = folder_of(to);
    fs::create_dir_all(&parent).map_err(|error| Failure::unwritable(&parent, &error))?;
    let folder = temporary(&parent)?;
    let mut fetch = Fetch {
        market: &at.market,
        kept: store(&folder.path().join("parts"))?,
        room: MOST_BYTES,
    };
    let (made, mut documents) = (folder.path().join("made"), Vec::new());
    for (name, criteria) in wanted {
        let own = match wanted.len() {
            1 => Path::new(""),
            _ => Path::new(name),
        };
        fetch.one(criteria, &made.join(own))?;
        documents.push(to.join(own).join("criteria.json"));
    }
    fs::rename(&made, to).map_err(|error| Failure::unwritable(to, &error))?;
    Ok(documents)
}

struct Fetch<'m> {
    market: &'m str,
    /// What has arrived.
    kept: Blobs,
    /// So many bytes may still come.
    room: u64,
}

impl Fetch<'_> {
    fn one(&mut self, criteria: &Digest, into: &Path) -> Result<(), Failure> {
        let blobs = into.join(FOLDER);
        fs::create_dir_all(&blobs).map_err(|error| Failure::unwritable(&blobs, &error))?;
        let read = match document(self.market, &self.kept, criteria)? {
            Read::Criteria(read) => read,
            Read::Other => return Err(other(criteria)),
            Read::Nothing => return Err(absent(&format!("the document {criteria}"))),
        };
        self.keep(criteria, &into.join("criteria.json"))?;
        for it in named(&read) {
            self.blob(&it, &blobs.join(file_name(&it.need.0)))?;
        }
        Ok(())
    }

    /// What is built in here, another release may not have: it is kept as well.
    fn blob(&mut self, named: &Named<'_>, file: &Path) -> Result<(), Failure> {
        let (digest, said) = named.need;
        if let Some(component) = ready_made(&digest) {
            return write_atomically(file, component);
        }
        if self.kept.find(&digest).is_none() {
            // Of what nobody says how long it is, it is known afterwards.
            self.charge(said.unwrap_or(0))?;
            let download = Download {
                market: self.market,
                blobs: &self.kept,
                reader: Reader::Anybody,
            };
            let said = said.map(|bytes| bytes.min(MAX_BLOB_BYTES));
            if !download.one((digest, said))? {
                return Err(absent(&named.what));
            }
            if said.is_none() {
                let kept = self.kept.find(&digest).and_then(|it| fs::metadata(it).ok());
                self.charge(kept.map_or(0, |it| it.len()))?;
            }
        }
        self.keep(&digest, file)
    }

    fn charge(&mut self, bytes: u64) -> Result<(), Failure> {
        let left = self.room.checked_sub(bytes);
        self.room = left.ok_or_else(too_large)?;
        Ok(())
    }

    fn keep(&self, digest: &Digest, file: &Path) -> Result<(), Failure> {
        let source = self.kept.find(digest);
        let source = source.ok_or_else(|| absent(&digest.to_string()))?;
        let opened = File::open(&source).map_err(|error| Failure::unreadable(&source, &error))?;
        write_atomically(file, opened)
    }
}

fn absent(what: &str) -> Failure {
    let why = format!("nobody but its sender can read {what} at the market");
    let hint =
        "whoever published the RFQ must send it: `proofmark market upload criteria.json --public`";
    Failure::environment("criteria-incomplete", why, hint)
}

fn other(digest: &Digest) -> Failure {
    let hint = "whoever published the RFQ must name what `proofmark criteria lock` writes";
    let why = format!("{digest} is no criteria document");
    Failure::environment("criteria-unusable", why, hint)
}

fn too_large() -> Failure {
    let why = format!("the files have more than {MOST_BYTES} bytes together");
    let hint = "fetch those that you want by themselves: GET /v1/blobs/DIGEST";
    Failure::environment("criteria-too-large", why, hint)
}
