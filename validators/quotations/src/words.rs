//! Words in normalised text, and where words may begin and end.
//!
//! A word is a run of letters and digits, with apostrophes between them (`don't` is one word). In
//! scripts that do not put spaces between words each character counts as a word.

use crate::characters::is_letter;

/// Whether the character belongs to a word that goes on.
fn joins(character: Option<char>) -> bool {
    character.is_some_and(|it| is_letter(it) && !is_unspaced(it))
}

/// Scripts without spaces between words: Thai to Myanmar, Khmer, kana, Han.
fn is_unspaced(character: char) -> bool {
    character >= '\u{0E00}'
        && matches!(character,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether no word runs across the byte `at`. It must be a character boundary.
pub(crate) fn is_boundary(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let mut backwards = before.chars().rev();
    let mut forwards = after.chars();
    match (backwards.next(), forwards.next()) {
        (left, Some('\'' | '’')) if joins(left) => !joins(forwards.next()),
        (Some('\'' | '’'), right) if joins(right) => !joins(backwards.next()),
        (left, right) => !(joins(left) && joins(right)),
    }
}

/// Whether a quotation may begin or end at the byte `at` of a source: not within a word, nor at a
/// hyphen of one (`non-violent`), nor within a number (`0.5`, `1,000`, `-5`), which would say another
/// thing without the rest.
pub(crate) fn is_edge(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let mut backwards = before.chars().rev();
    let mut forwards = after.chars();
    let (left, right) = (backwards.next(), forwards.next());
    let is_digit = |it: Option<char>| it.is_some_and(char::is_numeric);
    let inside = match (left, right) {
        (Some('-'), right) if joins(right) => is_digit(right) || joins(backwards.next()),
        (left, Some('-')) if joins(left) => joins(forwards.next()),
        (Some('.' | ','), right) if is_digit(right) => {
            let before = backwards.next();
            is_digit(before) || !(joins(before) || left == Some(','))
        }
        (left, Some('.' | ',')) if is_digit(left) => is_digit(forwards.next()),
        (Some('+' | '±'), right) => is_digit(right),
        _ => false,
    };
    !inside && is_boundary(text, at)
}

/// Where the word ends that begins at `start`.
pub(crate) fn word_end(text: &str, start: usize) -> usize {
    let mut characters = text[start..].char_indices().peekable();
    let first = characters.next().map(|(_, first)| first);
    let mut unspaced = !joins(first);
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let goes_on = joins(Some(character)) || (is_apostrophe(character) && joins(next));
        if unspaced || !goes_on {
            return start + at;
        }
        unspaced = false;
    }
    text.len()
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’')
}

/// Where words begin in `text[from..to]`. They may end beyond it.
pub(crate) fn word_starts(text: &str, from: usize, to: usize) -> impl Iterator<Item = usize> + '_ {
    let before = text[..from].chars().next_back();
    let mut after_letter = joins(before);
    let mut after_apostrophe = before.is_some_and(is_apostrophe);
    text[from..to]
        .char_indices()
        .filter_map(move |(at, character)| {
            let letter = is_letter(character);
            let goes_on = letter && !is_unspaced(character);
            let begins = letter && !(after_letter && goes_on);
            let start = from + at;
            let begins = begins && (!after_apostrophe || is_boundary(text, start));
            (after_letter, after_apostrophe) = (goes_on, is_apostrophe(character));
            begins.then_some(start)
        })
}

/// All words of a text, as byte ranges.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    word_starts(text, 0, text.len()).map(|start| (start, word_end(text, start)))
}

/// A 64-bit hash (FNV-1a) of a word without regard to case. Only used to look for similar passages.
pub(crate) fn word_hash(word: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for character in word.chars() {
        if character.is_ascii() {
            add(character.to_ascii_lowercase() as u8);
        } else if character >= '\u{2E80}' {
            // Han, kana and Hangul have no case.
            let mut bytes = [0; 4];
            character.encode_utf8(&mut bytes).bytes().for_each(&mut add);
        } else {
            let mut bytes = [0; 4];
            for lower in character.to_lowercase() {
                lower.encode_utf8(&mut bytes).bytes().for_each(&mut add);
            }
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<&str> {
        words(text).map(|(start, end)| &text[start..end]).collect()
    }

    #[test]
    fn apostrophes_join_and_everything_else_parts() {
        assert_eq!(
            list("don't 'quote' well-known, no.1"),
            ["don't", "quote", "well", "known", "no", "1"]
        );
        assert_eq!(list("déjà vu"), ["déjà", "vu"]);
        assert_eq!(list("種の起源 x"), ["種", "の", "起", "源", "x"]);
        assert_eq!(list("...'"), [""; 0]);
    }

    #[test]
    fn a_word_does_not_end_before_its_apostrophe() {
        assert!(!is_boundary("I can't", 5));
        assert!(is_boundary("'I can' try", 6));
        assert!(is_boundary("word", 4) && is_boundary("word", 0));
    }

    #[test]
    fn nothing_is_cut_out_of_compounds_and_numbers() {
        for (text, at) in [
            ("non-violent", 4),
            ("non-violent", 3),
            ("was 0.5 percent", 6),
            ("was 0.5 percent", 5),
            ("of .5 percent", 4),
            ("1,000", 2),
            ("at -5 degrees", 4),
            ("can't", 3),
        ] {
            assert!(!is_edge(text, at), "{text} at {at}");
        }
        for (text, at) in [
            ("so—we", 5),
            ("end. 5 of", 5),
            ("a, b", 1),
            ("in 1863.", 7),
            ("x (5)", 3),
        ] {
            assert!(is_edge(text, at), "{text} at {at}");
        }
    }

    #[test]
    fn words_of_a_range_may_end_beyond_it() {
        let text = "alpha beta gamma";
        assert_eq!(word_starts(text, 2, 7).collect::<Vec<_>>(), [6]);
        assert_eq!(word_end(text, 6), 10);
    }

    #[test]
    fn hashes_ignore_case() {
        assert_eq!(word_hash("Straße"), word_hash("sTRAßE"));
        assert_ne!(word_hash("a"), word_hash("b"));
    }
}
