//! RFQs that have as many bids as they take.

use std::num::NonZeroU8;

use proofmark_market::event::Event;
use proofmark_market::rfq::RfqState;
use proofmark_market::{Action, Code, Receipt, Rejection, RfqId, Rules, Terms};
use proofmark_simulator::season::differences;
use proofmark_simulator::stage::{Actor, Stage, cents, rules};

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
    let place = Action::PlaceBid {
        rfq,
        bid,
        bonded: false,
    };
    stage.send(&Actor::new(who), place, None)
}

/// The same with the whole bond.
fn bonded(stage: &mut Stage, rfq: RfqId, who: &str, price: i64) -> Result<Receipt, Rejection> {
    let bid = stage.offer(price, price);
    let place = Action::PlaceBid {
        rfq,
        bid,
        bonded: true,
    };
    stage.send(&Actor::new(who), place, None)
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
        bonded(&mut stage, rfq, who, price).expect("there is room");
    }
    let worse = bonded(&mut stage, rfq, "passer-by", 1_300).expect_err("it is the worst");
    assert_eq!(worse.code, Code::TooManyBids);
    let receipt = bonded(&mut stage, rfq, "passer-by", 1_100).expect("it is better");
    let rival = Actor::new("rival");
    let displaced = |event: &Event| matches!(event, Event::BidDisplaced { supplier } if *supplier == rival.id());
    assert!(receipt.events.iter().any(|noted| displaced(&noted.event)));
    assert_eq!(bidders(&stage, rfq), ["passer-by", "supplier"]);
    assert_eq!(stage.has(&rival), PURSE, "its bond is back");
    bonded(&mut stage, rfq, "rival", 900).expect("it may try again");
    assert_eq!(bidders(&stage, rfq), ["rival", "supplier"]);
    agrees(&stage);
}

/// A bid that may leave has no firm place, however good it is.
#[test]
fn a_full_rfq_takes_only_whole_bonds() {
    let (mut stage, rfq) = open(&plain());
    bid(&mut stage, rfq, "supplier", 600).expect("there is room");
    bonded(&mut stage, rfq, "rival", 1_000).expect("there is room");
    let refused = bid(&mut stage, rfq, "passer-by", 500).expect_err("it could leave again");
    assert_eq!(refused.code, Code::TooManyBids);
    bonded(&mut stage, rfq, "passer-by", 4_000).expect("it stays");
    assert_eq!(bidders(&stage, rfq), ["passer-by", "rival"]);
    assert_eq!(stage.has(&Actor::new("supplier")), PURSE);
    bonded(&mut stage, rfq, "supplier", 600).expect("with its whole bond it stays too");
    assert_eq!(bidders(&stage, rfq), ["rival", "supplier"]);
    agrees(&stage);
}

/// Of those who have not bound themselves, whoever has earned the market something gives way after who has not.
#[test]
fn among_bids_without_a_whole_bond_a_record_holds_the_place() {
    let stage = Stage::under(narrow(), &everybody(), PURSE);
    let mut play = Play::on(stage, &plain(), 1_000, 1_000);
    play.paid();
    play.silence();
    let mut stage = play.stage;
    let rfq = stage.publish(&Actor::new("buyer"), &plain());
    let rfq = rfq.expect("in order");
    bid(&mut stage, rfq, "rival", 500).expect("there is room");
    bid(&mut stage, rfq, "supplier", 1_000).expect("there is room");
    bonded(&mut stage, rfq, "passer-by", 4_000).expect("somebody gives way");
    assert_eq!(bidders(&stage, rfq), ["passer-by", "supplier"]);
    agrees(&stage);
}

