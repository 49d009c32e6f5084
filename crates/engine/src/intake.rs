//! Reading a submission from disk: regular files only, hashed as a stream, never through a link.
//!
//! Everything is opened relative to the root with `RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS`, so a
//! directory that is swapped for a link while we walk leads nowhere. What is refused is refused as a
//! whole, with a code of its own and the path.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark_core::{Digest, Digester};
use proofmark_criteria::submission::{
    self, ArtifactPath, Entry, Manifest, PathError, SubmissionError, SubmissionLimits,
};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, statat};

use crate::files::{FileSet, Source, SourceFile, Stamp};
use crate::run::ArtifactListing;

/// A submission that has been read: its manifest, and where its bytes are.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The canonical list; its digest identifies the submission.
    pub manifest: Manifest,
    /// The content.
    pub files: Arc<FileSet>,
}

impl Submission {
    /// The submission without any artifact.
    pub fn empty() -> Self {
        let manifest = Manifest::build(Vec::new(), &SubmissionLimits::default());
        Self {
            manifest: manifest.expect("an empty list is within every limit"),
            files: Arc::default(),
        }
    }
}

/// Told how many bytes were hashed since the last call.
pub type Progress<'a> = &'a dyn Fn(u64);

/// The submission cannot be accepted. The supplier's to mend, except [`IntakeError::Io`].
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// A symbolic link.
    #[error("{} is a symbolic link", .0.display())]
    Symlink(PathBuf),
    /// A device, socket or pipe; or a directory where a file belongs.
    #[error("{} is no regular file", .0.display())]
    SpecialFile(PathBuf),
    /// A file name that is not UTF-8.
    #[error("{} is not UTF-8", .0.display())]
    NotUtf8(PathBuf),
    /// A file that the system does not let us read.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest names a file that is not there.
    #[error("{0} is in the manifest and not in the directory")]
    Missing(String),
    /// The manifest names another content.
    #[error("{path} has digest {found}, the manifest says {expected}")]
    Mismatch {
        /// Which.
        path: String,
        /// The manifest's.
        expected: Digest,
        /// The file's.
        found: Digest,
    },
    /// The manifest says another size.
    #[error("{path} has {found} bytes, the manifest says {expected}")]
    SizeMismatch {
        /// Which.
        path: String,
        /// The manifest's.
        expected: u64,
        /// The file's.
        found: u64,
    },
    /// A file changed while it was read, or has more or less in it than its size.
    #[error("{} changed while it was read", .0.display())]
    Changed(PathBuf),
    /// A path that no artifact may have.
    #[error("{} cannot be delivered under this path", .path.display())]
    Path {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: PathError,
    },
    /// A file larger than may be delivered.
    #[error("{} has {size_bytes} bytes, of which {max_bytes} are allowed", .path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// Its size.
        size_bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
    /// More than may be delivered, or paths that may not stand together.
    #[error("the submission is refused")]
    Refused(#[source] SubmissionError),
    /// The root cannot be read.
    #[error("the submission {} cannot be read", .path.display())]
    Io {
        /// The root.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl IntakeError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Symlink(_) => "submission-symlink",
            Self::SpecialFile(_) => "submission-special-file",
            Self::NotUtf8(_) => "submission-path-not-utf8",
            Self::Unreadable { .. } => "submission-unreadable",
            Self::Missing(_) => "submission-artifact-missing",
            Self::Mismatch { .. } => "submission-digest-mismatch",
            Self::SizeMismatch { .. } => "submission-size-mismatch",
            Self::Changed(_) => "submission-changed",
            Self::Path { source, .. } => source.code(),
            Self::TooLarge { .. } => "artifact-too-large",
            Self::Refused(refused) => refused.code(),
            Self::Io { .. } => "submission-root-unreadable",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Symlink(_) => "replace the link by the file it points to".into(),
            Self::SpecialFile(_) => "deliver regular files only".into(),
            Self::NotUtf8(_) => "rename the file; paths are UTF-8 in Unicode NFC".into(),
            Self::Unreadable { .. } => "make the file readable".into(),
            Self::Missing(_) => "deliver the file, or make the manifest again".into(),
            Self::Mismatch { .. } | Self::SizeMismatch { .. } => {
                "deliver the file the manifest names, or make the manifest again".into()
            }
            Self::Changed(_) => "let nothing write to the submission while it is judged".into(),
            Self::Path { source, .. } => source.hint().into(),
            Self::TooLarge { .. } => "deliver less, or compressed".into(),
            Self::Refused(refused) => refused.hint().into(),
            Self::Io { .. } => "pass a directory that exists and can be read".into(),
        }
    }
}

type Intake<T> = Result<T, IntakeError>;

