//! Events that may not come, or no more often than so many times.

use crate::condition::Selector;
use crate::event::Event;
use crate::params::{Forbidden, Params};
use crate::survey::Span;
use proofmark_validator_sdk::{CheckBuilder, Finding, Severity};

/// One rule, and what was seen of it.
pub(crate) struct Watch<'p> {
    rule: &'p Forbidden,
    selector: Selector<'p>,
    /// Events that count, whatever is missing.
    certain: u64,
    /// Events that count if nothing is missing.
    uncertain: u64,
}

impl<'p> Watch<'p> {
    pub(crate) fn of(params: &Params, rule: &'p Forbidden) -> Self {
        Self {
            rule,
            selector: params.prepared(rule.selection()),
            certain: 0,
            uncertain: 0,
        }
    }

    /// An event of the export.
    pub(crate) fn see(
        &mut self,
        event: &Event,
        span: &Span<'_>,
        path: &str,
        check: &mut CheckBuilder,
    ) {
        let selector = &self.selector;
        if !span.holds(event) || !selector.selects(event, span.anchor) {
            return;
        }
        let certain = span.certainly_holds(event) && (span.certain || !selector.compares());
        self.certain += u64::from(certain);
        self.uncertain += u64::from(!certain);
        let (count, severity) = match certain {
            true => (self.certain, Severity::Major),
            false => (self.certain + self.uncertain, Severity::Minor),
        };
        if count <= self.rule.at_most {
            return;
        }
        check.finding_of(severity, || {
            let finding = match certain {
                true => Finding::new("forbidden-event", "What was paid for did not last."),
                false => Finding::new(
                    "forbidden-uncertain",
                    "This counts unless the window began earlier, which the export does not show.",
                ),
            };
            let expected = format!("at most {} of `{}`", self.rule.at_most, selector.kind);
            let actual = format!("number {count}: `{}` at {}", event.id, event.at);
            let finding = finding.at_line(path, event.line);
            finding.expected(expected).actual(actual)
        });
    }

    /// Whether the rule is kept, where `all` says that nothing can be missing; nothing if that is not known.
    pub(crate) fn kept(&self, all: bool) -> Option<bool> {
        match self.certain > self.rule.at_most {
            true => Some(false),
            false => all.then_some(true),
        }
    }
}
