//! Fixtures and details.

use crate::SupportTicket;
use proofmark_validator_sdk::testing::{Fixture, assert_fixtures, codes_of};
use proofmark_validator_sdk::{Refusal, Report, Status, Validator as _};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn document(name: &str) -> Value {
    let text = std::fs::read(fixtures().join("accept/a-faulty-kettle").join(name));
    serde_json::from_slice(&text.expect("a file")).expect("JSON")
}

fn text(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join("accept/a-faulty-kettle").join(name)).expect("a file")
}

fn judge(params: &Value, handed_over: &Value, export: &Value) -> Result<Report, Refusal> {
    Fixture::new()
        .submission("ticket.json", export.to_string())
        .reference("handed-over.json", handed_over.to_string())
        .reference("returns.txt", text("references/returns.txt"))
        .reference("refunds.txt", text("references/refunds.txt"))
        .evaluate::<SupportTicket>(&params.to_string())
}

/// The good answer, changed: the codes of all findings.
fn codes_with(params: &Value, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut export = document("submission/ticket.json");
    change(&mut export);
    let report = judge(params, &document("references/handed-over.json"), &export);
    codes_of(&report.expect("a report")).into_iter().collect()
}

fn codes(change: impl FnOnce(&mut Value)) -> Vec<String> {
    codes_with(&document("params.json"), change)
}

/// The good answer with other words in the place of some.
fn codes_where(was: &str, is: &str) -> Vec<String> {
    codes(|export| {
        let text = export["messages"][4]["text"].as_str().expect("a text");
        assert!(text.contains(was), "{was}");
        export["messages"][4]["text"] = json!(text.replace(was, is));
    })
}

