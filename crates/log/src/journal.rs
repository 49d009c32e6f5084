//! The journal: what was decided and is not yet in the tiles. Bytes only; reading and writing them is done
//! elsewhere.
//!
//! ```text
//! "proofmark-log journal v1\n"
//! frame*    kind (1) | length of the body, big-endian (4) | check (8) | sum (32) | body
//! ```
//! `check` is the beginning of SHA-256(sum before | kind | length), `sum` is SHA-256(sum before | kind | length |
//! body); the first sum before is that of the magic line. So no frame of another journal fits, and a frame that
//! was never finished is told from one that was finished and damaged later.
//!
//! | Kind | Body | |
//! |---|---|---|
//! | 0 | signed checkpoint | the first frame, and only it: what the tiles are at the journal's beginning |
//! | 1 | number of entries (4), entries as in an entry bundle, signed checkpoint | a batch |
//! | 2 | signed checkpoint | the last one with more cosignatures |

use proofmark_tlog::note::MAX_NOTE_BYTES;
use sha2::{Digest as _, Sha256};

const MAGIC: &[u8] = b"proofmark-log journal v1\n";
const CHECK_BYTES: usize = 8;
const SUM_BYTES: usize = 32;
const HEAD_BYTES: usize = 1 + 4 + CHECK_BYTES + SUM_BYTES;

/// Longest batch in bytes, with two bytes for each entry's length. A thousand entries of the longest kind are
/// 65,537,000.
pub const MAX_BATCH_BYTES: usize = 64 << 20;
/// The longest body: the longest batch, its number of entries, and a signed note.
const MAX_BODY_BYTES: usize = MAX_BATCH_BYTES + 4 + MAX_NOTE_BYTES;

/// One frame after the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Entries, and the signed checkpoint that contains them.
    Batch(Vec<Vec<u8>>, String),
    /// The checkpoint before, with more signatures.
    Cosigned(String),
}

/// The sum over a journal up to some frame.
pub(crate) type Sum = [u8; SUM_BYTES];

/// What a file holds.
#[derive(Debug)]
pub(crate) struct Journal {
    /// The signed checkpoint of the first frame.
    pub(crate) base: String,
    /// The frames after it that are whole.
    pub(crate) frames: Vec<Frame>,
    /// Whether something follows them that was never finished.
    pub(crate) torn: bool,
}

/// A frame was written in whole once, and is not what it was. The disk, or whoever wrote to the file, is to
/// blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DamagedFrame {
    /// Where it begins, in bytes from the start of the file.
    pub(crate) offset: usize,
}

/// Which frames are written next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JournalWriter {
    sum: Sum,
    /// Length of the file in bytes.
    pub(crate) size_bytes: u64,
}

impl JournalWriter {
    /// A new journal on top of this signed checkpoint, and its first bytes.
    pub(crate) fn begin(checkpoint: &str) -> (Self, Vec<u8>) {
        let mut writer = Self {
            sum: start(),
            size_bytes: MAGIC.len() as u64,
        };
        let mut bytes = MAGIC.to_vec();
        bytes.extend(writer.frame(0, &[checkpoint.as_bytes()]));
        (writer, bytes)
    }

    /// The bytes of a batch of entries, none longer than an entry may be.
    pub(crate) fn batch(&mut self, entries: &[Vec<u8>], checkpoint: &str) -> Vec<u8> {
        let count = u32::try_from(entries.len()).expect("a batch is bounded");
        let mut bundle = count.to_be_bytes().to_vec();
        for entry in entries {
            let length = u16::try_from(entry.len()).expect("an entry is bounded");
            bundle.extend(length.to_be_bytes());
            bundle.extend(entry);
        }
        self.frame(1, &[&bundle, checkpoint.as_bytes()])
    }

    /// The bytes of a checkpoint that has more signatures now.
    pub(crate) fn cosigned(&mut self, checkpoint: &str) -> Vec<u8> {
        self.frame(2, &[checkpoint.as_bytes()])
    }

