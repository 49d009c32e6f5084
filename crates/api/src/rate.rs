//! How many commands of one party are obeyed.
//!
//! Only what was obeyed counts, and what was looked through in vain, so a command that the market refuses takes nothing
//! of a party's share. That is why this is not a limiter from a library: those take a share before it is known what comes
//! of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use proofmark_core::Timestamp;
use proofmark_market::PartyId;

use crate::problem::Problem;

/// So many seconds' worth may come at once.
const BURST_SECONDS: i64 = 10;

/// So many parties are remembered; whoever has used nothing for a while is not.
const REMEMBERED: usize = 100_000;

const SECOND: i64 = 1_000_000;

/// The generic cell rate algorithm (ITU-T I.371): of each party the moment, in microseconds, until which its share is used.
#[derive(Clone)]
pub(crate) struct Rate {
    /// Between two commands; 0 where there is no limit.
    interval: i64,
    /// Whose commands are not counted.
    operator: PartyId,
    used_until: Arc<Mutex<BTreeMap<PartyId, i64>>>,
}

impl Rate {
    /// So many commands a second, over time; any number where that is 0.
    pub(crate) fn of(per_second: u32, operator: PartyId) -> Self {
        Self {
            operator,
            interval: SECOND.checked_div(i64::from(per_second)).unwrap_or(0),
            used_until: Arc::default(),
        }
    }

    /// Whether another command of this party may come now.
    pub(crate) fn may(&self, sender: &PartyId, now: Timestamp) -> Result<(), Problem> {
        let used_until = self.lock().get(sender).copied().unwrap_or_default();
        match used_until - now.micros() < BURST_SECONDS * SECOND {
            true => Ok(()),
            false => Err(too_many()),
        }
    }

    /// One was obeyed, or took as much time.
    pub(crate) fn used(&self, sender: &PartyId, now: Timestamp) {
        if self.interval == 0 || *sender == self.operator {
            return;
        }
        let mut all = self.lock();
        if all.len() >= REMEMBERED {
            all.retain(|_, used_until| *used_until > now.micros());
        }
        let used_until = all.entry(*sender).or_default();
        *used_until = (*used_until).max(now.micros()) + self.interval;
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PartyId, i64>> {
        self.used_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many() -> Problem {
    let title = "this party sends more commands than the market obeys of one";
    let hint = "nothing was done; send the same again after the time in Retry-After";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-fast", title, hint, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(number: u8) -> PartyId {
        format!("{number:02x}").repeat(32).parse().expect("a name")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000 * SECOND + seconds * SECOND).expect("a time")
    }

    /// How many are obeyed of so many that come at once.
    fn obeyed(rate: &Rate, who: &PartyId, now: Timestamp, commands: u32) -> u32 {
        let mut obeyed = 0;
        for _ in 0..commands {
            if rate.may(who, now).is_ok() {
                rate.used(who, now);
                obeyed += 1;
            }
        }
        obeyed
    }

    #[test]
    fn a_party_has_its_share_and_no_more() {
        let (rate, one, two) = (Rate::of(5, party(0)), party(1), party(2));
        assert_eq!(obeyed(&rate, &one, at(0), 1_000), 50, "ten seconds at once");
        assert_eq!(obeyed(&rate, &two, at(0), 1_000), 50, "its own share");
        assert_eq!(obeyed(&rate, &one, at(2), 1_000), 10);
        assert_eq!(
            obeyed(&rate, &one, at(1_000), 1_000),
            50,
            "no more is saved up"
        );
    }

    #[test]
    fn what_is_not_obeyed_takes_nothing() {
        let (rate, one) = (Rate::of(1, party(0)), party(1));
        for _ in 0..1_000 {
            assert!(rate.may(&one, at(0)).is_ok());
        }
    }

    #[test]
    fn of_the_operator_nothing_is_counted() {
        let (rate, operator) = (Rate::of(1, party(0)), party(0));
        assert_eq!(obeyed(&rate, &operator, at(0), 1_000), 1_000);
    }

    #[test]
    fn without_a_limit_nobody_is_remembered() {
        let (rate, one) = (Rate::of(0, party(0)), party(1));
        assert_eq!(obeyed(&rate, &one, at(0), 10_000), 10_000);
        assert!(rate.lock().is_empty());
    }
}
