//! An export, event by event, with what is wrong with each.

use crate::event::{Event, Unread};
use crate::header::Header;
use crate::lines::{Lines, MAX_LINE_BYTES};
use crate::params::{MAX_EVENTS, Params, Unknown};
use crate::time::Time;
use proofmark_validator_sdk::{Finding, Place, Severity, excerpt, submission};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher as _};
use std::io;

/// Bytes of a value that a finding shows.
const SHOWN_BYTES: usize = 80;

/// Reads it once, in memory for one line and the ids.
pub(crate) struct Reader<'p> {
    params: &'p Params,
    pub(crate) header: Header,
    lines: Lines,
    body: u64,
    /// Each behind a hash, so that ids which begin alike are told apart by one word and not by walking along them.
    ids: BTreeSet<(u64, String)>,
    latest: Option<Time>,
    /// Lines after the first.
    pub(crate) events: u64,
}

/// What a line is.
#[derive(Debug)]
pub(crate) struct Read {
    /// Nothing where it counts for nothing.
    pub(crate) event: Option<Event>,
    /// What is wrong with it.
    pub(crate) defect: Option<Defect>,
}

/// Something wrong with a line.
#[derive(Debug)]
pub(crate) struct Defect {
    line: u64,
    wrong: Wrong,
}

#[derive(Debug)]
enum Wrong {
    TooLong,
    Unread(Unread),
    /// A field that a type has not, or whose value is not of its form.
    Field(String),
    Subject(String),
    Outside(Time),
    Kind(String),
    Twice(String),
    Disorder(Time),
}

impl Defect {
    /// An event that counts could stand behind it.
    pub(crate) fn hides(&self) -> bool {
        !matches!(
            self.wrong,
            Wrong::Subject(_) | Wrong::Kind(_) | Wrong::Disorder(_)
        )
    }

    /// It stands in the wrong place, and nothing else is wrong.
    pub(crate) fn is_disorder(&self) -> bool {
        matches!(self.wrong, Wrong::Disorder(_))
    }

    pub(crate) fn finding(&self, path: &str) -> Finding {
        let (code, pointer, message) = match &self.wrong {
            Wrong::TooLong | Wrong::Unread(_) => ("event-malformed", "", "The line is no event."),
            Wrong::Field(_) => (
                "event-malformed",
                "",
                "It is not an event that was agreed on.",
            ),
            Wrong::Subject(_) => (
                "other-subject",
                "/subject",
                "The event is of another subject.",
            ),
            Wrong::Outside(_) => (
                "outside-export",
                "/at",
                "The event lies outside of what the export covers.",
            ),
            Wrong::Kind(_) => (
                "type-unknown",
                "/type",
                "Nobody agreed on events of this type.",
            ),
            Wrong::Twice(_) => ("id-duplicate", "/id", "An earlier event has this id."),
            Wrong::Disorder(_) => (
                "out-of-order",
                "/at",
                "The event is earlier than one before it.",
            ),
        };
        let place = Place::file(path).line(self.line).pointer(pointer);
        Finding::new(code, message).at(place).actual(self.actual())
    }

    fn actual(&self) -> String {
        match &self.wrong {
            Wrong::TooLong => format!("more than {MAX_LINE_BYTES} bytes"),
            Wrong::Unread(why) => why.to_string(),
            Wrong::Field(why) => why.clone(),
            Wrong::Subject(text) | Wrong::Kind(text) | Wrong::Twice(text) => {
                excerpt(text.as_bytes(), SHOWN_BYTES)
            }
            Wrong::Outside(at) | Wrong::Disorder(at) => at.to_string(),
        }
    }
}

impl<'p> Reader<'p> {
    /// Nothing of an export counts that does not say what it is, or is of another subject.
    #[expect(clippy::result_large_err, reason = "it is made once, and told at once")]
    pub(crate) fn open(params: &'p Params) -> Result<Self, Finding> {
        let path = &params.export;
        let critical = |code, message: String| {
            let finding = Finding::new(code, message).severity(Severity::Critical);
            finding.at_file(path)
        };
        let file = submission::open(path)
            .map_err(|error| critical("export-missing", format!("There is no export: {error}.")))?;
        let mut lines = Lines::of(file);
        let first = lines.next().ok().flatten().and_then(|line| line.bytes);
        let header = Header::parse(first.unwrap_or_default());
        let header = header.map_err(|why| {
            let message = format!("The first line does not say what the export is: {why}.");
            critical("header-malformed", message)
        })?;
        if header.subject != params.subject {
            let finding = critical(
                "other-subject",
                "The export is of another subject.".to_owned(),
            );
            return Err(finding.expected(&params.subject).actual(header.subject));
        }
        Ok(Self {
            params,
            header,
            body: lines.offset(),
            lines,
            ids: BTreeSet::new(),
            latest: None,
            events: 0,
        })
    }

    /// SHA-256 of everything after the first line.
    pub(crate) fn digest(&self) -> Option<String> {
        let file = self.lines.file();
        let digest = file.hash_range(self.body, file.len() - self.body);
        digest.ok().map(|it| it.to_string())
    }

    /// The next line; nothing at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Read>> {
        let Some(line) = self.lines.next()? else {
            return Ok(None);
        };
        self.events += 1;
        let number = line.number;
        let event = match line.bytes {
            Some(bytes) => Event::parse(number, bytes, &self.params.events).map_err(Wrong::Unread),
            None => Err(Wrong::TooLong),
        };
        let read = event.and_then(|event| self.agreed(event));
        let (event, wrong) = match read {
            Ok(Some(event)) => {
                let wrong = self.disorder(&event);
                (Some(event), wrong)
            }
            Ok(None) => (None, None),
            Err(wrong) => (None, Some(wrong)),
        };
        let line = number;
        let defect = wrong.map(|wrong| Defect { line, wrong });
        Ok(Some(Read { event, defect }))
    }

    /// The event, if it is of this subject, within the export, of a form that was agreed on, and there for the first time;
    /// nothing if it is passed over.
    fn agreed(&mut self, event: Event) -> Result<Option<Event>, Wrong> {
        if event.subject != self.params.subject {
            return Err(Wrong::Subject(event.subject));
        }
        if event.at < self.header.from || event.at > self.header.end() {
            return Err(Wrong::Outside(event.at));
        }
        if !self.params.events.contains_key(&event.kind) {
            return match self.params.unknown {
                Unknown::Refuse => Err(Wrong::Kind(event.kind)),
                Unknown::Ignore => Ok(None),
            };
        }
        if let Some(why) = event.disagrees {
            return Err(Wrong::Field(why));
        }
        match self.is_new(&event.id) {
            true => Ok(Some(event)),
            false => Err(Wrong::Twice(event.id)),
        }
    }

    /// Whether no earlier event had this id, as far as they are remembered.
    fn is_new(&mut self, id: &str) -> bool {
        // With fixed keys: the order is the same everywhere, and of no matter.
        let mut hash = DefaultHasher::new();
        hash.write(id.as_bytes());
        let id = (hash.finish(), id.to_owned());
        match (self.ids.len() as u64) < MAX_EVENTS {
            true => self.ids.insert(id),
            false => !self.ids.contains(&id),
        }
    }

    /// It counts, even where it stands in the wrong place.
    fn disorder(&mut self, event: &Event) -> Option<Wrong> {
        let late = self.latest.is_some_and(|latest| event.at < latest);
        self.latest = self.latest.max(Some(event.at));
        late.then_some(Wrong::Disorder(event.at))
    }
}
