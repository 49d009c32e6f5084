//! Every published route, asked by everybody who must not get anything there: a table that the published document
//! fills, so a route without a row fails.

mod world;

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_api::ticket::{Access, Ticket};
use proofmark_core::Digest;
use proofmark_market::Action;
use proofmark_simulator::stage::{Actor, Says, engines, terms};
use serde_json::{Value, json};

use world::{Answer, BUILT_IN, Market, command};

/// What only the supplier may read.
const WORK: &[u8] = b"the work that is not paid for yet";

/// Where only the buyer's webhooks go.
const RECEIVER: &str = "https://receiver.example/7f3a-not-for-others";

/// An engine of the terms that was struck off.
const STRUCK: &str = "gamma";

/// Who may ask a route for what is private there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Nobody: all of it is public.
    Nothing,
    /// It never ends; `http.rs` listens to it.
    Listening,
    /// A signature in the body.
    Command,
    /// A ticket of the supplier's for the upload of its work.
    Upload,
    /// One for the download.
    Download,
    /// One of an engine.
    Judge,
    /// One of the buyer's.
    Webhooks,
}

const ROUTES: &[(&str, &str, Needs)] = &[
    ("get", "/livez", Needs::Nothing),
    ("get", "/metrics", Needs::Nothing),
    ("get", "/readyz", Needs::Nothing),
    ("get", "/v1/blobs/{blob}", Needs::Download),
    ("put", "/v1/blobs/{blob}", Needs::Upload),
    ("head", "/v1/blobs/{blob}", Needs::Download),
    ("post", "/v1/check", Needs::Nothing),
    ("get", "/v1/commands", Needs::Nothing),
    ("post", "/v1/commands", Needs::Command),
    ("get", "/v1/contracts", Needs::Nothing),
    ("get", "/v1/contracts/{contract}", Needs::Nothing),
    ("get", "/v1/contracts/{contract}/facts", Needs::Nothing),
    ("get", "/v1/contracts/{contract}/verdicts", Needs::Nothing),
    (
        "get",
        "/v1/contracts/{contract}/verdicts/{bundle}",
        Needs::Nothing,
    ),
    ("get", "/v1/events", Needs::Nothing),
    ("get", "/v1/events/stream", Needs::Listening),
    ("get", "/v1/instruments", Needs::Nothing),
    (
        "get",
        "/v1/instruments/{outcome_class}/prices",
        Needs::Nothing,
    ),
    ("get", "/v1/market", Needs::Nothing),
    ("get", "/v1/parties/{party}", Needs::Nothing),
    (
        "get",
        "/v1/parties/{party}/standings/{outcome_class}",
        Needs::Nothing,
    ),
    ("get", "/v1/policy", Needs::Nothing),
    ("get", "/v1/rfqs", Needs::Nothing),
    ("get", "/v1/rfqs/{rfq}", Needs::Nothing),
    ("post", "/v1/runs/claims", Needs::Judge),
    ("post", "/v1/runs/reports", Needs::Judge),
    ("get", "/v1/transfers", Needs::Nothing),
    ("get", "/v1/validators/{validator}", Needs::Nothing),
    ("get", "/v1/webhooks", Needs::Webhooks),
    ("post", "/v1/webhooks", Needs::Webhooks),
    ("get", "/v1/webhooks/{webhook}", Needs::Webhooks),
    ("delete", "/v1/webhooks/{webhook}", Needs::Webhooks),
    (
        "post",
        "/v1/webhooks/{webhook}/messages/{message}/redeliver",
        Needs::Webhooks,
    ),
    ("post", "/v1/webhooks/{webhook}/test", Needs::Webhooks),
];

/// A market in which there is something private of every kind.
struct Scene {
    market: Market,
    /// What stands for the variable parts of paths.
    names: BTreeMap<&'static str, String>,
    /// A run that the engine holds.
    report: Value,
}

