//! The market's own engine: where others are silent, and when its key is lost.

use proofmark_core::Digest;
use proofmark_market::contract::table::StateName;
use proofmark_market::{Action, Code};
use proofmark_simulator::stage::{Actor, HOUSE, Says, signed_policy, signed_policy_with};

use crate::cast::{Play, plain};
use crate::warranty::reopened;

/// The engines of the terms say that the facts change nothing. Who states them again has the referee judge.
#[test]
fn evidence_that_was_dismissed_is_judged_by_the_referee_when_it_is_stated_again() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Pass, &["alpha"]);
    assert_eq!(play.state(), StateName::Provisional);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence.clone());
    play.judged(Says::Pass, &["alpha"]);
    assert_eq!(
        play.state(),
        StateName::Rechecking,
        "alpha alone decides nothing now"
    );
    play.judged(Says::Fail, &["house", "beta"]);
    assert_eq!(play.state(), StateName::Curing);
    play.silence();
    // Three runs: the pass, the evidence twice.
    play.ends(StateName::ClawedBack, -6, 0, 0, 0);
}

#[test]
fn two_keys_of_one_operator_are_paid_once() {
    let mut terms = plain();
    let mut keys = ["alpha", "alpha-again", "beta"].map(|name| Actor::new(name).id());
    keys.sort();
    terms.engines.keys = keys.to_vec();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["alpha", "alpha-again", "beta"]);
    assert_eq!(play.state(), StateName::Passed);
    assert_eq!(play.gain("alpha") + play.gain("alpha-again"), 1);
    assert_eq!(play.gain("beta"), 1);
}

/// A referee that signs two results is struck off like anybody; the operator gives it a new key.
#[test]
fn a_referee_that_was_struck_off_is_replaced() {
    let mut play = Play::begin();
    play.submit("good work");
    play.silence();
    play.judged(Says::FailOtherwise, &["house"]);
    play.submit("good work again");
    play.silence();
    for says in [Says::FailOtherwise, Says::Pass] {
        // The first is a judgement already: the second contradicts it, and opens a dispute.
        drop(play.try_judge(says, &["house"]));
    }
    let house = Actor::house().id();
    assert!(play.stage.market.struck().contains(&house));
    let mut publish = |policy: Vec<u8>| {
        let action = Action::PublishPolicy {
            policy: Digest::of(&policy),
        };
        let sent = play.stage.send(&Actor::operator(), action, Some(policy));
        sent.map(drop).map_err(|rejection| rejection.code)
    };
    assert_eq!(
        publish(signed_policy(2)),
        Err(Code::EngineUnknown),
        "it has no other"
    );
    let heir = Actor::new("house-again");
    let next = signed_policy_with(2, &[(heir.clone(), HOUSE)]);
    assert_eq!(publish(next), Ok(()));
    assert_eq!(play.state(), StateName::Disputed);
    play.judged(Says::Pass, &["house-again"]);
    assert_eq!(play.state(), StateName::Passed);
}
