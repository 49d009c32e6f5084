//! The deterministic part of WASI 0.2 that guests built with an ordinary standard library import.
//!
//! Ours, and not wasmtime-wasi: that one's timers sleep on the real clock without burning fuel, and
//! its file system had three sandbox advisories in 2026. Here every answer is a constant or a function
//! of earlier calls. There is no directory to open, so everything that needs a descriptor is
//! unreachable; sockets and HTTP are not offered at all. See docs/design/0003-deterministic-wasi.md.

use proofmark_criteria::fault::FaultCode;
use serde::Serialize;
use wasmtime::component::{
    ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType, WasmList,
};
use wasmtime::{Result, StoreContextMut};

use super::state::{LogLevel, RunState, charge, ended};
use crate::profile::{MAX_READ_BYTES, PRICES, WRITE_BYTES};

type Store<'a> = StoreContextMut<'a, RunState>;

/// What a guest is told about the world. Part of the engine profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FixedAnswers {
    wall_clock_seconds: u64,
    monotonic_clock_nanoseconds: u64,
    /// First state of the SplitMix64 generator behind `wasi:random`.
    random_seed: u64,
    environment: &'static str,
    standard_input: &'static str,
    preopened_directories: u32,
    offered: &'static [&'static str],
}

/// The answers of this profile. The seed is arbitrary (the golden ratio, as SplitMix64 uses it).
pub const FIXED_ANSWERS: FixedAnswers = FixedAnswers {
    wall_clock_seconds: 0,
    monotonic_clock_nanoseconds: 0,
    random_seed: 0x1e37_79b9_7f4a_7c15 & ((1 << 53) - 1),
    environment: "empty",
    standard_input: "closed",
    preopened_directories: 0,
    offered: INTERFACES,
};

/// Interfaces of WASI 0.2 that a guest may import, whatever the patch version.
pub const INTERFACES: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// wasmtime matches any 0.2.x import to the one version that is defined.
const VERSION: &str = "0.2.0";

/// Tags for resources. Only streams and pollables ever exist.
struct Pollable;
struct InputStream;
struct OutputStream(LogLevel);
struct IoError;
struct Descriptor;
struct DirectoryEntries;

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

pub(super) fn add_to_linker(linker: &mut Linker<RunState>) -> Result<()> {
    io_error(&mut instance(linker, "wasi:io/error")?)?;
    io_poll(&mut instance(linker, "wasi:io/poll")?)?;
    let mut streams = instance(linker, "wasi:io/streams")?;
    input_stream(&mut streams)?;
    output_stream(&mut streams)?;
    cli(linker)?;
    terminals(linker)?;
    clocks(linker)?;
    random(linker)?;
    filesystem(linker)
}

fn instance<'a>(
    linker: &'a mut Linker<RunState>,
    name: &str,
) -> Result<LinkerInstance<'a, RunState>> {
    linker.instance(&format!("{name}@{VERSION}"))
}

/// A resource whose handles live in the store's table.
fn resource<R: Send + 'static>(
    instance: &mut LinkerInstance<'_, RunState>,
    name: &str,
) -> Result<()> {
    instance.resource(name, ResourceType::host::<R>(), |mut store, rep| {
        store.data_mut().table.delete(Resource::<R>::new_own(rep))?;
        Ok(())
    })
}

/// Functions that need a handle nobody can have.
fn unreachable(instance: &mut LinkerInstance<'_, RunState>, names: &[&str]) -> Result<()> {
    names.iter().try_for_each(|name| {
        instance.func_new(name, |mut store, _, _, _| {
            charge(&mut store, PRICES.call)?;
            Err(ended(FaultCode::AbiViolation))
        })
    })
}

fn push<R: Send + 'static>(store: &mut Store<'_>, value: R) -> Result<Resource<R>> {
    charge(store, PRICES.call)?;
    Ok(store.data_mut().table.push(value)?)
}

fn io_error(instance: &mut LinkerInstance<'_, RunState>) -> Result<()> {
    resource::<IoError>(instance, "error")?;
    unreachable(instance, &["[method]error.to-debug-string"])
}