impl Scene {
    async fn new() -> Self {
        let mut market = Market::open().await;
        let contract = market.begun("supplier", None).await;
        market.handed_in("supplier", contract, "the answer").await;
        market.strike(contract, STRUCK).await;
        let verdict = market.verdict(contract, Says::Pass, "alpha");
        let bundle = verdict.attachment.expect("a bundle");
        let mut names = BTreeMap::from([
            ("blob", Digest::of(WORK).to_string()),
            ("contract", contract.to_string()),
            ("bundle", Digest::of(&bundle).to_string()),
            ("party", Actor::new("buyer").id().to_string()),
            ("outcome_class", terms().outcome_class),
            ("rfq", contract.rfq.to_string()),
            ("validator", Digest::of(BUILT_IN).to_string()),
        ]);
        let mut scene = Self {
            market,
            names: BTreeMap::new(),
            report: Value::Null,
        };
        let sent = scene
            .right(("put", "/v1/blobs/{blob}", Needs::Upload), &names)
            .await;
        assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
        let added = scene
            .right(("post", "/v1/webhooks", Needs::Webhooks), &names)
            .await;
        let webhook = added.body["id"].as_str().expect("its name");
        names.insert("webhook", webhook.to_owned());
        let test = ("post", "/v1/webhooks/{webhook}/test", Needs::Webhooks);
        let sent = scene.right(test, &names).await;
        let message = sent.body["id"].as_str().expect("its name");
        names.insert("message", message.to_owned());
        let held = scene
            .right(("post", "/v1/runs/claims", Needs::Judge), &names)
            .await;
        let run = &held.body["items"][0];
        scene.report = json!({
            "job": run["job"], "epoch": run["epoch"], "bundle": STANDARD.encode(bundle),
        });
        scene.names = names;
        scene
    }

    /// Who may, and for what.
    fn owner(&self, needs: Needs) -> Option<(Actor, Access)> {
        let blob = Digest::of(WORK);
        let size = WORK.len() as u64;
        Some(match needs {
            Needs::Upload => (
                Actor::new("supplier"),
                Access::Upload {
                    blob,
                    size,
                    public: false,
                },
            ),
            Needs::Download => (Actor::new("supplier"), Access::Download { blob }),
            Needs::Judge => (engines()[0].clone(), Access::Judge {}),
            Needs::Webhooks => (Actor::new("buyer"), Access::Webhooks {}),
            Needs::Nothing | Needs::Listening | Needs::Command => return None,
        })
    }

    fn body(&self, path: &str) -> Vec<u8> {
        let body = match path {
            "/v1/runs/claims" => json!({ "most": 1 }),
            "/v1/runs/reports" => self.report.clone(),
            "/v1/webhooks" => json!({ "url": RECEIVER }),
            "/v1/check" => json!({ "criteria": Digest::of(WORK), "files": [] }),
            "/v1/blobs/{blob}" => return WORK.to_vec(),
            _ => return Vec::new(),
        };
        body.to_string().into_bytes()
    }

