//! Whose words count when policies change, keys are struck off, and offices meet; and what that says of the supplier.

use proofmark_core::{Digest, Ppm, Timestamp};
use proofmark_market::contract::table::StateName;
use proofmark_market::{Action, ContractAction, Terms};
use proofmark_simulator::stage::{Actor, HOUSE, Says, Stage, signed_policy_with};

use crate::cast::{PURSE, Play, everybody, plain};
use crate::crowds::agrees;
use crate::disputes::strike;

fn uptime(stage: &Stage, who: &str) -> Ppm {
    let class = &plain().outcome_class;
    let id = Actor::new(who).id();
    stage.market.standing(id, class, stage.now).uptime
}

/// Terms that name the engines of two operators.
fn of_two() -> Terms {
    let mut keys = ["alpha", "beta"].map(|name| Actor::new(name).id());
    keys.sort();
    let mut terms = plain();
    terms.engines.keys = keys.to_vec();
    terms
}

fn without(dropped: &str) -> Vec<u8> {
    use proofmark_trust::{NewKey, Revision, Role, Window, sign};
    let time = |text: &str| text.parse::<Timestamp>().expect("a time");
    let window = || Window {
        valid_from: time("2026-01-01T00:00:00Z"),
        valid_until: None,
    };
    let root = Actor::new("root");
    let mut revision = Revision::first(time("2026-11-01T00:00:00Z"), time("2036-11-01T00:00:00Z"));
    revision.set_audience(Some(proofmark_simulator::stage::AUDIENCE.to_owned()));
    let listed = |actor: &Actor, operator: &str| NewKey {
        key: actor.public_key(),
        operator: operator.to_owned(),
        engine: None,
        window: window(),
    };
    revision.add_key(Role::Root, listed(&root, "operator"));
    for (name, operator) in [
        ("house", HOUSE),
        ("alpha", "alpha"),
        ("beta", "beta"),
        ("gamma", "gamma"),
        ("alpha-again", "alpha"),
    ] {
        if name != dropped {
            revision.add_key(Role::Outcome, listed(&Actor::new(name), operator));
        }
    }
    for role in [Role::Root, Role::Outcome] {
        revision
            .set_threshold(role, 1, false)
            .expect("the role has keys");
    }
    revision.add_profile(Digest::of(b"stage-1"), "stage-1".to_owned(), window());
    let mut document = revision.finish().expect("in order").document().clone();
    document.version = 2;
    let policy = proofmark_trust::Policy::check(document).expect("in order");
    let envelope = sign(&policy, None, None, {
        use proofmark_keys::Signer as _;
        let _ = root.secret().public_key();
        root.secret()
    });
    envelope.expect("the root signs").to_json().into_bytes()
}

/// Two bribed engines of the terms stop the referee, who found a pass. That is no broken promise of the supplier.
#[test]
fn whose_work_the_referee_found_good_has_kept_its_word() {
    let mut play = Play::begin();
    play.submit("good work");
    play.silence();
    play.judged(Says::Fail, &["alpha", "beta"]);
    play.judged(Says::Pass, &["house"]);
    let before = uptime(&play.stage, "supplier");
    play.silence();
    play.ends(StateName::Void, 0, 0, 0, 0);
    assert_eq!(
        uptime(&play.stage, "supplier"),
        before,
        "it delivered in time"
    );
}

/// All engines of the terms found a pass, a second late, and the referee is down.
#[test]
fn whose_work_engines_enough_found_good_has_kept_its_word() {
    let mut play = Play::begin();
    play.submit("good work");
    play.silence();
    play.judged(Says::Pass, &["alpha", "beta", "gamma"]);
    let before = uptime(&play.stage, "supplier");
    play.silence();
    assert_eq!(play.state(), StateName::Void);
    assert_eq!(
        uptime(&play.stage, "supplier"),
        before,
        "it delivered in time"
    );
}

/// The referee was struck off: nobody could judge, and that is not the supplier's fault.
#[test]
fn while_there_is_no_referee_nobody_is_booked() {
    let mut play = Play::begin();
    play.submit("good work");
    strike(&mut play, "house");
    let before = uptime(&play.stage, "supplier");
    play.silence();
    play.silence();
    assert_eq!(play.state(), StateName::Void);
    assert_eq!(
        uptime(&play.stage, "supplier"),
        before,
        "nobody could judge"
    );
}

