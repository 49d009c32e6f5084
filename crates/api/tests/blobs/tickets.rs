//! Tickets that open nothing, and the one that docs/spec/ticket-v1.md shows.

use axum::body::Body;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proofmark_api::ticket::{PAYLOAD_TYPE, Ticket};
use proofmark_core::{Digest, canonical};
use proofmark_dsse::Envelope;
use proofmark_simulator::stage::Actor;
use serde_json::{Value, json};

use crate::world::Market;
use crate::{BYTES, download, path, signed, upload};

/// One ticket of each kind that is refused, in the order of docs/spec/ticket-v1.md: whatever is wrong beside it, the
/// first is told.
#[tokio::test]
async fn a_ticket_that_is_none_opens_nothing() {
    let market = Market::open().await;
    let (buyer, stranger) = (Actor::new("buyer"), Actor::new("stranger"));
    let good = market.ticket(upload(BYTES, false), &buyer);
    let changed = |change: &dyn Fn(&mut Ticket)| {
        let mut ticket = good.clone();
        change(&mut ticket);
        ticket
    };
    let late = |ticket: &mut Ticket| ticket.valid_until = market.stage.now.plus_seconds(3_601);
    let early =
        |ticket: &mut Ticket| ticket.valid_until = "2026-11-27T11:59:59Z".parse().expect("");
    let abroad = |ticket: &mut Ticket| ticket.market = "urn:market:other".parse().expect("a term");
    let strange = |ticket: &mut Ticket| ticket.sender = stranger.id();
    let text = signed(&good, &buyer);
    let encoded = text.strip_prefix("Proofmark ").expect("the scheme");
    let envelope = URL_SAFE_NO_PAD.decode(encoded).expect("base64url");
    let envelope: Value = serde_json::from_slice(&envelope).expect("JSON");
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut envelope = envelope.clone();
        edit(&mut envelope);
        format!("Proofmark {}", URL_SAFE_NO_PAD.encode(envelope.to_string()))
    };
    let payload = |text: &[u8], kind: &str| {
        let envelope = Envelope::signed(kind, text.to_vec(), buyer.secret()).expect("signed");
        format!("Proofmark {}", URL_SAFE_NO_PAD.encode(envelope.to_json()))
    };
    let canonical = canonical::to_bytes(&good).expect("canonical");
    let spaced = serde_json::to_vec_pretty(&good).expect("JSON");
    let mut more = json!(good);
    more["more"] = json!(1);
    let mut other = json!(good);
    other["schema"] = json!("https://proofmark.example/ticket/v2");
    let more = canonical::to_bytes(&more).expect("canonical");
    let other = canonical::to_bytes(&other).expect("canonical");
    let malformed = [
        "Proofmark".to_owned(),
        "Bearer x".to_owned(),
        "Proofmark ?".to_owned(),
        format!("{text}="),
        format!("Proofmark {}", URL_SAFE_NO_PAD.encode("{}")),
        format!("Proofmark {}", "A".repeat(9_000)),
        edited(&|envelope| envelope["payloadType"] = json!("text/plain")),
        edited(&|envelope| envelope["signatures"] = json!([])),
        payload(&spaced, PAYLOAD_TYPE),
        payload(&more, PAYLOAD_TYPE),
        payload(&other, PAYLOAD_TYPE),
        payload(&canonical, "application/vnd.proofmark.command.v1+json"),
    ];
    let mut cases: Vec<_> = malformed
        .into_iter()
        .map(|ticket| (ticket, 401, "ticket-malformed"))
        .collect();
    let of_buyer = |ticket: &Ticket| signed(ticket, &buyer);
    let twice = |one: &dyn Fn(&mut Ticket), two: &dyn Fn(&mut Ticket)| {
        changed(&|ticket| {
            one(ticket);
            two(ticket);
        })
    };
    let forged = signed(&changed(&early), &stranger);
    cases.extend([
        (
            of_buyer(&twice(&abroad, &strange)),
            401,
            "ticket-wrong-market",
        ),
        (of_buyer(&changed(&abroad)), 401, "ticket-wrong-market"),
        (of_buyer(&changed(&strange)), 401, "ticket-signer-unknown"),
        (forged, 401, "ticket-signature-invalid"),
        (signed(&good, &stranger), 401, "ticket-signature-invalid"),
        (
            edited(&|envelope| envelope["signatures"][0]["sig"] = json!("AAAA")),
            401,
            "ticket-signature-invalid",
        ),
        (of_buyer(&changed(&early)), 401, "ticket-expired"),
        (of_buyer(&changed(&late)), 401, "ticket-too-long"),
        (
            market.pass_for(&buyer, upload(b"other", false)),
            403,
            "ticket-other-purpose",
        ),
        (
            market.pass_for(&buyer, download(BYTES)),
            403,
            "ticket-other-purpose",
        ),
    ]);
    for (ticket, status, code) in cases {
        let answer = market.put_part(&ticket, BYTES, 0, BYTES).await;
        let shown = &ticket[..ticket.len().min(60)];
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, code),
            "{shown}: {}",
            answer.text
        );
        if status == 401 {
            let looked = market.head(Some(&ticket), BYTES).await;
            assert_eq!(looked.status, StatusCode::UNAUTHORIZED, "{shown}");
        }
    }
    let path = path(&Digest::of(BYTES));
    let without = market.call("PUT", &path, &[], Body::from(BYTES)).await;
    assert_eq!(
        (without.status.as_u16(), without.code()),
        (401, "ticket-missing")
    );
    // A ticket for sending is none for reading, whoever has the blob.
    market.kept(&buyer, BYTES, false).await;
    let ticket = market.pass_for(&buyer, upload(BYTES, false));
    let headers = [("authorization", ticket.as_str())];
    let read = market.call("GET", &path, &headers, Body::empty()).await;
    assert_eq!(read.code(), "ticket-other-purpose");
    // Names of schemes have no case, and the last moment is one.
    let last = changed(&|ticket| ticket.valid_until = market.stage.now.plus_seconds(3_600));
    let last = of_buyer(&last).replace("Proofmark ", "proofmark ");
    let kept = market.put_part(&last, BYTES, 0, BYTES).await;
    assert_eq!(kept.status, StatusCode::OK, "{}", kept.text);
    for name in ["x", "sha256:00", &format!("sha256:{}", "A".repeat(64))] {
        let answer = market.ask(&format!("/v1/blobs/{name}")).await;
        assert_eq!(answer.code(), "request-malformed", "{name}");
    }
}

