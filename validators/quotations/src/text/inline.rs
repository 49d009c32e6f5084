//! Quotations within a paragraph.

use super::defect::DefectKind;
use crate::words::words;
use std::collections::BTreeMap;
use std::ops::Range;

/// What stands between quotation marks, or behind a mark that has no partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inline {
    /// With its marks.
    pub(super) outer: Range<usize>,
    /// Without them.
    pub(super) content: Range<usize>,
    /// Why it cannot be judged; otherwise it is a quotation.
    pub(super) defect: Option<DefectKind>,
}

/// All quotations of a paragraph, in order, none within another; and the marks that make none. Of marks
/// that are not closed, the first of each kind is told, if `min_words` words follow.
pub(super) fn quotes(text: &str, paragraph: Range<usize>, min_words: usize) -> Vec<Inline> {
    let mut scanner = Scanner {
        text: &text[..paragraph.end],
        min_words,
        next: BTreeMap::new(),
        unclosed: Vec::new(),
        found: Vec::new(),
    };
    let mut at = paragraph.start;
    let mut previous = None;
    while let Some(character) = scanner.text[at..].chars().next() {
        let end = scanner.mark(at, character, previous);
        let end = end.unwrap_or(at + character.len_utf8());
        previous = scanner.text[at..end].chars().next_back();
        at = end;
    }
    scanner.found
}

/// Marks that are nothing but quotation marks: what opens, and what closes it.
fn closers(open: char) -> Option<&'static [char]> {
    let closers: &[char] = match open {
        '“' | '‟' | '”' => &['”'],
        '„' => &['“', '”'],
        '«' => &['»'],
        '»' => &['«'],
        '"' => &['"'],
        '″' => &['″'],
        '＂' => &['＂'],
        '「' => &['」'],
        '『' => &['』'],
        '❝' => &['❞'],
        '〝' => &['〞', '〟'],
        _ => return None,
    };
    Some(closers)
}

/// Single marks, most of which are apostrophes or accents as well.
const SINGLE_OPENERS: [char; 6] = ['‘', '\'', '‚', '‹', '›', '`'];
const SINGLE_CLOSERS: &[char] = &['’', '‘', '\'', '›', '‹', '`', '´'];

struct Scanner<'a> {
    /// Up to the end of the paragraph.
    text: &'a str,
    min_words: usize,
    /// Where the next mark of each kind stands that closes, so that none is looked for twice.
    next: BTreeMap<&'static [char], Option<usize>>,
    unclosed: Vec<char>,
    found: Vec<Inline>,
}

impl Scanner<'_> {
    /// Reads what the character at `at` opens or leaves over; where to go on, if behind it.
    fn mark(&mut self, at: usize, mark: char, previous: Option<char>) -> Option<usize> {
        let inside = at + mark.len_utf8();
        let next = self.text[inside..].chars().next();
        if SINGLE_OPENERS.contains(&mark) {
            return self.single(at, inside, mark, previous, next);
        }
        let Some(closers) = closers(mark).filter(|_| opens(mark, previous, next)) else {
            if is_left_over(mark, previous) {
                self.push(at..inside, at..inside, Some(DefectKind::Unpaired));
            }
            return None;
        };
        if self.unclosed.contains(&mark) {
            return None;
        }
        let Some(close) = self.closing(inside, closers) else {
            // A mark that closes elsewhere, and here has nothing to close.
            let defect = match mark {
                '”' | '»' => DefectKind::Unpaired,
                _ => DefectKind::Unclosed,
            };
            self.unclosed.push(mark);
            if defect == DefectKind::Unpaired || self.has_words(inside..self.text.len()) {
                self.push(at..self.text.len(), inside..self.text.len(), Some(defect));
            }
            return None; // it may be a lone mark: what stands behind it is read as well
        };
        let end = self.behind(close);
        self.push(at..end, inside..close, None);
        Some(end)
    }

    fn single(
        &mut self,
        at: usize,
        inside: usize,
        mark: char,
        previous: Option<char>,
        next: Option<char>,
    ) -> Option<usize> {
        let before_word = match mark {
            '\'' | '`' => next.is_some_and(char::is_alphabetic), // `'90s` has an apostrophe
            '‹' | '›' => next.is_some(),
            _ => next.is_some_and(|it| !it.is_whitespace()),
        };
        if previous.is_some_and(char::is_alphanumeric) || !before_word {
            return None;
        }
        let close = self.closing(inside, SINGLE_CLOSERS)?;
        if !self.has_words(inside..close) {
            return None;
        }
        let end = self.behind(close);
        self.push(at..end, inside..close, Some(DefectKind::Unsupported));
        Some(end)
    }

    /// The next mark from `from` on that closes.
    fn closing(&mut self, from: usize, closers: &'static [char]) -> Option<usize> {
        let known = self.next.get(closers).copied();
        let stale = known.is_none_or(|next| next.is_some_and(|next| next < from));
        if stale {
            let next = self.find(from, closers);
            self.next.insert(closers, next);
        }
        self.next.get(closers).copied().flatten()
    }

    fn find(&self, from: usize, closers: &[char]) -> Option<usize> {
        let mut found = self.text[from..].match_indices(closers);
        let position = if closers == SINGLE_CLOSERS {
            // An apostrophe stands within a word.
            found.find(|(at, mark)| {
                let after = self.text[from + at + mark.len()..].chars().next();
                let before = self.text[..from + at].chars().next_back();
                {
                    let spaced = before.is_some_and(char::is_whitespace) && !"‹›".contains(*mark);
                    !after.is_some_and(char::is_alphanumeric) && !spaced
                }
            })
        } else {
            found.next()
        };
        position.map(|(at, _)| from + at)
    }

    fn behind(&self, at: usize) -> usize {
        at + self.text[at..].chars().next().map_or(0, char::len_utf8)
    }

    fn has_words(&self, range: Range<usize>) -> bool {
        words(&self.text[range])
            .nth(self.min_words.saturating_sub(1))
            .is_some()
    }

    fn push(&mut self, outer: Range<usize>, content: Range<usize>, defect: Option<DefectKind>) {
        self.found.push(Inline {
            outer,
            content,
            defect,
        });
    }
}

