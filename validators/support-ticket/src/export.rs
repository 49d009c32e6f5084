//! The check `export`: it is this ticket, and nothing of it was changed.

use crate::case::Case;
use crate::text::visible::{Defect, defects};
use crate::ticket::{Author, Message};
use proofmark_validator_sdk::{CheckBuilder, Finding, excerpt};
use std::collections::BTreeMap;

/// As much of a message is shown where something is wrong with it.
const SHOWN_BYTES: usize = 80;

pub(crate) fn judge(case: &Case<'_>, check: &mut CheckBuilder) {
    let (asked, told) = (&case.handed_over.ticket, &case.export.ticket);
    check.examine(asked == told);
    if asked != told {
        let finding = case.finding(
            "other-ticket",
            "The export is of another ticket.",
            "/ticket",
        );
        check.finding(finding.expected(asked).actual(told));
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, message) in case.export.messages.iter().enumerate() {
        let wrong = order(case, number, message, &mut places);
        let wrong = wrong.into_iter().chain(differs(case, number, message));
        judge_message(check, wrong);
    }
    for (number, message) in case.handed_over.messages.iter().enumerate() {
        if !places.contains_key(message.id.as_str()) {
            let text = format!(
                "Message `{}`, the {}. that was handed over, is not there.",
                message.id,
                number + 1
            );
            check.examine(false);
            check.finding(Finding::new("handover-missing", text).at_file(&case.params.export));
        }
    }
    later(case, check);
}

fn judge_message(check: &mut CheckBuilder, wrong: impl Iterator<Item = Finding>) {
    let mut right = true;
    for finding in wrong {
        check.finding(finding);
        right = false;
    }
    check.examine(right);
}

/// Ids and times.
fn order<'t>(
    case: &Case<'_>,
    number: usize,
    message: &'t Message,
    places: &mut BTreeMap<&'t str, usize>,
) -> Vec<Finding> {
    let mut wrong = Vec::new();
    if let Some(first) = places.get(message.id.as_str()) {
        let text = format!("Message `{}` stands at {first} already.", message.id);
        wrong.push(case.finding("id-duplicate", &text, format!("/messages/{number}/id")));
    } else {
        places.insert(&message.id, number);
    }
    let before = number
        .checked_sub(1)
        .and_then(|at| case.export.messages.get(at));
    if let Some(before) = before.filter(|it| it.at > message.at) {
        let text = format!(
            "Message `{}` is of an earlier time than the one before it.",
            message.id
        );
        let finding = case.finding("time-backwards", &text, format!("/messages/{number}/at"));
        wrong.push(
            finding
                .expected(format!("{} or later", before.at))
                .actual(message.at),
        );
    }
    wrong
}

/// What is at the place of a message that was handed over, and is not that message.
fn differs(case: &Case<'_>, number: usize, message: &Message) -> Option<Finding> {
    let asked = &case.handed_over.messages.get(number)?.0;
    if asked == message {
        return None;
    }
    let place = format!("/messages/{number}");
    if asked.id != message.id {
        let text = "Another message stands where one that was handed over stood.";
        let finding = case.finding("handover-moved", text, format!("{place}/id"));
        return Some(finding.expected(&asked.id).actual(&message.id));
    }
    let (member, is, was) = if asked.text != message.text {
        (
            "text",
            excerpt(asked.text.as_bytes(), SHOWN_BYTES),
            excerpt(message.text.as_bytes(), SHOWN_BYTES),
        )
    } else if asked.from != message.from {
        (
            "from",
            asked.from.as_str().to_owned(),
            message.from.as_str().to_owned(),
        )
    } else if asked.at != message.at {
        ("at", asked.at.to_string(), message.at.to_string())
    } else {
        (
            "citations",
            format!("{} as handed over", asked.citations.len()),
            "others".to_owned(),
        )
    };
    let text = format!(
        "Message `{}` is not as it was handed over: its `{member}` is another.",
        message.id
    );
    let finding = case.finding("handover-changed", &text, format!("{place}/{member}"));
    Some(finding.expected(is).actual(was))
}

/// The messages after those handed over.
fn later(case: &Case<'_>, check: &mut CheckBuilder) {
    let most = case.params.later_customer_messages as usize;
    let customers = case.later.iter().filter(|it| it.is_from(Author::Customer));
    for later in customers.skip(most) {
        check.examine(false);
        let text = format!("The customer has at most {most} messages after those handed over.");
        let pointer = format!("/messages/{}", later.number);
        check.finding(case.finding("customer-message-added", &text, pointer));
    }
    for later in case.suppliers() {
        let text = &later.message.text;
        judge_message(
            check,
            defects(text).into_iter().map(|(defect, at)| {
                let (code, why) = said(defect);
                let shown = excerpt(&text.as_bytes()[at..], SHOWN_BYTES);
                case.finding(code, &why, later.text()).actual(shown)
            }),
        );
    }
}

fn said(defect: Defect) -> (&'static str, String) {
    match defect {
        Defect::Hidden(what) => ("text-hidden", format!("The message has {what}.")),
        Defect::Markup(what) => (
            "text-markup",
            format!("A message is plain text, and this has {what}."),
        ),
        Defect::Disguised => (
            "text-disguised",
            "A word has letters of two alphabets that look alike.".to_owned(),
        ),
        Defect::Empty => ("message-empty", "The message shows nothing.".to_owned()),
    }
}
