//! The server, as a process that can be killed.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use proofmark_core::Digest;
use serde_json::Value;

pub(crate) const PROOFMARK: &str = env!("CARGO_BIN_EXE_proofmark-under-test");

/// Compiled validators, for all tests of this file.
pub(crate) const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/crashes-cache");

/// A market that was just made: what its parties must know.
pub(crate) struct Market {
    pub(crate) operator: String,
    pub(crate) engine: String,
    pub(crate) profile: String,
}

/// Makes a market in `market`.
pub(crate) fn market(folder: &Path) -> Market {
    let made = Command::new(PROOFMARK)
        .current_dir(folder)
        .args([
            "--output",
            "json",
            "market",
            "init",
            "market",
            "--window-min",
            "1",
        ])
        .output()
        .expect("the program is there");
    let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    let text = |name: &str| made[name].as_str().expect("text").to_owned();
    Market {
        operator: fs::read_to_string(folder.join("market/operator.pem")).expect("a key"),
        engine: text("engine"),
        profile: text("profile"),
    }
}

/// What an audit says of a record of which this head is known.
pub(crate) fn audit(folder: &Path, head: Option<Digest>) -> Value {
    audit_of(folder, head, &[])
}

/// The same, of the record that the options name.
pub(crate) fn audit_of(folder: &Path, head: Option<Digest>, options: &[&str]) -> Value {
    let mut command = Command::new(PROOFMARK);
    command
        .current_dir(folder)
        .args(["--output", "json", "market", "audit", "market"])
        .args(options);
    if let Some(head) = head {
        command.args(["--head", &head.to_string()]);
    }
    let audited = command.output().expect("the program is there");
    let said = String::from_utf8_lossy(&audited.stdout);
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

pub(crate) struct Server(Child);

impl Server {
    pub(crate) fn spawn(folder: &Path) -> Self {
        Self::spawn_at(folder, "127.0.0.1:0", &[])
    }

    /// With these options, at this place.
    pub(crate) fn spawn_at(folder: &Path, place: &str, options: &[&str]) -> Self {
        let process = Command::new(PROOFMARK)
            .current_dir(folder)
            .env("PROOFMARK_CACHE", CACHE)
            .args(["market", "serve", "market", "--listen", place])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        Self(process.expect("the program is there"))
    }

    /// Where it listens, when it does.
    pub(crate) fn url(&mut self) -> String {
        let out = self.0.stdout.as_mut().expect("it is piped, and read once");
        let mut url = String::new();
        let read = BufReader::new(out).read_line(&mut url);
        read.expect("it says where it listens");
        assert!(url.starts_with("http://"), "it did not start: {url:?}");
        url.trim_end().to_owned()
    }

    /// SIGKILL: it can do nothing any more.
    pub(crate) fn kill(&mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it ends");
    }

    /// It ends by itself, and says that something failed.
    pub(crate) fn fails(&mut self) {
        let status = self.0.wait().expect("it ends");
        assert!(!status.success(), "{status}");
    }

    /// SIGTERM: it finishes what it has begun.
    pub(crate) fn stop(&mut self) {
        let process = i32::try_from(self.0.id()).expect("a process id");
        let process = rustix::process::Pid::from_raw(process).expect("it is not 0");
        let told = rustix::process::kill_process(process, rustix::process::Signal::TERM);
        told.expect("it runs");
        let status = self.0.wait().expect("it ends");
        assert!(status.success(), "{status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