/// Read every file below `root`.
///
/// # Errors
/// See [`IntakeError`]; nothing is accepted in part.
pub fn directory(
    root: &Path,
    limits: &SubmissionLimits,
    progress: Progress<'_>,
) -> Intake<Submission> {
    let mut walk = Walk::new(root, limits, progress)?;
    let mut found = Vec::new();
    walk.directory(Path::new(""), 0, &mut found)?;
    admit(&found, limits)?;
    for file in found {
        walk.file(Path::new(file.name.as_str()))?;
    }
    walk.finish()
}

/// Read the files that a manifest names, below `root`, and check their digests. Other files there are
/// not part of the submission.
///
/// # Errors
/// See [`IntakeError`].
pub fn manifest(
    manifest: &Manifest,
    root: &Path,
    limits: &SubmissionLimits,
    progress: Progress<'_>,
) -> Intake<Submission> {
    // What it says of itself, before anything is read.
    admit_count(manifest.entries().len(), limits)?;
    admit_total(manifest.total_bytes(), limits)?;
    let mut walk = Walk::new(root, limits, progress)?;
    for expected in manifest.entries() {
        let path = Path::new(expected.path.as_str());
        let found = walk.file(path).map_err(|error| match error {
            IntakeError::Unreadable { source, .. } if is_absent(&source) => {
                IntakeError::Missing(expected.path.to_string())
            }
            other => other,
        })?;
        if found != expected.digest {
            let path = expected.path.to_string();
            return Err(IntakeError::Mismatch {
                path,
                expected: expected.digest,
                found,
            });
        }
    }
    let read = walk.finish()?;
    // Both are sorted and name the same contents: what may still differ is a size.
    let mut pairs = manifest.entries().iter().zip(read.manifest.entries());
    match pairs.find(|(expected, found)| expected != found) {
        None => Ok(read),
        Some((expected, found)) => Err(IntakeError::SizeMismatch {
            path: expected.path.to_string(),
            expected: expected.size_bytes,
            found: found.size_bytes,
        }),
    }
}

/// There is no such file, or what should be its directory is a file.
fn is_absent(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

/// Read a single file as a source (a reference file of the criteria).
///
/// # Errors
/// See [`IntakeError`].
pub fn file(path: &Path, progress: Progress<'_>) -> Intake<(Digest, u64, Source)> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .ok_or_else(|| unreadable(path, io::ErrorKind::InvalidInput.into()))?;
    let root = open_root(parent)?;
    let name = Path::new(name);
    let (fd, stamp) = open(&root, name)?;
    let digest = read(&fd, stamp, name, progress, None)?;
    let source = SourceFile {
        root,
        path: name.to_owned(),
        stamp,
    };
    Ok((digest, stamp.size(), Source::File(source)))
}

/// The whole of a small file, such as a component that was named. A link to a regular file is followed.
///
/// # Errors
/// See [`IntakeError`]; what has more than `max_bytes` is not read further than shows it.
pub fn bytes(path: &Path, max_bytes: usize) -> Intake<Vec<u8>> {
    whole(path, max_bytes, OFlags::empty())
}

/// As [`bytes`], for what nobody named: a blob that lies where its digest says. Never through a link.
///
/// # Errors
/// See [`IntakeError`].
pub fn blob(path: &Path, max_bytes: usize) -> Intake<Vec<u8>> {
    whole(path, max_bytes, OFlags::NOFOLLOW)
}

fn whole(path: &Path, max_bytes: usize, flags: OFlags) -> Intake<Vec<u8>> {
    let fail = |error| not_opened(path, error);
    // Not blocking, because opening a pipe would wait for its writer.
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let fd = rustix::fs::open(path, flags, Mode::empty()).map_err(fail)?;
    let size_bytes = regular(&fd, path)?.size();
    let max_bytes = max_bytes as u64;
    let too_large = |size_bytes| IntakeError::TooLarge {
        path: path.to_owned(),
        size_bytes,
        max_bytes,
    };
    if size_bytes > max_bytes {
        return Err(too_large(size_bytes));
    }
    let mut bytes = Vec::new();
    let mut limited = File::from(fd).take(max_bytes.saturating_add(1));
    let got = limited
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(path, error))? as u64;
    // It may have grown since.
    if got > max_bytes {
        return Err(too_large(got));
    }
    Ok(bytes)
}

/// What is open, if it is a regular file.
fn regular(fd: &OwnedFd, path: &Path) -> Intake<Stamp> {
    let stat = rustix::fs::fstat(fd).map_err(|error| not_opened(path, error))?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(Stamp::of(&stat)),
        _ => Err(IntakeError::SpecialFile(path.to_owned())),
    }
}

