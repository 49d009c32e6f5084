//! The text of the value at a JSON Pointer, without parsing numbers into floats.

use serde_json::value::RawValue;

/// The value at `pointer` as it is written (the inside of a string without escapes); `None` if nothing,
/// or `null`, is there. The error says why the document is not JSON, or holds a member twice.
pub(crate) fn at(document: &str, pointer: &str) -> Result<Option<String>, String> {
    let whole: &RawValue = serde_json::from_str(document).map_err(|error| error.to_string())?;
    let mut value = whole.get().to_owned();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let next = if value.starts_with('[') {
            element(&value, &token)
        } else {
            member(&value, &token)?
        };
        match next {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

fn element(array: &str, token: &str) -> Option<String> {
    let index: usize = token.parse().ok()?;
    let elements: Vec<&RawValue> = serde_json::from_str(array).ok()?;
    elements.get(index).map(|element| element.get().to_owned())
}

fn member(object: &str, token: &str) -> Result<Option<String>, String> {
    if !object.starts_with('{') {
        return Ok(None);
    }
    let mut fields = Vec::new();
    crate::telemetry::jsonl::members(object, &[token], &mut fields)?;
    Ok(fields.pop().filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::at;

    #[test]
    fn pointers_are_followed() {
        let document = r#"{"a":{"b/c":[1,{"d":0.10}]},"e":null,"f":1,"f":2}"#;
        assert_eq!(at(document, "/a/b~1c/1/d"), Ok(Some("0.10".into())));
        assert_eq!(at(document, "/a/b~1c/2"), Ok(None));
        assert_eq!(at(document, "/a/x/y"), Ok(None));
        assert_eq!(at(document, "/e"), Ok(None));
        assert!(at(document, "/f").is_err());
        assert_eq!(at(" 5 ", ""), Ok(Some("5".into())));
        assert!(at("{", "").is_err());
    }
}
