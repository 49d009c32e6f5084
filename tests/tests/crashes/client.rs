//! Clients that are sure of nothing but what was answered: whatever was not, they send again, byte for byte.

use std::num::NonZeroU8;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::{Digest, canonical, uri};
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_market::command::{Payload, sign};
use proofmark_market::{Action, CommandId, ContractId, RfqId};
use serde_json::{Value, json};

use crate::server::Market;

/// Something that was acknowledged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Acknowledged {
    pub(crate) payload: Digest,
    pub(crate) sequence: u64,
    pub(crate) head: Digest,
    /// It had been obeyed before; nobody had said so.
    pub(crate) again: bool,
}

/// What all clients know.
pub(crate) struct Shared {
    url: Mutex<String>,
    latest: Mutex<Option<Acknowledged>>,
    pub(crate) stop: AtomicBool,
    pub(crate) answered: AtomicU64,
    /// Commands that were sent again because nobody answered.
    pub(crate) retried: AtomicU64,
    /// Those of them that had been obeyed.
    pub(crate) known: AtomicU64,
    agent: ureq::Agent,
}

impl Shared {
    pub(crate) fn new() -> Arc<Self> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(20)))
            .http_status_as_error(false)
            .build();
        Arc::new(Self {
            url: Mutex::new(String::new()),
            latest: Mutex::new(None),
            stop: AtomicBool::new(false),
            answered: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            known: AtomicU64::new(0),
            agent: config.into(),
        })
    }

    /// There is a server again.
    pub(crate) fn open(&self, url: String) {
        *self.url.lock().expect("no client panicked") = url;
    }

    /// The last command of the record that anybody was told of.
    pub(crate) fn latest(&self) -> Option<Acknowledged> {
        *self.latest.lock().expect("no client panicked")
    }

    /// The digests of all payloads in the record, in order.
    pub(crate) fn log(&self) -> Vec<Digest> {
        self.all()
            .iter()
            .map(|it| Digest::of(&payload(it)))
            .collect()
    }

    /// All commands of the record, as they are listed.
    fn all(&self) -> Vec<Value> {
        let mut log = Vec::new();
        loop {
            let page = self.get(&format!("/v1/commands?after={}&limit=100", log.len()));
            let items = page["items"].as_array().expect("a list");
            if items.is_empty() {
                return log;
            }
            log.extend(items.iter().cloned());
        }
    }

    fn get(&self, path: &str) -> Value {
        let url = self.url.lock().expect("no client panicked").clone();
        let mut answer = self
            .agent
            .get(format!("{url}{path}"))
            .call()
            .expect("it answers");
        let text = answer.body_mut().read_to_string().expect("text");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Where a contract stands.
    pub(crate) fn state(&self, contract: &ContractId) -> String {
        let shown = self.get(&format!("/v1/contracts/{contract}"));
        shown["state"].as_str().expect("a state").to_owned()
    }

    /// How many commands of the record do this with a contract.
    pub(crate) fn commands_of(&self, verb: &str) -> u64 {
        let payloads = self.payloads();
        let does = |it: &&Value| it["action"]["verb"]["type"] == verb;
        payloads.iter().filter(does).count() as u64
    }

    /// All commands of the record, in order.
    fn payloads(&self) -> Vec<Value> {
        self.all()
            .iter()
            .map(|it| serde_json::from_slice(&payload(it)).expect("JSON"))
            .collect()
    }

    fn told(&self, it: Acknowledged) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        self.known.fetch_add(u64::from(it.again), Ordering::Relaxed);
        let mut latest = self.latest.lock().expect("no client panicked");
        if latest.is_none_or(|latest| latest.sequence < it.sequence) {
            *latest = Some(it);
        }
    }
}

/// The time for a command is over, or what came after it has happened.
fn too_late(problem: &str) -> bool {
    let codes = ["deadline-passed", "state-forbids"];
    codes.iter().any(|code| problem.contains(code))
}

/// What was signed of a command of the log.
fn payload(logged: &Value) -> Vec<u8> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let envelope = STANDARD.decode(text(&logged["envelope"]));
    let envelope: Value = serde_json::from_slice(&envelope.expect("base64")).expect("JSON");
    STANDARD.decode(text(&envelope["payload"])).expect("base64")
}

/// A buyer and a supplier, in one thread, with the operator's help.
pub(crate) struct Client {
    shared: Arc<Shared>,
    operator: Arc<SecretKey>,
    buyer: Arc<SecretKey>,
    supplier: Arc<SecretKey>,
    engine: String,
    profile: String,
    number: u32,
    sent: u64,
    acknowledged: Vec<Acknowledged>,
}

