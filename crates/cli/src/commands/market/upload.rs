//! Sending files and submissions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use indicatif::ProgressBar;
use proofmark_api::MAX_BLOB_BYTES;
use proofmark_api::ticket::Access;
use proofmark_attestation::statement::binding::Term;
use proofmark_core::Digest;
use proofmark_criteria::submission::Entry;
use proofmark_engine::intake;
use proofmark_keys::Signer;
use serde_json::{Value, json};
use ureq::SendBody;

use super::client::{self, Blobs, There};
use super::criteria;
use super::ticket;
use crate::args::{At, Sender as Asker, Upload};
use crate::commands::{Outcome, submission};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::progress;
use crate::signers;

/// So many tries in a row that bring nothing forward, and it is given up.
const TRIES: u32 = 5;

/// Between two of them.
const REST: Duration = Duration::from_secs(1);

/// What may be otherwise when it is tried again.
const PASSING: [&str; 6] = [
    client::UNREACHABLE,
    "upload-incomplete",
    "upload-too-slow",
    "upload-elsewhere",
    "upload-in-use",
    "busy",
];

/// Something to send.
struct Blob {
    name: PathBuf,
    digest: Digest,
    size: u64,
    content: Content,
}

enum Content {
    File(PathBuf),
    Manifest(Vec<u8>),
}

/// Whoever sends.
struct Sender<'s> {
    blobs: Blobs<'s>,
    audience: Term,
    signer: &'s dyn Signer,
    public: bool,
    bar: ProgressBar,
}

pub(crate) fn run(upload: &Upload, printer: &Printer) -> Outcome {
    let Sent {
        done,
        missing,
        absent,
    } = send(upload)?;
    for what in absent {
        printer.warn(format!("{what} is named by the criteria, lies nowhere beside them, and cannot be read by everybody at the market: who bids, and engines elsewhere, cannot judge until it is sent with --public"));
    }
    printer.partly(missing, Exit::Done, || text(&done), || document(&done))
}

/// Sends a directory, and says by which digest it is submitted.
pub(crate) fn directory(work: &Path, sender: &Asker) -> Result<Digest, Failure> {
    if !work.is_dir() {
        let why = match work.exists() {
            true => format!("{} is no directory", work.display()),
            false => format!("there is no directory {}", work.display()),
        };
        let hint = "what is submitted is a directory with the work in it";
        return Err(Failure::input("not-a-directory", why, hint));
    }
    // Nothing passes no criteria that are worth anything, and an attempt would be spent.
    if fs::read_dir(work).is_ok_and(|mut files| files.next().is_none()) {
        let why = format!("{} is empty", work.display());
        let hint = "put the files of the work into it: nothing would spend an attempt";
        return Err(Failure::input("submission-empty", why, hint));
    }
    one(work, false, &sender.key, &sender.at)
}

/// Whether everybody can read a blob of the market.
pub(crate) fn is_public(market: &str, blob: &Digest) -> Result<bool, Failure> {
    let found = Blobs::of(market).look(blob, None)?;
    Ok(matches!(found, There::Whole))
}

/// Sends a file for everybody, and says its digest.
pub(crate) fn public(file: &Path, key: &str, at: &At) -> Result<Digest, Failure> {
    one(file, true, key, at)
}

fn one(path: &Path, public: bool, key: &str, at: &At) -> Result<Digest, Failure> {
    let upload = Upload {
        paths: vec![path.to_owned()],
        key: key.to_owned(),
        public,
        at: at.clone(),
    };
    let Sent { done, missing, .. } = send(&upload)?;
    match missing {
        Some(failure) => Err(failure),
        // Of a directory its manifest comes last, of criteria the document.
        None => Ok(done.last().expect("a path was named").0.digest),
    }
}

/// What was sent, each with whether it had to be; and why it was not all.
struct Sent {
    done: Vec<(Blob, bool)>,
    missing: Option<Failure>,
    /// What criteria name, and nobody has found.
    absent: Vec<String>,
}

fn send(upload: &Upload) -> Result<Sent, Failure> {
    let signer = signers::open(&upload.key)?;
    let (blobs, named) = gathered(&upload.paths)?;
    let mut absent = Vec::new();
    for (digest, what) in named {
        if !is_public(&upload.at.market, &digest)? {
            absent.push(what);
        }
    }
    let sender = Sender {
        blobs: Blobs::of(&upload.at.market),
        audience: client::audience(&upload.at.market)?,
        signer: &*signer,
        public: upload.public,
        bar: progress::sending(blobs.iter().map(|blob| blob.size).sum()),
    };
    let (mut done, mut missing) = (Vec::new(), None);
    for blob in blobs {
        match sender.send(&blob) {
            Ok(sent) => done.push((blob, sent)),
            Err(failure) => {
                missing = Some(failure.about(blob.name.display()));
                break;
            }
        }
    }
    sender.bar.finish_and_clear();
    Ok(Sent {
        done,
        missing,
        absent,
    })
}

