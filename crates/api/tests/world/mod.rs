//! A market over HTTP beside one on stage, which obeys the same commands.

#![allow(dead_code, reason = "each file of tests uses a part of it")]

use std::num::NonZeroU8;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use proofmark_api::ticket::{Access, Ticket};
use proofmark_api::{
    Check, Checks, Ground, Inspect, Inspected, Listeners, Signed, Telling, Unchecked, Validators,
};
use proofmark_blobs::Blobs;
use proofmark_core::{Digest, Timestamp, uri};
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_market::{Action, ContractAction, ContractId, RfqId, Terms};
use proofmark_service::{LogSetup, Logbook, Logger, Recorder, Runs};
use proofmark_simulator::stage::{
    AUDIENCE, Actor, Message, Says, Stage, bundle, fraud, payload_digest, rules, terms,
};
use proofmark_storage::{SqliteStore, Store};
use proofmark_webhooks::Reach;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) struct Market {
    pub(crate) stage: Stage,
    routes: Router,
    clock: Arc<AtomicI64>,
    document: Value,
    directory: TempDir,
    pub(crate) store: Arc<dyn Store>,
    /// Nothing while it runs.
    logger: Option<Logger>,
    pub(crate) log: Logbook,
    pub(crate) listeners: Listeners,
    pub(crate) recorder: Recorder,
}

/// So many listen to events at a time.
pub(crate) const LISTENERS: usize = 8;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) kind: String,
    pub(crate) bytes: Bytes,
    pub(crate) text: String,
    /// Nothing where it is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Nothing where there is no such header.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|it| it.to_str());
        value.unwrap_or(Ok("")).expect("text")
    }
}

