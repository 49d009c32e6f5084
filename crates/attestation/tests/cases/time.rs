//! Evidence that is too old, too young, or from the future.

use proofmark_attestation::verify::FailureCode::*;
use serde_json::json;

use super::valid::signed;
use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    let seen = |at: &'static str| {
        let witnesses = vec![(BUYER, at), (SUPPLIER, at), (NOTARY, at)];
        logged_as(
            signed(),
            &Logging {
                witnesses,
                ..Logging::default()
            },
        )
    };
    vec![
        bad(
            "time-before-order",
            "The outcome is older than its order: the nonce leaked, or witnesses lie.",
            TimeBeforeOrder,
        )
        .bundle(&seen("2026-11-26T16:59:59Z")),
        bad(
            "time-just-before-order",
            "The order was given a microsecond after the outcome existed.",
            TimeBeforeOrder,
        )
        .fact("orderedAt", "2026-11-26T18:00:10.000001Z"),
        bad(
            "time-after-deadline",
            "The outcome was seen after the deadline.",
            TimeAfterDeadline,
        )
        .fact("deadline", "2026-11-26T18:00:09Z"),
        bad(
            "time-deadline-by-quorum",
            "One witness saw it before the deadline, the second that is needed did not.",
            TimeAfterDeadline,
        )
        .fact("deadline", "2026-11-26T18:00:05Z"),
        bad(
            "time-too-old",
            "The outcome is older than the policy allows.",
            TimeTooOld,
        )
        .fact("now", "2026-12-27T00:00:00Z"),
        bad(
            "time-just-too-old",
            "The outcome is a second older than the policy allows.",
            TimeTooOld,
        )
        .under(|policy| policy["time"]["maxAgeSeconds"] = json!(60 * 59 + 49)),
        bad(
            "time-future",
            "The witnesses saw it at a time that is not yet.",
            TimeFuture,
        )
        .bundle(&seen("2026-11-26T19:06:00Z")),
        bad(
            "time-far-future",
            "The witnesses saw it in the year 9999.",
            TimeFuture,
        )
        .bundle(&seen("9999-12-30T00:00:00Z"))
        .under(|policy| {
            for witness in policy["transparency"]["witnesses"]
                .as_array_mut()
                .expect("a list")
            {
                witness
                    .as_object_mut()
                    .expect("an object")
                    .remove("validUntil");
            }
        }),
        bad(
            "time-just-ahead",
            "The witnesses' clocks are a second further ahead than the policy allows.",
            TimeFuture,
        )
        .fact("now", "2026-11-26T17:55:09Z"),
        bad(
            "time-no-evidence-after-deadline",
            "Without a log the outcome is only known to exist now, after the deadline.",
            TimeAfterDeadline,
        )
        .change(|bundle| bundle.log = None)
        .under(|policy| policy["transparency"]["required"] = json!(false))
        .fact("deadline", EXISTED_BY),
        bad(
            "time-no-witness-after-deadline",
            "Without witnesses the log alone shows no time.",
            TimeAfterDeadline,
        )
        .under(|policy| policy["transparency"]["quorum"] = json!(0))
        .fact("deadline", EXISTED_BY),
    ]
}