#[test]
fn fixtures_do_what_they_promise_and_cover_every_code() {
    let codes = assert_fixtures::<SupportTicket>(&fixtures());
    let all = [
        "answered-late",
        "article-uncited",
        "article-unknown",
        "banned-word",
        "citation-repeated",
        "customer-message-added",
        "disclosure-missing",
        "exclamation-marks",
        "export-malformed",
        "export-missing",
        "export-too-large",
        "fact-contradicted",
        "fact-missing",
        "fact-unstated",
        "forbidden-phrase",
        "handover-announced",
        "handover-changed",
        "handover-missing",
        "handover-moved",
        "handover-status",
        "id-duplicate",
        "message-empty",
        "message-too-long",
        "message-too-short",
        "other-ticket",
        "quote-invented",
        "quote-too-short",
        "shouting",
        "status-wrong",
        "taken-over",
        "text-disguised",
        "text-hidden",
        "text-markup",
        "time-backwards",
        "too-few-citations",
        "too-many-messages",
        "unanswered",
    ];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

/// However it is spelled, a promise is one.
#[test]
fn a_promise_is_found_in_any_spelling() {
    for promise in [
        "we guarantee it",
        "we GUARANTEED it",
        "we g u a r a n t e e it",
        "we **guar**antee it",
        "we gua-\nrantee it",
        "we guar\u{AD}antee it",
        "we ｇｕａｒａｎｔｅｅ it",
        "we 𝐠𝐮𝐚𝐫𝐚𝐧𝐭𝐞𝐞 it",
        "we gúaräntee it",
        "we guarant33 it",
        "> we guarantee it",
        "see https://guarantee.example.org",
        "a Full.Refund for you",
    ] {
        let found = codes_where("I am sorry", promise);
        assert!(
            found.contains(&"forbidden-phrase".to_owned()),
            "{promise}: {found:?}"
        );
    }
    for honest in [
        "I can't guarantee it",
        "as for the guard, an tea",
        "it is full. Refunds are below",
    ] {
        let found = codes_where("I am sorry", honest);
        assert_eq!(found, [""; 0], "{honest}");
    }
}

/// A quote that the article does not have says what the supplier wants.
#[test]
fn a_promise_in_a_quote_is_one_unless_the_article_makes_it() {
    let quote = |quote: &str| {
        let mut params = document("params.json");
        params
            .as_object_mut()
            .expect("an object")
            .remove("citations");
        params["policy"]["forbidden"][1]["any_of"] = json!(["original payment method"]);
        params["policy"]["forbidden"][1]["except"] =
            json!(["we refund the original payment method within"]);
        codes_with(&params, |export| {
            export["messages"][4]["citations"][2]["quote"] = json!(quote)
        })
    };
    assert_eq!(
        quote("We refund the original payment method within 5 business days"),
        [""; 0]
    );
    assert_eq!(quote("refund the original payment method"), [""; 0]);
    assert_eq!(
        quote("double the original payment method"),
        ["forbidden-phrase"]
    );
}

/// A phrase alone states nothing.
#[test]
fn a_fact_is_stated_by_a_sentence_that_means_it() {
    let window = "You can return it within 30 days of delivery, so until 26 March 2026.";
    for (said, stated) in [
        ("Yes: it goes back within 30 days of\ndelivery.", true),
        ("You may return it **within 30 days** of delivery", true),
        (
            "We take it back, not later, within 30 days of delivery.",
            true,
        ),
        ("You can not return it within 30 days of delivery.", false),
        ("It doesn't go back within 30 days of delivery.", false),
        (
            "There is no fee, and it goes back within 30 days of delivery.",
            true,
        ),
        (
            "That it goes back within 30 days of delivery is not so.",
            false,
        ),
        ("Would you return it within 30 days of delivery?", false),
        ("\n\n- within 30 days\n- of delivery\n\n", false),
        ("It goes back within 130 days of delivery.", false),
        ("It goes back within 30 days of non-delivery.", false),
        ("It goes back within 1.30 days of delivery.", false),
        ("> It goes back within 30 days of delivery.\n\n", false),
        (
            "See https://example.org/within 30-days-of-delivery now.",
            false,
        ),
    ] {
        let found = codes_where(window, said);
        let missing = found.iter().any(|code| code.starts_with("fact-"));
        assert_eq!(!missing, stated, "{said}: {found:?}");
    }
}

#[test]
fn what_readers_do_not_see_is_told() {
    for (said, code) in [
        ("a\u{200B}b", "text-hidden"),
        ("a\u{202E}b", "text-hidden"),
        ("a\u{E0041}b", "text-hidden"),
        ("a\u{1B}[8mb", "text-hidden"),
        ("n\u{336}o\u{336}", "text-hidden"),
        ("a\n\n\n\n\n\n\n\n\n\nb", "text-hidden"),
        ("<span>b</span>", "text-markup"),
        ("</p>", "text-markup"),
        ("&#8203;", "text-markup"),
        ("&nbsp;", "text-markup"),
        ("~~no~~", "text-markup"),
        ("![b](c)", "text-markup"),
        ("[b](c \"d\")", "text-markup"),
        ("[b](c(d)\n'e')", "text-markup"),
        ("\n[//]: # (b)\n", "text-markup"),
        ("раypal", "text-disguised"),
    ] {
        let found = codes_where("I am sorry", said);
        assert_eq!(found, [code], "{said:?}");
    }
    for honest in [
        "1 < 2 & 3 > 2, R&D; I",
        "<https://example.org/a?b=1&c=2>",
        "[b](https://example.org/a_(b)) 👩\u{200D}💻 ❤\u{FE0F}",
        "Привет, Γειά, שלום, مرحبا, 你好",
        "[sic] [1]",
    ] {
        assert_eq!(codes_where("I am sorry", honest), [""; 0], "{honest:?}");
    }
}

/// An export is of one form: what is not asked for could say something else than what is.
#[test]
fn an_export_says_nothing_else() {
    for change in [
        (|export| export["note"] = json!("all done")) as fn(&mut Value),
        |export| export["messages"][4]["html"] = json!("<b>no</b>"),
        |export| export["messages"][4]["from"] = json!("Agent"),
        |export| export["messages"][4]["at"] = json!("2026-03-02 09:48:12Z"),
        |export| export["messages"][4]["id"] = json!("m5\u{200B}"),
        |export| export["messages"][4]["id"] = json!(" "),
        |export| export["messages"][1]["citations"] = json!([{"article": "returns", "quote": "x"}]),
        |export| export["messages"][4] = json!(["m5", "2026-03-02T09:48:12Z", "agent", "x", []]),
        |export| export["status"] = json!(null),
    ] {
        assert_eq!(codes(change), ["export-malformed"]);
    }
}

/// The order of members and the spelling of a moment are the exporter's.
#[test]
fn one_ticket_may_be_written_in_two_ways() {
    let found = codes(|export| {
        export["messages"][0]["at"] = json!("2026-03-02T10:14:00.000+01:00");
        export["messages"][0]["citations"] = json!([]);
    });
    assert_eq!(found, [""; 0]);
}

#[test]
fn disclosures_are_asked_for_where_their_condition_holds() {
    let mut params = document("params.json");
    let none = |_: &mut Value| {};
    for (when, from, kept) in [
        ("neighbour", "customer", false),
        ("neighbour", "anyone", false),
        ("neighbour", "supplier", true),
        ("KX-2", "supplier", true),
        ("KX-2", "anyone", false),
        ("brightware", "supplier", false),
        ("brightware", "customer", true),
    ] {
        params["policy"]["disclosures"][3]["when"] = json!([when]);
        params["policy"]["disclosures"][3]["when_from"] = json!(from);
        assert_eq!(codes_with(&params, none).is_empty(), kept, "{when} {from}");
    }
    // Said, but not at once.
    params["policy"]["tone"] = json!({});
    params["policy"]["disclosures"] =
        json!([{"id": "ai", "any_of": ["an AI assistant"], "in_first_message": true}]);
    assert_eq!(codes_with(&params, none), [""; 0]);
    let found = codes_with(&params, |export| {
        let first = json!({"id": "m4b", "at": "2026-03-02T09:48:00Z", "from": "agent", "text": "One moment please."});
        export["messages"]
            .as_array_mut()
            .expect("a list")
            .insert(4, first);
    });
    assert_eq!(found, ["disclosure-missing"]);
}

#[test]
fn an_answer_is_new_and_long_enough_and_in_its_own_words() {
    let asked = "the kettle from order 4417-9082 came last Tuesday, and its lid does not close";
    let params = json!({"later_customer_messages": 1, "timeliness": {"first_answer_seconds": 900}});
    for (said, answered) in [
        ("It goes back for free.", true),
        ("It goes back.", false),
        (asked, false),
        (
            "Somebody will answer you shortly. Thank you for your message.",
            true,
        ),
        (
            "Thank you for your message! Somebody will answer you shortly...",
            false,
        ),
    ] {
        let found = codes_with(&params, |export| {
            export["messages"][4]["text"] = json!(said);
        });
        assert_eq!(found.is_empty(), answered, "{said}: {found:?}");
    }
    let found = codes_with(&params, |export| {
        let more = json!({"id": "m6", "at": "2026-03-02T09:49:00Z", "from": "customer", "text": "And then?"});
        export["messages"]
            .as_array_mut()
            .expect("a list")
            .push(more);
    });
    assert_eq!(found, ["unanswered"]);
}

#[test]
fn a_quote_is_cut_out_of_nothing_and_counts_once() {
    for (quote, code) in [
        ("We e\u{2010}mail you\n a prepaid label.", None),
        ("mail you a prepaid label", Some("quote-invented")),
        ("turn most items within 30 days", Some("quote-invented")),
        ("we e-mail you a prepaid label.", Some("quote-invented")),
        ("can return most items within 30", Some("too-few-citations")),
    ] {
        let found = codes(|export| export["messages"][4]["citations"][1]["quote"] = json!(quote));
        match code {
            None => assert_eq!(found, [""; 0], "{quote}"),
            Some(code) => assert!(found.contains(&code.to_owned()), "{quote}: {found:?}"),
        }
    }
}

/// The buyer's own documents are refused where nobody could be judged by them, and the supplier is not blamed.
#[test]
fn what_nobody_could_judge_by_is_the_buyers_fault() {
    let (params, export) = (document("params.json"), document("submission/ticket.json"));
    let handed_over = document("references/handed-over.json");
    let with = |of: &Value, pointer: &str, value: Value| {
        let mut of = of.clone();
        *of.pointer_mut(pointer).expect("it is there") = value;
        of
    };
    for (params, handed_over, why) in [
        (
            params.clone(),
            with(&handed_over, "/messages", json!([])),
            "the customer has said nothing",
        ),
        (
            params.clone(),
            with(&handed_over, "/messages/1/id", json!("m1")),
            "two messages have one id",
        ),
        (
            params.clone(),
            with(
                &handed_over,
                "/messages/0/at",
                json!("2027-01-01T00:00:00Z"),
            ),
            "go backwards",
        ),
        (
            params.clone(),
            with(&handed_over, "/messages/0/text", json!(7)),
            "invalid type",
        ),
        (
            with(&params, "/articles/returns", json!("lost.txt")),
            handed_over.clone(),
            "there is no such file",
        ),
        (
            with(&params, "/articles", json!({})),
            handed_over.clone(),
            "no article to be cited",
        ),
        (
            with(&params, "/citations/articles/0", json!("warranty")),
            handed_over.clone(),
            "no such article",
        ),
        (
            with(&params, "/policy", json!({"tone": {"acronyms": ["FAQ"]}})),
            handed_over.clone(),
            "asks for nothing",
        ),
        (
            with(&params, "/policy/forbidden/0/any_of/0", json!("*")),
            handed_over.clone(),
            "has no word",
        ),
        (
            with(&params, "/facts/required/0/any_of/0", json!("…")),
            handed_over.clone(),
            "has no word",
        ),
        (
            with(&params, "/facts/required/1/id", json!("return-window")),
            handed_over.clone(),
            "have one id",
        ),
    ] {
        let refusal = judge(&params, &handed_over, &export).expect_err("it is refused");
        let said = refusal.to_string();
        assert!(
            matches!(refusal, Refusal::InvalidParams(_)) && said.contains(why),
            "{said}"
        );
    }
}

/// The defaults that the schema documents are those that hold.
#[test]
fn the_schema_tells_the_defaults() {
    let schema: Value = serde_json::from_str(SupportTicket::params_schema()).expect("JSON");
    let at = |pointer: &str| schema.pointer(pointer).cloned().expect("it is there");
    let params = crate::params::Params::default();
    assert_eq!(at("/properties/export/default"), json!(params.export));
    assert_eq!(
        at("/properties/handed_over/default"),
        json!(params.handed_over)
    );
    assert_eq!(at("/properties/statuses/default"), json!(params.statuses));
    assert_eq!(
        at("/properties/min_answer_words/default"),
        json!(params.min_answer_words)
    );
    let facts: crate::params::Facts =
        serde_json::from_value(json!({"required": []})).expect("facts");
    assert_eq!(
        at("/properties/facts/properties/negations/default"),
        json!(facts.negations)
    );
    assert_eq!(
        at("/properties/facts/properties/negation_reach/default"),
        json!(facts.negation_reach)
    );
    assert_eq!(
        at("/properties/facts/properties/min_sentence_words/default"),
        json!(facts.min_sentence_words)
    );
    assert_eq!(
        at("/properties/facts/properties/max_per_sentence/default"),
        json!(facts.max_per_sentence)
    );
    let takeover = crate::params::NoTakeover::default();
    assert_eq!(
        at("/properties/no_takeover/properties/statuses/default"),
        json!(takeover.statuses)
    );
    let citations = crate::params::Citations::default();
    assert_eq!(
        at("/properties/citations/properties/min/default"),
        json!(citations.min)
    );
    assert_eq!(
        at("/properties/citations/properties/min_words/default"),
        json!(citations.min_words)
    );
}

/// What nobody asked for is not reported, and what is asked for never passes on nothing.
#[test]
fn only_what_is_asked_for_is_judged() {
    let handed_over = document("references/handed-over.json");
    let report = judge(
        &json!({}),
        &handed_over,
        &document("submission/ticket.json"),
    )
    .expect("a report");
    let ids: Vec<_> = report
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(ids, ["export", "status"]);
    assert!(
        report
            .checks
            .iter()
            .all(|check| check.status == Status::Pass)
    );
    let mut nothing = handed_over.clone();
    nothing["status"] = json!("resolved");
    let report = judge(&document("params.json"), &handed_over, &nothing).expect("a report");
    let passed = report
        .checks
        .iter()
        .filter(|check| check.status == Status::Pass);
    let passed: Vec<_> = passed.map(|check| check.id.as_str()).collect();
    assert_eq!(passed, ["export", "no-takeover"]);
}
