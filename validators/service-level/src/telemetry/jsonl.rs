//! One line of JSON Lines: the wanted members of an object, as the text they were written in.
//!
//! Numbers are taken as text, so that no float is ever made of them. Members that are not wanted are
//! skipped; a wanted member that occurs twice is an error, because readers disagree about which counts.

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The wanted members of an object, in the order of `names`, each as its JSON text.
pub(crate) fn members<'a>(
    object: &'a str,
    names: &[&str],
) -> serde_json::Result<Vec<Option<&'a RawValue>>> {
    let mut deserializer = serde_json::Deserializer::from_str(object);
    let members = Members(names).deserialize(&mut deserializer)?;
    deserializer.end().map(|()| members)
}

/// A number as written, a string's content, nothing for `null` or a missing member. Anything else keeps
/// its JSON text, which no number is and which a finding can show.
pub(crate) fn plain_text(value: Option<&RawValue>) -> Cow<'_, str> {
    let json = value.map_or("null", RawValue::get);
    match json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(inside) if !inside.contains('\\') => Cow::Borrowed(inside),
        Some(_) => serde_json::from_str(json).map_or(Cow::Borrowed(json), Cow::Owned),
        None if json == "null" => Cow::Borrowed(""),
        None => Cow::Borrowed(json),
    }
}

struct Members<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Vec<Option<&'de RawValue>>;

    fn deserialize<D: de::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Vec<Option<&'de RawValue>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = vec![None; self.0.len()];
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            let Some(slot) = self.0.iter().position(|name| *name == key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if members[slot].replace(map.next_value()?).is_some() {
                return Err(de::Error::custom(format_args!(
                    "the member {key:?} occurs twice"
                )));
            }
        }
        Ok(members)
    }
}

/// A key without a copy where the line holds it without escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn take(line: &str) -> Result<Vec<String>, String> {
        let members = members(line, &["start", "status"]).map_err(|error| error.to_string())?;
        let texts = members.into_iter().map(plain_text);
        Ok(texts.map(Cow::into_owned).collect())
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
    fn an_escaped_spelling_is_the_same_text() {
        assert_eq!(
            take(r#"{"\u0073tart":"\u0061\"b"}"#),
            Ok(vec!["a\"b".into(), "".into()])
        );
        assert_eq!(take(r#"{"start":1,"\u0073tart":2}"#).ok(), None);
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        let deep = "[".repeat(60_000);
        for line in [
            "[1]",
            "{",
            "{} {}",
            r#"{"start":1,"start":2}"#,
            "nonsense",
            &deep,
        ] {
            assert!(take(line).is_err(), "{line:.20}");
        }
        let nested = format!(r#"{{"x":{}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
        assert!(take(&nested).is_ok(), "what is ignored has no depth");
    }
}
