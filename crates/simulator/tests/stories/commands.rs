//! What the market does not obey, whoever asks: each with its own code, and nothing is changed by it.

use proofmark_core::{Digest, canonical, uri};
use proofmark_dsse::Envelope;
use proofmark_keys::Signer as _;
use proofmark_market::command::{PAYLOAD_TYPE, Payload};
use proofmark_market::contract::table::StateName;
use proofmark_market::{Action, Code, CommandId, ContractAction, Market, Rules, Status, step};
use proofmark_simulator::stage::{
    AUDIENCE, Actor, Message, Says, Stage, bundle, cents, payload_digest, rules, signed_policy,
    terms, usd,
};
use serde_json::{Value, json};

use crate::cast::{PURSE, Play, everybody, plain};

fn stage() -> Stage {
    Stage::open(&everybody(), PURSE)
}

fn withdraw(amount: i64) -> Action {
    Action::Withdraw {
        asset: usd(),
        amount: cents(amount),
    }
}

fn payload(who: &Actor) -> Payload {
    Payload {
        sender: who.id(),
        schema: uri::COMMAND_V1.to_owned(),
        market: AUDIENCE.parse().expect("a term"),
        id: CommandId::from_bytes([9; 16]),
        valid_until: None,
        action: withdraw(1),
    }
}

/// Signs whatever it is given.
fn signed(bytes: Vec<u8>, who: &Actor) -> Envelope {
    Envelope::signed(PAYLOAD_TYPE, bytes, who.secret()).expect("it is short")
}

fn message(envelope: &Envelope) -> Message {
    Message {
        envelope: envelope.to_json().into_bytes(),
        attachment: None,
    }
}

#[track_caller]
fn refused(stage: &mut Stage, message: &Message) -> Code {
    let before = (stage.market.root(), stage.market.head());
    let code = stage.deliver(message).expect_err("it is refused").code;
    assert_eq!((stage.market.root(), stage.market.head()), before);
    code
}

/// The payload as a document that somebody else wrote.
fn written(change: impl Fn(&mut Value)) -> Message {
    let mut document = json!(payload(&Actor::new("buyer")));
    change(&mut document);
    let bytes = canonical::to_bytes(&document).expect("inside the profile");
    message(&signed(bytes, &Actor::new("buyer")))
}

#[test]
fn bytes_that_are_no_command() {
    let mut stage = stage();
    for envelope in ["", "{}", "no envelope"] {
        let envelope = Message {
            envelope: envelope.as_bytes().to_vec(),
            attachment: None,
        };
        assert_eq!(refused(&mut stage, &envelope), Code::CommandMalformed);
    }
    let malformed: [&dyn Fn(&mut Value); 7] = [
        &|it| it["schema"] = json!("https://proofmark.example/command/v2"),
        &|it| it["more"] = json!(1),
        &|it| it["action"]["more"] = json!(1),
        &|it| it["action"]["type"] = json!("print_money"),
        &|it| it["action"]["amount"] = json!(-1),
        &|it| it["action"]["asset"] = json!("usd"),
        &|it| it["id"] = json!("1"),
    ];
    for change in malformed {
        assert_eq!(
            refused(&mut stage, &written(change)),
            Code::CommandMalformed
        );
    }
    // Another spelling of the same.
    let pretty = serde_json::to_vec_pretty(&payload(&Actor::new("buyer"))).expect("JSON");
    let pretty = message(&signed(pretty, &Actor::new("buyer")));
    assert_eq!(refused(&mut stage, &pretty), Code::CommandMalformed);
    // Another type of payload.
    let bytes = canonical::to_bytes(&payload(&Actor::new("buyer"))).expect("inside the profile");
    let other = Envelope::signed("text/plain", bytes, Actor::new("buyer").secret());
    let other = message(&other.expect("it is short"));
    assert_eq!(refused(&mut stage, &other), Code::CommandMalformed);
    // As it should be.
    stage.deliver(&written(|_| ())).expect("it is obeyed");
}

