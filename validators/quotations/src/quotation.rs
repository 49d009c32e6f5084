//! A quotation, its parts, and what becomes of it.

use crate::normal::normalised;
use crate::params::{Params, Uncited};
use crate::source::nearest::Passage;
use crate::text::{Citation, Found};
use crate::words::words;
use std::ops::Range;

/// A quotation of more normalised bytes is not looked for: the window over the source has to hold it.
pub(crate) const MAX_QUOTATION_BYTES: usize = 64 * 1024;

/// A quotation of a text.
#[derive(Debug, Clone)]
pub(crate) struct Quotation {
    /// Which text, by index.
    pub(crate) text: usize,
    /// Its bytes in the text.
    pub(crate) range: Range<usize>,
    /// Its first line, from 1.
    pub(crate) line: u64,
    /// Its normal form, with ellipses.
    pub(crate) normal: String,
    /// Its parts between ellipses, each from letter or digit to letter or digit.
    pub(crate) parts: Vec<String>,
    /// What it cites.
    pub(crate) citation: Citation,
    /// What became of it.
    pub(crate) state: State,
}

/// What becomes of a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// It is to be looked for.
    Open,
    /// It occurs in the source of this index, in this line.
    Verified { source: usize, line: u64 },
    /// It cannot be looked for; the code of the finding, and why.
    Refused { code: &'static str, reason: String },
    /// It does not occur in the sources that it names.
    Absent(Absent),
}

/// What is known of a quotation that does not occur where it should.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Absent {
    /// All its parts occur in the source of this index, but not in order and near each other.
    pub(crate) scattered_in: Option<usize>,
    /// It occurs in this other source, in this line.
    pub(crate) elsewhere: Option<(usize, u64)>,
    /// The most similar passage.
    pub(crate) nearest: Option<Passage>,
}

impl Quotation {
    /// What was found in text number `text`; `None` if it is no quotation: it has too few words, or is
    /// uncited and that is to be ignored.
    pub(crate) fn new(found: Found, text: usize, params: &Params) -> Option<Self> {
        if found.citation == Citation::None && params.uncited == Uncited::Ignore {
            return None;
        }
        let normal = normalised(&found.content, params.normalisation);
        let parts = split(&normal);
        let count = parts.iter().map(|part| words(part).count()).sum::<usize>();
        if parts.is_empty() || (!found.is_block && count < params.min_words) {
            return None;
        }
        let mut quotation = Self {
            text,
            range: found.range,
            line: found.line,
            normal,
            parts,
            citation: found.citation,
            state: State::Open,
        };
        if let Some((code, reason)) = quotation.refusal(params) {
            quotation.state = State::Refused { code, reason };
        }
        Some(quotation)
    }

    /// Whether it may be verified by this source.
    pub(crate) fn accepts(&self, source: usize) -> bool {
        match &self.citation {
            Citation::Sources(sources) => sources.contains(&source),
            Citation::None => true, // only open if any source will do
            Citation::Unknown => false,
        }
    }

    fn refusal(&self, params: &Params) -> Option<(&'static str, String)> {
        let fewest = params.ellipsis.min_part_words;
        if self.citation == Citation::None && params.uncited != Uncited::Search {
            return Some((
                "quotation-uncited",
                "The quotation names no source.".to_owned(),
            ));
        }
        if self.citation == Citation::Unknown {
            let reason = "The quotation names a source that is not among the references.";
            return Some(("quotation-source-unknown", reason.to_owned()));
        }
        if self.normal.len() > MAX_QUOTATION_BYTES {
            let reason = format!("The quotation is longer than {MAX_QUOTATION_BYTES} bytes.");
            return Some(("quotation-too-long", reason));
        }
        if self.parts.len() > 1 && self.parts.iter().any(|part| words(part).count() < fewest) {
            let reason = format!("A part between ellipses has fewer than {fewest} words.");
            return Some(("part-too-short", reason));
        }
        None
    }
}

/// Splits at ellipses (three or more dots, with or without single spaces between them, or `…`) and
/// trims each part to letters and digits; parts without any are left out.
fn split(normal: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = normal;
    while let Some(ellipsis) = find_ellipsis(rest) {
        parts.push(&rest[..ellipsis.start]);
        rest = &rest[ellipsis.end..];
    }
    parts.push(rest);
    let trimmed = parts
        .into_iter()
        .map(|part| part.trim_matches(|it: char| !it.is_alphanumeric()));
    trimmed
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn find_ellipsis(text: &str) -> Option<Range<usize>> {
    let mut from = 0;
    while let Some(at) = text[from..].find(['.', '…']) {
        let start = from + at;
        let (end, dots) = dots_from(text, start);
        if dots >= 3 {
            return Some(start..end);
        }
        from = end;
    }
    None
}

/// Where the run of dots ends that begins at `start`, and how many there are.
fn dots_from(text: &str, start: usize) -> (usize, usize) {
    let (mut end, mut dots) = (start, 0);
    let mut rest = &text[start..];
    loop {
        let dotted = if dots > 0 {
            rest.strip_prefix(' ').unwrap_or(rest)
        } else {
            rest
        };
        let (after, count) = match (dotted.strip_prefix('.'), dotted.strip_prefix('…')) {
            (Some(after), _) => (after, 1),
            (_, Some(after)) => (after, 3),
            _ => return (end, dots),
        };
        dots += count;
        end = text.len() - after.len();
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn ellipses_split_and_edges_are_trimmed() {
        for (text, parts) in [
            ("'Well, now.'", vec!["Well, now"]),
            ("one two ... three. Four", vec!["one two", "three. Four"]),
            ("one [...] two … three", vec!["one", "two", "three"]),
            ("one . . . two.... three", vec!["one", "two", "three"]),
            ("... one. two ..", vec!["one. two"]),
            ("don't (stop)", vec!["don't (stop"]),
            ("...!", vec![]),
        ] {
            assert_eq!(split(text), parts, "{text}");
        }
    }
}
