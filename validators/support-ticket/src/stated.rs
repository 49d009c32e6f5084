//! Whether an agent states something: a phrase alone states nothing where its sentence does not.

use crate::case::{Case, Later};
use crate::text::index::{Hit, Index};
use crate::text::spoken::Spoken;
use std::collections::{BTreeMap, BTreeSet};

/// What is looked for, and when it counts.
pub(crate) struct Statements {
    index: Index,
    negations: BTreeSet<String>,
    negation_reach: usize,
    min_sentence_words: usize,
    max_per_sentence: usize,
}

/// Why a phrase that is there states nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Doubt {
    /// It is negated.
    Negated,
    /// Its sentence asks.
    Question,
    /// It only repeats the customer.
    Echo,
    /// Its sentence is none.
    Fragment,
    /// Its sentence is a list of facts.
    List,
}

impl Doubt {
    /// For people.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Negated => "negated",
            Self::Question => "asked",
            Self::Echo => "repeated from the customer",
            Self::Fragment => "in a sentence of too few words",
            Self::List => "in a sentence with too many facts",
        }
    }
}

/// Where something stands.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The places, among the later messages, of those that state it.
    pub(crate) stated: BTreeSet<usize>,
    /// Where it stands without being stated, first.
    pub(crate) doubts: BTreeMap<Doubt, usize>,
}

impl Statements {
    /// Of things, each with its phrases. Without further rules a phrase counts that is neither negated nor
    /// asked nor the customer's.
    pub(crate) fn new<'p>(things: impl IntoIterator<Item = &'p [String]>) -> Self {
        let mut index = Index::new();
        for (owner, phrases) in things.into_iter().enumerate() {
            for phrase in phrases {
                index.add(&Spoken::phrase(phrase), false, owner);
            }
        }
        Self {
            index,
            negations: BTreeSet::new(),
            negation_reach: 0,
            min_sentence_words: 1,
            max_per_sentence: usize::MAX,
        }
    }

    /// With the words that negate, and how far.
    pub(crate) fn negated_by(mut self, words: &[String], reach: usize) -> Self {
        self.negations = words.iter().map(|it| Spoken::phrase(it)).collect();
        self.negation_reach = reach;
        self
    }

    /// With bounds of a sentence.
    pub(crate) fn in_sentences(mut self, min_words: usize, max_things: usize) -> Self {
        self.min_sentence_words = min_words;
        self.max_per_sentence = max_things;
        self
    }

    /// Where each thing stands in what agents say; what stands nowhere is left out.
    pub(crate) fn found(&self, case: &Case<'_>) -> BTreeMap<usize, Found> {
        let mut found: BTreeMap<usize, Found> = BTreeMap::new();
        for later in case.agents() {
            let hits = self.index.hits(&later.spoken.text, &later.spoken.words);
            let lists = self.lists(later, &hits);
            for hit in hits {
                let doubt = self.doubt(later, &hit, &lists);
                let of = found.entry(hit.owner).or_default();
                match doubt {
                    None => drop(of.stated.insert(later.number)),
                    Some(doubt) => drop(of.doubts.entry(doubt).or_insert(later.number)),
                }
            }
        }
        found
    }

    /// The sentences with too many things.
    fn lists(&self, later: &Later<'_>, hits: &[Hit]) -> BTreeSet<usize> {
        let sentence = |hit: &Hit| later.spoken.places[hit.words.start].sentence;
        let pairs: BTreeSet<_> = hits.iter().map(|it| (sentence(it), it.owner)).collect();
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for (sentence, _) in pairs {
            *counts.entry(sentence).or_default() += 1;
        }
        let lists = counts
            .into_iter()
            .filter(|(_, count)| *count > self.max_per_sentence);
        lists.map(|(sentence, _)| sentence).collect()
    }

    fn doubt(&self, later: &Later<'_>, hit: &Hit, lists: &BTreeSet<usize>) -> Option<Doubt> {
        let number = later.spoken.places[hit.words.start].sentence;
        let sentence = later
            .spoken
            .sentences
            .get(number)
            .copied()
            .unwrap_or_default();
        if sentence.question {
            Some(Doubt::Question)
        } else if later.echo[hit.words.clone()].iter().all(|it| *it) {
            Some(Doubt::Echo)
        } else if self.is_negated(&later.spoken, hit) {
            Some(Doubt::Negated)
        } else if sentence.words < self.min_sentence_words {
            Some(Doubt::Fragment)
        } else if lists.contains(&number) {
            Some(Doubt::List)
        } else {
            None
        }
    }

    /// Whether a word shortly before the phrase, or one of the two after it, in the same clause, negates it.
    fn is_negated(&self, spoken: &Spoken, hit: &Hit) -> bool {
        let (first, last) = (hit.words.start, hit.words.end - 1);
        let clause = |at: usize| spoken.places.get(at).map(|it| it.clause);
        let before = first.saturating_sub(self.negation_reach)..first;
        let before = before.filter(|at| clause(*at) == clause(first));
        let after = last + 1..last + 1 + self.negation_reach.min(2);
        let mut near = before.chain(after.filter(|at| clause(*at) == clause(last)));
        near.any(|at| self.negates(spoken.word(at)))
    }

    fn negates(&self, word: &str) -> bool {
        self.negations.contains(word) || (word.ends_with("n't") && !self.negations.is_empty())
    }
}
