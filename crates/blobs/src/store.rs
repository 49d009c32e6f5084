//! Which blobs there are.

use std::fs::{self, DirEntry, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use proofmark_core::Digest;

use crate::upload::is_whole;

/// What a blob counts for at least: so much a file system takes for it, and a name. So a limit on bytes is one on files.
pub const LEAST_BYTES: u64 = 4 << 10;

/// Blobs in a directory. Several processes may use the same.
#[derive(Debug, Clone)]
pub struct Blobs {
    directory: PathBuf,
}

/// Who uploads, as a file name: lowercase letters and digits only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerName(String);

impl OwnerName {
    /// Nothing for what is no such name.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_one = (1..=128).contains(&name.len()) && name.bytes().all(fits);
        is_one.then(|| Self(name.to_owned()))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Blobs {
    /// Opens a directory, or makes it.
    ///
    /// # Errors
    /// [`io::Error`] of the file system.
    pub fn open(directory: &Path) -> io::Result<Self> {
        for folder in ["all", "public", "of", "partial"] {
            fs::create_dir_all(directory.join(folder))?;
        }
        Ok(Self {
            directory: directory.to_owned(),
        })
    }

    /// The folder with every blob.
    #[must_use]
    pub fn all(&self) -> PathBuf {
        self.directory.join("all")
    }

    /// Where the blob is, whoever uploaded it. Whoever reads it computes the digest again if it matters.
    #[must_use]
    pub fn find(&self, digest: &Digest) -> Option<PathBuf> {
        existing(self.all().join(file_name(digest)))
    }

    /// The blob, if anybody may read it.
    #[must_use]
    pub fn find_public(&self, digest: &Digest) -> Option<PathBuf> {
        existing(self.directory.join("public").join(file_name(digest)))
    }

    /// The blob, if this owner has uploaded it.
    #[must_use]
    pub fn find_of(&self, owner: &OwnerName, digest: &Digest) -> Option<PathBuf> {
        existing(self.of(owner).join(file_name(digest)))
    }

    /// How many bytes count for an owner: whole blobs, and what has arrived of others; each for [`LEAST_BYTES`] at least.
    ///
    /// # Errors
    /// [`io::Error`] of the file system.
    pub fn bytes_of(&self, owner: &OwnerName) -> io::Result<u64> {
        Ok(bytes_in(&self.of(owner))? + bytes_in(&self.partial(owner))?)
    }

    /// How many of them one blob counts for.
    #[must_use]
    pub fn bytes_of_one(&self, owner: &OwnerName, digest: &Digest) -> u64 {
        let whole = self.of(owner).join(file_name(digest));
        let partial = self.partial(owner).join(digest.hex());
        let there = [whole, partial]
            .into_iter()
            .filter_map(|it| fs::metadata(it).ok());
        there.map(|it| counts(&it)).sum()
    }

    /// From now on anybody may read a blob that this owner has uploaded. Says whether it has.
    ///
    /// # Errors
    /// [`io::Error`] of the file system.
    pub fn publish(&self, owner: &OwnerName, digest: &Digest) -> io::Result<bool> {
        let Some(own) = self.find_of(owner, digest) else {
            return Ok(false);
        };
        let public = self.directory.join("public");
        let _there = link(&own, &public.join(file_name(digest)))?;
        durable(&public)?;
        Ok(true)
    }

    /// Forgets what has arrived of uploads that nobody went on with since then.
    ///
    /// # Errors
    /// [`io::Error`] of the file system.
    pub fn sweep(&self, before: SystemTime) -> io::Result<u64> {
        let mut swept = 0;
        for owner in entries(&self.directory.join("partial"))? {
            for partial in entries(&owner.path())? {
                if partial.metadata()?.modified()? < before {
                    fs::remove_file(partial.path())?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }

    pub(crate) fn of(&self, owner: &OwnerName) -> PathBuf {
        self.directory.join("of").join(&owner.0)
    }

    pub(crate) fn partial(&self, owner: &OwnerName) -> PathBuf {
        self.directory.join("partial").join(&owner.0)
    }

    /// Puts a whole file, which is durable, in its places. Done twice, or broken off and done again, it is the same. What
    /// has the name already is kept if it is whole; else a disk has lost some of it, and this takes its place.
    pub(crate) fn put(
        &self,
        file: &Path,
        digest: &Digest,
        owner: &OwnerName,
        public: bool,
    ) -> io::Result<()> {
        let name = file_name(digest);
        let (all, of) = (self.all(), self.of(owner));
        fs::create_dir_all(&of)?;
        let place = all.join(&name);
        let damaged = !link(file, &place)? && !is_whole(&place, digest)?;
        let mut others = vec![of.join(&name)];
        others.extend(self.find_public(digest));
        if damaged {
            replace(file, &place, file)?;
            others.extend(self.of_everybody(&name)?);
        }
        for other in others {
            if !link(&place, &other)? && !one_file(&fs::metadata(&place)?, &fs::metadata(&other)?) {
                replace(&place, &other, file)?;
            }
        }
        let folders = [all, of, self.directory.join("of")];
        folders.iter().try_for_each(|folder| durable(folder))?;
        if public {
            self.publish(owner, digest)?;
        }
        Ok(())
    }

    /// Every name of a blob that an owner has.
    fn of_everybody(&self, name: &str) -> io::Result<Vec<PathBuf>> {
        let owners = entries(&self.directory.join("of"))?.into_iter();
        let names = owners.map(|owner| owner.path().join(name));
        Ok(names.filter_map(existing).collect())
    }
}

/// What a blob is called: the digest without a colon, which not every file system likes.
fn file_name(digest: &Digest) -> String {
    format!("sha256-{}", digest.hex())
}

fn existing(path: PathBuf) -> Option<PathBuf> {
    path.is_file().then_some(path)
}

/// Names that were made in a folder survive a loss of power.
pub(crate) fn durable(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A second name for a file; `false` if something has it already.
fn link(from: &Path, to: &Path) -> io::Result<bool> {
    match fs::hard_link(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives a name to another file, at once. On the way it has a name beside that of the upload, which is the caller's alone.
fn replace(from: &Path, to: &Path, upload: &Path) -> io::Result<()> {
    let between = upload.with_extension("whole");
    match fs::remove_file(&between) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => fs::hard_link(from, &between)?,
    }
    fs::rename(&between, to)
}

/// Whether these are of one file, whatever its names are.
pub(crate) fn one_file(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

fn counts(file: &Metadata) -> u64 {
    file.len().max(LEAST_BYTES)
}

fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn bytes_in(folder: &Path) -> io::Result<u64> {
    let sizes = entries(folder)?
        .into_iter()
        .map(|entry| match entry.metadata() {
            Ok(metadata) => Ok(counts(&metadata)),
            // It has become whole, or was swept, in between.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        });
    sizes.sum()
}