impl Client {
    pub(crate) fn new(number: u32, market: &Market, shared: &Arc<Shared>) -> Self {
        let key = |role: &str| {
            let seed = Digest::of(format!("crashes/{role}/{number}").as_bytes());
            Arc::new(SecretKey::from_seed(seed.as_bytes()))
        };
        Self {
            shared: Arc::clone(shared),
            operator: Arc::new(SecretKey::from_pem(&market.operator).expect("a key")),
            buyer: key("buyer"),
            supplier: key("supplier"),
            engine: market.engine.clone(),
            profile: market.profile.clone(),
            number,
            sent: 0,
            acknowledged: Vec::new(),
        }
    }

    /// Orders work until it is told to stop. Every other order is cancelled; the rest is awarded and defaults when
    /// nobody delivers, by the ticks of the server.
    pub(crate) fn run(mut self) -> Vec<Acknowledged> {
        self.register();
        let (buyer, supplier) = (self.buyer.clone(), self.supplier.clone());
        for round in 0_u64.. {
            if self.shared.stop.load(Ordering::Relaxed) {
                break;
            }
            for party in [&buyer, &supplier] {
                self.deposit(party);
            }
            let cancelled = round % 2 == 0;
            let bidding_seconds = if cancelled { 86_400 } else { 1 };
            let terms = self.terms(bidding_seconds, &buyer.public_key().id().to_string());
            let rfq = self.publish(&buyer, &terms);
            let bid = json!({"price": 4_000, "bond": 4_000, "firm_until": "2100-01-01T00:00:00Z"});
            let bid = json!({"type": "place_bid", "rfq": rfq, "bid": bid});
            // While no server ran, bidding may have closed.
            self.ask(&supplier, bid, None);
            if cancelled {
                self.must(&buyer, json!({"type": "cancel_rfq", "rfq": rfq}), None);
            }
        }
        self.acknowledged
    }

    pub(crate) fn register(&mut self) {
        for party in [self.buyer.clone(), self.supplier.clone()] {
            let public_key = party.public_key().to_pem();
            let register = json!({"type": "register", "public_key": public_key});
            self.must(&party, register, None);
        }
    }

    pub(crate) fn supplier_pem(&self) -> String {
        self.supplier.to_pem().to_string()
    }

    /// Orders work so often, wins it, and hands in the same each time.
    pub(crate) fn hand_in(
        &mut self,
        orders: u64,
        criteria: Digest,
        submission: Digest,
    ) -> Vec<ContractId> {
        let (buyer, supplier) = (self.buyer.clone(), self.supplier.clone());
        let mut rfqs = Vec::new();
        for _ in 0..orders {
            self.deposit(&buyer);
            self.deposit(&supplier);
            let mut terms = self.terms(1, &buyer.public_key().id().to_string());
            terms["milestones"][0]["criteria"] = json!(criteria);
            terms["warranty"]["criteria"] = json!(criteria);
            for window in [
                "delivery_seconds",
                "verification_seconds",
                "challenge_seconds",
            ] {
                terms["windows"][window] = json!(600);
            }
            let rfq = self.publish(&buyer, &terms);
            let bid = json!({"price": 4_000, "bond": 4_000, "firm_until": "2100-01-01T00:00:00Z"});
            let bid = json!({"type": "place_bid", "rfq": rfq, "bid": bid});
            self.must(&supplier, bid, None);
            rfqs.push(rfq);
        }
        let contracts = rfqs.into_iter().map(|rfq| rfq.contract(NonZeroU8::MIN));
        let contracts: Vec<_> = contracts.collect();
        for contract in &contracts {
            self.begins(contract);
            let verb = json!({"type": "submit", "submission": submission});
            let submit = json!({"type": "contract", "contract": contract, "verb": verb});
            self.must(&supplier, submit, None);
        }
        contracts
    }