    async fn ask(
        &self,
        (method, route, _): (&str, &str, Needs),
        names: &BTreeMap<&'static str, String>,
        ticket: Option<&str>,
    ) -> Answer {
        let mut path = route.to_owned();
        for (name, value) in names {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let headers: Vec<_> = ticket.map(|it| ("authorization", it)).into_iter().collect();
        // Reading has no body, and listing no wish.
        let body = match method {
            "get" | "head" | "delete" => Vec::new(),
            _ => self.body(route),
        };
        let method = method.to_ascii_uppercase();
        self.market
            .call(&method, &path, &headers, Body::from(body))
            .await
    }

    /// By whom it is meant for.
    async fn right(
        &self,
        row: (&str, &str, Needs),
        names: &BTreeMap<&'static str, String>,
    ) -> Answer {
        let (owner, access) = self.owner(row.2).expect("somebody may");
        let ticket = self.market.ticket(access, &owner).sign(owner.secret());
        self.ask(row, names, Some(&ticket.expect("signed"))).await
    }

    /// Everybody for whom it is not meant, by what is wrong with them.
    fn wrong(&self, needs: Needs) -> Vec<(&'static str, Option<String>)> {
        let (owner, access) = self.owner(needs).expect("somebody may");
        let good = self.market.ticket(access, &owner);
        let by =
            |ticket: &Ticket, signer: &Actor| Some(ticket.sign(signer.secret()).expect("signed"));
        let with = |change: &dyn Fn(&mut Ticket)| {
            let mut ticket = good.clone();
            change(&mut ticket);
            by(&ticket, &owner)
        };
        let now = self.market.stage.now;
        let stranger = Actor::new("stranger");
        // Each has rights of its own, and none here.
        let other = Actor::passer_by();
        let others = |who: &Actor| {
            let mut ticket = good.clone();
            ticket.sender = who.id();
            by(&ticket, who)
        };
        let mut wrong = vec![
            ("nobody", None),
            (
                "with a token of another kind",
                Some("Bearer 0123456789abcdef".to_owned()),
            ),
            ("a stranger", others(&stranger)),
            ("somebody in another's name", by(&good, &other)),
            ("too late", with(&|it| it.valid_until = now_minus(now, 1))),
            (
                "for too long",
                with(&|it| it.valid_until = now.plus_seconds(3_601)),
            ),
            (
                "for another market",
                with(&|it| it.market = "urn:market:other".parse().expect("a term")),
            ),
        ];
        if matches!(needs, Needs::Judge | Needs::Download) {
            let struck = others(&Actor::new(STRUCK));
            wrong.push(("an engine that was struck off", struck));
        }
        // Without rights of his own: whoever adds or sends something of his own gets only that.
        let own = matches!(needs, Needs::Upload);
        if !own {
            wrong.push(("another party", others(&other)));
        }
        for other in [
            Needs::Upload,
            Needs::Download,
            Needs::Judge,
            Needs::Webhooks,
        ] {
            let (_, purpose) = self.owner(other).expect("somebody may");
            // Whether something has arrived is told to whoever may send it, too.
            if other != needs && !(needs == Needs::Download && other == Needs::Upload) {
                wrong.push((
                    "for another purpose",
                    with(&|it| it.access = purpose.clone()),
                ));
            }
        }
        wrong
    }
}

fn now_minus(now: proofmark_core::Timestamp, seconds: i64) -> proofmark_core::Timestamp {
    proofmark_core::Timestamp::from_micros(now.micros() - seconds * 1_000_000).expect("a time")
}

/// Nothing private is in it.
fn tells_nothing(answer: &Answer, about: &str) {
    let private = [
        String::from_utf8_lossy(WORK).into_owned(),
        RECEIVER.to_owned(),
    ];
    for secret in private {
        assert!(!answer.text.contains(&secret), "{about}: {}", answer.text);
    }
}

#[test]
fn every_published_route_has_a_row() {
    let document = json!(proofmark_api::openapi());
    let mut published = Vec::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            published.push((method.as_str(), path.as_str()));
        }
    }
    let mut rows: Vec<_> = ROUTES
        .iter()
        .map(|(method, path, _)| (*method, *path))
        .collect();
    published.sort_unstable();
    rows.sort_unstable();
    assert_eq!(rows, published);
}

