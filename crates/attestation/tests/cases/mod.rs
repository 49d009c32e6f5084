//! The published cases: what each holds, what an attacker did, and the answer that it must get.

mod binding;
mod bundle;
mod conflict;
mod content;
mod documents;
mod log;
mod payload;
mod policy;
mod receipts;
mod signatures;
mod time;
mod valid;

use std::collections::BTreeMap;

use proofmark_attestation::Bundle;
use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_attestation::verify::FailureCode;
use proofmark_criteria::Verdict;
use proofmark_dsse::Envelope;
use serde_json::{Value, json};

use super::world::{self, ALPHA, BETA};

/// The answer that a case must get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Verified, with this verdict.
    Verified(Verdict),
    /// The first failure.
    Refused(FailureCode),
}

/// One case. What is not changed is the bundle of the order, which verifies.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// What the attacker did, or what is special, one sentence.
    pub(crate) about: &'static str,
    pub(crate) answer: Answer,
    pub(crate) bundle: Vec<u8>,
    /// So many spaces follow the bundle.
    pub(crate) spaces: Option<u64>,
    pub(crate) policy: Vec<u8>,
    pub(crate) facts: Value,
    /// The newest policy that the verifier has accepted before.
    pub(crate) remembered: Option<Vec<u8>>,
    /// The digest of the one policy that is acceptable.
    pub(crate) pin: Option<String>,
    /// Bundles that the verifier has seen before.
    pub(crate) known: Vec<Bundle>,
    /// The verifier's own criteria document.
    pub(crate) criteria: Option<Vec<u8>>,
    /// The verifier's own manifest of the work.
    pub(crate) submission: Option<Vec<u8>>,
}

/// The one case that verifies under a policy that nobody knows.
const UNKNOWN_POLICY: &str = "valid-policy-not-known";

/// Every case, by name.
pub(crate) fn all() -> BTreeMap<&'static str, Case> {
    let groups = [
        valid::cases(),
        binding::cases(),
        bundle::cases(),
        conflict::cases(),
        content::cases(),
        documents::cases(),
        log::cases(),
        payload::cases(),
        policy::cases(),
        receipts::cases(),
        signatures::cases(),
        time::cases(),
    ];
    let mut all = BTreeMap::new();
    for mut case in groups.into_iter().flatten() {
        // Who settles knows the policy.
        let known = case.pin.is_some() || case.remembered.is_some();
        if matches!(case.answer, Answer::Verified(_)) && !known && case.name != UNKNOWN_POLICY {
            let envelope = Envelope::parse(&case.policy).expect("a signed policy");
            case.pin = Some(envelope.payload_digest().to_string());
        }
        let name = case.name;
        assert!(all.insert(name, case).is_none(), "{name} is there twice");
    }
    all
}

fn case(name: &'static str, about: &'static str, answer: Answer) -> Case {
    Case {
        name,
        about,
        answer,
        bundle: world::bundle().to_json().into_bytes(),
        spaces: None,
        policy: world::signed_policy().into_bytes(),
        facts: world::facts(),
        remembered: None,
        pin: None,
        known: Vec::new(),
        criteria: None,
        submission: None,
    }
}

/// A case that verifies.
fn good(name: &'static str, about: &'static str, verdict: Verdict) -> Case {
    case(name, about, Answer::Verified(verdict))
}

/// A case that is refused.
fn bad(name: &'static str, about: &'static str, code: FailureCode) -> Case {
    case(name, about, Answer::Refused(code))
}

impl Case {
    fn bundle(mut self, bundle: &Bundle) -> Self {
        self.bundle = bundle.to_json().into_bytes();
        self
    }

    fn bytes(mut self, bundle: impl Into<Vec<u8>>) -> Self {
        self.bundle = bundle.into();
        self
    }

    /// Changes the bundle of the order as JSON.
    fn edit(mut self, change: impl FnOnce(&mut Value)) -> Self {
        let mut value: Value = serde_json::from_slice(&self.bundle).expect("a bundle is JSON");
        change(&mut value);
        self.bundle = value.to_string().into_bytes();
        self
    }

    /// Replaces the first place of a text in the bundle.
    fn replace(mut self, from: &str, to: &str) -> Self {
        let text = String::from_utf8(self.bundle).expect("a bundle is text");
        assert!(text.contains(from), "{}: there is no {from}", self.name);
        self.bundle = text.replacen(from, to, 1).into_bytes();
        self
    }

