//! Looking for quotations in their sources.

pub(crate) mod find;
pub(crate) mod nearest;
mod window;

use crate::params::{Normalisation, Params};
use crate::quotation::{Absent, Part, Quotation, State};
use crate::words::word_starts;
use find::{Chain, Index, PartId};
use nearest::Nearest;
use proofmark_validator_sdk::{ReadError, Refusal, reference};
use std::io::Read;
use std::ops::Range;
use window::{SourceError, Window};

/// So many quotations that do not occur are explained: more findings than any report keeps.
const MAX_EXPLAINED: usize = 200;
/// For so many of them a similar passage is looked for.
const MAX_NEAREST: usize = 16;

/// A source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Its id in the parameters.
    pub(crate) id: &'a str,
    /// The name of the reference file.
    pub(crate) file: &'a str,
}

/// Verifies the open quotations: each source that is cited is read once; if a quotation does not occur
/// where it should, all sources are read once more, to tell where it does or what is most like it.
pub(crate) fn verify(
    quotations: &mut [Quotation],
    sources: &[Source<'_>],
    params: &Params,
) -> Result<(), Refusal> {
    for source in sources {
        drop(reference::open(source.file)?); // what the buyer promised is there, cited or not
    }
    for (at, source) in sources.iter().enumerate() {
        let mut cited: Vec<_> = open(quotations).filter(|it| it.accepts(at)).collect();
        if cited.is_empty() {
            continue;
        }
        let chains = search(*source, &cited, params, None)?;
        for (quotation, found) in cited.iter_mut().zip(chains) {
            if let Some(place) = found.place {
                let range = place.range;
                quotation.state = State::Verified { source: at, range };
            }
        }
    }
    explain(quotations, sources, params)
}

fn open(quotations: &mut [Quotation]) -> impl Iterator<Item = &mut Quotation> {
    quotations
        .iter_mut()
        .filter(|quotation| quotation.state == State::Open)
}

/// Finds out what can be said of the quotations that are still open.
fn explain(
    quotations: &mut [Quotation],
    sources: &[Source<'_>],
    params: &Params,
) -> Result<(), Refusal> {
    let mut absent: Vec<_> = open(quotations).collect();
    if absent.is_empty() {
        return Ok(());
    }
    for quotation in absent.iter_mut().skip(MAX_EXPLAINED) {
        quotation.state = State::Absent(Absent::default());
    }
    absent.truncate(MAX_EXPLAINED);
    let texts: Vec<String> = absent
        .iter()
        .take(MAX_NEAREST)
        .map(|quotation| quotation.normal.clone())
        .collect();
    let mut nearest = Nearest::new(texts.iter().map(String::as_str));
    let mut known = vec![Absent::default(); absent.len()];
    for (at, source) in sources.iter().enumerate() {
        nearest.next_source();
        let found = search(*source, &absent, params, Some((&mut nearest, at)))?;
        for ((known, found), quotation) in known.iter_mut().zip(found).zip(&absent) {
            match found.place {
                Some(place) => drop(known.elsewhere.get_or_insert((at, place.line))),
                None if found.scattered && quotation.accepts(at) => known.scattered_in = Some(at),
                None => {}
            }
        }
    }
    let passages = nearest.finish().into_iter().chain(std::iter::repeat(None));
    for ((quotation, mut known), passage) in absent.iter_mut().zip(known).zip(passages) {
        known.nearest = passage;
        quotation.state = State::Absent(known);
    }
    Ok(())
}

/// What one pass over one source says of one quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    /// Where the whole quotation stands.
    place: Option<Place>,
    /// Its parts occur, but not in order and near each other.
    scattered: bool,
}

/// Where a quotation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// The line of the source, from 1, on which its last part begins.
    line: u64,
    /// Its bytes in the normal form of the source.
    range: Range<u64>,
}

