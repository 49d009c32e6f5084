//! Markdown with everything out of the way that is not prose, byte for byte in its place.
//!
//! Fenced code and comments become spaces; in code spans, quotation marks and brackets do; the
//! backslash of an escape and the backticks of a code span become a control character, which the
//! normal form leaves out. The time is linear in the text, whatever is in it.

use std::collections::BTreeMap;
use std::ops::Range;

/// Left out by the normal form.
const NOTHING: u8 = 0x01;

/// The masked text; every byte that is not masked stands where it stood.
pub(super) fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    mask_fences(text, &mut bytes);
    let text = into_text(bytes);
    let mut mask = Mask {
        text: &text,
        bytes: text.as_bytes().to_vec(),
        backticks: Backticks::find(&text),
        comments_end: true,
    };
    let mut at = 0;
    while at < text.len() {
        at = mask.step(at);
    }
    into_text(mask.bytes)
}

/// Whole characters are replaced by as many ASCII bytes, so the text stays valid.
fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn mask_fences(text: &str, bytes: &mut [u8]) {
    let mut open: Option<(u8, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        let inside = open.is_some();
        match (open, fence(line)) {
            (None, Some((mark, len, _))) => open = Some((mark, len)),
            (Some((mark, len)), Some((other, longer, true))) if other == mark && longer >= len => {
                open = None;
            }
            _ => {}
        }
        if inside || open.is_some() {
            blank(bytes, range);
        }
    }
}

/// The mark of a code fence, its length, and whether nothing follows it.
fn fence(line: &str) -> Option<(u8, usize, bool)> {
    let rest = line.trim_start_matches(' ');
    let mark = *rest
        .as_bytes()
        .first()
        .filter(|mark| matches!(mark, b'`' | b'~'))?;
    let len = rest.bytes().take_while(|byte| *byte == mark).count();
    let after = &rest[len..];
    let is_fence = len >= 3 && !(mark == b'`' && after.contains('`'));
    is_fence.then(|| (mark, len, after.trim().is_empty()))
}

struct Mask<'a> {
    text: &'a str,
    bytes: Vec<u8>,
    backticks: Backticks,
    /// A comment that is opened may still be closed.
    comments_end: bool,
}

impl Mask<'_> {
    /// Masks what begins at `at` and returns where to go on.
    fn step(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        match rest.as_bytes()[0] {
            b'\\' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_punctuation) => {
                self.bytes[at] = NOTHING;
                at + 2
            }
            b'<' if self.comments_end && rest.starts_with("<!--") => self.comment(at),
            b'`' => self.code_span(at),
            _ => at + rest.chars().next().map_or(1, char::len_utf8),
        }
    }

    fn comment(&mut self, at: usize) -> usize {
        match self.text[at..].find("-->") {
            Some(end) => {
                let end = at + end + 3;
                blank(&mut self.bytes, at..end);
                end
            }
            None => {
                self.comments_end = false;
                at + 4
            }
        }
    }

    fn code_span(&mut self, at: usize) -> usize {
        let len = self.text[at..]
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        let inside = at + len;
        let Some(end) = self.backticks.closing(at, len) else {
            return inside;
        };
        for (offset, character) in self.text[inside..end].char_indices() {
            if matches!(
                character,
                '"' | '[' | ']' | '\u{201C}'..='\u{201F}' | '«' | '»'
            ) {
                let begin = inside + offset;
                blank(&mut self.bytes, begin..begin + character.len_utf8());
            }
        }
        self.bytes[at..inside].fill(NOTHING);
        self.bytes[end..end + len].fill(NOTHING);
        end + len
    }
}

/// Where runs of backticks stand: by paragraph and length, so that none is looked for twice.
struct Backticks {
    runs: BTreeMap<(usize, usize), Vec<usize>>,
    /// Where paragraphs end, in order.
    ends: Vec<usize>,
}

impl Backticks {
    fn find(text: &str) -> Self {
        let ends: Vec<_> = text.match_indices("\n\n").map(|(at, _)| at).collect();
        let mut backticks = Self {
            runs: BTreeMap::new(),
            ends,
        };
        let mut at = 0;
        while let Some(found) = text[at..].find('`') {
            let start = at + found;
            let len = text[start..]
                .bytes()
                .take_while(|byte| *byte == b'`')
                .count();
            let paragraph = backticks.paragraph(start);
            backticks
                .runs
                .entry((paragraph, len))
                .or_default()
                .push(start);
            at = start + len;
        }
        backticks
    }

    /// The next run of this length in the same paragraph.
    fn closing(&self, at: usize, len: usize) -> Option<usize> {
        let runs = self.runs.get(&(self.paragraph(at), len))?;
        runs.get(runs.partition_point(|start| *start < at + len))
            .copied()
    }

    fn paragraph(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at)
    }
}

fn blank(bytes: &mut [u8], range: Range<usize>) {
    bytes[range]
        .iter_mut()
        .filter(|byte| **byte != b'\n')
        .for_each(|byte| *byte = b' ');
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn code_and_escapes_are_out_of_the_way() {
        for (text, expected) in [
            ("a\n```x\n\"é\"\n```\nb", "a\n    \n    \n   \nb"),
            ("~~~\n```\n~~~\nb", "   \n   \n   \nb"),
            ("```\nopen [x]", "   \n        "),
            ("\\\"a\\b", "\u{1}\"a\\b"),
            (
                "`a[\"0\"]` `` ` ``",
                "\u{1}a  0  \u{1} \u{1}\u{1} ` \u{1}\u{1}",
            ),
            ("` open\n\n` x", "` open\n\n` x"),
            ("\\`a` `b", "\u{1}`a\u{1} \u{1}b"),
        ] {
            assert_eq!(masked(text), expected, "{text:?}");
        }
    }

    #[test]
    fn comments_are_out_of_the_way_if_they_end() {
        let masked_comment = masked("x<!-- “\n -->y <!-- “z”");
        assert_eq!(
            masked_comment.split_whitespace().collect::<Vec<_>>(),
            ["x", "y", "<!--", "“z”"]
        );
    }
}
