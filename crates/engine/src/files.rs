//! The files of a run: a listing, and where the content of each is.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use proofmark_core::Digest;
use proofmark_criteria::fault::HostFaultCode;
use rustix::fs::{Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use crate::code::memory_file;
use crate::fault::HostFault;
use crate::run::{ArtifactHost, ArtifactListing, ArtifactSet, Bytes};

/// Where the content of an artifact is.
#[derive(Debug, Clone)]
pub enum Source {
    /// In memory.
    Memory(Arc<Kept>),
    /// In a file that was hashed, and must not have changed since.
    File(SourceFile),
}

impl Source {
    /// Size of the content in bytes, when it was hashed.
    pub fn size_bytes(&self) -> u64 {
        match self {
            Self::Memory(kept) => kept.bytes.len() as u64,
            Self::File(file) => file.stamp.size(),
        }
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Memory(Arc::new(Kept {
            bytes: bytes.into(),
            file: OnceLock::new(),
        }))
    }
}

/// Content in memory, and in a memory file once a worker has asked for it: one file, however often and
/// by however many workers it is opened.
#[derive(Debug)]
pub struct Kept {
    pub(crate) bytes: Arc<[u8]>,
    file: OnceLock<File>,
}

impl Kept {
    fn descriptor(&self) -> Result<BorrowedFd<'_>, HostFault> {
        if let Some(file) = self.file.get() {
            return Ok(file.as_fd());
        }
        let made = memory_file(&self.bytes)?.file;
        // If another thread was quicker, its file is the one.
        Ok(self.file.get_or_init(|| made).as_fd())
    }
}

/// A file below a directory that was opened once.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub(crate) root: Arc<OwnedFd>,
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
}

/// What shows that a file is still the one that was hashed. The change time cannot be set by its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    size: i64,
    changed: (i64, i64),
}

impl Stamp {
    pub(crate) fn size(&self) -> u64 {
        u64::try_from(self.size).unwrap_or_default()
    }

    pub(crate) fn of(stat: &Stat) -> Self {
        Self {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: stat.st_size,
            changed: (stat.st_ctime, stat.st_ctime_nsec.cast_signed()),
        }
    }
}

impl SourceFile {
    /// Open below the root, without following a link anywhere.
    pub(crate) fn open_below(
        root: &OwnedFd,
        path: &std::path::Path,
    ) -> rustix::io::Result<OwnedFd> {
        rustix::fs::openat2(
            root,
            path,
            OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK,
            Mode::empty(),
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS,
        )
    }

    fn open(&self) -> Result<File, HostFault> {
        let fd = Self::open_below(&self.root, &self.path).map_err(|error| {
            let code = match error {
                // A link that took its place is another thing.
                Errno::NOENT | Errno::NOTDIR | Errno::LOOP => HostFaultCode::ArtifactMissing,
                _ => HostFaultCode::Io,
            };
            HostFault::new(code, format!("{}: {error}", self.path.display()))
        })?;
        self.verify(&fd)?;
        Ok(File::from(fd))
    }

    /// Is what is open still the file that was hashed?
    fn verify(&self, fd: impl AsFd) -> Result<(), HostFault> {
        let now = rustix::fs::fstat(fd).map_err(|error| HostFault::io("an artifact", error))?;
        if Stamp::of(&now) == self.stamp {
            return Ok(());
        }
        let detail = format!("{} changed after it was hashed", self.path.display());
        Err(HostFault::new(HostFaultCode::ArtifactChanged, detail))
    }
}

/// Artifacts in ascending byte order of their paths.
#[derive(Debug, Clone, Default)]
pub struct FileSet {
    listing: Vec<ArtifactListing>,
    sources: Vec<Source>,
    size_bytes: u64,
}

impl FileSet {
    /// A set from its parts, in any order.
    pub fn new(mut files: Vec<(ArtifactListing, Source)>) -> Self {
        files.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        let size_bytes = files.iter().map(|(listing, _)| listing.size_bytes).sum();
        let (listing, sources) = files.into_iter().unzip();
        Self {
            listing,
            sources,
            size_bytes,
        }
    }

