//! Taking part by the named commands: a sealed auction from the first key to a default, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::{Value, json};

use super::{Server, proofmark};

/// A market, and a directory with the keys of whoever takes part.
struct Fair {
    folder: tempfile::TempDir,
    server: Server,
}

impl Fair {
    fn open(parties: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let init = ["market", "init", "market", "--window-min", "1"];
        proofmark(folder.path(), "", &init);
        let server = Server::start_with(folder.path(), &["--checks", "2"]);
        let fair = Self { folder, server };
        for party in parties {
            let key = format!("{party}.pem");
            fair.done(&["key", "new", &key]);
            fair.done(&["party", "register", "--key", &key]);
            let operator = ["--key", "market/operator.pem"];
            let deposit = ["account", "deposit", &key, "100.00"];
            fair.done(&[&deposit[..], &operator].concat());
        }
        fair
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The exit status, and what was said as JSON.
    fn said(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let all = [&["--output", "json"], arguments].concat();
        let output = proofmark(self.path(), &self.server.url, &all);
        let said = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code(), said)
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) -> Value {
        let (code, said) = self.said(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said:#}");
        said
    }

    /// What was said, and what stands beside it for people.
    #[track_caller]
    fn warned(&self, arguments: &[&str]) -> (Value, String) {
        let all = [&["--output", "json"], arguments].concat();
        let output = proofmark(self.path(), &self.server.url, &all);
        let beside = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {beside}");
        let said = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (said, beside)
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str], expected: &str) {
        let (code, said) = self.said(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {said:#}");
        let code = said.pointer("/error/problems/0/code");
        assert_eq!(code, Some(&expected.into()), "{arguments:?}: {said:#}");
    }

    fn party(&self, name: &str) -> String {
        let key = format!("{name}.pem");
        let shown = self.done(&["key", "show", &key]);
        shown["keyId"].as_str().expect("its name").to_owned()
    }

    fn balance(&self, name: &str) -> i64 {
        let balances = self.done(&["account", "balance", &format!("{name}.pem")]);
        balances[0]["available"].as_i64().expect("an amount")
    }

    /// Terms of the example, with these members instead.
    fn terms(&self, change: impl FnOnce(&mut Value)) -> PathBuf {
        let market = self.done(&["market", "show"]);
        assert!(market["rules"].is_object());
        let engine = self.done(&["key", "show", "market/engine.pub.pem"]);
        let criteria = proofmark_tests::setup::root().join("examples/service/criteria.json");
        let criteria = proofmark_core::Digest::of(&fs::read(criteria).expect("it is there"));
        let mut terms = json!({
            "schema": "https://proofmark.example/terms/v1", "outcome_class": "server_in_grade", "asset": "USD/2",
            "milestones": [{"deliverable": "m1", "criteria": criteria, "share": 1_000_000}],
            "engines": {"keys": [engine["keyId"]], "threshold": 1, "profile": self.profile()},
            "award": {"rule": "second_score", "bids": "sealed", "price_ceiling": 5_000},
            "attempts": 2, "holdback": 0,
            "windows": {"bidding_seconds": 2, "reveal_seconds": 3, "award_seconds": 60, "delivery_seconds": 1,
                        "retry_seconds": 1, "verification_seconds": 120, "challenge_seconds": 60, "rerun_seconds": 60},
            "bonds": {"bid": 50, "performance": 500, "challenge": 60}, "fees": {"market": 25_000, "verification": 2},
            "penalties": {"cancelled_rfq": 0, "cancelled": 200_000, "rejected": 100_000, "resigned": 50_000,
                          "defaulted": 500_000, "to_buyer": 500_000},
            "losses": {"fail": 800, "defect": 2_000},
        });
        change(&mut terms);
        let file = self.path().join("terms.json");
        fs::write(&file, terms.to_string()).expect("written");
        file
    }

    fn pin(&self) -> String {
        let shown = self.done(&["policy", "show", "market/policy.v1.dsse.json"]);
        shown["digest"].as_str().expect("its digest").to_owned()
    }

    fn profile(&self) -> Value {
        let shown = self.done(&["policy", "show", "market/policy.v1.dsse.json"]);
        let profile = shown.pointer("/policy/profiles/0/digest");
        profile.expect("there is one").clone()
    }
}

#[test]
fn a_sealed_auction_is_held_by_name() {
    let fair = Fair::open(&["buyer", "cheap", "dear"]);
    let terms = fair.terms(|_| ());
    let published = fair.done(&[
        "rfq",
        "publish",
        terms.to_str().expect("text"),
        "--key",
        "buyer.pem",
    ]);
    let rfq = published["rfq"].as_str().expect("its name");
    let listed = fair.done(&["rfq", "list", "--state", "open"]);
    assert_eq!(listed["items"][0]["id"], rfq);

    // Nobody without a record may take 20.00 for a bond of 5.00; sealed, that would be known too late.
    let risky = [
        "bid",
        "commit",
        rfq,
        "--price",
        "20",
        "--bond",
        "5",
        "--key",
        "cheap.pem",
    ];
    fair.refused(&risky, "bid-ineligible");
    // Nor for less than the least bond, which could never be revealed.
    let cheap = |bond: &'static str| risky.map(|it| if it == "5" { bond } else { it });
    fair.refused(&cheap("1"), "bond-too-small");
    for (who, price) in [("cheap", "20.00"), ("dear", "30")] {
        let key = format!("{who}.pem");
        let commit = [
            "bid", "commit", rfq, "--price", price, "--bond", price, "--key", &key,
        ];
        let to = ["--to", "dear.bid.json"];
        let commit = match who {
            "dear" => [&commit[..], &to].concat(),
            _ => commit.to_vec(),
        };
        fair.done(&commit);
        // Whoever loses what opens a bid loses its bond: it is not replaced.
        fair.refused(&commit, "would-replace");
    }
    let entry = fair.done(&["rfq", "show", rfq]);
    assert!(
        entry["offers"][0]["entry"]["bid"].is_null(),
        "nobody knows it yet"
    );
    let revealing = fair.done(&["rfq", "wait", rfq, "--reveal", "--within", "30"]);
    assert_eq!(revealing["state"], "Revealing");
    // A file that nobody has named is found by the RFQ.
    for (who, kept) in [("cheap", rfq), ("dear", "dear.bid.json")] {
        fair.done(&["bid", "reveal", kept, "--key", &format!("{who}.pem")]);
    }
    let awarded = fair.done(&["rfq", "wait", rfq, "--within", "30"]);
    let contract = awarded["contracts"][0].as_str().expect("it began");
    let shown = fair.done(&["contract", "show", contract]);
    let supplier = json!(fair.party("cheap"));
    assert_eq!(
        (&shown["supplier"], &shown["price"]),
        (&supplier, &json!(2_000))
    );
    assert_eq!(fair.balance("dear"), 10_000, "its bid bond is back");

    // Nothing is delivered, and half of the bond of 20.00 is lost; half of that is the buyer's.
    let (code, ended) = fair.said(&["contract", "wait", contract, "Passed", "--within", "30"]);
    assert_eq!((code, &ended["state"]), (Some(1), &json!("Defaulted")));
    assert_eq!(fair.balance("cheap"), 9_000);
    assert_eq!(fair.balance("buyer"), 10_500);
    let told = fair.said(&["events", "--of", contract]);
    assert_eq!(told.0, Some(0));
    // It will not come to this any more: nobody is kept waiting.
    let (code, _) = fair.said(&["contract", "wait", contract, "Provisional"]);
    assert_eq!(code, Some(1));
    fair.refused(&["events", "--of", "nonsense"], "name-malformed");
    fair.refused(&["rfq", "list", "--state", "opne"], "state-unknown");
    fair.refused(&["party", "show", "nobody.pem"], "name-malformed");
    fair.server.stop();
}

#[test]
fn what_is_written_wrong_is_not_sent() {
    let fair = Fair::open(&["buyer", "supplier"]);
    let open = |terms: &mut Value| {
        terms["award"] = json!({"rule": "first_score", "bids": "open", "price_ceiling": 5_000});
        terms["windows"]["bidding_seconds"] = json!(600);
        terms["windows"]
            .as_object_mut()
            .expect("windows")
            .remove("reveal_seconds");
    };
    let terms = fair.terms(open);
    let published = fair.done(&[
        "rfq",
        "publish",
        terms.to_str().expect("text"),
        "--key",
        "buyer.pem",
    ]);
    let rfq = published["rfq"].as_str().expect("its name");
    let place = |price: &str, more: &[&str]| {
        let bid = [
            "bid",
            "place",
            rfq,
            "--price",
            price,
            "--bond",
            "5",
            "--key",
            "supplier.pem",
        ];
        [
            &bid.map(str::to_owned)[..],
            &more.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>(),
        ]
        .concat()
    };
    let refused = |arguments: Vec<String>, code: &str| {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        fair.refused(&arguments, code);
    };
    for wrong in ["40.005", "40,00", "1e3", "forty"] {
        refused(place(wrong, &[]), "amount-malformed");
    }
    refused(place("50.01", &[]), "price-above-ceiling");
    // With a bond of 5.00 nobody without a record may take 40.00.
    refused(place("40", &["--bonded"]), "bid-ineligible");
    assert_eq!(fair.balance("supplier"), 10_000, "nothing was put up");
    let nobody = "0".repeat(64);
    fair.refused(
        &[
            "account",
            "deposit",
            &nobody,
            "1",
            "--key",
            "market/operator.pem",
        ],
        "party-unknown",
    );
    fair.refused(
        &["account", "withdraw", "100.01", "--key", "buyer.pem"],
        "insufficient-funds",
    );
    let contract = format!("con_{}_1", rfq.trim_start_matches("rfq_"));
    fair.refused(
        &[
            "contract",
            "submit",
            &contract,
            "terms.json",
            "--key",
            "supplier.pem",
        ],
        "not-a-directory",
    );
    fair.refused(&["contract", "wait", &contract, "Done"], "state-unknown");
    fair.refused(
        &["contract", "accept", &contract, "--key", "buyer.pem"],
        "contract-unknown",
    );
    fair.refused(
        &["bid", "reveal", "terms.json", "--key", "supplier.pem"],
        "opening-malformed",
    );
    // What was refused leaves nothing behind, and so is refused alike again.
    let sealed = [
        "bid",
        "commit",
        rfq,
        "--price",
        "5",
        "--bond",
        "5",
        "--key",
        "supplier.pem",
    ];
    fair.refused(&sealed, "bid-mode-other");
    fair.refused(&sealed, "bid-mode-other");
    fair.done(&["rfq", "cancel", rfq, "--key", "buyer.pem"]);
    let (code, ended) = fair.said(&["rfq", "wait", rfq]);
    assert_eq!((code, &ended["state"]), (Some(1), &json!("Cancelled")));
    fair.server.stop();
}

/// Whoever is refused is told which bond would do: that one, and nothing less.
#[test]
fn the_bond_that_a_refusal_names_is_the_least_that_does() {
    let fair = Fair::open(&["buyer", "supplier"]);
    let terms = fair.terms(|terms| {
        terms["award"] = json!({"rule": "first_score", "bids": "open", "price_ceiling": 5_000});
        terms["windows"]["bidding_seconds"] = json!(600);
        let windows = terms["windows"].as_object_mut().expect("windows");
        windows.remove("reveal_seconds");
    });
    let terms = terms.to_str().expect("text");
    let published = fair.done(&["rfq", "publish", terms, "--key", "buyer.pem"]);
    let rfq = published["rfq"].as_str().expect("its name");
    let place = |bond: &str| {
        let bid = ["bid", "place", rfq, "--price", "40", "--bond", bond];
        fair.said(&[&bid[..], &["--key", "supplier.pem"]].concat())
    };
    let named = |said: &Value| {
        let message = said.pointer("/error/problems/0/message");
        let message = message.and_then(Value::as_str).unwrap_or_default();
        let (_, named) = message.split_once("with a bond of ")?;
        named.split_once(" USD").map(|(bond, _)| bond.to_owned())
    };
    let (_, refused) = place("5");
    let bond = named(&refused).unwrap_or_else(|| panic!("it names none: {refused:#}"));
    let minor: i64 = bond.replace('.', "").parse().expect("an amount");
    let less = format!("{}.{:02}", (minor - 1) / 100, (minor - 1) % 100);
    let (code, refused) = place(&less);
    assert_eq!(
        (code, named(&refused)),
        (Some(2), Some(bond.clone())),
        "{refused:#}"
    );
    let (code, placed) = place(&bond);
    assert_eq!(code, Some(0), "{placed:#}");
    fair.server.stop();
}

/// The same record as on the supplier's own machine, signed by the market's engine, without any contract.
#[test]
fn work_is_checked_without_a_contract() {
    let fair = Fair::open(&["buyer"]);
    let service = proofmark_tests::setup::root().join("examples/service");
    let criteria = service.join("criteria.json");
    let criteria = criteria.to_str().expect("text");
    fair.done(&[
        "market",
        "upload",
        criteria,
        "--public",
        "--key",
        "buyer.pem",
    ]);
    let digest = proofmark_core::Digest::of(&fs::read(criteria).expect("it is there"));
    for (work, verdict) in [("within-grade", "pass"), ("outside-grade", "fail")] {
        let work = service.join("submissions").join(work);
        let record = fair.path().join("record.json");
        let own = [
            "check",
            criteria,
            work.to_str().expect("text"),
            "--record",
            "record.json",
        ];
        assert_eq!(fair.said(&own).0, Some(i32::from(verdict == "fail")));
        let record: Value =
            serde_json::from_slice(&fs::read(record).expect("written")).expect("JSON");
        let asked = json!({ "criteria": digest, "files": files(&work) });
        let url = format!("{}/v1/check", fair.server.url);
        let answer = ureq::post(&url).send(asked.to_string());
        let text = answer.expect("a verdict").into_body().read_to_string();
        let said: Value = serde_json::from_str(&text.expect("text")).expect("JSON");
        assert_eq!(said["verdict"], verdict);
        assert_eq!(said["record"], record, "not a byte is different");
        let bundle = fair.path().join("bundle.json");
        fs::write(bundle, said["bundle"].to_string()).expect("written");
        let policy = [
            "--policy",
            "market/policy.v1.dsse.json",
            "--pin",
            &fair.pin(),
        ];
        let verify = [&["verify", "bundle.json"], &policy[..]].concat();
        let (code, verified) = fair.said(&verify);
        assert_eq!(code, Some(i32::from(verdict == "fail")), "{verified:#}");
        let outcome = &verified["outcome"];
        assert_eq!(outcome["outcome_digest"], said["outcome"]);
        assert_eq!(outcome["settles"], false, "it is bound to no order");
    }
    fair.server.stop();
}

fn files(folder: &Path) -> Vec<Value> {
    let entries = fs::read_dir(folder).expect("it is there");
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.expect("it is there");
        let content = fs::read(entry.path()).expect("a file");
        let content = base64::engine::general_purpose::STANDARD.encode(content);
        json!({ "path": entry.file_name().to_str(), "content": content })
    };
    entries.map(file).collect()
}

/// What the buyer has on its disk, the supplier has after one command, and judges by it alike.
#[test]
fn criteria_arrive_with_all_that_they_name() {
    let fair = Fair::open(&["buyer"]);
    let example = proofmark_tests::setup::root().join("examples/quotations");
    let text = |path: PathBuf| path.to_str().expect("text").to_owned();
    let publish = |fair: &Fair, all: &[&Path]| {
        let read = |it: &&Path| fs::read(it).expect("it is there");
        let digests = all.iter().map(|it| proofmark_core::Digest::of(&read(it)));
        let milestone = |(digest, number): (_, usize)| {
            let share = 1_000_000 / all.len();
            json!({"deliverable": format!("m{number}"), "criteria": digest, "share": share})
        };
        let milestones: Vec<_> = digests.zip(1..).map(milestone).collect();
        let terms = fair.terms(|terms| {
            terms["milestones"] = json!(milestones);
            // It is called off before bidding is over, however slow the machine is.
            terms["windows"]["bidding_seconds"] = json!(600);
        });
        let publish = ["rfq", "publish", "--key", "buyer.pem"];
        let (rfq, warned) = fair.warned(&[&publish[..], &[&text(terms)]].concat());
        (rfq["rfq"].as_str().expect("its name").to_owned(), warned)
    };

    // Alone, and far from what it names.
    let alone = fair.path().join("alone");
    fs::create_dir(&alone).expect("a folder");
    let alone = alone.join("criteria.json");
    fs::copy(example.join("criteria.json"), &alone).expect("copied");
    let upload = ["market", "upload", "--public", "--key", "buyer.pem"];
    let (_, warned) = fair.warned(&[&upload[..], &[&text(alone.clone())]].concat());
    assert!(warned.contains("the reference file"), "{warned}");
    let (rfq, warned) = publish(&fair, &[&alone]);
    assert!(
        warned.contains("nobody but its sender can read the reference file"),
        "{warned}"
    );
    let fetch = ["rfq", "criteria", &rfq, "--to", "kept"];
    let (code, said) = fair.said(&fetch);
    assert_eq!(code, Some(3), "{said:#}");
    let problem = said.pointer("/error/problems/0/code");
    assert_eq!(problem, Some(&json!("criteria-incomplete")));
    assert!(!fair.path().join("kept").exists(), "all of it or nothing");
    fair.done(&["rfq", "cancel", &rfq, "--key", "buyer.pem"]);

    let criteria = example.join("criteria.json");
    let sent = fair.done(&[&upload[..], &[&text(criteria.clone())]].concat());
    let sent = sent["items"].as_array().expect("a list");
    assert!(sent.len() > 1, "the references came along: {sent:?}");
    assert_eq!(
        sent.last().expect("one")["path"],
        json!(text(criteria.clone()))
    );
    let (rfq, warned) = publish(&fair, &[&criteria]);
    assert_eq!(warned, "");
    let fetch = ["rfq", "criteria", &rfq, "--to", "kept"];
    fair.done(&fetch);
    fair.refused(&fetch, "would-replace");
    for (work, code) in [("honest", 0), ("invented", 1)] {
        let work = text(example.join("submissions").join(work));
        let (exit, said) = fair.said(&["check", "kept/criteria.json", &work]);
        assert_eq!(exit, Some(code), "{said:#}");
    }
    fair.done(&["rfq", "cancel", &rfq, "--key", "buyer.pem"]);

    // Of two milestones one is missing, or what came since is no criteria document.
    let draft = example.join("criteria.toml");
    let service = example.with_file_name("service").join("criteria.json");
    for (second, code, comes) in [
        (&service, "criteria-incomplete", false),
        (&draft, "criteria-unusable", true),
    ] {
        let (rfq, _) = publish(&fair, &[&criteria, second]);
        if comes {
            fair.done(&[&upload[..], &[&text(second.clone())]].concat());
        }
        let (_, said) = fair.said(&["rfq", "criteria", &rfq, "--to", "both"]);
        let problem = said.pointer("/error/problems/0/code");
        assert_eq!(problem, Some(&json!(code)), "{said:#}");
        assert!(!fair.path().join("both").exists(), "all of it or nothing");
        fair.done(&["rfq", "cancel", &rfq, "--key", "buyer.pem"]);
    }
    fair.done(&[&upload[..], &[&text(service.clone())]].concat());
    let (rfq, _) = publish(&fair, &[&criteria, &service]);
    fair.done(&["rfq", "criteria", &rfq, "--to", "both"]);
    for (number, criteria) in [(1, &criteria), (2, &service)] {
        let kept = format!("both/milestone-{number}/criteria.json");
        let kept = fs::read(fair.path().join(kept)).expect("it is there");
        assert_eq!(kept, fs::read(criteria).expect("it is there"));
    }
    fair.server.stop();
}

/// What a market runs, it says at publication: before terms name it, and compiled already.
#[test]
fn a_validator_is_accepted_or_refused_when_it_is_published() {
    let fair = Fair::open(&["buyer"]);
    let write = |name: &str, bytes: &[u8]| {
        fs::write(fair.path().join(name), bytes).expect("written");
        name.to_owned()
    };
    let publish = |file: &str| fair.said(&["validator", "publish", file, "--key", "buyer.pem"]);
    let built_in = proofmark_validators::ready_made("service-level").expect("one");
    let component = proofmark_tests::forge::renamed(built_in.component);
    let (code, said) = publish(&write("mine.wasm", &component));
    assert_eq!(code, Some(0), "{said:#}");
    let digest = proofmark_core::Digest::of(&component);
    assert_eq!(said["validator"], json!(digest));
    let checks = said.pointer("/inspected/manifest/checks");
    assert_eq!(checks.and_then(Value::as_array).map(Vec::len), Some(6));
    // Asked again, nothing is compiled: it is known.
    assert_eq!(publish("mine.wasm"), (code, said));

    let (code, said) = publish(&write("text.wasm", b"no component"));
    let found = &said["inspected"];
    assert_eq!(
        (code, &found["accepted"]),
        (Some(1), &json!(false)),
        "{said:#}"
    );
    assert_eq!(found["code"], "not-webassembly");
    fair.refused(
        &["validator", "publish", "nothing.wasm", "--key", "buyer.pem"],
        "validator-not-found",
    );
    fair.server.stop();
}
