//! Runs, as engines elsewhere hold them and hand in their verdicts.

mod world;

use axum::body::Body;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_api::ticket::Access;
use proofmark_core::Digest;
use proofmark_market::ContractId;
use proofmark_simulator::stage::{Actor, Says, engines};
use serde_json::{Value, json};

use world::{Answer, Market};

/// A contract in which work was handed in.
async fn submitted(market: &mut Market, reference: &str, text: &str) -> ContractId {
    let contract = market.begun("supplier", Some(reference)).await;
    market.handed_in("supplier", contract, text).await;
    contract
}

impl Market {
    async fn desk(&self, engine: &Actor, path: &str, body: &Value) -> Answer {
        let ticket = self.ticket(Access::Judge {}, engine);
        let ticket = ticket.sign(engine.secret()).expect("signed");
        let headers = [("authorization", ticket.as_str())];
        let body = Body::from(body.to_string());
        self.call("POST", path, &headers, body).await
    }

    async fn claim(&self, engine: &Actor) -> Vec<Value> {
        let answer = self
            .desk(engine, "/v1/runs/claims", &json!({ "most": 9 }))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.body["items"].as_array().expect("a list").clone()
    }

    /// What the engine says of a run, handed in at the desk.
    async fn hand_in(&mut self, engine: &str, run: &Value, says: Says) -> Answer {
        let contract = run["contract"].as_str().expect("a name");
        let verdict = self.verdict(contract.parse().expect("a name"), says, engine);
        let bundle = verdict.attachment.expect("a bundle");
        self.report(engine, run, &bundle).await
    }

    async fn report(&self, engine: &str, run: &Value, bundle: &[u8]) -> Answer {
        let report = json!({
            "job": run["job"], "epoch": run["epoch"], "bundle": STANDARD.encode(bundle),
        });
        let path = "/v1/runs/reports";
        self.desk(&Actor::new(engine), path, &report).await
    }

    async fn state(&self, contract: &ContractId) -> String {
        let shown = self.get(&format!("/v1/contracts/{contract}")).await;
        shown["state"].as_str().expect("a state").to_owned()
    }
}

#[tokio::test]
async fn a_run_is_given_to_each_engine_that_is_asked_and_judged_once() {
    let mut market = Market::open().await;
    let contract = submitted(&mut market, "one", "the answer").await;
    let [alpha, ..] = engines();
    let given = market.claim(&alpha).await;
    let [run] = given.as_slice() else {
        panic!("one run waits: {given:?}");
    };
    let facts = market.get(&format!("/v1/contracts/{contract}/facts")).await;
    assert_eq!(run["contract"], json!(contract.to_string()));
    assert_eq!(run["binding"]["nonce"], facts["nonce"]);
    assert!(market.claim(&alpha).await.is_empty(), "it is held");
    assert!(
        market.claim(&Actor::house()).await.is_empty(),
        "it is not asked"
    );
    let reported = market.hand_in("alpha", run, Says::Pass).await;
    assert_eq!(reported.body["status"], "obeyed", "{}", reported.text);
    assert_eq!(market.state(&contract).await, "Passed");
    market.pass(301);
    assert!(market.claim(&alpha).await.is_empty(), "it is judged");
}

/// The answer was lost, so the engine sends again: the same word counts once, and is still said to count.
#[tokio::test]
async fn a_verdict_that_is_handed_in_again_is_the_same_verdict() {
    let mut market = Market::open().await;
    let contract = submitted(&mut market, "one", "the answer").await;
    let [alpha, ..] = engines();
    let run = market.claim(&alpha).await.remove(0);
    let verdict = market.verdict(contract, Says::Pass, "alpha");
    let bundle = verdict.attachment.expect("a bundle");
    for _ in 0..2 {
        let reported = market.report("alpha", &run, &bundle).await;
        assert_eq!(reported.body["status"], "obeyed", "{}", reported.text);
    }
    let log = market.get("/v1/market").await["sequence"].clone();
    market.report("alpha", &run, &bundle).await;
    assert_eq!(market.get("/v1/market").await["sequence"], log);
}