fn io_poll(instance: &mut LinkerInstance<'_, RunState>) -> Result<()> {
    resource::<Pollable>(instance, "pollable")?;
    instance.func_wrap(
        "[method]pollable.ready",
        |mut store: Store<'_>, (_,): (Resource<Pollable>,)| {
            charge(&mut store, PRICES.call)?;
            Ok((true,))
        },
    )?;
    instance.func_wrap(
        "[method]pollable.block",
        |mut store: Store<'_>, (_,): (Resource<Pollable>,)| charge(&mut store, PRICES.call),
    )?;
    instance.func_wrap(
        "poll",
        |mut store: Store<'_>, (list,): (WasmList<Resource<Pollable>>,)| {
            let count = list.len() as u64;
            charge(
                &mut store,
                PRICES.call + count.saturating_mul(PRICES.text_per_byte),
            )?;
            let all: Vec<u32> = (0..u32::try_from(count)?).collect();
            Ok((all,))
        },
    )
}

fn input_stream(instance: &mut LinkerInstance<'_, RunState>) -> Result<()> {
    resource::<InputStream>(instance, "input-stream")?;
    for name in ["read", "blocking-read"] {
        let name = format!("[method]input-stream.{name}");
        instance.func_wrap(
            &name,
            |mut store: Store<'_>, (_, _): (Resource<InputStream>, u64)| {
                charge(&mut store, PRICES.call)?;
                Ok((Err::<Vec<u8>, _>(StreamError::Closed),))
            },
        )?;
    }
    for name in ["skip", "blocking-skip"] {
        let name = format!("[method]input-stream.{name}");
        instance.func_wrap(
            &name,
            |mut store: Store<'_>, (_, _): (Resource<InputStream>, u64)| {
                charge(&mut store, PRICES.call)?;
                Ok((Err::<u64, _>(StreamError::Closed),))
            },
        )?;
    }
    instance.func_wrap(
        "[method]input-stream.subscribe",
        |mut store: Store<'_>, (_,): (Resource<InputStream>,)| Ok((push(&mut store, Pollable)?,)),
    )
}

fn output_stream(instance: &mut LinkerInstance<'_, RunState>) -> Result<()> {
    type Out = Resource<OutputStream>;
    type Done = Result<(), StreamError>;
    resource::<OutputStream>(instance, "output-stream")?;
    instance.func_wrap(
        "[method]output-stream.check-write",
        |mut store: Store<'_>, (_,): (Out,)| {
            charge(&mut store, PRICES.call)?;
            Ok((Ok::<u64, StreamError>(WRITE_BYTES),))
        },
    )?;
    for name in ["write", "blocking-write-and-flush"] {
        let name = format!("[method]output-stream.{name}");
        instance.func_wrap(
            &name,
            |mut store: Store<'_>, (out, bytes): (Out, WasmList<u8>)| {
                write(&mut store, &out, &bytes)?;
                Ok((Done::Ok(()),))
            },
        )?;
    }
    for name in ["flush", "blocking-flush"] {
        let name = format!("[method]output-stream.{name}");
        instance.func_wrap(&name, |mut store: Store<'_>, (_,): (Out,)| {
            charge(&mut store, PRICES.call)?;
            Ok((Done::Ok(()),))
        })?;
    }
    for name in ["write-zeroes", "blocking-write-zeroes-and-flush"] {
        let name = format!("[method]output-stream.{name}");
        instance.func_wrap(&name, |mut store: Store<'_>, (_, _): (Out, u64)| {
            charge(&mut store, PRICES.call)?;
            Ok((Done::Err(StreamError::Closed),))
        })?;
    }
    for name in ["splice", "blocking-splice"] {
        let name = format!("[method]output-stream.{name}");
        instance.func_wrap(
            &name,
            |mut store: Store<'_>, (_, _, _): (Out, Resource<InputStream>, u64)| {
                charge(&mut store, PRICES.call)?;
                Ok((Err::<u64, _>(StreamError::Closed),))
            },
        )?;
    }
    instance.func_wrap(
        "[method]output-stream.subscribe",
        |mut store: Store<'_>, (_,): (Out,)| Ok((push(&mut store, Pollable)?,)),
    )
}