/// A command as a client sends it: the envelope as it was signed.
pub(crate) fn command(message: &Message) -> Vec<u8> {
    let envelope = String::from_utf8(message.envelope.clone()).expect("JSON is text");
    let attachment = message
        .attachment
        .as_ref()
        .map(|bytes| json!(STANDARD.encode(bytes)));
    let attachment = attachment.map_or_else(String::new, |text| format!(r#","attachment":{text}"#));
    format!(r#"{{"envelope":{envelope}{attachment}}}"#).into_bytes()
}

/// A validator that needs no upload.
pub(crate) const BUILT_IN: &[u8] = b"a validator";

/// Knows one validator, and refuses what else there is: what runs is not the business of the routes.
struct OneBuiltIn;

impl Inspect for OneBuiltIn {
    fn is_built_in(&self, validator: &Digest) -> bool {
        *validator == Digest::of(BUILT_IN)
    }

    fn known(&self, _: &Digest) -> Option<Inspected> {
        None
    }

    fn inspect(&self, validator: &Digest) -> Result<Option<Inspected>, String> {
        let accepted = self.is_built_in(validator);
        let refused = |said: &str| (!accepted).then(|| said.to_owned());
        Ok(Some(Inspected {
            accepted,
            code: refused("not-webassembly"),
            detail: refused("it is a text"),
            hint: refused("send a component"),
            manifest: accepted.then(|| json!({ "name": "answer" })),
        }))
    }
}

/// Says of each file that it has a length: what is judged is not the business of the routes.
struct Lengths;

impl Check for Lengths {
    fn check(&self, criteria: &Digest, files: Vec<(String, Vec<u8>)>) -> Result<Signed, Unchecked> {
        let lengths: Vec<_> = files.iter().map(|(path, it)| (path, it.len())).collect();
        match files.len() {
            0 => Err(Unchecked::NoSubmission("it is empty".to_owned())),
            1..9 => Ok(Signed {
                verdict: "pass",
                outcome: *criteria,
                bundle: json!({}).to_string(),
                record: json!({ "lengths": lengths }).to_string(),
            }),
            9 => Err(Unchecked::NotJudgeable("no validator".to_owned())),
            _ => Err(Unchecked::Host("no memory".to_owned())),
        }
    }
}

impl Market {
    /// Everybody has 1,000.00.
    pub(crate) async fn open() -> Self {
        Self::that(false).await
    }

    /// One that judges itself, or not.
    pub(crate) async fn that(judges: bool) -> Self {
        let telling = Telling {
            key: *Actor::new("webhooks").secret().public_key(),
            reach: Reach::Public,
        };
        Self::with(judges, Some(telling)).await
    }

    /// One that tells of events like this, or not at all.
    pub(crate) async fn with(judges: bool, telling: Option<Telling>) -> Self {
        let names = ["buyer", "supplier", "passer-by", "alpha"];
        let stage = Stage::open(&names.map(Actor::new), 100_000);
        let directory = TempDir::new().expect("a directory");
        let store = SqliteStore::open(&directory.path().join("record.db")).await;
        let store: Arc<dyn Store> = Arc::new(store.expect("it opens"));
        let clock = Arc::new(AtomicI64::new(stage.now.micros()));
        let seen = Arc::clone(&clock);
        let now = move || Timestamp::from_micros(seen.load(Ordering::Relaxed)).expect("a time");
        let recorder = Recorder::start(Arc::clone(&store), rules(), now).await;
        let recorder = recorder.expect("it starts");
        let log = directory.path().join("log");
        let setup = LogSetup {
            make_again: false,
            directory: &log,
            origin: "stage.example/log".parse().expect("a name"),
            signer: SecretKey::from_seed(&[7; 32]),
            witnesses: Vec::new(),
        };
        let opened = Logger::open(recorder.clone(), Arc::clone(&store), setup).await;
        let (logger, log) = opened.expect("it opens");
        let blobs = Blobs::open(&directory.path().join("blobs"));
        let seen = Arc::clone(&clock);
        let now = move || Timestamp::from_micros(seen.load(Ordering::Relaxed)).expect("a time");
        let clock_of_routes: Arc<dyn proofmark_service::Clock + Sync> = Arc::new(now);
        // Of the operator on stage.
        let seed = Digest::of(b"proofmark/stage/operator");
        let runs = Runs::new(
            recorder.clone(),
            Arc::clone(&store),
            SecretKey::from_seed(seed.as_bytes()),
            Arc::clone(&clock_of_routes),
            proofmark_service::HOLD_SECONDS,
        );
        let listeners = Listeners::of(LISTENERS);
        let routes = proofmark_api::router(Ground {
            recorder: recorder.clone(),
            store: Arc::clone(&store),
            blobs: blobs.expect("it opens"),
            clock: clock_of_routes,
            runs,
            listeners: listeners.clone(),
            checks: Checks::by(Arc::new(Lengths), 1),
            validators: Validators::by(Arc::new(OneBuiltIn)),
            log: Some(log.clone()),
            judges,
            commands_per_second: 20,
            telling,
        });
        let market = Self {
            routes,
            clock,
            document: json!(proofmark_api::openapi()),
            stage,
            directory,
            store,
            logger: Some(logger),
            log,
            listeners,
            recorder,
        };
        for entry in market.stage.log.clone() {
            let message = Message {
                envelope: entry.envelope,
                attachment: entry.attachment,
            };
            let answer = market
                .request("POST", "/v1/commands", command(&message))
                .await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        }
        market
    }

    /// Until so many verdicts are logged; nothing was before.
    pub(crate) async fn logged(&mut self, verdicts: u64) {
        if let Some(logger) = self.logger.take() {
            tokio::spawn(logger.run());
        }
        let mut logged = self.log.watch();
        let enough = logged.wait_for(|logged| *logged >= verdicts).await;
        enough.expect("it goes on");
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.stage.wait(seconds);
        self.clock.store(self.stage.now.micros(), Ordering::Relaxed);
    }

    /// To this market only.
    pub(crate) async fn submit(&self, message: &Message) -> Answer {
        self.request("POST", "/v1/commands", command(message)).await
    }

    /// To both markets: they must say the same.
    pub(crate) async fn send(&mut self, message: &Message) -> Answer {
        let on_stage = self.stage.deliver(message);
        let answer = self.request("POST", "/v1/commands", command(message)).await;
        match on_stage {
            Ok(receipt) => {
                assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
                assert_eq!(answer.body["head"], json!(receipt.head));
            }
            Err(rejection) => assert_eq!(answer.code(), rejection.code.as_str()),
        }
        answer
    }

    pub(crate) async fn must(&mut self, who: &Actor, action: Action) -> Value {
        let message = self.stage.write(who, action, None);
        let answer = self.send(&message).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.body
    }

    pub(crate) async fn act(&mut self, who: &Actor, contract: ContractId, verb: ContractAction) {
        self.must(who, Action::Contract { contract, verb }).await;
    }

    pub(crate) async fn publish(&mut self, buyer: &Actor, terms: &Terms) -> RfqId {
        let action = Action::PublishRfq {
            terms: terms.digest(),
        };
        let message = self
            .stage
            .write(buyer, action, Some(terms.canonical_bytes()));
        let answer = self.send(&message).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        RfqId::of(&payload_digest(&message))
    }

    /// A contract of the buyer and this supplier that has begun.
    pub(crate) async fn begun(&mut self, supplier: &str, reference: Option<&str>) -> ContractId {
        let mut terms = terms();
        terms.reference = reference.map(str::to_owned);
        let rfq = self.publish(&Actor::new("buyer"), &terms).await;
        let bid = self.stage.offer(1_000, 1_000);
        let placed = Action::PlaceBid {
            rfq,
            bid,
            bonded: false,
        };
        self.must(&Actor::new(supplier), placed).await;
        self.pass(3_601);
        self.must(&Actor::passer_by(), Action::TickRfq { rfq })
            .await;
        rfq.contract(NonZeroU8::MIN)
    }

    /// Hands in a text as the only file of a submission; says which.
    pub(crate) async fn handed_in(&mut self, by: &str, contract: ContractId, text: &str) -> Digest {
        let submission = self.stage.work(text);
        let submit = ContractAction::Submit { submission };
        self.act(&Actor::new(by), contract, submit).await;
        submission
    }

    /// What an engine says of the run that waits.
    pub(crate) fn verdict(&mut self, contract: ContractId, says: Says, engine: &str) -> Message {
        let run = self
            .stage
            .market
            .contract(&contract)
            .and_then(|it| it.run());
        let run = run.expect("it waits").clone();
        let manifest = self.stage.manifest(&run.submission()).expect("made here");
        let bundle = bundle(&run, manifest, says, &[&Actor::new(engine)]);
        let verb = ContractAction::PresentVerdict {
            bundle: Digest::of(&bundle),
        };
        let action = Action::Contract { contract, verb };
        self.stage.write(&Actor::passer_by(), action, Some(bundle))
    }

    /// Two outcomes of the run that waits, both signed by an engine, have it struck off.
    pub(crate) async fn strike(&mut self, contract: ContractId, engine: &str) {
        let known = &self.stage.market;
        let run = known.contract(&contract).and_then(|it| it.run());
        let run = run.expect("it waits").clone();
        let policy = known.policy().expect("published");
        let manifest = self.stage.manifest(&run.submission()).expect("made here");
        let proof = fraud(&run, manifest, &Actor::new(engine), policy);
        let action = Action::StrikeEngine {
            proof: Digest::of(&proof),
        };
        let message = self.stage.write(&Actor::passer_by(), action, Some(proof));
        let answer = self.send(&message).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }

    /// Both markets are the same, to the last bit of the chain.
    pub(crate) async fn agrees(&self) {
        let seen = self.get("/v1/market").await;
        assert_eq!(seen["head"], json!(self.stage.market.head()));
        assert_eq!(seen["sequence"], self.stage.market.sequence());
    }

    /// What is there.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.ask(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.body
    }

    pub(crate) async fn ask(&self, path: &str) -> Answer {
        self.request("GET", path, Vec::new()).await
    }

    pub(crate) async fn request(&self, method: &str, path: &str, body: Vec<u8>) -> Answer {
        self.call(method, path, &[], Body::from(body)).await
    }

    /// Asks, and holds the answer against the published document.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let answer = self.start(method, path, headers, body).await;
        self.is_as_published(method, path, &answer);
        answer
    }

    /// The same without waiting for the answer.
    pub(crate) fn start(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> impl Future<Output = Answer> + Send + use<> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).expect("a request");
        let answered = self.routes.clone().oneshot(request);
        async {
            let (parts, body) = answered.await.expect("it answers").into_parts();
            assert_eq!(parts.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
            let kind = parts.headers.get(header::CONTENT_TYPE);
            let kind = kind.map(|it| it.to_str().expect("text").to_owned());
            let kind = kind.unwrap_or_default();
            let bytes = axum::body::to_bytes(body, 64 << 20).await.expect("a body");
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let body = match kind.contains("json") && !bytes.is_empty() {
                true => serde_json::from_str(&text).expect("JSON"),
                false => Value::Null,
            };
            Answer {
                status: parts.status,
                headers: parts.headers,
                kind,
                bytes,
                text,
                body,
            }
        }
    }

    /// A ticket that is good for ten minutes.
    pub(crate) fn ticket(&self, access: Access, sender: &Actor) -> Ticket {
        Ticket {
            schema: uri::TICKET_V1.to_owned(),
            market: AUDIENCE.parse().expect("a term"),
            sender: sender.id(),
            valid_until: self.stage.now.plus_seconds(600),
            access,
        }
    }

    /// Where blobs are kept.
    pub(crate) fn blobs(&self) -> Blobs {
        Blobs::open(&self.directory.path().join("blobs")).expect("it opens")
    }

    /// The published document knows this answer of this route, and its shape.
    fn is_as_published(&self, method: &str, path: &str, answer: &Answer) {
        let path = path.split('?').next().expect("a path");
        let Some(route) = self.route(path) else {
            let unknown = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
            return assert!(unknown.contains(&answer.status), "{path} is not published");
        };
        let operation = &self.document["paths"][&route][method.to_ascii_lowercase()];
        if operation.is_null() {
            return assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {route}"
            );
        }
        let shown = format!("{method} {route}: {} {}", answer.status, answer.kind);
        let published = &operation["responses"][answer.status.as_str()];
        assert!(published.is_object(), "{shown} is not published");
        if published["content"].is_null() {
            return assert!(
                answer.bytes.is_empty(),
                "{shown} is published without content"
            );
        }
        let kind = answer.kind.split(';').next().expect("a type");
        let schema = &published["content"][kind]["schema"];
        assert!(schema.is_object(), "{shown} is published with other types");
        if kind.contains("json") {
            let mut whole = schema.clone();
            whole["components"] = self.document["components"].clone();
            let validator = jsonschema::draft202012::new(&whole).expect("a schema");
            let errors: Vec<_> = validator
                .iter_errors(&answer.body)
                .map(|it| it.to_string())
                .collect();
            assert_eq!(errors, Vec::<String>::new(), "{shown}: {}", answer.text);
        }
    }

    fn route(&self, path: &str) -> Option<String> {
        let parts: Vec<_> = path.split('/').collect();
        let fits = |route: &&String| {
            let wanted: Vec<_> = route.split('/').collect();
            let same = |(wanted, part): (&&str, &&str)| wanted.starts_with('{') || wanted == part;
            wanted.len() == parts.len() && wanted.iter().zip(&parts).all(same)
        };
        let routes = self.document["paths"].as_object().expect("paths").keys();
        // A route with fewer variable parts is meant first.
        let fitting = routes.filter(fits);
        fitting
            .min_by_key(|route| route.matches('{').count())
            .cloned()
    }

    /// Listens to what happens.
    pub(crate) async fn listen(&self, last: Option<u64>) -> Listener {
        let mut request = Request::builder().uri("/v1/events/stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self
            .routes
            .clone()
            .oneshot(request)
            .await
            .expect("it answers");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/event-stream"
        );
        Listener {
            stream: Box::pin(response.into_body().into_data_stream()),
            text: String::new(),
        }
    }
}

