//! What no engine can decide: reviews, offers, rulings.

use proofmark_core::Digest;
use proofmark_market::command::{Ground, Side};
use proofmark_market::contract::table::StateName;
use proofmark_market::{Account, Action, Code, ContractAction};
use proofmark_simulator::stage::{Actor, Says, cents, usd};

use crate::cast::Play;
use crate::warranty::reopened;

fn gamed(claim: Option<i64>) -> ContractAction {
    ContractAction::Challenge {
        ground: Ground::ValidatorGamed,
        claim: claim.map(cents),
    }
}

fn unfounded(claim: Option<i64>) -> ContractAction {
    ContractAction::Challenge {
        ground: Ground::ReviewUnfounded,
        claim: claim.map(cents),
    }
}

fn untrue(claim: Option<i64>) -> ContractAction {
    ContractAction::Challenge {
        ground: Ground::EvidenceFalse,
        claim: claim.map(cents),
    }
}

fn accept(ground: Ground, minor: i64) -> ContractAction {
    ContractAction::AcceptOffer {
        ground,
        amount: cents(minor),
    }
}

fn review(ground: Option<&str>, withheld: i64) -> ContractAction {
    ContractAction::Review {
        ground: ground.map(str::to_owned),
        withheld: cents(withheld),
    }
}

/// Evidence has been judged: 10.00 come back unless it is mended.
fn curing() -> Play {
    let mut play = Play::begin();
    play.paid();
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    assert_eq!(play.state(), StateName::Curing);
    play
}

#[test]
fn the_arbiter_takes_one_of_the_two_last_offers() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", gamed(Some(900)));
    let early = play.ruling(Side::Buyer);
    assert_eq!(play.refused("arbiter", early), Code::NotResponded);
    play.respond("supplier");
    play.offer("buyer", 700);
    play.offer("supplier", 300);
    play.rule(Side::Buyer);
    // 7.00 come back: 2.00 of the holdback, the rest of the price. The bond is the supplier's again,
    // and of the 3.00 that stay paid the operator earns its fee.
    play.ends(StateName::ClawedBack, -300 - 2 - 8, 300 - 100, 0, 8);
    assert_eq!(play.gain("arbiter"), 100);
}

#[test]
fn who_does_not_put_up_the_fee_loses() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", gamed(Some(400)));
    play.silence();
    play.ends(StateName::ClawedBack, -600 - 2 - 15, 600, 0, 15);
}

#[test]
fn both_agree_before_the_ruling() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", gamed(None));
    let nothing = accept(Ground::ValidatorGamed, 0);
    assert_eq!(play.refused("buyer", nothing), Code::NoOffer);
    play.offer("supplier", 250);
    play.act("buyer", accept(Ground::ValidatorGamed, 250));
    // Who agree on less do not save the fee of what stays paid.
    play.ends(StateName::ClawedBack, -750 - 2 - 19, 750, 0, 19);
}

/// The other side changes its offer just before it is accepted, or before the arbiter rules.
#[test]
fn what_was_signed_for_is_what_happens() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", gamed(Some(900)));
    play.respond("supplier");
    play.offer("supplier", 400);
    let accepted = accept(Ground::ValidatorGamed, 400);
    let ruling = play.ruling(Side::Supplier);
    play.offer("supplier", 1);
    assert_eq!(play.refused("buyer", accepted), Code::OfferOther);
    assert_eq!(play.refused("arbiter", ruling.clone()), Code::OffersOpen);
    play.offers_close();
    let late = ContractAction::Offer {
        ground: Ground::ValidatorGamed,
        amount: cents(0),
    };
    assert_eq!(play.refused("supplier", late), Code::DeadlinePassed);
    assert_eq!(play.refused("arbiter", ruling), Code::OfferOther);
    // An offer can be accepted to the last.
    play.act("buyer", accept(Ground::ValidatorGamed, 1));
    play.ends(StateName::ClawedBack, -999 - 2 - 25, 999, 0, 25);
}

