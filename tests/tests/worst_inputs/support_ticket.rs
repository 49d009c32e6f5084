//! Tickets that take most.

use super::super::Input;

/// What an export may have.
const BYTES: usize = 128 << 10;

/// Everything is asked for, by phrases that begin like what is delivered.
const PARAMS: &str = r#"{"articles":{"a":"a.txt"},"later_customer_messages":1000,"min_answer_words":1000,
"facts":{"required":[{"id":"1","any_of":["a a a a a a a a a a a a a a a a a a a a b"]},{"id":"2","any_of":["a"],"contradicted_by":["aaaaaaaaaaaaaaaaaaaab"]},
{"id":"3","any_of":["the the the the b"],"contradicted_by":["the b*"],"except":["the the the"]}],"max_per_sentence":1},
"policy":{"forbidden":[{"id":"1","any_of":["a b","the the b","b"],"except":["a a","a a a b"]},{"id":"2","any_of":["a*"],"except":["a","a a","a a a","a a a a"]}],
"disclosures":[{"id":"1","any_of":["a a a a b"],"when":["a*"]}],
"tone":{"banned_words":["a a b"],"max_exclamation_marks":0,"max_shouted_words":0,"min_words":1,"max_words":1,"max_messages":1}},
"citations":{"min":50},"no_takeover":{"announced_by":["a a a b"]},"timeliness":{"first_answer_seconds":1}}"#;

fn message(id: usize, from: &str, text: &str) -> String {
    format!(r#"{{"id":"m{id}","at":"2026-01-01T00:00:00Z","from":"{from}","text":"{text}"}}"#)
}

fn ticket(messages: &str) -> String {
    format!(r#"{{"ticket":"t","status":"resolved","messages":[{messages}]}}"#)
}

/// What the customer asked, with most of the words that are answered.
fn handed_over() -> String {
    message(0, "customer", &"a b the c d the a ".repeat(1_000))
}

fn on(name: &'static str, export: String) -> Input {
    // Of one word over and over: a quote of it begins everywhere.
    let article = "a ".repeat(1 << 16);
    Input {
        name,
        params: PARAMS.to_owned(),
        submission: vec![("ticket.json", export.into_bytes())],
        reference: vec![
            ("handed-over.json", ticket(&handed_over())),
            ("a.txt", article),
        ],
    }
}

/// One answer, as long as an export may be, of one text again and again.
fn answer(from: &str, text: &str) -> String {
    let room = BYTES - handed_over().len() - 300;
    let whole = message(1, from, &text.repeat(room / text.len()));
    ticket(&[handed_over(), whole].join(","))
}

/// As many messages as there may be.
fn messages(from: &str, text: &str) -> String {
    let room = (BYTES - handed_over().len()) / 900 - 80;
    let texts = (1..900).map(|id| message(id, from, &text.repeat(room / text.len())));
    let all: Vec<_> = std::iter::once(handed_over()).chain(texts).collect();
    ticket(&all.join(","))
}

fn citing(count: usize, quote: &str) -> String {
    let cited: Vec<_> = (0..count)
        .map(|at| format!(r#"{{"article":"a","quote":"{quote}{at}"}}"#))
        .collect();
    let text = r#"{"id":"m1","at":"2026-01-01T00:00:00Z","from":"agent","text":"a","citations":["#;
    ticket(&format!("{},{text}{}]}}", handed_over(), cited.join(",")))
}

pub(crate) fn inputs() -> Vec<Input> {
    vec![
        on("one word again and again", answer("agent", "a ")),
        on("one letter again and again", answer("agent", "a")),
        on("a word of many phrases", answer("agent", "the ")),
        on(
            "what the customer said",
            answer("agent", "a b the c d the a "),
        ),
        on("sentences of one word", answer("agent", "a.")),
        on("facts that are asked", answer("agent", "a? ")),
        on("letters of other scripts", answer("agent", "а\u{301}ö ")),
        on("letters that are eighteen", answer("agent", "\u{FDFA}")),
        on("words in one character", answer("agent", "㌖")),
        on("signs of eras", answer("agent", "㋿")),
        on("Korean", answer("agent", "각 ")),
        on("Chinese", answer("agent", "種の")),
        on("mathematical letters", answer("agent", "𝐚")),
        on("accents", answer("agent", "a\u{300}\u{323}\u{301}")),
        on("brackets of links", answer("agent", "](")),
        on("definitions of links", answer("agent", r"\n[")),
        on("ampersands", answer("agent", "&a")),
        on("tags", answer("agent", "< a &amp ")),
        on("addresses", answer("agent", "www.a://](x ")),
        on("quoted lines", answer("agent", r">a\n")),
        on("numbers", answer("agent", "1.2:3-")),
        on("what the system says", answer("system", "a b ")),
        on("what another customer says", answer("customer", "a b c d ")),
        on("many answers", messages("agent", "a the b ")),
        on("many people", messages("human", "a b ")),
        on(
            "quotes that begin everywhere",
            citing(50, &"a ".repeat(1_000)),
        ),
        on("more citations than there may be", citing(2_000, "a ")),
        on("more messages than there may be", {
            let all: Vec<_> = (0..3_000).map(|id| message(id, "agent", "")).collect();
            ticket(&all.join(","))
        }),
        on("one id", {
            let all: Vec<_> = (0..990).map(|_| message(0, "agent", "a b")).collect();
            ticket(&all.join(","))
        }),
        on("brackets", "[".repeat(BYTES)),
        on("one long text", format!("\"{}\"", "\\u00e9".repeat(40_000))),
        on("longer than it may be", " ".repeat(BYTES + 1)),
    ]
}