#[tokio::test]
async fn nobody_gets_what_is_not_his() {
    let scene = Scene::new().await;
    let mut asked = 0;
    for row in ROUTES.iter().filter(|row| scene.owner(row.2).is_some()) {
        let (method, path, needs) = *row;
        for (who, ticket) in scene.wrong(needs) {
            let answer = scene.ask(*row, &scene.names, ticket.as_deref()).await;
            let about = format!("{who}: {method} {path}: {}", answer.status);
            let own = path == "/v1/webhooks" && who == "another party";
            // Whoever adds one of his own at the same place is told what he said.
            if !(own && method == "post") {
                tells_nothing(&answer, &about);
            }
            match answer.status.as_u16() {
                401 | 403 | 404 => {}
                // His own list, which is empty, and one of his own.
                200 | 201 if own => {}
                _ => panic!("{about}: {}", answer.text),
            }
            asked += 1;
        }
    }
    assert!(asked > 90, "{asked} were asked");
    // Nothing of it was for nothing: whoever may, gets it.
    let names = &scene.names;
    let read = scene
        .right(("get", "/v1/blobs/{blob}", Needs::Download), names)
        .await;
    assert_eq!(read.bytes, WORK);
    let told = scene
        .right(("post", "/v1/runs/reports", Needs::Judge), names)
        .await;
    assert_eq!(told.body["status"], "obeyed", "{}", told.text);
    let webhook = ("get", "/v1/webhooks/{webhook}", Needs::Webhooks);
    let shown = scene.right(webhook, names).await;
    assert_eq!(shown.body["webhook"]["url"], RECEIVER);
    let again = ROUTES.iter().find(|row| row.1.ends_with("/redeliver"));
    let again = scene.right(*again.expect("a row"), names).await;
    assert_eq!(again.status, StatusCode::ACCEPTED, "{}", again.text);
    let removed = scene
        .right(("delete", webhook.1, Needs::Webhooks), names)
        .await;
    assert!(removed.status.is_success(), "{}", removed.text);
}

#[tokio::test]
async fn what_is_public_is_the_same_for_everybody_and_tells_nothing() {
    let scene = Scene::new().await;
    let scheme = Some("Bearer 0123456789abcdef");
    for row in ROUTES.iter().filter(|row| row.2 == Needs::Nothing) {
        let (method, path, _) = *row;
        let plain = scene.ask(*row, &scene.names, None).await;
        let about = format!("{method} {path}: {}", plain.status);
        assert!(!plain.status.is_server_error(), "{about}");
        tells_nothing(&plain, &about);
        let with = scene.ask(*row, &scene.names, scheme).await;
        assert_eq!(with.status, plain.status, "{about}");
        // Counters count.
        assert!(
            with.text == plain.text || path == "/metrics" || path.ends_with("/facts"),
            "{about}"
        );
    }
}

#[tokio::test]
async fn a_command_is_its_signers_and_obeyed_once() {
    let mut scene = Scene::new().await;
    let buyer = Actor::new("buyer");
    let mut terms = terms();
    let struck = Actor::new(STRUCK).id();
    terms.engines.keys.retain(|engine| *engine != struck);
    let publish = Action::PublishRfq {
        terms: terms.digest(),
    };
    let mut message = scene.market.stage.write(&buyer, publish, None);
    message.attachment = Some(terms.canonical_bytes().to_vec());
    let first = scene.market.submit(&message).await;
    assert_eq!(first.body["status"], "obeyed", "{}", first.text);
    let before = scene.market.get("/v1/market").await["sequence"].clone();
    let again = scene.market.submit(&message).await;
    assert_eq!(again.body["status"], "exists", "{}", again.text);
    // A bit of the signature, and a signer whom nobody knows.
    let mut envelope: Value = serde_json::from_slice(&message.envelope).expect("JSON");
    let signature = envelope["signatures"][0]["sig"]
        .as_str()
        .expect("text")
        .to_owned();
    let mut bytes = STANDARD.decode(signature).expect("base64");
    bytes[5] ^= 1;
    envelope["signatures"][0]["sig"] = json!(STANDARD.encode(bytes));
    message.envelope = envelope.to_string().into_bytes();
    let broken = scene
        .market
        .request("POST", "/v1/commands", command(&message))
        .await;
    assert_eq!(
        (broken.status, broken.code()),
        (StatusCode::UNAUTHORIZED, "signature-invalid")
    );
    let cancel = Action::TickRfq {
        rfq: scene.names["rfq"].parse().expect("a name"),
    };
    let stranger = scene
        .market
        .stage
        .write(&Actor::new("stranger"), cancel, None);
    let unknown = scene.market.submit(&stranger).await;
    assert_eq!(
        (unknown.status, unknown.code()),
        (StatusCode::UNAUTHORIZED, "sender-unknown")
    );
    assert_eq!(scene.market.get("/v1/market").await["sequence"], before);
}
