//! Rules of phrases, looked for in the letters of messages.

use crate::text::index::{Hit, Index};
use crate::text::letters::Letters;
use std::collections::BTreeMap;

/// A phrase that must not occur in its normal form, and whether its last word may go on (`guarante*`).
pub(crate) fn letters(text: &str) -> (String, bool) {
    let trimmed = text.trim_end();
    let stem = trimmed.strip_suffix('*');
    (Letters::of(stem.unwrap_or(trimmed)).text, stem.is_some())
}

/// Rules, each of phrases that it is about and of phrases within which those do not count.
pub(crate) struct Rules {
    about: Index,
    except: Index,
}

impl Rules {
    pub(crate) fn new<'p>(rules: impl IntoIterator<Item = (&'p [String], &'p [String])>) -> Self {
        let mut made = Self {
            about: Index::new(),
            except: Index::new(),
        };
        for (owner, (about, except)) in rules.into_iter().enumerate() {
            for (index, phrases) in [(&mut made.about, about), (&mut made.except, except)] {
                for phrase in phrases {
                    let (text, open) = letters(phrase);
                    index.add(&text, open, owner);
                }
            }
        }
        made
    }

    /// Which rules' phrases occur, each rule once, and where first.
    pub(crate) fn broken(&self, letters: &Letters) -> BTreeMap<usize, Hit> {
        let mut broken = BTreeMap::new();
        let hits = self.about.hits(&letters.text, &letters.words);
        if hits.is_empty() {
            return broken;
        }
        let excuses = Excuses::new(self.except.hits(&letters.text, &letters.words));
        for hit in hits {
            if !broken.contains_key(&hit.owner) && !excuses.hold(&hit) {
                broken.insert(hit.owner, hit);
            }
        }
        broken
    }
}

/// Of each rule, where excepted phrases begin, and how far those go that begin there or before.
struct Excuses(BTreeMap<usize, Vec<(usize, usize)>>);

impl Excuses {
    fn new(hits: Vec<Hit>) -> Self {
        let mut excuses: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for hit in hits {
            let list = excuses.entry(hit.owner).or_default();
            let reach = list.last().map_or(0, |(_, end)| *end);
            list.push((hit.words.start, reach.max(hit.words.end)));
        }
        Self(excuses)
    }

    /// Whether the hit lies within an excepted phrase.
    fn hold(&self, hit: &Hit) -> bool {
        let list = self.0.get(&hit.owner).map_or(&[][..], Vec::as_slice);
        let before = list.partition_point(|(start, _)| *start <= hit.words.start);
        let reach = before.checked_sub(1).and_then(|at| list.get(at));
        reach.is_some_and(|(_, end)| *end >= hit.words.end)
    }
}
