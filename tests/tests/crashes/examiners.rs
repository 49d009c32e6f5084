//! Examiners that are killed while they judge, and a server that is killed under them. It costs time only: everything is
//! judged, once, and nothing contradicts anything.
//!
//! `PROOFMARK_ORDERS` says how much there is to judge (24), `PROOFMARK_SEED` when is killed (1).

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use proofmark_core::Digest;
use proofmark_tests::setup::root;
use serde_json::Value;

use crate::client::{Client, Shared};
use crate::server::{CACHE, PROOFMARK, Server, audit, market};
use crate::{Chance, number};

/// So many runs wait when the first examiners start.
const ROUND: u64 = 8;

/// Examiners that work at the same time, all with the same key.
const EXAMINERS: usize = 3;

/// Everything must be judged within this: a killed examiner's run is free again after two seconds.
const PATIENCE: Duration = Duration::from_secs(240);

/// An examiner elsewhere: it has the key of an engine, and no more.
struct Elsewhere(Child);

impl Elsewhere {
    fn spawn(folder: &Path, url: &str) -> Self {
        let examiner = Command::new(PROOFMARK)
            .current_dir(folder)
            .env("PROOFMARK_CACHE", CACHE)
            .args(["market", "examine", "--key", "engine.pem", "--market", url])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(examiner.expect("the program is there"))
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Says what a command prints; it must succeed.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(PROOFMARK)
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the program is there");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaints}");
    String::from_utf8(output.stdout).expect("text")
}

/// The digest of what was sent last.
fn sent(folder: &Path, url: &str, path: &str, options: &[&str]) -> Digest {
    let all = ["market", "upload", path, "--market", url];
    let told = done(folder, &[&all[..], options].concat());
    let last = told.lines().last().expect("a line");
    let digest = last.split(' ').next().expect("a digest");
    digest.parse().expect("a digest")
}

#[test]
fn examiners_that_are_killed_cost_time_only() {
    let orders = number("PROOFMARK_ORDERS", 24);
    let mut chance = Chance(number("PROOFMARK_SEED", 1), 0);
    let (folder, other) = (tempfile::tempdir(), tempfile::tempdir());
    let (folder, other) = (folder.expect("a scratch folder"), other.expect("another"));
    let made = market(folder.path());
    // A server that judges nothing itself, always at the same place.
    let options = ["--no-examiner", "--hold-seconds", "2"];
    let mut server = Server::spawn_at(folder.path(), "127.0.0.1:0", &options);
    let url = server.url();
    let place = url.strip_prefix("http://").expect("an address").to_owned();
    let shared = Shared::new();
    shared.open(url.clone());
    let mut client = Client::new(0, &made, &shared);
    client.register();
    let key = folder.path().join("supplier.pem");
    fs::write(&key, client.supplier_pem()).expect("written");
    fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("it is ours");
    let service = root().join("examples/service");
    let path = |name: &str| service.join(name).display().to_string();
    let of_supplier = ["--key", "supplier.pem"];
    let public = ["--key", "supplier.pem", "--public"];
    let criteria = sent(folder.path(), &url, &path("criteria.json"), &public);
    let work = path("submissions/within-grade");
    let work = sent(folder.path(), &url, &work, &of_supplier);
    // They see nothing of the market's directory but the engine's key.
    let key = folder.path().join("market/engine.pem");
    fs::copy(key, other.path().join("engine.pem")).expect("copied");
    let examiners = || -> Vec<_> {
        let spawn = |_| Elsewhere::spawn(other.path(), &url);
        (0..EXAMINERS).map(spawn).collect()
    };
    let (mut contracts, mut kills, mut servers) = (Vec::new(), 0, 0);
    while (contracts.len() as u64) < orders {
        contracts.extend(client.hand_in(ROUND, criteria, work));
        let begun = Instant::now();
        // The first are killed whatever they have done, while they start or while they judge.
        let mut working = examiners();
        for tries in 0.. {
            // On a slow machine they need longer to get anywhere.
            thread::sleep(Duration::from_millis(50 + chance.below(700 + 50 * tries)));
            kills += working.len();
            drop(working);
            let states = contracts.iter().map(|it| shared.state(it));
            let waiting = states.filter(|state| state == "Verifying").count();
            if waiting == 0 {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "{waiting} wait still");
            if chance.below(3) == 0 {
                server.kill();
                servers += 1;
                server = Server::spawn_at(folder.path(), &place, &options);
                server.url();
            }
            working = examiners();
        }
    }
    let orders = contracts.len() as u64;
    println!("{orders} runs judged; {kills} examiners and {servers} servers killed");
    for contract in &contracts {
        assert_eq!(shared.state(contract), "Passed", "{contract}");
    }
    // Whoever judged it again said the same, byte for byte, and that is one command.
    assert_eq!(shared.commands_of("present_verdict"), orders);
    server.stop();
    let audited = audit(folder.path(), None);
    assert_eq!(audited["findings"], Value::Array(Vec::new()));
    assert_eq!(audited["counts"]["leaves"], orders, "each is logged, once");
}
