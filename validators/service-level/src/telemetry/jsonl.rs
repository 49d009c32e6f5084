//! One line of JSON Lines: the wanted members of an object, as the text they were written in.
//!
//! Numbers are taken as text, so that no float is ever made of them. Members that are not wanted are
//! skipped; a wanted member that occurs twice is an error, because readers disagree about which counts.

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Puts the wanted members of `line` into `fields`, in the order of `names`; a missing member, and
/// `null`, gives an empty text. The error is a sentence for people.
pub(crate) fn members(line: &str, names: &[&str], fields: &mut Vec<String>) -> Result<(), String> {
    fields.resize(names.len(), String::new());
    fields.iter_mut().for_each(String::clear);
    let mut deserializer = serde_json::Deserializer::from_str(line);
    Members { names, fields }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end())
        .map_err(|error| error.to_string())
}

struct Members<'a> {
    names: &'a [&'a str],
    fields: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = vec![false; self.names.len()];
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            let Some(slot) = self.names.iter().position(|name| *name == key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if std::mem::replace(&mut seen[slot], true) {
                return Err(de::Error::custom(format_args!(
                    "the member {key:?} occurs twice"
                )));
            }
            let value = map.next_value::<&'de RawValue>()?.get();
            self.fields[slot].push_str(plain_text(value));
        }
        Ok(())
    }
}

/// A key without a copy where the line holds it without escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// A number as written, the inside of a simple string, nothing for `null`. Anything else keeps its JSON
/// text, which no field accepts and which a finding can show.
fn plain_text(value: &str) -> &str {
    match value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(inside) if !inside.contains('\\') => inside,
        _ if value == "null" => "",
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(line: &str) -> Result<Vec<String>, String> {
        let mut fields = Vec::new();
        members(line, &["start", "status"], &mut fields).map(|()| fields)
    }

    #[test]
    fn wanted_members_keep_their_text() {
        assert_eq!(
            take(r#"{"x":{"start":9},"status":"200","start":1.50e3}"#),
            Ok(vec!["1.50e3".into(), "200".into()])
        );
        assert_eq!(take(r#"{"start":null}"#), Ok(vec!["".into(), "".into()]));
        assert_eq!(take(r#"{"start":[1]}"#), Ok(vec!["[1]".into(), "".into()]));
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        for line in ["[1]", "{", "{} {}", r#"{"start":1,"start":2}"#, "nonsense"] {
            assert!(take(line).is_err(), "{line}");
        }
    }
}
