//! What belongs to a contract, and who reads it when.

use std::num::NonZeroU8;

use axum::http::StatusCode;
use proofmark_core::Digest;
use proofmark_criteria::Manifest;
use proofmark_criteria::submission::{Entry, SubmissionLimits};
use proofmark_market::command::Ground;
use proofmark_market::{Action, ContractAction, ContractId, RfqId};
use proofmark_simulator::stage::{Actor, Says, Work, cents, engines, terms};

use crate::world::Market;
use crate::{BYTES, path};

/// A contract of the buyer and this supplier that has begun.
async fn contract(market: &mut Market, supplier: &str, reference: &str) -> ContractId {
    market.begun(supplier, Some(reference)).await
}

/// Hands in a text as the only file of a submission; gives its manifest.
async fn submitted(market: &mut Market, by: &str, contract: ContractId, text: &str) -> Vec<u8> {
    let submission = market.handed_in(by, contract, text).await;
    let manifest = market.stage.manifest(&submission).expect("made here");
    manifest.canonical_bytes().to_vec()
}

async fn judged(market: &mut Market, contract: ContractId, says: Says) {
    let verdict = market.verdict(contract, says, "alpha");
    let answer = market.send(&verdict).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test]
async fn work_is_read_by_who_judges_it_and_by_its_buyer_once_it_has_passed() {
    let mut market = Market::open().await;
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let [alpha, _, gamma, _] = engines();
    let id = contract(&mut market, "supplier", "one").await;
    let (failed, passed) = ("not much", "the answer");
    let first = submitted(&mut market, "supplier", id, failed).await;
    for bytes in [&first, failed.as_bytes()] {
        assert!(
            !market.may_read(&alpha, bytes, id).await,
            "nothing is there"
        );
        market.kept(&supplier, bytes, false).await;
        // `gamma` is no party: the policy names its key.
        for engine in [&alpha, &gamma, &Actor::house(), &Actor::operator()] {
            assert!(market.may_read(engine, bytes, id).await, "{engine:?}");
        }
        // Only because of the contract.
        let without = market.read(Some(&alpha), bytes).await;
        assert_eq!(without.code(), "blob-unknown");
        assert!(!market.may_read(&buyer, bytes, id).await);
    }
    judged(&mut market, id, Says::Fail).await;
    assert!(!market.may_read(&buyer, failed.as_bytes(), id).await);
    let second = submitted(&mut market, "supplier", id, passed).await;
    for bytes in [&second, passed.as_bytes()] {
        market.kept(&supplier, bytes, false).await;
        assert!(!market.may_read(&buyer, bytes, id).await);
    }
    judged(&mut market, id, Says::Pass).await;
    for bytes in [&second, passed.as_bytes()] {
        assert!(market.may_read(&buyer, bytes, id).await);
        assert!(!market.may_read(&Actor::passer_by(), bytes, id).await);
    }
    // What failed is not paid for, whatever comes after it.
    for bytes in [&first, failed.as_bytes()] {
        assert!(!market.may_read(&buyer, bytes, id).await);
        assert!(market.may_read(&alpha, bytes, id).await);
    }
    // Something that nobody submitted.
    market.kept(&supplier, BYTES, false).await;
    assert!(!market.may_read(&alpha, BYTES, id).await);
    let path = format!("{}?contract=me", path(&Digest::of(BYTES)));
    let no_name = market.read_at(Some(&alpha), BYTES, &path).await;
    assert_eq!(no_name.code(), "request-malformed");
}

/// Digests of submissions are public. Whoever hands in somebody else's gets nothing of it into his own contract.
#[tokio::test]
async fn knowing_a_digest_is_not_having_the_work() {
    let mut market = Market::open().await;
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let theirs = contract(&mut market, "supplier", "theirs").await;
    let text = "the answer";
    let manifest = submitted(&mut market, "supplier", theirs, text).await;
    for bytes in [&manifest, text.as_bytes()] {
        market.kept(&supplier, bytes, false).await;
    }
    let own = contract(&mut market, "passer-by", "own").await;
    let other = Actor::passer_by();
    assert!(!market.may_read(&other, text.as_bytes(), theirs).await);
    submitted(&mut market, "passer-by", own, text).await;
    judged(&mut market, own, Says::Pass).await;
    for bytes in [&manifest, text.as_bytes()] {
        for who in [&buyer, &other, &Actor::new("alpha")] {
            assert!(!market.may_read(who, bytes, own).await, "{who:?}");
        }
    }
    // Nor with the manifest, which can be guessed from the file's digest.
    market.kept(&other, &manifest, false).await;
    assert!(market.may_read(&buyer, &manifest, own).await);
    assert!(!market.may_read(&buyer, text.as_bytes(), own).await);
    market.kept(&other, text.as_bytes(), false).await;
    assert!(market.may_read(&buyer, text.as_bytes(), own).await);
}

