//! A market for the occasion: a server of this very program, parties with keys of their own, and HTTP between them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use proofmark_core::Digest;
use proofmark_ledger::{Amount, Asset};
use proofmark_market::explain::money;
use proofmark_market::{ContractId, PartyId};
use serde_json::{Value, json};

use super::terms::Agreed;
use crate::args::{At, Global, IsolationArg, OptLevelArg, Sender};
use crate::commands::market::{client, send, upload};
use crate::commands::trade::{bundle, wait};
use crate::failure::{Failure, chain};

/// How long anything may take before the demo gives up.
const PATIENCE: u64 = 60;

pub(super) struct Fair {
    folder: PathBuf,
    options: Vec<String>,
    server: Option<Child>,
    at: At,
    /// Engine that terms name, and the profile in which it runs.
    pub(super) engine: Value,
    pub(super) profile: Value,
    parties: BTreeMap<&'static str, PartyId>,
}

impl Fair {
    /// A market in `folder`, served.
    pub(super) fn open(folder: &Path, global: &Global) -> Result<Self, Failure> {
        let mut fair = Self {
            folder: folder.to_owned(),
            options: options(global),
            server: None,
            at: At {
                market: String::new(),
            },
            engine: Value::Null,
            profile: Value::Null,
            parties: BTreeMap::new(),
        };
        let made = fair.program(&[
            "--output",
            "json",
            "market",
            "init",
            "market",
            "--window-min",
            "1",
        ])?;
        let made: Value = serde_json::from_slice(&made.stdout).unwrap_or_default();
        fair.engine = made["engine"].clone();
        fair.profile = made["profile"].clone();
        fair.serve()?;
        Ok(fair)
    }

    /// Its program, in its folder.
    fn command(&self, arguments: &[&str]) -> Result<Command, Failure> {
        let program = std::env::current_exe().map_err(|error| unstarted(&error))?;
        let mut command = Command::new(program);
        command
            .current_dir(&self.folder)
            .args(&self.options)
            .args(arguments);
        Ok(command)
    }

    fn program(&self, arguments: &[&str]) -> Result<Output, Failure> {
        let output = self.command(arguments)?.output();
        output.map_err(|error| unstarted(&error))
    }

    fn serve(&mut self) -> Result<(), Failure> {
        let arguments = ["market", "serve", "market", "--listen", "127.0.0.1:0"];
        let mut command = self.command(&arguments)?;
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().map_err(|error| unstarted(&error))?;
        let out = server.stdout.take().expect("it is piped");
        self.server = Some(server);
        let mut url = String::new();
        let read = BufReader::new(out).read_line(&mut url);
        read.map_err(|error| unstarted(&error))?;
        url.trim().clone_into(&mut self.at.market);
        Ok(())
    }

    /// Somebody comes, with so much money if with any.
    pub(super) fn enter(&mut self, name: &'static str, cents: i64) -> Result<(), Failure> {
        let key = proofmark_keystore::generate()?;
        proofmark_keystore::write_new(&self.key(name), &key, None)?;
        let party = proofmark_keys::Signer::public_key(&key).id();
        self.parties.insert(name, party);
        self.send(name, json!({ "type": "register" }))?;
        if cents > 0 {
            let deposit =
                json!({ "type": "deposit", "party": party, "asset": "USD/2", "amount": cents });
            self.send("market/operator", deposit)?;
        }
        Ok(())
    }

    fn key(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.pem"))
    }

    pub(super) fn party(&self, name: &str) -> PartyId {
        self.parties[name]
    }

    fn sender(&self, name: &str) -> Sender {
        Sender {
            key: self.key(name).display().to_string(),
            id: None,
            valid_until: None,
            at: self.at.clone(),
        }
    }

    /// Signs, sends, and waits until it is durable.
    pub(super) fn send(&self, who: &str, action: Value) -> Result<Value, Failure> {
        send::obeyed(action, None, &self.sender(who))
    }

    /// A command of a contract.
    pub(super) fn act(
        &self,
        who: &str,
        contract: &ContractId,
        verb: Value,
    ) -> Result<Value, Failure> {
        self.send(
            who,
            json!({ "type": "contract", "contract": contract, "verb": verb }),
        )
    }

    /// Publishes terms, and says the name of the RFQ.
    pub(super) fn publish(&self, who: &str, terms: &Value) -> Result<String, Failure> {
        let terms = proofmark_core::canonical::to_bytes(terms).expect("terms are JSON");
        let action = json!({ "type": "publish_rfq" });
        let answer = send::obeyed(action, Some(terms), &self.sender(who))?;
        Ok(answer["rfq"].as_str().unwrap_or_default().to_owned())
    }