    fn frame(&mut self, kind: u8, parts: &[&[u8]]) -> Vec<u8> {
        let size = parts.iter().map(|part| part.len()).sum::<usize>();
        debug_assert!(size <= MAX_BODY_BYTES);
        let length = u32::try_from(size)
            .expect("a batch is bounded")
            .to_be_bytes();
        let (check, digest) = check(&self.sum, kind, length);
        let digest = parts
            .iter()
            .fold(digest, |digest, part| digest.chain_update(part));
        self.sum = digest.finalize().into();
        let mut bytes = Vec::with_capacity(HEAD_BYTES + size);
        bytes.push(kind);
        bytes.extend(length);
        bytes.extend(check);
        bytes.extend(self.sum);
        parts.iter().for_each(|part| bytes.extend(*part));
        self.size_bytes += bytes.len() as u64;
        bytes
    }
}

fn start() -> Sum {
    Sha256::digest(MAGIC).into()
}

/// The check of a frame's head, and the digest that its body goes on with.
fn check(before: &Sum, kind: u8, length: [u8; 4]) -> ([u8; CHECK_BYTES], Sha256) {
    let digest = Sha256::new_with_prefix(before)
        .chain_update([kind])
        .chain_update(length);
    let head: Sum = digest.clone().finalize().into();
    let check = head.first_chunk().expect("8 of 32 bytes");
    (*check, digest)
}

impl Journal {
    /// Reads a journal. `None` if its first frame was never finished: then nothing was ever built on it.
    ///
    /// # Errors
    /// [`DamagedFrame`] where a frame was finished and is not what it was.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Self>, DamagedFrame> {
        let damaged = |rest: &[u8]| DamagedFrame {
            offset: bytes.len() - rest.len(),
        };
        let Some(first) = bytes.strip_prefix(MAGIC) else {
            return Ok(None);
        };
        let mut sum = start();
        let Some((kind, base, mut rest)) =
            next(&mut sum, first).map_err(|Followed| damaged(first))?
        else {
            return Ok(None);
        };
        let mut journal = Self {
            base: text(base).filter(|_| kind == 0).ok_or(damaged(first))?,
            frames: Vec::new(),
            torn: false,
        };
        while !rest.is_empty() {
            let read = next(&mut sum, rest).map_err(|Followed| damaged(rest))?;
            let Some((kind, body, after)) = read else {
                journal.torn = true;
                break;
            };
            journal
                .frames
                .push(decode(kind, body).ok_or(damaged(rest))?);
            rest = after;
        }
        Ok(Some(journal))
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

/// Kind and body of a frame, and the bytes after it.
type Split<'a> = (u8, &'a [u8], &'a [u8]);

/// A bad frame with others after it. Frames are synced one by one, so it was good once.
struct Followed;

/// The next frame; `None` if it was never finished.
fn next<'a>(sum: &mut Sum, bytes: &'a [u8]) -> Result<Option<Split<'a>>, Followed> {
    let Some((head, rest)) = bytes.split_at_checked(HEAD_BYTES) else {
        return Ok(None);
    };
    let length: [u8; 4] = *head[1..].first_chunk().expect("the head is longer");
    let (expected, digest) = check(sum, head[0], length);
    let (check, expected_sum) = head[5..].split_at(CHECK_BYTES);
    let size = u32::from_be_bytes(length) as usize;
    if check != expected {
        return Ok(None);
    }
    let Some((body, after)) = rest.split_at_checked(size) else {
        return Ok(None);
    };
    let found: Sum = digest.chain_update(body).finalize().into();
    if found != *expected_sum {
        return if after.is_empty() {
            Ok(None)
        } else {
            Err(Followed)
        };
    }
    *sum = found;
    Ok(Some((head[0], body, after)))
}

/// What a body says. Its sum is right, so a body that says nothing was written by another program.
fn decode(kind: u8, body: &[u8]) -> Option<Frame> {
    match kind {
        1 => {
            let (count, mut rest) = body.split_first_chunk::<4>()?;
            let mut entries = Vec::new();
            for _ in 0..u32::from_be_bytes(*count) {
                let (length, after) = rest.split_first_chunk::<2>()?;
                let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
                entries.push(entry.to_vec());
                rest = after;
            }
            Some(Frame::Batch(entries, text(rest)?))
        }
        2 => text(body).map(Frame::Cosigned),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