/// What is named, after what criteria among it name and nobody has named; and what of that is nowhere.
fn gathered(paths: &[PathBuf]) -> Result<(Vec<Blob>, BTreeMap<Digest, String>), Failure> {
    let mut said = Vec::new();
    for path in paths {
        said.extend(found(path)?);
    }
    let mut known: BTreeSet<_> = said.iter().map(|blob| blob.digest).collect();
    let (mut blobs, mut absent) = (Vec::new(), BTreeMap::new());
    for around in paths.iter().map(|path| criteria::around(path)) {
        for file in &around.files {
            let named = found(file)?.into_iter();
            blobs.extend(named.filter(|blob| known.insert(blob.digest)));
        }
        absent.extend(around.missing);
    }
    blobs.extend(said);
    absent.retain(|digest, _| !known.contains(digest));
    Ok((blobs, absent))
}

/// A file; or of a directory its files, and last its manifest.
fn found(path: &Path) -> Result<Vec<Blob>, Failure> {
    if !path.is_dir() {
        let bar = progress::hashing();
        let read = intake::file(path, &|bytes| bar.inc(bytes));
        bar.finish_and_clear();
        let (digest, size, _) = read?;
        return Ok(vec![Blob {
            name: path.to_owned(),
            digest,
            size,
            content: Content::File(path.to_owned()),
        }]);
    }
    let manifest = submission::read(path, None)?.manifest;
    let file = |entry: &Entry| {
        let file = path.join(entry.path.as_str());
        Blob {
            name: file.clone(),
            digest: entry.digest,
            size: entry.size_bytes,
            content: Content::File(file),
        }
    };
    let mut blobs: Vec<_> = manifest.entries().iter().map(file).collect();
    let bytes = manifest.canonical_bytes().to_vec();
    blobs.push(Blob {
        name: path.to_owned(),
        digest: manifest.digest(),
        size: bytes.len() as u64,
        content: Content::Manifest(bytes),
    });
    Ok(blobs)
}

impl Sender<'_> {
    /// Sends a blob, as often as it takes. Says whether anything had to be sent.
    fn send(&self, blob: &Blob) -> Result<bool, Failure> {
        if blob.size > MAX_BLOB_BYTES {
            let why = format!(
                "it has {} bytes, of which {MAX_BLOB_BYTES} are allowed",
                blob.size
            );
            let hint = "split it: a submission is a list of files";
            return Err(Failure::input("blob-too-large", why, hint));
        }
        let (mut furthest, mut tries) = (0, 0);
        loop {
            let mut from = 0;
            let failure = match self.go_on(blob, &mut from) {
                Ok(sent) => return Ok(sent),
                Err(failure) => failure,
            };
            let passes = failure.problems.iter().all(|it| PASSING.contains(&it.code));
            tries = if from > furthest { 1 } else { tries + 1 };
            furthest = furthest.max(from);
            if !passes || tries >= TRIES {
                return Err(failure);
            }
            thread::sleep(REST);
        }
    }

    /// One try. Says from where it went on.
    fn go_on(&self, blob: &Blob, from: &mut u64) -> Result<bool, Failure> {
        let before = self.bar.position();
        let ticket = self.ticket(blob)?;
        let there = |ticket| self.blobs.look(&blob.digest, ticket);
        // Without a ticket, what is there is what anybody may read.
        let public = self.public && matches!(there(None)?, There::Whole);
        *from = match there(Some(&ticket))? {
            There::Whole if public || !self.public => {
                self.bar.inc(blob.size);
                return Ok(false);
            }
            // It has to be made public, which needs no bytes.
            There::Whole => blob.size,
            There::Part(arrived) if arrived > blob.size => 0,
            There::Part(arrived) => arrived,
        };
        self.bar.inc(*from);
        let sent = self.rest(blob, &ticket, *from);
        if sent.is_err() {
            self.bar.set_position(before);
        }
        sent.map(|_| true)
    }

    fn rest(&self, blob: &Blob, ticket: &str, from: u64) -> Result<Value, Failure> {
        let left = blob.size - from;
        let span = (from, left);
        match &blob.content {
            Content::Manifest(bytes) => {
                let mut rest = self.bar.wrap_read(&bytes[bytes.len() - left as usize..]);
                let body = SendBody::from_reader(&mut rest);
                self.blobs.send(&blob.digest, ticket, span, body)
            }
            Content::File(path) => {
                let unreadable = |error| Failure::unreadable(path, &error);
                let mut file = File::open(path).map_err(unreadable)?;
                file.seek(SeekFrom::Start(from)).map_err(unreadable)?;
                let mut rest = self.bar.wrap_read(file.take(left));
                let body = SendBody::from_reader(&mut rest);
                self.blobs.send(&blob.digest, ticket, span, body)
            }
        }
    }

    fn ticket(&self, blob: &Blob) -> Result<String, Failure> {
        let access = Access::Upload {
            blob: blob.digest,
            size: blob.size,
            public: self.public,
        };
        ticket::sign(&self.audience, self.signer, access)
    }
}

/// As `sha256sum` prints them.
fn text(done: &[(Blob, bool)]) -> String {
    let line = |(blob, _): &(Blob, bool)| format!("{}  {}\n", blob.digest, blob.name.display());
    done.iter().map(line).collect()
}

fn document(done: &[(Blob, bool)]) -> Value {
    let item = |(blob, sent): &(Blob, bool)| {
        json!({
            "blob": blob.digest,
            "path": blob.name.display().to_string(),
            "size": blob.size,
            "status": if *sent { "sent" } else { "exists" },
        })
    };
    json!({ "items": done.iter().map(item).collect::<Vec<_>>() })
}
