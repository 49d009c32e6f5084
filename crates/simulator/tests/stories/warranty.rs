//! The outcome does not last.

use proofmark_market::command::{Ground, Side};
use proofmark_market::contract::table::StateName;
use proofmark_market::terms::{Schedule, Step};
use proofmark_market::{Action, Code, ContractAction, Status};
use proofmark_simulator::stage::{Actor, Says, cents};

use crate::cast::{Play, plain, share};

pub(crate) fn reopened(play: &mut Play) -> ContractAction {
    let evidence = play.stage.work("the ticket was reopened");
    ContractAction::StateEvidence { evidence }
}

const HOUR: u64 = 3_600;

#[test]
fn the_ticket_is_reopened_an_hour_before_finality() {
    let mut play = Play::begin();
    play.paid();
    play.stage.wait(71 * HOUR);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    assert_eq!(play.state(), StateName::Rechecking);
    play.judged(Says::Fail, &["beta"]);
    assert_eq!(play.state(), StateName::Curing);
    play.silence();
    // The whole price comes back; the fee was never earned. Two runs.
    play.ends(StateName::ClawedBack, -4, 0, 0, 0);
}

#[test]
fn the_ticket_is_reopened_an_hour_after_finality() {
    let mut play = Play::begin();
    play.paid();
    play.stage.wait(73 * HOUR);
    let evidence = reopened(&mut play);
    assert_eq!(play.refused("oracle", evidence), Code::EvidenceLate);
    play.silence();
    let evidence = reopened(&mut play);
    assert_eq!(play.refused("oracle", evidence), Code::StateForbids);
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}

#[test]
fn the_facts_do_not_undo_it() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Pass, &["alpha"]);
    assert_eq!(play.state(), StateName::Provisional);
    play.silence();
    play.ends(StateName::Final, -1_029, 1_000, 0, 25);
}

#[test]
fn finality_cannot_be_put_off_for_ever() {
    let mut terms = plain();
    terms.warranty.as_mut().expect("there is one").evidence_max = 8;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.paid();
    for times in 0..8 {
        let evidence = reopened(&mut play);
        play.act("oracle", evidence);
        // From the second time on the market's own engine judges.
        let judge = if times == 0 { "alpha" } else { "house" };
        play.judged(Says::Inconclusive, &[judge]);
        assert_eq!(play.state(), StateName::Provisional);
    }
    let evidence = reopened(&mut play);
    assert_eq!(play.refused("oracle", evidence), Code::EvidenceTooOften);
    play.silence();
    // The budget pays for every run that the terms allow: here nine.
    play.ends(StateName::Final, -1_025 - 18, 1_000, 0, 25);
}

#[test]
fn evidence_is_taken_until_the_last_moment() {
    let mut play = Play::begin();
    play.paid();
    play.stage.wait(72 * HOUR);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.silence();
    play.ends(StateName::ClawedBack, -4, 0, 0, 0);
}

#[test]
fn nobody_judges_the_facts_and_they_change_nothing() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.silence();
    // The market's own engine has as long again.
    assert_eq!(play.state(), StateName::Rechecking);
    let until = play.stage.now.plus_seconds(900);
    assert_eq!(play.here().deadline(), Some(until));
    play.silence();
    assert_eq!(play.state(), StateName::Provisional);
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}

#[test]
fn the_markets_own_engine_judges_the_facts() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.silence();
    play.judged(Says::Fail, &["house"]);
    assert_eq!(play.state(), StateName::Curing);
    play.silence();
    play.ends(StateName::ClawedBack, -4, 0, 0, 0);
}

#[test]
fn what_was_found_is_mended() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.submit("a better answer");
    play.judged(Says::Pass, &["alpha"]);
    assert_eq!(play.state(), StateName::Provisional);
    play.silence();
    play.ends(StateName::Final, -1_031, 1_000, 0, 25);
}