#[test]
fn commands_for_another_market_or_of_nobody() {
    let mut stage = stage();
    let elsewhere = written(|it| it["market"] = json!("urn:market:elsewhere"));
    assert_eq!(refused(&mut stage, &elsewhere), Code::WrongMarket);
    let stranger = Actor::new("stranger");
    let bytes = canonical::to_bytes(&payload(&stranger)).expect("inside the profile");
    let unknown = message(&signed(bytes, &stranger));
    assert_eq!(refused(&mut stage, &unknown), Code::SenderUnknown);
    let again = Action::Register {
        public_key: Actor::new("buyer").public_key().to_pem(),
    };
    let again = stage.write(&Actor::new("buyer"), again, None);
    assert_eq!(refused(&mut stage, &again), Code::AlreadyRegistered);
    // Whoever registers a key must have it.
    let theft = Action::Register {
        public_key: stranger.public_key().to_pem(),
    };
    let theft = stage.write(&Actor::new("buyer"), theft, None);
    assert_eq!(refused(&mut stage, &theft), Code::SignatureInvalid);
}

#[test]
fn signatures_that_are_not_the_senders() {
    let mut stage = stage();
    let (buyer, rival) = (Actor::new("buyer"), Actor::new("rival"));
    let bytes = canonical::to_bytes(&payload(&Actor::new("buyer"))).expect("inside the profile");
    let unsigned = Envelope::unsigned(PAYLOAD_TYPE, bytes.clone());
    let stolen = rival.secret().sign(&unsigned.pae()).expect("it signs");
    let mut forged = unsigned.clone();
    forged.attach(buyer.id(), &stolen).expect("there is room");
    assert_eq!(
        refused(&mut stage, &message(&forged)),
        Code::SignatureInvalid
    );
    let mut both = signed(bytes, &buyer);
    both.attach(rival.id(), &stolen).expect("there is room");
    assert_eq!(refused(&mut stage, &message(&both)), Code::SignatureInvalid);
    // One bit of the payload, or of the signature.
    let mut good = stage.write(&buyer, withdraw(1), None);
    let honest = good.clone();
    let text = String::from_utf8(good.envelope).expect("JSON");
    let at = text.find("\"sig\":\"").expect("a signature") + 10;
    let other = match &text[at..=at] {
        "A" => "B",
        _ => "A",
    };
    good.envelope = format!("{}{other}{}", &text[..at], &text[at + 1..]).into_bytes();
    assert_eq!(refused(&mut stage, &good), Code::SignatureInvalid);
    stage.deliver(&honest).expect("it is obeyed");
}

#[test]
fn attachments_that_are_missing_superfluous_or_others() {
    let mut stage = stage();
    let buyer = Actor::new("buyer");
    let (bytes, terms) = (plain().canonical_bytes(), plain().digest());
    let publish = Action::PublishRfq { terms };
    for attachment in [None, Some(b"{}".to_vec())] {
        let message = stage.write(&buyer, publish.clone(), attachment);
        assert_eq!(refused(&mut stage, &message), Code::AttachmentMismatch);
    }
    let superfluous = stage.write(&buyer, withdraw(1), Some(bytes.clone()));
    assert_eq!(refused(&mut stage, &superfluous), Code::AttachmentMismatch);
    let message = stage.write(&buyer, publish, Some(bytes));
    stage.deliver(&message).expect("it is obeyed");
}

#[test]
fn terms_that_are_none() {
    let mut stage = stage();
    let buyer = Actor::new("buyer");
    let mut longer = json!(plain());
    longer["more"] = json!(1);
    let canonical = |value: &Value| canonical::to_bytes(value).expect("inside the profile");
    let mut shorter = json!(plain());
    shorter
        .as_object_mut()
        .expect("an object")
        .remove("windows");
    let mut negative = json!(plain());
    negative["bonds"]["bid"] = json!(-1);
    let pretty = serde_json::to_vec_pretty(&plain()).expect("JSON");
    for bytes in [
        canonical(&longer),
        canonical(&shorter),
        canonical(&negative),
        pretty,
        vec![b' '; 40_000],
    ] {
        let action = Action::PublishRfq {
            terms: Digest::of(&bytes),
        };
        let message = stage.write(&buyer, action, Some(bytes));
        assert_eq!(refused(&mut stage, &message), Code::TermsMalformed);
    }
    let mut terms = plain();
    terms.attempts = 11;
    assert_eq!(
        stage.publish(&buyer, &terms).expect_err("too many").code,
        Code::TermsLimit
    );
}