/// A key that is struck off by a dispute does not count in it.
#[test]
fn a_key_that_is_struck_off_by_the_command_does_not_count_in_it() {
    let mut terms = of_two();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    let policy = signed_policy_with(2, &[(Actor::new("house-again"), HOUSE)]);
    let action = Action::PublishPolicy {
        policy: Digest::of(&policy),
    };
    play.stage.must(&Actor::operator(), action, Some(policy));
    play.submit("good work");
    // Gamma is not of the terms: its pass is shown, and does not count.
    play.judged(Says::Pass, &["alpha", "gamma"]);
    play.silence();
    play.judged(Says::Fail, &["gamma"]);
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Passed);
    play.judged(Says::Fail, &["beta", "gamma", "house-again"]);
    assert!(
        play.stage
            .market
            .struck()
            .contains(&Actor::new("gamma").id())
    );
    let paid = play.gain("gamma");
    let state = play.state();
    assert_eq!((state, paid), (StateName::Disputed, 0), "two against two");
    agrees(&play.stage);
}

/// The market has seen both signatures.
#[test]
fn a_key_that_was_shown_to_say_otherwise_does_not_count_when_all_do() {
    let mut terms = of_two();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["alpha", "gamma"]);
    play.silence();
    drop(play.try_judge(Says::Fail, &["gamma"]));
    let struck = play.stage.market.struck();
    assert!(
        struck.contains(&Actor::new("gamma").id()),
        "it signed two outcomes of one run"
    );
}

/// An engine that is no longer trusted, and had signed before.
#[test]
fn auditor_and_an_engine_that_the_policy_drops() {
    let mut terms = plain();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["beta"]);
    let policy = without("beta");
    let action = Action::PublishPolicy {
        policy: Digest::of(&policy),
    };
    play.stage.must(&Actor::operator(), action, Some(policy));
    play.judged(Says::Pass, &["alpha"]);
    agrees(&play.stage);
    assert_eq!(
        play.state(),
        StateName::Verifying,
        "beta is not trusted any more"
    );
}

/// An engine that the policy drops, and had signed before: in a dispute.
#[test]
fn an_engine_that_the_policy_drops_does_not_decide_a_dispute() {
    let mut play = Play::begin();
    play.submit("good work");
    play.judged(Says::Pass, &["alpha"]);
    play.act("buyer", crate::disputes::wrong());
    // Beta's key is stolen; the operator drops it.
    play.judged(Says::Fail, &["beta"]);
    let policy = without("beta");
    let action = Action::PublishPolicy {
        policy: Digest::of(&policy),
    };
    play.stage.must(&Actor::operator(), action, Some(policy));
    play.silence();
    agrees(&play.stage);
    assert_eq!(
        play.state(),
        StateName::Passed,
        "nobody who is trusted says otherwise"
    );
}

/// With a stolen key, and one engine that is bribed, bad work is paid after the key was dropped.
#[test]
fn bad_work_is_not_paid_on_the_word_of_an_engine_that_was_dropped() {
    let mut terms = plain();
    terms.engines.threshold = 2;
    terms.attempts = 1;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("bad work");
    play.judged(Says::Pass, &["beta"]);
    let policy = without("beta");
    let action = Action::PublishPolicy {
        policy: Digest::of(&policy),
    };
    play.stage.must(&Actor::operator(), action, Some(policy));
    let before = play.gain("beta");
    drop(play.try_judge(Says::Pass, &["alpha"]));
    assert_eq!(
        (play.state(), play.gain("beta") - before),
        (StateName::Verifying, 0)
    );
}

/// The supplier is an engine that the market trusts, and signs its own work beside the referee.
#[test]
fn auditor_and_a_side_that_is_an_engine() {
    let stage = Stage::open(&everybody(), PURSE);
    let mut play = Play::between(stage, ["buyer", "gamma"], &of_two(), 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["beta"]);
    play.act("rival", crate::disputes::wrong());
    play.judged(Says::Pass, &["house", "gamma"]);
    agrees(&play.stage);
}

