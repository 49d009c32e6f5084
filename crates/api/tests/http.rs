//! The routes, asked as anybody would: every answer is held against the published document.

mod world;

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures_util::{StreamExt as _, stream};
use proofmark_core::Digest;
use proofmark_market::{Action, ContractAction};
use proofmark_simulator::stage::{Actor, Says, cents, terms, usd};
use serde_json::{Value, json};

use world::{LISTENERS, Market, command};

#[tokio::test]
async fn a_contract_from_its_rfq_to_its_end() {
    let mut market = Market::open().await;
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let rfq = market.publish(&buyer, &terms()).await;
    let open = market
        .get("/v1/rfqs?state=Open&outcome_class=support_ticket_resolved")
        .await;
    assert_eq!(open["items"][0]["id"], json!(rfq.to_string()));
    assert_eq!(open["items"][0]["bids"], 0);
    let bid = market.stage.offer(1_000, 1_000);
    market
        .must(
            &supplier,
            Action::PlaceBid {
                rfq,
                bid,
                bonded: false,
            },
        )
        .await;
    market.pass(3_601);
    market
        .must(&Actor::passer_by(), Action::TickRfq { rfq })
        .await;
    let awarded = market.get(&format!("/v1/rfqs/{rfq}")).await;
    assert_eq!(awarded["state"], "Awarded");
    assert_eq!(awarded["award"]["winner"]["price"], 1_000);
    let contract = awarded["contracts"][0]
        .as_str()
        .expect("it began")
        .to_owned();
    let path = format!("/v1/contracts/{contract}");
    let nothing = market.ask(&format!("{path}/facts")).await;
    assert_eq!(nothing.code(), "nothing-to-judge");
    let id = contract.parse().expect("a name");
    let submission = market.stage.work("the answer");
    let submit = ContractAction::Submit { submission };
    market.act(&supplier, id, submit).await;
    let facts = market.get(&format!("{path}/facts")).await;
    assert_eq!(facts["submission"]["sha256"], json!(submission.hex()));
    let verdict = market.verdict(id, Says::Pass, "alpha");
    assert_eq!(market.send(&verdict).await.status, StatusCode::OK);
    market.act(&buyer, id, ContractAction::Accept).await;
    let paid = market.get(&path).await;
    assert_eq!(paid["state"], "Provisional");
    // What the run was bound to is known for ever.
    let late = market.get(&format!("{path}/facts?run=1")).await;
    for member in ["contract", "nonce", "attempt", "submission", "criteria"] {
        assert_eq!(late[member], facts[member], "{member}");
    }
    for (run, code) in [
        ("2", "nothing-to-judge"),
        ("0", "request-malformed"),
        ("x", "request-malformed"),
    ] {
        let none = market.ask(&format!("{path}/facts?run={run}")).await;
        assert_eq!(none.code(), code, "{run}");
    }
    let explained = paid["explanation"].as_str().expect("text");
    assert!(
        explained.contains("The supplier was paid 8.00 USD"),
        "{explained}"
    );
    let commands: Vec<_> = paid["next"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["command"])
        .collect();
    assert_eq!(commands, ["state_evidence", "challenge", "tick"]);
    market.pass(72 * 3_600 + 1);
    market
        .act(&Actor::passer_by(), id, ContractAction::Tick)
        .await;
    let ended = market.get(&path).await;
    assert_eq!(
        (&ended["state"], &ended["next"]),
        (&json!("Final"), &json!([]))
    );
    let of_buyer = market
        .get(&format!("/v1/contracts?party={}&state=Final", buyer.id()))
        .await;
    assert_eq!(of_buyer["items"].as_array().map(Vec::len), Some(1));
    let party = market.get(&format!("/v1/parties/{}", supplier.id())).await;
    assert_eq!(party["balances"][0]["available"], 101_000);
    assert_eq!(party["as_supplier_of"], json!(["support_ticket_resolved"]));
    let standing = format!(
        "/v1/parties/{}/standings/support_ticket_resolved",
        supplier.id()
    );
    let standing = market.get(&standing).await;
    // One counterparty is at most a fifth of the weight.
    assert_eq!(standing["standing"]["effective_milli"], 200);
    market.agrees().await;
}

#[tokio::test]
async fn a_command_sent_again_is_answered_and_not_obeyed_again() {
    let mut market = Market::open().await;
    let withdraw = Action::Withdraw {
        asset: usd(),
        amount: cents(100),
    };
    let message = market.stage.write(&Actor::new("buyer"), withdraw, None);
    let (first, again) = (market.send(&message).await, market.send(&message).await);
    assert_eq!(
        (&first.body["status"], &again.body["status"]),
        (&json!("obeyed"), &json!("exists"))
    );
    assert_eq!(first.body["head"], again.body["head"]);
    assert_eq!(again.body["events"], json!([]));
}