    /// The server ticks when bidding is over.
    fn begins(&self, contract: &ContractId) {
        for _ in 0..600 {
            if self.shared.get(&format!("/v1/contracts/{contract}"))["state"] == "Active" {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("{contract} did not begin");
    }

    fn deposit(&mut self, party: &SecretKey) {
        let party = party.public_key().id().to_string();
        let deposit = json!({"type": "deposit", "party": party, "asset": "USD/2", "amount": 6_000});
        let operator = self.operator.clone();
        self.must(&operator, deposit, None);
    }

    /// Offers work.
    fn publish(&mut self, buyer: &SecretKey, terms: &Value) -> RfqId {
        let terms = canonical::to_bytes(terms).expect("text and integers");
        let publish = json!({"type": "publish_rfq", "terms": Digest::of(&terms)});
        let published = self.must(buyer, publish, Some(&terms));
        RfqId::of(&published)
    }

    /// What is wanted. Bidding is over after so many seconds.
    fn terms(&self, bidding_seconds: u64, buyer: &str) -> Value {
        let criteria = Digest::of(b"criteria that nobody reads here");
        json!({
            "schema": "https://proofmark.example/terms/v1", "outcome_class": "nothing", "asset": "USD/2",
            "milestones": [{"deliverable": "m1", "criteria": criteria, "share": 1_000_000}],
            "engines": {"keys": [self.engine], "threshold": 1, "profile": self.profile},
            "award": {"rule": "first_score", "bids": "open", "price_ceiling": 5_000},
            "attempts": 2, "holdback": 200_000,
            "windows": {"bidding_seconds": bidding_seconds, "award_seconds": 60, "delivery_seconds": 1,
                "retry_seconds": 1, "verification_seconds": 60, "challenge_seconds": 60, "rerun_seconds": 60},
            "bonds": {"bid": 50, "performance": 500, "challenge": 60},
            "fees": {"market": 25_000, "verification": 2},
            "penalties": {"cancelled_rfq": 0, "cancelled": 200_000, "rejected": 100_000, "resigned": 50_000,
                "defaulted": 500_000, "to_buyer": 500_000},
            "losses": {"fail": 800, "defect": 2_000},
            "warranty": {"warranty_seconds": 2, "evidence_seconds": 1, "evidence_max": 1, "cure_seconds": 60,
                "oracles": [buyer], "criteria": criteria, "clawback": [{"after_seconds": 0, "share": 1_000_000}]},
        })
    }

    /// Sends until it is answered, and says what the digest of its payload is. It must be obeyed.
    fn must(&mut self, sender: &SecretKey, action: Value, attachment: Option<&[u8]>) -> Digest {
        let asked = self.ask(sender, action, attachment);
        asked.expect("it is not too late for it")
    }

    /// The same; nothing if it came too late.
    fn ask(
        &mut self,
        sender: &SecretKey,
        action: Value,
        attachment: Option<&[u8]>,
    ) -> Option<Digest> {
        let action: Action = serde_json::from_value(action).expect("an action");
        self.sent += 1;
        let id = Digest::of(format!("{}/{}", self.number, self.sent).as_bytes());
        let (id, _) = id.as_bytes().split_at(16);
        let payload = Payload {
            schema: uri::COMMAND_V1.to_owned(),
            market: "urn:market:local".parse().expect("a name"),
            sender: sender.public_key().id(),
            id: CommandId::from_bytes(id.try_into().expect("16 bytes")),
            valid_until: None,
            action,
        };
        let envelope = sign(&payload, sender).expect("it is short");
        let beside = attachment.map(|bytes| STANDARD.encode(bytes));
        let beside = beside.map_or_else(String::new, |text| format!(r#","attachment":"{text}""#));
        let body = format!(r#"{{"envelope":{}{beside}}}"#, envelope.to_json());
        let payload = envelope.payload_digest();
        let answer = self.answer(&body)?;
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        let it = Acknowledged {
            payload,
            sequence: answer["sequence"].as_u64().expect("a number"),
            head: text("head").parse().expect("a digest"),
            again: text("status") == "exists",
        };
        self.shared.told(it);
        self.acknowledged.push(it);
        Some(payload)
    }

    fn answer(&self, body: &str) -> Option<Value> {
        let mut unanswered = false;
        loop {
            let url = self.shared.url.lock().expect("no client panicked").clone();
            let sent = self
                .shared
                .agent
                .post(format!("{url}/v1/commands"))
                .header("content-type", "application/json")
                .send(body);
            let answer = sent.and_then(|mut answer| {
                let text = answer.body_mut().read_to_string()?;
                Ok((answer.status().as_u16(), text))
            });
            match answer {
                Ok((200, text)) => return Some(serde_json::from_str(&text).expect("JSON")),
                Ok((409, text)) if too_late(&text) => return None,
                Ok((503, _)) | Err(_) => {}
                Ok((status, text)) => panic!("{status}: {text}"),
            }
            if !unanswered {
                self.shared.retried.fetch_add(1, Ordering::Relaxed);
            }
            unanswered = true;
            thread::sleep(Duration::from_millis(10));
        }
    }
}
