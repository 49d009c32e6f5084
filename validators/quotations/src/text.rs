//! Quotations and citations in a text. `README.md` states what is taken for one.

mod attach;
mod blocks;
mod defect;
mod density;
mod inline;
mod lines;
mod markdown;
mod markers;
mod rendered;

pub(crate) use defect::Defect;
pub(crate) use density::MAX_MARKS;
pub(crate) use markers::is_source_id;

use attach::Attach;
use blocks::Block;
use lines::Lines;
use markers::{Markers, Target};
use rendered::Rendered;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// More quotations than any book has; each takes some hundred bytes beside its text.
const MAX_QUOTATIONS: usize = 5_000;
/// A text with more places that cannot be judged is given up.
const MAX_DEFECTS: usize = 1_000;

/// What is taken for a quotation and a citation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    /// The text is Markdown.
    pub(crate) markdown: bool,
    /// Indices of sources by id.
    pub(crate) sources: &'a BTreeMap<&'a str, usize>,
    /// How far an inline quotation's citation may stand from it, in bytes.
    pub(crate) reach: usize,
    /// The fewest words between marks that make no quotation, to be told.
    pub(crate) min_words: usize,
    /// Bracketed words, in lower case, that cite nothing.
    pub(crate) remarks: &'a BTreeSet<String>,
    /// So many marks are left for the text.
    pub(crate) marks: usize,
    /// Links that look like citations are citations.
    pub(crate) judge_links: bool,
}

impl Rules<'_> {
    fn knows(&self, id: &str) -> bool {
        self.sources.contains_key(id)
    }
}

/// What a quotation cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Citation {
    /// Nothing.
    None,
    /// Only what is not among the sources.
    Unknown,
    /// Sources, by index; any of them may hold the quotation.
    Sources(Vec<usize>),
}

/// A quotation as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its bytes, without quotation marks and without an attribution.
    pub(crate) range: Range<usize>,
    /// Its first line, from 1.
    pub(crate) line: u64,
    /// What is quoted.
    pub(crate) content: String,
    /// A block quotation counts however short it is.
    pub(crate) is_block: bool,
    /// What it cites.
    pub(crate) citation: Citation,
}

/// One citation of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cited {
    /// The bytes of its marker.
    pub(crate) range: Range<usize>,
    /// The line of its marker, from 1.
    pub(crate) line: u64,
    /// The source id, or the label of the footnote, as written.
    pub(crate) name: String,
    /// Whether the source exists.
    pub(crate) kind: CitedKind,
}

/// Whether a cited source exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CitedKind {
    /// It does.
    Known,
    /// It does not.
    Unknown,
    /// The footnote has no text.
    UndefinedFootnote,
}

/// All that a text quotes and cites.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// In the order of the text.
    pub(crate) quotations: Vec<Found>,
    /// In the order of the text.
    pub(crate) citations: Vec<Cited>,
    /// Places that cannot be judged, in no particular order.
    pub(crate) defects: Vec<Defect>,
    /// Line ends and characters that may mean something.
    pub(crate) marks: usize,
    /// There is more than is read; what is here is not all.
    pub(crate) overflow: bool,
}

/// Reads a text.
pub(crate) fn read(text: &str, rules: &Rules<'_>) -> Reading {
    let marks = density::marks(text).filter(|_| rules.markdown);
    if rules.markdown && marks.is_none_or(|marks| marks > rules.marks) {
        return Reading {
            overflow: true,
            ..Reading::default()
        };
    }
    let mut rendered = if rules.markdown {
        markdown::render(text)
    } else {
        Rendered::plain(text)
    };
    let blocks = std::mem::take(&mut rendered.blocks);
    let mut reader = Reader {
        original: text,
        lines: Lines::new(text),
        markers: Markers::find(&rendered.text, &rendered.links, rules),
        rules,
        quoted: BTreeSet::new(),
        bare_footnotes: BTreeSet::new(),
        reading: Reading {
            defects: std::mem::take(&mut rendered.defects),
            marks: marks.unwrap_or_default(),
            ..Reading::default()
        },
        rendered,
    };
    for (at, block) in blocks.iter().enumerate() {
        if reader.reading.overflow {
            break;
        }
        match block {
            Block::Paragraph(range) => reader.read_paragraph(range.clone()),
            Block::Quote(lines) => {
                let before = at.checked_sub(1).and_then(|at| blocks.get(at));
                reader.read_block(lines, before, blocks.get(at + 1));
            }
        }
    }
    reader.finish()
}

struct Reader<'a> {
    original: &'a str,
    rendered: Rendered,
    lines: Lines,
    markers: Markers,
    rules: &'a Rules<'a>,
    /// Markers that stand inside of what is quoted: brackets of the quotation, not citations.
    quoted: BTreeSet<usize>,
    /// Footnotes without a known source that are all that a quotation cites.
    bare_footnotes: BTreeSet<usize>,
    reading: Reading,
}

