//! Lines, words and numbers of a text.

use crate::Operator;
use crate::edit::{self, Edit, next_digit, next_letter};

/// Shorter words are changed by whoever changes lines.
const WORD: usize = 4;

/// Of UTF-8; nothing of anything else.
pub(crate) fn edits(bytes: &[u8]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (number, line) in edit::lines(bytes).enumerate() {
        let place = format!("line {}", number + 1);
        let range = edit::within(bytes, line);
        let Ok(text) = std::str::from_utf8(line) else {
            continue;
        };
        if text.trim().is_empty() {
            continue;
        }
        edits.push(Edit::new(Operator::LineRemoved, &*place, range.clone(), ""));
        let [_, mut again] = edit::record(line, range, &place);
        again.operator = Operator::LineRepeated;
        edits.push(again);
        edits.extend(words(text).filter_map(|word| changed(bytes, word, &place)));
    }
    edits
}

/// Runs of letters and digits.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !it.is_alphanumeric());
    words.filter(|word| !word.is_empty())
}

fn changed(bytes: &[u8], word: &str, place: &str) -> Option<Edit> {
    let (operator, other) = match word.bytes().any(|byte| byte.is_ascii_digit()) {
        true => (Operator::NumberChanged, next_digit(word)?),
        false if word.chars().count() >= WORD => (Operator::WordChanged, next_letter(word)?),
        false => return None,
    };
    let range = edit::within(bytes, word.as_bytes());
    Some(Edit::new(operator, place, range, other))
}
