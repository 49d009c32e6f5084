//! One line of comma-separated values (RFC 4180, without line breaks inside of quotes).

/// The fields of a line, or what is wrong with it.
pub(crate) fn fields(line: &str) -> Result<Vec<String>, &'static str> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => plain_field(rest)?,
        };
        fields.push(field);
        match after {
            None => return Ok(fields),
            Some(after) => rest = after,
        }
    }
}

/// The field and, if there is a comma, what comes after it.
type Field<'a> = (String, Option<&'a str>);

fn plain_field(rest: &str) -> Result<Field<'_>, &'static str> {
    let (field, after) = match rest.split_once(',') {
        Some((field, after)) => (field, Some(after)),
        None => (rest, None),
    };
    match field.contains('"') {
        true => Err("a quote inside of a field that is not quoted"),
        false => Ok((field.to_owned(), after)),
    }
}

/// `rest` begins after the opening quote.
fn quoted_field(mut rest: &str) -> Result<Field<'_>, &'static str> {
    let mut field = String::new();
    loop {
        let (text, after) = rest
            .split_once('"')
            .ok_or("a quote that is not closed in its line")?;
        field.push_str(text);
        rest = match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                after
            }
            None if after.is_empty() => return Ok((field, None)),
            None => {
                let after = after
                    .strip_prefix(',')
                    .ok_or("text after a closing quote")?;
                return Ok((field, Some(after)));
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn quotes_commas_and_empty_fields() {
        let parsed = |line| fields(line).expect("fields");
        assert_eq!(parsed("a,b"), ["a", "b"]);
        assert_eq!(parsed(",,"), ["", "", ""]);
        assert_eq!(parsed(r#""a,""b""",c"#), [r#"a,"b""#, "c"]);
        assert_eq!(parsed(r#"x,"""#), ["x", ""]);
    }

    #[test]
    fn what_is_not_rfc_4180_is_refused() {
        for line in [r#""a"#, r#""a"b"#, r#"a"b"#, r#""a" ,b"#] {
            assert!(fields(line).is_err(), "{line}");
        }
    }
}
