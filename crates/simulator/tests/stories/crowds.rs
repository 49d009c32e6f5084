//! RFQs that have as many bids as they take.

use std::num::NonZeroU8;

use proofmark_market::event::Event;
use proofmark_market::rfq::RfqState;
use proofmark_market::{Action, Code, Receipt, Rejection, RfqId, Rules, Terms};
use proofmark_simulator::stage::{Actor, Stage, cents, rules, usd};

use crate::bidding::{SALT, sealed};
use crate::cast::{PURSE, Play, everybody, plain};

/// A market in which an RFQ takes two bids.
fn narrow() -> Rules {
    Rules {
        bids_max: 2,
        ..rules()
    }
}

fn open(terms: &Terms) -> (Stage, RfqId) {
    let mut stage = Stage::under(narrow(), &everybody(), PURSE);
    let rfq = stage.publish(&Actor::new("buyer"), terms);
    (stage, rfq.expect("the terms are in order"))
}

fn bid(stage: &mut Stage, rfq: RfqId, who: &str, price: i64) -> Result<Receipt, Rejection> {
    let bid = stage.offer(price, price);
    stage.send(&Actor::new(who), Action::PlaceBid { rfq, bid }, None)
}

fn bidders(stage: &Stage, rfq: RfqId) -> Vec<String> {
    let bids = stage.market.rfq(&rfq).expect("published").bids.keys();
    let mut names: Vec<_> = bids
        .map(|key| stage.actor(key).expect("on stage").name().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_better_bid_displaces_the_worst() {
    let (mut stage, rfq) = open(&plain());
    for (who, price) in [("supplier", 1_000), ("rival", 1_200)] {
        bid(&mut stage, rfq, who, price).expect("there is room");
    }
    let worse = bid(&mut stage, rfq, "passer-by", 1_300).expect_err("it is the worst");
    assert_eq!(worse.code, Code::TooManyBids);
    let receipt = bid(&mut stage, rfq, "passer-by", 1_100).expect("it is better");
    let rival = Actor::new("rival");
    let displaced = |event: &Event| matches!(event, Event::BidDisplaced { supplier } if *supplier == rival.id());
    assert!(receipt.events.iter().any(|noted| displaced(&noted.event)));
    assert_eq!(bidders(&stage, rfq), ["passer-by", "supplier"]);
    assert_eq!(stage.has(&rival), PURSE, "its bid bond is back");
    bid(&mut stage, rfq, "rival", 900).expect("it may try again");
    assert_eq!(bidders(&stage, rfq), ["rival", "supplier"]);
}

#[test]
fn bids_that_could_not_win_give_way_first() {
    let (mut stage, rfq) = open(&plain());
    // It can pay the bid bond, and not the rest of its bond.
    stage.enter(&Actor::new("poor"), 60);
    bid(&mut stage, rfq, "poor", 500).expect("there is room");
    bid(&mut stage, rfq, "supplier", 1_000).expect("there is room");
    bid(&mut stage, rfq, "rival", 4_000).expect("it could win");
    assert_eq!(bidders(&stage, rfq), ["rival", "supplier"]);
    assert_eq!(stage.has(&Actor::new("poor")), 60);
}

/// Names that bid nearly nothing keep nobody out: in a full RFQ everybody's whole bond is put up, and nobody leaves.
#[test]
fn who_has_a_place_in_a_full_rfq_stands_by_its_bid() {
    let (mut stage, rfq) = open(&plain());
    bid(&mut stage, rfq, "supplier", 1_000).expect("there is room");
    let withdraw = Action::WithdrawBid { rfq };
    stage.must(&Actor::new("supplier"), withdraw.clone(), None);
    for ghost in ["ghost-1", "ghost-2"] {
        stage.enter(&Actor::new(ghost), 600);
        let bid = stage.offer(1, 600);
        stage.must(&Actor::new(ghost), Action::PlaceBid { rfq, bid }, None);
    }
    // One of them takes its money away; the next bid takes the other at its word.
    let all = Action::Withdraw {
        asset: usd(),
        amount: cents(550),
    };
    stage.must(&Actor::new("ghost-2"), all.clone(), None);
    bid(&mut stage, rfq, "supplier", 1_000).expect("it displaces who cannot pay");
    assert_eq!(bidders(&stage, rfq), ["ghost-1", "supplier"]);
    let leaves = stage.send(&Actor::new("ghost-1"), withdraw, None);
    assert_eq!(leaves.expect_err("it has bound itself").code, Code::RfqFull);
    let ghost = Actor::new("ghost-1");
    let taken = stage
        .send(&ghost, all, None)
        .expect_err("its bond is put up");
    assert_eq!(taken.code, Code::InsufficientFunds);
    stage.pass_rfq(rfq);
    let RfqState::Awarded(engagement) = &stage.market.rfq(&rfq).expect("published").state else {
        panic!("somebody wins")
    };
    assert_eq!(
        engagement.supplier,
        ghost.id(),
        "for a cent, and with its whole bond"
    );
    // It cannot deliver: half of its bond is lost.
    stage.pass_contract(rfq.contract(NonZeroU8::MIN));
    assert_eq!(stage.has(&ghost), 300);
}

#[test]
fn who_has_not_the_bond_finds_no_place_in_a_full_rfq() {
    let (mut stage, rfq) = open(&plain());
    for who in ["supplier", "rival"] {
        bid(&mut stage, rfq, who, 1_000).expect("there is room");
    }
    stage.enter(&Actor::new("poor"), 60);
    let refused = bid(&mut stage, rfq, "poor", 500).expect_err("it cannot pay");
    assert_eq!(refused.code, Code::InsufficientFunds);
    assert_eq!(
        stage.has(&Actor::new("rival")),
        PURSE - 50,
        "nobody's bond was taken"
    );
}

/// A place in a full RFQ is not given up by taking the headroom for it elsewhere.
#[test]
fn a_bond_that_is_put_up_counts_as_exposed() {
    // A record of 0.25 in fees allows 0.25 at risk.
    let stage = Stage::under(narrow(), &everybody(), PURSE);
    let mut record = Play::on(stage, &plain(), 1_000, 1_000);
    record.paid();
    record.silence();
    let mut stage = record.stage;
    let publish = |stage: &mut Stage| stage.publish(&Actor::new("buyer"), &plain());
    let [here, elsewhere] = [(); 2].map(|()| publish(&mut stage).expect("in order"));
    let offer = |stage: &mut Stage, rfq, who: &str, price, bond| {
        let bid = stage.offer(price, bond);
        stage.send(&Actor::new(who), Action::PlaceBid { rfq, bid }, None)
    };
    // 10.25 without 2.05 of holdback and 7.95 of bond: all of it.
    offer(&mut stage, here, "supplier", 1_025, 795).expect("there is room");
    offer(&mut stage, here, "rival", 2_000, 2_000).expect("there is room");
    offer(&mut stage, here, "passer-by", 1_500, 1_500).expect("it displaces the rival");
    assert_eq!(bidders(&stage, here), ["passer-by", "supplier"]);
    offer(&mut stage, elsewhere, "supplier", 1_025, 795).expect("there is room");
    stage.pass_rfq(elsewhere);
    let state = |stage: &Stage, rfq| stage.market.rfq(&rfq).expect("published").state.as_str();
    assert_eq!(state(&stage, elsewhere), "Failed", "its headroom is taken");
    stage.pass_rfq(here);
    let RfqState::Awarded(engagement) = &stage.market.rfq(&here).expect("published").state else {
        panic!("it keeps its word")
    };
    assert_eq!(engagement.supplier, Actor::new("supplier").id());
}

/// Nobody knows what sealed bids offer, but everybody who has earned the market fees.
#[test]
fn among_sealed_bids_who_has_a_record_displaces_who_has_none() {
    let stage = Stage::under(narrow(), &everybody(), PURSE);
    let mut play = Play::on(stage, &plain(), 1_000, 1_000);
    play.paid();
    play.silence();
    let mut stage = play.stage;
    let rfq = stage
        .publish(&Actor::new("buyer"), &sealed())
        .expect("in order");
    let mut commit = |who: &str| {
        let who = Actor::new(who);
        let (commit, _) = Stage::seal(&who, rfq, stage.offer(1_000, 1_000), SALT);
        stage.send(&who, commit, None)
    };
    commit("rival").expect("there is room");
    commit("passer-by").expect("there is room");
    stage.enter(&Actor::new("crowd"), 1_000);
    let mut commit = |who: &str| {
        let who = Actor::new(who);
        let (commit, _) = Stage::seal(&who, rfq, stage.offer(1_000, 1_000), SALT);
        stage.send(&who, commit, None)
    };
    let refused = commit("crowd").expect_err("it has no record either");
    assert_eq!(refused.code, Code::TooManyBids);
    commit("supplier").expect("it has one");
    assert_eq!(
        bidders(&stage, rfq),
        ["rival", "supplier"],
        "the later one gives way"
    );
}