#[test]
fn ids_are_used_once() {
    let mut stage = stage();
    let first = written(|_| ());
    stage.deliver(&first).expect("it is obeyed");
    let other = written(|it| it["action"]["amount"] = json!(2));
    assert_eq!(refused(&mut stage, &other), Code::CommandReused);
    let again = stage.deliver(&first).expect("it was obeyed");
    assert_eq!(again.status, Status::Exists);
    // Ids are each sender's own.
    let rival = Actor::new("rival");
    let bytes = canonical::to_bytes(&payload(&rival)).expect("inside the profile");
    stage
        .deliver(&message(&signed(bytes, &rival)))
        .expect("it is obeyed");
    // Nobody's payload can be signed as one's own: else whoever is quicker would name another's RFQ.
    let copied = canonical::to_bytes(&payload(&Actor::new("buyer"))).expect("inside the profile");
    let copied = message(&signed(copied, &rival));
    assert_eq!(refused(&mut stage, &copied), Code::SignatureInvalid);
}

#[test]
fn commands_that_come_too_late_and_clocks_that_go_back() {
    let mut stage = stage();
    let now = stage.now;
    let until = now.plus_seconds(60);
    let short = written(|it| it["valid_until"] = json!(until));
    stage.now = until.plus_seconds(1);
    assert_eq!(refused(&mut stage, &short), Code::CommandExpired);
    stage.now = until;
    stage.deliver(&short).expect("the last moment counts");
    let message = stage.write(&Actor::new("buyer"), withdraw(1), None);
    let command = stage.market.open(&message.envelope, None, now);
    let refused = step(&mut stage.market, command.expect("it is one"), now);
    assert_eq!(refused.expect_err("time goes on").code, Code::TimeWentBack);
}

#[test]
fn a_policy_that_does_not_follow_is_not_believed() {
    let mut stage = stage();
    let publish = |policy: &[u8]| Action::PublishPolicy {
        policy: Digest::of(policy),
    };
    let operator = Actor::operator();
    let next = signed_policy(2);
    let stranger = stage.send(&Actor::new("buyer"), publish(&next), Some(next.clone()));
    assert_eq!(
        stranger.expect_err("not the operator").code,
        Code::ActorForbids
    );
    stage.must(&operator, publish(&next), Some(next));
    let old = signed_policy(1);
    let back = stage.send(&operator, publish(&old), Some(old));
    assert_eq!(back.expect_err("an older one").code, Code::PolicyRefused);
}

#[test]
fn names_that_lead_nowhere() {
    let mut play = Play::begin();
    let buyer = play.buyer.clone();
    let nowhere: proofmark_market::RfqId = "rfq_00000000000000000000000000000000"
        .parse()
        .expect("a name");
    let answer = play
        .stage
        .send(&buyer, Action::CancelRfq { rfq: nowhere }, None);
    assert_eq!(answer.expect_err("unknown").code, Code::RfqUnknown);
    play.contract = nowhere.contract(std::num::NonZeroU8::MIN);
    assert_eq!(
        play.refused("buyer", ContractAction::Accept),
        Code::ContractUnknown
    );
}

