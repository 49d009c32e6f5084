//! The normal form in which quotations and sources are compared. `README.md` states its rules.

use crate::characters::{is_composed, is_letter};
use crate::params::{Hyphens, Normalisation};

use unicode_normalization::UnicodeNormalization;

/// Normalises text that arrives in pieces. A piece ends where NFC does not compose across (see
/// `source::window`); everything else may be cut anywhere.
#[derive(Debug, Clone)]
pub(crate) struct Normaliser {
    rules: Normalisation,
    /// White space since the last character, or since the pending dash.
    space: bool,
    /// A line ended since then.
    line_end: bool,
    /// A soft hyphen directly after the last character.
    soft_hyphen: bool,
    /// A run of dashes whose fate the next character decides.
    dash: Option<Dash>,
    /// What was written last.
    last: Option<char>,
}

#[derive(Debug, Clone, Copy)]
struct Dash {
    /// It is one character, and a hyphen, not a dash.
    hyphen: bool,
    /// It is one character.
    single: bool,
    /// There is white space before it.
    space_before: bool,
}

impl Normaliser {
    pub(crate) fn new(rules: Normalisation) -> Self {
        Self {
            rules,
            space: false,
            line_end: false,
            soft_hyphen: false,
            dash: None,
            last: None,
        }
    }

    /// Appends the normal form of `piece` to `out`.
    pub(crate) fn push(&mut self, piece: &str, out: &mut String) {
        if piece.is_ascii() || piece.chars().all(is_composed) {
            self.push_composed(piece, out);
        } else {
            piece
                .nfc()
                .for_each(|character| self.push_char(character, out));
        }
    }

    /// Words of ASCII are copied, everything else goes character by character.
    fn push_composed(&mut self, piece: &str, out: &mut String) {
        let mut rest = piece;
        while let Some(character) = rest.chars().next() {
            self.push_char(character, out);
            rest = &rest[character.len_utf8()..];
            if character.is_ascii_alphanumeric() && !self.rules.fold_case {
                let len = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
                let (word, after) = rest.split_at(len);
                out.push_str(word);
                self.last = word.chars().next_back().or(self.last);
                rest = after;
            }
        }
    }

    fn push_char(&mut self, character: char, out: &mut String) {
        if is_letter(character) {
            self.push_visible(character, out);
        } else if character.is_whitespace() {
            self.space = true;
            self.line_end |= character == '\n';
        } else if character == '\u{AD}' {
            self.soft_hyphen |= !self.space;
        } else if is_dash(character) {
            self.push_dash(character);
        } else if !self.is_dropped(character) {
            self.push_visible(character, out);
        }
    }

    fn push_dash(&mut self, character: char) {
        let before = self.dash;
        self.dash = Some(Dash {
            hyphen: before.is_none() && matches!(character, '-' | '\u{2010}' | '\u{2011}'),
            single: before.is_none(),
            space_before: before.map_or(self.space, |before| before.space_before),
        });
        self.forget_space();
    }

    fn push_visible(&mut self, character: char, out: &mut String) {
        let broken_word = self.soft_hyphen && self.line_end;
        match self.dash.take() {
            Some(dash) => self.resolve(dash, character, out),
            None if self.space && !broken_word && self.last.is_some() => out.push(' '),
            None => {}
        }
        self.forget_space();
        self.last = Some(character);
        match plain(character) {
            folded if !self.rules.fold_case => out.push(folded),
            folded if folded.is_ascii() => out.push(folded.to_ascii_lowercase()),
            folded => out.extend(folded.to_lowercase()),
        }
    }

    /// Writes what a run of dashes is before `next`: a hyphen within a word or number, the sign of a
    /// number, a dash, or nothing.
    fn resolve(&self, dash: Dash, next: char, out: &mut String) {
        let is_in = |test: fn(char) -> bool| self.last.is_some_and(test) && !dash.space_before;
        let touches = !self.space;
        if dash.hyphen && is_in(char::is_alphabetic) && self.joins_across(next) {
            return;
        }
        let compound = dash.hyphen
            && (touches || self.line_end)
            && is_in(char::is_alphanumeric)
            && next.is_alphanumeric();
        let range = dash.single && touches && is_in(char::is_numeric) && next.is_numeric();
        let sign = dash.single && touches && next.is_numeric() && !is_in(char::is_alphanumeric);
        if sign && dash.space_before && self.last.is_some() {
            out.push(' ');
        }
        out.push(if compound || range || sign {
            '-'
        } else {
            '—'
        });
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
            ("a—b -- c – d\u{2212}e", "a—b—c—d—e"),
            ("1914–1918 was -5, \u{2212}6 - 7", "1914-1918 was -5, -6—7"),
            ("ex\u{AD}am\u{AD}\n  ple\u{200B}s", "examples"),
            ("God is now\u{AD} here", "God is now here"),
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
            "exam-ple, Anglo-Saxon, well-known, a—b"
        );
        assert_eq!(
            with(Hyphens::JoinLineEnds, text),
            "example, Anglo-Saxon, well-known, a—b"
        );
        assert_eq!(
            with(Hyphens::Ignore, text),
            "example, AngloSaxon, wellknown, a—b"
        );
        assert_eq!(with(Hyphens::Ignore, "a--b 1-2"), "a—b 1-2");
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