impl Reader<'_> {
    fn read_paragraph(&mut self, paragraph: Range<usize>) {
        let quotes = inline::quotes(&self.rendered.text, paragraph.clone(), self.rules.min_words);
        let (closed, other): (Vec<_>, Vec<_>) =
            quotes.into_iter().partition(|quote| quote.defect.is_none());
        for quote in &closed {
            self.quoted.extend(self.markers.within(&quote.content));
        }
        let attach = self.attach();
        let cited: Vec<_> = (0..closed.len())
            .map(|at| attach.to_inline(&closed, at, &paragraph))
            .collect();
        for (quote, markers) in closed.iter().zip(cited) {
            let content = self.rendered.text[quote.content.clone()].to_owned();
            self.push(&quote.content, content, false, &markers);
        }
        for quote in other {
            let range = self.rendered.source(&quote.outer);
            let defect = quote
                .defect
                .map(|kind| Defect::new(self.original, kind, range));
            self.reading.defects.extend(defect);
        }
        self.reading.overflow |= self.reading.defects.len() > MAX_DEFECTS;
    }

    fn read_block(
        &mut self,
        lines: &[Range<usize>],
        before: Option<&Block>,
        after: Option<&Block>,
    ) {
        let attach = self.attach();
        let whole = match lines {
            [only] => only.clone(),
            [first, .., last] => first.start..last.end,
            [] => return,
        };
        let (lines, mut markers) = attach.split_attribution(lines);
        let range = match (lines.first(), lines.last()) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => whole, // nothing is quoted, which is told
        };
        if markers.is_empty() {
            markers = attach.around_block(before, after);
        }
        if !lines.is_empty() {
            self.quoted.extend(self.markers.within(&range));
        }
        let content: Vec<_> = lines
            .iter()
            .map(|line| &self.rendered.text[line.clone()])
            .collect();
        let content = content.join("\n");
        self.push(&range, content, true, &markers);
    }

    fn attach(&self) -> Attach<'_> {
        Attach {
            text: &self.rendered.text,
            markers: &self.markers,
            reach: self.rules.reach,
        }
    }

    fn push(&mut self, range: &Range<usize>, content: String, is_block: bool, markers: &[usize]) {
        if self.reading.quotations.len() >= MAX_QUOTATIONS {
            self.reading.overflow = true;
            return;
        }
        let citation = self.citation(markers);
        if citation == Citation::Unknown {
            self.bare_footnotes.extend(markers);
        }
        let range = self.rendered.source(range);
        let line = self.lines.number(range.start);
        self.reading.quotations.push(Found {
            range,
            line,
            content,
            is_block,
            citation,
        });
    }

    fn citation(&self, markers: &[usize]) -> Citation {
        if markers.is_empty() {
            return Citation::None;
        }
        let mut known = BTreeSet::new();
        for target in markers
            .iter()
            .flat_map(|marker| &self.markers.list[*marker].targets)
        {
            let ids = match target {
                Target::Source(id) => std::slice::from_ref(id),
                Target::Footnote(label) => self.markers.footnote(label).unwrap_or(&[]),
            };
            known.extend(
                ids.iter()
                    .filter_map(|id| self.rules.sources.get(id.as_str())),
            );
        }
        match known.is_empty() {
            true => Citation::Unknown,
            false => Citation::Sources(known.into_iter().collect()),
        }
    }

    fn finish(mut self) -> Reading {
        self.reading.overflow |= self.markers.overflow;
        for defect in &mut self.reading.defects {
            defect.line = self.lines.number(defect.range.start);
        }
        for (at, marker) in self.markers.list.iter().enumerate() {
            if self.quoted.contains(&at) {
                continue;
            }
            for target in &marker.targets {
                let Some((name, kind)) = self.cited(at, target) else {
                    continue;
                };
                let range = self.rendered.source(&marker.range);
                let line = self.lines.number(range.start);
                self.reading.citations.push(Cited {
                    range,
                    line,
                    name,
                    kind,
                });
            }
        }
        self.reading
    }

    /// What a target cites by itself. A footnote's own citations stand in its text; a footnote without
    /// any is a remark, unless a quotation rests on it.
    fn cited(&self, marker: usize, target: &Target) -> Option<(String, CitedKind)> {
        match target {
            Target::Source(id) if self.rules.knows(id) => Some((id.clone(), CitedKind::Known)),
            Target::Source(id) => Some((id.clone(), CitedKind::Unknown)),
            Target::Footnote(label) => match self.markers.footnote(label) {
                None => Some((format!("^{label}"), CitedKind::UndefinedFootnote)),
                Some([]) if self.bare_footnotes.contains(&marker) => {
                    Some((format!("^{label}"), CitedKind::Unknown))
                }
                Some(_) => None,
            },
        }
    }
}

#[cfg(test)]
mod tests;
