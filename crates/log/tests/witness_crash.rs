//! A witness is stopped at every step that it takes on its disk, while a log tries to have two histories
//! cosigned. It never cosigns both, and it comes to its end.

mod lossy;

use std::path::Path;
use std::sync::Arc;

use lossy::{Chance, Fault, LossyDisk};
use proofmark_core::Timestamp;
use proofmark_keys::{SecretKey, Signer};
use proofmark_log::Log;
use proofmark_log::witness::{CosignRefusal, Witness, WitnessError};
use proofmark_tlog::{AddCheckpoint, NoteKey};

/// How far both histories go.
const SIZE: u64 = 4;

/// One history: for each size and each older one what a log sends.
struct History {
    requests: Vec<Vec<Vec<u8>>>,
}

fn log_signer() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn log_key() -> NoteKey {
    NoteKey::log(
        "log.example".parse().expect("a name"),
        *log_signer().public_key(),
    )
}

impl History {
    /// The entries begin with `word`, so no two histories share one.
    fn of(word: &str) -> Self {
        let disk = Arc::new(LossyDisk::with_fault(None));
        let mut log = Log::create_on(disk, Path::new("/log"), &log_key(), &log_signer())
            .expect("nothing fails");
        let mut requests = Vec::new();
        for size in 1..=SIZE {
            let entry = format!("{word} {size}").into_bytes();
            log.append(&[entry], &log_signer()).expect("nothing fails");
            let request = |old_size| AddCheckpoint {
                old_size,
                proof: log.prove_consistency(old_size).expect("it has only grown"),
                note: log.checkpoint().clone(),
            };
            let all = (0..=size).map(|old| request(old).to_string().into_bytes());
            requests.push(all.collect());
        }
        Self { requests }
    }

    /// The checkpoint of `size`, with the proof that it follows from that of `old`.
    fn request(&self, size: u64, old: u64) -> &[u8] {
        &self.requests[size as usize - 1][old as usize]
    }
}

/// A witness on a disk that fails, and which histories it has ever cosigned.
struct World {
    disk: Arc<LossyDisk>,
    honest: History,
    fork: History,
    cosigned: [bool; 2],
    known: u64,
}

impl World {
    fn new(fault: Option<(usize, Fault)>) -> Self {
        Self {
            disk: Arc::new(LossyDisk::with_fault(fault)),
            honest: History::of("honest"),
            fork: History::of("fork"),
            cosigned: [false; 2],
            known: 0,
        }
    }

    fn start(&self) -> Result<Witness, WitnessError> {
        let signer = Arc::new(SecretKey::from_seed(&[2; 32]));
        let name = "witness.example".parse().expect("a name");
        let key = NoteKey::witness(name, *signer.public_key());
        let disk = Arc::clone(&self.disk) as Arc<dyn proofmark_log::Disk>;
        Witness::open_on(disk, Path::new("/witness"), &key, signer, &[log_key()])
    }

    /// Has every size cosigned, from whatever the witness knows; after each start the fork is tried first.
    fn run(&mut self) -> Result<(), String> {
        let witness = self.start().map_err(|error| error.to_string())?;
        let known = witness
            .last(&origin())
            .map_or(0, |note| size_of(&note.to_string()));
        assert!(known >= self.known, "what was given away is forgotten");
        for size in 1..=SIZE {
            for old in [0, known.min(size)] {
                self.ask(&witness, 1, size, old)?;
            }
        }
        let known = witness
            .last(&origin())
            .map_or(0, |note| size_of(&note.to_string()));
        for size in known + 1..=SIZE {
            self.ask(&witness, 0, size, size - 1)?;
        }
        // The last answer may have been lost; it is given again.
        self.ask(&witness, 0, SIZE, SIZE)
    }

    fn ask(&mut self, witness: &Witness, which: usize, size: u64, old: u64) -> Result<(), String> {
        let history = [&self.honest, &self.fork][which];
        let now = Timestamp::from_seconds(1_795_716_000).expect("this century");
        match witness.add_checkpoint(history.request(size, old), now) {
            Ok(_) => {
                self.cosigned[which] = true;
                self.known = self.known.max(size);
                assert!(self.cosigned != [true; 2], "two histories are cosigned");
                Ok(())
            }
            Err(CosignRefusal::Refused(_)) => Ok(()),
            Err(other) => Err(other.to_string()),
        }
    }
}

fn origin() -> String {
    proofmark_core::Digest::of(b"log.example").hex()
}

fn size_of(note: &str) -> u64 {
    let line = note.lines().nth(1).expect("a checkpoint has a size");
    line.parse().expect("a number")
}

/// Runs the attack with a fault at one step, and on to its end. Gives the number of steps of it all.
fn survive(fault: Option<(usize, Fault)>, power: Option<u64>) -> usize {
    let mut world = World::new(fault);
    let mut chance = Chance(fault.map_or(0, |(step, _)| step as u64));
    let mut tries = 0;
    while world.begin().and_then(|()| world.run()).is_err() {
        tries += 1;
        assert!(tries < 20, "{fault:?}: it never comes to an end");
        match power {
            None => world.disk.restart(),
            Some(seed) => world.disk.lose_power(seed ^ chance.below(1 << 30) as u64),
        }
    }
    assert_eq!(world.cosigned, [true, false], "{fault:?}");
    assert_eq!(world.known, SIZE);
    let steps = world.disk.steps();
    world.disk.lose_power(7);
    let witness = world.start().expect("it opens");
    let last = witness.last(&origin()).expect("it remembers");
    assert_eq!(size_of(&last.to_string()), SIZE, "the last word is durable");
    steps
}

impl World {
    /// The honest history comes first; what follows is the attack.
    fn begin(&mut self) -> Result<(), String> {
        if self.cosigned[0] {
            return Ok(());
        }
        let witness = self.start().map_err(|error| error.to_string())?;
        // Half done before the stop counts as known.
        let known = witness
            .last(&origin())
            .map_or(0, |note| size_of(&note.to_string()));
        self.ask(&witness, 0, 1, known.min(1))?;
        assert!(
            self.cosigned[0],
            "the first request is honest, and is cosigned"
        );
        Ok(())
    }
}

fn at_every_step(power: impl Fn(usize) -> Option<u64>) {
    let steps = survive(None, None);
    assert!(steps > 10, "{steps} steps are no scenario");
    for step in 0..steps {
        for fault in Fault::ALL {
            survive(Some((step, fault)), power(step));
        }
    }
}

#[test]
fn no_fork_is_cosigned_when_the_witness_is_killed_at_any_step() {
    at_every_step(|_| None);
}

#[test]
fn no_fork_is_cosigned_when_the_power_fails_at_any_step() {
    for seed in 0..20 {
        at_every_step(|step| Some(seed * 1_000_003 + step as u64));
    }
}
