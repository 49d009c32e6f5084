//! The wanted members of one JSON object, as the text they are written in.

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor,
};
use serde_json::value::RawValue;
use std::fmt;

/// The wanted members, in the order of `names`. Other members are skipped; a wanted one that occurs
/// twice is refused, because readers differ on which of them counts.
pub(crate) fn members(
    line: &[u8],
    names: &[&str],
) -> Result<Vec<Option<String>>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let members = Wanted(names).deserialize(&mut reader)?;
    reader.end()?;
    Ok(members)
}

struct Wanted<'a>(&'a [&'a str]);

impl<'de> DeserializeSeed<'de> for Wanted<'_> {
    type Value = Vec<Option<String>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wanted<'_> {
    type Value = Vec<Option<String>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut reader: A) -> Result<Self::Value, A::Error> {
        let mut members = vec![None; self.0.len()];
        while let Some(key) = reader.next_key::<String>()? {
            let Some(at) = self.0.iter().position(|name| *name == key) else {
                reader.next_value::<IgnoredAny>()?;
                continue;
            };
            if members[at].is_some() {
                return Err(A::Error::custom(format!("the key {key:?} occurs twice")));
            }
            members[at] = Some(reader.next_value::<Scalar>()?.0);
        }
        Ok(members)
    }
}

/// A string, or the text of a number or a word.
struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(reader)?.get();
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw)
                .map(Self)
                .map_err(D::Error::custom),
            Some(b'{' | b'[') | None => Err(D::Error::custom("not a string or a number")),
            Some(_) => Ok(Self(raw.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::members;

    #[test]
    fn numbers_keep_their_text_and_strings_are_decoded() {
        let line = br#"{"s":1.50e-3,"x":{"s":1},"id":"a\u0062"}"#;
        let found = members(line, &["id", "label", "s"]).expect("members");
        assert_eq!(
            found,
            [Some("ab".to_owned()), None, Some("1.50e-3".to_owned())]
        );
    }

    #[test]
    fn doubled_nested_and_broken_are_refused() {
        for line in [
            r#"{"id":1,"id":2}"#,
            r#"{"id":[1]}"#,
            r#"{"id":1"#,
            "[1]",
            "{} {}",
        ] {
            assert!(members(line.as_bytes(), &["id"]).is_err(), "{line}");
        }
    }
}
