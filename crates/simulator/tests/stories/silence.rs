//! Somebody does not act.

use proofmark_core::{Digest, Ppm};
use proofmark_market::ContractAction;
use proofmark_market::contract::table::StateName;
use proofmark_simulator::stage::Says;

use crate::cast::{Play, plain};

#[test]
fn all_goes_well() {
    let mut play = Play::begin();
    play.paid();
    assert_eq!(
        (play.state(), play.gain("supplier")),
        (StateName::Provisional, 800 - 1_000)
    );
    play.silence();
    // 10.00 and a fee of 0.25, and 0.02 for the one run.
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
    assert_eq!(play.gain("alpha"), 2);
}

#[test]
fn the_judge_never_signs_and_the_supplier_is_paid() {
    let mut play = Play::begin();
    play.submit("good work");
    // The engines of the terms are silent; the market's own is called, and is not heard before.
    assert!(play.try_judge(Says::Pass, &["house"]).is_err());
    play.silence();
    assert_eq!(play.state(), StateName::Verifying);
    play.judged(Says::Pass, &["house"]);
    play.silence();
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
    assert_eq!(play.gain("house"), 2);
}

#[test]
fn no_judge_signs_at_all_and_nobody_is_paid() {
    let mut play = Play::begin();
    play.submit("good work");
    play.silence();
    play.silence();
    play.ends(StateName::Void, 0, 0, 0, 0);
}

#[test]
fn the_buyer_ghosts_and_the_supplier_is_paid() {
    let mut play = Play::begin();
    play.pass();
    play.silence();
    assert_eq!(play.state(), StateName::Provisional);
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}

#[test]
fn the_supplier_vanishes() {
    let mut play = Play::begin();
    play.silence();
    // Half of the bond is lost: half of that to the buyer, half to the pool.
    play.ends(StateName::Defaulted, 250, -500, 250, 0);
}

#[test]
fn the_supplier_says_that_it_cannot_and_loses_less() {
    let mut play = Play::begin();
    play.act("supplier", ContractAction::Resign);
    // A tenth of the bond, not half of it.
    play.ends(StateName::Defaulted, 50, -100, 50, 0);
}

#[test]
fn the_buyer_cancels_and_pays_for_it() {
    let mut play = Play::begin();
    play.act("buyer", ContractAction::Cancel);
    // A fifth of the price, and the fee of what the supplier gets.
    play.ends(StateName::Cancelled, -205, 200, 0, 5);
}

#[test]
fn the_work_fails_to_the_end() {
    let mut play = Play::begin();
    for text in ["bad work", "bad work again"] {
        play.submit(text);
        play.judged(Says::Fail, &["beta"]);
    }
    assert_eq!(play.state(), StateName::Failed);
    play.silence();
    // A tenth of the bond, half and half; two runs.
    play.ends(StateName::Rejected, 50 - 4, -100, 50, 0);
    assert_eq!(play.gain("beta"), 4);
}

#[test]
fn an_attempt_that_fails_can_be_made_good() {
    let mut play = Play::begin();
    play.submit("bad work");
    play.judged(Says::Fail, &["alpha"]);
    assert_eq!(play.state(), StateName::Active);
    play.paid();
    play.silence();
    play.ends(StateName::Final, -1_029, 1_000, 0, 25);
}

#[test]
fn a_broken_validator_costs_the_attempts_and_nothing_else() {
    let mut play = Play::begin();
    for text in ["work", "work again"] {
        play.submit(text);
        play.judged(Says::Inconclusive, &["alpha"]);
    }
    // It can be challenged like any other verdict.
    assert_eq!(play.state(), StateName::Failed);
    play.silence();
    play.ends(StateName::Void, -4, 0, 0, 0);
}

#[test]
fn what_no_validator_can_read_is_no_free_way_out() {
    let mut play = Play::begin();
    for text in ["noise", "noise again"] {
        play.submit(text);
        play.judged(Says::Refused, &["alpha"]);
    }
    assert_eq!(play.state(), StateName::Failed);
    play.silence();
    play.ends(StateName::Rejected, 50 - 4, -100, 50, 0);
}

/// Two who agree do not save the market's fee by calling it a cancellation.
#[test]
fn what_is_paid_by_cancelling_earns_its_fee() {
    let mut terms = plain();
    terms.holdback = Ppm::ZERO;
    terms.human_review = None;
    terms.penalties.cancelled = Ppm::ONE;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.act("buyer", ContractAction::Cancel);
    play.ends(StateName::Cancelled, -1_025, 1_000, 0, 25);
}

/// Whoever names a submission that nobody can get loses no bond, but has not kept its word.
#[test]
fn a_digest_of_nothing_is_a_promise_that_was_not_kept() {
    let uptime = |play: &Play| {
        let class = &plain().outcome_class;
        let at = play.stage.now;
        play.stage
            .market
            .standing(play.supplier.id(), class, at)
            .uptime
    };
    let mut play = Play::begin();
    let before = uptime(&play);
    let submission = Digest::of(b"there is no such manifest");
    play.act("supplier", ContractAction::Submit { submission });
    play.silence();
    play.silence();
    play.ends(StateName::Void, 0, 0, 0, 0);
    assert!(uptime(&play) < before);
}
