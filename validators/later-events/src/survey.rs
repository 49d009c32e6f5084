//! What an export is worth: whether all of it is there and in order, what it covers, and where the anchor is.

use crate::condition::Selector;
use crate::event::Event;
use crate::header::Header;
use crate::params::{Params, Window};
use crate::reader::Reader;
use crate::time::Time;
use proofmark_validator_sdk::{CheckBuilder, Finding, Severity};

/// What is known after it was read once.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) header: Header,
    /// The bytes are not those of which the header speaks: nothing in it counts.
    pub(crate) altered: bool,
    /// No event that counts can be missing between those that are there.
    pub(crate) whole: bool,
    /// Nothing is wrong with it.
    pub(crate) sound: bool,
    ordered: bool,
    anchor: Option<Event>,
}

/// From when until when it must last.
#[derive(Debug)]
pub(crate) struct Span<'s> {
    pub(crate) anchor: Option<&'s Event>,
    /// The anchor is the right one: no earlier one can be missing.
    pub(crate) certain: bool,
    from: Time,
    pub(crate) until: Time,
    /// The earliest end, whatever the anchor is.
    certain_until: Time,
    ordered: bool,
}

/// Reads it once, and says what is wrong.
#[expect(clippy::result_large_err, reason = "it is made once, and told at once")]
pub(crate) fn of(params: &Params, check: &mut CheckBuilder) -> Result<Survey, Finding> {
    let mut reader = Reader::open(params)?;
    let (mut whole, mut sound, mut ordered) = (true, true, true);
    let selector = params
        .anchor
        .as_ref()
        .map(|it| params.prepared(it.selection()));
    let mut anchor: Option<Event> = None;
    while let Ok(Some(read)) = reader.next() {
        check.examine(read.defect.is_none());
        if let Some(defect) = read.defect {
            sound = false;
            whole &= !defect.hides();
            ordered &= !defect.is_disorder();
            check.finding_of(Severity::Major, || defect.finding(&params.export));
        }
        if let Some(event) = read.event
            && anchor.as_ref().is_none_or(|it| event.at < it.at)
            && may_be_anchor(params.window, selector.as_ref(), &event)
        {
            anchor = Some(event);
        }
    }
    let missing = seal(params, &reader, check);
    let few = reader.events <= params.max_events;
    if !few {
        let message = "There are more events than those of one subject.";
        let finding = Finding::new("too-many-events", message).at_file(&params.export);
        check.finding(finding.expected(params.max_events).actual(reader.events));
    }
    Ok(Survey {
        altered: missing == Missing::Unknown,
        whole: whole && missing == Missing::Nothing,
        sound: sound && few && missing == Missing::Nothing,
        ordered,
        anchor,
        header: reader.header,
    })
}

/// The first from the beginning of the window on; of two at one instant the one that stands first.
fn may_be_anchor(window: Window, selector: Option<&Selector<'_>>, event: &Event) -> bool {
    let within = window.from <= event.at && window.until.is_none_or(|it| event.at <= it);
    within && selector.is_some_and(|it| it.selects(event, None))
}

/// What of an export is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Nothing,
    /// Some events.
    Some,
    /// These are not the bytes that the header speaks of.
    Unknown,
}

/// Whether number and digest of the events are those of the header.
fn seal(params: &Params, reader: &Reader<'_>, check: &mut CheckBuilder) -> Missing {
    let (header, path) = (&reader.header, &params.export);
    let digest = reader.digest().unwrap_or_default();
    if reader.events < header.events || !header.complete {
        let message = "Not all events are there.";
        let finding = Finding::new("export-incomplete", message).at_line(path, 1);
        let said = if header.complete {
            "complete"
        } else {
            "incomplete"
        };
        let expected = format!("{} events, {said}", header.events);
        check.finding(
            finding
                .expected(expected)
                .actual(format!("{} events", reader.events)),
        );
        if reader.events < header.events {
            return Missing::Some;
        }
    }
    if reader.events > header.events || digest != header.digest {
        let message = "The events are not those that the header speaks of.";
        let finding = Finding::new("export-altered", message).severity(Severity::Critical);
        let finding = finding.at_line(path, 1);
        let expected = format!("{} events, {}", header.events, header.digest);
        check.finding(
            finding
                .expected(expected)
                .actual(format!("{} events, {digest}", reader.events)),
        );
        return Missing::Unknown;
    }
    match header.complete {
        true => Missing::Nothing,
        false => Missing::Some,
    }
}

impl Survey {
    /// Nothing where no anchor was found, and so nobody knows when it began.
    pub(crate) fn span(&self, params: &Params) -> Option<Span<'_>> {
        let window = params.window;
        let anchor = self.anchor.as_ref();
        if params.anchor.is_some() && anchor.is_none() {
            return None;
        }
        let certain = params.anchor.is_none() || (self.whole && self.header.from <= window.from);
        let from = anchor.map_or(window.from, |it| it.at);
        let end = |from: Time| match (window.seconds, window.until) {
            (Some(seconds), _) => from.plus(seconds),
            (None, until) => until.unwrap_or(from),
        };
        Some(Span {
            anchor,
            certain,
            from,
            until: end(from),
            certain_until: end(if certain { from } else { window.from }),
            ordered: self.ordered,
        })
    }

    /// It covers everything up to this instant, from the beginning of the window on.
    pub(crate) fn covers(&self, params: &Params, until: Time) -> bool {
        self.header.from <= params.window.from && until <= self.header.end()
    }
}

impl Span<'_> {
    /// An event at the instant of the anchor counts if it certainly came after it.
    pub(crate) fn holds(&self, event: &Event) -> bool {
        let from = self.from < event.at || self.from == event.at && self.is_after(event);
        from && event.at <= self.until
    }

    fn is_after(&self, event: &Event) -> bool {
        self.anchor
            .is_none_or(|it| event.line == it.line || self.ordered && event.line > it.line)
    }

    /// It lies in the span, whatever the anchor is.
    pub(crate) fn certainly_holds(&self, event: &Event) -> bool {
        self.holds(event) && event.at <= self.certain_until
    }
}