#[tokio::test]
async fn what_is_refused_says_why_in_the_same_form_everywhere() {
    let market = Market::open().await;
    let nowhere = "rfq_00000000000000000000000000000000";
    let nobody = "0".repeat(64);
    for (path, status, code) in [
        ("/v1/nothing", 404, "route-unknown"),
        (&format!("/v1/rfqs/{nowhere}"), 404, "rfq-unknown"),
        ("/v1/rfqs/everything", 400, "request-malformed"),
        ("/v1/rfqs?limit=0", 400, "request-malformed"),
        ("/v1/rfqs?limit=many", 400, "request-malformed"),
        ("/v1/rfqs?more=1", 400, "request-malformed"),
        ("/v1/rfqs?after=x", 400, "request-malformed"),
        ("/v1/rfqs/%ff", 400, "request-malformed"),
        (
            &format!("/v1/contracts/con_{}_1", "0".repeat(32)),
            404,
            "contract-unknown",
        ),
        (
            &format!("/v1/contracts/con_{}_1/facts", "0".repeat(32)),
            404,
            "contract-unknown",
        ),
        ("/v1/contracts?party=me", 400, "request-malformed"),
        ("/v1/rfqs?state=open", 400, "request-malformed"),
        ("/v1/contracts?state=Nonsense", 400, "request-malformed"),
        (&format!("/v1/parties/{nobody}"), 404, "party-unknown"),
        ("/v1/parties/me/standings/x", 400, "request-malformed"),
        ("/v1/events?after=last", 400, "request-malformed"),
        ("/v1/commands?limit=201", 400, "request-malformed"),
    ] {
        let answer = market.ask(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, code),
            "{path}"
        );
        assert_eq!(answer.kind, "application/problem+json", "{path}");
        assert_eq!(answer.body["status"], status, "{path}");
        assert!(answer.body["hint"].is_string(), "{path}");
    }
    let other = market.request("DELETE", "/v1/market", Vec::new()).await;
    assert_eq!(
        (other.status.as_u16(), other.code()),
        (405, "method-unknown")
    );
}

