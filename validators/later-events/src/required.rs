//! Events that must come.

use crate::condition::Selector;
use crate::event::Event;
use crate::params::{Params, Required};
use crate::survey::Span;
use crate::time::Time;
use proofmark_validator_sdk::{CheckBuilder, Finding};

/// One rule, and what was seen of it.
pub(crate) struct Need<'p> {
    rule: &'p Required,
    selector: Selector<'p>,
    /// Those that it follows.
    each: Option<Selector<'p>>,
    /// Until when its events count.
    deadline: Time,
    found: u64,
    /// The earliest of those that still wait for one that follows.
    waiting: Option<Waiting>,
    /// The first that waited in vain.
    unanswered: Option<Waiting>,
}

#[derive(Clone, Copy)]
struct Waiting {
    line: u64,
    until: Time,
}

impl<'p> Need<'p> {
    pub(crate) fn of(params: &Params, rule: &'p Required, span: &Span<'_>) -> Self {
        let within = rule.within_seconds.zip(span.anchor);
        let deadline = within.map(|(within, anchor)| anchor.at.plus(within));
        let deadline = deadline.filter(|_| rule.after_each.is_none());
        let each = rule.after_each.as_ref();
        Self {
            rule,
            selector: params.prepared(rule.selection()),
            each: each.map(|it| params.prepared(it.selection())),
            deadline: deadline.unwrap_or(span.until).min(span.until),
            found: 0,
            waiting: None,
            unanswered: None,
        }
    }

    /// An event of the export.
    pub(crate) fn see(&mut self, event: &Event, span: &Span<'_>) {
        if !span.holds(event) {
            return;
        }
        if event.at <= self.deadline && self.selector.selects(event, span.anchor) {
            self.found += 1;
            self.answer(event.at);
        }
        let each = self.each.as_ref().filter(|_| self.waiting.is_none());
        if each.is_some_and(|it| it.selects(event, span.anchor)) {
            let within = self.rule.within_seconds;
            self.waiting = Some(Waiting {
                line: event.line,
                until: within.map_or(span.until, |it| event.at.plus(it)),
            });
        }
    }

    /// Whoever waits no longer does.
    fn answer(&mut self, at: Time) {
        let late = self.waiting.take().filter(|it| it.until < at);
        self.unanswered = self.unanswered.or(late);
    }

    /// Whether the rule is kept; nothing if that is not known. `seen_until` says up to when nothing can be missing.
    pub(crate) fn kept(&mut self, span: &Span<'_>, seen_until: Option<Time>) -> Option<bool> {
        if self.each.is_none() {
            let enough = self.found >= self.least();
            let decided = seen_until.is_some_and(|it| self.deadline <= it);
            return (enough || decided).then_some(enough);
        }
        let seen_until = seen_until?;
        // One whose time ends after the window may still be answered, and is not judged.
        let over = self.waiting.filter(|it| it.until <= span.until);
        let (late, open) = (
            over.filter(|it| it.until <= seen_until),
            over.filter(|it| seen_until < it.until),
        );
        self.unanswered = self.unanswered.or(late);
        match (self.unanswered, open) {
            (Some(_), _) => Some(false),
            (None, Some(_)) => None,
            (None, None) => (span.until <= seen_until).then_some(true),
        }
    }

    /// Says what is missing.
    pub(crate) fn tell(&self, path: &str, check: &mut CheckBuilder) {
        let kind = self.selector.kind;
        let finding = match self.unanswered {
            Some(waiting) => {
                let message = "What had to follow this event did not, or not in time.";
                let finding = Finding::new("unanswered", message).at_line(path, waiting.line);
                finding.expected(format!("`{kind}` until {}", waiting.until))
            }
            None => {
                let message = "What had to happen did not, or not in time.";
                let finding = Finding::new("required-missing", message).at_file(path);
                let expected = format!("{} of `{kind}` until {}", self.least(), self.deadline);
                finding.expected(expected).actual(self.found)
            }
        };
        check.finding(finding);
    }

    fn least(&self) -> u64 {
        self.rule.at_least.unwrap_or(1)
    }
}
