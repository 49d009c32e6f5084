//! RFQs that have as many bids as they take.

use std::num::NonZeroU8;

use proofmark_market::event::Event;
use proofmark_market::rfq::RfqState;
use proofmark_market::{Action, Code, Receipt, Rejection, RfqId, Rules, Terms};
use proofmark_simulator::season::differences;
use proofmark_simulator::stage::{Actor, Stage, cents, rules, usd};

use crate::bidding::{SALT, sealed};
use crate::cast::{PURSE, Play, everybody, plain};

/// A market in which an RFQ takes two bids.
pub(crate) fn narrow() -> Rules {
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

pub(crate) fn bid(
    stage: &mut Stage,
    rfq: RfqId,
    who: &str,
    price: i64,
) -> Result<Receipt, Rejection> {
    let bid = stage.offer(price, price);
    stage.send(&Actor::new(who), Action::PlaceBid { rfq, bid }, None)
}

#[track_caller]
pub(crate) fn agrees(stage: &Stage) {
    assert_eq!(differences(stage), [""; 0], "the auditor agrees");
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
    agrees(&stage);
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
    agrees(&stage);
}

/// Names that bid nearly nothing keep nobody out: when an RFQ is full, everybody who could win puts up its whole bond,
/// and nobody of them leaves.
#[test]
fn who_has_a_place_in_a_full_rfq_stands_by_its_bid() {
    let (mut stage, rfq) = open(&plain());
    bid(&mut stage, rfq, "supplier", 1_000).expect("there is room");
    let withdraw = Action::WithdrawBid { rfq };
    stage.must(&Actor::new("supplier"), withdraw.clone(), None);
    let ghosts = ["ghost-1", "ghost-2"].map(Actor::new);
    for ghost in &ghosts {
        stage.enter(ghost, 600);
        let bid = stage.offer(1, 600);
        stage.must(ghost, Action::PlaceBid { rfq, bid }, None);
    }
    let refused = bid(&mut stage, rfq, "supplier", 1_000).expect_err("theirs are better");
    assert_eq!(refused.code, Code::TooManyBids);
    for ghost in &ghosts {
        assert_eq!(stage.has(ghost), 0, "its bond is put up");
        let leaves = stage.send(ghost, withdraw.clone(), None);
        assert_eq!(leaves.expect_err("it has bound itself").code, Code::RfqFull);
    }
    stage.pass_rfq(rfq);
    let RfqState::Awarded(engagement) = &stage.market.rfq(&rfq).expect("published").state else {
        panic!("somebody wins")
    };
    let won = engagement.supplier;
    assert!(ghosts.iter().any(|ghost| ghost.id() == won), "for a cent");
    // It cannot deliver: half of its bond is lost.
    stage.pass_contract(rfq.contract(NonZeroU8::MIN));
    let left: i64 = ghosts.iter().map(|ghost| stage.has(ghost)).sum();
    assert_eq!(left, 600 + 300);
    agrees(&stage);
}

/// Who exposes more than it may could not win, so nothing more is taken of it when the RFQ becomes full.
#[test]
fn who_could_not_win_is_not_bound() {
    let (mut stage, rfq) = open(&plain());
    let risky = stage.offer(5_000, 600);
    let supplier = Actor::new("supplier");
    stage.must(&supplier, Action::PlaceBid { rfq, bid: risky }, None);
    bid(&mut stage, rfq, "rival", 1_000).expect("there is room");
    assert_eq!(stage.has(&supplier), PURSE - 50);
    assert_eq!(stage.has(&Actor::new("rival")), PURSE - 1_000);
    let withdraw = Action::WithdrawBid { rfq };
    stage.must(&supplier, withdraw, None);
    agrees(&stage);
}

/// Who cannot put up its bond when an RFQ becomes full gives way to anybody who does, even if it has the money again.
#[test]
fn who_has_not_put_up_its_bond_gives_way() {
    let (mut stage, rfq) = open(&plain());
    let ghost = Actor::new("ghost-1");
    stage.enter(&ghost, 60);
    let cheap = stage.offer(1, 600);
    stage.must(&ghost, Action::PlaceBid { rfq, bid: cheap }, None);
    bid(&mut stage, rfq, "supplier", 1_000).expect("there is room");
    let deposit = Action::Deposit {
        party: ghost.id(),
        asset: usd(),
        amount: cents(10_000),
    };
    stage.must(&Actor::operator(), deposit, None);
    bid(&mut stage, rfq, "rival", 4_000).expect("it displaces who is not bound");
    assert_eq!(bidders(&stage, rfq), ["rival", "supplier"]);
    let back = stage.send(&ghost, Action::PlaceBid { rfq, bid: cheap }, None);
    back.expect("with its whole bond it finds a place");
    assert_eq!(bidders(&stage, rfq), ["ghost-1", "supplier"]);
    agrees(&stage);
}

/// Whoever has put up its whole bond stays, also when its record is a day older and allows less.
#[test]
fn a_bond_that_is_put_up_stays_also_when_its_record_fades() {
    let mut stage = Stage::under(narrow(), &everybody(), PURSE);
    let names = ["ghost-1", "ghost-2"];
    for name in names {
        stage.enter(&Actor::new(name), PURSE);
        let mut earlier = plain();
        earlier.award.price_ceiling = cents(30_000);
        let mut record = Play::between(stage, ["buyer", name], &earlier, 30_000, 24_000);
        record.paid();
        record.silence();
        stage = record.stage;
    }
    let mut terms = plain();
    terms.windows.bidding_seconds = 86_400;
    let rfq = stage.publish(&Actor::new("buyer"), &terms);
    let rfq = rfq.expect("in order");
    // Each bids exactly at its limit.
    for ghost in names.map(Actor::new) {
        let class = &terms.outcome_class;
        let fees = stage.market.standing(ghost.id(), class, stage.now).fees;
        let bid = stage.offer(2_000, 1_600 - fees.minor());
        stage.must(&ghost, Action::PlaceBid { rfq, bid }, None);
    }
    assert_eq!(bidders(&stage, rfq), names);
    // The last moment to bid is on another day.
    stage.wait(86_400);
    let worse = bid(&mut stage, rfq, "rival", 5_000).expect_err("theirs are better");
    assert_eq!(worse.code, Code::TooManyBids);
    stage.pass_rfq(rfq);
    let award = stage.market.rfq(&rfq).and_then(|it| it.award.clone());
    let winner = award
        .and_then(|it| it.winner)
        .expect("somebody wins")
        .supplier;
    assert!(names.iter().any(|name| Actor::new(name).id() == winner));
    agrees(&stage);
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
        PURSE - 1_000,
        "its bond is put up since the RFQ is full"
    );
    agrees(&stage);
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
    agrees(&stage);
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
    agrees(&stage);
}
