//! A verdict without a contract.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::Digest;
use proofmark_simulator::stage::Actor;
use serde_json::{Value, json};

use crate::world::{Answer, BUILT_IN, Market};

const CRITERIA: &[u8] = b"criteria, for these routes";

async fn check(market: &Market, criteria: &Digest, files: usize) -> Answer {
    let file = |number: usize| json!({ "path": format!("{number}.txt"), "content": STANDARD.encode("four") });
    let files: Vec<_> = (0..files).map(file).collect();
    send(market, &json!({ "criteria": criteria, "files": files })).await
}

async fn send(market: &Market, body: &Value) -> Answer {
    let body = body.to_string().into_bytes();
    market.request("POST", "/v1/check", body).await
}

#[tokio::test]
async fn files_are_judged_by_criteria_that_everybody_may_read() {
    let market = Market::open().await;
    let criteria = Digest::of(CRITERIA);
    let nowhere = check(&market, &criteria, 1).await;
    assert_eq!(nowhere.code(), "criteria-unknown");
    market.kept(&Actor::new("buyer"), CRITERIA, false).await;
    let private = check(&market, &criteria, 1).await;
    assert_eq!(
        private.code(),
        "criteria-unknown",
        "only its owner may read it"
    );
    market.kept(&Actor::new("buyer"), CRITERIA, true).await;
    let answer = check(&market, &criteria, 2).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.body["verdict"], "pass");
    let lengths = json!([["0.txt", 4], ["1.txt", 4]]);
    assert_eq!(answer.body["record"]["lengths"], lengths);
    for (files, code) in [
        (0, "submission-refused"),
        (9, "criteria-unusable"),
        (10, "not-checked"),
    ] {
        assert_eq!(check(&market, &criteria, files).await.code(), code);
    }
    // The place is free again, whatever came of it.
    assert_eq!(check(&market, &criteria, 1).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_no_such_request_is_said() {
    let market = Market::open().await;
    let criteria = Digest::of(CRITERIA);
    for body in [
        json!({ "criteria": criteria }),
        json!({ "criteria": "sha256:00", "files": [] }),
        json!({ "criteria": criteria, "files": [], "binding": {} }),
        json!({ "criteria": criteria, "files": [{ "path": "a", "content": "?" }] }),
    ] {
        let answer = send(&market, &body).await;
        assert_eq!(
            answer.code(),
            "request-malformed",
            "{body}: {}",
            answer.text
        );
    }
}

/// What is nobody's but its sender's is looked at for nobody.
#[tokio::test]
async fn a_validator_is_looked_at_once_everybody_can_read_it() {
    let market = Market::open().await;
    let supplier = Actor::new("supplier");
    let shown = async |bytes: &[u8]| {
        let path = format!("/v1/validators/{}", Digest::of(bytes));
        market.ask(&path).await
    };
    let built_in = shown(BUILT_IN).await;
    assert_eq!(built_in.status, StatusCode::OK, "{}", built_in.text);
    assert_eq!(built_in.body["accepted"], true);
    let text = b"no validator";
    for public in [false, true] {
        assert_eq!(shown(text).await.code(), "validator-unknown");
        market.kept(&supplier, text, public).await;
    }
    let refused = shown(text).await;
    assert_eq!(refused.body["accepted"], false);
    assert_eq!(refused.body["code"], "not-webassembly");
    let nameless = market.ask("/v1/validators/json-schema").await;
    assert_eq!(nameless.code(), "request-malformed");
}
