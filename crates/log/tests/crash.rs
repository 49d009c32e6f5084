//! A log is stopped at every step that it takes on its disk, and nothing that it ever said becomes untrue.

mod lossy;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use lossy::{Chance, Fault, LossyDisk};
use proofmark_core::Timestamp;
use proofmark_keys::{SecretKey, Signer};
use proofmark_log::{Folder, Log, LogError, fsck};
use proofmark_tlog::{
    NoteKey, SignedNote, TlogProof, VerifiedCheckpoint, cosign, leaf_hash, verify_consistency,
};

/// Where the log is on the disk.
const DIRECTORY: &str = "/logs/log";
/// So small that the scenario consolidates several times.
const JOURNAL_LIMIT_BYTES: u64 = 3000;
/// Entries of each batch: within a tile, filling one, over several tiles, and one that only grows a partial one.
const BATCHES: [usize; 6] = [1, 252, 3, 4, 260, 3];
/// After this batch the checkpoint is cosigned.
const COSIGNED_AFTER: usize = 3;

/// What comes after the machine has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// Only the program was killed.
    Kill,
    /// The power failed; the seed decides what is left, and whether the machine stops while it recovers, too.
    PowerLoss(u64),
    /// The program is started again, and then the power fails, soon: what was only in memory was built upon.
    RestartThenPowerLoss(u64),
}

/// Everything that the log ever said, which must stay true.
#[derive(Default)]
struct Said {
    entries: BTreeMap<u64, Vec<u8>>,
    checkpoints: Vec<SignedNote>,
    proofs: Vec<TlogProof>,
}

struct World {
    disk: Arc<LossyDisk>,
    log_key: SecretKey,
    witness_key: SecretKey,
    said: Said,
    faults: usize,
}

fn directory() -> &'static Path {
    Path::new(DIRECTORY)
}

impl World {
    fn new(fault: Option<(usize, Fault)>) -> Self {
        Self {
            disk: Arc::new(LossyDisk::with_fault(fault)),
            log_key: SecretKey::from_seed(&[1; 32]),
            witness_key: SecretKey::from_seed(&[2; 32]),
            said: Said::default(),
            faults: 0,
        }
    }

    fn key(&self) -> NoteKey {
        NoteKey::log(
            "log.example".parse().expect("a name"),
            *self.log_key.public_key(),
        )
    }

    fn start(&self) -> Result<Log, LogError> {
        let disk = || Arc::clone(&self.disk) as Arc<dyn proofmark_log::Disk>;
        let log = match Log::open_on(disk(), directory()) {
            Err(LogError::Missing(_)) => {
                Log::create_on(disk(), directory(), &self.key(), &self.log_key)
            }
            log => log,
        };
        Ok(log?.with_journal_limit(JOURNAL_LIMIT_BYTES))
    }

    /// Brings the log to its end, from wherever it is; stops at the first error.
    fn run(&mut self) -> Result<(), LogError> {
        let mut log = self.start()?;
        self.adopt(&log);
        while let Some(number) = next_batch(log.size()) {
            let appended = log.append(&batch(number), &self.log_key)?;
            self.hear(appended.checkpoint);
            for (index, entry) in appended.indexes.clone().zip(batch(number)) {
                let before = self.said.entries.insert(index, entry.clone());
                assert!(
                    before.is_none_or(|before| before == entry),
                    "an index was given twice"
                );
            }
            for index in [appended.indexes.start, appended.indexes.end - 1] {
                self.said.proofs.push(log.prove(index)?);
            }
            if number == COSIGNED_AFTER {
                let cosigned = self.cosigned(log.checkpoint());
                log.publish_cosigned(&cosigned)?;
                self.hear(cosigned);
            }
        }
        Ok(())
    }

    fn cosigned(&self, note: &SignedNote) -> SignedNote {
        let checkpoint = VerifiedCheckpoint::open(note, &self.key()).expect("signed");
        let name = "witness.example".parse().expect("a name");
        let witness = NoteKey::witness(name, *self.witness_key.public_key());
        let at = Timestamp::from_seconds(1_795_716_000).expect("this century");
        let mut cosigned = note.clone();
        let signature = cosign(&checkpoint, &witness, &self.witness_key, at).expect("cosigned");
        cosigned.attach(signature).expect("there is room");
        cosigned
    }

    /// What was appended although the caller was told otherwise is the batch that was asked for, or nothing.
    fn adopt(&mut self, log: &Log) {
        let acknowledged = self.said.entries.len() as u64;
        let ends: Vec<_> = (0..=BATCHES.len())
            .map(|count| BATCHES[..count].iter().sum::<usize>() as u64)
            .collect();
        let at = ends
            .iter()
            .position(|end| *end == acknowledged)
            .expect("whole batches");
        let possible = &ends[at..ends.len().min(at + 2)];
        assert!(
            possible.contains(&log.size()),
            "{} of {possible:?}",
            log.size()
        );
        for index in 0..log.size() {
            self.said
                .entries
                .entry(index)
                .or_insert_with(|| entry(index));
        }
        self.hear(log.checkpoint().clone());
    }

