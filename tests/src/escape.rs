//! A host function that tries to do what a worker process must not be able to do.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::parent_id;
use std::process::Command;
use std::sync::OnceLock;

use proofmark_engine::run::RunState;
use proofmark_engine::worker::serve::ServeOptions;
use wasmtime::component::Linker;

/// What the guest may ask for, and the import that asks.
pub const IMPORT: &str = "attempt";

/// The parent and a word in its memory, found before the lock-down.
static PARENT: OnceLock<u32> = OnceLock::new();

/// A file that attempts try to make.
pub const CREATED: &str = "/tmp/proofmark-escape-attempt";

/// Offer the import.
pub fn options() -> ServeOptions {
    PARENT.get_or_init(parent_id);
    ServeOptions {
        extra_imports: Some((&[IMPORT], add_to_linker)),
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
        "connect" => outcome(TcpStream::connect("127.0.0.1:9")),
        "listen" => outcome(TcpListener::bind("127.0.0.1:0")),
        "start-process" => outcome(Command::new("/bin/true").status()),
        "parent-memory" => outcome(read_memory(parent)),
        "signal-parent" => outcome(signal(parent)),
        "environment" => match std::env::vars_os().count() {
            0 => "denied: empty".to_owned(),
            count => format!("SUCCEEDED: {count} variables"),
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

fn signal(pid: u32) -> rustix::io::Result<()> {
    let raw = i32::try_from(pid).map_err(|_| rustix::io::Errno::SRCH)?;
    rustix::process::test_kill_process(
        rustix::process::Pid::from_raw(raw).ok_or(rustix::io::Errno::SRCH)?,
    )
}