fn write(store: &mut Store<'_>, out: &Resource<OutputStream>, bytes: &WasmList<u8>) -> Result<()> {
    let len = bytes.len() as u64;
    charge(
        store,
        PRICES.call + PRICES.text_per_byte.saturating_mul(len),
    )?;
    if len > u64::from(store.data().limits.log_bytes) {
        return Err(ended(FaultCode::LogLimit));
    }
    let level = store.data().table.get(out)?.0;
    let text = String::from_utf8_lossy(bytes.as_le_slice(&*store)).into_owned();
    store.data_mut().log(level, &text)
}

fn cli(linker: &mut Linker<RunState>) -> Result<()> {
    let mut environment = instance(linker, "wasi:cli/environment")?;
    environment.func_wrap("get-environment", |mut store: Store<'_>, (): ()| {
        charge(&mut store, PRICES.call)?;
        Ok((Vec::<(String, String)>::new(),))
    })?;
    environment.func_wrap("get-arguments", |mut store: Store<'_>, (): ()| {
        charge(&mut store, PRICES.call)?;
        Ok((Vec::<String>::new(),))
    })?;
    environment.func_wrap("initial-cwd", |mut store: Store<'_>, (): ()| {
        charge(&mut store, PRICES.call)?;
        Ok((None::<String>,))
    })?;
    let mut exit = instance(linker, "wasi:cli/exit")?;
    exit.func_wrap(
        "exit",
        |_: Store<'_>, (_,): (Result<(), ()>,)| -> Result<()> { Err(ended(FaultCode::Exited)) },
    )?;
    exit.func_wrap(
        "exit-with-code",
        |_: Store<'_>, (_,): (u8,)| -> Result<()> { Err(ended(FaultCode::Exited)) },
    )?;
    instance(linker, "wasi:cli/stdin")?
        .func_wrap("get-stdin", |mut store: Store<'_>, (): ()| {
            Ok((push(&mut store, InputStream)?,))
        })?;
    instance(linker, "wasi:cli/stdout")?
        .func_wrap("get-stdout", |mut store: Store<'_>, (): ()| {
            Ok((push(&mut store, OutputStream(LogLevel::Stdout))?,))
        })?;
    instance(linker, "wasi:cli/stderr")?.func_wrap("get-stderr", |mut store: Store<'_>, (): ()| {
        Ok((push(&mut store, OutputStream(LogLevel::Stderr))?,))
    })
}

/// No stream is a terminal. Each answer has the type of its own resource, and none is ever made.
fn terminals(linker: &mut Linker<RunState>) -> Result<()> {
    struct TerminalInput;
    struct TerminalOutput;
    resource::<TerminalInput>(
        &mut instance(linker, "wasi:cli/terminal-input")?,
        "terminal-input",
    )?;
    resource::<TerminalOutput>(
        &mut instance(linker, "wasi:cli/terminal-output")?,
        "terminal-output",
    )?;
    instance(linker, "wasi:cli/terminal-stdin")?.func_wrap(
        "get-terminal-stdin",
        |mut store: Store<'_>, (): ()| {
            charge(&mut store, PRICES.call)?;
            Ok((None::<Resource<TerminalInput>>,))
        },
    )?;
    for (interface, function) in [
        ("wasi:cli/terminal-stdout", "get-terminal-stdout"),
        ("wasi:cli/terminal-stderr", "get-terminal-stderr"),
    ] {
        instance(linker, interface)?.func_wrap(function, |mut store: Store<'_>, (): ()| {
            charge(&mut store, PRICES.call)?;
            Ok((None::<Resource<TerminalOutput>>,))
        })?;
    }
    Ok(())
}

fn clocks(linker: &mut Linker<RunState>) -> Result<()> {
    let mut wall = instance(linker, "wasi:clocks/wall-clock")?;
    for name in ["now", "resolution"] {
        wall.func_wrap(name, |mut store: Store<'_>, (): ()| {
            charge(&mut store, PRICES.call)?;
            Ok((Datetime {
                seconds: FIXED_ANSWERS.wall_clock_seconds,
                nanoseconds: 0,
            },))
        })?;
    }
    let mut monotonic = instance(linker, "wasi:clocks/monotonic-clock")?;
    for name in ["now", "resolution"] {
        monotonic.func_wrap(name, |mut store: Store<'_>, (): ()| {
            charge(&mut store, PRICES.call)?;
            Ok((FIXED_ANSWERS.monotonic_clock_nanoseconds,))
        })?;
    }
    for name in ["subscribe-instant", "subscribe-duration"] {
        monotonic.func_wrap(name, |mut store: Store<'_>, (_,): (u64,)| {
            Ok((push(&mut store, Pollable)?,))
        })?;
    }
    Ok(())
}