#[tokio::test]
async fn what_an_oracle_states_is_for_both_sides() {
    let mut market = Market::open().await;
    let (buyer, oracle) = (Actor::new("buyer"), Actor::new("oracle"));
    let public_key = oracle.public_key().to_pem();
    market.must(&oracle, Action::Register { public_key }).await;
    let id = contract(&mut market, "supplier", "one").await;
    submitted(&mut market, "supplier", id, "the answer").await;
    judged(&mut market, id, Says::Pass).await;
    market.act(&buyer, id, ContractAction::Accept).await;
    let evidence = market.stage.work("it was opened again");
    let facts = market.stage.manifest(&evidence).expect("made here");
    let facts = facts.canonical_bytes().to_vec();
    market.kept(&oracle, &facts, false).await;
    let state = ContractAction::StateEvidence { evidence };
    market.act(&oracle, id, state).await;
    for who in [&buyer, &Actor::new("supplier"), &Actor::new("beta")] {
        assert!(market.may_read(who, &facts, id).await, "{who:?}");
    }
    assert!(!market.may_read(&Actor::passer_by(), &facts, id).await);
}

/// The arbiter reads when it is asked, and what was read before a verdict fell is not read after it.
#[tokio::test]
async fn offices_read_when_it_is_their_turn() {
    let mut market = Market::open().await;
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let (reviewer, arbiter) = (Actor::new("reviewer"), Actor::new("arbiter"));
    for office in [&reviewer, &arbiter] {
        let public_key = office.public_key().to_pem();
        market.must(office, Action::Register { public_key }).await;
    }
    let id = contract(&mut market, "supplier", "one").await;
    let text = "the answer";
    submitted(&mut market, "supplier", id, text).await;
    let manifest = market.stage.work(text);
    let manifest = market.stage.manifest(&manifest).expect("made here");
    for bytes in [manifest.canonical_bytes(), text.as_bytes()] {
        market.kept(&supplier, bytes, false).await;
    }
    let readers = async |market: &Market| {
        let mut readers = Vec::new();
        for who in [&buyer, &reviewer, &arbiter] {
            if market.may_read(who, text.as_bytes(), id).await {
                readers.push(who.name().to_owned());
            }
        }
        readers
    };
    assert_eq!(readers(&market).await, [""; 0]);
    judged(&mut market, id, Says::Pass).await;
    assert_eq!(readers(&market).await, ["buyer", "reviewer"]);
    let challenge = |ground, claim| ContractAction::Challenge { ground, claim };
    let wrong = challenge(Ground::VerdictWrong, None);
    market.act(&buyer, id, wrong).await;
    assert_eq!(readers(&market).await, ["buyer", "reviewer"]);
    for engine in ["house", "beta"] {
        let verdict = market.verdict(id, Says::Fail, engine);
        market.send(&verdict).await;
    }
    assert_eq!(readers(&market).await, [""; 0]);
    submitted(&mut market, "supplier", id, text).await;
    // Whoever was overturned counts no more, and reads no more.
    let alpha = Actor::new("alpha");
    assert!(!market.may_read(&alpha, text.as_bytes(), id).await);
    let verdict = market.verdict(id, Says::Pass, "beta");
    market.send(&verdict).await;
    let gamed = challenge(Ground::ValidatorGamed, Some(cents(100)));
    market.act(&buyer, id, gamed).await;
    assert_eq!(readers(&market).await, ["buyer", "reviewer", "arbiter"]);
}