/// What docs/spec/ticket-v1.md shows is what is made here; `PROOFMARK_WRITE_EXAMPLES=1` writes it anew.
#[tokio::test]
async fn the_example_of_the_specification_is_a_ticket() {
    let market = Market::open().await;
    let buyer = Actor::new("buyer");
    let ticket = market.ticket(upload(BYTES, false), &buyer);
    let payload = canonical::to_bytes(&ticket).expect("canonical");
    let payload = String::from_utf8(payload).expect("text");
    let header = signed(&ticket, &buyer);
    let page =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/ticket-v1.md");
    let mut shown = std::fs::read_to_string(&page).expect("it is published");
    if std::env::var_os("PROOFMARK_WRITE_EXAMPLES").is_some() {
        let parts: Vec<_> = shown.split("```").map(str::to_owned).collect();
        let [start, _, between, _, rest @ ..] = &parts[..] else {
            panic!("two examples")
        };
        let payload = format!("json\n{payload}\n");
        let header = format!("http\nAuthorization: {header}\n");
        let anew = [start, &payload, between, &header].map(String::as_str);
        let rest = rest.iter().map(String::as_str);
        shown = anew.into_iter().chain(rest).collect::<Vec<_>>().join("```");
        std::fs::write(&page, &shown).expect("it is written");
    }
    assert!(shown.contains(&format!("\n{payload}\n")), "{payload}");
    assert!(
        shown.contains(&format!("\nAuthorization: {header}\n")),
        "{header}"
    );
    assert_eq!(
        market.put_part(&header, BYTES, 0, BYTES).await.status,
        StatusCode::OK
    );
}
