//! A host function that tries to do what a worker process must not be able to do.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::parent_id;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use proofmark_engine::run::RunState;
use proofmark_engine::worker::serve::ServeOptions;
use wasmtime::component::Linker;

/// What the guest may ask for, and the import that asks.
pub const IMPORT: &str = "attempt";

/// The parent, found before the lock-down: afterwards it could not be asked for.
static PARENT: OnceLock<u32> = OnceLock::new();

/// Whose memory is read instead of the parent's, where there is no isolation: some systems let nobody read
/// but what he started himself.
pub static READABLE: AtomicU32 = AtomicU32::new(0);

/// Where somebody listens, so that a connection could succeed; known where there is no isolation only.
pub static LISTENING: AtomicU16 = AtomicU16::new(9);

/// A file that attempts try to make.
pub const CREATED: &str = "/tmp/proofmark-escape-attempt";

/// Offer the import, and leave out a measure.
pub fn options(without: &'static [&'static str]) -> ServeOptions {
    PARENT.get_or_init(parent_id);
    ServeOptions {
        extra_imports: Some((&[IMPORT], add_to_linker)),
        without,
    }
}

fn add_to_linker(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    linker
        .root()
        .func_wrap(IMPORT, |_, (what,): (String,)| Ok((attempt(&what),)))
}

fn attempt(what: &str) -> String {
    let parent = PARENT.get().copied().unwrap_or_default();
    match what {
        "open-file" => outcome(File::open("/etc/passwd")),
        "create-file" => outcome(File::create(CREATED)),
        "connect" => outcome(TcpStream::connect((
            "127.0.0.1",
            LISTENING.load(Ordering::Relaxed),
        ))),
        "listen" => outcome(TcpListener::bind("127.0.0.1:0")),
        "start-process" => outcome(Command::new("/bin/true").status()),
        "parent-memory" => outcome(read_memory(match READABLE.load(Ordering::Relaxed) {
            0 => parent,
            child => child,
        })),
        "signal-parent" => outcome(signal(parent)),
        "environment" => match std::env::vars_os().count() {
            0 => "denied: empty".to_owned(),
            count => format!("SUCCEEDED: {count} variables"),
        },
        "signal-by-descriptor" => outcome(own_descriptor(parent)),
        "capabilities" => match rustix::thread::capabilities(None) {
            Ok(sets) if sets.permitted.is_empty() => "denied: none".to_owned(),
            Ok(sets) => format!("SUCCEEDED: {:?}", sets.permitted),
            Err(error) => format!("denied: {error}"),
        },
        "hang" => {
            std::thread::park();
            "SUCCEEDED".to_owned()
        }
        other => format!("unknown attempt {other}"),
    }
}

fn outcome<T, E: Display>(result: Result<T, E>) -> String {
    match result {
        Ok(_) => "SUCCEEDED".to_owned(),
        Err(error) => format!("denied: {error}"),
    }
}

fn read_memory(pid: u32) -> io::Result<u8> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let start = maps
        .split('-')
        .next()
        .and_then(|start| u64::from_str_radix(start, 16).ok());
    let mut memory = File::open(format!("/proc/{pid}/mem"))?;
    memory.seek(SeekFrom::Start(start.ok_or(io::ErrorKind::InvalidData)?))?;
    let mut byte = [0];
    memory.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Name another process as the one that is told, by a signal, what happens to standard input.
fn own_descriptor(pid: u32) -> io::Result<()> {
    // SAFETY: the call takes three integers; the descriptor is open in every process of these tests.
    match unsafe { libc::fcntl(0, libc::F_SETOWN, pid.cast_signed()) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn signal(pid: u32) -> rustix::io::Result<()> {
    let raw = i32::try_from(pid).map_err(|_| rustix::io::Errno::SRCH)?;
    rustix::process::test_kill_process(
        rustix::process::Pid::from_raw(raw).ok_or(rustix::io::Errno::SRCH)?,
    )
}