#[tokio::test]
async fn an_engine_that_is_gone_costs_time_only() {
    let mut market = Market::open().await;
    let contract = submitted(&mut market, "one", "the answer").await;
    let [alpha, ..] = engines();
    let slow = market.claim(&alpha).await.remove(0);
    market.pass(299);
    assert!(market.claim(&alpha).await.is_empty());
    market.pass(2);
    let next = market.claim(&alpha).await.remove(0);
    assert_eq!((&slow["epoch"], &next["epoch"]), (&json!(1), &json!(2)));
    // What the slow one puts off now is another's.
    let put_off = json!({
        "job": slow["job"], "epoch": slow["epoch"], "put_off": { "seconds": 9, "why": "no memory" },
    });
    let told = market.desk(&alpha, "/v1/runs/reports", &put_off).await;
    assert_eq!(told.body["status"], "put_off", "{}", told.text);
    market.pass(10);
    assert!(
        market.claim(&alpha).await.is_empty(),
        "the second still holds it"
    );
    // Its verdict is as good as any: the market knows the engine, not the machine.
    let late = market.hand_in("alpha", &slow, Says::Pass).await;
    assert_eq!(late.body["status"], "obeyed", "{}", late.text);
    let after = market.hand_in("alpha", &next, Says::Pass).await;
    assert_eq!(after.status, StatusCode::OK, "{}", after.text);
    assert_eq!(market.state(&contract).await, "Passed");
}

#[tokio::test]
async fn what_is_put_off_comes_again() {
    let mut market = Market::open().await;
    submitted(&mut market, "one", "the answer").await;
    let [alpha, ..] = engines();
    let run = market.claim(&alpha).await.remove(0);
    let put_off = json!({
        "job": run["job"], "epoch": run["epoch"], "put_off": { "seconds": 1_000_000, "why": "" },
    });
    market.desk(&alpha, "/v1/runs/reports", &put_off).await;
    market.pass(599);
    assert!(market.claim(&alpha).await.is_empty());
    market.pass(2);
    assert_eq!(
        market.claim(&alpha).await.len(),
        1,
        "ten minutes is the longest"
    );
}

#[tokio::test]
async fn a_run_that_takes_longer_stays_whose_it_is() {
    let mut market = Market::open().await;
    submitted(&mut market, "one", "the answer").await;
    let [alpha, ..] = engines();
    let run = market.claim(&alpha).await.remove(0);
    let extend = json!({ "job": run["job"], "epoch": run["epoch"], "extend": true });
    let extended = async |market: &Market| {
        let answer = market.desk(&alpha, "/v1/runs/reports", &extend).await;
        answer.body["status"].clone()
    };
    market.pass(200);
    assert_eq!(extended(&market).await, "extended");
    market.pass(299);
    assert!(market.claim(&alpha).await.is_empty(), "for as long again");
    market.pass(2);
    assert_eq!(market.claim(&alpha).await.len(), 1);
    assert_eq!(extended(&market).await, "gone", "it is another's by now");
}

/// Whoever is at the desk of an engine may hand in what somebody else has signed. It is said to be refused, and neither
/// ends the run nor is taken for the engine's word.
#[tokio::test]
async fn what_is_refused_is_no_result_and_the_run_comes_again() {
    let mut market = Market::open().await;
    let contract = submitted(&mut market, "one", "the answer").await;
    let [alpha, ..] = engines();
    let run = market.claim(&alpha).await.remove(0);
    let forged = market.verdict(contract, Says::Fail, "mallory").attachment;
    let forged = forged.expect("a bundle");
    let refused = market.report("alpha", &run, &forged).await;
    assert_eq!(refused.body["status"], "refused", "{}", refused.text);
    assert_eq!(refused.body["code"], "outcome-refused", "{}", refused.text);
    let why = refused.body["detail"].as_str();
    assert!(why.is_some_and(|it| !it.is_empty()), "{}", refused.text);
    market.pass(29);
    assert!(market.claim(&alpha).await.is_empty(), "in half a minute");
    market.pass(2);
    let again = market.claim(&alpha).await.remove(0);
    let own = market.hand_in("alpha", &again, Says::Pass).await;
    assert_eq!(own.body["status"], "obeyed", "{}", own.text);
    assert_eq!(market.state(&contract).await, "Passed");
}

