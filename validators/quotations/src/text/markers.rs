//! Citation markers: `[id]`, `[id, p. 3]`, `[a; b]`, `[@id]`, and footnotes `[^label]`.

use super::Rules;
use std::collections::BTreeMap;
use std::ops::Range;

/// A marker has no more bytes between its brackets.
const MAX_MARKER_BYTES: usize = 200;
/// No more of a footnote is read for what it cites.
const MAX_FOOTNOTE_BYTES: usize = 1_000;
/// More markers than any book has; each takes some hundred bytes.
const MAX_MARKERS: usize = 50_000;
/// Boxes of task lists, in plain text.
const BOXES: [&str; 2] = ["x", "X"];

/// What a marker points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A source id.
    Source(String),
    /// A footnote's label.
    Footnote(String),
}

/// One pair of brackets that cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    /// With its brackets.
    pub(super) range: Range<usize>,
    /// At least one.
    pub(super) targets: Vec<Target>,
}

/// All markers of a text.
#[derive(Debug, Default)]
pub(super) struct Markers {
    /// In the order of the text.
    pub(super) list: Vec<Marker>,
    footnotes: BTreeMap<String, Vec<String>>,
    /// There are more than are read.
    pub(super) overflow: bool,
}

/// What a source may be called: a letter or digit, then letters, digits and `_ . : / -`.
pub(crate) fn is_source_id(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_alphanumeric())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.:/-".contains(&byte))
}

impl Markers {
    /// Finds the markers of a text, of which `links` are the ranges that are links.
    pub(super) fn find(text: &str, links: &[Range<usize>], rules: &Rules<'_>) -> Self {
        let mut finder = Finder {
            text,
            rules,
            found: Self::default(),
        };
        finder.find_markers();
        finder.add_links(links);
        finder.found
    }

    /// The source ids that a footnote names; `None` if it has no text.
    pub(super) fn footnote(&self, label: &str) -> Option<&[String]> {
        self.footnotes.get(label).map(Vec::as_slice)
    }

    /// The markers that lie within a range.
    pub(super) fn within(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.list.partition_point(|it| it.range.start < range.start);
        let last = self.list.partition_point(|it| it.range.end <= range.end);
        first..last.max(first)
    }
}

struct Finder<'a> {
    text: &'a str,
    rules: &'a Rules<'a>,
    found: Markers,
}

impl Finder<'_> {
    /// A link cites if what is shown of it names a known source, or has the form of a citation key and
    /// links are to be judged.
    fn add_links(&mut self, links: &[Range<usize>]) {
        for range in links {
            let ids: Vec<_> = self.text[range.clone()].split(';').map(source_id).collect();
            let known = ids.iter().flatten().any(|id| self.rules.knows(id));
            let key = self.rules.judge_links && ids.iter().all(|id| id.is_some_and(is_key));
            if known || key {
                let targets = ids.into_iter().flatten();
                self.found.list.push(Marker {
                    range: range.clone(),
                    targets: targets.map(|id| Target::Source(id.to_owned())).collect(),
                });
            }
        }
        self.found.list.sort_by_key(|marker| marker.range.start);
        self.found.overflow |= self.found.list.len() > MAX_MARKERS;
    }

    fn find_markers(&mut self) {
        let mut from = 0;
        while let Some(at) = self.text[from..].find('[') {
            if self.found.list.len() + self.found.footnotes.len() >= MAX_MARKERS {
                self.found.overflow = true;
                return;
            }
            let start = from + at;
            from = start + 1;
            let rest = &self.text[from..];
            let Some(len) = rest
                .find(['[', ']'])
                .filter(|len| rest[*len..].starts_with(']'))
            else {
                continue;
            };
            let range = start..from + len + 1;
            let inner = &self.text[from..from + len];
            if len > MAX_MARKER_BYTES || inner.contains("\n\n") {
                continue;
            }
            if let Some(label) = inner.strip_prefix('^').filter(|_| self.defines(&range)) {
                self.define(label.trim(), range.end + 1);
                continue;
            }
            let targets = self.targets(inner, &range);
            if !targets.is_empty() {
                self.found.list.push(Marker { range, targets });
            }
        }
    }

    fn targets(&self, inner: &str, range: &Range<usize>) -> Vec<Target> {
        if let Some(label) = inner.strip_prefix('^') {
            return vec![Target::Footnote(label.trim().to_owned())];
        }
        let ids: Vec<_> = inner.split(';').map(source_id).collect();
        let known = ids.iter().flatten().any(|id| self.rules.knows(id));
        if !known && (ids.contains(&None) || self.is_editorial(inner, range)) {
            return Vec::new();
        }
        ids.into_iter()
            .flatten()
            .map(|id| Target::Source(id.to_owned()))
            .collect()
    }

    /// `[T]he`, `word[s]`, remarks such as `[sic]`, and the boxes of a task list cite nothing.
    fn is_editorial(&self, inner: &str, range: &Range<usize>) -> bool {
        let after = self.text[range.end..].chars().next();
        let before = self.text[..range.start].chars().next_back();
        let ending = inner.len() <= 3 && inner.bytes().all(|byte| byte.is_ascii_lowercase());
        BOXES.contains(&inner)
            || self.rules.remarks.contains(&inner.to_lowercase())
            || after.is_some_and(char::is_alphanumeric)
            || (ending && before.is_some_and(char::is_alphabetic))
    }

    /// Whether the brackets stand at the beginning of a line and before a colon.
    fn defines(&self, range: &Range<usize>) -> bool {
        let before = self.text[..range.start].trim_end_matches([' ', '\t']);
        self.text[range.end..].starts_with(':') && (before.is_empty() || before.ends_with('\n'))
    }

    /// Reads what a footnote says: to a blank line or the next definition, and no further than its first
    /// bytes. The first definition of a label counts.
    fn define(&mut self, label: &str, start: usize) {
        let rest = &self.text[start..];
        let rest = &rest[..rest.floor_char_boundary(MAX_FOOTNOTE_BYTES)];
        let ends = |after: &str| ["\n", "\r\n", "[^"].iter().any(|it| after.starts_with(it));
        let mut lines = rest.match_indices('\n').map(|(at, _)| at);
        let end = lines.find(|at| ends(&rest[at + 1..]));
        let body = rest[..end.unwrap_or(rest.len())].trim();
        let mut ids = Vec::new();
        let first = body.split([',', ';', ' ', '\n', '(']).next().unwrap_or("");
        let first = first.trim_end_matches(['.', ':']).trim_start_matches('@');
        if self.rules.knows(first) {
            ids.push(first.to_owned());
        }
        for bracket in body.split('[').skip(1) {
            let inner = bracket.split(']').next().unwrap_or("");
            ids.extend(inner.split(';').filter_map(source_id).map(str::to_owned));
        }
        ids.retain(|id| self.rules.knows(id));
        self.found.footnotes.entry(label.to_owned()).or_insert(ids);
    }
}

