//! `serve`: a market over HTTP: verdicts without a contract, and commands that are made durable. Server and clients share
//! the machine.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::{Digest, uri};
use proofmark_engine::{Admission, Isolation};
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_market::CommandId;
use proofmark_market::command::{Payload, sign};
use serde_json::{Value, json};

use crate::guests::{self, PROOFMARK, Setting};
use crate::measure::{ms, time};
use crate::table::{Figure, Section, Target};
use crate::wire::{self, Answered};

/// Checks of each measurement: a second or two.
const CHECKS: usize = 20_000;
/// Commands of each measurement.
const COMMANDS: usize = 20_000;
/// Share of what could be done at most that arrives in an open loop.
const LOAD: f64 = 0.6;

/// A market on this machine.
pub(crate) struct Market {
    pub(crate) folder: PathBuf,
    cache: PathBuf,
    pub(crate) server: Child,
    pub(crate) address: String,
    /// What was said when it was made: its engine, and the profile of that.
    pub(crate) made: Value,
}

impl Market {
    fn open(setting: &Setting) -> Self {
        Self::with(setting, &["--checks", "64"])
    }

    /// With these options.
    pub(crate) fn with(setting: &Setting, options: &[&str]) -> Self {
        let folder = setting
            .scratch()
            .join(format!("market{}", options.concat()));
        fs::create_dir(&folder).expect("a directory");
        let cache = setting.cache();
        let init = ["market", "init", "market", "--window-min", "1"];
        let init = [&["--output", "json"], &init[..]].concat();
        let made = command(&folder, &cache, &init).output();
        let made = made.expect("the product starts").stdout;
        let made = serde_json::from_slice(&made).expect("it is made");
        let serve = ["market", "serve", "market", "--listen", "127.0.0.1:0"];
        let serve = [&serve[..], options].concat();
        let mut server = command(&folder, &cache, &serve)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the product starts");
        let mut url = String::new();
        let out = server.stdout.take().expect("it is piped");
        BufReader::new(out)
            .read_line(&mut url)
            .expect("it says where");
        let address = url.trim().trim_start_matches("http://").to_owned();
        Self {
            folder,
            cache,
            server,
            address,
            made,
        }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Value {
        let all = [&["--output", "json"], arguments].concat();
        let mut command = command(&self.folder, &self.cache, &all);
        command.env("PROOFMARK_MARKET", format!("http://{}", self.address));
        let output = command.output().expect("the product starts");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// Somebody whom the market knows.
    pub(crate) fn buyer(&self) {
        self.party("buyer");
    }

    /// The same, of another name.
    pub(crate) fn party(&self, name: &str) -> SecretKey {
        let file = format!("{name}.pem");
        self.run(&["key", "new", &file]);
        self.run(&["party", "register", "--key", &file]);
        self.key(&file)
    }

    fn key(&self, file: &str) -> SecretKey {
        let pem = fs::read_to_string(self.folder.join(file)).expect("a key");
        SecretKey::from_pem(&pem).expect("a key")
    }

    pub(crate) fn operator(&self) -> SecretKey {
        self.key("market/operator.pem")
    }

    /// The digest of criteria with `ten-checks`, which everybody may read.
    pub(crate) fn criteria(&self, setting: &Setting) -> Digest {
        let file = |name: &str| self.folder.join(name);
        fs::write(file("ten.wasm"), &setting.ten_checks).expect("written");
        let params: Value = serde_json::from_str(guests::TEN_PARAMS).expect("JSON");
        let criteria = json!({
            "name": "ten", "summary": "Ten checks.",
            "criteria": [{
                "name": "order", "summary": "The order is in order.", "validator": {"path": "ten.wasm"},
                "required": true, "params": params,
            }],
        });
        fs::write(file("draft.json"), criteria.to_string()).expect("written");
        self.run(&["criteria", "lock", "draft.json", "--to", "criteria.json"]);
        self.buyer();
        let upload = ["market", "upload", "--public", "--key", "buyer.pem"];
        self.run(&[&upload[..], &["ten.wasm", "criteria.json"]].concat());
        Digest::of(&fs::read(file("criteria.json")).expect("it is there"))
    }

    /// Deposits, signed before: what costs the market the least.
    pub(crate) fn deposits(&self, series: u32) -> Vec<Vec<u8>> {
        let operator = self.operator();
        let shown = self.run(&["key", "show", "buyer.pub.pem"]);
        let party = &shown["keyId"];
        let action = json!({"type": "deposit", "party": party, "asset": "USD/2", "amount": 1});
        let deposit = |number| {
            let name = format!("{series}/{number}");
            request(&operator, &name, action.clone(), None).0
        };
        (0..COMMANDS).map(deposit).collect()
    }
}

/// A command as it is sent, and the digest of its payload. The name is used once.
pub(crate) fn request(
    key: &SecretKey,
    name: &str,
    action: Value,
    beside: Option<&[u8]>,
) -> (Vec<u8>, Digest) {
    let payload = Payload {
        schema: uri::COMMAND_V1.to_owned(),
        market: "urn:market:local".parse().expect("a term"),
        sender: key.public_key().id(),
        id: CommandId::named(name),
        valid_until: None,
        action: serde_json::from_value(action).expect("an action"),
    };
    let envelope = sign(&payload, key).expect("signed");
    let beside = beside.map(|bytes| format!(r#","attachment":"{}""#, STANDARD.encode(bytes)));
    let beside = beside.unwrap_or_default();
    let body = format!(r#"{{"envelope":{}{beside}}}"#, envelope.to_json());
    (wire::post("/v1/commands", &body), envelope.payload_digest())
}

impl Drop for Market {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn command(folder: &Path, cache: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROOFMARK);
    command
        .current_dir(folder)
        .args(arguments)
        .env("PROOFMARK_CACHE", cache)
        .stderr(Stdio::null());
    command
}

pub(crate) fn run(setting: &Setting) -> Section {
    let mut section = Section::new(
        "serve",
        "a market over HTTP, its clients on the same two cores",
        &[
            "what",
            "connections",
            "arrival",
            "per second",
            "p50 ms",
            "p99 ms",
        ],
    );
    let market = Market::open(setting);
    checks(setting, &market, &mut section);
    commands(&market, &mut section);
    section
}

fn checks(setting: &Setting, market: &Market, section: &mut Section) {
    let alone = alone(setting);
    section.row(vec![
        "the engine alone: isolated, two callers, nothing signed".into(),
        Figure::Empty,
        Figure::Empty,
        Figure::Decimal(alone, 0),
        Figure::Empty,
        Figure::Empty,
    ]);
    let body = json!({
        "criteria": market.criteria(setting),
        "files": [{"path": guests::INPUT, "content": STANDARD.encode(guests::order())}],
    });
    let requests = vec![wire::post("/v1/check", &body.to_string()); CHECKS];
    // Warm: the code is compiled, workers started.
    wire::closed(&market.address, &requests[..200], 4);
    let what = "check: run, signed, not stored";
    let best = both(section, what, market, &[2, 8, 32], &mut || requests.clone());
    section.target(Target::at_least("checks per second", best, 10_000.0, ""));
}

fn commands(market: &Market, section: &mut Section) {
    let mut series = 0;
    let mut requests = || {
        series += 1;
        market.deposits(series)
    };
    let what = "command: verified, obeyed, durable";
    both(section, what, market, &[1, 8, 64], &mut requests);
}

/// As fast as it goes, and then at a fixed rate below that. Says how fast it went at best.
fn both(
    section: &mut Section,
    what: &str,
    market: &Market,
    connections: &[usize],
    requests: &mut dyn FnMut() -> Vec<Vec<u8>>,
) -> f64 {
    let (mut best, mut at) = (0.0, 1);
    for connections in connections {
        let requests = requests();
        // One client alone waits for the disk each time.
        let share = if *connections == 1 { 10 } else { 1 };
        let part = &requests[..requests.len() / share];
        let answered = wire::closed(&market.address, part, *connections);
        section.row(row(what, *connections, "as answered", &answered));
        if answered.per_second > best {
            (best, at) = (answered.per_second, *connections);
        }
    }
    let rate = best * LOAD;
    let answered = wire::open(&market.address, &requests(), at.max(32), rate);
    section.row(row(what, at.max(32), &format!("{rate:.0}/s"), &answered));
    best
}

fn row(what: &str, connections: usize, arrival: &str, answered: &Answered) -> Vec<Figure> {
    vec![
        what.into(),
        Figure::Count(connections as u64),
        arrival.into(),
        Figure::Decimal(answered.per_second, 0),
        Figure::Decimal(ms(answered.within(0.5)), 2),
        Figure::Decimal(ms(answered.within(0.99)), 2),
    ]
}

/// Those who call the engine alone.
pub(crate) const CALLERS: f64 = 2.0;

/// Verdicts per second of two callers, without a server.
pub(crate) fn alone(setting: &Setting) -> f64 {
    let engine = setting.engine(Isolation::Process);
    let prepared = engine.prepare(&setting.ten_checks, Admission::Published);
    let prepared = prepared.expect("it was built just now");
    let job = guests::ten_checks_job();
    let half = || {
        for _ in 0..CHECKS / 2 {
            engine.evaluate(&prepared, &job).expect("it runs");
        }
    };
    half();
    let ((), took) = time(|| {
        std::thread::scope(|scope| {
            scope.spawn(half);
            half();
        });
    });
    CHECKS as f64 / took.as_secs_f64()
}
