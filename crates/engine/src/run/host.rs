//! The imports of the validator world: `artifacts`, `submission`, `reference`, `log`; `program` has a folder of its own.
//!
//! What is read or hashed is charged before it is done, and its length is checked against the artifact
//! before anything is allocated; a text that the guest passes is charged once its length is known, see
//! `decode`. A length above [`MAX_READ_BYTES`](crate::profile::MAX_READ_BYTES) costs one call.

use proofmark_core::Digester;
use proofmark_criteria::fault::{FaultCode, HostFaultCode};
use wasmtime::component::{Linker, Resource, ResourceType, WasmStr};
use wasmtime::{Error, Result, StoreContextMut};

use super::bindings::{AccessError, Entry, Level};
use super::program::{self, PROGRAM};
use super::state::{ArtifactSet, Bytes, LogLevel, OpenArtifact, RunState, charge, ended};
use crate::fault::HostFault;
use crate::profile::{self, PRICES};

type Store<'a> = StoreContextMut<'a, RunState>;
type Access<T> = Result<T, AccessError>;

const ARTIFACTS: &str = "proofmark:validator/artifacts@1.0.0";
const SUBMISSION: &str = "proofmark:validator/submission@1.0.0";
const REFERENCE: &str = "proofmark:validator/reference@1.0.0";
const LOG: &str = "proofmark:validator/log@1.0.0";
/// Holds types only, but a component that uses them imports the instance.
const TYPES: &str = "proofmark:validator/types@1.0.0";

/// Interfaces of ours that a guest may import.
pub const INTERFACES: &[&str] = &[ARTIFACTS, SUBMISSION, REFERENCE, LOG, PROGRAM, TYPES];

pub(super) fn add_to_linker(linker: &mut Linker<RunState>) -> Result<()> {
    linker.instance(TYPES)?;
    artifacts(linker)?;
    file_set(linker, SUBMISSION, ArtifactSet::Submission)?;
    file_set(linker, REFERENCE, ArtifactSet::Reference)?;
    program::add_to_linker(linker)?;
    linker.instance(LOG)?.func_wrap(
        "write",
        |mut store: Store<'_>, (level, message): (Level, WasmStr)| {
            write_log(&mut store, level, &message)
        },
    )
}

fn artifacts(linker: &mut Linker<RunState>) -> Result<()> {
    type Handle = Resource<OpenArtifact>;
    let mut instance = linker.instance(ARTIFACTS)?;
    instance.resource(
        "artifact",
        ResourceType::host::<OpenArtifact>(),
        |mut store, rep| {
            store.data_mut().open_artifacts -= 1;
            store
                .data_mut()
                .table
                .delete(Resource::<OpenArtifact>::new_own(rep))?;
            Ok(())
        },
    )?;
    instance.func_wrap(
        "[method]artifact.size",
        |mut store: Store<'_>, (handle,): (Handle,)| {
            charge(&mut store, PRICES.call)?;
            Ok((store.data().table.get(&handle)?.size,))
        },
    )?;
    instance.func_wrap(
        "[method]artifact.digest",
        |mut store: Store<'_>, (handle,): (Handle,)| {
            charge(&mut store, PRICES.call)?;
            Ok((store.data().table.get(&handle)?.digest.as_bytes().to_vec(),))
        },
    )?;
    instance.func_wrap(
        "[method]artifact.read",
        |mut store: Store<'_>, (handle, offset, len): (Handle, u64, u32)| {
            Ok((read(&mut store, &handle, offset, len)?,))
        },
    )?;
    instance.func_wrap(
        "[method]artifact.read-records",
        |mut store: Store<'_>, (handle, offset, len, delimiter): (Handle, u64, u32, u8)| {
            Ok((read_records(&mut store, &handle, offset, len, delimiter)?,))
        },
    )?;
    instance.func_wrap(
        "[method]artifact.hash-range",
        |mut store: Store<'_>, (handle, offset, len): (Handle, u64, u64)| {
            Ok((hash_range(&mut store, &handle, offset, len)?,))
        },
    )
}

