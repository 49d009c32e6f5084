//! Bytes by their digest: sent, broken off and gone on with, and read by whom they are for and by nobody else.

#[path = "blobs/checks.rs"]
mod checks;
#[path = "blobs/contracts.rs"]
mod contracts;
#[path = "blobs/tickets.rs"]
mod tickets;
mod world;

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures_util::{StreamExt as _, stream};
use proofmark_api::ticket::{Access, Ticket};
use proofmark_core::Digest;
use proofmark_market::ContractId;
use proofmark_simulator::stage::Actor;
use serde_json::json;
use tokio::sync::mpsc;

use world::{Answer, Market};

const BYTES: &[u8] = b"what somebody has made, in some bytes";

fn path(blob: &Digest) -> String {
    format!("/v1/blobs/{blob}")
}

fn upload(bytes: &[u8], public: bool) -> Access {
    Access::Upload {
        blob: Digest::of(bytes),
        size: bytes.len() as u64,
        public,
    }
}

fn download(bytes: &[u8]) -> Access {
    let blob = Digest::of(bytes);
    Access::Download { blob }
}

fn signed(ticket: &Ticket, by: &Actor) -> String {
    ticket.sign(by.secret()).expect("a signature")
}

impl Market {
    fn pass_for(&self, who: &Actor, access: Access) -> String {
        signed(&self.ticket(access, who), who)
    }

    async fn put(&self, who: &Actor, bytes: &[u8], public: bool) -> Answer {
        let ticket = self.pass_for(who, upload(bytes, public));
        self.put_part(&ticket, bytes, 0, bytes).await
    }

    /// Sends a part of what `whole` is.
    async fn put_part(&self, ticket: &str, whole: &[u8], from: usize, part: &[u8]) -> Answer {
        let body = Body::from(part.to_vec());
        self.put_body(ticket, whole, from, body).await
    }

    async fn put_body(&self, ticket: &str, whole: &[u8], from: usize, body: Body) -> Answer {
        let from = from.to_string();
        let headers = [("authorization", ticket), ("upload-offset", &from)];
        let path = path(&Digest::of(whole));
        self.call("PUT", &path, &headers, body).await
    }

    async fn kept(&self, who: &Actor, bytes: &[u8], public: bool) {
        let answer = self.put(who, bytes, public).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }

    /// Whoever has no ticket reads what anybody may read.
    async fn read(&self, who: Option<&Actor>, bytes: &[u8]) -> Answer {
        let blob = path(&Digest::of(bytes));
        self.read_at(who, bytes, &blob).await
    }

    async fn read_at(&self, who: Option<&Actor>, bytes: &[u8], path: &str) -> Answer {
        let ticket = who.map(|who| self.pass_for(who, download(bytes)));
        let headers = ticket.as_deref().map(|it| ("authorization", it));
        let headers: Vec<_> = headers.into_iter().collect();
        self.call("GET", path, &headers, Body::empty()).await
    }

    async fn may_read(&self, who: &Actor, bytes: &[u8], contract: ContractId) -> bool {
        let path = format!("{}?contract={contract}", path(&Digest::of(bytes)));
        let answer = self.read_at(Some(who), bytes, &path).await;
        match answer.status {
            StatusCode::OK => assert_eq!(answer.bytes, bytes),
            status => assert_eq!(
                (status, answer.code()),
                (StatusCode::NOT_FOUND, "blob-unknown"),
                "{}",
                answer.text
            ),
        }
        answer.status == StatusCode::OK
    }

    async fn head(&self, ticket: Option<&str>, bytes: &[u8]) -> Answer {
        let headers: Vec<_> = ticket.map(|it| ("authorization", it)).into_iter().collect();
        let path = path(&Digest::of(bytes));
        self.call("HEAD", &path, &headers, Body::empty()).await
    }
}

#[tokio::test]
async fn what_was_sent_is_read_again_by_whoever_sent_it() {
    let market = Market::open().await;
    let supplier = Actor::new("supplier");
    let sent = market.put(&supplier, BYTES, false).await;
    let blob = Digest::of(BYTES);
    assert_eq!(sent.body, json!({"blob": blob, "size": BYTES.len()}));
    let read = market.read(Some(&supplier), BYTES).await;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(read.bytes, BYTES);
    assert_eq!(read.kind, "application/octet-stream");
    assert_eq!(read.header("content-disposition"), "attachment");
    assert_eq!(read.header("last-modified"), "");
    // Sent again it is there already, whatever comes; so it can be published without sending it.
    let ticket = market.pass_for(&supplier, upload(BYTES, true));
    assert_eq!(market.read(None, BYTES).await.status, StatusCode::NOT_FOUND);
    let again = market.put_part(&ticket, BYTES, 0, b"").await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text);
    assert_eq!(market.read(None, BYTES).await.bytes, BYTES);
    let metrics = market.ask("/metrics").await.text;
    let line = format!("proofmark_blob_received_bytes_total {}", BYTES.len());
    assert!(metrics.contains(&line), "{metrics}");
}

