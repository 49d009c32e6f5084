//! Texts, sources and quotations that take most.

use super::super::Input;

const CONSTITUTION: &str = include_str!("../../../examples/quotations/references/constitution.txt");

fn on(name: &'static str, text: String, source: String, more: &str) -> Input {
    Input {
        name,
        params: format!(r#"{{"sources":{{"s":"s.txt"}}{more}}}"#),
        submission: vec![("text.md", text.into_bytes())],
        reference: vec![("s.txt", source)],
    }
}

/// Each as a block quotation that cites the source.
fn blocks(quotations: impl IntoIterator<Item = String>) -> String {
    let block = |quotation: String| format!("> {quotation}\n\n[s]\n\n");
    quotations.into_iter().map(block).collect()
}

/// Prose of so many bytes, with no long stretch twice.
fn prose(len: usize) -> String {
    let words: Vec<_> = CONSTITUTION.split_whitespace().collect();
    let mut text = String::new();
    let mut state = 1_u64;
    while text.len() < len {
        state = next(state);
        let at = (state >> 33) as usize % (words.len() - 12);
        text.push_str(&words[at..at + 12].join(" "));
        text.push('\n');
    }
    text
}

/// The beginnings, eight bytes long, that most words of a text have with what follows them.
fn frequent_beginnings(text: &str) -> Vec<String> {
    let mut counts = std::collections::BTreeMap::new();
    let bytes = text.as_bytes();
    for at in 1..bytes.len() - 8 {
        if !bytes[at - 1].is_ascii_alphanumeric() && bytes[at].is_ascii_alphanumeric() {
            *counts.entry(&bytes[at..at + 8]).or_insert(0) += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let keys = counts.into_iter().take(4_900);
    keys.map(|(key, _)| String::from_utf8_lossy(key).into_owned())
        .collect()
}

/// So many of the characters from `first` on, in no order.
fn mixed(first: char, of: u32, count: usize) -> String {
    let mut state = 1_u64;
    let character = std::iter::from_fn(|| {
        state = next(state);
        char::from_u32(u32::from(first) + (state >> 33) as u32 % of)
    });
    character.take(count).collect()
}

/// The next of a fixed sequence that looks like chance.
fn next(state: u64) -> u64 {
    state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1)
}

fn short_word(number: usize) -> String {
    let letter = |at: u32| char::from(b"etaoinshrd"[number / 10_usize.pow(at) % 10]);
    (0..1 + number as u32 % 7).map(letter).collect()
}

pub(crate) fn inputs() -> Vec<Input> {
    let none = || "One two three.".to_owned();
    let source = prose(900_000);
    let on_prose = |name, quotations: Vec<String>| on(name, blocks(quotations), source.clone(), "");
    let stars = "*a".repeat(100_000);
    let frequent = blocks(
        frequent_beginnings(&source)
            .into_iter()
            .map(|it| it + " zzz zz"),
    );
    let words_of = |count: usize| source.split_whitespace().take(count).collect::<Vec<_>>();
    let invented = words_of(1_200);
    let jamo = "\u{1100}\u{1161}\u{11A8}";
    vec![
        on_prose(
            "40 invented quotations",
            invented
                .chunks(30)
                .map(|it| it.join(" ").replace("the", "no"))
                .collect(),
        ),
        on(
            "the same, in 4.5 MB",
            blocks(
                invented
                    .chunks(30)
                    .map(|it| it.join(" ").replace("the", "no")),
            ),
            prose(4_500_000),
            "",
        ),
        on_prose("short quotations", (0..4_900).map(short_word).collect()),
        on(
            "quotations that begin as the source does",
            frequent.clone(),
            source.clone(),
            "",
        ),
        on(
            "the same, and markup, in 4.5 MB",
            frequent + &stars,
            prose(4_500_000),
            "",
        ),
        on_prose(
            "quotations that begin alike",
            (0..4_900).map(|it| format!("of the p{it} zzz")).collect(),
        ),
        on_prose(
            "each one more letter",
            (8..700)
                .map(|it| format!("and the {}", "of the people ".repeat(60))[..it].to_owned())
                .collect(),
        ),
        on_prose(
            "omissions",
            (0..500)
                .map(|it| format!("of the people in the ... z{it} zz zz zz"))
                .collect(),
        ),
        on(
            "wide omissions of short parts",
            blocks((0..500).map(|it| format!("of the ... z{it} zz"))),
            source.clone(),
            r#","ellipsis":{"min_part_words":2,"max_gap_bytes":10000}"#,
        ),
        on_prose(
            "frequent words",
            (0..32)
                .map(|it| format!("{}{it}", "the of and to in a shall be ".repeat(12)))
                .collect(),
        ),
        on(
            "words of one letter",
            blocks((0..32).map(|it| format!("{}x{it}", "a b c d ".repeat(200)))),
            "a b c d e ".repeat(100_000),
            "",
        ),
        on(
            "citations before a quotation",
            format!("{}“one two three four”", "[a]".repeat(49_000)),
            none(),
            "",
        ),
        Input {
            name: "markup in three texts",
            params: r#"{"sources":{"s":"s.txt"},"texts":["1.md","2.md","3.md"]}"#.to_owned(),
            submission: ["1.md", "2.md", "3.md"]
                .map(|it| (it, "[a](".repeat(80_000).into_bytes()))
                .into(),
            reference: vec![("s.txt", none())],
        },
        on("emphasis", "*a".repeat(249_000), none(), ""),
        on("brackets", "[".repeat(249_000), none(), ""),
        on("links that are none", "[a](".repeat(80_000), none(), ""),
        on(
            "a long address, often",
            format!(
                "[a]: http://b\\&{}\n\n{}",
                "c".repeat(100_000),
                "[a] ".repeat(100_000)
            ),
            none(),
            "",
        ),
        on("citations of nothing", "[zz1] ".repeat(49_000), none(), ""),
        on(
            "footnotes",
            (0..49_000).map(|it| format!("[^{it}]: x\n\n")).collect(),
            none(),
            "",
        ),
        on(
            "lists within lists",
            format!(
                "{}{}",
                (0..31)
                    .map(|it| format!("{}- a\n", "  ".repeat(it)))
                    .collect::<String>(),
                "a\n".repeat(240_000)
            ),
            none(),
            "",
        ),
        on(
            "block quotations of one letter",
            ">x\n".repeat(80_000),
            none(),
            "",
        ),
        on(
            "code that is not closed",
            "`\n\n".repeat(80_000),
            none(),
            "",
        ),
        on("HTML", "a <a b=\"".repeat(124_000), none(), ""),
        on("marks", "\"a ".repeat(1_000_000), none(), ""),
        on(
            "single marks",
            format!("{}’", "‘a ".repeat(800_000)),
            none(),
            r#","min_words":100"#,
        ),
        on(
            "prose without a quotation",
            "word ".repeat(800_000),
            none(),
            "",
        ),
        on(
            "letters of many accents",
            format!("> a{} [s]", "\u{301}\u{316}".repeat(900_000)),
            none(),
            "",
        ),
        on(
            "Korean, letter by letter",
            format!("“{}” [s]\n", format!("{} ", jamo.repeat(4)).repeat(1_000)).repeat(80),
            format!("{} ", jamo.repeat(8)).repeat(40_000),
            "",
        ),
        on(
            "Thai",
            format!("“{}ฮ” [s]\n", mixed('ก', 40, 2_000)).repeat(300),
            mixed('ก', 40, 400_000),
            "",
        ),
        on(
            "Chinese",
            format!("“{}龍” [s]\n", mixed('一', 3_000, 2_000)).repeat(380),
            mixed('一', 3_000, 400_000),
            "",
        ),
    ]
}