    /// Uploads what is judged: the directory is a submission, or facts.
    pub(super) fn upload(&self, who: &str, work: &Path) -> Result<Digest, Failure> {
        upload::directory(work, &self.sender(who))
    }

    /// Uploads for everybody what an example is judged by, with the references that it names, and what comes later by.
    pub(super) fn criteria(&self, who: &str, example: &Path) -> Result<Agreed, Failure> {
        self.upload(who, &example.join("references"))?;
        let Sender { key, at, .. } = self.sender(who);
        let document = |name: &str| upload::public(&example.join(name), &key, &at);
        Ok(Agreed {
            criteria: document("criteria.json")?,
            warranty: document("warranty.json")?,
        })
    }

    /// Waits until an RFQ or a contract is so.
    pub(super) fn until(
        &self,
        name: &str,
        is_so: impl Fn(&Value) -> bool,
    ) -> Result<Value, Failure> {
        let kind = if name.starts_with("rfq_") {
            "rfqs"
        } else {
            "contracts"
        };
        wait::until(&self.at, &format!("/v1/{kind}/{name}"), PATIENCE, is_so)
    }

    /// Waits until a contract is in a state.
    pub(super) fn state(&self, contract: &ContractId, state: &str) -> Result<Value, Failure> {
        self.until(&contract.to_string(), |it| it["state"] == state)
    }

    /// What an outcome of the run that was judged must be bound to.
    pub(super) fn facts(&self, contract: &ContractId) -> Result<Value, Failure> {
        client::get(&self.at.market, &format!("/v1/contracts/{contract}/facts"))
    }

    /// What a party has free to use, in minor units.
    pub(super) fn cents(&self, name: &str) -> Result<i64, Failure> {
        let shown = client::get(
            &self.at.market,
            &format!("/v1/parties/{}", self.party(name)),
        )?;
        Ok(shown["balances"][0]["available"]
            .as_i64()
            .unwrap_or_default())
    }

    /// The bundles that were presented for a contract, each with the proof that it is logged.
    pub(super) fn bundles(&self, contract: &ContractId) -> Result<Vec<Vec<u8>>, Failure> {
        let listed = bundle::presented(contract, &self.at)?;
        let fetched = listed.iter().map(|it| {
            let wanted = bundle::Wanted {
                bundle: it["bundle"].as_str().and_then(|name| name.parse().ok()),
                presented: false,
            };
            bundle::fetched(contract, &wanted, &self.at)
        });
        let fetched = fetched.collect::<Result<Vec<_>, Failure>>()?;
        let proven = fetched.into_iter().filter(|it| it.index.is_some());
        Ok(proven.map(|it| it.bytes).collect())
    }

    /// Stops the server, and has everything in the record computed again.
    pub(super) fn audit(&mut self) -> Result<String, Failure> {
        self.stop();
        let output = self.program(&["market", "audit", "market"])?;
        Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned())
    }

    /// Verifies a bundle offline: whether it settles the order of these facts.
    pub(super) fn settles(&self, bundle: &str, facts: &str, pin: &Digest) -> Result<bool, Failure> {
        let pin = pin.to_string();
        let policy = ["--policy", "market/policy.v1.dsse.json", "--pin", &pin];
        let verify = ["verify", bundle, "--facts", facts, "--settle"];
        Ok(self
            .program(&[&verify[..], &policy].concat())?
            .status
            .success())
    }

    fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let process = i32::try_from(server.id()).ok();
            let process = process.and_then(rustix::process::Pid::from_raw);
            if let Some(process) = process {
                let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
            }
            let _ = server.wait();
        }
    }
}

impl Drop for Fair {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The options of this process, for another of its kind.
fn options(global: &Global) -> Vec<String> {
    let mut options = Vec::new();
    if global.isolation == IsolationArg::None {
        options.extend(["--isolation".to_owned(), "none".to_owned()]);
    }
    if global.opt_level == OptLevelArg::None {
        options.extend(["--opt-level".to_owned(), "none".to_owned()]);
    }
    if global.no_cache {
        options.push("--no-cache".to_owned());
    } else if let Some(cache) = &global.cache {
        options.extend(["--cache".to_owned(), cache.display().to_string()]);
    }
    options
}

/// As people read it.
pub(super) fn shown(cents: i64) -> String {
    let asset: Asset = "USD/2".parse().expect("an asset");
    let amount = Amount::new(cents.abs()).unwrap_or(Amount::MAX);
    money(amount, asset)
}

fn unstarted(error: &std::io::Error) -> Failure {
    let hint = "the demo runs this program again as a server on 127.0.0.1";
    Failure::environment("server-unstarted", chain(error), hint)
}
