//! Pages of a market in which something has happened: what stands on them, and what never does.

use std::num::NonZeroU8;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use proofmark_core::Timestamp;
use proofmark_market::{Action, ContractAction, ContractId, RfqId};
use proofmark_service::Recorder;
use proofmark_simulator::stage::{Actor, Says, Stage, rules, terms};
use proofmark_storage::{SqliteStore, Store};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// What somebody calls what is bought, to see what a page makes of it.
const CLASS: &str = "<script>alert(1)</script>";

struct Pages {
    routes: Router,
    rfq: RfqId,
    contract: ContractId,
    supplier: Actor,
    _directory: TempDir,
}

impl Pages {
    /// A contract that was paid and is final, and an RFQ that is open.
    async fn open() -> Self {
        let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
        let all = ["buyer", "supplier", "passer-by", "alpha"].map(Actor::new);
        let mut stage = Stage::open(&all, 100_000);
        let mut terms = terms();
        terms.outcome_class = CLASS.to_owned();
        let rfq = stage.publish(&buyer, &terms).expect("in order");
        let (bid, bonded) = (stage.offer(1_000, 1_000), true);
        stage.must(&supplier, Action::PlaceBid { rfq, bid, bonded }, None);
        stage.pass_rfq(rfq);
        let contract = rfq.contract(NonZeroU8::MIN);
        let submission = stage.work("the answer");
        stage.act(&supplier, contract, ContractAction::Submit { submission });
        let judged = stage.judge(
            &Actor::passer_by(),
            contract,
            Says::Pass,
            &[&Actor::new("alpha")],
        );
        judged.expect("it waits");
        stage.act(&buyer, contract, ContractAction::Accept);
        stage.pass_contract(contract);
        stage.publish(&buyer, &terms).expect("in order");
        let directory = TempDir::new().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("record.db")).await;
        let store: Arc<dyn Store> = Arc::new(store.expect("it opens"));
        let times: Vec<_> = stage.log.iter().map(|entry| entry.at).collect();
        let at = Arc::new(std::sync::Mutex::new(times[0]));
        let clock = Arc::clone(&at);
        let now = move || -> Timestamp { *clock.lock().expect("nobody panicked") };
        let recorder = Recorder::start(store, rules(), now)
            .await
            .expect("it starts");
        for (entry, time) in stage.log.iter().zip(times) {
            *at.lock().expect("nobody panicked") = time;
            let sent = recorder.send(entry.envelope.clone(), entry.attachment.clone());
            sent.await.expect("it is obeyed again");
        }
        Self {
            routes: proofmark_pages::router(recorder),
            rfq,
            contract,
            supplier,
            _directory: directory,
        }
    }

    async fn get(&self, path: &str) -> (StatusCode, String, String) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let answer = self.routes.clone().oneshot(request).await.expect("never");
        let policy = answer.headers().get("content-security-policy");
        let policy = policy
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (
            status,
            policy,
            String::from_utf8(body.to_vec()).expect("text"),
        )
    }

    async fn text(&self, path: &str) -> String {
        let (status, policy, text) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            !text.contains("<script"),
            "{path}: what parties write is text"
        );
        text
    }
}

#[tokio::test]
async fn the_board_has_what_is_asked_for() {
    let pages = Pages::open().await;
    let board = pages.text("/").await;
    assert!(board.contains(&format!("/rfqs/{}", pages.rfq)));
    assert!(board.contains(&format!("/contracts/{}", pages.contract)));
    assert!(board.contains("&#60;script&#62;alert(1)"), "{board}");
    let open = pages.text("/?state=Open").await;
    assert!(
        !open.contains(&format!("/rfqs/{}", pages.rfq)),
        "it was awarded"
    );
    assert!(open.contains("/rfqs/rfq_"));
    let other = pages.text("/?class=other").await;
    assert!(other.contains("No RFQ is like that"));
    // What is no question is answered with everything.
    assert!(
        pages
            .text("/?state=Open&state=Failed")
            .await
            .contains("/rfqs/rfq_")
    );
}

#[tokio::test]
async fn a_contract_tells_its_story() {
    let pages = Pages::open().await;
    let contract = pages.text(&format!("/contracts/{}", pages.contract)).await;
    for line in [
        "It ended: final.",
        "Nothing can happen to it any more.",
        "The buyer accepted.",
        "state Final",
        &format!("/rfqs/{}", pages.rfq),
        &format!("/parties/{}", pages.supplier.id()),
    ] {
        assert!(contract.contains(line), "{line}: {contract}");
    }
    let rfq = pages.text(&format!("/rfqs/{}", pages.rfq)).await;
    for line in [
        "whole bond",
        "10.00 USD",
        "competes at a total of",
        "is paid 10.00 USD",
    ] {
        assert!(rfq.contains(line), "{line}: {rfq}");
    }
}

#[tokio::test]
async fn a_record_is_drawn_as_intervals() {
    let pages = Pages::open().await;
    let party = pages
        .text(&format!("/parties/{}", pages.supplier.id()))
        .await;
    assert!(party.contains("delivers: at least"), "{party}");
    assert!(party.contains("late defects: at most"));
    assert!(party.contains("<svg"));
    let buyer = pages
        .text(&format!("/parties/{}", Actor::new("buyer").id()))
        .await;
    assert!(buyer.contains("No contract of its own has ended yet"));
}

#[tokio::test]
async fn what_is_not_there_is_a_page_too() {
    let pages = Pages::open().await;
    let nobody = "0".repeat(64);
    for path in [
        format!("/rfqs/rfq_{}", "0".repeat(32)),
        "/rfqs/x".to_owned(),
        format!("/contracts/con_{}_1", "0".repeat(32)),
        "/contracts/x".to_owned(),
        format!("/parties/{nobody}"),
        "/parties/x".to_owned(),
    ] {
        let (status, _, text) = pages.get(&path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(
            text.contains("of this name in this market"),
            "{path}: {text}"
        );
    }
}
