//! A quotation, its parts, and what becomes of it.

use crate::characters::is_letter;
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
    /// Its parts between ellipses.
    pub(crate) parts: Vec<Part>,
    /// How many words it has.
    pub(crate) words: usize,
    /// What it cites.
    pub(crate) citation: Citation,
    /// What became of it.
    pub(crate) state: State,
}

/// What stands between ellipses, from letter or digit to letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    /// Its normal form.
    pub(crate) text: String,
    /// The first letter stood in brackets: its case is the writer's.
    pub(crate) any_case: bool,
}

impl Part {
    /// A part that has to occur as it is.
    #[cfg(test)]
    pub(crate) fn verbatim(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            any_case: false,
        }
    }

    /// All texts that it may be in the source.
    pub(crate) fn spellings(&self) -> Vec<String> {
        let mut characters = self.text.chars();
        let Some(first) = characters.next().filter(|_| self.any_case) else {
            return vec![self.text.clone()];
        };
        let rest = characters.as_str();
        let (lower, upper) = (first.to_lowercase(), first.to_uppercase());
        vec![format!("{lower}{rest}"), format!("{upper}{rest}")]
    }
}

/// What becomes of a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// It is to be looked for.
    Open,
    /// It occurs in the source of this index; where it stands in the normal form of that.
    Verified { source: usize, range: Range<u64> },
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
        let normal = without_sic(normalised(&found.content, params.normalisation));
        let parts = split(&normal);
        let count = |part: &Part| words(&part.text).count();
        let words = parts.iter().map(count).sum::<usize>();
        let words = words.max(seen_words(&found.content));
        if !found.is_block && words < params.min_words {
            return None;
        }
        let mut quotation = Self {
            text,
            range: found.range,
            line: found.line,
            normal,
            parts,
            words,
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
        let (fewest, most) = (params.ellipsis.min_part_words, params.ellipsis.max_parts);
        if self.parts.is_empty() {
            let reason = "Nothing is quoted here, or nothing but an attribution.";
            return Some(("quotation-empty", reason.to_owned()));
        }
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
        if self.parts.len() > most {
            let reason = format!("Ellipses divide the quotation into more than {most} parts.");
            return Some(("too-many-parts", reason));
        }
        let is_short = |part: &Part| words(&part.text).count() < fewest;
        if self.parts.len() > 1 && self.parts.iter().any(is_short) {
            let reason = format!("A part between ellipses has fewer than {fewest} words.");
            return Some(("part-too-short", reason));
        }
        None
    }
}

/// How many words a reader sees, whatever the normal form makes of what stands between them: soft
/// hyphens at line ends, and letters that look like a space.
fn seen_words(text: &str) -> usize {
    let parts = |it: char| match it {
        '\'' | '’' => false,
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => true,
        _ => !is_letter(it),
    };
    text.split(parts).filter(|word| !word.is_empty()).count()
}

/// How many different passages are quoted verbatim, each with at least `min_words` words: as many verified
/// quotations as there are of which no two overlap in a source.
pub(crate) fn passages(quotations: &[Quotation], min_words: usize) -> u64 {
    let long = quotations.iter().filter(|it| it.words >= min_words);
    let mut places: Vec<_> = long
        .filter_map(|quotation| match &quotation.state {
            State::Verified { source, range } => Some((*source, range.end, range.start)),
            _ => None,
        })
        .collect();
    places.sort_unstable();
    let (mut count, mut last) = (0, None);
    for (source, end, start) in places {
        if last.is_none_or(|last| (source, start) >= last) {
            count += 1;
            last = Some((source, end));
        }
    }
    count
}

/// The remark `[sic]` is the writer's.
fn without_sic(normal: String) -> String {
    if !normal.contains("[sic") {
        return normal;
    }
    let remarks = [" [sic]", "[sic]", " [sic!]", "[sic!]"];
    remarks
        .iter()
        .fold(normal, |normal, remark| normal.replace(remark, ""))
}

/// Splits at ellipses (three or more dots, with or without single spaces between them, or `…`) and
/// trims each part to letters and digits; parts without any are left out.
fn split(normal: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = normal;
    while let Some(ellipsis) = find_ellipsis(rest) {
        parts.push(&rest[..ellipsis.start]);
        rest = &rest[ellipsis.end..];
    }
    parts.push(rest);
    parts.into_iter().filter_map(part).collect()
}

fn part(text: &str) -> Option<Part> {
    let is_edge = |it: char| !it.is_alphanumeric();
    let trimmed = text.trim_matches(is_edge);
    if trimmed.is_empty() {
        return None;
    }
    let bracketed = text
        .trim_start_matches(|it: char| is_edge(it) && it != '[')
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .filter(|(letter, rest)| {
            let mut letter = letter.chars();
            let single = letter.next().is_some_and(char::is_alphabetic) && letter.next().is_none();
            single && rest.starts_with(char::is_alphabetic)
        });
    Some(match bracketed {
        Some((letter, rest)) => Part {
            text: format!("{letter}{}", rest.trim_end_matches(is_edge)),
            any_case: true,
        },
        None => Part {
            text: trimmed.to_owned(),
            any_case: false,
        },
    })
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
    use super::{Part, seen_words, split, without_sic};

    #[test]
    fn words_are_counted_as_they_are_seen() {
        assert_eq!(seen_words("I don't\u{AD}\nknow\u{3164}it"), 4);
    }

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
            ("[he] went", vec!["he] went"]),
        ] {
            let parts: Vec<_> = parts.into_iter().map(Part::verbatim).collect();
            assert_eq!(split(text), parts, "{text}");
        }
    }

    #[test]
    fn what_editors_put_in_is_theirs() {
        let parts = split("'[t]here is ... [E]nd of it'");
        let spellings: Vec<_> = parts.iter().flat_map(Part::spellings).collect();
        assert_eq!(
            spellings,
            ["there is", "There is", "end of it", "End of it"]
        );
        assert_eq!(without_sic("a freind [sic] of".to_owned()), "a freind of");
    }
}
