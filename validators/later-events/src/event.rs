//! One line of an export.

use crate::condition::Fields;
use crate::form::Form;
use crate::time::Time;
use crate::value::Value;
use proofmark_validator_sdk::excerpt;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// What every event has.
pub(crate) const OWN_MEMBERS: [&str; 4] = ["at", "id", "subject", "type"];

/// Bytes of a value that a finding shows.
const SHOWN_BYTES: usize = 80;

/// The longest id, and the longest name of a type.
const MAX_NAME_BYTES: usize = 100;

/// What happened.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Where it stands.
    pub(crate) line: u64,
    pub(crate) id: String,
    pub(crate) at: Time,
    pub(crate) subject: String,
    pub(crate) kind: String,
    /// What its fields say, in the order of their names.
    pub(crate) values: Vec<Value>,
    /// Why it is none of its type.
    pub(crate) disagrees: Option<String>,
}

impl Event {
    /// Of a line of JSON; else why there is none.
    pub(crate) fn parse(
        line: u64,
        bytes: &[u8],
        types: &BTreeMap<String, Fields>,
    ) -> Result<Self, Unread> {
        // A flood of lines that are nothing is not worth a parser.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(Unread::NoObject);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Unread::NotUtf8)?;
        let members: Members<'_> = serde_json::from_str(text).map_err(Unread::Json)?;
        let kind = members.name("type")?;
        let values = types.get(&kind).map(|fields| members.values(fields));
        let (values, disagrees) = match values.transpose() {
            Ok(values) => (values.unwrap_or_default(), None),
            Err(why) => (Vec::new(), Some(why)),
        };
        Ok(Self {
            line,
            id: members.name("id")?,
            at: members.time()?,
            subject: members.text("subject")?,
            kind,
            values,
            disagrees,
        })
    }
}

/// Why a line is no event. It is put into words where somebody reads them only.
#[derive(Debug)]
pub(crate) enum Unread {
    NoObject,
    NotUtf8,
    Json(serde_json::Error),
    Missing(&'static str),
    NoText(&'static str),
    NoName(&'static str),
    NoTime,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoObject => f.write_str("it is no object"),
            Self::NotUtf8 => f.write_str("it is not UTF-8"),
            Self::Json(error) => error.fmt(f),
            Self::Missing(name) => write!(f, "it has no `{name}`"),
            Self::NoText(name) => write!(f, "`{name}` is no text"),
            Self::NoName(name) => write!(
                f,
                "`{name}` is not 1 to {MAX_NAME_BYTES} visible characters of ASCII"
            ),
            Self::NoTime => f.write_str("`at` is no time such as 2026-03-02T09:14:05Z"),
        }
    }
}

/// The members of an object as they are written, none of them twice.
struct Members<'l>(BTreeMap<Cow<'l, str>, &'l RawValue>);

/// A name without a copy where the line holds it without escapes.
#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Name<'l>(#[serde(borrow)] Cow<'l, str>);

impl Members<'_> {
    fn text(&self, name: &'static str) -> Result<String, Unread> {
        match self.0.get(name).map(|json| Value::of(json)) {
            Some(Some(Value::Text(text))) => Ok(text),
            Some(_) => Err(Unread::NoText(name)),
            None => Err(Unread::Missing(name)),
        }
    }

    /// Of visible ASCII, so that two that look alike are the same.
    fn name(&self, name: &'static str) -> Result<String, Unread> {
        let text = self.text(name)?;
        let fits = (1..=MAX_NAME_BYTES).contains(&text.len());
        match fits && text.bytes().all(|it| it.is_ascii_graphic()) {
            true => Ok(text),
            false => Err(Unread::NoName(name)),
        }
    }

    /// What these fields say, and nothing else.
    fn values(&self, fields: &Fields) -> Result<Vec<Value>, String> {
        let names = self.0.keys().map(AsRef::as_ref);
        let mut others = names.filter(|it| !OWN_MEMBERS.contains(it));
        if let Some(name) = others.find(|it| !fields.contains_key(*it)) {
            let name = excerpt(name.as_bytes(), SHOWN_BYTES);
            return Err(format!("`{name}` is none of its fields"));
        }
        let value = |(name, form): (&String, &Form)| {
            let json = self.0.get(name.as_str());
            let value = json.and_then(|json| Value::of(json));
            let good = value.filter(|it| form.admits(it));
            good.ok_or_else(|| {
                let json = json.map_or("nothing", |json| json.get());
                let json = excerpt(json.as_bytes(), SHOWN_BYTES);
                format!("`{name}` is {json}, and not {form}")
            })
        };
        fields.iter().map(value).collect()
    }

    fn time(&self) -> Result<Time, Unread> {
        Time::parse(&self.text("at")?).ok_or(Unread::NoTime)
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
                    if members
                        .insert(name, map.next_value::<&RawValue>()?)
                        .is_some()
                    {
                        return Err(A::Error::custom("a member is there twice"));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Each)
    }
}