/// The id of `id`, `id, locator`, `@id locator`; `None` if it is not the form of a citation.
fn source_id(text: &str) -> Option<&str> {
    let text = text.trim_matches(|it: char| it.is_whitespace() || it.is_control());
    let at_sign = text.trim_start_matches('-').strip_prefix('@');
    let id = match at_sign {
        Some(rest) => rest.split([',', ' ', '\n']).next()?,
        None => text.split(',').next()?,
    };
    let id = id.trim_end();
    is_source_id(id).then_some(id)
}

/// Whether an id looks like a citation key (`smith2020`, `12`, `RFC9110`) and not like a word or an
/// address.
fn is_key(id: &str) -> bool {
    id.bytes().any(|byte| byte.is_ascii_digit()) && !id.contains(['/', '.', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn find(text: &str) -> Markers {
        let sources = BTreeMap::from([("origin", 0), ("1", 1)]);
        let remarks = BTreeSet::from(["sic".to_owned()]);
        let link: Vec<_> = text.find('<').zip(text.find('>')).into_iter().collect();
        let links: Vec<_> = link.iter().map(|(start, end)| start + 1..*end).collect();
        Markers::find(
            text,
            &links,
            &super::super::tests::rules(&sources, &remarks),
        )
    }

    fn list(text: &str) -> Vec<String> {
        let found = find(text);
        let targets = found.list.iter().flat_map(|marker| &marker.targets);
        let shown = targets.map(|target| match target {
            Target::Source(id) => id.clone(),
            Target::Footnote(label) => format!("^{label}"),
        });
        shown.collect()
    }

    #[test]
    fn citations_have_an_id_and_perhaps_a_locator() {
        assert_eq!(
            list("a [origin] b [smith2020, p. 3] c[1]"),
            ["origin", "smith2020", "1"]
        );
        assert_eq!(
            list("[@origin p. 4; -@x] [origin; other]"),
            ["origin", "x", "origin", "other"]
        );
        assert_eq!(list("[^2] and [origin,\np. 9]"), ["^2", "origin"]);
    }

    #[test]
    fn other_brackets_cite_nothing() {
        for text in [
            "[see below]",
            "[...]",
            "[…]",
            "[T]he",
            "word[s]",
            "[sic]",
            "- [x] done",
            "[ ]",
            "[]",
            "[Sic]",
            "a <link> b",
            "a <http://b.c/d1> b",
            "[a\n\nb]",
            "[open",
        ] {
            assert_eq!(list(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn links_that_look_like_citations_cite() {
        assert_eq!(list("a <origin> b"), ["origin"]);
        assert_eq!(list("[1] <smith2020> [2]"), ["1", "smith2020", "2"]);
    }

    #[test]
    fn footnotes_name_sources() {
        let text = "[^1]: origin, p. 3\n[^2]: See [origin; x].\n[^3]: An aside\n\n[^4]";
        let found = find(text);
        assert_eq!(found.footnote("1"), Some(&["origin".to_owned()][..]));
        assert_eq!(found.footnote("2"), Some(&["origin".to_owned()][..]));
        assert_eq!(found.footnote("3"), Some(&[][..]));
        assert_eq!(found.footnote("4"), None);
        assert_eq!(found.list.len(), 2, "{:?}", found.list);
    }
}
