//! Details of texts.

use super::index::Index;
use super::letters::Letters;
use super::passage::{find, normal};
use super::spoken::Spoken;

#[test]
fn words_are_those_of_what_is_said() {
    for (text, said) in [
        ("It's well-known, No.\u{A0}1!", "it's wellknown no\n1"),
        (
            "5,90 € or -5 %, 10–20 at 09:43",
            "5,90 € or -5 % 10-20 at 09:43",
        ),
        ("30-day US$5 5th 1/2 ½", "30 day us $ 5 5th 1/2 1⁄2"),
        ("a\nb\n\nc\n- d\n2. e", "a b\nc\nd\n2 e"),
        ("am 13. Mai 2026. Sie", "am 13 mai 2026\nsie"),
        (
            "> quoted\nown www.a.b/c, [t](http://x/y). End",
            "own t\nend",
        ),
        ("種の起源 ไทย", "種 の 起 源 ไ ท ย"),
        ("e\u{301}te\u{301} ＡＢ ﬁx", "été ab fix"),
        ("", ""),
    ] {
        assert_eq!(Spoken::of(text).text, said, "{text:?}");
    }
}

#[test]
fn sentences_clauses_and_passages_end_where_they_should() {
    let spoken = Spoken::of("No, it is. Is it? You said: “a b” (c)");
    let questions: Vec<_> = spoken
        .sentences
        .iter()
        .map(|it| (it.words, it.question))
        .collect();
    assert_eq!(questions, [(3, false), (2, true), (5, false)]);
    let changes = |of: fn(&super::spoken::Place) -> usize| {
        let all: Vec<_> = spoken.places.iter().map(of).collect();
        let pairs = all.windows(2).enumerate();
        pairs
            .filter(|(_, it)| it[0] != it[1])
            .map(|(at, _)| at + 1)
            .collect::<Vec<_>>()
    };
    assert_eq!(changes(|it| it.clause), [1, 3, 5, 7, 9]);
    assert_eq!(changes(|it| it.passage), [3, 5, 7, 9]);
}

#[test]
fn letters_are_the_same_in_every_spelling() {
    for (one, other) in [
        ("full refund", "F-u-l-l  rе\u{200B}fünd"),
        ("100 % sure", "100% 5ure"),
        ("1000 EUR", "1.000 EUR"),
        ("don't", "dont"),
        ("gelöst", "gelost"),
    ] {
        assert_eq!(Letters::of(one).text, Letters::of(other).text);
    }
    let words = |text: &str| Letters::of(text).words.len();
    assert_eq!(words("2.14 days, 09:43-10:00 a.b 種の"), 7);
}

#[test]
fn phrases_are_found_at_words_only() {
    let mut index = Index::new();
    index.add("aa", false, 0);
    index.add("a", true, 1);
    let hits = |text: &str| {
        let letters = Letters::of(text);
        let hits = index.hits(&letters.text, &letters.words);
        hits.into_iter()
            .map(|it| (it.owner, it.words))
            .collect::<Vec<_>>()
    };
    assert_eq!(hits("a a"), [(1, 0..1), (0, 0..2), (1, 1..2)]);
    assert_eq!(hits("aab"), [(1, 0..1)]);
    assert_eq!(hits("b"), []);
    let letters = Letters::of("x A–a\u{200B} y");
    let hit = index.hits(&letters.text, &letters.words).remove(1);
    assert_eq!(letters.shown(&hit, "x A–a\u{200B} y"), "A–a");
}

#[test]
fn quotes_are_cut_out_of_no_word_or_number() {
    let article = normal("It’s  “non-violent” -- at 0.5 % of\n$1,000, *always*.");
    assert_eq!(article, "It's 'non-violent' -- at 0.5 % of $1,000, always.");
    for (quote, found) in [
        ("\"non-violent\"", true),
        ("always", true),
        ("at 0.5", true),
        ("violent", false),
        ("It", false),
        ("s 'non", false),
        ("5 %", false),
        ("1,000", false),
        ("$1", false),
        ("", false),
    ] {
        assert_eq!(find(&article, &normal(quote)).is_some(), found, "{quote}");
    }
}
