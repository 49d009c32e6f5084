//! The text of the value at a JSON Pointer, without parsing numbers into floats.

use crate::telemetry::jsonl::{members, plain_text};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The value at `pointer` as it is written, or a string's content; `None` if nothing, or `null`, is
/// there. The error says why the document is not JSON, or holds a member of the pointer twice. Reads
/// what is left of the document once more for each step of the pointer.
pub(crate) fn at<'a>(document: &'a str, pointer: &str) -> Result<Option<Cow<'a, str>>, String> {
    let whole: serde_json::Result<&RawValue> = serde_json::from_str(document);
    let mut value = whole.map_err(|error| error.to_string())?;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let next = match value.get().as_bytes().first() {
            Some(b'[') => element(value.get(), &token),
            Some(b'{') => member(value.get(), &token)?,
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    Ok(Some(plain_text(Some(value))).filter(|text| !text.is_empty()))
}

fn element<'a>(array: &'a str, token: &str) -> Option<&'a RawValue> {
    let elements: Vec<&RawValue> = serde_json::from_str(array).ok()?;
    elements.get(index(token)?).copied()
}

/// RFC 6901: digits without a leading zero.
fn index(token: &str) -> Option<usize> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits && (token == "0" || !token.starts_with('0'));
    token.parse().ok().filter(|_| plain)
}

fn member<'a>(object: &'a str, token: &str) -> Result<Option<&'a RawValue>, String> {
    let found = members(object, &[token]).map_err(|error| error.to_string())?;
    Ok(found.into_iter().flatten().next())
}

#[cfg(test)]
mod tests {
    use super::at;

    #[test]
    fn pointers_are_followed() {
        let document = r#"{"a":{"b/c":[1,{"d":0.10}]},"e":null,"f":1,"f":2,"g":"[7]"}"#;
        for (pointer, expected) in [
            ("/a/b~1c/1/d", Some("0.10")),
            ("/a/b~1c/2", None),
            ("/a/b~1c/00", None),
            ("/a/x/y", None),
            ("/e", None),
            ("/g", Some("[7]")),
            ("/g/0", None), // a string has no elements
        ] {
            assert_eq!(
                at(document, pointer),
                Ok(expected.map(Into::into)),
                "{pointer}"
            );
        }
        assert!(at(document, "/f").is_err());
        assert_eq!(at(" 5 ", ""), Ok(Some("5".into())));
        assert!(at("{", "").is_err());
    }
}