fn open_root(root: &Path) -> Intake<Arc<OwnedFd>> {
    rustix::fs::open(
        root,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .map(Arc::new)
    .map_err(|error| IntakeError::Io {
        path: root.to_owned(),
        source: error.into(),
    })
}

fn unreadable(path: &Path, source: io::Error) -> IntakeError {
    IntakeError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

/// A link that was not there when the directory was listed is still a link.
fn not_opened(path: &Path, error: rustix::io::Errno) -> IntakeError {
    match error {
        rustix::io::Errno::LOOP => IntakeError::Symlink(path.to_owned()),
        other => unreadable(path, other.into()),
    }
}

/// A file that was seen in the walk, before any is read.
struct Found {
    name: ArtifactPath,
    size_bytes: u64,
}

/// Count, sizes, total and names of what was found, in the order of [`SubmissionError`]: what is refused
/// must not cost us its hashing.
fn admit(found: &[Found], limits: &SubmissionLimits) -> Intake<()> {
    admit_count(found.len(), limits)?;
    for file in found {
        admit_size(Path::new(file.name.as_str()), file.size_bytes, limits)?;
    }
    let sizes = found.iter().map(|file| file.size_bytes);
    admit_total(sizes.fold(0, u64::saturating_add), limits)?;
    let mut names: Vec<_> = found.iter().map(|file| &file.name).collect();
    names.sort();
    submission::check_names(&names).map_err(IntakeError::Refused)
}

fn admit_count(count: usize, limits: &SubmissionLimits) -> Intake<()> {
    let max = limits.max_artifacts;
    let refused = SubmissionError::TooManyArtifacts { count, max };
    (count <= max)
        .then_some(())
        .ok_or(IntakeError::Refused(refused))
}

fn admit_size(path: &Path, size_bytes: u64, limits: &SubmissionLimits) -> Intake<()> {
    let max_bytes = limits.max_artifact_bytes;
    if size_bytes <= max_bytes {
        return Ok(());
    }
    Err(IntakeError::TooLarge {
        path: path.to_owned(),
        size_bytes,
        max_bytes,
    })
}

fn admit_total(total_bytes: u64, limits: &SubmissionLimits) -> Intake<()> {
    let max_bytes = limits.max_total_bytes;
    let refused = SubmissionError::TotalTooLarge { max_bytes };
    (total_bytes <= max_bytes)
        .then_some(())
        .ok_or(IntakeError::Refused(refused))
}

struct Walk<'a> {
    root: Arc<OwnedFd>,
    limits: &'a SubmissionLimits,
    progress: Progress<'a>,
    entries: Vec<Entry>,
    sources: Vec<(ArtifactListing, Source)>,
    /// Names that were seen so far, of directories as well.
    listed: usize,
    /// Bytes of the files that were opened so far.
    total_bytes: u64,
    /// Bytes of the files that are kept in memory.
    kept_bytes: usize,
}

impl<'a> Walk<'a> {
    fn new(root: &Path, limits: &'a SubmissionLimits, progress: Progress<'a>) -> Intake<Self> {
        Ok(Self {
            root: open_root(root)?,
            limits,
            progress,
            entries: Vec::new(),
            sources: Vec::new(),
            listed: 0,
            total_bytes: 0,
            kept_bytes: 0,
        })
    }

    /// Collect the files below a directory, reading none.
    fn directory(&mut self, path: &Path, depth: usize, files: &mut Vec<Found>) -> Intake<()> {
        for (name, stat) in self.list(path)? {
            let path = path.join(name);
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory if depth < MAX_DEPTH => {
                    self.directory(&path, depth + 1, files)?;
                }
                // Too deep: the path itself says so, with its own code.
                FileType::Directory => drop(artifact_path(&path)?),
                FileType::RegularFile => files.push(Found {
                    name: artifact_path(&path)?,
                    size_bytes: Stamp::of(&stat).size(),
                }),
                FileType::Symlink => return Err(IntakeError::Symlink(path)),
                _ => return Err(IntakeError::SpecialFile(path)),
            }
        }
        Ok(())
    }

    /// Names, kinds and sizes in a directory, sorted, so that errors come in the same order everywhere.
    fn list(&mut self, path: &Path) -> Intake<Vec<(PathBuf, Stat)>> {
        let fail = |error| not_opened(path, error);
        let here = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        let fd = SourceFile::open_below(&self.root, here).map_err(fail)?;
        let mut found = Vec::new();
        for entry in Dir::read_from(&fd).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let stat = statat(&fd, name, AtFlags::SYMLINK_NOFOLLOW).map_err(fail)?;
            found.push((PathBuf::from(OsStr::from_bytes(name.to_bytes())), stat));
            self.listed += 1;
            // Refused early: millions of names must not fill our memory first.
            let (count, max) = (self.listed, self.limits.max_artifacts);
            if count > max.saturating_add(MAX_DIRECTORIES) {
                return Err(IntakeError::Refused(SubmissionError::TooManyArtifacts {
                    count,
                    max,
                }));
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found)
    }

    fn file(&mut self, path: &Path) -> Intake<Digest> {
        let name = artifact_path(path)?;
        let (fd, stamp) = open(&self.root, path)?;
        let size_bytes = stamp.size();
        // Asked again of what is open, before it is hashed: it need not be what was seen in the walk.
        self.total_bytes = self.total_bytes.saturating_add(size_bytes);
        admit_size(path, size_bytes, self.limits)?;
        admit_total(self.total_bytes, self.limits)?;
        let mut kept = self.may_keep(size_bytes).then(Vec::new);
        let digest = read(&fd, stamp, path, self.progress, kept.as_mut())?;
        let source = match kept {
            Some(bytes) => {
                self.kept_bytes += bytes.len();
                bytes.into()
            }
            None => Source::File(SourceFile {
                root: Arc::clone(&self.root),
                path: path.to_owned(),
                stamp,
            }),
        };
        let listing = ArtifactListing {
            path: name.to_string(),
            size_bytes,
            digest,
        };
        self.entries.push(Entry {
            path: name,
            digest,
            size_bytes,
        });
        self.sources.push((listing, source));
        Ok(digest)
    }

    fn may_keep(&self, size_bytes: u64) -> bool {
        let room = MAX_KEPT_BYTES.saturating_sub(self.kept_bytes);
        size_bytes <= MAX_KEPT_FILE_BYTES.min(room) as u64
    }

    fn finish(self) -> Intake<Submission> {
        let manifest = Manifest::build(self.entries, self.limits).map_err(IntakeError::Refused)?;
        Ok(Submission {
            manifest,
            files: Arc::new(FileSet::new(self.sources)),
        })
    }
}

