//! Quotations within a paragraph.

use std::ops::Range;

/// What stands between quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inline {
    /// With its marks.
    pub(super) outer: Range<usize>,
    /// Without them.
    pub(super) content: Range<usize>,
    /// There is a closing mark; otherwise the content reaches to the end of the paragraph.
    pub(super) closed: bool,
}

/// All quotations of a paragraph, in order; none within another. Of the marks of one kind that are not
/// closed, the first is told.
pub(super) fn quotes(text: &str, paragraph: Range<usize>) -> Vec<Inline> {
    let mut quotes = Vec::new();
    let mut unclosed: Vec<char> = Vec::new();
    let mut from = paragraph.start;
    while let Some((start, open, closers)) = next_opening(text, from..paragraph.end) {
        let content = start + open.len_utf8();
        from = content; // what is not closed may be a lone mark: go on behind it
        if unclosed.contains(&open) {
            continue;
        }
        match text[content..paragraph.end].find(closers) {
            Some(len) => {
                let end = content + len;
                from = end + text[end..].chars().next().map_or(0, char::len_utf8);
                quotes.push(Inline {
                    outer: start..from,
                    content: content..end,
                    closed: true,
                });
            }
            None => {
                unclosed.push(open);
                let rest = content..paragraph.end;
                quotes.push(Inline {
                    outer: start..rest.end,
                    content: rest,
                    closed: false,
                });
            }
        }
    }
    quotes
}

/// The next opening mark, and the marks that close it.
fn next_opening(text: &str, range: Range<usize>) -> Option<(usize, char, &'static [char])> {
    let mut previous = text[..range.start].chars().next_back();
    for (at, character) in text[range.clone()].char_indices() {
        let start = range.start + at;
        let next = text[start + character.len_utf8()..range.end].chars().next();
        let closers: Option<&'static [char]> = match character {
            '“' => Some(&['”']),
            '„' => Some(&['“', '”']),
            '«' => Some(&['»']),
            '"' if opens(previous, next) => Some(&['"']),
            _ => None,
        };
        if let Some(closers) = closers {
            return Some((start, character, closers));
        }
        previous = Some(character);
    }
    None
}

/// A straight mark opens before a word and not after one: `5" pipe` opens nothing.
fn opens(previous: Option<char>, next: Option<char>) -> bool {
    !previous.is_some_and(char::is_alphanumeric) && next.is_some_and(|it| !it.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<(&str, bool)> {
        let quotes = quotes(text, 0..text.len());
        quotes
            .into_iter()
            .map(|quote| (&text[quote.content], quote.closed))
            .collect()
    }

    #[test]
    fn marks_pair_up() {
        assert_eq!(
            list("a “b ‘c’” \"d\ne\" f"),
            [("b ‘c’", true), ("d\ne", true)]
        );
        assert_eq!(
            list("„so“, «la», „x”"),
            [("so", true), ("la", true), ("x", true)]
        );
        assert_eq!(list("a 5\" pipe and 6\" more"), []);
    }

    #[test]
    fn what_is_not_closed_reaches_to_the_end() {
        assert_eq!(list("a “b c"), [("b c", false)]);
        assert_eq!(list("a “b \"c\" “d"), [("b \"c\" “d", false), ("c", true)]);
    }
}