#[tokio::test]
async fn anybody_reads_what_is_public_and_any_range_of_it() {
    let market = Market::open().await;
    market.kept(&Actor::new("buyer"), BYTES, true).await;
    assert_eq!(market.read(None, BYTES).await.bytes, BYTES);
    assert_eq!(market.head(None, BYTES).await.status, StatusCode::OK);
    // Whoever has a ticket of any kind is anybody too.
    let supplier = Actor::new("supplier");
    let read = market.read(Some(&supplier), BYTES).await;
    assert_eq!(read.bytes, BYTES);
    let path = path(&Digest::of(BYTES));
    let range = async |range| {
        let headers = [("range", range)];
        market.call("GET", &path, &headers, Body::empty()).await
    };
    let part = range("bytes=5-12").await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes, &BYTES[5..=12]);
    let whole = BYTES.len();
    assert_eq!(part.header("content-range"), format!("bytes 5-12/{whole}"));
    assert_eq!(range("bytes=-4").await.bytes, &BYTES[whole - 4..]);
    let beyond = range("bytes=1000-").await;
    assert_eq!(
        (beyond.status, beyond.code()),
        (StatusCode::RANGE_NOT_SATISFIABLE, "range-unknown")
    );
    assert_eq!(beyond.header("content-range"), format!("bytes */{whole}"));
    let nothing: &[u8] = b"";
    market.kept(&Actor::new("buyer"), nothing, true).await;
    assert_eq!(market.read(None, nothing).await.bytes, nothing);
}

/// What is private and what is not there look the same.
#[tokio::test]
async fn what_is_private_is_not_there_for_others() {
    let market = Market::open().await;
    let (owner, other) = (Actor::new("supplier"), Actor::new("buyer"));
    let mut before = Vec::new();
    for who in [None, Some(&other)] {
        before.push(market.read(who, BYTES).await.text);
    }
    market.kept(&owner, BYTES, false).await;
    for (who, before) in [None, Some(&other)].into_iter().zip(before) {
        let answer = market.read(who, BYTES).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::NOT_FOUND, "blob-unknown")
        );
        assert_eq!(answer.text, before);
        let ticket = who.map(|who| market.pass_for(who, download(BYTES)));
        let looked = market.head(ticket.as_deref(), BYTES).await;
        assert_eq!(looked.status, StatusCode::NOT_FOUND);
        assert_eq!(looked.header("upload-offset"), "0");
    }
    let ticket = market.pass_for(&owner, download(BYTES));
    let looked = market.head(Some(&ticket), BYTES).await;
    assert_eq!(looked.status, StatusCode::OK);
}

#[tokio::test]
async fn what_was_broken_off_goes_on_where_it_stopped() {
    let market = Market::open().await;
    let supplier = Actor::new("supplier");
    let ticket = market.pass_for(&supplier, upload(BYTES, false));
    let arrives = stream::iter([Ok(Bytes::from_static(&BYTES[..7])), Err("the line is cut")]);
    let cut = market.put_body(&ticket, BYTES, 0, Body::from_stream(arrives));
    let cut = cut.await;
    assert_eq!(
        (cut.status, cut.code()),
        (StatusCode::BAD_REQUEST, "upload-incomplete")
    );
    assert_eq!(cut.header("upload-offset"), "7");
    let looked = market.head(Some(&ticket), BYTES).await;
    assert_eq!(looked.status, StatusCode::NOT_FOUND);
    assert_eq!(looked.header("upload-offset"), "7");
    let wrong = market.put_part(&ticket, BYTES, 9, &BYTES[9..]).await;
    assert_eq!(
        (wrong.status, wrong.code()),
        (StatusCode::CONFLICT, "upload-elsewhere")
    );
    assert_eq!(wrong.header("upload-offset"), "7");
    let rest = market.put_part(&ticket, BYTES, 7, &BYTES[7..]).await;
    assert_eq!(rest.status, StatusCode::OK, "{}", rest.text);
    assert_eq!(market.read(Some(&supplier), BYTES).await.bytes, BYTES);
    let bad = [
        ("authorization", ticket.as_str()),
        ("upload-offset", "some"),
    ];
    let path = path(&Digest::of(BYTES));
    let bad = market.call("PUT", &path, &bad, Body::empty()).await;
    assert_eq!(bad.code(), "request-malformed");
}