/// Whoever listens.
pub(crate) struct Listener {
    stream: Pin<Box<BodyDataStream>>,
    text: String,
}

/// What was heard.
pub(crate) struct Heard {
    pub(crate) id: u64,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

impl Listener {
    /// Nothing more comes, after what has come already.
    pub(crate) async fn ended(&mut self) {
        while let Some(chunk) = self.stream.next().await {
            chunk.expect("it arrives");
        }
    }

    /// The next so many events.
    pub(crate) async fn next(&mut self, count: usize) -> Vec<Heard> {
        let mut heard = Vec::new();
        while heard.len() < count {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let event = event.to_owned();
                self.text = rest.to_owned();
                heard.extend(read(&event));
            }
            if heard.len() < count {
                let chunk = self
                    .stream
                    .next()
                    .await
                    .expect("more comes")
                    .expect("it arrives");
                self.text
                    .push_str(std::str::from_utf8(&chunk).expect("text"));
            }
        }
        heard
    }
}

/// Nothing for a comment, which only says that the stream lives.
fn read(event: &str) -> Option<Heard> {
    let field = |name: &str| {
        let mut lines = event.lines();
        lines.find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
    };
    Some(Heard {
        id: field("id")?.parse().expect("a number"),
        kind: field("event")?,
        data: serde_json::from_str(&field("data")?).expect("JSON"),
    })
}