#[tokio::test]
async fn commands_that_are_none_are_refused_before_anything_is_done() {
    let mut market = Market::open().await;
    let before = market.get("/v1/market").await;
    let stranger = Actor::new("stranger");
    let withdraw = Action::Withdraw {
        asset: usd(),
        amount: cents(100),
    };
    let unknown = market.stage.write(&stranger, withdraw.clone(), None);
    let unknown = command(&unknown);
    let mut changed: Value = serde_json::from_slice(&command(&market.stage.write(
        &Actor::new("buyer"),
        withdraw,
        None,
    )))
    .expect("JSON");
    changed["envelope"]["signatures"][0]["sig"] = json!("AAAA");
    let bad = |text: &str| text.as_bytes().to_vec();
    for (body, status, code) in [
        (bad(""), 400, "request-malformed"),
        (bad("{}"), 400, "request-malformed"),
        (bad(r#"{"envelope":{},"more":1}"#), 400, "request-malformed"),
        (bad(r#"{"envelope":{}}"#), 400, "command-malformed"),
        (
            bad(r#"{"envelope":{},"attachment":"?"}"#),
            400,
            "request-malformed",
        ),
        (bad(r#"{"envelope":"twice"}"#), 400, "command-malformed"),
        (unknown, 401, "sender-unknown"),
        (changed.to_string().into_bytes(), 401, "signature-invalid"),
        (vec![b' '; 7 << 20], 413, "body-too-large"),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = market.request("POST", "/v1/commands", body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, code),
            "{shown}"
        );
    }
    assert_eq!(market.get("/v1/market").await, before);
}

#[tokio::test]
async fn lists_are_read_a_page_at_a_time() {
    let mut market = Market::open().await;
    let buyer = Actor::new("buyer");
    let mut published = Vec::new();
    for number in 0..5 {
        let mut terms = terms();
        terms.reference = Some(format!("number-{number}"));
        published.push(market.publish(&buyer, &terms).await.to_string());
    }
    published.sort();
    let (mut seen, mut path) = (Vec::new(), "/v1/rfqs?limit=2".to_owned());
    loop {
        let page = market.get(&path).await;
        let items = page["items"].as_array().expect("a list");
        seen.extend(
            items
                .iter()
                .map(|it| it["id"].as_str().expect("a name").to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/rfqs?limit=2&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, published);
    let log = market.get("/v1/commands?limit=3").await;
    assert_eq!(log["items"].as_array().map(Vec::len), Some(3));
    let rest = market.get("/v1/commands?after=3&limit=200").await;
    assert_eq!(rest["items"][0]["sequence"], 4);
    let events = market.get("/v1/events?limit=1").await;
    assert_eq!(events["items"][0]["number"], 1);
    assert_eq!(events["next"], "1");
}

/// Two awards of what follows no grade, and one RFQ of what follows one.
#[tokio::test]
async fn instruments_say_what_is_bought_and_at_what_prices() {
    let mut market = Market::open().await;
    let nothing = market.get("/v1/instruments").await;
    assert_eq!(nothing, json!({ "items": [] }));
    let first = market.begun("supplier", Some("first")).await;
    let second = market.begun("supplier", Some("second")).await;
    let mut graded = terms();
    graded.instrument = Some("grade-a".to_owned());
    market.publish(&Actor::new("buyer"), &graded).await;

    let class = terms().outcome_class;
    let known = market.get("/v1/instruments?limit=1").await;
    let items = known["items"].as_array().expect("a list");
    let told: Vec<_> = items
        .iter()
        .map(|it| {
            (
                &it["outcome_class"],
                &it["grade"],
                &it["rfqs"],
                &it["awards"],
            )
        })
        .collect();
    let (class_said, grade) = (json!(class), json!("grade-a"));
    assert_eq!(
        told,
        [
            (&class_said, &Value::Null, &json!(2), &json!(2)),
            (&class_said, &grade, &json!(1), &json!(0)),
        ]
    );
    assert_eq!(items[0]["last"]["rfq"], json!(second.rfq));
    let path = format!("/v1/instruments/{class}/prices");
    let page = market.get(&format!("{path}?limit=1")).await;
    assert_eq!(page["items"][0]["rfq"], json!(first.rfq));
    assert_eq!(page["items"][0]["price"], 1_000);
    let next = page["next"].as_str().expect("there is more");
    let page = market.get(&format!("{path}?limit=1&after={next}")).await;
    assert_eq!(page["items"][0]["rfq"], json!(second.rfq));
    assert!(page["next"].is_null());
    let graded = market.get(&format!("{path}?grade=grade-a")).await;
    assert_eq!(graded, json!({ "items": [] }));
    let foreign = market
        .ask(&format!("{path}?grade=grade-a&after={next}"))
        .await;
    assert_eq!(foreign.code(), "request-malformed", "not the end of a list");

    // Another class: a page of each, and attempts where they were made.
    let mut other = terms();
    other.outcome_class = "zebra_counted".to_owned();
    market.publish(&Actor::new("buyer"), &other).await;
    market.handed_in("supplier", first, "the answer").await;
    let verdict = market.verdict(first, Says::Pass, "alpha");
    assert_eq!(market.send(&verdict).await.status, StatusCode::OK);
    let page = market.get("/v1/instruments?limit=1").await;
    let items = page["items"].as_array().expect("a list");
    assert_eq!(
        (items.len(), &page["next"]),
        (2, &class_said),
        "all of its grades"
    );
    assert_eq!(
        (&items[0]["attempts"], &items[0]["passed"]),
        (&json!(1), &json!(1))
    );
    let page = market
        .get(&format!("/v1/instruments?limit=1&after={class}"))
        .await;
    assert_eq!(page["items"][0]["outcome_class"], "zebra_counted");
    assert!(page["next"].is_null());
    let never = market.ask("/v1/instruments/nothing/prices").await;
    assert_eq!(
        (never.status.as_u16(), never.code()),
        (404, "instrument-unknown")
    );
}

/// A listener sees everything once, also when it was away.
#[tokio::test]
async fn events_are_told_as_they_happen_and_again_from_the_last_that_was_seen() {
    let mut market = Market::open().await;
    let all = market.get("/v1/events?limit=200").await;
    let count = all["items"].as_array().expect("a list").len();
    let mut stream = market.listen(None).await;
    let first = stream.next(count).await;
    let numbers: Vec<_> = first.iter().map(|event| event.id).collect();
    assert_eq!(numbers, (1..=count as u64).collect::<Vec<_>>());
    let deposit = Action::Deposit {
        party: Actor::new("buyer").id(),
        asset: usd(),
        amount: cents(5),
    };
    market.must(&Actor::operator(), deposit.clone()).await;
    let told = stream.next(1).await;
    assert_eq!(
        (told[0].id, told[0].kind.as_str()),
        (count as u64 + 1, "deposited")
    );
    assert_eq!(told[0].data["body"]["event"]["amount"], 5);
    drop(stream);
    market.must(&Actor::operator(), deposit).await;
    let mut again = market.listen(Some(count as u64 + 1)).await;
    assert_eq!(again.next(1).await[0].id, count as u64 + 2);
}

/// Streams have no end of their own: the server ends them when it stops, and they hold up nothing else.
#[tokio::test]
async fn streams_end_with_the_server() {
    let market = Market::open().await;
    let mut all = Vec::new();
    for _ in 0..LISTENERS {
        all.push(market.listen(None).await);
    }
    // One too many is told so, until another goes.
    let refused = market.ask("/v1/events/stream").await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::SERVICE_UNAVAILABLE, "listeners-too-many")
    );
    assert_ne!(refused.header("retry-after"), "");
    all.pop();
    all.push(market.listen(None).await);
    let soon = Duration::from_secs(5);
    let closed = market.recorder.clone().close();
    let closed = tokio::time::timeout(soon, closed).await;
    closed.expect("nobody who listens keeps the record");
    let ended = async {
        for one in &mut all {
            one.ended().await;
        }
    };
    let ended = tokio::time::timeout(soon, ended).await;
    ended.expect("there is nothing more to hear");
    let market = Market::open().await;
    let mut one = market.listen(None).await;
    market.listeners.end();
    let ended = tokio::time::timeout(soon, one.ended()).await;
    ended.expect("the server stops before the market");
}

/// Connections on which nothing comes take nothing from anybody; whoever is too slow is told so.
#[tokio::test]
async fn bodies_that_do_not_come_stop_nobody() {
    let mut market = Market::open().await;
    let idle: Vec<_> = (0..500)
        .map(|_| {
            let begun = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"{")) });
            let body = Body::from_stream(begun.chain(stream::pending()));
            tokio::spawn(market.start("POST", "/v1/commands", &[], body))
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let deposit = Action::Deposit {
        party: Actor::new("buyer").id(),
        asset: usd(),
        amount: cents(1),
    };
    market.must(&Actor::operator(), deposit).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(16)).await;
    for one in idle {
        let answer = one.await.expect("it is answered");
        assert_eq!(answer.status, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(answer.code(), "request-too-slow");
    }
}

/// Of one party, ten seconds' worth are obeyed at once, and then as many as its share; of the operator, all.
#[tokio::test]
async fn one_party_does_not_take_everybodys_time() {
    let mut market = Market::open().await;
    let withdraw = Action::Withdraw {
        asset: usd(),
        amount: cents(1),
    };
    // It has registered, and that was one.
    for _ in 0..199 {
        market.must(&Actor::new("supplier"), withdraw.clone()).await;
    }
    let message = market
        .stage
        .write(&Actor::new("supplier"), withdraw.clone(), None);
    let answer = market.submit(&message).await;
    assert_eq!(answer.code(), "too-fast", "{}", answer.text);
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "1");
    market.must(&Actor::new("buyer"), withdraw.clone()).await;
    let deposit = Action::Deposit {
        party: Actor::new("supplier").id(),
        asset: usd(),
        amount: cents(1),
    };
    for _ in 0..300 {
        market.must(&Actor::operator(), deposit.clone()).await;
    }
    market.pass(1);
    let answer = market.submit(&message).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test]
async fn it_says_whether_it_can_be_used_and_what_it_counts() {
    let market = Market::open().await;
    for path in ["/livez", "/readyz"] {
        assert_eq!(market.ask(path).await.status, StatusCode::OK);
    }
    market.ask("/v1/rfqs/everything").await;
    let metrics = market.ask("/metrics").await.text;
    for line in [
        r#"proofmark_http_answers_total{route="/v1/rfqs/{rfq}",status="400"} 1"#,
        r#"proofmark_commands_total{code="obeyed"}"#,
        "proofmark_durable_commands ",
        "proofmark_waiting_commands 0",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

/// Of two types with one name the document would have one.
#[test]
fn bodies_are_published_as_they_are_read() {
    let document = json!(proofmark_api::openapi());
    for (path, member) in [
        ("/v1/check", "files"),
        ("/v1/commands", "envelope"),
        ("/v1/runs/claims", "most"),
        ("/v1/runs/reports", "job"),
        ("/v1/webhooks", "url"),
    ] {
        let body = &document["paths"][path]["post"]["requestBody"];
        let schema = &body["content"]["application/json"]["schema"]["$ref"];
        let name = schema.as_str().and_then(|it| it.rsplit('/').next());
        let schema = &document["components"]["schemas"][name.expect("a name")];
        assert!(schema["properties"][member].is_object(), "{path}: {schema}");
    }
}

/// `docs/openapi.json` is what the code says; `PROOFMARK_WRITE_EXAMPLES=1` writes it anew.
#[test]
fn the_published_document_is_that_of_the_code() {
    let mut text = serde_json::to_string_pretty(&proofmark_api::openapi()).expect("JSON");
    text.push('\n');
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("PROOFMARK_WRITE_EXAMPLES").is_some() {
        std::fs::write(&path, &text).expect("it is written");
    }
    let published = std::fs::read_to_string(&path).expect("it is published");
    assert!(
        published == text,
        "PROOFMARK_WRITE_EXAMPLES=1 writes it anew"
    );
    assert_ne!(Digest::of(text.as_bytes()), Digest::of(b""));
}
