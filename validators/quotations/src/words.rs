//! Words in normalised text, and where words may begin and end.
//!
//! A word is a run of letters and digits, with apostrophes between them (`don't` is one word). In
//! scripts that do not put spaces between words each character counts as a word.

/// Whether the character belongs to a word that goes on.
fn joins(character: Option<char>) -> bool {
    character.is_some_and(|it| it.is_alphanumeric() && !is_unspaced(it))
}

/// Scripts without spaces between words: Thai to Myanmar, Khmer, kana, Han.
fn is_unspaced(character: char) -> bool {
    matches!(character,
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
        (left, Some('\'')) if joins(left) => !joins(forwards.next()),
        (Some('\''), right) if joins(right) => !joins(backwards.next()),
        (left, right) => !(joins(left) && joins(right)),
    }
}

/// Where the word ends that begins at `start`.
pub(crate) fn word_end(text: &str, start: usize) -> usize {
    let mut characters = text[start..].char_indices().peekable();
    while let Some((_, character)) = characters.next() {
        let next = characters.peek().map(|(at, _)| start + at);
        let at = next.unwrap_or(text.len());
        let inside = character.is_alphanumeric() || character == '\'';
        if !inside || next.is_none() || is_boundary(text, at) {
            return at;
        }
    }
    text.len()
}

/// Where words begin in `text[from..to]`. They may end beyond it.
pub(crate) fn word_starts(text: &str, from: usize, to: usize) -> impl Iterator<Item = usize> + '_ {
    let mut previous = text[..from].chars().next_back();
    text[from..to]
        .char_indices()
        .filter_map(move |(at, character)| {
            let inner = joins(previous) && joins(Some(character));
            previous = Some(character);
            let start = from + at;
            let begins = !inner && character.is_alphanumeric() && is_boundary(text, start);
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
