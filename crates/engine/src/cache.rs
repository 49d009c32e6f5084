//! Compiled code on disk.
//!
//! Compiled code is native code, so it is loaded only if a keyed hash over it and over what it was
//! compiled from is right. The key is made once, readable by its owner only; whoever can read it can
//! already run code as that user. A file that fails the check is deleted and compiled again. Entries are
//! never written in place: workers have them mapped.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use proofmark_core::Digest;
use proofmark_criteria::fault::HostFaultCode;

use crate::code::CodeFile;
use crate::config::{self, OptLevel};
use crate::fault::HostFault;
use crate::options::Admission;
use crate::profile;

const KEY_BYTES: usize = 32;
/// The keyed hash stands after the code, which can so be mapped from the beginning of its file.
const MAC_BYTES: u64 = 32;
const SUFFIX: &str = "code";
/// How a file begins that is being written; a process that is killed leaves it behind.
const UNFINISHED: &str = ".tmp";
/// A file that is being written is older than this only if nobody writes it any more: an entry is
/// written in seconds.
const ABANDONED_AFTER: Duration = Duration::from_secs(60 * 60);
/// Above this the entries not used for longest are deleted: about a hundred large validators.
const MAX_CACHE_BYTES: u64 = 2 << 30;

/// A directory of compiled code.
#[derive(Debug)]
pub struct Cache {
    directory: PathBuf,
    key: [u8; KEY_BYTES],
}

/// What a cache holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheStatus {
    /// Number of entries.
    pub entries: u64,
    /// Their size together, in bytes, and that of files left unfinished.
    pub size_bytes: u64,
}

impl Cache {
    /// Open a cache, and make it if it is not there.
    ///
    /// # Errors
    /// When the directory cannot be made, or others than its owner may write to it.
    pub fn open(directory: &Path) -> Result<Self, HostFault> {
        let fail =
            |error: io::Error| HostFault::io(&format!("cache {}", directory.display()), error);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(fail)?;
        let found = fs::metadata(directory).map_err(fail)?;
        if found.mode() & 0o022 != 0 || found.uid() != rustix::process::geteuid().as_raw() {
            return Err(unusable(
                directory,
                "may be written by others; chmod 700 it",
            ));
        }
        let key = read_or_make_key(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
            key,
        })
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The code for a component, verified and positioned in an open file; `None` if there is none.
    ///
    /// What was compiled under the strict limits of publication serves any later time; what was compiled
    /// under the wider ones of a later time is no proof for publication.
    pub(crate) fn get(
        &self,
        component: &Digest,
        opt: OptLevel,
        admission: Admission,
    ) -> Option<CodeFile> {
        let strict = self.read(&identity(component, opt, Admission::Publish));
        match admission {
            Admission::Publish => strict,
            Admission::Published => {
                strict.or_else(|| self.read(&identity(component, opt, admission)))
            }
        }
    }

    fn read(&self, identity: &str) -> Option<CodeFile> {
        let path = self.path(identity);
        let file = File::open(&path).ok()?;
        let Some(len) = self.authentic(&file, identity) else {
            tracing::warn!(path = %path.display(), "compiled code in the cache is not what was put there; deleted");
            let _ = fs::remove_file(&path);
            return None;
        };
        // For `prune`: what was used last is kept longest.
        let _ = file.set_modified(std::time::SystemTime::now());
        Some(CodeFile { file, len })
    }

    /// The length of the code in a file, if its keyed hash is right.
    fn authentic(&self, file: &File, identity: &str) -> Option<u64> {
        let len = file.metadata().ok()?.len().checked_sub(MAC_BYTES)?;
        let mut hash = self.hasher(identity);
        hash.update_reader(file.take(len)).ok()?;
        let mut mac = Vec::new();
        file.take(MAC_BYTES + 1).read_to_end(&mut mac).ok()?;
        // In constant time; false for another length.
        (hash.finalize() == *mac).then_some(len)
    }

    /// Keep the code for a component. Atomic: another process sees all of it or nothing.
    pub(crate) fn put(
        &self,
        component: &Digest,
        opt: OptLevel,
        admission: Admission,
        code: &[u8],
    ) -> io::Result<()> {
        let identity = identity(component, opt, admission);
        let mut file = unfinished().tempfile_in(&self.directory)?;
        file.write_all(code)?;
        let mut hash = self.hasher(&identity);
        file.write_all(hash.update(code).finalize().as_bytes())?;
        file.persist(self.path(&identity))?;
        self.prune(MAX_CACHE_BYTES)
    }