fn file_set(linker: &mut Linker<RunState>, name: &str, set: ArtifactSet) -> Result<()> {
    let mut instance = linker.instance(name)?;
    instance.func_wrap(
        "enumerate",
        move |mut store: Store<'_>, (after, limit): (Option<WasmStr>, u32)| {
            Ok((enumerate(&mut store, set, after, limit)?,))
        },
    )?;
    instance.func_wrap("open", move |mut store: Store<'_>, (path,): (WasmStr,)| {
        Ok((open(&mut store, set, &path)?,))
    })
}

/// The range that a read of `len` bytes from `offset` covers: shorter only at the end.
fn clip(size: u64, offset: u64, len: u64) -> Access<u64> {
    let rest = size.checked_sub(offset).ok_or(AccessError::OutOfRange)?;
    Ok(rest.min(len))
}

fn read(
    store: &mut Store<'_>,
    handle: &Resource<OpenArtifact>,
    offset: u64,
    len: u32,
) -> Result<Access<Vec<u8>>> {
    charge(store, PRICES.call)?;
    let (bytes, size) = content(store, handle)?;
    let len = match window(size, offset, len) {
        Ok(len) => len,
        Err(error) => return Ok(Err(error)),
    };
    charge(store, PRICES.read_per_byte * len)?;
    store.data_mut().count_read(len)?;
    fetch(&bytes, offset, len).map(Ok)
}

fn read_records(
    store: &mut Store<'_>,
    handle: &Resource<OpenArtifact>,
    offset: u64,
    len: u32,
    delimiter: u8,
) -> Result<Access<Vec<u8>>> {
    charge(store, PRICES.call)?;
    let (bytes, size) = content(store, handle)?;
    let len = match window(size, offset, len) {
        Ok(len) => len,
        Err(error) => return Ok(Err(error)),
    };
    charge(store, PRICES.read_records_per_byte * len)?;
    store.data_mut().count_read(len)?;
    let mut chunk = fetch(&bytes, offset, len)?;
    if offset + len < size {
        match chunk.iter().rposition(|byte| *byte == delimiter) {
            Some(last) => chunk.truncate(last + 1),
            None => return Ok(Err(AccessError::OutOfRange)),
        }
    }
    Ok(Ok(chunk))
}

/// Bytes of a native hash computed at once; bounds the host's memory, not the guest.
const HASH_CHUNK_BYTES: u64 = 256 << 10;

fn hash_range(
    store: &mut Store<'_>,
    handle: &Resource<OpenArtifact>,
    offset: u64,
    len: u64,
) -> Result<Access<Vec<u8>>> {
    charge(store, PRICES.call)?;
    let (bytes, size) = content(store, handle)?;
    match clip(size, offset, len) {
        Ok(found) if found == len => {}
        _ => return Ok(Err(AccessError::OutOfRange)),
    }
    charge(store, PRICES.hash_per_byte.saturating_mul(len))?;
    store.data_mut().count_read(len)?;
    let mut hash = Digester::new();
    let mut at = 0;
    while at < len {
        let chunk = fetch(&bytes, offset + at, HASH_CHUNK_BYTES.min(len - at))?;
        hash.update(&chunk);
        at += chunk.len() as u64;
    }
    Ok(Ok(hash.finish().as_bytes().to_vec()))
}

fn window(size: u64, offset: u64, len: u32) -> Access<u64> {
    if len > profile::MAX_READ_BYTES {
        return Err(AccessError::OutOfRange);
    }
    clip(size, offset, u64::from(len))
}

fn content(store: &Store<'_>, handle: &Resource<OpenArtifact>) -> Result<(Bytes, u64)> {
    let artifact = store.data().table.get(handle)?;
    Ok((artifact.bytes.clone(), artifact.size))
}

