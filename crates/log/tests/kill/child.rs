//! Appends to a real log on a real disk, and aborts at the step of the disk that it is told.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use proofmark_keys::{SecretKey, Signer};
use proofmark_log::{Disk, Lock, Log, LogError, RealDisk};
use proofmark_tlog::NoteKey;

/// Entries in the log at the end; batches of different sizes come together to it.
const END: u64 = 700;
const BATCHES: [u64; 5] = [1, 90, 7, 200, 31];
const JOURNAL_LIMIT_BYTES: u64 = 4000;

/// The disk of the machine, up to a step.
struct Mortal {
    disk: RealDisk,
    left: AtomicUsize,
}

impl Mortal {
    fn step<T>(&self, work: impl FnOnce(&RealDisk) -> T) -> T {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 0 {
            std::process::abort();
        }
        work(&self.disk)
    }
}

impl Disk for Mortal {
    fn create_dir(&self, directory: &Path) -> io::Result<()> {
        self.step(|disk| disk.create_dir(directory))
    }
    fn create(&self, file: &Path, content: &[u8]) -> io::Result<()> {
        // In two halves, so that it can be killed in between.
        let half = content.len() / 2;
        self.step(|disk| disk.create(file, &content[..half]))?;
        self.step(|disk| disk.append(file, &content[half..]))
    }
    fn append(&self, file: &Path, content: &[u8]) -> io::Result<()> {
        let half = content.len() / 2;
        self.step(|disk| disk.append(file, &content[..half]))?;
        self.step(|disk| disk.append(file, &content[half..]))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|disk| disk.rename(from, to))
    }
    fn remove(&self, file: &Path) -> io::Result<()> {
        self.step(|disk| disk.remove(file))
    }
    fn remove_dir(&self, directory: &Path) -> io::Result<()> {
        self.step(|disk| disk.remove_dir(directory))
    }
    fn sync(&self, file: &Path) -> io::Result<()> {
        self.step(|disk| disk.sync(file))
    }
    fn sync_dir(&self, directory: &Path) -> io::Result<()> {
        self.step(|disk| disk.sync_dir(directory))
    }
    fn sync_all(&self, root: &Path, files: &[PathBuf]) -> io::Result<()> {
        self.step(|disk| disk.sync_all(root, files))
    }
    fn read(&self, file: &Path) -> io::Result<Vec<u8>> {
        self.disk.read(file)
    }
    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        self.disk.list(directory)
    }
    fn lock(&self, file: &Path) -> io::Result<Lock> {
        self.disk.lock(file)
    }
}

/// Brings the log to its end, or dies at this step. Prints `committed <size> <root>` for what is durable.
pub(crate) fn append(directory: &Path, step: usize) -> Result<(), LogError> {
    let disk = Arc::new(Mortal {
        disk: RealDisk::default(),
        left: AtomicUsize::new(step),
    });
    let signer = SecretKey::from_seed(&[1; 32]);
    let key = NoteKey::log("log.example".parse().expect("a name"), *signer.public_key());
    let mut log = match Log::open_on(disk.clone(), directory) {
        Err(LogError::Missing(_)) => Log::create_on(disk, directory, &key, &signer)?,
        log => log?,
    }
    .with_journal_limit(JOURNAL_LIMIT_BYTES);
    tell(&log);
    for batch in BATCHES.iter().cycle() {
        let size = log.size();
        if size >= END {
            break;
        }
        let entries: Vec<_> = (size..size + batch)
            .map(|index| format!("entry {index}").into_bytes())
            .collect();
        log.append(&entries, &signer)?;
        tell(&log);
    }
    Ok(())
}

fn tell(log: &Log) {
    let mut lines = log.checkpoint().text().lines().skip(1);
    let (size, root) = (lines.next().expect("a size"), lines.next().expect("a root"));
    println!("committed {size} {root}");
    io::stdout().flush().expect("somebody listens");
}
