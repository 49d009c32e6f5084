//! What a message says, word by word, with its sentences and clauses.
//!
//! Lines that begin with `>` quote somebody else, and addresses say nothing: neither is read.

mod lines;

use crate::characters::{
    is_abbreviation, is_apostrophe, is_dash, is_invisible, is_letter, is_quotation_mark, is_sign,
    is_unspaced,
};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// What is said.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    /// The words in lower case, parted by a space, sentences by a line end.
    pub(crate) text: String,
    /// As ranges of `text`.
    pub(crate) words: Vec<Range<usize>>,
    /// Of each word.
    pub(crate) places: Vec<Place>,
    pub(crate) sentences: Vec<Sentence>,
}

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) sentence: usize,
    /// Clauses end at commas and the like as well.
    pub(crate) clause: usize,
    /// Passages end at colons and quotation marks as well as sentences do.
    pub(crate) passage: usize,
}

/// A sentence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) words: usize,
    /// It asks.
    pub(crate) question: bool,
}

impl Spoken {
    /// What a message says.
    pub(crate) fn of(text: &str) -> Self {
        let characters = composed(&lines::own(text));
        let mut reader = Reader {
            characters: &characters,
            at: 0,
            clause: 0,
            passage: 0,
            sentence: Sentence::default(),
            spoken: Self::default(),
        };
        reader.read();
        reader.spoken
    }

    /// A phrase in the form of `text`.
    pub(crate) fn phrase(text: &str) -> String {
        Self::of(text).text.replace('\n', " ")
    }

    /// A word.
    pub(crate) fn word(&self, number: usize) -> &str {
        self.words
            .get(number)
            .map_or("", |it| &self.text[it.clone()])
    }
}

/// What is shown, in NFKC but for abbreviations.
fn composed(text: &str) -> Vec<char> {
    if text.is_ascii() {
        return text.chars().collect();
    }
    let mut characters = Vec::with_capacity(text.len());
    for piece in text.split_inclusive(is_abbreviation) {
        let whole = piece.trim_end_matches(is_abbreviation);
        let shown = whole.chars().filter(|it| !is_invisible(*it));
        characters.extend(shown.nfkc());
        characters.extend(piece[whole.len()..].chars());
    }
    characters
}

struct Reader<'c> {
    characters: &'c [char],
    at: usize,
    clause: usize,
    passage: usize,
    /// The one that is read.
    sentence: Sentence,
    spoken: Spoken,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(character) = self.peek(0) {
            let start = is_letter(character) || is_sign(character) || self.is_minus();
            match start {
                true => self.word(),
                false => self.between(character),
            }
        }
        self.end_sentence(false);
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn before(&self) -> Option<char> {
        self.at
            .checked_sub(1)
            .and_then(|at| self.characters.get(at))
            .copied()
    }

    /// A dash directly before a number, with nothing before it to which it could belong.
    fn is_minus(&self) -> bool {
        let free = self
            .before()
            .is_none_or(|it| it.is_whitespace() || is_sign(it) || it == '(');
        let number = self.peek(1).is_some_and(|it| it.is_ascii_digit());
        free && number && self.peek(0).is_some_and(is_dash)
    }

    fn word(&mut self) {
        let text = &mut self.spoken.text;
        if self.sentence.words > 0 {
            text.push(' ');
        } else if !text.is_empty() {
            text.push('\n');
        }
        let start = text.len();
        let single = self
            .peek(0)
            .is_some_and(|it| is_sign(it) || is_unspaced(it));
        match single {
            true => self.letter(),
            false => self.letters(),
        }
        self.spoken.words.push(start..self.spoken.text.len());
        self.spoken.places.push(Place {
            sentence: self.spoken.sentences.len(),
            clause: self.clause,
            passage: self.passage,
        });
        self.sentence.words += 1;
    }

    fn letter(&mut self) {
        if let Some(character) = self.peek(0) {
            self.spoken.text.extend(character.to_lowercase());
            self.at += 1;
        }
    }

    fn letters(&mut self) {
        if self.peek(0).is_some_and(is_dash) {
            self.spoken.text.push('-');
            self.at += 1;
        }
        while self
            .peek(0)
            .is_some_and(|it| is_letter(it) && !is_unspaced(it))
        {
            let last = self.peek(0);
            self.letter();
            self.joint(last);
        }
    }

    /// What joins the letter or digit before it with the one after it.
    fn joint(&mut self, last: Option<char>) {
        let (Some(last), Some(joint), Some(next)) = (last, self.peek(0), self.peek(1)) else {
            return;
        };
        let alphabetic = |it: char| is_letter(it) && !it.is_ascii_digit() && !is_unspaced(it);
        let numeric = last.is_ascii_digit() && next.is_ascii_digit();
        if numeric && (matches!(joint, '.' | ',' | ':' | '/' | '\u{2044}') || is_dash(joint)) {
            self.spoken
                .text
                .push(if is_dash(joint) { '-' } else { joint });
        } else if alphabetic(last) && alphabetic(next) && is_apostrophe(joint) {
            self.spoken.text.push('\'');
        } else if !(alphabetic(last)
            && alphabetic(next)
            && matches!(joint, '-' | '\u{2010}' | '\u{2011}'))
        {
            // A hyphen within a word is left out, and anything else ends it.
            return;
        }
        self.at += 1;
    }

    fn between(&mut self, character: char) {
        self.at += 1;
        let next = self.peek(0);
        match character {
            '!' | '。' | '\n' => self.end_sentence(false),
            '?' | '؟' => self.end_sentence(true),
            '.' if next.is_none_or(|it| !is_letter(it)) && !self.is_ordinal() => {
                self.end_sentence(false);
            }
            ':' => self.end_passage(),
            it if is_quotation_mark(it) => self.end_passage(),
            ',' | ';' | '(' | ')' | '[' | ']' | '、' => self.clause += 1,
            it if is_dash(it) => self.clause += 1,
            _ => {}
        }
    }

    /// A dot behind one or two digits, after which something follows: the 13. of a month, the 2. of a list.
    fn is_ordinal(&self) -> bool {
        let last = self
            .spoken
            .words
            .last()
            .map(|it| &self.spoken.text[it.clone()]);
        let short =
            last.is_some_and(|it| it.len() <= 2 && it.bytes().all(|it| it.is_ascii_digit()));
        let behind = self.characters.get(self.at.wrapping_sub(2));
        let follows = self.peek(0) == Some(' ') && self.peek(1).is_some_and(is_letter);
        short && follows && behind.is_some_and(char::is_ascii_digit)
    }

    fn end_passage(&mut self) {
        self.passage += 1;
        self.clause += 1;
    }

    fn end_sentence(&mut self, question: bool) {
        self.end_passage();
        if self.sentence.words > 0 {
            let words = self.sentence.words;
            self.spoken.sentences.push(Sentence { words, question });
        }
        self.sentence = Sentence::default();
    }
}
