//! What no added line may contain.

use crate::literals::Literals;
use crate::names::is_hidden;
use crate::params::Params;
use crate::secrets::KINDS;
use proofmark_validator_sdk::{CheckBuilder, Finding, Severity, excerpt};

/// As much of a line is shown.
const SHOWN: usize = 160;

/// Looks at lines.
pub(crate) struct Hygiene<'p> {
    path: &'p str,
    forbidden: &'p [String],
    /// The forbidden texts, then the beginnings of secrets.
    literals: Literals,
}

impl<'p> Hygiene<'p> {
    pub(crate) fn new(params: &'p Params) -> Self {
        let forbidden = params.forbidden_text.iter().map(String::as_bytes);
        let kinds = if params.secrets { KINDS.len() } else { 0 };
        let starts = KINDS.iter().take(kinds).map(|kind| kind.start);
        Self {
            path: &params.path,
            forbidden: &params.forbidden_text,
            literals: Literals::new(forbidden.chain(starts)),
        }
    }

    /// Tells what is wrong with an added line; whether nothing is.
    pub(crate) fn line(&self, number: u64, text: &[u8], check: &mut CheckBuilder) -> bool {
        let before = check.findings_total();
        let mut tell = |code: &'static str, message: &dyn Fn() -> String, shown: bool| {
            check.finding_of(Severity::Major, || {
                let finding = Finding::new(code, message()).at_line(self.path, number);
                match shown {
                    true => finding.actual(excerpt(text, SHOWN)),
                    false => finding,
                }
            });
        };
        if is_conflict_marker(text) {
            tell(
                "conflict-marker",
                &|| "A conflict is not resolved.".to_owned(),
                true,
            );
        }
        if let Some((code, message)) = character(text) {
            tell(code, &|| message.say(), false);
        }
        let mut seen = 0_u64;
        self.literals.find(text, |index, end| {
            let again = seen & (1 << index) != 0;
            match self.forbidden.get(index) {
                _ if again => return,
                Some(forbidden) => {
                    let message = || format!("The line has the text `{forbidden}`.");
                    tell("forbidden-text", &message, true);
                }
                None => {
                    let kind = &KINDS[index - self.forbidden.len()];
                    if !kind.is_at(text, end) {
                        return;
                    }
                    // Not shown: a report is read by more people than the diff.
                    let message = || format!("The line has {} in it.", kind.name);
                    tell("secret", &message, false);
                }
            }
            seen |= 1 << index;
        });
        check.findings_total() == before
    }
}

/// As `git diff --check` sees it: seven of one sign, and then the end or a space.
fn is_conflict_marker(text: &[u8]) -> bool {
    let Some((first @ (b'<' | b'=' | b'>' | b'|'), _)) = text.split_first() else {
        return false;
    };
    let alike = text.iter().take(7).filter(|byte| *byte == first).count() == 7;
    alike && text.get(7).is_none_or(u8::is_ascii_whitespace)
}

/// A character that nobody sees, or that shows others elsewhere than they are.
enum Unseen {
    Bytes(usize),
    Control(char),
    Hidden(char),
}

impl Unseen {
    fn say(&self) -> String {
        match self {
            Self::Bytes(at) => format!("The line is not UTF-8 after byte {at}."),
            Self::Control(c) => format!(
                "The line has the control character U+{:04X}.",
                u32::from(*c)
            ),
            Self::Hidden(c) => {
                format!("The line has U+{:04X}, which is not seen.", u32::from(*c))
            }
        }
    }
}

/// The first such character of a line. A tab is none, nor is the carriage return of a line that ends with both.
fn character(text: &[u8]) -> Option<(&'static str, Unseen)> {
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    if text.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        return None;
    }
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => return Some(("not-utf8", Unseen::Bytes(error.valid_up_to()))),
    };
    text.chars().find_map(|c| match c {
        '\t' => None,
        _ if c.is_control() => Some(("control-character", Unseen::Control(c))),
        _ if is_hidden(c) => Some(("invisible-character", Unseen::Hidden(c))),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{character, is_conflict_marker};

    #[test]
    fn markers_are_those_that_git_sees() {
        for (line, expected) in [
            ("<<<<<<< HEAD", true),
            ("=======", true),
            ("=======\r", true),
            (">>>>>>> theirs", true),
            ("||||||| base", true),
            ("======", false),
            ("========", false),
            ("<<<<<<<HEAD", false),
            (" =======", false),
            ("<<<<>>> x", false),
            ("", false),
        ] {
            assert_eq!(is_conflict_marker(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn characters_that_are_not_seen_are_told() {
        let code = |text: &str| character(text.as_bytes()).map(|it| it.0);
        for (line, expected) in [
            ("\tplain é 漢 😀", None),
            ("ends\r", None),
            ("hidden\rshown", Some("control-character")),
            ("\u{1b}[2J", Some("control-character")),
            (
                "/* \u{202e} } \u{2066}if (is_admin)\u{2069} \u{2066} */",
                Some("invisible-character"),
            ),
            ("let a\u{200b} = 1;", Some("invisible-character")),
            ("let \u{3164} = 1;", Some("invisible-character")),
            ("\u{feff}x", Some("invisible-character")),
        ] {
            assert_eq!(code(line), expected, "{line:?}");
        }
        assert_eq!(character(b"a\xff").map(|it| it.0), Some("not-utf8"));
    }
}