/// Directories nest no deeper than a path may.
const MAX_DEPTH: usize = 64;
/// Directories beside the artifacts, before a submission is refused for its names.
const MAX_DIRECTORIES: usize = 100_000;

fn artifact_path(path: &Path) -> Intake<ArtifactPath> {
    let text = path
        .to_str()
        .ok_or_else(|| IntakeError::NotUtf8(path.to_owned()))?;
    text.parse().map_err(|source| IntakeError::Path {
        path: path.to_owned(),
        source,
    })
}

/// A file of at most 256 KiB is judged from the very bytes that were hashed, so that nothing can change
/// it in between, and no descriptor has to cross to the worker.
const MAX_KEPT_FILE_BYTES: usize = 256 << 10;
/// All such files together; what is beyond is read from the files again, like larger ones.
const MAX_KEPT_BYTES: usize = 16 << 20;

/// Bytes hashed at once.
const CHUNK_BYTES: usize = 1 << 20;

/// Open a regular file below the root.
fn open(root: &OwnedFd, path: &Path) -> Intake<(OwnedFd, Stamp)> {
    let fd = SourceFile::open_below(root, path).map_err(|error| not_opened(path, error))?;
    let stamp = regular(&fd, path)?;
    Ok((fd, stamp))
}

/// Hash an open file as a stream, keep its bytes if asked to, and see that it stayed the same meanwhile.
fn read(
    fd: &OwnedFd,
    stamp: Stamp,
    path: &Path,
    progress: Progress<'_>,
    kept: Option<&mut Vec<u8>>,
) -> Intake<Digest> {
    let fail = |error| not_opened(path, error);
    let (digest, hashed) = hash(fd, stamp.size(), progress, kept).map_err(fail)?;
    let after = rustix::fs::fstat(fd).map_err(fail)?;
    if stamp != Stamp::of(&after) || hashed != stamp.size() {
        return Err(IntakeError::Changed(path.to_owned()));
    }
    Ok(digest)
}

/// The digest, and how many bytes it is of: at most a chunk more than `size`, so that a file which grows
/// as fast as it is read comes to an end.
fn hash(
    fd: &OwnedFd,
    size: u64,
    progress: Progress<'_>,
    mut kept: Option<&mut Vec<u8>>,
) -> rustix::io::Result<(Digest, u64)> {
    let _ = rustix::fs::fadvise(fd, 0, None, rustix::fs::Advice::Sequential);
    let mut digester = Digester::new();
    let mut buffer = vec![0; CHUNK_BYTES.min(usize::try_from(size).unwrap_or(CHUNK_BYTES).max(1))];
    let mut hashed = 0;
    while hashed <= size {
        let got = rustix::io::read(fd, &mut buffer)?;
        if got == 0 {
            break;
        }
        digester.update(&buffer[..got]);
        if let Some(kept) = kept.as_deref_mut() {
            kept.extend_from_slice(&buffer[..got]);
        }
        hashed += got as u64;
        progress(got as u64);
    }
    Ok((digester.finish(), hashed))
}
