//! Verdicts that are wrong, and people who say so.

use proofmark_core::Digest;
use proofmark_market::command::{Ground, Side};
use proofmark_market::contract::table::StateName;
use proofmark_market::{Action, Code, ContractAction};
use proofmark_simulator::stage::{Actor, Says, cents, fraud};

use crate::cast::{Play, plain};

fn wrong() -> ContractAction {
    ContractAction::Challenge {
        ground: Ground::VerdictWrong,
        claim: None,
    }
}

#[test]
fn a_wrong_verdict_is_overturned_and_its_signer_struck_off() {
    let mut play = Play::begin();
    for text in ["good work", "good work again"] {
        play.submit(text);
        play.judged(Says::Fail, &["alpha"]);
    }
    play.act("supplier", wrong());
    assert_eq!(play.gain("supplier"), -1_000 - 60);
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(play.state(), StateName::Disputed);
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Passed);
    assert!(
        play.stage
            .market
            .struck()
            .contains(&Actor::new("alpha").id())
    );
    assert_eq!(play.refused("buyer", wrong()), Code::VerdictConfirmed);
    play.silence();
    play.silence();
    // Two wrong runs and the re-run, which two engines share.
    play.ends(StateName::Final, -1_025 - 6, 1_000, 0, 25);
    let engines = ["alpha", "beta", "house"].map(|engine| play.gain(engine));
    assert_eq!(engines, [4, 1, 1]);
    // Nobody can name the engine any more.
    let refused = play.stage.publish(&play.buyer, &plain());
    assert_eq!(
        refused.expect_err("alpha is struck").code,
        Code::EngineStruck
    );
}

#[test]
fn a_wrong_pass_is_overturned_before_it_is_paid() {
    let mut play = Play::begin();
    play.submit("bad work");
    play.judged(Says::Pass, &["alpha"]);
    play.act("buyer", wrong());
    play.judged(Says::Fail, &["beta", "house"]);
    // One attempt is left.
    assert_eq!(play.state(), StateName::Active);
    play.silence();
    play.ends(StateName::Defaulted, 250 - 4, -500, 250, 0);
}

#[test]
fn a_challenge_that_is_wrong_pays_for_the_run_that_it_caused() {
    let mut play = Play::begin();
    play.pass();
    play.act("rival", wrong());
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Passed);
    play.silence();
    play.silence();
    // Of 0.60 the re-run takes 0.02; half of the rest is the supplier's, half the pool's.
    play.ends(StateName::Final, -1_027, 1_000 + 29, 29, 25);
    assert_eq!((play.gain("rival"), play.gain("house")), (-60, 2));
}

#[test]
fn nobody_runs_it_again_and_the_verdict_stands() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", wrong());
    play.silence();
    assert_eq!(play.state(), StateName::Passed);
    play.silence();
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}

#[test]
fn signatures_from_before_a_dispute_do_not_decide_it() {
    let mut play = Play::begin();
    play.submit("work");
    play.silence();
    play.judged(Says::Pass, &["house"]);
    play.act("buyer", wrong());
    // The supplier shows again what was counted before: nobody ran anything again.
    let again = play.try_judge(Says::Pass, &["house"]);
    assert_eq!(again.expect_err("nothing new").code, Code::VerdictKnown);
    // Another engine does.
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(play.state(), StateName::Passed);
    play.silence();
    play.silence();
    play.ends(StateName::Final, -1_027 - 60, 1_000 + 29, 29, 25);
}

#[test]
fn two_engines_disagree_and_nobody_is_slashed() {
    let mut play = Play::begin();
    play.pass();
    // A signed verdict that contradicts the one that stands needs no bond.
    play.judged(Says::Fail, &["beta"]);
    assert_eq!(play.state(), StateName::Disputed);
    play.silence();
    play.ends(StateName::Void, -2, 0, 0, 0);
    assert!(play.stage.market.struck().is_empty());
}

#[test]
fn engines_of_two_operators_must_agree_where_the_terms_say_so() {
    let mut terms = plain();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["alpha"]);
    assert_eq!(play.state(), StateName::Verifying);
    // The same again is not a second engine.
    let again = play.try_judge(Says::Pass, &["alpha"]);
    assert_eq!(again.expect_err("said before").code, Code::VerdictKnown);
    play.judged(Says::Pass, &["gamma"]);
    assert_eq!(play.state(), StateName::Passed);
    assert_eq!((play.gain("alpha"), play.gain("gamma")), (1, 1));
}

#[test]
fn two_engines_of_one_operator_are_one() {
    let mut terms = plain();
    let mut keys = ["alpha", "alpha-again", "beta"].map(|name| Actor::new(name).id());
    keys.sort();
    terms.engines.keys = keys.to_vec();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["alpha", "alpha-again"]);
    assert_eq!(play.state(), StateName::Verifying);
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(play.state(), StateName::Passed);
}

#[test]
fn an_engine_that_says_both_counts_for_neither() {
    let mut terms = plain();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["alpha"]);
    play.judged(Says::Fail, &["alpha"]);
    assert!(
        play.stage
            .market
            .struck()
            .contains(&Actor::new("alpha").id())
    );
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(play.state(), StateName::Verifying);
    play.judged(Says::Pass, &["gamma"]);
    assert_eq!(play.state(), StateName::Passed);
}

