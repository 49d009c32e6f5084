//! The normal form in which quotes and articles are compared, and whether a quote stands in an article.

use crate::characters::{
    is_apostrophe, is_dash, is_invisible, is_letter, is_quotation_mark, is_unspaced,
};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// White space of any kind and length is one space; marks and dashes of every kind are one; emphasis and
/// what nobody sees is left out. Letters stay as they are, in upper or lower case.
pub(crate) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    match text.is_ascii() {
        true => text.chars().for_each(|it| push(it, &mut out)),
        false => text.nfc().for_each(|it| push(it, &mut out)),
    }
    out.truncate(out.trim_end().len());
    out
}

fn push(character: char, out: &mut String) {
    match character {
        '*' | '_' => {}
        it if is_invisible(it) => {}
        it if it.is_whitespace() => {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        }
        it if it.is_control() => {}
        it if is_apostrophe(it) || is_quotation_mark(it) => out.push('\''),
        it if is_dash(it) => out.push('-'),
        it => out.push(it),
    }
}

/// Where a quote stands in an article, both in normal form: the first place where it is cut out of no word
/// or number.
pub(crate) fn find(article: &str, quote: &str) -> Option<Range<usize>> {
    let places = article.match_indices(quote);
    let ranges = places.map(|(at, it)| at..at + it.len());
    let mut whole = ranges.filter(|it| is_edge(article, it.start) && is_edge(article, it.end));
    whole.next().filter(|it| !it.is_empty())
}

/// Whether nothing that belongs together is parted at `at`: no word, no compound, no number.
fn is_edge(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    let (mut backwards, mut forwards) = (before.chars().rev(), after.chars());
    let (left, right) = (backwards.next(), forwards.next());
    let joins = |it: Option<char>| it.is_some_and(|it| is_letter(it) && !is_unspaced(it));
    let digit = |it: Option<char>| it.is_some_and(char::is_numeric);
    let inside = match (left, right) {
        (left, right) if joins(left) && joins(right) => true,
        (Some('-'), right) if joins(right) => digit(right) || joins(backwards.next()),
        (Some('\''), right) if joins(right) => joins(backwards.next()),
        (left, Some('-' | '\'')) if joins(left) => joins(forwards.next()),
        (Some('.' | ','), right) if digit(right) => true,
        (left, Some('.' | ',')) if digit(left) => digit(forwards.next()),
        (left, Some('%')) if digit(left) => true,
        (Some('$' | '€' | '£' | '+'), right) if digit(right) => true,
        _ => false,
    };
    !inside
}