#[test]
fn bids_that_cannot_be() {
    let mut stage = stage();
    let buyer = Actor::new("buyer");
    let supplier = Actor::new("supplier");
    let rfq = stage.publish(&buyer, &terms()).expect("in order");
    let mut place = |bid| {
        let answer = stage.send(
            &supplier,
            Action::PlaceBid {
                rfq,
                bid,
                bonded: false,
            },
            None,
        );
        answer.map(drop).map_err(|no| no.code)
    };
    let good = proofmark_market::command::Bid {
        price: cents(1_000),
        bond: cents(1_000),
        firm_until: "2026-11-27T14:00:00Z".parse().expect("a time"),
    };
    let mut bid = good;
    bid.price = cents(5_001);
    assert_eq!(place(bid), Err(Code::PriceAboveCeiling));
    bid.price = cents(0);
    assert_eq!(place(bid), Err(Code::PriceAboveCeiling));
    bid = good;
    bid.bond = cents(499);
    assert_eq!(place(bid), Err(Code::BondTooSmall));
    bid = good;
    bid.firm_until = "2026-11-27T13:59:59Z".parse().expect("a time");
    assert_eq!(place(bid), Err(Code::BidNotFirm));
    assert_eq!(place(good), Ok(()));
    assert_eq!(place(good), Err(Code::BidExists));
    let commit = Action::CommitBid {
        rfq,
        commitment: Digest::of(b"sealed"),
    };
    let sealed = stage.send(&Actor::new("rival"), commit, None);
    assert_eq!(
        sealed.expect_err("bids are open here").code,
        Code::BidModeOther
    );
    let foreign = stage.send(&Actor::new("rival"), Action::WithdrawBid { rfq }, None);
    assert_eq!(foreign.expect_err("it has none").code, Code::BidUnknown);
    stage.must(&supplier, Action::WithdrawBid { rfq }, None);
    assert_eq!(stage.has(&supplier), PURSE);
    stage.wait(3_601);
    let late = stage.send(
        &supplier,
        Action::PlaceBid {
            rfq,
            bid: good,
            bonded: false,
        },
        None,
    );
    assert_eq!(late.expect_err("too late").code, Code::DeadlinePassed);
    let cancel = stage.send(&buyer, Action::CancelRfq { rfq }, None);
    assert_eq!(cancel.expect_err("too late").code, Code::DeadlinePassed);
    let cancel = stage.send(&supplier, Action::CancelRfq { rfq }, None);
    assert_eq!(cancel.expect_err("not the buyer").code, Code::ActorForbids);
    stage.pass_rfq(rfq);
    let over = stage.send(&buyer, Action::CancelRfq { rfq }, None);
    assert_eq!(over.expect_err("it is over").code, Code::StateForbids);
    assert_eq!(stage.has(&buyer), PURSE);
}

#[test]
fn a_full_rfq_takes_no_more() {
    let mut stage = stage();
    let rfq = stage
        .publish(&Actor::new("buyer"), &plain())
        .expect("in order");
    for number in 0..=100 {
        let bidder = Actor::new(&format!("bidder-{number}"));
        stage.enter(&bidder, 1_000);
        let bid = stage.offer(1_000, 1_000);
        let answer = stage.send(
            &bidder,
            Action::PlaceBid {
                rfq,
                bid,
                bonded: false,
            },
            None,
        );
        match number {
            100 => assert_eq!(answer.expect_err("it is full").code, Code::TooManyBids),
            _ => drop(answer.expect("there is room")),
        }
    }
}

#[test]
fn a_verdict_needs_somebody_who_counts_and_something_new() {
    let mut play = Play::begin();
    play.submit("good work");
    let nobody = play.try_judge(Says::Pass, &["house"]);
    assert_eq!(
        nobody.expect_err("not yet called").code,
        Code::NoCountingSigner
    );
    let stranger = play.try_judge(Says::Pass, &["rival"]);
    assert_eq!(stranger.expect_err("no engine").code, Code::OutcomeRefused);
    play.judged(Says::Pass, &["alpha"]);
    let same = play.try_judge(Says::Pass, &["beta"]);
    assert_eq!(same.expect_err("it agrees").code, Code::NoConflict);
    assert_eq!(
        payload_digest(&written(|_| ())),
        payload_digest(&written(|_| ()))
    );
}

#[test]
fn the_market_says_which_engines_and_assets_it_knows() {
    let mut stage = stage();
    let buyer = Actor::new("buyer");
    let mut terms = plain();
    terms.engines.keys = vec![Actor::new("rival").id()];
    assert_eq!(
        stage.publish(&buyer, &terms).expect_err("no engine").code,
        Code::EngineUnknown
    );
    let mut terms = plain();
    let mut keys = ["alpha", "alpha-again"].map(|name| Actor::new(name).id());
    keys.sort();
    terms.engines.keys = keys.to_vec();
    terms.engines.threshold = 2;
    assert_eq!(
        stage
            .publish(&buyer, &terms)
            .expect_err("one operator")
            .code,
        Code::TooFewOperators
    );
    let mut terms = plain();
    terms.asset = "EUR/2".parse().expect("an asset");
    assert_eq!(
        stage.publish(&buyer, &terms).expect_err("no accounts").code,
        Code::TermsContradict
    );
    let euros = Action::Withdraw {
        asset: "EUR/2".parse().expect("an asset"),
        amount: cents(1),
    };
    let answer = stage.send(&buyer, euros, None);
    assert_eq!(answer.expect_err("no accounts").code, Code::AssetUnknown);
    let nothing = stage.send(&buyer, withdraw(0), None);
    assert_eq!(nothing.expect_err("nothing").code, Code::AmountIsZero);
}