/// A server that judges takes no digest of nothing: a way out that costs no bond, and keeps others out until then.
#[tokio::test]
async fn what_is_handed_in_must_be_here_where_it_is_judged() {
    let mut market = Market::that(true).await;
    let supplier = Actor::new("supplier");
    let id = contract(&mut market, "supplier", "one").await;
    // So long is what is handed in on stage.
    let work = &format!("{:100}", "the answer");
    let submission = market.stage.work(work);
    let manifest = market.stage.manifest(&submission).expect("made here");
    let manifest = manifest.canonical_bytes().to_vec();
    let submit = Action::Contract {
        contract: id,
        verb: ContractAction::Submit { submission },
    };
    // Nothing is read for whoever may not, and for what is no contract yet.
    let buyer = market
        .stage
        .write(&Actor::new("buyer"), submit.clone(), None);
    assert_eq!(market.submit(&buyer).await.code(), "actor-forbids");
    let nowhere = Action::Contract {
        contract: RfqId::of(&submission).contract(NonZeroU8::MIN),
        verb: ContractAction::Submit { submission },
    };
    let nowhere = market.stage.write(&supplier, nowhere, None);
    assert_eq!(market.submit(&nowhere).await.code(), "contract-unknown");
    let message = market.stage.write(&supplier, submit, None);
    let answer = market.submit(&message).await;
    assert_eq!(answer.code(), "submission-incomplete", "{}", answer.text);
    // Somebody else's bytes are not the supplier's.
    market.kept(&Actor::new("buyer"), &manifest, false).await;
    market
        .kept(&Actor::new("buyer"), work.as_bytes(), false)
        .await;
    let answer = market.submit(&message).await;
    assert_eq!(answer.code(), "submission-incomplete", "{}", answer.text);
    market.kept(&supplier, &manifest, false).await;
    let answer = market.submit(&message).await;
    let file = Digest::of(work.as_bytes()).to_string();
    assert!(answer.text.contains(&file), "{}", answer.text);
    // Whether it is here is told to nobody but who signed.
    let mut forged = message.clone();
    let text = String::from_utf8(forged.envelope).expect("JSON");
    let at = text.find("\"sig\":\"").expect("a signature") + 7;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    forged.envelope = format!("{}{other}{}", &text[..at], &text[at + 1..]).into_bytes();
    let answer = market.submit(&forged).await;
    assert_eq!(answer.code(), "signature-invalid", "{}", answer.text);
    market.kept(&supplier, work.as_bytes(), false).await;
    let answer = market.submit(&message).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

/// Every engine signs the canonical digest, and reads no file that is longer or shorter than the manifest says. So each of
/// these would wait for a verdict that nobody can give, and end without one.
#[tokio::test]
async fn what_nobody_can_judge_is_not_taken_where_it_is_judged() {
    let mut market = Market::that(true).await;
    let supplier = Actor::new("supplier");
    let id = contract(&mut market, "supplier", "one").await;
    let work = b"the answer";
    market.kept(&supplier, work, false).await;
    let manifest = |size_bytes| {
        let entry = Entry {
            path: "answer.txt".parse().expect("a path"),
            digest: Digest::of(work),
            size_bytes,
        };
        let manifest = Manifest::build(vec![entry], &SubmissionLimits::default());
        manifest.expect("a submission").canonical_bytes().to_vec()
    };
    let good = manifest(10);
    let spaced = [&good[..], b" "].concat();
    let cases = [
        (&spaced, Some(Digest::of(&good).to_string())),
        (&manifest(9), Some("has 10".to_owned())),
        (&manifest(11), Some("has 10".to_owned())),
        (&good, None),
    ];
    for (bytes, refused) in cases {
        market.kept(&supplier, bytes, false).await;
        let verb = ContractAction::Submit {
            submission: Digest::of(bytes),
        };
        let action = Action::Contract { contract: id, verb };
        let message = market.stage.write(&supplier, action, None);
        let answer = market.submit(&message).await;
        let Some(why) = refused else {
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            continue;
        };
        assert_eq!(answer.code(), "submission-incomplete", "{}", answer.text);
        assert!(answer.text.contains(&why), "{}", answer.text);
    }
}

/// Criteria that are here for everybody are some, or nothing is asked for by them. What is not here yet may come.
#[tokio::test]
async fn nothing_is_asked_for_by_what_are_no_criteria() {
    let mut market = Market::that(true).await;
    let buyer = Actor::new("buyer");
    let good = Work::criteria("resolved").canonical_bytes().to_vec();
    let spaced = [&good[..], b"\n"].concat();
    let cases = [
        (&spaced, true, false),
        (&b"no criteria".to_vec(), true, false),
        (&b"not here for everybody".to_vec(), false, true),
        (&good, true, true),
    ];
    for (bytes, public, taken) in cases {
        market.kept(&buyer, bytes, public).await;
        let mut terms = terms();
        terms.milestones[0].criteria = Digest::of(bytes);
        let action = Action::PublishRfq {
            terms: terms.digest(),
        };
        let attachment = Some(terms.canonical_bytes());
        let message = market.stage.write(&buyer, action, attachment);
        let answer = market.submit(&message).await;
        match taken {
            true => assert_eq!(answer.status, StatusCode::OK, "{}", answer.text),
            false => assert_eq!(answer.code(), "criteria-unusable", "{}", answer.text),
        }
    }
}
