//! The normal form in which quotations and sources are compared. `README.md` states its rules.

use crate::params::{Hyphens, Normalisation};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Normalises text that arrives in pieces. A piece ends where NFC does not compose across (see
/// `source::window`); everything else may be cut anywhere.
#[derive(Debug, Clone)]
pub(crate) struct Normaliser {
    rules: Normalisation,
    /// White space since the last character, or since the pending dash.
    space: bool,
    /// A line ended since the pending dash.
    line_end: bool,
    /// A soft hyphen, and then nothing but white space.
    soft_hyphen: bool,
    /// A run of dashes whose fate the next character decides.
    dash: Option<Dash>,
    /// The last character that was written is a letter.
    after_letter: bool,
    /// Something was written.
    started: bool,
}

#[derive(Debug, Clone, Copy)]
struct Dash {
    /// A single hyphen directly after a letter.
    hyphen: bool,
}

impl Normaliser {
    pub(crate) fn new(rules: Normalisation) -> Self {
        Self {
            rules,
            space: false,
            line_end: false,
            soft_hyphen: false,
            dash: None,
            after_letter: false,
            started: false,
        }
    }

    /// Appends the normal form of `piece` to `out`.
    pub(crate) fn push(&mut self, piece: &str, out: &mut String) {
        if piece.is_ascii() || is_nfc_quick(piece.chars()) == IsNormalized::Yes {
            piece
                .chars()
                .for_each(|character| self.push_char(character, out));
        } else {
            piece
                .nfc()
                .for_each(|character| self.push_char(character, out));
        }
    }

    fn push_char(&mut self, character: char, out: &mut String) {
        if character.is_whitespace() {
            self.space |= !self.soft_hyphen;
            self.line_end |= character == '\n';
        } else if character == '\u{AD}' {
            self.soft_hyphen = true;
        } else if is_dash(character) {
            self.push_dash(character);
        } else if !self.is_dropped(character) {
            self.push_visible(character, out);
        }
    }

    fn push_dash(&mut self, character: char) {
        let hyphen = matches!(character, '-' | '\u{2010}' | '\u{2011}');
        let hyphen = hyphen && self.dash.is_none() && self.after_letter && !self.space;
        self.dash = Some(Dash { hyphen });
        self.forget_space();
    }

    fn push_visible(&mut self, character: char, out: &mut String) {
        match self.dash.take() {
            Some(dash) if dash.hyphen && self.joins_across(character) => {}
            Some(_) => out.push('-'),
            None if self.space && self.started => out.push(' '),
            None => {}
        }
        self.forget_space();
        self.started = true;
        self.after_letter = character.is_alphabetic();
        match plain(character) {
            folded if !self.rules.fold_case => out.push(folded),
            folded if folded.is_ascii() => out.push(folded.to_ascii_lowercase()),
            folded => out.extend(folded.to_lowercase()),
        }
    }

    /// Whether the pending hyphen only divides a word that goes on with `next`.
    fn joins_across(&self, next: char) -> bool {
        match self.rules.hyphens {
            Hyphens::Keep => false,
            Hyphens::JoinLineEnds => self.line_end && next.is_lowercase(),
            Hyphens::Ignore => (self.line_end || !self.space) && next.is_alphabetic(),
        }
    }

    fn forget_space(&mut self) {
        self.space = false;
        self.line_end = false;
        self.soft_hyphen = false;
    }

    fn is_dropped(&self, character: char) -> bool {
        match character {
            '*' | '_' => self.rules.ignore_emphasis,
            // Zero-width space, word joiner, byte order mark.
            '\u{200B}' | '\u{2060}' | '\u{FEFF}' => true,
            _ => character.is_control(),
        }
    }
}

/// The normal form of a whole text.
pub(crate) fn normalised(text: &str, rules: Normalisation) -> String {
    let mut out = String::with_capacity(text.len());
    Normaliser::new(rules).push(text, &mut out);
    out
}

fn is_dash(character: char) -> bool {
    // Hyphen to horizontal bar, and the minus sign.
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Quotation marks of every kind, and apostrophes, become `'`; the ellipsis is handled by the caller.
fn plain(character: char) -> char {
    match character {
        '"' | '`' | '\u{B4}' | '\u{AB}' | '\u{BB}' => '\'',
        // Single and double marks, primes, single guillemets.
        '\u{2018}'..='\u{201F}' | '\u{2032}' | '\u{2033}' | '\u{2039}' | '\u{203A}' => '\'',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Normalisation = Normalisation {
        hyphens: Hyphens::JoinLineEnds,
        fold_case: false,
        ignore_emphasis: true,
    };

    fn with(hyphens: Hyphens, text: &str) -> String {
        normalised(text, Normalisation { hyphens, ..RULES })
    }

    #[test]
    fn space_quotes_dashes_and_invisible_characters() {
        for (text, expected) in [
            ("  a \u{A0}\t\r\n b  ", "a b"),
            ("“It’s ‘so’” \"x\" «y»", "'It's 'so'' 'x' 'y'"),
            ("a—b -- c – d\u{2212}e", "a-b-c-d-e"),
            ("ex\u{AD}am\u{AD}\n  ple\u{200B}s", "examples"),
            ("cafe\u{301} caf\u{E9}", "café café"),
            ("*very* _good_ \u{1}x", "very good x"),
            ("", ""),
        ] {
            assert_eq!(normalised(text, RULES), expected, "{text:?}");
        }
    }

    #[test]
    fn hyphens_follow_the_parameter() {
        let text = "exam-\n  ple, Anglo-\nSaxon, well-known, a - b";
        assert_eq!(
            with(Hyphens::Keep, text),
            "exam-ple, Anglo-Saxon, well-known, a-b"
        );
        assert_eq!(
            with(Hyphens::JoinLineEnds, text),
            "example, Anglo-Saxon, well-known, a-b"
        );
        assert_eq!(
            with(Hyphens::Ignore, text),
            "example, AngloSaxon, wellknown, a-b"
        );
        assert_eq!(with(Hyphens::Ignore, "a--b 1-2"), "a-b 1-2");
    }

    #[test]
    fn case_is_folded_if_asked() {
        let rules = Normalisation {
            fold_case: true,
            ..RULES
        };
        assert_eq!(normalised("ÀB Σ", rules), "àb σ");
    }

    #[test]
    fn pieces_give_what_the_whole_gives() {
        let text = "One-\ntwo  —  “three”\u{AD}\nfour. ";
        let whole = normalised(text, RULES);
        for (at, _) in text.char_indices() {
            let mut out = String::new();
            let mut normaliser = Normaliser::new(RULES);
            normaliser.push(&text[..at], &mut out);
            normaliser.push(&text[at..], &mut out);
            assert_eq!(out, whole, "cut at {at}");
        }
    }
}
