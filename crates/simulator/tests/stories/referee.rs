//! The market's own engine: where others are silent, and when its key is lost.

use proofmark_core::Digest;
use proofmark_market::contract::table::StateName;
use proofmark_market::{Action, Code};
use proofmark_simulator::stage::{Actor, HOUSE, Says, signed_policy, signed_policy_with};

use crate::cast::{Play, plain};
use crate::disputes::wrong;
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

/// The same two signatures in either order end alike: with so much for the buyer and the supplier.
#[track_caller]
fn in_either_order(
    begin: fn() -> Play,
    (house, liar): ((Says, &str), (Says, &str)),
    (state, buyer, supplier): (StateName, i64, i64),
) {
    for signed in [[house, liar], [liar, house]] {
        let mut play = begin();
        for (says, engine) in signed {
            // Where the first decides, the other comes too late.
            drop(play.try_judge(says, &[engine]));
        }
        while play.here().deadline().is_some() {
            play.silence();
        }
        let ended = (play.state(), play.gain("buyer"), play.gain("supplier"));
        assert_eq!(ended, (state, buyer, supplier), "{} first", signed[0].1);
    }
}

/// The engines of the terms are silent or bribed: who is called is not stopped by one of them that speaks first.
#[test]
fn one_liar_does_not_stop_the_referee_from_judging_an_attempt() {
    let begin = || {
        let mut terms = plain();
        terms.attempts = 1;
        let mut play = Play::under(&terms, 1_000, 1_000);
        play.submit("bad work");
        play.silence();
        play
    };
    let signed = ((Says::Fail, "house"), (Says::Pass, "beta"));
    in_either_order(begin, signed, (StateName::Rejected, 48, -100));
}

#[test]
fn one_liar_does_not_stop_the_referee_from_judging_evidence() {
    let begin = || {
        let mut play = Play::begin();
        play.paid();
        let evidence = reopened(&mut play);
        play.act("oracle", evidence);
        play.judged(Says::Pass, &["alpha"]);
        let evidence = reopened(&mut play);
        play.act("oracle", evidence);
        play
    };
    let signed = ((Says::Fail, "house"), (Says::Pass, "alpha"));
    in_either_order(begin, signed, (StateName::ClawedBack, -6, 0));
}

#[test]
fn one_liar_does_not_stop_the_referee_from_judging_a_cure() {
    let begin = || {
        let mut play = Play::begin();
        play.paid();
        let evidence = reopened(&mut play);
        play.act("oracle", evidence);
        play.judged(Says::Fail, &["alpha"]);
        play.submit("a better answer");
        play.silence();
        play
    };
    let signed = ((Says::Pass, "house"), (Says::Fail, "beta"));
    in_either_order(begin, signed, (StateName::Final, -1_031, 1_000));
}

/// Two are enough to stop it: then nobody knows.
#[test]
fn two_liars_stop_the_referee() {
    let mut play = Play::begin();
    play.submit("good work");
    play.silence();
    play.judged(Says::Fail, &["alpha", "beta"]);
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Verifying);
    play.silence();
    play.ends(StateName::Void, 0, 0, 0, 0);
}

/// A bribed engine finds fault with a cure; the supplier has it run again, and the referee finds it good.
#[test]
fn one_liar_against_the_referee_does_not_take_the_price_of_a_cure() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.submit("a better answer");
    play.judged(Says::Fail, &["beta"]);
    play.act("supplier", wrong());
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Disputed, "one against one");
    play.silence();
    assert_eq!(play.state(), StateName::Provisional);
    play.silence();
    // Three runs were paid; the dispute was never judged.
    play.ends(StateName::Final, -1_031, 1_000, 0, 25);
}

/// The market's own had signed the pass, in a bundle where it did not count; one liar, and the pass is void.
#[test]
fn one_liar_undoes_what_the_referee_signed_early() {
    let mut play = Play::begin();
    play.submit("good work");
    play.judged(Says::Pass, &["alpha", "house"]);
    play.judged(Says::Fail, &["beta"]);
    assert_eq!(play.state(), StateName::Disputed);
    // Its word was shown before, and is no re-run.
    drop(play.try_judge(Says::Pass, &["house"]));
    play.silence();
    assert_eq!(
        play.state(),
        StateName::Passed,
        "the referee had signed it, and nobody is more"
    );
}

/// A referee whose first signature did not count may turn round.
#[test]
fn a_referee_that_signs_both_is_struck_off() {
    let mut play = Play::begin();
    play.submit("good work");
    play.judged(Says::Pass, &["alpha", "house"]);
    play.judged(Says::Fail, &["beta", "house"]);
    assert!(play.stage.market.struck().contains(&Actor::house().id()));
}
