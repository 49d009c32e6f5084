//! One line of comma-separated values (RFC 4180, without line breaks inside of quotes).

use std::borrow::Cow;

/// The fields of a line one by one. After what is wrong with one of them, nothing more comes.
pub(crate) struct Fields<'a> {
    rest: Option<&'a str>,
}

/// The fields of a line: at least one, which may be empty.
pub(crate) fn fields(line: &str) -> Fields<'_> {
    Fields { rest: Some(line) }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Cow<'a, str>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        let field = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted),
            None => plain_field(rest),
        };
        Some(field.map(|(field, after)| {
            self.rest = after;
            field
        }))
    }
}

/// The field and, if there is a comma, what comes after it.
type Field<'a> = (Cow<'a, str>, Option<&'a str>);

fn plain_field(rest: &str) -> Result<Field<'_>, &'static str> {
    let (field, after) = match rest.split_once(',') {
        Some((field, after)) => (field, Some(after)),
        None => (rest, None),
    };
    match field.contains('"') {
        true => Err("a quote inside of a field that is not quoted"),
        false => Ok((Cow::Borrowed(field), after)),
    }
}

/// `rest` begins after the opening quote.
fn quoted_field(mut rest: &str) -> Result<Field<'_>, &'static str> {
    let mut field = Cow::Borrowed("");
    loop {
        let (text, after) = rest
            .split_once('"')
            .ok_or("a quote that is not closed in its line")?;
        field += text;
        rest = match after.strip_prefix('"') {
            Some(after) => {
                field += "\"";
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
        let parsed = |line| fields(line).collect::<Result<Vec<_>, _>>().expect("fields");
        assert_eq!(parsed("a,b"), ["a", "b"]);
        assert_eq!(parsed(",,"), ["", "", ""]);
        assert_eq!(parsed(r#""a,""b""",c"#), [r#"a,"b""#, "c"]);
        assert_eq!(parsed(r#"x,"""#), ["x", ""]);
    }

    #[test]
    fn what_is_not_rfc_4180_is_refused() {
        for line in [r#""a"#, r#""a"b"#, r#"a"b"#, r#""a" ,b"#] {
            assert!(fields(line).any(|field| field.is_err()), "{line}");
        }
    }
}
