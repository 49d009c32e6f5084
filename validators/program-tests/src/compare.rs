//! Whether an output is the right one.

use crate::params::Compare;

/// Whether an output is the right one.
pub(crate) fn same(how: Compare, wanted: &[u8], found: &[u8]) -> bool {
    match how {
        Compare::Bytes => wanted == found,
        Compare::Lines => lines(wanted).eq(lines(found)),
        Compare::Words => words(wanted).eq(words(found)),
    }
}

/// Lines without the spaces that end them; empty lines at the end are none.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = text.trim_ascii_end();
    end.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end)
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parts = text.split(u8::is_ascii_whitespace);
    parts.filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_compared_as_the_parameters_say() {
        let cases: [(&str, &str, [bool; 3]); 7] = [
            ("a\n", "a\n", [true, true, true]),
            ("a\n", "a", [false, true, true]),
            ("a\nb\n", "a  \r\nb\n\n", [false, true, true]),
            ("a\nb\n", "a b", [false, false, true]),
            ("a\nb\n", "\na\nb\n", [false, false, true]),
            ("a\n", " a\n", [false, false, true]),
            ("a\n", "b\n", [false, false, false]),
        ];
        for (wanted, found, expected) in cases {
            let how = [Compare::Bytes, Compare::Lines, Compare::Words];
            let results = how.map(|how| same(how, wanted.as_bytes(), found.as_bytes()));
            assert_eq!(results, expected, "{wanted:?} {found:?}");
        }
    }
}
