//! When a message is tried again, and when no more.

use proofmark_core::Timestamp;
use proofmark_storage::{MessageClaim, Next};

use crate::send::Outcome;

/// Seconds between the tries: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; together 3 days, 3 hours and 35 minutes.
pub const WAITS: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How many seconds after the try of this number (counted from 1) the next one follows; nothing after the last.
///
/// `chance` spreads what failed together: 0 adds nothing, 255 a fifth of the time.
#[must_use]
pub fn next_wait(tries: u64, chance: u8) -> Option<u64> {
    let index = usize::try_from(tries.checked_sub(1)?).ok()?;
    let wait = WAITS.get(index)?;
    Some(wait + wait * u64::from(chance) / (5 * 255))
}

/// Why a webhook is disabled, as its owner reads it.
const NOTHING_ARRIVES: &str = "no message arrived for three days";

/// The same.
const GONE: &str = "the receiver answered 410: it is gone";

/// What follows from a try that ended now.
///
/// A test is tried once. What somebody asked for disables nothing: of that he sees what became himself.
pub(crate) fn after(
    claim: &MessageClaim,
    outcome: &Outcome,
    now: Timestamp,
    chance: u8,
) -> Next<'static> {
    let is_test = claim.message.number == 0;
    match (outcome.error.is_none(), outcome.is_gone()) {
        (true, _) => return Next::Delivered,
        _ if is_test => return Next::GivenUp,
        (_, true) => return Next::Gone(GONE),
        _ => {}
    }
    match next_wait(claim.message.tries, chance) {
        Some(wait) => Next::Again(now.plus_seconds(wait)),
        None if claim.asked => Next::GivenUp,
        None => Next::Disabled(NOTHING_ARRIVES),
    }
}

#[cfg(test)]
mod tests {
    use proofmark_storage::{Message, Webhook};

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds).expect("2027")
    }

    fn claim(number: u64, tries: u64, asked: bool) -> MessageClaim {
        MessageClaim {
            message: Message {
                id: "msg".to_owned(),
                webhook: "hook".to_owned(),
                number,
                created_at: at(0),
                due_at: at(0),
                tries,
                done_at: None,
                delivered: false,
            },
            webhook: Webhook {
                id: "hook".to_owned(),
                owner: "owner".to_owned(),
                url: "https://receiver.example/".to_owned(),
                listens: "{}".to_owned(),
                cursor: 0,
                created_at: at(0),
                delivered_at: None,
                disabled: None,
            },
            asked,
            epoch: tries,
        }
    }

    #[test]
    fn what_follows_from_a_try() {
        let (arrived, hung, gone) = (
            Outcome::answered(204),
            Outcome::failed("it hung"),
            Outcome::answered(410),
        );
        let last = WAITS.len() as u64 + 1;
        let again = |seconds: u64| Next::Again(at(10 + seconds));
        for (claim, outcome, next) in [
            (claim(7, 1, false), &arrived, Next::Delivered),
            (claim(0, 1, true), &arrived, Next::Delivered),
            (claim(7, 1, false), &hung, again(5)),
            (claim(7, 2, true), &hung, again(300)),
            (claim(7, last - 1, false), &hung, again(86_400)),
            (
                claim(7, last, false),
                &hung,
                Next::Disabled(NOTHING_ARRIVES),
            ),
            (claim(7, last, true), &hung, Next::GivenUp),
            (claim(7, 1, false), &gone, Next::Gone(GONE)),
            (claim(0, 1, true), &hung, Next::GivenUp),
            (claim(0, 1, true), &gone, Next::GivenUp),
        ] {
            assert_eq!(
                after(&claim, outcome, at(10), 0),
                next,
                "{claim:?} {outcome:?}"
            );
        }
    }

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<_> = (1..).map_while(|tries| next_wait(tries, 0)).collect();
        assert_eq!(waits, WAITS);
        assert_eq!(
            waits.iter().sum::<u64>(),
            3 * 86_400 + 3 * 3_600 + 35 * 60 + 5
        );
        assert_eq!(next_wait(0, 0), None);
        assert_eq!(next_wait(u64::MAX, 0), None);
    }

    #[test]
    fn chance_adds_a_fifth_at_most() {
        assert_eq!(next_wait(2, 255), Some(360));
        assert_eq!(next_wait(9, 255), Some(103_680));
        let wait = next_wait(2, 128).expect("a wait");
        assert!((301..360).contains(&wait), "{wait}");
    }
}
