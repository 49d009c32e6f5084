//! The check `status`: how the ticket ended.

use crate::case::Case;
use crate::ticket::Author;
use proofmark_validator_sdk::CheckBuilder;

pub(crate) fn judge(case: &Case<'_>, check: &mut CheckBuilder) {
    let (asked, told) = (&case.params.statuses, &case.export.status);
    check.examine(asked.contains(told));
    if !asked.contains(told) {
        let finding = case.finding(
            "status-wrong",
            "The ticket does not stand as asked.",
            "/status",
        );
        check.finding(finding.expected(asked.join(" or ")).actual(told));
    }
    let last = case
        .later
        .iter()
        .rposition(|it| it.is_from(Author::Customer));
    let after = &case.later[last.map_or(0, |at| at + 1)..];
    let answered = after.iter().any(|it| it.is_answer);
    check.examine(answered);
    if !answered {
        let words = case.params.min_answer_words;
        let text = format!(
            "After the customer's last message no agent answers, with at least {words} words of its own that it has not said before."
        );
        check.finding(case.finding("unanswered", &text, "/messages"));
    }
}