#[test]
fn auditor_and_a_side_that_is_an_engine_early() {
    let stage = Stage::open(&everybody(), PURSE);
    let mut terms = of_two();
    terms.attempts = 1;
    let mut play = Play::between(stage, ["buyer", "gamma"], &terms, 1_000, 1_000);
    play.submit("bad work");
    play.judged(Says::Pass, &["beta", "gamma"]);
    play.act("buyer", crate::disputes::wrong());
    play.judged(Says::Fail, &["house"]);
    play.judged(Says::Fail, &["alpha-again"]);
    assert_eq!(play.state(), StateName::Failed);
    agrees(&play.stage);
}

/// The pass of a key that the operator dropped, and a dispute by conflict when the referee has signed early.
#[test]
fn the_early_word_of_a_referee_that_was_replaced() {
    let mut play = Play::begin();
    play.submit("good work");
    play.judged(Says::Pass, &["alpha", "house"]);
    let policy = signed_policy_with(2, &[(Actor::new("house-again"), HOUSE)]);
    let action = Action::PublishPolicy {
        policy: Digest::of(&policy),
    };
    play.stage.must(&Actor::operator(), action, Some(policy));
    play.act("buyer", crate::disputes::wrong());
    // One operator, two keys: the new one runs it again.
    play.judged(Says::Pass, &["house-again"]);
    assert_eq!(play.state(), StateName::Passed);
    agrees(&play.stage);
}

/// A dispute in which the verdict's only signer is struck off, and then the deadline passes.
#[test]
fn auditor_and_struck_signers_at_the_deadline() {
    let mut play = Play::begin();
    play.submit("good work");
    play.judged(Says::Pass, &["alpha", "house"]);
    play.judged(Says::Fail, &["alpha"]);
    assert_eq!(play.state(), StateName::Disputed);
    play.judged(Says::Fail, &["beta"]);
    agrees(&play.stage);
    play.silence();
    agrees(&play.stage);
    assert_eq!(play.state(), StateName::Passed);
}

/// Two liars outvote the referee in a dispute; then both are struck off. What the referee said decides, when it is shown again.
#[test]
fn what_the_referee_said_decides_once_those_against_it_are_struck_off() {
    let mut play = Play::begin();
    play.submit("bad work");
    play.judged(Says::Pass, &["alpha"]);
    play.act("buyer", crate::disputes::wrong());
    play.judged(Says::Pass, &["beta"]);
    play.judged(Says::Fail, &["house"]);
    assert_eq!(play.state(), StateName::Disputed);
    play.silence();
    assert_eq!(play.state(), StateName::Passed, "two against one");
    strike(&mut play, "alpha");
    strike(&mut play, "beta");
    let again = play.try_judge(Says::Fail, &["house"]);
    assert_eq!(again.map(drop).map_err(|it| it.code), Ok(()));
    assert_eq!(play.state(), StateName::Active);
}

/// A buyer that challenges a pass, and loses, has lost a dispute.
#[test]
fn a_challenge_that_a_buyer_lost_is_in_its_record() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", crate::disputes::wrong());
    play.judged(Says::Pass, &["house"]);
    play.silence();
    play.silence();
    assert_eq!(play.state(), StateName::Final);
    let standing = play
        .stage
        .market
        .buyer_standing(&play.buyer.id(), play.stage.now);
    assert!(standing.disputes_lost_milli > 0, "{standing:?}");
}

/// The same bytes fail nine times by one bribed engine, and pass by everybody else: the record says that nine of ten verdicts are bad.
#[test]
fn false_fails_before_the_last_attempt_are_not_in_the_record() {
    let benchmark = |lies: usize| {
        let mut terms = plain();
        terms.attempts = 10;
        let mut play = Play::under(&terms, 1_000, 1_000);
        for _ in 0..lies {
            play.submit("good work");
            play.judged(Says::Fail, &["alpha"]);
        }
        play.submit("good work");
        play.judged(Says::Pass, &["beta", "gamma"]);
        play.act("buyer", ContractAction::Accept);
        play.silence();
        assert_eq!(play.state(), StateName::Final);
        let class = &terms.outcome_class;
        let standing = play
            .stage
            .market
            .standing(play.supplier.id(), class, play.stage.now);
        standing.benchmark
    };
    assert_eq!(
        benchmark(9),
        benchmark(0),
        "the same work, and nobody may dispute it"
    );
}