/// Names that bid nearly nothing keep nobody out: who has a place that others cannot take has put up its whole bond,
/// and does not leave.
#[test]
fn whose_whole_bond_is_put_up_stands_by_its_bid() {
    let (mut stage, rfq) = open(&plain());
    bid(&mut stage, rfq, "supplier", 1_000).expect("there is room");
    let withdraw = Action::WithdrawBid { rfq };
    stage.must(&Actor::new("supplier"), withdraw.clone(), None);
    let ghosts = ["ghost-1", "ghost-2"].map(Actor::new);
    for ghost in &ghosts {
        stage.enter(ghost, 600);
        let bid = stage.offer(1, 600);
        let bonded = true;
        stage.must(ghost, Action::PlaceBid { rfq, bid, bonded }, None);
    }
    let refused = bonded(&mut stage, rfq, "supplier", 1_000).expect_err("theirs are better");
    assert_eq!(refused.code, Code::TooManyBids);
    for ghost in &ghosts {
        assert_eq!(stage.has(ghost), 0, "its bond is put up");
        let leaves = stage.send(ghost, withdraw.clone(), None);
        assert_eq!(
            leaves.expect_err("it has bound itself").code,
            Code::BidBonded
        );
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

/// Who exposes more than it may could not win, and is told before it binds anything.
#[test]
fn who_could_not_win_is_not_bound() {
    let (mut stage, rfq) = open(&plain());
    let supplier = Actor::new("supplier");
    let place = |bid, bonded| Action::PlaceBid { rfq, bid, bonded };
    let risky = stage.offer(5_000, 600);
    let refused = stage.send(&supplier, place(risky, true), None);
    assert_eq!(
        refused.expect_err("it could not win").code,
        Code::BidIneligible
    );
    let refused = stage.send(&supplier, place(risky, false), None);
    assert_eq!(
        refused.expect_err("nor without its whole bond").code,
        Code::BidIneligible
    );
    assert_eq!(stage.has(&supplier), PURSE);
    agrees(&stage);
}

/// A rival makes another RFQ full, and takes nothing of what a bidder needs here: nobody else moves its money.
#[test]
fn what_i_need_here_is_not_bound_elsewhere() {
    let three = Rules {
        bids_max: 3,
        ..rules()
    };
    let mut stage = Stage::under(three, &everybody(), PURSE);
    let saver = Actor::new("crowd");
    stage.enter(&saver, 1_000);
    for ghost in ["ghost-1", "ghost-2", "ghost-3"] {
        stage.enter(&Actor::new(ghost), PURSE);
    }
    let buyer = Actor::new("buyer");
    let here = stage.publish(&buyer, &plain()).expect("in order");
    // Ends later: whoever wins here has time to take its bid there back.
    let mut later = plain();
    later.windows.bidding_seconds = 86_400;
    let there = stage.publish(&buyer, &later).expect("in order");
    bid(&mut stage, here, "crowd", 600).expect("there is room");
    bid(&mut stage, there, "crowd", 600).expect("there is room");
    bid(&mut stage, here, "rival", 5_000).expect("there is room");
    // Bidding here is over, and nobody has ticked yet: the rival's names make the other RFQ full.
    let deadline = stage.market.rfq(&here).and_then(|it| it.state.deadline());
    let deadline = deadline.expect("open").micros();
    stage.now = proofmark_core::Timestamp::from_micros(deadline + 1).expect("later");
    for ghost in ["ghost-1", "ghost-2", "ghost-3"] {
        bonded(&mut stage, there, ghost, 5_000).expect("there is room");
    }
    stage.pass_rfq(here);
    let RfqState::Awarded(engagement) = &stage.market.rfq(&here).expect("published").state else {
        panic!("somebody wins")
    };
    assert_eq!(engagement.supplier, saver.id());
    assert_eq!(
        stage.has(&saver),
        1_000 - 600,
        "it lost its place there, and nothing else"
    );
    stage.pass_rfq(there);
    agrees(&stage);
}

/// Who has put up its whole bond cannot leave by a small promise that it breaks elsewhere.
#[test]
fn a_bond_that_is_put_up_stays_also_when_its_record_is_spoilt() {
    let mut stage = Stage::under(narrow(), &everybody(), PURSE);
    let names = ["ghost-1", "ghost-2"];
    for name in names {
        stage.enter(&Actor::new(name), PURSE);
        let mut record = Play::between(stage, ["passer-by", name], &plain(), 1_000, 1_000);
        record.paid();
        record.silence();
        stage = record.stage;
    }
    let mut terms = plain();
    terms.windows.bidding_seconds = 3 * 3_600;
    let class = terms.outcome_class.clone();
    let uptime = |stage: &Stage, name: &str| {
        let id = Actor::new(name).id();
        stage.market.standing(id, &class, stage.now).uptime
    };
    terms.award.qualification.uptime_min = names.map(|name| uptime(&stage, name)).into_iter().min();
    terms.award.qualification.newcomer_bond = Some(cents(5_000));
    let rfq = stage
        .publish(&Actor::new("buyer"), &terms)
        .expect("in order");
    // A friend buys something else, in sealed bids, for hardly any bid bond. They never reveal.
    let friend = Actor::new("passer-by");
    let mut other = sealed();
    other.bonds.bid = cents(1);
    let other = stage.publish(&friend, &other).expect("in order");
    for ghost in names.map(Actor::new) {
        let bid = stage.offer(500, 600);
        let bonded = true;
        stage.must(&ghost, Action::PlaceBid { rfq, bid, bonded }, None);
        let (commit, _) = Stage::seal(&ghost, other, stage.offer(600, 600), SALT);
        stage.must(&ghost, commit, None);
    }
    stage.pass_rfq(other);
    let deadline = stage.market.rfq(&rfq).and_then(|it| it.state.deadline());
    stage.now = deadline.expect("open");
    let refused = bonded(&mut stage, rfq, "rival", 5_000).expect_err("theirs are better");
    assert_eq!(refused.code, Code::TooManyBids);
    stage.pass_rfq(other);
    let before = uptime(&stage, "ghost-1");
    assert!(
        Some(before) < terms.award.qualification.uptime_min,
        "spoilt"
    );
    stage.pass_rfq(rfq);
    let state = stage.market.rfq(&rfq).expect("published").state.as_str();
    agrees(&stage);
    assert_eq!(state, "Awarded", "who is bound stands by its bid");
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
        let bonded = true;
        stage.must(&ghost, Action::PlaceBid { rfq, bid, bonded }, None);
    }
    assert_eq!(bidders(&stage, rfq), names);
    // The last moment to bid is on another day.
    stage.wait(86_400);
    let worse = bonded(&mut stage, rfq, "rival", 5_000).expect_err("theirs are better");
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
    let refused = bonded(&mut stage, rfq, "poor", 500).expect_err("it cannot pay");
    assert_eq!(refused.code, Code::InsufficientFunds);
    assert_eq!(
        stage.has(&Actor::new("rival")),
        PURSE - 50,
        "nobody takes more of it than it gave"
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
        let bonded = who != "supplier" || rfq == here;
        stage.send(
            &Actor::new(who),
            Action::PlaceBid { rfq, bid, bonded },
            None,
        )
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