    /// Changes the bundle of the order.
    fn change(self, change: impl FnOnce(&mut Bundle)) -> Self {
        let mut bundle = Bundle::parse(&self.bundle).expect("it is a bundle");
        change(&mut bundle);
        self.bundle(&bundle)
    }

    fn spaces(mut self, spaces: u64) -> Self {
        self.spaces = Some(spaces);
        self
    }

    /// Changes what the settlement knows.
    fn facts(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.facts);
        self
    }

    fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts[name] = value.into();
        self
    }

    /// Leaves facts out.
    fn without(mut self, names: &[&str]) -> Self {
        let members = self.facts.as_object_mut().expect("an object");
        for name in names {
            assert!(members.remove(*name).is_some(), "there is no fact {name}");
        }
        self
    }

    fn policy(mut self, envelope: impl Into<Vec<u8>>) -> Self {
        self.policy = envelope.into();
        self
    }

    /// Under a policy that the roots changed in this way.
    fn under(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut document = world::policy_document();
        change(&mut document);
        let signed = world::sign_policy(&document, &world::ROOTS[..2]);
        self.policy(signed)
    }

    /// The verifier has the buyer's criteria and the work itself at hand.
    fn with_documents_at_hand(mut self) -> Self {
        let world = &*world::WORLD;
        self.criteria = Some(world.criteria.canonical_bytes().to_vec());
        self.submission = Some(world.manifest.canonical_bytes().to_vec());
        self
    }

    /// Two trusted engines sign another payload than they should, and it is logged and witnessed.
    fn payload(self, payload: impl AsRef<[u8]>) -> Self {
        let envelope = world::sign_payload(payload.as_ref(), &[ALPHA, BETA]);
        self.bundle(&world::logged(envelope))
    }

    /// Two trusted engines sign a statement that was changed in this way.
    fn lie(self, change: impl FnOnce(&mut Value)) -> Self {
        self.lie_about(&world::outcome(), change)
    }

    fn lie_about(self, outcome: &ValidatedOutcome, change: impl FnOnce(&mut Value)) -> Self {
        let mut statement = world::statement_of(outcome);
        change(&mut statement);
        self.payload(world::canonical_bytes(&statement))
    }

    /// What its folder holds, apart from `expect.json`.
    pub(crate) fn files(&self) -> BTreeMap<&'static str, Vec<u8>> {
        let mut files = BTreeMap::from([
            ("bundle.json", self.bundle.clone()),
            ("policy.dsse.json", self.policy.clone()),
            ("facts.json", pretty(&self.facts)),
        ]);
        let mut put = |name, content: &Option<Vec<u8>>| {
            if let Some(content) = content {
                files.insert(name, content.clone());
            }
        };
        put("remembered.dsse.json", &self.remembered);
        put("criteria.json", &self.criteria);
        put("submission.json", &self.submission);
        put(
            "pin",
            &self.pin.as_ref().map(|pin| pin.clone().into_bytes()),
        );
        if !self.known.is_empty() {
            let bundles: Vec<_> = self.known.iter().map(Bundle::to_json).collect();
            let list = format!("[{}]", bundles.join(","));
            files.insert("known.json", list.into_bytes());
        }
        files
    }

    /// `expect.json`, from the answer that was got: the runner has compared it with [`Case::answer`].
    pub(crate) fn expectation(&self, got: &Value) -> Vec<u8> {
        let mut expect = json!({ "about": self.about, "verified": got["verified"] });
        if let Some(spaces) = self.spaces {
            expect["bundle"] = json!({ "then": { "repeat": " ", "times": spaces } });
        }
        let statuses = got["rules"].as_array().expect("rules").iter();
        let statuses = statuses.map(|rule| {
            let name = rule["rule"].as_str().expect("a name").to_owned();
            (name, rule["status"].clone())
        });
        expect["rules"] = Value::Object(statuses.collect());
        match got.get("failure") {
            Some(failure) => {
                expect["rule"] = failure["rule"].clone();
                expect["code"] = failure["code"].clone();
            }
            None => expect["outcome"] = got["outcome"].clone(),
        }
        pretty(&expect)
    }
}

impl Answer {
    /// As in the table of the README.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Verified(verdict) => format!("verified, {}", verdict.as_str()),
            Self::Refused(code) => format!("`{code}`"),
        }
    }
}

fn pretty(value: &Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).expect("a value is JSON");
    text.push('\n');
    text.into_bytes()
}