    /// Files that are in memory already, by path; hashed here.
    pub fn from_memory<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let entry = |(path, bytes): (&str, &[u8])| {
            let listing = ArtifactListing {
                path: path.to_owned(),
                size_bytes: bytes.len() as u64,
                digest: Digest::of(bytes),
            };
            (listing, bytes.to_vec().into())
        };
        Self::new(files.into_iter().map(entry).collect())
    }

    /// The sorted listing.
    pub fn listing(&self) -> &[ArtifactListing] {
        &self.listing
    }

    /// All sizes together.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    pub(crate) fn source(&self, index: usize) -> Option<&Source> {
        self.sources.get(index)
    }
}

/// The two sets of one run, and what was opened of them.
pub(crate) struct OpenedFiles {
    submission: Arc<FileSet>,
    reference: Arc<FileSet>,
    /// Which files were opened; not the descriptors, of which a guest could use up all there are.
    opened: BTreeSet<(ArtifactSet, usize)>,
}

impl OpenedFiles {
    pub(crate) fn new(submission: Arc<FileSet>, reference: Arc<FileSet>) -> Self {
        Self {
            submission,
            reference,
            opened: BTreeSet::new(),
        }
    }

    fn set(&self, set: ArtifactSet) -> &FileSet {
        match set {
            ArtifactSet::Submission => &self.submission,
            ArtifactSet::Reference => &self.reference,
        }
    }

    fn source(&self, set: ArtifactSet, index: usize) -> Result<&Source, HostFault> {
        let none = || HostFault::new(HostFaultCode::WorkerProtocol, "no artifact has this index");
        self.set(set).source(index).ok_or_else(none)
    }

    /// The content of an artifact as a file, for a worker.
    pub(crate) fn descriptor(
        &mut self,
        set: ArtifactSet,
        index: usize,
    ) -> Result<OwnedFd, HostFault> {
        let copy = |fd: BorrowedFd<'_>| {
            let copied = fd.try_clone_to_owned();
            copied.map_err(|error| HostFault::io("an artifact", error))
        };
        match self.source(set, index)?.clone() {
            Source::Memory(kept) => kept.descriptor().and_then(copy),
            Source::File(source) => {
                self.opened.insert((set, index));
                source.open().map(OwnedFd::from)
            }
        }
    }

    /// The content of an artifact, by its index in the listing.
    pub(crate) fn open(&mut self, set: ArtifactSet, index: usize) -> Result<Bytes, HostFault> {
        match self.source(set, index)?.clone() {
            Source::Memory(kept) => Ok(Bytes::Memory(Arc::clone(&kept.bytes))),
            Source::File(source) => {
                self.opened.insert((set, index));
                source.open().map(|file| Bytes::File(Arc::new(file)))
            }
        }
    }

    /// After the run: nothing that was read may have changed meanwhile.
    pub(crate) fn verify(&self) -> Result<(), HostFault> {
        for (set, index) in &self.opened {
            if let Some(Source::File(source)) = self.set(*set).source(*index) {
                source.open()?;
            }
        }
        Ok(())
    }
}

/// Lets the runner of this process read, while the caller keeps the record of what was opened.
pub(crate) struct SharedFiles {
    files: Arc<std::sync::Mutex<OpenedFiles>>,
    submission: Arc<FileSet>,
    reference: Arc<FileSet>,
}

impl SharedFiles {
    pub(crate) fn new(files: OpenedFiles) -> Self {
        let (submission, reference) = (Arc::clone(&files.submission), Arc::clone(&files.reference));
        Self {
            files: Arc::new(std::sync::Mutex::new(files)),
            submission,
            reference,
        }
    }

    pub(crate) fn opened(&self) -> Arc<std::sync::Mutex<OpenedFiles>> {
        Arc::clone(&self.files)
    }
}

impl ArtifactHost for SharedFiles {
    fn list(&self, set: ArtifactSet) -> &[ArtifactListing] {
        match set {
            ArtifactSet::Submission => self.submission.listing(),
            ArtifactSet::Reference => self.reference.listing(),
        }
    }

    fn open(&mut self, set: ArtifactSet, index: usize) -> Result<Bytes, HostFault> {
        self.files
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .open(set, index)
    }
}
