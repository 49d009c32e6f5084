use super::*;

const REACH: usize = 60;

pub(super) fn rules<'a>(
    sources: &'a BTreeMap<&'a str, usize>,
    remarks: &'a BTreeSet<String>,
) -> Rules<'a> {
    Rules {
        markdown: true,
        sources,
        reach: REACH,
        min_words: 2,
        remarks,
        marks: MAX_MARKS,
        judge_links: true,
    }
}

fn reading(text: &str) -> Reading {
    let sources = BTreeMap::from([("a", 0), ("b", 1)]);
    let remarks = BTreeSet::from(["laughter".to_owned()]);
    read(text, &rules(&sources, &remarks))
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
fn what_cannot_be_judged_is_told() {
    let reading = reading("x\n\nHe said “so it is and so it was [a].\n\nNext “one” [a].");
    let told: Vec<_> = reading
        .defects
        .iter()
        .map(|it| (it.code(), it.line))
        .collect();
    assert_eq!(told, [("quotation-unclosed", 3)]);
    assert_eq!(reading.quotations.len(), 1);
}

#[test]
fn only_names_are_an_attribution() {
    for (text, content) in [
        (
            "> so\n> — Charles Darwin, On the Origin, ch. 4 [a, p. 3]",
            "so",
        ),
        ("> so\n> -- A. de B. [a]", "so"),
        ("> [a] it is", "[a] it is"),
        ("> — It Is [a]", ""),
        ("> — it is [a]", "— it is"),
        ("> so\n> — it is not [a]", "so\n— it is not"),
        (
            "> so\n> — Author [a] says it is",
            "so\n— Author [a] says it is",
        ),
        ("> so\n> - it is [a]", "so\nit is"),
        ("> [a]", ""),
        (
            "> so\n> —— 吾輩は猫である名前はまだ無い [a]",
            "so\n—— 吾輩は猫である名前はまだ無い",
        ),
    ] {
        assert_eq!(one(text).0, content, "{text}");
    }
}

#[test]
fn links_cite_if_they_look_like_it() {
    let text = "[Wikipedia][1] “so it is” [a](#refs) [smith2020](http://b) [laughter] [jones1999]\n\n\
        [1]: http://c\n[jones1999]: http://d";
    let reading = reading(text);
    assert_eq!(reading.quotations[0].citation, a());
    let cited = reading
        .citations
        .iter()
        .map(|it| (it.name.as_str(), it.kind));
    let expected = [
        ("a", CitedKind::Known),
        ("smith2020", CitedKind::Unknown),
        ("jones1999", CitedKind::Unknown),
    ];
    assert_eq!(cited.collect::<Vec<_>>(), expected);
}

#[test]
fn floods_are_given_up() {
    for text in [
        "“true” false” ".repeat(2_000),
        "`\n\n".repeat(200_000),
        ">\n\n".repeat(200_000),
    ] {
        assert!(reading(&text).overflow);
    }
}