fn random(linker: &mut Linker<RunState>) -> Result<()> {
    for (interface, bytes, number) in [
        ("wasi:random/random", "get-random-bytes", "get-random-u64"),
        (
            "wasi:random/insecure",
            "get-insecure-random-bytes",
            "get-insecure-random-u64",
        ),
    ] {
        let mut instance = instance(linker, interface)?;
        instance.func_wrap(bytes, |mut store: Store<'_>, (len,): (u64,)| {
            Ok((random_bytes(&mut store, len)?,))
        })?;
        instance.func_wrap(number, |mut store: Store<'_>, (): ()| {
            charge(&mut store, PRICES.call)?;
            Ok((store.data_mut().random.next(),))
        })?;
    }
    instance(linker, "wasi:random/insecure-seed")?.func_wrap(
        "insecure-seed",
        |mut store: Store<'_>, (): ()| {
            charge(&mut store, PRICES.call)?;
            let random = &mut store.data_mut().random;
            Ok(((random.next(), random.next()),))
        },
    )
}

fn random_bytes(store: &mut Store<'_>, len: u64) -> Result<Vec<u8>> {
    charge(
        store,
        PRICES.call + PRICES.random_per_byte.saturating_mul(len),
    )?;
    if len > u64::from(MAX_READ_BYTES) {
        return Err(ended(FaultCode::ReadLimit));
    }
    let random = &mut store.data_mut().random;
    let words = std::iter::repeat_with(|| random.next().to_le_bytes());
    Ok(words.flatten().take(usize::try_from(len)?).collect())
}

/// SplitMix64 (Steele, Lea, Flood 2014): the stream is fixed, so any well-mixed generator will do.
pub(super) struct FixedRandom(u64);

impl FixedRandom {
    pub(super) const fn new() -> Self {
        Self(FIXED_ANSWERS.random_seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

const DESCRIPTOR_METHODS: &[&str] = &[
    "[method]descriptor.read-via-stream",
    "[method]descriptor.write-via-stream",
    "[method]descriptor.append-via-stream",
    "[method]descriptor.advise",
    "[method]descriptor.sync-data",
    "[method]descriptor.get-flags",
    "[method]descriptor.get-type",
    "[method]descriptor.set-size",
    "[method]descriptor.set-times",
    "[method]descriptor.read",
    "[method]descriptor.write",
    "[method]descriptor.read-directory",
    "[method]descriptor.sync",
    "[method]descriptor.create-directory-at",
    "[method]descriptor.stat",
    "[method]descriptor.stat-at",
    "[method]descriptor.set-times-at",
    "[method]descriptor.link-at",
    "[method]descriptor.open-at",
    "[method]descriptor.readlink-at",
    "[method]descriptor.remove-directory-at",
    "[method]descriptor.rename-at",
    "[method]descriptor.symlink-at",
    "[method]descriptor.unlink-file-at",
    "[method]descriptor.is-same-object",
    "[method]descriptor.metadata-hash",
    "[method]descriptor.metadata-hash-at",
    "[method]directory-entry-stream.read-directory-entry",
    "filesystem-error-code",
];

fn filesystem(linker: &mut Linker<RunState>) -> Result<()> {
    let mut types = instance(linker, "wasi:filesystem/types")?;
    resource::<Descriptor>(&mut types, "descriptor")?;
    resource::<DirectoryEntries>(&mut types, "directory-entry-stream")?;
    unreachable(&mut types, DESCRIPTOR_METHODS)?;
    instance(linker, "wasi:filesystem/preopens")?.func_wrap(
        "get-directories",
        |mut store: Store<'_>, (): ()| {
            charge(&mut store, PRICES.call)?;
            Ok((Vec::<(Resource<Descriptor>, String)>::new(),))
        },
    )
}