#[test]
fn whoever_has_the_proof_can_have_an_engine_struck_off() {
    let mut play = Play::begin();
    play.submit("good work");
    let market = &play.stage.market;
    let run = market.contract(&play.contract).and_then(|it| it.run());
    let run = run.expect("it waits");
    let manifest = play
        .stage
        .manifest(&run.submission())
        .expect("it was made here");
    let policy = market.policy().expect("published");
    let proof = fraud(run, manifest, &Actor::new("alpha"), policy);
    let action = Action::StrikeEngine {
        proof: Digest::of(&proof),
    };
    play.stage.must(&Actor::new("rival"), action, Some(proof));
    let late = play.try_judge(Says::Pass, &["alpha"]);
    assert_eq!(
        late.expect_err("it no longer counts").code,
        Code::NoCountingSigner
    );
}

#[test]
fn an_attestation_of_another_run_settles_nothing() {
    let mut play = Play::begin();
    play.submit("bad work");
    let bundle = {
        let contract = play.stage.market.contract(&play.contract);
        let run = contract.and_then(|it| it.run()).expect("it waits");
        let manifest = play.stage.manifest(&run.submission()).expect("made here");
        proofmark_simulator::stage::bundle(run, manifest, Says::Pass, &[&Actor::new("alpha")])
    };
    play.judged(Says::Fail, &["beta"]);
    play.submit("bad work");
    let verb = ContractAction::PresentVerdict {
        bundle: Digest::of(&bundle),
    };
    let contract = play.contract;
    let action = Action::Contract { contract, verb };
    let answer = play
        .stage
        .send(&Actor::new("supplier"), action, Some(bundle));
    assert_eq!(
        answer.expect_err("another nonce").code,
        Code::OutcomeRefused
    );
}

#[test]
fn the_arbiter_takes_one_of_the_two_last_offers() {
    let mut play = Play::begin();
    play.pass();
    let gamed = ContractAction::Challenge {
        ground: Ground::ValidatorGamed,
        claim: Some(cents(900)),
    };
    play.act("buyer", gamed);
    let early = ContractAction::Rule {
        for_side: Side::Buyer,
        reasons: Digest::of(b"reasons"),
    };
    assert_eq!(play.refused("arbiter", early.clone()), Code::NotResponded);
    play.act("supplier", ContractAction::Respond);
    play.act("buyer", ContractAction::Offer { amount: cents(700) });
    play.act("supplier", ContractAction::Offer { amount: cents(300) });
    play.act("arbiter", early);
    // 7.00 come back: 2.00 of the holdback, the rest of the price. The bond is the supplier's again.
    play.ends(StateName::ClawedBack, -300 - 2, 300 - 100, 0, 0);
    assert_eq!(play.gain("arbiter"), 100);
}

#[test]
fn who_does_not_put_up_the_fee_loses() {
    let mut play = Play::begin();
    play.pass();
    let gamed = ContractAction::Challenge {
        ground: Ground::ValidatorGamed,
        claim: Some(cents(400)),
    };
    play.act("buyer", gamed);
    play.silence();
    play.ends(StateName::ClawedBack, -600 - 2, 600, 0, 0);
}

#[test]
fn both_agree_before_the_ruling() {
    let mut play = Play::begin();
    play.pass();
    let gamed = ContractAction::Challenge {
        ground: Ground::ValidatorGamed,
        claim: None,
    };
    play.act("buyer", gamed);
    assert_eq!(
        play.refused("buyer", ContractAction::AcceptOffer),
        Code::NoOffer
    );
    play.act("supplier", ContractAction::Offer { amount: cents(250) });
    play.act("buyer", ContractAction::AcceptOffer);
    play.ends(StateName::ClawedBack, -750 - 2, 750, 0, 0);
}

#[test]
fn a_ruling_that_does_not_come_leaves_the_verdict_as_it_stands() {
    let mut play = Play::begin();
    play.pass();
    let gamed = ContractAction::Challenge {
        ground: Ground::ValidatorGamed,
        claim: None,
    };
    play.act("buyer", gamed.clone());
    play.act("supplier", ContractAction::Respond);
    play.silence();
    assert_eq!(play.state(), StateName::Provisional);
    assert_eq!(play.refused("buyer", gamed), Code::GroundNotHere);
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}

#[test]
fn a_reviewer_withholds_within_the_cap() {
    let mut play = Play::begin();
    play.pass();
    let review = |withheld| ContractAction::Review {
        ground: Some("tone".to_owned()),
        withheld: cents(withheld),
    };
    assert_eq!(
        play.refused("reviewer", review(101)),
        Code::ReviewOutsideTerms
    );
    play.act("reviewer", review(100));
    assert_eq!(play.gain("supplier"), 800 - 1_000);
    play.silence();
    play.ends(StateName::Final, -900 - 27, 900, 0, 25);
}

#[test]
fn an_unfounded_review_is_undone() {
    let mut play = Play::begin();
    play.pass();
    let review = ContractAction::Review {
        ground: Some("tone".to_owned()),
        withheld: cents(100),
    };
    play.act("reviewer", review);
    let unfounded = ContractAction::Challenge {
        ground: Ground::ReviewUnfounded,
        claim: None,
    };
    play.act("supplier", unfounded);
    play.act("buyer", ContractAction::Respond);
    let ruling = ContractAction::Rule {
        for_side: Side::Supplier,
        reasons: Digest::of(b"the tone was fine"),
    };
    play.act("arbiter", ruling);
    play.silence();
    // The buyer's fee is the arbiter's.
    play.ends(StateName::Final, -1_027 - 100, 1_000, 0, 25);
}
