//! Pages of a market in which something has happened: what stands on them, and what never does.

use std::num::NonZeroU8;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::Response;
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
        let recorder = Recorder::start(Arc::clone(&store), rules(), now)
            .await
            .expect("it starts");
        for (entry, time) in stage.log.iter().zip(times) {
            *at.lock().expect("nobody panicked") = time;
            let sent = recorder.send(entry.envelope.clone(), entry.attachment.clone());
            sent.await.expect("it is obeyed again");
        }
        Self {
            routes: proofmark_pages::around(Router::new(), recorder, store, None),
            rfq,
            contract,
            supplier,
            _directory: directory,
        }
    }

    async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        let asked = headers
            .iter()
            .fold(Request::get(path), |asked, (name, value)| {
                asked.header(*name, *value)
            });
        let request = asked.body(Body::empty()).expect("a request");
        self.routes.clone().oneshot(request).await.expect("never")
    }

    /// The path of the page of the only verdict, as the page of the contract has it.
    async fn verdict(&self) -> String {
        let contract = self.text(&format!("/contracts/{}", self.contract)).await;
        let start = format!("/contracts/{}/verdicts/", self.contract);
        let at = contract.find(&start).expect("the timeline leads to it");
        let rest = &contract[at..];
        rest[..rest.find('"').expect("an end")].to_owned()
    }

    async fn get(&self, path: &str) -> (StatusCode, String, String) {
        let answer = self.ask(path, &[("host", "market.example:8080")]).await;
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
    let open = pages.text("/?state=open").await;
    assert!(open.contains("<option selected>Open</option>"), "{open}");
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
        // All that was in it, and who got it.
        r#"<th scope="row">Price</th><td>the supplier</td><td class="number">8.00 USD"#,
        r#"<th scope="row">Holdback</th><td>the supplier</td><td class="number">2.00 USD"#,
        r#"<th scope="row">Supplier&#39;s bond</th><td>the supplier</td><td class="number">10.00 USD"#,
        r#"<th scope="row">Market fee</th><td>the market</td><td class="number">0.25 USD"#,
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
        "Review by people",
        "The supplier does not deliver",
        "signed a command that names it",
        "Oracles",
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
    assert!(buyer.contains("At most this share is bad"));
    let nobody = pages
        .text(&format!("/parties/{}", Actor::passer_by().id()))
        .await;
    assert!(!nobody.contains("is bad"), "it never bought: {nobody}");
}

