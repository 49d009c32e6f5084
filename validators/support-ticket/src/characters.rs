//! What characters are: letters, invisible, alike.

use std::cell::RefCell;
use unicode_normalization::char::is_combining_mark;

/// Characters of a page.
const PAGE: usize = 256;

thread_local! {
    /// Of pages that were looked at, which of their characters are letters: to look one up in the tables of
    /// Unicode takes hundreds of instructions, and a message has few of them over and over.
    static LETTERS: RefCell<Vec<Option<[bool; PAGE]>>> = const { RefCell::new(Vec::new()) };
}

/// Whether the character belongs to a word: a letter, a digit, or an accent of one.
pub(crate) fn is_letter(character: char) -> bool {
    match character {
        '\0'..='\x7F' => character.is_ascii_alphanumeric(),
        other => LETTERS.with_borrow_mut(|pages| is_known_letter(other, pages)),
    }
}

fn is_known_letter(character: char, pages: &mut Vec<Option<[bool; PAGE]>>) -> bool {
    let (page, at) = (character as usize / PAGE, character as usize % PAGE);
    if pages.len() <= page {
        pages.resize(page + 1, None);
    }
    let is_letter = |it: char| it.is_alphanumeric() || is_combining_mark(it);
    let of = |at: usize| char::from_u32((page * PAGE + at) as u32);
    pages[page].get_or_insert_with(|| std::array::from_fn(|at| of(at).is_some_and(is_letter)))[at]
}

/// Scripts without spaces between words: Thai to Myanmar, Khmer, kana, Han. Each character is a word.
pub(crate) fn is_unspaced(character: char) -> bool {
    character >= '\u{0E00}'
        && matches!(character,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Signs that say something beside a number: each is a word.
pub(crate) fn is_sign(character: char) -> bool {
    is_abbreviation(character)
        || matches!(
            character,
            '%' | '‰' | '$' | '£' | '¥' | '¢' | '€' | '\u{20A0}'..='\u{20CF}' | '°' | '§'
        )
}

/// Whole words in one character, which stays one: written out, it would be up to eighteen.
pub(crate) fn is_abbreviation(character: char) -> bool {
    matches!(character, '\u{3300}'..='\u{33FF}' | '\u{FDF0}'..='\u{FDFF}')
}

/// Hyphens, dashes and the minus sign.
pub(crate) fn is_dash(character: char) -> bool {
    matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Apostrophes, and what is written for them.
pub(crate) fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’' | '‘' | 'ʼ' | '＇' | '`' | '´')
}

/// Quotation marks that are no apostrophes.
pub(crate) fn is_quotation_mark(character: char) -> bool {
    matches!(
        character,
        '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂' | '「' | '」' | '『' | '』'
    )
}

/// Whether nothing shows where the character stands: it is left out wherever phrases are looked for.
pub(crate) fn is_invisible(character: char) -> bool {
    character >= '\u{AD}'
        && matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFC}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether an honest writer may need the invisible character after `before`: joiners in scripts that have
/// them and between pictures, the look of a picture, the direction of a number in Arabic and Hebrew.
pub(crate) fn is_needed(character: char, before: Option<char>) -> bool {
    let joins = |it: char| matches!(it, '\u{590}'..='\u{DFF}' | '\u{F00}'..='\u{109F}' | '\u{1780}'..='\u{18AF}');
    let picture =
        |it: char| it >= '\u{203C}' && !it.is_alphanumeric() || it == '\u{A9}' || it == '\u{AE}';
    match character {
        '\u{200C}' => before.is_some_and(joins),
        '\u{200D}' => before.is_some_and(|it| joins(it) || picture(it)),
        '\u{FE0E}' | '\u{FE0F}' => {
            before.is_some_and(|it| picture(it) || matches!(it, '0'..='9' | '#' | '*'))
        }
        '\u{200E}' | '\u{200F}' | '\u{61C}' => true,
        _ => false,
    }
}

/// Whether nobody knows what the character shows: control characters and those for private use.
pub(crate) fn is_unknown(character: char) -> bool {
    (character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
        || matches!(character, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// An accent that stands over, under or through any letter.
pub(crate) fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Whether it is a letter of the Latin script.
pub(crate) fn is_latin(character: char) -> bool {
    character.is_alphabetic()
        && matches!(character, '\0'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{FF21}'..='\u{FF5A}')
        && !matches!(character, '\u{AA}' | '\u{B5}' | '\u{BA}')
}

/// Whether it is a letter of an alphabet that has letters like Latin ones, and no Latin one itself.
pub(crate) fn is_like_latin(character: char) -> bool {
    character.is_alphabetic()
        && matches!(character, '\u{250}'..='\u{2AF}' | '\u{370}'..='\u{58F}' | '\u{10A0}'..='\u{10FF}'
        | '\u{13A0}'..='\u{13FF}' | '\u{1C80}'..='\u{1CBF}' | '\u{1D00}'..='\u{1DBF}' | '\u{1F00}'..='\u{1FFF}'
        | '\u{2C80}'..='\u{2D2F}' | '\u{A4D0}'..='\u{A4FF}' | '\u{AB70}'..='\u{ABBF}')
}

/// One letter for all that look like it, of a lower-case letter without accents. Digits that are written
/// for letters are those letters.
pub(crate) fn alike(lower: char) -> char {
    match lower {
        '0' | 'о' | 'ο' | 'օ' => 'o',
        '1' | 'l' | 'ı' | 'і' | 'ι' | 'ӏ' | 'ɩ' => 'i',
        '3' | 'е' | 'ε' | 'є' => 'e',
        '4' | 'а' | 'α' | 'ɑ' => 'a',
        '5' | 'ѕ' | 'ꜱ' => 's',
        '7' | 'т' | 'τ' => 't',
        'в' | 'β' | 'ß' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' | 'đ' => 'd',
        'ɡ' => 'g',
        'һ' | 'н' | 'η' | 'ħ' => 'h',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' | 'μ' => 'm',
        'ո' => 'n',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'υ' | 'ս' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' | 'ω' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' | 'ү' => 'y',
        'ᴢ' | 'ζ' => 'z',
        'ø' => 'o',
        'ł' => 'i',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pictures_and_other_scripts_need_is_needed_only_there() {
        for (text, needed) in [
            ("👩\u{200D}", true),
            ("❤\u{FE0F}", true),
            ("1\u{FE0F}", true),
            ("می\u{200C}", true),
            ("a\u{200D}", false),
            ("a\u{FE0F}", false),
            ("a\u{200B}", false),
            ("👩\u{200B}", false),
            ("я\u{200C}", false),
        ] {
            let mut characters = text.chars().rev();
            let last = characters.next().expect("a character");
            assert!(is_invisible(last), "{text:?}");
            assert_eq!(is_needed(last, characters.next()), needed, "{text:?}");
        }
    }

    #[test]
    fn what_looks_alike_is_alike() {
        for (one, other) in [
            ("guarantee", "guаrаntее"),
            ("full", "fu11"),
            ("cash", "саѕһ"),
        ] {
            let all = |text: &str| text.chars().map(alike).collect::<String>();
            assert_eq!(all(one), all(other));
        }
    }
}
