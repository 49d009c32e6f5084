//! Many seasons, on several threads, each played twice.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::season::seen::Seen;
use crate::season::{Outcome, Plan, play};

/// How much is played.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// At least so many histories.
    pub histories: u64,
    /// Seed of the first season; the others follow it.
    pub seed: u64,
    /// On so many threads.
    pub threads: u64,
}

impl Default for Campaign {
    fn default() -> Self {
        Self {
            histories: 10_000,
            seed: 1,
            threads: 2,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// Contracts and RFQs without a contract that came to an end.
    pub histories: u64,
    /// Markets from opening to the end of everything in them.
    pub seasons: u64,
    /// Commands that were obeyed, the second playing not counted.
    pub commands: u64,
    /// What was seen.
    pub seen: Seen,
    /// Seeds of seasons in which something broke, ascending.
    pub broken: Vec<u64>,
}

/// Plays.
///
/// # Panics
/// If a season does.
#[must_use]
pub fn run(campaign: &Campaign) -> Played {
    let next = AtomicU64::new(campaign.seed);
    let played = Mutex::new(Played::default());
    std::thread::scope(|scope| {
        for _ in 0..campaign.threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let (outcome, same) = twice(seed);
                    let mut played = played.lock().expect("no other thread has panicked");
                    add(&mut played, seed, &outcome, same);
                    if played.histories >= campaign.histories || !played.broken.is_empty() {
                        return;
                    }
                }
            });
        }
    });
    let mut played = played.into_inner().expect("no thread has panicked");
    played.broken.sort_unstable();
    played
}

fn twice(seed: u64) -> (Outcome, bool) {
    let plan = Plan::of(seed);
    let outcome = play(&plan);
    let same = play(&plan) == outcome;
    (outcome, same)
}

fn add(played: &mut Played, seed: u64, outcome: &Outcome, same: bool) {
    played.histories += outcome.histories;
    played.seasons += 1;
    played.commands += outcome.commands;
    played.seen.merge(&outcome.seen);
    if !outcome.breaks.is_empty() || !same {
        played.broken.push(seed);
    }
}