#[test]
fn what_should_mend_it_fails() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.submit("no better answer");
    play.judged(Says::Fail, &["alpha"]);
    assert_eq!(play.state(), StateName::Failed);
    play.silence();
    play.ends(StateName::ClawedBack, -6, 0, 0, 0);
}

#[test]
fn the_schedule_says_how_much_comes_back() {
    let mut terms = plain();
    let warranty = terms.warranty.as_mut().expect("there is one");
    let step = |after_seconds, ppm| Step {
        after_seconds,
        share: share(ppm),
    };
    warranty.clawback = Schedule::new(vec![step(24 * HOUR, 1_000_000), step(72 * HOUR, 0)]);
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.paid();
    play.stage.wait(48 * HOUR);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.silence();
    // Half of the price: 2.00 of the holdback, 3.00 of the bond. Of the other half the fee is earned.
    play.ends(StateName::ClawedBack, -500 - 4 - 13, 500, 0, 13);
}

/// Half of the window is over when facts are stated that change nothing; they are judged for nearly half an hour.
#[test]
fn the_schedule_does_not_run_while_facts_are_judged() {
    let mut terms = plain();
    let warranty = terms.warranty.as_mut().expect("there is one");
    let step = |after_seconds, ppm| Step {
        after_seconds,
        share: share(ppm),
    };
    warranty.clawback = Schedule::new(vec![step(36 * HOUR, 1_000_000), step(72 * HOUR, 0)]);
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.paid();
    let finality = play.here().deadline().expect("it has one");
    play.stage.wait(36 * HOUR);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.silence();
    play.stage.wait(800);
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Provisional);
    let stood = play.here().deadline().expect("it has one").micros() - finality.micros();
    assert_eq!(stood, 1_700_000_001, "900 and 800 seconds, and the tick");
    play.stage.wait(18 * HOUR);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["house"]);
    play.silence();
    // Half of the price to the cent: three runs, and the fee of the other half.
    play.ends(StateName::ClawedBack, -500 - 6 - 13, 500, 0, 13);
}

/// What a reviewer withheld is the buyer's also when a defect shows that is worth less.
#[test]
fn a_small_clawback_does_not_give_back_what_was_withheld() {
    let mut terms = plain();
    let warranty = terms.warranty.as_mut().expect("there is one");
    let step = Step {
        after_seconds: 0,
        share: share(10_000),
    };
    warranty.clawback = Schedule::new(vec![step]);
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.pass();
    let review = ContractAction::Review {
        ground: Some("tone".to_owned()),
        withheld: cents(100),
    };
    play.act("reviewer", review);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.silence();
    // 1.00 was withheld, more than the 0.10 that come back; of the rest the fee is earned.
    play.ends(StateName::ClawedBack, -900 - 4 - 23, 900, 0, 23);
}

/// Who pays an engine to find fault with what was mended gains nothing: others run it again.
#[test]
fn a_wrong_verdict_about_a_cure_is_overturned() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.submit("a better answer");
    play.judged(Says::Fail, &["beta"]);
    assert_eq!(play.state(), StateName::Failed);
    play.judged(Says::Pass, &["gamma"]);
    assert_eq!(play.state(), StateName::Disputed);
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Provisional);
    let beta = Actor::new("beta").id();
    assert!(play.stage.market.struck().contains(&beta));
    play.silence();
    // Four runs: the pass, the evidence, the cure, and the cure again.
    play.ends(StateName::Final, -1_025 - 8, 1_000, 0, 25);
}

/// The house is silent, and as many operators say the one as the other: of a cure, the last word is the evidence.
#[test]
fn a_cure_of_which_nobody_knows_did_not_mend_it() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.submit("a better answer");
    play.judged(Says::Fail, &["beta"]);
    play.judged(Says::Pass, &["gamma"]);
    play.silence();
    play.ends(StateName::ClawedBack, -6, 0, 0, 0);
}

