//! One record of CSV (RFC 4180) split into its fields.
//!
//! Strict: a quote opens a field only at its first byte, and after the closing quote there is a
//! delimiter or the end. Spaces belong to the field.

/// Why a record does not split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// A quoted field is still open at the end: the record goes on in the next line, if there is one.
    OpenQuote,
    /// A quote where none may stand.
    StrayQuote,
}

/// Splits `record` into `fields`, reusing their memory. Returns how many there are.
pub(super) fn split(
    record: &str,
    delimiter: u8,
    fields: &mut Vec<String>,
) -> Result<usize, Syntax> {
    let mut count = 0;
    let mut rest = record;
    loop {
        if fields.len() == count {
            fields.push(String::new());
        }
        let field = &mut fields[count];
        field.clear();
        count += 1;
        rest = match rest.strip_prefix('"') {
            Some(quoted) => take_quoted(quoted, field)?,
            None => take_plain(rest, delimiter, field)?,
        };
        match rest.as_bytes().first() {
            None => return Ok(count),
            Some(byte) if *byte == delimiter => rest = &rest[1..],
            Some(_) => return Err(Syntax::StrayQuote),
        }
    }
}

fn take_plain<'a>(text: &'a str, delimiter: u8, field: &mut String) -> Result<&'a str, Syntax> {
    let end = text
        .bytes()
        .position(|byte| byte == delimiter)
        .unwrap_or(text.len());
    let (value, rest) = text.split_at(end);
    if value.contains('"') {
        return Err(Syntax::StrayQuote);
    }
    field.push_str(value);
    Ok(rest)
}

fn take_quoted<'a>(text: &'a str, field: &mut String) -> Result<&'a str, Syntax> {
    let mut rest = text;
    loop {
        let end = rest.find('"').ok_or(Syntax::OpenQuote)?;
        field.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return Ok(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(record: &str) -> Result<Vec<String>, Syntax> {
        let mut fields = vec!["left over".to_owned(); 2];
        let count = split(record, b',', &mut fields)?;
        fields.truncate(count);
        Ok(fields)
    }

    #[test]
    fn fields_split_at_delimiters_outside_quotes() {
        assert_eq!(fields("a,b"), Ok(vec!["a".into(), "b".into()]));
        assert_eq!(fields(""), Ok(vec!["".into()]));
        assert_eq!(fields("a,"), Ok(vec!["a".into(), "".into()]));
        assert_eq!(
            fields(r#""x, ""y""",2"#),
            Ok(vec![r#"x, "y""#.into(), "2".into()])
        );
        assert_eq!(
            fields("\"two\nlines\",é"),
            Ok(vec!["two\nlines".into(), "é".into()])
        );
    }

    #[test]
    fn misplaced_quotes_are_refused() {
        assert_eq!(fields(r#"a"b,c"#), Err(Syntax::StrayQuote));
        assert_eq!(fields(r#""a"b,c"#), Err(Syntax::StrayQuote));
        assert_eq!(fields(r#"1,"open"#), Err(Syntax::OpenQuote));
    }
}
