//! The check `citations`: on what an agent rests.

use crate::case::{Case, Later};
use crate::document::wrong;
use crate::params::Citations;
use crate::text::passage;
use crate::text::spoken::Spoken;
use crate::ticket::Citation;
use proofmark_validator_sdk::{CheckBuilder, Finding, Refusal, excerpt, reference};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// All articles together.
const MAX_ARTICLES_BYTES: u64 = 1 << 20;
/// As much of a quote is shown.
const SHOWN_BYTES: usize = 200;

/// The articles, in normal form.
pub(crate) struct Articles(BTreeMap<String, String>);

impl Articles {
    pub(crate) fn read(files: &BTreeMap<String, String>) -> Result<Self, Refusal> {
        let mut articles = BTreeMap::new();
        let mut left = MAX_ARTICLES_BYTES;
        for (article, name) in files {
            let text = reference::open(name).and_then(|mut file| file.read_text(left))?;
            left -= text.len() as u64;
            let text = passage::normal(&text);
            if text.is_empty() {
                return Err(wrong(name, "the article is empty"));
            }
            articles.insert(article.clone(), text);
        }
        Ok(Self(articles))
    }

    /// Where an article has a quote word for word.
    pub(crate) fn place(&self, citation: &Citation) -> Option<Range<usize>> {
        let article = self.0.get(&citation.article)?;
        passage::find(article, &passage::normal(&citation.quote))
    }
}

pub(crate) fn judge(case: &Case<'_>, rule: &Citations, check: &mut CheckBuilder) {
    let mut places: BTreeMap<&str, Vec<Range<usize>>> = BTreeMap::new();
    for later in case.agents() {
        let mut known = BTreeSet::new();
        for (at, citation) in later.message.citations.iter().enumerate() {
            let repeated = !known.insert((&citation.article, passage::normal(&citation.quote)));
            let judged = match repeated {
                true => Err(("citation-repeated", "The message cites this already.")),
                false => judge_one(case, rule, citation, &later.cited[at]),
            };
            check.examine(judged.is_ok());
            match judged {
                Ok(place) => places.entry(&citation.article).or_default().push(place),
                Err(wrong) => {
                    check.finding(finding(case, later, at, wrong, citation));
                }
            }
        }
    }
    enough(case, rule, &mut places, check);
}

type Wrong = (&'static str, &'static str);

fn judge_one(
    case: &Case<'_>,
    rule: &Citations,
    citation: &Citation,
    place: &Option<Range<usize>>,
) -> Result<Range<usize>, Wrong> {
    if !case.articles.0.contains_key(&citation.article) {
        return Err(("article-unknown", "There is no such article."));
    }
    if Spoken::of(&citation.quote).words.len() < rule.min_words {
        return Err(("quote-too-short", "The quote has too few words."));
    }
    let invented = (
        "quote-invented",
        "The article does not have the quote word for word.",
    );
    place.clone().ok_or(invented)
}

fn finding(
    case: &Case<'_>,
    later: &Later<'_>,
    at: usize,
    wrong: Wrong,
    citation: &Citation,
) -> Finding {
    let place = format!("/messages/{}/citations/{at}", later.number);
    match wrong {
        (code @ "article-unknown", text) => {
            let known: Vec<_> = case.articles.0.keys().map(String::as_str).collect();
            let finding = case.finding(code, text, format!("{place}/article"));
            finding.expected(known.join(", ")).actual(&citation.article)
        }
        (code, text) => {
            let finding = case.finding(code, text, format!("{place}/quote"));
            finding.actual(excerpt(citation.quote.as_bytes(), SHOWN_BYTES))
        }
    }
}

/// How much is cited, and what.
fn enough(
    case: &Case<'_>,
    rule: &Citations,
    places: &mut BTreeMap<&str, Vec<Range<usize>>>,
    check: &mut CheckBuilder,
) {
    for article in &rule.articles {
        let cited = places.contains_key(article.as_str());
        check.examine(cited);
        if !cited {
            let text = format!("The article `{article}` is not cited.");
            check.finding(case.finding("article-uncited", &text, "/messages"));
        }
    }
    let passages: usize = places.values_mut().map(|it| apart(it)).sum();
    check.examine(passages >= rule.min);
    if passages < rule.min {
        let text = "Too few passages are quoted that do not overlap.";
        let finding = case.finding("too-few-citations", text, "/messages");
        check.finding(
            finding
                .expected(format!("at least {}", rule.min))
                .actual(passages),
        );
    }
}

/// The most of these places that do not overlap.
fn apart(places: &mut [Range<usize>]) -> usize {
    places.sort_by_key(|it| it.end);
    let (mut end, mut count) = (0, 0);
    for place in places.iter().filter(|it| !it.is_empty()) {
        if place.start >= end {
            (end, count) = (place.end, count + 1);
        }
    }
    count
}
