//! Properties of characters, remembered: to look one up in the tables of Unicode takes hundreds of
//! instructions, and texts and sources use the same few characters over and over.

use std::cell::RefCell;
use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, is_nfc_quick};

/// Characters of a page.
const PAGE: usize = 256;
/// Pages that are remembered: the first three planes.
const PAGES: usize = 0x3_0000 / PAGE;

/// A property of characters; each page is worked out when it is first asked for.
struct Property {
    holds: fn(char) -> bool,
    pages: Vec<Option<[bool; PAGE]>>,
}

thread_local! {
    static LETTER: RefCell<Property> = RefCell::new(Property::new(char::is_alphanumeric));
    static COMPOSED: RefCell<Property> = RefCell::new(Property::new(stands_alone));
}

/// Whether the character is a letter or digit.
pub(crate) fn is_letter(character: char) -> bool {
    match character {
        '\0'..='\x7F' => character.is_ascii_alphanumeric(),
        // Latin-1 but its signs.
        '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{FF}' => true,
        '\u{2000}'..='\u{206F}' => false,
        other => LETTER.with_borrow_mut(|letter| letter.holds(other)),
    }
}

/// Whether NFC leaves the character as it is, whatever stands before and after it.
pub(crate) fn is_composed(character: char) -> bool {
    character < '\u{300}' || COMPOSED.with_borrow_mut(|composed| composed.holds(character))
}

fn stands_alone(character: char) -> bool {
    canonical_combining_class(character) == 0
        && is_nfc_quick(std::iter::once(character)) == IsNormalized::Yes
}

impl Property {
    fn new(holds: fn(char) -> bool) -> Self {
        Self {
            holds,
            pages: Vec::new(),
        }
    }

    fn holds(&mut self, character: char) -> bool {
        let code = character as usize;
        let (page, at) = (code / PAGE, code % PAGE);
        if page >= PAGES {
            return (self.holds)(character);
        }
        if self.pages.len() <= page {
            self.pages.resize(page + 1, None);
        }
        let test = self.holds;
        let known = self.pages[page].get_or_insert_with(|| {
            let of = |at: usize| char::from_u32((page * PAGE + at) as u32);
            std::array::from_fn(|at| of(at).is_some_and(test))
        });
        known[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn letters_are_those_of_unicode() {
        for character in (0..=0x3_1000).step_by(7).filter_map(char::from_u32) {
            assert_eq!(
                is_letter(character),
                character.is_alphanumeric(),
                "{character:?}"
            );
        }
    }

    #[test]
    fn what_is_composed_stays_as_it_is() {
        for character in (0..=0xFFFF).step_by(3).filter_map(char::from_u32) {
            if is_composed(character) {
                assert_eq!(
                    character.to_string().nfc().collect::<String>(),
                    character.to_string()
                );
            }
        }
    }
}
