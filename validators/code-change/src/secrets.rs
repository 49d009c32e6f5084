//! Secrets that are known by their form. What only looks like chance is not guessed at.

/// How a kind of secret is written.
pub(crate) struct Kind {
    /// For people.
    pub(crate) name: &'static str,
    /// How it begins.
    pub(crate) start: &'static [u8],
    /// What follows.
    rest: Rest,
}

enum Rest {
    /// So many characters of this kind, and no letter or digit after them.
    Exactly(usize, fn(u8) -> bool),
    /// At least so many.
    AtLeast(usize, fn(u8) -> bool),
    /// What the header of a private key in PEM goes on with.
    Pem,
}

const fn kind(name: &'static str, start: &'static [u8], rest: Rest) -> Kind {
    Kind { name, start, rest }
}

/// All kinds that are known.
pub(crate) const KINDS: [Kind; 22] = [
    kind("a private key", b"-----BEGIN ", Rest::Pem),
    kind("an AWS access key", b"AKIA", Rest::Exactly(16, is_base32)),
    kind("an AWS access key", b"ASIA", Rest::Exactly(16, is_base32)),
    kind(
        "a GitHub token",
        b"ghp_",
        Rest::AtLeast(36, is_alphanumeric),
    ),
    kind(
        "a GitHub token",
        b"gho_",
        Rest::AtLeast(36, is_alphanumeric),
    ),
    kind(
        "a GitHub token",
        b"ghu_",
        Rest::AtLeast(36, is_alphanumeric),
    ),
    kind(
        "a GitHub token",
        b"ghs_",
        Rest::AtLeast(36, is_alphanumeric),
    ),
    kind(
        "a GitHub token",
        b"ghr_",
        Rest::AtLeast(36, is_alphanumeric),
    ),
    kind("a GitHub token", b"github_pat_", Rest::AtLeast(40, is_word)),
    kind(
        "a GitLab token",
        b"glpat-",
        Rest::AtLeast(20, is_word_or_hyphen),
    ),
    kind(
        "a Slack token",
        b"xoxa-",
        Rest::AtLeast(10, is_word_or_hyphen),
    ),
    kind(
        "a Slack token",
        b"xoxb-",
        Rest::AtLeast(10, is_word_or_hyphen),
    ),
    kind(
        "a Slack token",
        b"xoxe-",
        Rest::AtLeast(10, is_word_or_hyphen),
    ),
    kind(
        "a Slack token",
        b"xoxe.",
        Rest::AtLeast(10, is_word_or_hyphen),
    ),
    kind(
        "a Slack token",
        b"xoxp-",
        Rest::AtLeast(10, is_word_or_hyphen),
    ),
    kind(
        "a Slack token",
        b"xoxr-",
        Rest::AtLeast(10, is_word_or_hyphen),
    ),
    kind(
        "a Slack token",
        b"xoxs-",
        Rest::AtLeast(10, is_word_or_hyphen),
    ),
    kind(
        "a Slack token",
        b"xapp-",
        Rest::AtLeast(10, is_word_or_hyphen),
    ),
    kind(
        "a Stripe key",
        b"sk_live_",
        Rest::AtLeast(16, is_alphanumeric),
    ),
    kind(
        "a Stripe key",
        b"rk_live_",
        Rest::AtLeast(16, is_alphanumeric),
    ),
    kind(
        "a Google API key",
        b"AIza",
        Rest::AtLeast(35, is_word_or_hyphen),
    ),
    kind("an npm token", b"npm_", Rest::AtLeast(36, is_alphanumeric)),
];

/// The longest rest of a PEM header.
const MAX_PEM: usize = 64;

fn is_base32(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7')
}

fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_word_or_hyphen(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

impl Kind {
    /// Whether such a secret stands in the line, if its beginning ends at `end`.
    pub(crate) fn is_at(&self, line: &[u8], end: usize) -> bool {
        let (before, rest) = (&line[..end - self.start.len()], &line[end..]);
        // Within a longer word it is something else.
        let apart = !before.last().is_some_and(|byte| is_word(*byte));
        let run = |of: fn(u8) -> bool, most: usize| {
            let part = &rest[..rest.len().min(most)];
            part.iter().take_while(|byte| of(**byte)).count()
        };
        match self.rest {
            Rest::Exactly(count, of) => {
                let goes_on = rest.get(count).is_some_and(|byte| is_alphanumeric(*byte));
                apart && run(of, count) == count && !goes_on
            }
            Rest::AtLeast(count, of) => apart && run(of, count) == count,
            Rest::Pem => {
                let header = &rest[..rest.len().min(MAX_PEM)];
                let is = |it: &[u8]| it == b"PRIVATE KEY-----" || it == b"PRIVATE KEY BLOCK---";
                header.windows(16).chain(header.windows(20)).any(is)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KINDS;

    fn names(line: &str) -> Vec<&'static str> {
        let line = line.as_bytes();
        let found = KINDS.iter().filter(|kind| {
            let mut windows = line.windows(kind.start.len()).enumerate();
            windows.any(|(at, it)| it == kind.start && kind.is_at(line, at + kind.start.len()))
        });
        found.map(|kind| kind.name).collect()
    }

    #[test]
    fn secrets_are_known_by_their_form() {
        let x = |count: usize| "x7".repeat(count).split_off(count);
        for (line, expected) in [
            (
                "key = \"AKIAIOSFODNN7EXAMPLE\"".to_owned(),
                Some("an AWS access key"),
            ),
            ("AKIAIOSFODNN7EXAMPLEX".to_owned(), None),
            ("xAKIAIOSFODNN7EXAMPLE".to_owned(), None),
            ("AKIAIOSFODNN7EXAMPL".to_owned(), None),
            (
                ["-----BEGIN RSA ", "PRIVATE KEY-----"].concat(),
                Some("a private key"),
            ),
            (
                ["-----BEGIN PGP ", "PRIVATE KEY BLOCK-----"].concat(),
                Some("a private key"),
            ),
            ("-----BEGIN PUBLIC KEY-----".to_owned(), None),
            (format!("(ghp_{})", x(36)), Some("a GitHub token")),
            (format!("ghp_{}", x(35)), None),
            (format!("github_pat_{}", x(60)), Some("a GitHub token")),
            (format!("xoxb-{}", x(24)), Some("a Slack token")),
            ("xoxb-short".to_owned(), None),
            (format!("AIza{}", x(35)), Some("a Google API key")),
        ] {
            assert_eq!(names(&line), Vec::from_iter(expected), "{line}");
        }
    }
}