/// The same work by the same criteria, judged otherwise by the same engine: nobody can say which is right.
#[tokio::test]
async fn a_second_record_of_the_same_is_an_incident_and_not_presented() {
    let mut market = Market::open().await;
    submitted(&mut market, "one", "the answer").await;
    let contract = submitted(&mut market, "two", "the answer").await;
    let [alpha, ..] = engines();
    let runs = market.claim(&alpha).await;
    let of_second = |run: &&Value| run["contract"] == json!(contract.to_string());
    let second = runs.iter().find(of_second).expect("it waits");
    let first = runs.iter().find(|run| !of_second(run)).expect("it waits");
    market.hand_in("alpha", first, Says::Pass).await;
    let lie = market.hand_in("alpha", second, Says::Fail).await;
    assert_eq!(lie.status, StatusCode::CONFLICT, "{}", lie.text);
    assert_eq!(lie.code(), "record-contradicts");
    assert_eq!(market.state(&contract).await, "Verifying");
}

#[tokio::test]
async fn nobody_else_is_given_runs_or_believed() {
    let mut market = Market::open().await;
    let contract = submitted(&mut market, "one", "the answer").await;
    let ([alpha, ..], house) = (engines(), Actor::house());
    let run = market.claim(&alpha).await.remove(0);
    let claim = json!({ "most": 1 });
    let path = "/v1/runs/claims";
    let without = market
        .request("POST", path, claim.to_string().into_bytes())
        .await;
    assert_eq!(
        (without.status, without.code()),
        (StatusCode::UNAUTHORIZED, "ticket-missing")
    );
    let party = market.desk(&Actor::new("buyer"), path, &claim).await;
    assert_eq!(
        (party.status, party.code()),
        (StatusCode::FORBIDDEN, "engine-unknown")
    );
    let other = market.ticket(
        Access::Download {
            blob: Digest::of(b""),
        },
        &alpha,
    );
    let other = other.sign(alpha.secret()).expect("signed");
    let headers = [("authorization", other.as_str())];
    let other = market
        .call("POST", path, &headers, Body::from(claim.to_string()))
        .await;
    assert_eq!(
        (other.status, other.code()),
        (StatusCode::FORBIDDEN, "ticket-other-purpose")
    );
    // Another's run, and what is none.
    let verdict = market.hand_in("beta", &run, Says::Pass).await;
    assert_eq!(
        (verdict.status, verdict.code()),
        (StatusCode::NOT_FOUND, "run-unknown")
    );
    let mut renamed = run.clone();
    let of_house = format!(
        "verify/{}/{}/9",
        house.id(),
        run["contract"].as_str().expect("text")
    );
    renamed["job"] = json!(of_house);
    // An engine that is not asked may speak, as anybody may present what it signed; it does not count.
    market.hand_in("house", &renamed, Says::Pass).await;
    assert_eq!(market.state(&contract).await, "Verifying");
    let junk = market.report("alpha", &run, b"{}").await;
    assert_eq!(
        (junk.status, junk.code()),
        (StatusCode::BAD_REQUEST, "verdict-malformed")
    );
    for nonsense in [json!({}), json!({ "most": -1 }), json!([])] {
        let answer = market.desk(&alpha, path, &nonsense).await;
        assert_eq!(answer.code(), "request-malformed", "{}", answer.text);
    }
    let both = json!({ "job": run["job"], "epoch": 1 });
    let neither = market.desk(&alpha, "/v1/runs/reports", &both).await;
    assert_eq!(neither.code(), "request-malformed");
}
