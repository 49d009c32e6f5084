//! The letters of a message, whatever stands between them: however a promise is spelled, it is one.

use super::index::Hit;
use crate::characters::{
    alike, is_abbreviation, is_accent, is_dash, is_invisible, is_letter, is_sign, is_unspaced,
};
use proofmark_validator_sdk::excerpt;
use std::iter::once;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// As much is shown of what was found.
const SHOWN_BYTES: usize = 120;

/// Letters, digits and signs of a text without anything between them: in lower case, without accents, and
/// one letter for all that look like it.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    pub(crate) text: String,
    /// What is parted by anything, as ranges of `text`.
    pub(crate) words: Vec<Range<usize>>,
    /// Where each word stands in what was written.
    written: Vec<Range<usize>>,
}

impl Letters {
    /// Of a text.
    pub(crate) fn of(text: &str) -> Self {
        let mut letters = Self::default();
        let mut reader = Reader::default();
        for (at, character) in text.char_indices() {
            reader.at = at..at + character.len_utf8();
            match character.is_ascii() || is_abbreviation(character) {
                true => reader.read(character, &mut letters),
                false => once(character)
                    .nfkd()
                    .for_each(|it| reader.read(it, &mut letters)),
            }
        }
        reader.end(&mut letters);
        letters
    }

    /// The words of a hit as they were written, of the text that was read.
    pub(crate) fn shown(&self, hit: &Hit, text: &str) -> String {
        let words = self.written.get(hit.words.clone()).unwrap_or_default();
        let ends = words.first().zip(words.last());
        let written = ends.and_then(|(first, last)| text.get(first.start..last.end));
        excerpt(written.unwrap_or_default().as_bytes(), SHOWN_BYTES)
    }
}

#[derive(Default)]
struct Reader {
    /// Where the word begins that is being read.
    start: Option<usize>,
    last: Option<char>,
    /// What stands after a digit and may belong to its number.
    joint: bool,
    /// Where the character stands that is being read.
    at: Range<usize>,
    /// Where the word stands that is being read.
    written: Range<usize>,
}

impl Reader {
    fn read(&mut self, character: char, letters: &mut Letters) {
        if is_accent(character) || is_invisible(character) {
            return;
        }
        let digit = |it: Option<char>| it.is_some_and(|it| it.is_ascii_digit());
        if is_sign(character) || is_letter(character) {
            if self.joint && !digit(Some(character)) {
                self.end(letters);
            }
            self.joint = false;
            self.letter(character, letters);
            self.last = Some(character);
            return;
        }
        let joins = matches!(character, '.' | ',' | ':' | '/' | '\u{2044}') || is_dash(character);
        if joins && digit(self.last) && !self.joint && self.start.is_some() {
            self.joint = true;
        } else {
            self.end(letters);
        }
    }

    fn letter(&mut self, character: char, letters: &mut Letters) {
        let alone = is_sign(character) || is_unspaced(character);
        if alone {
            self.end(letters);
        }
        if self.start.is_none() {
            self.start = Some(letters.text.len());
            self.written.start = self.at.start;
        }
        self.written.end = self.at.end;
        for lower in character.to_lowercase().filter(|it| !is_accent(*it)) {
            letters.text.push(alike(lower));
        }
        if alone {
            self.end(letters);
        }
    }

    fn end(&mut self, letters: &mut Letters) {
        self.joint = false;
        let Some(start) = self.start.take() else {
            return;
        };
        if start < letters.text.len() {
            letters.words.push(start..letters.text.len());
            letters.written.push(self.written.clone());
        }
    }
}
