//! The wanted members of one JSON object, as the text they are written in.

use crate::row::{COLUMNS, Values};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor,
};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The wanted members, in the order of `names`; `null` is as good as none. Other members are skipped; a
/// wanted one that occurs twice is refused, because readers differ on which of them counts.
pub(crate) fn members<'a>(line: &'a [u8], names: &[&str]) -> Result<Values<'a>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let members = Wanted(names).deserialize(&mut reader)?;
    reader.end()?;
    Ok(members)
}

/// What is wrong, without the line that the parser counts: it sees one line only.
pub(crate) fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place)
        .map_or(text.clone(), str::to_owned)
}

struct Wanted<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Values<'de>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Values<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut reader: A) -> Result<Self::Value, A::Error> {
        let mut members = Values::default();
        let mut seen = [false; COLUMNS];
        while let Some(key) = reader.next_key_seed(Key(self.0))? {
            let Some(at) = key else {
                reader.next_value::<IgnoredAny>()?;
                continue;
            };
            if seen[at] {
                let name = self.0[at];
                return Err(A::Error::custom(format!("the key {name:?} occurs twice")));
            }
            seen[at] = true;
            members[at] = reader.next_value::<Scalar<'de>>()?.0;
        }
        Ok(members)
    }
}

/// A key, as its position among the wanted ones.
struct Key<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}

/// A string, or the text of a number, `true` or `false`; none for `null`.
struct Scalar<'a>(Option<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(reader)?.get();
        let text = match raw.as_bytes() {
            b"null" => return Ok(Self(None)),
            [b'"', ..] => string(raw).map_err(|error| D::Error::custom(message(&error)))?,
            [b'{' | b'[', ..] | [] => return Err(D::Error::custom("not a string or a number")),
            _ => Cow::Borrowed(raw),
        };
        Ok(Self(Some(text)))
    }
}

/// The text of a JSON string; a copy only if it has escapes.
fn string(raw: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    match raw.contains('\\') {
        true => serde_json::from_str(raw).map(Cow::Owned),
        false => serde_json::from_str(raw).map(Cow::Borrowed),
    }
}

#[cfg(test)]
mod tests {
    use super::{members, message};

    #[test]
    fn numbers_keep_their_text_and_strings_are_decoded() {
        let line = br#"{"s":1.50e-3,"x":{"s":1},"id":"a\u0062"}"#;
        let found = members(line, &["id", "label", "s"]).expect("members");
        assert_eq!(found, [Some("ab".into()), None, Some("1.50e-3".into())]);
    }

    #[test]
    fn null_is_as_good_as_none_and_a_word_in_quotes_is_not() {
        let line = br#"{"id":null,"label":"null","s":true}"#;
        let found = members(line, &["id", "label", "s"]).expect("members");
        assert_eq!(found, [None, Some("null".into()), Some("true".into())]);
    }

    #[test]
    fn doubled_nested_and_broken_are_refused() {
        for line in [
            r#"{"id":1,"id":2}"#,
            r#"{"id":null,"id":2}"#,
            r#"{"id":1,"i\u0064":2}"#,
            r#"{"id":[1]}"#,
            r#"{"id":1"#,
            "[1]",
            "{} {}",
        ] {
            assert!(members(line.as_bytes(), &["id"]).is_err(), "{line}");
        }
    }

    #[test]
    fn the_message_names_no_line() {
        for (line, expected) in [
            (r#"{"id":1,}"#, "trailing comma"),
            (r#"{"id":"\ud800"}"#, "unexpected end of hex escape"),
            (
                r#""x at line 1 column 9""#,
                "invalid type: string \"x at line 1 column 9\", expected a JSON object",
            ),
        ] {
            let error = members(line.as_bytes(), &["id"]).expect_err(line);
            assert!(message(&error).starts_with(expected), "{error}");
            assert!(
                !message(&error).ends_with(&error.column().to_string()),
                "{error}"
            );
        }
    }
}