/// Signed in one arbitration, a command does nothing in the next one of the same contract.
#[test]
fn commands_of_one_arbitration_mean_nothing_in_another() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", gamed(None));
    play.respond("supplier");
    play.offers_close();
    play.rule(Side::Supplier);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.act("supplier", untrue(None));
    let ground = Ground::ValidatorGamed;
    let amount = cents(0);
    for verb in [
        ContractAction::Respond { ground },
        ContractAction::Offer { ground, amount },
        ContractAction::AcceptOffer { ground, amount },
    ] {
        assert_eq!(play.refused("buyer", verb), Code::GroundOther);
    }
    let ruling = ContractAction::Rule {
        ground,
        for_side: Side::Buyer,
        amount,
        reasons: Digest::of(b"reasons"),
    };
    assert_eq!(play.refused("arbiter", ruling), Code::GroundOther);
}

/// Whoever is asked to answer and has not a cent: what the contract holds for it pays the fee.
#[test]
fn nobody_loses_a_case_for_want_of_money() {
    let mut play = Play::begin();
    let withdraw = |play: &mut Play, who: &str| {
        let who = Actor::new(who);
        let all = Action::Withdraw {
            asset: usd(),
            amount: cents(play.stage.has(&who)),
        };
        play.stage.must(&who, all, None);
    };
    withdraw(&mut play, "supplier");
    play.pass();
    play.act("buyer", gamed(None));
    play.respond("supplier");
    let bond = |play: &Play| play.stage.left(Account::Bond(play.contract, usd()));
    assert_eq!(bond(&play), 900);
    play.rule(Side::Supplier);
    assert_eq!(bond(&play), 1_000, "what it lent is back in it");
    // Now the buyer is asked.
    withdraw(&mut play, "buyer");
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.act("supplier", untrue(None));
    play.respond("buyer");
    play.rule(Side::Supplier);
    play.silence();
    assert_eq!(play.state(), StateName::Final);
    assert_eq!(play.gain("arbiter"), 200);
    // Of 3.24 that were put aside for engines and arbiter, two runs and a fee are gone.
    let has = |who: &str| play.stage.has(&Actor::new(who));
    assert_eq!((has("supplier"), has("buyer")), (2_000, 324 - 4 - 100));
}

/// Who claims pays itself.
#[test]
fn a_claim_is_not_lent_for() {
    let mut play = Play::begin();
    play.pass();
    let buyer = Actor::new("buyer");
    let all = Action::Withdraw {
        asset: usd(),
        amount: cents(play.stage.has(&buyer)),
    };
    play.stage.must(&buyer, all, None);
    assert_eq!(play.refused("buyer", gamed(None)), Code::InsufficientFunds);
}

/// What was withheld is the buyer's, whatever else comes to less; and what comes to more contains it.
#[test]
fn a_settlement_contains_what_was_withheld() {
    for (agreed, buyer) in [(1, 100), (300, 300)] {
        let mut play = Play::begin();
        play.pass();
        play.act("reviewer", review(Some("tone"), 100));
        play.act("buyer", gamed(Some(500)));
        play.offer("supplier", agreed);
        play.act("buyer", accept(Ground::ValidatorGamed, agreed));
        let fee = (1_000_i64 - buyer) * 25 / 1_000;
        let fee = fee + i64::from((1_000 - buyer) * 25 % 1_000 > 0);
        play.ends(
            StateName::ClawedBack,
            -1_000 + buyer - 2 - fee,
            1_000 - buyer,
            0,
            fee,
        );
    }
    // The same where the facts are ruled upon.
    for (claim, buyer) in [(0, 0), (50, 100), (400, 400)] {
        let mut play = Play::begin();
        play.pass();
        play.act("reviewer", review(Some("tone"), 100));
        let evidence = reopened(&mut play);
        play.act("oracle", evidence);
        play.judged(Says::Fail, &["alpha"]);
        play.act("supplier", untrue(Some(claim)));
        play.offer("supplier", claim);
        play.act("buyer", accept(Ground::EvidenceFalse, claim));
        if claim == 0 {
            assert_eq!(play.state(), StateName::Provisional, "dismissed");
            continue;
        }
        let fee = (1_000_i64 - buyer) * 25 / 1_000;
        let fee = fee + i64::from((1_000 - buyer) * 25 % 1_000 > 0);
        play.ends(
            StateName::ClawedBack,
            -1_000 + buyer - 4 - fee,
            1_000 - buyer,
            0,
            fee,
        );
    }
}

