use super::*;

const REACH: usize = 60;

fn reading(text: &str) -> Reading {
    read(text, true, &BTreeMap::from([("a", 0), ("b", 1)]), REACH)
}

fn quotations(text: &str) -> Vec<(String, Citation)> {
    let found = reading(text).quotations.into_iter();
    found
        .map(|it| (it.content.trim().to_owned(), it.citation))
        .collect()
}

fn one(text: &str) -> (String, Citation) {
    let mut found = quotations(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found.remove(0)
}

fn a() -> Citation {
    Citation::Sources(vec![0])
}

fn b() -> Citation {
    Citation::Sources(vec![1])
}

#[test]
fn a_marker_belongs_to_the_quotation_it_stands_at() {
    for text in [
        "He says “so it is” [a].",
        "He says “so it is”.[a, p. 3]",
        "As [a] says: “so it is”.",
        "[a]: “so it is”.",
        "“so it is”, as he puts it in that book [a].",
        "In that book [a] one reads that “so it is”.",
        "“so it is”[^1]\n\n[^1]: a, p. 4",
        "“so it is” ([a])",
    ] {
        assert_eq!(one(text), ("so it is".into(), a()), "{text}");
    }
}

#[test]
fn a_marker_between_quotations_belongs_to_the_one_before() {
    let text = "“one two” [a], then “three four” [b], and [a] “five six”.";
    let expected = [("one two", a()), ("three four", b()), ("five six", a())];
    assert_eq!(
        quotations(text),
        expected.map(|(text, it)| (text.to_owned(), it))
    );
    assert_eq!(one("“x y” [a; b]").1, Citation::Sources(vec![0, 1]));
}

#[test]
fn far_away_and_in_another_paragraph_nothing_is_cited() {
    let far = format!("“so it is” {} [a]", "word ".repeat(20));
    assert_eq!(one(&far).1, Citation::None);
    assert_eq!(one("“so it is”\n\n[a]").1, Citation::None);
}

#[test]
fn block_quotations_take_their_attribution() {
    for text in [
        "> so\n> it is\n> — Author [a, p. 3]",
        "> so\n> it is\n> [a]",
        "> so\n> it is [a]",
        "> so\n> it is\n[a]",
        "> so\n> it is\n\n[a, ch. 4]\n\ntext",
        "As [a] says:\n\n> so\n> it is\n\ntext [b]",
        "text [a] says the following\n\n> so\n> it is",
        ">\n> so\n> it is[^9]\n>\n\n[^9]: [a]",
    ] {
        let (content, citation) = one(text);
        assert_eq!(
            content.split_whitespace().collect::<Vec<_>>(),
            ["so", "it", "is"],
            "{text}"
        );
        assert_eq!(citation, a(), "{text}");
    }
    assert_eq!(one("> so it is\n\ntext").1, Citation::None);
    assert_eq!(one("> so it is\nand more [a]").0, "so it is\nand more");
}

#[test]
fn positions_are_those_of_the_text() {
    let text = "`x`\n\né “so\nit is” [a]\n";
    let found = &reading(text).quotations[0];
    assert_eq!((&text[found.range.clone()], found.line), ("so\nit is", 3));
}

#[test]
fn every_citation_is_listed_and_unknown_ones_are_told() {
    let text = "A [a] b [smith2020] “c [he] d” [b].[^1] [^2]\n\n[^1]: An aside, see [jones1999].";
    let cited: Vec<_> = reading(text)
        .citations
        .into_iter()
        .map(|it| (it.name, it.kind))
        .collect();
    let expected = [
        ("a", CitedKind::Known),
        ("smith2020", CitedKind::Unknown),
        ("b", CitedKind::Known),
        ("^2", CitedKind::UndefinedFootnote),
        ("jones1999", CitedKind::Unknown),
    ];
    assert_eq!(cited, expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[test]
fn a_quotation_that_rests_on_an_invented_reference_is_told() {
    let text = "“so it is”[^1] and more.\n\n[^1]: Smith, A Book That Nobody Wrote, p. 3.";
    let reading = reading(text);
    assert_eq!(reading.quotations[0].citation, Citation::Unknown);
    assert_eq!(reading.citations[0].name, "^1");
    assert_eq!(reading.citations[0].kind, CitedKind::Unknown);
}

#[test]
fn code_quotes_nothing() {
    let text = "```\n“so it is” [zzz]\n```\nand `print(\"hello to all\")` [a]";
    let reading = reading(text);
    assert!(reading.quotations.is_empty());
    assert_eq!(reading.citations.len(), 1);
}

#[test]
fn an_unclosed_quotation_is_told() {
    let reading = reading("He said “so it is and so it was [a].\n\nNext “one” [a].");
    assert_eq!(reading.unclosed.len(), 1);
    assert_eq!(reading.unclosed[0].line, 1);
    assert_eq!(reading.quotations.len(), 1);
}