/// Whether a mark, where no quotation is open, opens one. Marks that also close or measure do so only
/// where a word may begin: `5" pipe` opens nothing.
fn opens(mark: char, previous: Option<char>, next: Option<char>) -> bool {
    let after_word = previous.is_some_and(char::is_alphanumeric);
    let after_space = previous.is_none_or(char::is_whitespace);
    let before_space = next.is_none_or(char::is_whitespace);
    match mark {
        '"' | '″' | '＂' => !after_word && (!before_space || after_space),
        '”' => after_space && !before_space,
        '»' => !after_word,
        _ => true,
    }
}

/// Whether a mark that opens nothing should have closed something. Straight marks after a digit are
/// inches or seconds.
fn is_left_over(mark: char, previous: Option<char>) -> bool {
    match mark {
        '"' | '″' | '＂' => !previous.is_some_and(char::is_numeric),
        '”' | '»' | '」' | '』' | '❞' | '〞' | '〟' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<(&str, Option<DefectKind>)> {
        let quotes = quotes(text, 0..text.len(), 2).into_iter();
        quotes.map(|it| (&text[it.content], it.defect)).collect()
    }

    fn closed(text: &str) -> Vec<&str> {
        let found = list(text).into_iter();
        found
            .map(|(content, defect)| {
                assert_eq!(defect, None, "{text}: {content}");
                content
            })
            .collect()
    }

    #[test]
    fn marks_pair_up() {
        assert_eq!(closed("a “b ‘c’” \"d\ne\" f"), ["b ‘c’", "d\ne"]);
        assert_eq!(closed("„so“, «la», „x”, ”ja”"), ["so", "la", "x", "ja"]);
        assert_eq!(closed("»A b« [x] and »C d« [x]"), ["A b", "C d"]);
        assert_eq!(
            closed("« a b » and \" c d \" and ″e f″, ＂g h＂"),
            [" a b ", " c d ", "e f", "g h"]
        );
        assert_eq!(closed("「種の起源」"), ["種の起源"]);
        assert_eq!(closed("a 5\" pipe and 6\" more"), [""; 0]);
        assert_eq!(
            closed("It’s the dogs’ ‘own’ way, rock 'n' roll in the '90s"),
            [""; 0]
        );
    }

    #[test]
    fn marks_without_a_partner_are_told() {
        use DefectKind::{Unclosed, Unpaired};
        assert_eq!(list("a “b c"), [("b c", Some(Unclosed))]);
        assert_eq!(list("a “b"), []);
        assert_eq!(
            list("a “b \"c\" “d"),
            [("b \"c\" “d", Some(Unclosed)), ("c", None)]
        );
        for (text, mark) in [
            ("“true” and more” so", "”"),
            ("\"true\" and more\" so", "\""),
            ("«true» and more» so", "»"),
            ("“true words here\" so", "\""),
        ] {
            let found = list(text);
            assert!(found.contains(&(mark, Some(Unpaired))), "{text}: {found:?}");
        }
    }

    #[test]
    fn single_marks_around_words_are_told() {
        for text in [
            "‘so it is’",
            "'so it is'.",
            "‹so it is›",
            "``so it is''",
            "‚so it is‘",
            "‹ so it is ›",
        ] {
            let found = list(text);
            let [(content, Some(DefectKind::Unsupported))] = found[..] else {
                panic!("{text}: {found:?}");
            };
            assert_eq!(content.trim_matches([' ', '`']), "so it is", "{text}");
        }
    }
}