    /// What the cache holds.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn status(&self) -> io::Result<CacheStatus> {
        let (entries, unfinished) = (self.entries()?, self.unfinished()?);
        let files = entries.iter().chain(&unfinished);
        let size_bytes = files.map(|(_, found)| found.len()).sum();
        Ok(CacheStatus {
            entries: entries.len() as u64,
            size_bytes,
        })
    }

    /// Delete every entry and whatever is unfinished; the key stays.
    ///
    /// # Errors
    /// When an entry cannot be deleted.
    pub fn clear(&self) -> io::Result<CacheStatus> {
        let status = self.status()?;
        self.prune(0)?;
        // Whoever is writing one just now does without the cache.
        for (path, _) in self.unfinished()? {
            remove(&path)?;
        }
        Ok(status)
    }

    fn prune(&self, keep_bytes: u64) -> io::Result<()> {
        let mut entries = self.entries()?;
        entries.sort_by_key(|(_, found)| std::cmp::Reverse((found.mtime(), found.mtime_nsec())));
        let mut total = 0;
        for (path, found) in entries {
            total += found.len();
            if total > keep_bytes {
                remove(&path)?;
            }
        }
        for (path, found) in self.unfinished()? {
            // A time in the future has no age.
            let age = found.modified()?.elapsed().unwrap_or_default();
            if age > ABANDONED_AFTER {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn entries(&self) -> io::Result<Vec<Found>> {
        self.files(|path| path.extension().is_some_and(|suffix| suffix == SUFFIX))
    }

    fn unfinished(&self) -> io::Result<Vec<Found>> {
        self.files(|path| {
            let name = path.file_name().unwrap_or_default();
            name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes())
        })
    }

    fn files(&self, wanted: impl Fn(&Path) -> bool) -> io::Result<Vec<Found>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if !wanted(&entry.path()) {
                continue;
            }
            match entry.metadata() {
                Ok(metadata) => found.push((entry.path(), metadata)),
                // Another process was quicker.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    fn path(&self, identity: &str) -> PathBuf {
        let name = Digest::of(identity.as_bytes()).hex();
        self.directory.join(name).with_extension(SUFFIX)
    }

    /// Bound to what it was compiled from, so that no entry can stand in for another.
    fn hasher(&self, identity: &str) -> blake3::Hasher {
        let mut hash = blake3::Hasher::new_keyed(&self.key);
        hash.update(&(identity.len() as u64).to_le_bytes());
        hash.update(identity.as_bytes());
        hash
    }
}

/// A file of the cache, and what the system says of it.
type Found = (PathBuf, fs::Metadata);

/// Delete a file that another process may have deleted already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// How files that are being written are made: readable by their owner only, with a name of their own.
fn unfinished() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED).permissions(owner_only());
    builder
}

/// Everything compiled code depends on, and the gate it went through: what an older gate let pass must go
/// through today's.
fn identity(component: &Digest, opt: OptLevel, admission: Admission) -> String {
    static GATE: LazyLock<Digest> = LazyLock::new(|| Digest::of(include_bytes!("gate.rs")));
    let (version, target, opt) = (config::module_version(), profile::TARGET, opt.as_str());
    format!(
        "{component}+{version}+{target}+{opt}+{admission:?}+{}",
        *GATE
    )
}

/// A cache that must be mended by its owner: with every other, code could be slipped in.
fn unusable(path: &Path, why: &str) -> HostFault {
    let detail = format!("cache {} {why}", path.display());
    HostFault::new(HostFaultCode::CacheCorrupt, detail)
}

fn read_or_make_key(directory: &Path) -> Result<[u8; KEY_BYTES], HostFault> {
    let path = directory.join("key");
    if let Some(key) = read_key(&path)? {
        return Ok(key);
    }
    match make_key(directory, &path) {
        Ok(key) => Ok(key),
        // Another process was quicker: its key counts.
        Err(error) => read_key(&path)?.ok_or_else(|| key_fault(&path, error)),
    }
}

fn make_key(directory: &Path, path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    fill_random(&mut key)?;
    let mut file = unfinished().tempfile_in(directory)?;
    file.write_all(&key)?;
    // An empty key after a loss of power would have to be deleted by hand.
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(key)
}

fn key_fault(path: &Path, error: io::Error) -> HostFault {
    HostFault::io(&format!("cache {}", path.display()), error)
}

fn owner_only() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o600)
}

fn read_key(path: &Path) -> Result<Option<[u8; KEY_BYTES]>, HostFault> {
    let fail = |error: io::Error| key_fault(path, error);
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW);
    let file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            return Err(unusable(path, "is a link and no key; delete it"));
        }
        Err(error) => return Err(fail(error)),
    };
    if file.metadata().map_err(fail)?.mode() & 0o077 != 0 {
        let why = "may be read by others; chmod 600 it, or delete it if one may have done so";
        return Err(unusable(path, why));
    }
    let mut bytes = Vec::with_capacity(KEY_BYTES + 1);
    let mut limited = file.take(KEY_BYTES as u64 + 1);
    limited.read_to_end(&mut bytes).map_err(fail)?;
    let key = bytes.try_into();
    key.map(Some)
        .map_err(|_| unusable(path, "is no key; delete it"))
}

fn fill_random(mut bytes: &mut [u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let got = rustix::rand::getrandom(&mut *bytes, rustix::rand::GetRandomFlags::empty())?;
        bytes = &mut bytes[got..];
    }
    Ok(())
}
