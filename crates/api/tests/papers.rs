//! The trust policy and the bundles of verdicts are given out byte for byte.

use axum::http::StatusCode;
use proofmark_attestation::{Bundle, leaf};
use proofmark_core::Digest;
use proofmark_market::ContractId;
use proofmark_simulator::stage::{Message, Says, engines};
use proofmark_tlog::leaf_hash;
use serde_json::json;

mod world;

use world::Market;

/// A contract whose supplier has handed something in.
async fn submitted(market: &mut Market) -> ContractId {
    let contract = market.begun("supplier", None).await;
    market.handed_in("supplier", contract, "the answer").await;
    contract
}

async fn judged(market: &mut Market, contract: ContractId, says: Says) -> Vec<u8> {
    let verdict = market.verdict(contract, says, "alpha");
    let answer = market.send(&verdict).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    verdict.attachment.expect("a bundle")
}

#[tokio::test]
async fn the_policy_in_force_is_given_out_as_it_was_published() {
    let market = Market::open().await;
    let answer = market.ask("/v1/policy").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let accepted = market.stage.market.policy().expect("the stage has one");
    let published = market
        .stage
        .log
        .iter()
        .filter_map(|it| it.attachment.as_ref());
    let published: Vec<_> = published.collect();
    assert!(published.contains(&&answer.bytes.to_vec()));
    let seen = market.get("/v1/market").await;
    assert_eq!(seen["policy"], json!(accepted.digest()));
}

#[tokio::test]
async fn every_bundle_that_was_obeyed_is_listed_and_given_out_as_it_was_presented() {
    let mut market = Market::open().await;
    let contract = submitted(&mut market).await;
    let path = format!("/v1/contracts/{contract}/verdicts");
    assert_eq!(market.get(&path).await, json!({ "items": [] }));
    let failed = judged(&mut market, contract, Says::Fail).await;
    market
        .handed_in("supplier", contract, "a better answer")
        .await;
    // Refused, so not listed: the wrong run.
    let again = market.verdict(contract, Says::Pass, "nobody");
    let refused: Message = again;
    assert_ne!(market.send(&refused).await.status, StatusCode::OK);
    let passed = judged(&mut market, contract, Says::Pass).await;
    let listed = market.get(&path).await;
    let [first, second] = listed["items"].as_array().expect("a list").as_slice() else {
        panic!("two were obeyed: {listed}")
    };
    let [alpha, ..] = engines();
    for (shown, bundle, verdict, run) in [(first, &failed, "fail", 1), (second, &passed, "pass", 2)]
    {
        let digest = Digest::of(bundle);
        assert_eq!(shown["bundle"], json!(digest));
        assert_eq!(
            (&shown["verdict"], &shown["run"]),
            (&json!(verdict), &json!(run))
        );
        assert_eq!(shown["signers"][0]["key"], json!(alpha.id()));
        let operator = shown["signers"][0]["operator"].as_str();
        assert!(operator.is_some_and(|it| !it.is_empty()));
        let sequence = shown["sequence"].as_u64().expect("a number");
        let log = market
            .get(&format!("/v1/commands?after={}&limit=1", sequence - 1))
            .await;
        assert_eq!(log["items"][0]["at"], shown["at"]);
        let given = market.ask(&format!("{path}/{digest}")).await;
        assert_eq!(given.kind, "application/json");
        assert_eq!(given.bytes, bundle.as_slice());
    }
    let page = market.get(&format!("{path}?limit=1")).await;
    assert_eq!(page["items"], json!([first]));
    let next = page["next"].as_str().expect("there is more");
    let page = market.get(&format!("{path}?after={next}")).await;
    assert_eq!(page, json!({ "items": [second] }));
}

#[tokio::test]
async fn what_was_not_presented_is_not_there() {
    let mut market = Market::open().await;
    let contract = submitted(&mut market).await;
    let none = format!("con_{}_1", "0".repeat(32));
    let other = Digest::of(b"never presented");
    for (path, status, code) in [
        (
            format!("/v1/contracts/{none}/verdicts"),
            404,
            "contract-unknown",
        ),
        (
            format!("/v1/contracts/{none}/verdicts/{other}"),
            404,
            "contract-unknown",
        ),
        (
            format!("/v1/contracts/{contract}/verdicts/{other}"),
            404,
            "verdict-unknown",
        ),
        (
            format!("/v1/contracts/{contract}/verdicts/it"),
            400,
            "request-malformed",
        ),
        (
            "/v1/contracts/it/verdicts".to_owned(),
            400,
            "request-malformed",
        ),
        (
            format!("/v1/contracts/{contract}/verdicts?limit=0"),
            400,
            "request-malformed",
        ),
    ] {
        let answer = market.ask(&path).await;
        let seen = (answer.status.as_u16(), answer.code());
        assert_eq!(seen, (status, code), "{path}");
    }
}

/// First as it was presented, then with the proof; and as it was presented for whoever asks.
#[tokio::test]
async fn a_bundle_is_proven_to_be_logged_once_it_is() {
    let mut market = Market::open().await;
    let contract = submitted(&mut market).await;
    let presented = judged(&mut market, contract, Says::Pass).await;
    let list = format!("/v1/contracts/{contract}/verdicts");
    let path = format!("{list}/{}", Digest::of(&presented));
    let key = market.log.key().to_string();
    assert_eq!(market.get("/v1/market").await["log"], json!(key));
    assert_eq!(
        market.get(&list).await["items"][0]["log_index"],
        json!(null)
    );
    assert_eq!(market.ask(&path).await.bytes, presented.as_slice());
    market.logged(1).await;
    assert_eq!(market.get(&list).await["items"][0]["log_index"], json!(0));
    let proven = market.ask(&path).await;
    let bundle = Bundle::parse(&proven.bytes).expect("a bundle");
    let own = Bundle::parse(&presented).expect("a bundle");
    assert_eq!(bundle.envelope, own.envelope);
    let evidence = bundle.log.expect("it is proven");
    let entry = leaf(&own.envelope, &evidence.signers).expect("it is signed");
    let log = market.log.key();
    evidence
        .proof
        .verify(&leaf_hash(&entry), log)
        .expect("it holds");
    let as_presented = market.ask(&format!("{path}?as=presented")).await;
    assert_eq!(as_presented.bytes, presented.as_slice());
    for query in ["as=it", "as", "form=presented"] {
        let other = market.ask(&format!("{path}?{query}")).await;
        assert_eq!(other.code(), "request-malformed", "{query}");
    }
}
