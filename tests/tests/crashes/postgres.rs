//! A market on PostgreSQL, whose database is killed under load: the server stops, and what it acknowledged is there when
//! both run again.
//!
//! Where the machine has no PostgreSQL nothing is tested, unless `PROOFMARK_REQUIRE_POSTGRES` is set.

#[path = "../../../crates/storage/tests/conformance/server.rs"]
mod database;

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use proofmark_core::Digest;
use serde_json::Value;

use crate::client::{Client, Shared};
use crate::server::{Server, audit_of, market};
use crate::{Chance, all_are_there_once, number, stopped};

/// Clients that send at the same time.
const CLIENTS: u32 = 4;

#[test]
fn a_database_that_is_killed_loses_nothing_that_was_acknowledged() {
    let Some(database) = database::Server::start() else {
        let required = std::env::var_os("PROOFMARK_REQUIRE_POSTGRES").is_some();
        assert!(!required, "there is no PostgreSQL on this machine");
        println!("skipped: there is no PostgreSQL on this machine");
        return;
    };
    let kills = number("PROOFMARK_DATABASE_KILLS", 2);
    let mut chance = Chance(number("PROOFMARK_SEED", 1), 0);
    let folder = tempfile::tempdir().expect("a scratch folder");
    let made = market(folder.path());
    let store = database.database();
    let at = ["--store", &store];
    let first = [&at[..], &["--new"]].concat();
    let mut server = Server::spawn_at(folder.path(), "127.0.0.1:0", &first);
    let shared = Shared::new();
    shared.open(server.url());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let client = Client::new(number, &made, &shared);
            thread::spawn(move || client.run())
        })
        .collect();
    for kill in 1..=kills {
        thread::sleep(Duration::from_millis(500 + chance.below(1_000)));
        database.kill();
        server.fails();
        database.again();
        let known = shared.latest().map(|it| it.head);
        let answered = shared.answered.load(Ordering::Relaxed);
        finds_nothing(folder.path(), known, &at);
        println!("kill {kill}: {answered} acknowledged");
        server = Server::spawn_at(folder.path(), "127.0.0.1:0", &at);
        shared.open(server.url());
    }
    thread::sleep(Duration::from_millis(300));
    let acknowledged = stopped(&shared, clients);
    let log = shared.log();
    all_are_there_once(&acknowledged, &log);
    server.stop();
    finds_nothing(folder.path(), shared.latest().map(|it| it.head), &at);
    let retried = shared.retried.load(Ordering::Relaxed);
    println!(
        "{} acknowledged, all there once, of {} in the record; {retried} sent again without an answer",
        acknowledged.len(),
        log.len()
    );
    assert!(
        acknowledged.len() as u64 > kills && retried > 0,
        "there was load"
    );
}

fn finds_nothing(folder: &std::path::Path, head: Option<Digest>, options: &[&str]) {
    let audited = audit_of(folder, head, options);
    assert_eq!(audited["findings"], Value::Array(Vec::new()));
}