/// An offer can be changed until the last moment; and a ruling in a warranty that does not come changes nothing.
#[test]
fn a_ruling_on_a_review_that_does_not_come_leaves_what_was_withheld() {
    let mut play = Play::begin();
    play.pass();
    play.act("reviewer", review(Some("tone"), 100));
    let finality = play.here().deadline().expect("it has one");
    play.act("supplier", unfounded(None));
    play.respond("buyer");
    play.stage.now = play
        .case()
        .offers_until
        .expect("both have put up their fee");
    play.offer("supplier", 10);
    play.silence();
    assert_eq!(play.state(), StateName::Provisional);
    assert!(play.here().deadline() > Some(finality), "its clock stood");
    play.silence();
    play.ends(StateName::Final, -900 - 27, 900, 0, 25);
}

/// A supplier who wants the evidence window to be over asks the arbiter about a small thing.
#[test]
fn the_clock_of_the_warranty_stands_while_the_arbiter_is_asked() {
    let mut play = Play::begin();
    play.pass();
    play.act("reviewer", review(Some("tone"), 100));
    play.stage.wait(72 * 3_600 - 1);
    play.act("supplier", unfounded(None));
    play.respond("buyer");
    play.rule(Side::Buyer);
    assert_eq!(play.state(), StateName::Provisional);
    let second = play.stage.now.plus_seconds(1);
    assert_eq!(
        play.here().deadline(),
        Some(second),
        "what was left is left"
    );
    play.stage.wait(1);
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    assert_eq!(play.state(), StateName::Curing);
}

#[test]
fn a_ruling_that_does_not_come_leaves_the_verdict_as_it_stands() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", gamed(None));
    play.respond("supplier");
    play.silence();
    assert_eq!(play.state(), StateName::Provisional);
    assert_eq!(play.refused("buyer", gamed(None)), Code::GroundNotHere);
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}

#[test]
fn a_reviewer_withholds_within_the_cap() {
    let mut play = Play::begin();
    play.pass();
    assert_eq!(
        play.refused("reviewer", review(Some("tone"), 101)),
        Code::ReviewOutsideTerms
    );
    play.act("reviewer", review(Some("tone"), 100));
    assert_eq!(play.gain("supplier"), 800 - 1_000);
    play.silence();
    play.ends(StateName::Final, -900 - 27, 900, 0, 25);
}

#[test]
fn an_unfounded_review_is_undone() {
    let mut play = Play::begin();
    play.pass();
    play.act("reviewer", review(Some("tone"), 100));
    play.act("supplier", unfounded(None));
    play.respond("buyer");
    play.rule(Side::Supplier);
    play.silence();
    // The buyer's fee is the arbiter's.
    play.ends(StateName::Final, -1_027 - 100, 1_000, 0, 25);
}

#[test]
fn claims_move_something_and_never_more_than_is_at_stake() {
    let mut play = Play::begin();
    play.pass();
    for claim in [0, 1_001] {
        let refused = play.refused("buyer", gamed(Some(claim)));
        assert_eq!(refused, Code::ClaimOutsideEffect, "{claim}");
    }
    play.act("reviewer", review(Some("tone"), 100));
    // A supplier who claims that the buyer should keep all of it claims nothing.
    for claim in [100, 101] {
        let refused = play.refused("supplier", unfounded(Some(claim)));
        assert_eq!(refused, Code::ClaimOutsideEffect, "{claim}");
    }
    play.act("supplier", unfounded(Some(99)));
    play.respond("buyer");
    play.rule(Side::Supplier);
    play.silence();
    play.ends(StateName::Final, -1_027 + 99 - 100, 1_000 - 99, 0, 25);
}

