//! A ticket: as the buyer handed it over, and as the supplier exports it.

use crate::characters;
use crate::document::{self, Object, Unread};
use crate::moment::Moment;
use proofmark_validator_sdk::{Finding, ReadErrorKind, Refusal, Severity, reference, submission};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;

/// The longest file: fifty messages of a page each, and more.
pub(crate) const MAX_BYTES: u64 = 128 << 10;
/// The most messages.
pub(crate) const MAX_MESSAGES: usize = 1_000;
/// The most citations of all messages: each is looked for in an article.
pub(crate) const MAX_CITATIONS: usize = 50;
/// The longest id or status.
pub(crate) const MAX_NAME_BYTES: usize = 200;

/// What was said, and how it stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ticket {
    #[serde(deserialize_with = "name")]
    pub(crate) ticket: String,
    #[serde(deserialize_with = "name")]
    pub(crate) status: String,
    pub(crate) messages: Vec<Object<Message>>,
}

/// One message.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    #[serde(deserialize_with = "name")]
    pub(crate) id: String,
    pub(crate) at: Moment,
    pub(crate) from: Author,
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) citations: Vec<Object<Citation>>,
}

/// What an agent rests on.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Citation {
    #[serde(deserialize_with = "name")]
    pub(crate) article: String,
    pub(crate) quote: String,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    /// Who asked.
    Customer,
    /// Who is to answer: the supplier.
    Agent,
    /// A person of the buyer, who took over.
    Human,
    /// The program that keeps tickets.
    System,
}

impl Author {
    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Human => "human",
            Self::System => "system",
        }
    }
}

impl<'de> Deserialize<'de> for Author {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let all = [Self::Customer, Self::Agent, Self::Human, Self::System];
        let found = all.into_iter().find(|it| it.as_str() == name);
        found.ok_or_else(|| {
            D::Error::custom("a message is from `customer`, `agent`, `human` or `system`")
        })
    }
}

/// What people can see, and tell from another: an id that differs in an invisible character is none.
fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let visible = name
        .chars()
        .all(|it| !characters::is_invisible(it) && !it.is_control());
    match visible && !name.trim().is_empty() && name.len() <= MAX_NAME_BYTES {
        true => Ok(name),
        false => Err(D::Error::custom(
            "an id or a status is empty, too long, or has invisible characters",
        )),
    }
}

impl Ticket {
    /// What is wrong with it beyond its form.
    fn excess(&self) -> Option<String> {
        let citations: usize = self.messages.iter().map(|it| it.citations.len()).sum();
        if self.messages.len() > MAX_MESSAGES {
            Some(format!("it has more than {MAX_MESSAGES} messages"))
        } else if citations > MAX_CITATIONS {
            Some(format!("it has more than {MAX_CITATIONS} citations"))
        } else {
            None
        }
    }

    /// Only agents cite.
    fn cites_for_others(&self) -> bool {
        let mut others = self.messages.iter().filter(|it| it.from != Author::Agent);
        others.any(|it| !it.citations.is_empty())
    }
}

/// The ticket as it was handed over.
pub(crate) fn handed_over(name: &str) -> Result<Ticket, Refusal> {
    let read = document::parse(reference::open(name), MAX_BYTES);
    let ticket: Ticket = read.map_err(|unread| match unread {
        Unread::File(error) => error.into(),
        Unread::Form(why) => document::wrong(name, &why),
    })?;
    let asked = ticket.messages.iter().any(|it| it.from == Author::Customer);
    let ids = ticket.messages.iter().map(|it| it.id.as_str());
    let distinct: BTreeSet<_> = ids.collect();
    let why = if let Some(excess) = ticket.excess() {
        excess
    } else if !asked {
        "the customer has said nothing".to_owned()
    } else if distinct.len() < ticket.messages.len() {
        "two messages have one id".to_owned()
    } else if !ticket.messages.is_sorted_by_key(|it| it.at) {
        "its times go backwards".to_owned()
    } else if ticket.cites_for_others() {
        "only agents cite".to_owned()
    } else {
        return Ok(ticket);
    };
    Err(document::wrong(name, &why))
}

/// The export, or what is wrong with the file.
#[expect(clippy::result_large_err, reason = "it is made once, and told at once")]
pub(crate) fn export(path: &str) -> Result<Ticket, Finding> {
    let critical = |code, message: String| {
        let finding = Finding::new(code, message).severity(Severity::Critical);
        Err(finding.at_file(path))
    };
    let ticket: Ticket = match document::parse(submission::open(path), MAX_BYTES) {
        Ok(ticket) => ticket,
        Err(Unread::File(error)) if error.is_not_found() => {
            return critical(
                "export-missing",
                "There is no export of the ticket.".to_owned(),
            );
        }
        Err(Unread::File(error)) if matches!(error.kind, ReadErrorKind::TooLarge { .. }) => {
            return critical(
                "export-too-large",
                format!("The export has more than {MAX_BYTES} bytes."),
            );
        }
        Err(Unread::File(error)) => return critical("export-malformed", format!("{error}.")),
        Err(Unread::Form(why)) => {
            return critical(
                "export-malformed",
                format!("This is no export of a ticket: {why}."),
            );
        }
    };
    if let Some(excess) = ticket.excess() {
        return critical(
            "export-too-large",
            format!("The export is not judged: {excess}."),
        );
    }
    if ticket.cites_for_others() {
        return critical(
            "export-malformed",
            "A message that is no agent's has citations.".to_owned(),
        );
    }
    Ok(ticket)
}