#[tokio::test]
async fn what_is_not_as_it_was_announced_is_not_kept() {
    let market = Market::open().await;
    let supplier = Actor::new("supplier");
    let ticket = market.pass_for(&supplier, upload(BYTES, true));
    let short = market.put_part(&ticket, BYTES, 0, &BYTES[1..]).await;
    assert_eq!(
        (short.status, short.code()),
        (StatusCode::BAD_REQUEST, "upload-incomplete")
    );
    let long = [BYTES, b"!"].concat();
    let long = market.put_part(&ticket, BYTES, 0, &long).await;
    assert_eq!(
        (long.status, long.code()),
        (StatusCode::BAD_REQUEST, "upload-too-long")
    );
    let other = vec![b'x'; BYTES.len()];
    let other = market.put_part(&ticket, BYTES, 0, &other).await;
    assert_eq!(
        (other.status, other.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "digest-mismatch")
    );
    assert_eq!(market.read(None, BYTES).await.status, StatusCode::NOT_FOUND);
    let looked = market.head(Some(&ticket), BYTES).await;
    assert_eq!(looked.header("upload-offset"), "0");
    let owner = proofmark_blobs::OwnerName::new(&supplier.id().to_string()).expect("a name");
    assert_eq!(market.blobs().bytes_of(&owner).expect("obeyed"), 0);
    for (size, status, code) in [
        (proofmark_api::MAX_BLOB_BYTES + 1, 413, "blob-too-large"),
        (proofmark_api::MAX_BLOB_BYTES, 400, "upload-incomplete"),
    ] {
        let access = Access::Upload {
            blob: Digest::of(BYTES),
            size,
            public: false,
        };
        let ticket = market.pass_for(&supplier, access);
        let answer = market.put_part(&ticket, BYTES, 0, BYTES).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code));
    }
}

/// What is on its way counts, or whoever sends much at once would keep more than anybody may.
#[tokio::test]
async fn a_party_keeps_so_much_and_no_more() {
    let market = Market::open().await;
    let supplier = Actor::new("supplier");
    market.kept(&supplier, BYTES, false).await;
    let large = |number: u64| Access::Upload {
        blob: Digest::of(&number.to_be_bytes()),
        size: proofmark_api::MAX_BLOB_BYTES,
        public: false,
    };
    let fitting = proofmark_api::MAX_PARTY_BYTES / proofmark_api::MAX_BLOB_BYTES - 1;
    let (told, _begun) = mpsc::unbounded_channel();
    let mut sending = Vec::new();
    for number in 0..fitting {
        sending.push(stalled(&market, &supplier, large(number), &told));
        let ticket = market.pass_for(&supplier, large(number));
        while market
            .head(Some(&ticket), &number.to_be_bytes())
            .await
            .header("upload-offset")
            != "1"
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let ticket = market.pass_for(&supplier, large(fitting));
    let whole = fitting.to_be_bytes();
    let refused = market.put_part(&ticket, &whole, 0, b"w").await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::FORBIDDEN, "quota-exceeded")
    );
    // One that was broken off gives its room back, but for what has arrived.
    sending.swap_remove(0).abort();
    loop {
        let answer = market.put_part(&ticket, &whole, 0, b"w").await;
        match answer.code() {
            "quota-exceeded" => tokio::time::sleep(Duration::from_millis(5)).await,
            code => break assert_eq!(code, "upload-incomplete"),
        }
    }
}

/// An upload of which the first byte arrives, and then nothing: says so when the byte was taken.
fn stalled(
    market: &Market,
    who: &Actor,
    access: Access,
    told: &mpsc::UnboundedSender<()>,
) -> tokio::task::JoinHandle<Answer> {
    let told = told.clone();
    let first = stream::once(async { Ok::<_, String>(Bytes::from_static(b"w")) });
    let then = stream::once(async move {
        let _ = told.send(());
        std::future::pending().await
    });
    let path = path(access.blob().expect("it is about one"));
    let ticket = market.pass_for(who, access);
    let headers = [("authorization", ticket.as_str())];
    let body = Body::from_stream(first.chain(then));
    tokio::spawn(market.start("PUT", &path, &headers, body))
}

#[tokio::test]
async fn nobody_takes_all_places() {
    let market = Market::open().await;
    let (supplier, buyer) = (Actor::new("supplier"), Actor::new("buyer"));
    let (told, mut begun) = mpsc::unbounded_channel();
    let mut sending = Vec::new();
    for number in 0..8_u8 {
        let access = upload(&[b'w', number], false);
        sending.push(stalled(&market, &supplier, access, &told));
    }
    for _ in 0..8 {
        begun.recv().await;
    }
    let ninth = market.put(&supplier, BYTES, false).await;
    assert_eq!(
        (ninth.status, ninth.code()),
        (StatusCode::SERVICE_UNAVAILABLE, "busy")
    );
    assert_eq!(ninth.header("retry-after"), "1");
    market.kept(&buyer, BYTES, false).await;
    for one in sending {
        one.abort();
        assert!(one.await.is_err_and(|end| end.is_cancelled()));
    }
    market.kept(&supplier, BYTES, false).await;
}

#[tokio::test]
async fn whoever_stalls_is_cut_off() {
    let market = Market::open().await;
    let supplier = Actor::new("supplier");
    let (told, mut begun) = mpsc::unbounded_channel();
    let sending = stalled(&market, &supplier, upload(b"work", false), &told);
    begun.recv().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(29)).await;
    assert!(!sending.is_finished());
    tokio::time::advance(Duration::from_secs(2)).await;
    let cut = sending.await.expect("it ends");
    assert_eq!(
        (cut.status, cut.code()),
        (StatusCode::BAD_REQUEST, "upload-too-slow")
    );
    assert_eq!(cut.header("upload-offset"), "1");
}
