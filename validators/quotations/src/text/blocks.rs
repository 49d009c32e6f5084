//! Blocks of a text, and how plain text is divided into them.

use std::ops::Range;

/// A block of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// Its bytes.
    Paragraph(Range<usize>),
    /// The bytes of its lines, each without `>` and without its end.
    Quote(Vec<Range<usize>>),
}

/// Splits plain text into blocks. Lines that begin with `>` make a block quotation, also with empty `>`
/// lines among them. Other blocks end at a blank line, and before a list item or a definition.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.trim_end_matches(['\n', '\r']).len();
        start += line.len();
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        let goes_on = open && !starts_block(line);
        match (after_marks(text, range.clone()), blocks.last_mut()) {
            (Some(content), Some(Block::Quote(lines))) if open => lines.push(content),
            (Some(content), _) => blocks.push(Block::Quote(vec![content])),
            (None, Some(Block::Paragraph(paragraph))) if goes_on => paragraph.end = range.end,
            (None, _) => blocks.push(Block::Paragraph(range)),
        }
        open = true;
    }
    blocks
}

/// The lines of a stretch of text.
pub(super) fn lines_of(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut start = range.start;
    let lines = text[range].split('\n').map(|line| {
        let range = start..start + line.len();
        start = range.end + 1;
        range
    });
    lines.collect()
}

/// What follows the `>` of a line of a block quotation, nested ones included.
fn after_marks(text: &str, line: Range<usize>) -> Option<Range<usize>> {
    let mut rest = text[line.clone()].trim_start().strip_prefix('>')?;
    while let Some(nested) = rest.trim_start().strip_prefix('>') {
        rest = nested;
    }
    Some(line.end - rest.len()..line.end)
}

/// List items, footnotes and rows of a table begin a block of their own.
fn starts_block(line: &str) -> bool {
    let line = line.trim_start();
    let after_number = line.trim_start_matches(|it: char| it.is_ascii_digit());
    let numbered = after_number.len() < line.len()
        && (after_number.starts_with(". ") || after_number.starts_with(") "));
    let marks = ["- ", "* ", "+ ", "[^", "|", "---", "***", "==="];
    numbered || marks.iter().any(|mark| line.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_quotations() {
        let text = "a\nb\r\n\n> q\n>\n> > r\n\nc\n- d\n  e\n- f\n> q\nr";
        let line = |range: &Range<usize>| text[range.clone()].to_owned();
        let blocks = blocks(text);
        let shown = blocks.iter().map(|block| match block {
            Block::Paragraph(range) => line(range),
            Block::Quote(lines) => {
                format!(">{}", lines.iter().map(line).collect::<Vec<_>>().join("|"))
            }
        });
        let expected = ["a\nb", "> q|| r", "c", "- d\n  e", "- f", "> q", "r"];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lines_of_a_range() {
        assert_eq!(lines_of("x\nab\n\nc", 2..7), [2..4, 5..5, 6..7]);
    }
}