#[tokio::test]
async fn what_is_not_there_is_a_page_too() {
    let pages = Pages::open().await;
    let nobody = "0".repeat(64);
    for path in [
        format!("/rfqs/rfq_{}", "0".repeat(32)),
        "/rfqs/x".to_owned(),
        format!("/contracts/con_{}_1", "0".repeat(32)),
        format!("/contracts/{}/verdicts/sha256:{nobody}", pages.contract),
        format!("/contracts/{}/verdicts/x", pages.contract),
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

#[tokio::test]
async fn a_browser_that_asks_for_what_is_nowhere_gets_a_page() {
    let pages = Pages::open().await;
    let html = ("accept", "text/html,*/*;q=0.8");
    for (path, headers, page) in [
        ("/nowhere", &[html][..], true),
        ("/contracts/a/b/c", &[html], true),
        ("/nowhere", &[], false),
        ("/v1/nowhere", &[html], false),
    ] {
        let answer = pages.ask(path, headers).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        let text = String::from_utf8_lossy(&body);
        assert_eq!(text.contains("There is no page"), page, "{path}: {text}");
    }
}

#[tokio::test]
async fn a_verdict_is_read_and_can_be_verified() {
    let pages = Pages::open().await;
    let path = pages.verdict().await;
    let (status, policy, text) = pages.get(&path).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    assert!(
        policy.starts_with("default-src 'none'")
            && policy.contains("script-src 'self' 'wasm-unsafe-eval';")
            && policy.contains("connect-src 'self';")
            && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    let (_, bundle) = path.rsplit_once('/').expect("a digest");
    let facts = format!("/v1/contracts/{}/facts?run=1", pages.contract);
    for line in [
        r#"<span class="state pass">pass</span>"#,
        r#"data-policy="/v1/policy""#,
        &format!(r#"data-facts="{facts}""#),
        &format!(
            r#"data-bundle="/v1/contracts/{}/verdicts/{bundle}""#,
            pages.contract
        ),
        r#"<td data-rule="signatures">not verified</td>"#,
        r#"role="status" aria-live="polite""#,
        &format!("an engine of {}", "alpha"),
        "curl -s http://market.example:8080/v1/policy -o policy.json",
        &format!("--contract {}", pages.contract),
        "--nonce ",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    // One script, a file of ours; and what parties write is text.
    let scripts: Vec<_> = text.match_indices("<script").collect();
    assert_eq!(scripts.len(), 1, "{text}");
    assert!(text.contains(r#"<script type="module" src="/verify/verdict-"#));
    assert!(text.contains("&#60;script&#62;alert(1)"), "{text}");
}

#[tokio::test]
async fn a_host_that_is_none_does_not_reach_a_shell() {
    let pages = Pages::open().await;
    let path = pages.verdict().await;
    let answer = pages.ask(&path, &[("host", "a;reboot")]).await;
    let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    let text = String::from_utf8_lossy(&body);
    assert!(!text.contains("reboot") && text.contains("http://localhost/v1/policy"));
}

#[tokio::test]
async fn what_verifies_is_served_once_and_for_ever() {
    let pages = Pages::open().await;
    let text = pages.get(&pages.verdict().await).await.2;
    let named = |start: &str, end: &str| {
        let rest = &text[text.find(start).expect("it is named")..];
        rest[..rest.find(end).expect("an end") + end.len()].to_owned()
    };
    let script = named("/verify/verdict-", ".mjs");
    let module = named("/verify/proofmark-", ".wasm");
    for (path, kind) in [
        (&script, "text/javascript; charset=utf-8"),
        (&module, "application/wasm"),
    ] {
        for packed in [false, true] {
            let accept = if packed { "gzip, br" } else { "identity" };
            let answer = pages.ask(path, &[("accept-encoding", accept)]).await;
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            let header = |name: &str| {
                let value = answer.headers().get(name);
                value.map(|it| it.to_str().expect("text").to_owned())
            };
            assert_eq!(header("content-type").as_deref(), Some(kind));
            assert_eq!(header("vary").as_deref(), Some("accept-encoding"));
            assert_eq!(header("content-encoding").is_some(), packed, "{path}");
            let kept = header("cache-control").expect("it may be kept");
            assert!(kept.contains("immutable"), "{kept}");
            let body = to_bytes(answer.into_body(), 8 << 20).await.expect("a body");
            let start: &[u8] = if packed { b"\x1f\x8b" } else { &body[..2] };
            assert!(body.starts_with(start), "{path}");
            if path == &module && !packed {
                assert!(body == proofmark_pages::verifier(), "the very module");
                assert!(body.starts_with(b"\0asm"));
            }
        }
    }
    let other = pages.ask("/verify/proofmark.wasm", &[]).await;
    assert_eq!(other.status(), StatusCode::NOT_FOUND, "without its digest");
}

#[tokio::test]
async fn an_instrument_has_its_prices() {
    let pages = Pages::open().await;
    let list = pages.text("/instruments").await;
    assert!(list.contains("&#60;script&#62;alert(1)"), "{list}");
    assert!(list.contains("100.0 % of 1"), "{list}");
    let start = list.find("/instruments/prices?class=").expect("a link");
    let path = &list[start..start + list[start..].find('"').expect("an end")];
    let path = path.replace("&#38;", "&");
    let prices = pages.text(&path).await;
    for line in [
        "RFQs: 2 · awards: 1",
        r#"<svg class="prices""#,
        "Prices from 10.00 USD to 10.00 USD",
        r#"<td class="number">10.00 USD</td>"#,
        &format!("/rfqs/{}", pages.rfq),
    ] {
        assert!(prices.contains(line), "{line}: {prices}");
    }
    let rfq = pages.text(&format!("/rfqs/{}", pages.rfq)).await;
    assert!(
        rfq.contains("/instruments/prices?class=%3Cscript%3E"),
        "{rfq}"
    );
    for nothing in ["/instruments/prices?class=other", "/instruments/prices"] {
        assert_eq!(pages.get(nothing).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_log_lists_verdicts() {
    let pages = Pages::open().await;
    let log = pages.text("/verdicts").await;
    for line in [
        "in that order: 1.",
        "publishes no log",
        &format!(r#"<a href="{}">pass</a>"#, pages.verdict().await),
        r#"<th scope="row" class="number">0</th>"#,
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
}

/// What a submission says is for its parties. The pages have names, sizes and digests.
#[tokio::test]
async fn no_page_has_the_work() {
    let pages = Pages::open().await;
    let all = [
        "/".to_owned(),
        "/verdicts".to_owned(),
        format!("/rfqs/{}", pages.rfq),
        format!("/contracts/{}", pages.contract),
        pages.verdict().await,
    ];
    for path in all {
        let (_, _, text) = pages.get(&path).await;
        assert!(!text.contains("the answer"), "{path}: {text}");
    }
}