#[test]
fn when_nothing_comes_back_any_more_the_facts_change_nothing() {
    let mut terms = plain();
    let warranty = terms.warranty.as_mut().expect("there is one");
    let step = |after_seconds, ppm| Step {
        after_seconds,
        share: share(ppm),
    };
    warranty.clawback = Schedule::new(vec![step(0, 1_000_000), step(24 * HOUR, 0)]);
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.paid();
    play.stage.wait(48 * HOUR);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    assert_eq!(play.state(), StateName::Provisional);
    play.silence();
    play.ends(StateName::Final, -1_029, 1_000, 0, 25);
}

#[test]
fn a_wrong_verdict_about_the_facts_is_overturned() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    let wrong = ContractAction::Challenge {
        ground: Ground::VerdictWrong,
        claim: None,
    };
    play.act("supplier", wrong);
    play.judged(Says::Pass, &["house", "beta"]);
    assert_eq!(play.state(), StateName::Provisional);
    assert!(
        play.stage
            .market
            .struck()
            .contains(&Actor::new("alpha").id())
    );
    play.silence();
    play.ends(StateName::Final, -1_031, 1_000, 0, 25);
}

#[test]
fn facts_that_are_not_true_are_for_the_arbiter() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    let untrue = ContractAction::Challenge {
        ground: Ground::EvidenceFalse,
        claim: Some(cents(0)),
    };
    play.act("supplier", untrue);
    play.respond("buyer");
    play.rule(Side::Supplier);
    assert_eq!(play.state(), StateName::Provisional);
    play.silence();
    play.ends(StateName::Final, -1_029 - 100, 1_000, 0, 25);
}

#[test]
fn a_command_that_comes_twice_happens_once() {
    let mut play = Play::begin();
    play.pass();
    let (buyer, contract) = (play.buyer.clone(), play.contract);
    let action = Action::Contract {
        contract,
        verb: ContractAction::Accept,
    };
    let message = play.stage.write(&buyer, action, None);
    play.stage.deliver(&message).expect("it is obeyed");
    let (root, head) = (play.stage.market.root(), play.stage.market.head());
    let again = play.stage.deliver(&message).expect("it was obeyed before");
    assert_eq!(again.status, Status::Exists);
    assert_eq!(
        (play.stage.market.root(), play.stage.market.head()),
        (root, head)
    );
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}

/// What nobody can read is no statement of anything: the noise is the oracle's, not the supplier's.
#[test]
fn facts_that_nobody_can_read_change_nothing() {
    let mut play = Play::begin();
    play.paid();
    let evidence = play.stage.work("noise");
    play.act("oracle", ContractAction::StateEvidence { evidence });
    play.judged(Says::Refused, &["alpha"]);
    assert_eq!(play.state(), StateName::Provisional);
    play.silence();
    play.ends(StateName::Final, -1_029, 1_000, 0, 25);
}

/// Of a cure, the supplier writes the bytes again: what nobody can read has failed.
#[test]
fn a_cure_that_nobody_can_read_mends_nothing() {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.submit("noise");
    play.judged(Says::Refused, &["alpha"]);
    play.silence();
    play.ends(StateName::ClawedBack, -6, 0, 0, 0);
}

/// The arbiter has ruled that the facts are not true. If the oracle states them again, it can be asked again.
#[test]
fn facts_that_the_arbiter_found_false_are_not_true_when_they_are_stated_again() {
    let mut play = Play::begin();
    play.paid();
    let untrue = ContractAction::Challenge {
        ground: Ground::EvidenceFalse,
        claim: None,
    };
    for judge in ["alpha", "house"] {
        let evidence = reopened(&mut play);
        play.act("oracle", evidence);
        play.judged(Says::Fail, &[judge]);
        play.act("supplier", untrue.clone());
        play.respond("buyer");
        play.rule(Side::Supplier);
        assert_eq!(play.state(), StateName::Provisional);
    }
    play.silence();
    // Three runs, and the buyer pays the arbiter twice.
    play.ends(StateName::Final, -1_025 - 6 - 200, 1_000, 0, 25);
}