#[test]
fn offers_are_at_most_what_is_at_stake() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", gamed(Some(900)));
    let too_much = ContractAction::Offer {
        ground: Ground::ValidatorGamed,
        amount: cents(1_001),
    };
    assert_eq!(play.refused("buyer", too_much), Code::ClaimOutsideEffect);
    play.offer("buyer", 1_000);
    play.respond("supplier");
    play.rule(Side::Buyer);
    play.ends(StateName::ClawedBack, -2, -100, 0, 0);
}

#[test]
fn who_offers_nothing_stands_by_its_claim() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", gamed(Some(900)));
    play.respond("supplier");
    play.rule(Side::Buyer);
    play.ends(StateName::ClawedBack, -100 - 2 - 3, 100 - 100, 0, 3);
}

#[test]
fn who_answers_and_offers_nothing_gives_nothing() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", gamed(Some(900)));
    play.respond("supplier");
    play.rule(Side::Supplier);
    // It is as if the buyer had accepted.
    assert_eq!(play.state(), StateName::Provisional);
    play.silence();
    play.ends(StateName::Final, -1_027 - 100, 1_000, 0, 25);
}

#[test]
fn a_buyer_who_answers_and_offers_nothing_wants_all() {
    let mut play = curing();
    play.act("supplier", untrue(Some(400)));
    play.respond("buyer");
    play.rule(Side::Buyer);
    // The whole price, as if nobody had asked; the supplier's fee is the arbiter's.
    play.ends(StateName::ClawedBack, -4, -100, 0, 0);
}

#[test]
fn a_buyer_can_still_say_that_it_was_gamed_after_it_paid() {
    for (side, state) in [
        (Side::Buyer, StateName::ClawedBack),
        (Side::Supplier, StateName::Provisional),
    ] {
        let mut play = Play::begin();
        play.paid();
        play.act("buyer", gamed(Some(600)));
        play.respond("supplier");
        play.rule(side);
        assert_eq!(play.state(), state);
        match side {
            Side::Buyer => play.ends(state, -400 - 2 - 10, 400 - 100, 0, 10),
            Side::Supplier => {
                play.silence();
                play.ends(StateName::Final, -1_027 - 100, 1_000, 0, 25);
            }
        }
    }
}

#[test]
fn a_ruling_on_the_facts_that_does_not_come_opens_the_cure_again() {
    let mut play = curing();
    let before = play.here().deadline();
    play.act("supplier", untrue(None));
    play.respond("buyer");
    play.silence();
    assert_eq!(play.state(), StateName::Curing);
    let cure_by = play.stage.now.plus_seconds(86_400);
    assert_eq!(play.here().deadline(), Some(cure_by));
    assert!(before < Some(cure_by), "the whole window again");
    // The arbiter cannot be asked again; whether the verdict about the facts is right, engines can.
    assert_eq!(play.refused("supplier", untrue(None)), Code::GroundNotHere);
    let wrong = ContractAction::Challenge {
        ground: Ground::VerdictWrong,
        claim: None,
    };
    play.act("supplier", wrong.clone());
    play.judged(Says::Fail, &["house"]);
    // Confirmed, and with a new window.
    assert_eq!(play.state(), StateName::Curing);
    assert_eq!(play.refused("supplier", wrong), Code::VerdictConfirmed);
    play.silence();
    // Of 0.60 the re-run takes 0.02; half of the rest is the buyer's, half the pool's.
    play.ends(StateName::ClawedBack, -4 + 29, -60, 29, 0);
}

#[test]
fn a_reviewer_needs_a_ground_of_the_terms() {
    let mut play = Play::begin();
    play.pass();
    for (ground, withheld) in [(None, 1), (Some("taste"), 1), (Some("taste"), 0)] {
        let refused = play.refused("reviewer", review(ground, withheld));
        assert_eq!(refused, Code::ReviewOutsideTerms, "{ground:?}");
    }
    play.act("reviewer", review(None, 0));
    // Nothing was withheld, so there is nothing to complain about.
    assert_eq!(
        play.refused("supplier", unfounded(None)),
        Code::GroundNotHere
    );
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}
