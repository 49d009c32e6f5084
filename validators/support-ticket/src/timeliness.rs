//! The check `timeliness`: when.

use crate::case::Case;
use crate::params::Timeliness;
use proofmark_validator_sdk::CheckBuilder;

pub(crate) fn judge(case: &Case<'_>, rule: &Timeliness, check: &mut CheckBuilder) {
    // One that asks the customer something is there; a reference without messages is refused.
    let Some(last) = case.handed_over.messages.last() else {
        return;
    };
    let first = case.agents().find(|it| it.is_answer);
    let seconds = rule.first_answer_seconds;
    let in_time = first.is_some_and(|it| it.message.at.follows_within(last.at, seconds));
    check.examine(in_time);
    match first {
        None => {
            let text = "No agent answers.";
            check.finding(case.finding("unanswered", text, "/messages"));
        }
        Some(first) if !in_time => {
            let text = "The first answer is too late, or before the ticket was handed over.";
            let finding = case.finding(
                "answered-late",
                text,
                format!("/messages/{}/at", first.number),
            );
            let expected = format!("at most {seconds} seconds after {}", last.at);
            check.finding(finding.expected(expected).actual(first.message.at));
        }
        Some(_) => {}
    }
}