    fn hear(&mut self, note: SignedNote) {
        if !self.said.checkpoints.contains(&note) {
            self.said.checkpoints.push(note);
        }
    }

    /// What the world can see in the public directory was said too.
    fn hear_public(&mut self) {
        let public = self.disk.peek(&directory().join("public/checkpoint"));
        if let Some(note) = public.and_then(|bytes| SignedNote::parse(&bytes).ok()) {
            self.hear(note);
        }
    }

    fn check(&self) {
        let log = self.start().expect("the log opens");
        let key = self.key();
        let folder = Folder::on(
            Arc::clone(&self.disk) as Arc<dyn proofmark_log::Disk>,
            directory().join("public"),
        );
        let report = fsck(&folder, &key).expect("everything can be read");
        assert!(report.is_clean(), "{report:?}");
        assert_eq!(report.size, log.size());
        let last = VerifiedCheckpoint::open(log.checkpoint(), &key).expect("signed");
        let last = last.checkpoint();
        for note in &self.said.checkpoints {
            let old = VerifiedCheckpoint::open(note, &key).expect("signed");
            let old = old.checkpoint();
            let proof = log
                .prove_consistency(old.size())
                .expect("the log has only grown");
            verify_consistency(old.size(), last.size(), &proof, old.root(), last.root())
                .expect("the log has only grown");
        }
        for proof in &self.said.proofs {
            let leaf = leaf_hash(&self.said.entries[&proof.index]);
            proof.verify(&leaf, &key).expect("a proof holds for ever");
        }
        // All of them are read by `fsck`; proofs of some are enough.
        for (index, entry) in self
            .said
            .entries
            .iter()
            .step_by(23)
            .chain(self.said.entries.last_key_value())
        {
            let proof = log.prove(*index).expect("what was acknowledged is there");
            proof.verify(&leaf_hash(entry), &key).expect("as it was");
        }
    }
}

fn entry(index: u64) -> Vec<u8> {
    // Of different lengths, and none twice.
    format!("entry {index} {}", "x".repeat((index % 40) as usize)).into_bytes()
}

fn batch(number: usize) -> Vec<Vec<u8>> {
    let first = BATCHES[..number].iter().sum::<usize>() as u64;
    (first..first + BATCHES[number] as u64).map(entry).collect()
}

/// The number of the batch that comes at this size.
fn next_batch(size: u64) -> Option<usize> {
    (0..BATCHES.len()).find(|number| BATCHES[..*number].iter().sum::<usize>() as u64 == size)
}

/// Runs the scenario with a fault at one step, and on to its end. Gives the number of steps of it all.
fn survive(fault: Option<(usize, Fault)>, after: After) -> usize {
    let mut world = World::new(fault);
    let mut chance = Chance(fault.map_or(0, |(step, _)| step as u64));
    while let Err(error) = world.run() {
        assert!(
            matches!(error, LogError::Disk { .. }),
            "{fault:?} {after:?}: {error:?}"
        );
        world.faults += 1;
        world.hear_public();
        match after {
            After::Kill => world.disk.restart(),
            After::RestartThenPowerLoss(_) if world.faults == 1 => {
                world.disk.restart();
                world.disk.fail_in(chance.below(12), Fault::StopAfter);
            }
            After::RestartThenPowerLoss(seed) => {
                world.disk.lose_power(seed ^ chance.below(1 << 30) as u64);
            }
            After::PowerLoss(seed) => {
                world.disk.lose_power(seed ^ chance.below(1 << 30) as u64);
                if world.faults < 4 && chance.below(2) == 0 {
                    world
                        .disk
                        .fail_in(chance.below(40), Fault::ALL[chance.below(4)]);
                }
            }
        }
    }
    let steps = world.disk.steps();
    world.disk.restart();
    world.check();
    // Whatever was said last is durable too.
    world
        .disk
        .lose_power(fault.map_or(0, |(step, _)| step as u64));
    world.check();
    steps
}

/// Every step of the scenario, with each fault. Two tests share the work: one for each processor.
fn at_every_step(after: impl Fn(usize) -> After) {
    let steps = survive(None, After::Kill);
    assert!(steps > 100, "{steps} steps are no scenario");
    for step in 0..steps {
        for fault in Fault::ALL {
            survive(Some((step, fault)), after(step));
        }
    }
}

#[test]
fn nothing_said_becomes_untrue_when_the_program_is_killed_at_any_step() {
    at_every_step(|_| After::Kill);
}

#[test]
fn nothing_said_becomes_untrue_when_the_power_fails_at_any_step() {
    for seed in 0..3 {
        at_every_step(|step| After::PowerLoss(seed * 1_000_003 + step as u64));
    }
}

#[test]
fn nothing_is_built_on_what_is_only_in_memory() {
    for seed in 0..2 {
        at_every_step(|step| After::RestartThenPowerLoss(seed * 1_000_003 + step as u64));
    }
}