#[test]
fn rules_with_which_no_market_opens() {
    type Spoil = fn(&mut Rules);
    let spoils: [(Spoil, &str); 5] = [
        (|it| it.assets.clear(), "one asset"),
        (
            |it| it.assets.push("USDC/6".parse().expect("one")),
            "one asset",
        ),
        (|it| it.bids_max = 501, "500 bids"),
        (|it| it.reputation.prior.strength_milli = u64::MAX, "prior"),
        (|it| it.operator.clear(), "operator"),
    ];
    for (spoil, why) in spoils {
        let mut spoiled = rules();
        spoil(&mut spoiled);
        let refused = Market::new(spoiled).expect_err("they are none");
        assert!(refused.to_string().contains(why), "{refused}");
    }
}

/// A verdict is checked for a time and under a policy. What was opened before is not obeyed under another.
#[test]
fn what_was_opened_under_another_policy_is_opened_again() {
    let mut play = Play::begin();
    play.submit("good work");
    let run = play.stage.market.contract(&play.contract);
    let run = run.and_then(|it| it.run()).expect("it waits").clone();
    let manifest = play.stage.manifest(&run.submission()).expect("made here");
    let bundle = bundle(&run, manifest, Says::Pass, &[&Actor::new("alpha")]);
    let verb = ContractAction::PresentVerdict {
        bundle: Digest::of(&bundle),
    };
    let contract = play.contract;
    let action = Action::Contract { contract, verb };
    let message = play.stage.write(&Actor::passer_by(), action, Some(bundle));
    let opened = |play: &Play| {
        let (market, now) = (&play.stage.market, play.stage.now);
        let attachment = message.attachment.as_deref();
        market
            .open(&message.envelope, attachment, now)
            .expect("in order")
    };
    let refused = |play: &mut Play, command, at| {
        let before = play.stage.market.root();
        let refused = step(&mut play.stage.market, command, at).expect_err("it is another time");
        assert_eq!(refused.code, Code::OpenedOtherwise);
        assert_eq!(play.stage.market.root(), before);
    };
    let command = opened(&play);
    let later = play.stage.now.plus_seconds(1);
    refused(&mut play, command, later);
    let command = opened(&play);
    let policy = signed_policy(2);
    let publish = Action::PublishPolicy {
        policy: Digest::of(&policy),
    };
    play.stage.must(&Actor::operator(), publish, Some(policy));
    let now = play.stage.now;
    refused(&mut play, command, now);
    let command = opened(&play);
    step(&mut play.stage.market, command, now).expect("now it holds");
    assert_eq!(play.state(), StateName::Passed);
}

/// Two policies were opened over the same one: only one of them can follow it.
#[test]
fn two_policies_do_not_follow_one() {
    let mut stage = stage();
    let messages = [2, 3].map(|version| {
        let policy = signed_policy(version);
        let action = Action::PublishPolicy {
            policy: Digest::of(&policy),
        };
        stage.write(&Actor::operator(), action, Some(policy))
    });
    let [second, third] = messages.map(|message| {
        let attachment = message.attachment.as_deref();
        let command = stage.market.open(&message.envelope, attachment, stage.now);
        command.expect("both follow the first")
    });
    let now = stage.now;
    step(&mut stage.market, third, now).expect("the first that comes");
    let late = step(&mut stage.market, second, now).expect_err("an older one came later");
    assert_eq!(late.code, Code::OpenedOtherwise);
    assert_eq!(
        stage.market.policy().map(|policy| policy.version()),
        Some(3)
    );
}