fn search(
    source: Source<'_>,
    quotations: &[&mut Quotation],
    params: &Params,
    nearest: Option<(&mut Nearest<'_>, usize)>,
) -> Result<Vec<Outcome>, Refusal> {
    let artifact = reference::open(source.file)?;
    // Quotations that say the same are looked for once.
    let mut wanted: Vec<&[Part]> = quotations.iter().map(|it| it.parts.as_slice()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let gap = params.ellipsis.max_gap_bytes;
    let outcomes = scan(artifact, &wanted, params.normalisation, gap, nearest)
        .map_err(|error| refusal(source, error))?;
    let of = |quotation: &&mut Quotation| {
        let at = wanted.partition_point(|parts| *parts < quotation.parts.as_slice());
        outcomes[at].clone()
    };
    Ok(quotations.iter().map(of).collect())
}

/// One pass over a source.
fn scan(
    reader: impl Read,
    quotations: &[&[Part]],
    rules: Normalisation,
    max_gap: u64,
    mut nearest: Option<(&mut Nearest<'_>, usize)>,
) -> Result<Vec<Outcome>, SourceError> {
    let parts = quotations
        .iter()
        .enumerate()
        .flat_map(|(quotation, parts)| {
            let ids = (0..).map(move |part| PartId { quotation, part });
            ids.zip(*parts)
        });
    let index = Index::new(parts);
    let mut chains: Vec<_> = quotations
        .iter()
        .map(|parts| (Chain::new(parts.len(), max_gap), None))
        .collect();
    let margin = nearest.as_ref().map_or(0, |(nearest, _)| nearest.margin());
    // Eight more: a boundary looks at two characters on either side.
    let mut window = Window::new(reader, rules, index.longest().max(margin) + 8);
    while let Some(range) = window.advance()? {
        let text = window.text();
        for start in word_starts(text, range.start, range.end) {
            index.at(text, start, |id, found| {
                let (chain, line) = &mut chains[id.quotation];
                let range = window.position(found.start)..window.position(found.end);
                chain.occurs(id.part, range);
                if chain.complete().is_some() {
                    line.get_or_insert_with(|| window.line_at(found.start));
                }
            });
            if let Some((nearest, at)) = &mut nearest {
                nearest.take(text, start, *at, || window.line_at(start));
            }
        }
    }
    let outcomes = chains.into_iter().map(|(chain, line)| {
        let range = chain.complete().cloned();
        let place = line.zip(range).map(|(line, range)| Place { line, range });
        Outcome {
            scattered: place.is_none() && chain.all_seen(),
            place,
        }
    });
    Ok(outcomes.collect())
}

/// A source that cannot be read is the buyer's.
fn refusal(source: Source<'_>, error: SourceError) -> Refusal {
    let Source { id, file } = source;
    let place = |what: &str, offset: u64| {
        Refusal::InvalidParams(format!(
            "the source `{id}` ({file}) {what} at byte {offset}"
        ))
    };
    match error {
        SourceError::NotUtf8 { offset } => place("is not UTF-8", offset),
        SourceError::NoBreak { offset } => place("has no line break or ASCII for 4 MiB", offset),
        SourceError::Io(error) => match error.downcast::<ReadError>() {
            Ok(error) => error.into(),
            Err(error) => Refusal::Internal(error.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(source: &str, quotations: &[&[&str]], gap: u64) -> Vec<Outcome> {
        let owned: Vec<Vec<Part>> = quotations
            .iter()
            .map(|parts| parts.iter().map(|part| Part::verbatim(part)).collect())
            .collect();
        let wanted: Vec<&[Part]> = owned.iter().map(Vec::as_slice).collect();
        scan(
            source.as_bytes(),
            &wanted,
            Normalisation::default(),
            gap,
            None,
        )
        .expect("reads")
    }

    #[test]
    fn quotations_are_found_across_every_cut_of_the_window() {
        let filler = "Filler of no interest, in several words.\n";
        for before in [0, 1_590, 1_596, 1_597, 1_598, 1_599, 1_600, 3_196] {
            let source = format!(
                "{}The quick — “brown”\nfox jumps.\n{}over the lazy dog",
                filler.repeat(before),
                filler.repeat(2)
            );
            let found = outcomes(
                &source,
                &[
                    &["The quick—'brown' fox"],
                    &["brown' fox", "lazy dog"],
                    &["over a dog"],
                ],
                120,
            );
            let line = before as u64 + 1;
            let lines: Vec<_> = found
                .iter()
                .map(|it| it.place.as_ref().map(|place| place.line))
                .collect();
            assert_eq!(lines, [Some(line), Some(line + 4), None], "{before}");
            assert!(!found[2].scattered);
        }
    }

    #[test]
    fn parts_out_of_reach_are_scattered() {
        let found = outcomes(
            "one two, and then after a while three four",
            &[&["one two", "three four"]],
            5,
        );
        assert_eq!(
            found,
            [Outcome {
                place: None,
                scattered: true
            }]
        );
    }
}