pub(super) fn fetch(bytes: &Bytes, offset: u64, len: u64) -> Result<Vec<u8>> {
    let mut buffer = vec![0; usize::try_from(len)?];
    bytes.read_exact_at(offset, &mut buffer).map_err(|error| {
        // The size was checked against the listing, so the file is no longer what it was.
        Error::new(HostFault::new(
            HostFaultCode::ArtifactChanged,
            format!("reading an artifact: {error}"),
        ))
    })?;
    Ok(buffer)
}

fn enumerate(
    store: &mut Store<'_>,
    set: ArtifactSet,
    after: Option<WasmStr>,
    limit: u32,
) -> Result<Vec<Entry>> {
    charge(store, PRICES.call)?;
    let limit = limit.min(profile::MAX_ENUMERATE) as usize;
    let after = match after.map(|after| name(store, &after)).transpose()? {
        // No path is that long, so nothing comes after it.
        Some(None) => return Ok(Vec::new()),
        after => after.flatten(),
    };
    let listing = store.data().artifacts.list(set);
    let start = after.map_or(0, |after| {
        listing.partition_point(|entry| entry.path.as_str() <= after.as_str())
    });
    let listed = start..listing.len().min(start + limit);
    let text: usize = listing[listed.clone()]
        .iter()
        .map(|entry| entry.path.len())
        .sum();
    let entries = PRICES.enumerate_per_entry * listed.len() as u64;
    charge(store, entries + PRICES.text_per_byte * text as u64)?;
    let listing = store.data().artifacts.list(set);
    Ok(listing[listed]
        .iter()
        .map(|entry| Entry {
            path: entry.path.clone(),
            size: entry.size_bytes,
            digest: entry.digest.as_bytes().to_vec(),
        })
        .collect())
}

fn open(
    store: &mut Store<'_>,
    set: ArtifactSet,
    path: &WasmStr,
) -> Result<Access<Resource<OpenArtifact>>> {
    charge(store, PRICES.call + PRICES.open)?;
    let Some(path) = name(store, path)? else {
        return Ok(Err(AccessError::NotFound));
    };
    let state = store.data_mut();
    let listing = state.artifacts.list(set);
    let Ok(index) = listing.binary_search_by(|entry| entry.path.as_str().cmp(&path)) else {
        return Ok(Err(AccessError::NotFound));
    };
    let (size, digest) = (listing[index].size_bytes, listing[index].digest);
    if state.open_artifacts >= state.limits.open_artifacts {
        return Ok(Err(AccessError::TooManyOpen));
    }
    let bytes = state.artifacts.open(set, index).map_err(Error::new)?;
    state.open_artifacts += 1;
    Ok(Ok(state.table.push(OpenArtifact {
        bytes,
        size,
        digest,
    })?))
}

/// A name that the guest passes; `None` for one that no artifact can have.
fn name(store: &mut Store<'_>, text: &WasmStr) -> Result<Option<String>> {
    let text = decode(store, text, profile::MAX_NAME_BYTES)?;
    Ok(text.ok())
}

/// Text of a guest, up to `max` bytes; `Err` with its length if it is longer.
///
/// How long a text is shows only once it is decoded, so this one charge comes after the work it pays
/// for; the guest's memory limit bounds how much that can be.
fn decode(store: &mut Store<'_>, text: &WasmStr, max: usize) -> Result<Result<String, usize>> {
    let text = text
        .to_str(&*store)
        .map_err(|_| ended(FaultCode::AbiViolation))?;
    let len = text.len();
    let text = if len <= max {
        Ok(text.into_owned())
    } else {
        Err(len)
    };
    charge(store, PRICES.text_per_byte * len as u64)?;
    Ok(text)
}

fn write_log(store: &mut Store<'_>, level: Level, message: &WasmStr) -> Result<()> {
    let level = match level {
        Level::Debug => LogLevel::Debug,
        Level::Info => LogLevel::Info,
        Level::Warn => LogLevel::Warn,
        Level::Error => LogLevel::Error,
    };
    charge(store, PRICES.call)?;
    let max = store.data().limits.log_bytes as usize;
    let text = decode(store, message, max)?.map_err(|_| ended(FaultCode::LogLimit))?;
    store.data_mut().log(level, &text)
}
