//! Servers, databases and examiners that are killed under load, again and again. Whatever it acknowledged is there, nothing is there twice, and
//! an audit of the record finds nothing.
//!
//! `PROOFMARK_KILLS` says how often (10), `PROOFMARK_SEED` when (1).

mod client;
mod examiners;
mod postgres;
mod server;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use proofmark_core::Digest;
use serde_json::Value;

use client::{Acknowledged, Client, Shared};
use server::{Server, audit, market};

/// Clients that send at the same time.
const CLIENTS: u32 = 8;

/// So often one record is killed: an audit after each takes as long as the record is.
const KILLS: usize = 10;

/// A number from the environment.
fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Numbers that nobody would guess, and that are the same for the same seed.
struct Chance(u64, u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.1 += 1;
        let digest = Digest::of(format!("{} {}", self.0, self.1).as_bytes());
        let (half, _) = digest.as_bytes().split_at(8);
        u64::from_le_bytes(half.try_into().expect("eight bytes")) % end
    }
}

/// What was looked at, over all records.
#[derive(Default)]
struct Sum {
    acknowledged: u64,
    recorded: u64,
    retried: u64,
    known: u64,
}

#[test]
fn a_server_that_is_killed_loses_nothing_it_acknowledged() {
    let kills = number("PROOFMARK_KILLS", 10);
    let seed = number("PROOFMARK_SEED", 1);
    println!("{kills} kills, seed {seed}");
    let mut chance = Chance(seed, 0);
    let mut sum = Sum::default();
    for first in (1..=kills).step_by(KILLS) {
        let last = kills.min(first + KILLS as u64 - 1);
        killed(first..=last, &mut chance, &mut sum);
    }
    println!(
        "{} acknowledged, all there once, of {} in the record; {} sent again without an answer, {} of them known",
        sum.acknowledged, sum.recorded, sum.retried, sum.known
    );
    assert!(sum.acknowledged > kills, "there was load");
    assert!(
        sum.retried > 0,
        "a kill came between a command and its answer"
    );
}

/// One record, under clients who do not stop.
fn killed(kills: RangeInclusive<u64>, chance: &mut Chance, sum: &mut Sum) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let market = market(folder.path());
    let shared = Shared::new();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let client = Client::new(number, &market, &shared);
            thread::spawn(move || client.run())
        })
        .collect();
    for kill in kills {
        let early = kill % 5 == 0;
        let mut server = Server::spawn(folder.path());
        match early {
            // While it reads its record, or opens it.
            true => thread::sleep(Duration::from_millis(chance.below(120))),
            false => {
                shared.open(server.url());
                thread::sleep(Duration::from_millis(30 + chance.below(600)));
            }
        }
        server.kill();
        let known = shared.latest();
        let audited = audit(folder.path(), known.map(|it| it.head));
        let obeyed = audited["counts"]["commands"].as_u64().expect("a number");
        let answered = shared.answered.load(Ordering::Relaxed);
        println!("kill {kill}: {obeyed} commands, {answered} acknowledged");
        assert_eq!(audited["findings"], Value::Array(Vec::new()), "kill {kill}");
    }
    let mut server = Server::spawn(folder.path());
    shared.open(server.url());
    let acknowledged = stopped(&shared, clients);
    let log = shared.log();
    all_are_there_once(&acknowledged, &log);
    server.stop();
    let last = audit(folder.path(), shared.latest().map(|it| it.head));
    assert_eq!(last["findings"], Value::Array(Vec::new()));
    sum.acknowledged += acknowledged.len() as u64;
    sum.recorded += log.len() as u64;
    sum.retried += shared.retried.load(Ordering::Relaxed);
    sum.known += shared.known.load(Ordering::Relaxed);
}

/// Everything that was acknowledged, once the clients have stopped.
fn stopped(shared: &Shared, clients: Vec<JoinHandle<Vec<Acknowledged>>>) -> Vec<Acknowledged> {
    shared.stop.store(true, Ordering::Relaxed);
    let ended = |client: JoinHandle<_>| {
        let acknowledged: Vec<_> = client
            .join()
            .expect("a client that was answered as it must be");
        acknowledged
    };
    clients.into_iter().flat_map(ended).collect()
}

/// `log` has the digest of each payload, in order.
fn all_are_there_once(acknowledged: &[Acknowledged], log: &[Digest]) {
    let mut places = BTreeMap::new();
    for (place, payload) in log.iter().enumerate() {
        let before = places.insert(*payload, place as u64 + 1);
        assert_eq!(before, None, "{payload} is there twice");
    }
    for it in acknowledged {
        let place = places.get(&it.payload);
        let place = place.unwrap_or_else(|| panic!("{} was acknowledged", it.payload));
        // What had been obeyed before is answered with how far the record goes.
        assert!(
            *place <= it.sequence,
            "{} is later than was said",
            it.payload
        );
        assert!(
            it.again || *place == it.sequence,
            "{} is elsewhere",
            it.payload
        );
    }
}
