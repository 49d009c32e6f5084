//! What hides a part of a message from its readers, or shows them another.

use crate::characters::{is_accent, is_invisible, is_latin, is_like_latin, is_needed, is_unknown};

/// White space that takes more than this leaves what follows out of sight.
const MAX_LINE_ENDS: usize = 6;
/// The same within a line.
const MAX_SPACES: usize = 60;
/// Accents on one letter: more cover the lines around it.
const MAX_ACCENTS: usize = 3;
/// Characters of an address.
const MAX_ADDRESS: usize = 400;
/// The longest name of a character in HTML.
const MAX_ENTITY_BYTES: usize = 32;

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Something in it is not seen.
    Hidden(&'static str),
    /// Some readers see it otherwise than it is written.
    Markup(&'static str),
    /// A word has letters of two alphabets that look alike.
    Disguised,
    /// There is nothing to be seen.
    Empty,
}

/// The defects of a message, each kind once, with where it begins.
pub(crate) fn defects(text: &str) -> Vec<(Defect, usize)> {
    let blank =
        |it: char| it.is_whitespace() || is_invisible(it) || is_unknown(it) || is_accent(it);
    if text.chars().all(blank) {
        return vec![(Defect::Empty, 0)];
    }
    let found = [hidden(text), markup(text), disguised(text)];
    found.into_iter().flatten().collect()
}

fn hidden(text: &str) -> Option<(Defect, usize)> {
    let (mut before, mut line_ends, mut spaces, mut accents) = (None, 0, 0, 0);
    for (at, character) in text.char_indices() {
        let space = character.is_whitespace() || is_invisible(character);
        line_ends = if space {
            line_ends + usize::from(is_line_end(character))
        } else {
            0
        };
        spaces = if space && !is_line_end(character) {
            spaces + 1
        } else {
            0
        };
        accents = if is_accent(character) { accents + 1 } else { 0 };
        let why = if is_unknown(character) {
            "a character that shows nothing, or nobody knows what"
        } else if is_invisible(character) && !is_needed(character, before) {
            "an invisible character"
        } else if line_ends > MAX_LINE_ENDS || spaces > MAX_SPACES {
            "so much white space that what follows is out of sight"
        } else if accents > MAX_ACCENTS || matches!(character, '\u{334}'..='\u{338}') {
            "accents that cover letters"
        } else {
            before = Some(character);
            continue;
        };
        return Some((Defect::Hidden(why), at));
    }
    None
}

fn is_line_end(character: char) -> bool {
    matches!(
        character,
        '\n' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn markup(text: &str) -> Option<(Defect, usize)> {
    for (at, character) in text.char_indices() {
        if !matches!(character, '<' | '&' | '~' | '!' | ']' | '[') {
            continue;
        }
        let rest = &text[at..];
        let why = match character {
            '<' if is_tag(rest) => "HTML",
            '&' if is_entity(rest) => "a character written as HTML does",
            '~' if rest.starts_with("~~") => "text that is struck out",
            '!' if rest.starts_with("![") => "a picture, whose description is not shown",
            ']' if is_titled(rest) => "a link with a title, which is not shown",
            '[' if is_definition(&text[..at], rest) => {
                "the definition of a link, which is not shown"
            }
            _ => continue,
        };
        return Some((Defect::Markup(why), at));
    }
    None
}

/// A tag, a comment or the like, but no address in angle brackets.
fn is_tag(rest: &str) -> bool {
    let mut characters = rest.chars().skip(1);
    let first = characters.next();
    let address = ["<https://", "<http://", "<mailto:"]
        .iter()
        .any(|it| rest.starts_with(it));
    let begins = first.is_some_and(|it| it.is_ascii_alphabetic() || matches!(it, '/' | '!' | '?'));
    begins && !address
}

fn is_entity(rest: &str) -> bool {
    let name = rest.bytes().skip(1).take(MAX_ENTITY_BYTES);
    let name: Vec<u8> = name
        .take_while(|it| it.is_ascii_alphanumeric() || *it == b'#')
        .collect();
    let ends = rest.as_bytes().get(1 + name.len()) == Some(&b';');
    match name.as_slice() {
        [b'#', digits @ ..] => !digits.is_empty(),
        name => ends && name.len() > 1,
    }
}

/// `](address "title")`. An address that does not end soon may as well have one.
fn is_titled(rest: &str) -> bool {
    let Some(target) = rest.strip_prefix("](") else {
        return false;
    };
    let mut depth = 1;
    for character in target.chars().take(MAX_ADDRESS) {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            it if it.is_whitespace() || matches!(it, '"' | '\'') => return true,
            _ => {}
        }
        if depth == 0 {
            return false;
        }
    }
    true
}

/// `[label]: address` where a line begins.
fn is_definition(before: &str, rest: &str) -> bool {
    let start = before.trim_end_matches(['>', ' ', '\t']);
    if !(start.is_empty() || start.ends_with('\n')) {
        return false;
    }
    let line = rest.split('\n').next().unwrap_or_default();
    let label = line.split_once(']');
    label.is_some_and(|(_, it)| it.starts_with(':'))
}

fn disguised(text: &str) -> Option<(Defect, usize)> {
    let (mut latin, mut like, mut start) = (false, false, 0);
    for (at, character) in text.char_indices() {
        if is_accent(character) || is_invisible(character) {
            continue;
        }
        if !character.is_alphabetic() {
            (latin, like, start) = (false, false, at + character.len_utf8());
            continue;
        }
        latin |= is_latin(character);
        like |= is_like_latin(character);
        if latin && like {
            return Some((Defect::Disguised, start));
        }
    }
    None
}
