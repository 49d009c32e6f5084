//! Quotations and citations in a text. `README.md` states what is taken for one.

mod attach;
mod blocks;
mod inline;
mod lines;
mod markers;
mod mask;

pub(crate) use markers::is_source_id;

use attach::Attach;
use blocks::Block;
use lines::Lines;
use markers::{Markers, Target};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// More quotations than any book has; each takes some hundred bytes beside its text.
const MAX_QUOTATIONS: usize = 5_000;

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
    /// Opening quotation marks without a closing one in their paragraph: what follows, up to its end.
    pub(crate) unclosed: Vec<Found>,
    /// There are more than are read; what is here is not all.
    pub(crate) overflow: bool,
}

/// Reads a text. `sources` maps ids to indices; `reach` is how far an inline quotation's citation may
/// stand from it, in bytes.
pub(crate) fn read(
    text: &str,
    markdown: bool,
    sources: &BTreeMap<&str, usize>,
    reach: usize,
) -> Reading {
    let masked = if markdown {
        mask::masked(text)
    } else {
        text.to_owned()
    };
    let mut reader = Reader {
        text: &masked,
        lines: Lines::new(&masked),
        markers: Markers::find(&masked, sources),
        sources,
        reach,
        quoted: BTreeSet::new(),
        bare_footnotes: BTreeSet::new(),
        reading: Reading::default(),
    };
    let blocks = blocks::blocks(&masked, markdown);
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
    text: &'a str,
    lines: Lines,
    markers: Markers,
    sources: &'a BTreeMap<&'a str, usize>,
    reach: usize,
    /// Markers that stand inside of what is quoted: brackets of the quotation, not citations.
    quoted: BTreeSet<usize>,
    /// Footnotes without a known source that are all that a quotation cites.
    bare_footnotes: BTreeSet<usize>,
    reading: Reading,
}

impl Reader<'_> {
    fn read_paragraph(&mut self, paragraph: Range<usize>) {
        let quotes = inline::quotes(self.text, paragraph.clone());
        let closed: Vec<_> = quotes
            .iter()
            .filter(|quote| quote.closed)
            .cloned()
            .collect();
        for quote in &closed {
            let inside = self.markers.within(&quote.content);
            self.quoted.extend(inside);
        }
        let attach = Attach {
            text: self.text,
            markers: &self.markers,
            reach: self.reach,
        };
        let cited: Vec<_> = (0..closed.len())
            .map(|at| attach.to_inline(&closed, at, &paragraph))
            .collect();
        for (quote, markers) in closed.iter().zip(cited) {
            let content = self.text[quote.content.clone()].to_owned();
            self.push(quote.content.clone(), content, false, &markers);
        }
        for quote in quotes.into_iter().filter(|quote| !quote.closed) {
            let line = self.lines.number(quote.content.start);
            let content = self.text[quote.content.clone()].to_owned();
            let (range, citation) = (quote.content, Citation::None);
            self.reading.unclosed.push(Found {
                range,
                line,
                content,
                is_block: false,
                citation,
            });
        }
    }

    fn read_block(
        &mut self,
        lines: &[Range<usize>],
        before: Option<&Block>,
        after: Option<&Block>,
    ) {
        let attach = Attach {
            text: self.text,
            markers: &self.markers,
            reach: self.reach,
        };
        let (lines, mut markers) = attach.split_attribution(lines);
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            return;
        };
        let range = first.start..last.end;
        if markers.is_empty() {
            markers = attach.around_block(before, after);
        }
        self.quoted.extend(self.markers.within(&range));
        let content: Vec<_> = lines.iter().map(|line| &self.text[line.clone()]).collect();
        let content = content.join("\n");
        self.push(range, content, true, &markers);
    }

    fn push(&mut self, range: Range<usize>, content: String, is_block: bool, markers: &[usize]) {
        if self.reading.quotations.len() >= MAX_QUOTATIONS {
            self.reading.overflow = true;
            return;
        }
        let citation = self.citation(markers);
        if citation == Citation::Unknown {
            self.bare_footnotes.extend(markers);
        }
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
            known.extend(ids.iter().filter_map(|id| self.sources.get(id.as_str())));
        }
        match known.is_empty() {
            true => Citation::Unknown,
            false => Citation::Sources(known.into_iter().collect()),
        }
    }

    fn finish(mut self) -> Reading {
        self.reading.overflow |= self.markers.overflow;
        for (at, marker) in self.markers.list.iter().enumerate() {
            if self.quoted.contains(&at) {
                continue;
            }
            for target in &marker.targets {
                let Some((name, kind)) = self.cited(at, target) else {
                    continue;
                };
                let line = self.lines.number(marker.range.start);
                let range = marker.range.clone();
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
            Target::Source(id) if self.sources.contains_key(id.as_str()) => {
                Some((id.clone(), CitedKind::Known))
            }
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
