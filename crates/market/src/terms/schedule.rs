//! Which share of the price is paid back, by time.

use proofmark_core::Ppm;
use serde::{Deserialize, Serialize};

/// Most steps of a schedule.
pub const MAX_STEPS: usize = 16;

/// A line through steps: the first share until the first step, straight between two steps, the last share from the
/// last step on. Shares never rise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schedule(Vec<Step>);

/// A point of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Seconds after payment.
    pub after_seconds: u64,
    /// Share of the price.
    pub share: Ppm,
}

impl Schedule {
    /// A schedule through `steps`; [`Schedule::is_sound`] says whether it is one.
    #[must_use]
    pub const fn new(steps: Vec<Step>) -> Self {
        Self(steps)
    }

    /// Its steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether there are steps, not too many, in ascending order of time, with shares that never rise.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let ordered = self.0.windows(2).all(|pair| {
            pair[0].after_seconds < pair[1].after_seconds && pair[0].share >= pair[1].share
        });
        (1..=MAX_STEPS).contains(&self.0.len()) && ordered
    }

    /// The share at so many seconds after payment, rounded down.
    #[must_use]
    pub fn at(&self, seconds: u64) -> Ppm {
        let Some(next) = self.0.iter().position(|step| step.after_seconds > seconds) else {
            return self.0.last().map_or(Ppm::ZERO, |last| last.share);
        };
        let to = self.0[next];
        let Some(from) = next.checked_sub(1).map(|before| self.0[before]) else {
            return to.share;
        };
        let (passed, whole) = (
            u128::from(seconds - from.after_seconds),
            u128::from(to.after_seconds - from.after_seconds),
        );
        let fall = u128::from(from.share.get().saturating_sub(to.share.get()));
        // Rounded up, so that the share is rounded down: doubt favours the one who already delivered.
        let fallen = (fall * passed).div_ceil(whole);
        let fallen =
            u32::try_from(fallen).expect("not more than the fall from one share to the next");
        Ppm::new(from.share.get() - fallen).expect("below a share")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(steps: &[(u64, u32)]) -> Schedule {
        let step = |&(after_seconds, share)| Step {
            after_seconds,
            share: Ppm::new(share).expect("a share"),
        };
        Schedule::new(steps.iter().map(step).collect())
    }

    #[test]
    fn the_line_is_flat_then_straight_then_flat() {
        let week = 604_800;
        let line = schedule(&[(week, 1_000_000), (2 * week, 0)]);
        assert!(line.is_sound());
        for (seconds, share) in [
            (0, 1_000_000),
            (week - 1, 1_000_000),
            (week, 1_000_000),
            (week + 1, 999_998),
            (week + week / 2, 500_000),
            (2 * week - 1, 1),
            (2 * week, 0),
            (u64::MAX, 0),
        ] {
            assert_eq!(line.at(seconds).get(), share, "after {seconds} s");
        }
        assert_eq!(schedule(&[(0, 1_000_000)]).at(u64::MAX), Ppm::ONE);
    }

    #[test]
    fn a_schedule_that_rises_or_goes_back_is_not_sound() {
        for steps in [
            &[][..],
            &[(1, 5), (2, 6)],
            &[(2, 6), (2, 5)],
            &[(3, 6), (2, 5)],
        ] {
            assert!(!schedule(steps).is_sound(), "{steps:?}");
        }
        let many: Vec<_> = (0..17).map(|at| (at, 1)).collect();
        assert!(!schedule(&many).is_sound());
        assert!(schedule(&many[..16]).is_sound());
    }
}
