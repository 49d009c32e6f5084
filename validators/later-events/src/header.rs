//! The first line of an export: what it is an export of.

use crate::time::Time;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// What the export says of itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    format: String,
    pub(crate) subject: String,
    /// The first and the last instant that it covers.
    pub(crate) from: Time,
    pub(crate) until: Time,
    /// When it was made: it cannot cover what came after that.
    pub(crate) made_at: Time,
    /// All events of the subject between them are there.
    pub(crate) complete: bool,
    /// How many lines follow.
    pub(crate) events: u64,
    /// SHA-256 of all bytes after the first line, `sha256:` and 64 hexadecimal digits.
    pub(crate) digest: String,
}

/// The one that there is, so far.
const FORMAT: &str = "later-events/v1";

impl Header {
    /// Members that are missing, unknown or there twice make it another line.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, String> {
        let Object(header) = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        match () {
            () if header.format != FORMAT => Err(format!("its format is not `{FORMAT}`")),
            () if header.until < header.from => Err("it ends before it begins".to_owned()),
            () => Ok(header),
        }
    }

    /// The last instant that it can cover.
    pub(crate) fn end(&self) -> Time {
        self.until.min(self.made_at)
    }
}

/// Written with the names of its members: without this, a list of the values would be read as well.
struct Object(Header);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Header, A::Error> {
                Header::deserialize(MapAccessDeserializer::new(members))
            }
        }

        deserializer.deserialize_map(Members).map(Self)
    }
}
