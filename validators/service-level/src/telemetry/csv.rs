//! One record of CSV (RFC 4180) split into its fields, line by line.
//!
//! Strict: a quote opens a field only at its first byte, and after the closing quote there is a
//! delimiter or the end. Spaces belong to the field. Where a quoted field goes on in the next line,
//! splitting goes on there: each byte is looked at once, whatever the record is.

use super::find::find;
use std::borrow::Cow;
use std::ops::Range;

/// A quote where none may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StrayQuote;

/// Where one field stands in its record, without the quotes around it.
#[derive(Debug, Clone, Copy)]
struct Field {
    start: usize,
    end: usize,
    /// It holds quotes, each of them doubled.
    doubled: bool,
}

/// Where the fields of one record stand in it. Its memory is used again for the next record.
#[derive(Debug, Default)]
pub(super) struct Fields {
    fields: Vec<Field>,
    /// The quoted field that has no closing quote yet.
    open: Option<Field>,
}

impl Fields {
    /// Forgets the record before.
    pub(super) fn clear(&mut self) {
        self.fields.clear();
        self.open = None;
    }

    /// How many fields there are.
    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// The field at `index` of the record that was split; empty if there is none.
    pub(super) fn get<'r>(&self, record: &'r [u8], index: usize) -> Cow<'r, [u8]> {
        let Some(field) = self.fields.get(index) else {
            return Cow::Borrowed(&[]);
        };
        let bytes = &record[field.start..field.end];
        match field.doubled {
            false => Cow::Borrowed(bytes),
            true => Cow::Owned(without_doubles(bytes)),
        }
    }

    /// Takes a line of the record. False if a quoted field is open at its end: the record goes on in the
    /// next line, if there is one.
    pub(super) fn take_line(
        &mut self,
        record: &[u8],
        line: Range<usize>,
        delimiter: u8,
    ) -> Result<bool, StrayQuote> {
        let bytes = &record[..line.end];
        let mut end = match self.open.take() {
            None => self.take_field(bytes, line.start, delimiter),
            Some(field) => self.take_quoted(bytes, line.start, field),
        };
        while let Some(at) = end {
            match bytes.get(at) {
                None => return Ok(true),
                Some(byte) if *byte == delimiter => {
                    end = self.take_field(bytes, at + 1, delimiter);
                }
                Some(_) => return Err(StrayQuote),
            }
        }
        Ok(false)
    }

    /// Takes a field, and returns where it ends; `None` if it is quoted and the line ends before it.
    fn take_field(&mut self, bytes: &[u8], start: usize, delimiter: u8) -> Option<usize> {
        if bytes.get(start) == Some(&b'"') {
            let field = Field {
                start: start + 1,
                end: start + 1,
                doubled: false,
            };
            return self.take_quoted(bytes, start + 1, field);
        }
        let len = find(&bytes[start..], delimiter, b'"');
        let end = len.map_or(bytes.len(), |len| start + len);
        self.fields.push(Field {
            start,
            end,
            doubled: false,
        });
        Some(end)
    }

    /// Goes on in a quoted field, and returns what follows its closing quote; `None` if the line ends
    /// before it.
    fn take_quoted(&mut self, bytes: &[u8], from: usize, mut field: Field) -> Option<usize> {
        let mut at = from;
        while let Some(len) = find(&bytes[at..], b'"', b'"') {
            at += len + 1;
            if bytes.get(at) != Some(&b'"') {
                field.end = at - 1;
                self.fields.push(field);
                return Some(at);
            }
            field.doubled = true;
            at += 1;
        }
        self.open = Some(field);
        None
    }
}

/// Each pair of quotes as the one quote that it stands for.
fn without_doubles(bytes: &[u8]) -> Vec<u8> {
    let mut single = Vec::with_capacity(bytes.len());
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        single.push(*byte);
        if *byte == b'"' {
            bytes.next();
        }
    }
    single
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields of a record and whether it is complete; there was another record before.
    fn fields(record: &str) -> Result<(Vec<String>, bool), StrayQuote> {
        let mut fields = Fields::default();
        assert_eq!(fields.take_line(b"left,\"over", 0..10, b','), Ok(false));
        fields.clear();
        let (mut complete, mut begin) = (true, 0);
        for line in record.split('\n') {
            let end = begin + line.len();
            complete = fields.take_line(record.as_bytes(), begin..end, b',')?;
            begin = end + 1;
        }
        let text = |at| String::from_utf8(fields.get(record.as_bytes(), at).into_owned());
        let all = (0..fields.len()).map(|at| text(at).expect("UTF-8"));
        Ok((all.collect(), complete))
    }

    fn complete(fields: &[&str]) -> Result<(Vec<String>, bool), StrayQuote> {
        Ok((fields.iter().map(|&field| field.to_owned()).collect(), true))
    }

    #[test]
    fn fields_split_at_delimiters_outside_quotes() {
        assert_eq!(fields("a,b"), complete(&["a", "b"]));
        assert_eq!(fields(""), complete(&[""]));
        assert_eq!(fields("a,"), complete(&["a", ""]));
        assert_eq!(fields(",,"), complete(&["", "", ""]));
        assert_eq!(fields(r#""x, ""y""",2"#), complete(&[r#"x, "y""#, "2"]));
        assert_eq!(fields(r#""",1"#), complete(&["", "1"]));
        assert_eq!(fields(r#""""""#), complete(&["\""]));
    }

    #[test]
    fn a_quoted_field_goes_on_in_the_next_lines() {
        assert_eq!(fields("\"two\nlines\",é"), complete(&["two\nlines", "é"]));
        assert_eq!(fields("1,\"\n\n\",2"), complete(&["1", "\n\n", "2"]));
        assert_eq!(fields("1,\"a\"\"\nb\""), complete(&["1", "a\"\nb"]));
        assert_eq!(fields("1,\"a\n\"\"b\""), complete(&["1", "a\n\"b"]));
    }

    #[test]
    fn misplaced_quotes_are_refused() {
        assert_eq!(fields(r#"a"b,c"#), Err(StrayQuote));
        assert_eq!(fields(r#""a"b,c"#), Err(StrayQuote));
        assert_eq!(fields("\"a\nb\"c"), Err(StrayQuote));
        assert_eq!(fields(r#"1,"open"#), Ok((vec!["1".into()], false)));
    }

    #[test]
    fn what_is_not_there_is_empty() {
        let fields = Fields::default();
        assert_eq!((fields.len(), &*fields.get(b"a", 7)), (0, &b""[..]));
    }
}
