//! The last moment of each window still counts; the one after it does not.

use proofmark_core::Timestamp;
use proofmark_market::contract::table::StateName;
use proofmark_market::rfq::RfqState;
use proofmark_market::{Account, Action, Code, ContractAction};
use proofmark_simulator::stage::{Actor, Stage, cents, usd};

use crate::bidding::{SALT, open, sealed};
use crate::cast::{PURSE, Play, plain, trusting};

fn after(moment: Timestamp) -> Timestamp {
    Timestamp::from_micros(moment.micros() + 1).expect("not the last of all")
}

#[test]
fn a_buyer_accepts_at_the_last_moment() {
    let mut play = Play::begin();
    play.pass();
    let until = play.here().deadline().expect("it can be challenged");
    play.stage.now = after(until);
    assert_eq!(
        play.refused("buyer", ContractAction::Accept),
        Code::DeadlinePassed
    );
    let mut play = Play::begin();
    play.pass();
    play.stage.now = until;
    assert_eq!(
        play.refused("passer-by", ContractAction::Tick),
        Code::DeadlineAhead
    );
    play.act("buyer", ContractAction::Accept);
    assert_eq!(play.state(), StateName::Provisional);
}

#[test]
fn a_bid_is_revealed_at_the_last_moment() {
    let (mut stage, rfq) = open(&sealed());
    let supplier = Actor::new("supplier");
    let bid = stage.offer(1_000, 1_000);
    let (commit, reveal) = Stage::seal(&supplier, rfq, bid, SALT);
    stage.must(&supplier, commit, None);
    stage.pass_rfq(rfq);
    let until = stage.market.rfq(&rfq).and_then(|rfq| rfq.state.deadline());
    stage.now = until.expect("it waits for reveals");
    stage.must(&supplier, reveal, None);
}

#[test]
fn an_rfq_is_cancelled_at_the_last_moment() {
    let (mut stage, rfq) = open(&plain());
    let until = stage.market.rfq(&rfq).and_then(|rfq| rfq.state.deadline());
    stage.now = until.expect("it takes bids");
    stage.must(&Actor::new("buyer"), Action::CancelRfq { rfq }, None);
    let cancelled = stage.send(&Actor::new("buyer"), Action::CancelRfq { rfq }, None);
    let refused = cancelled.expect_err("it is over");
    assert_eq!(refused.code, Code::StateForbids);
    assert!(
        refused.to_string().contains("cancelling in Cancelled"),
        "{refused}"
    );
}

/// An RFQ with a bid that is firm for a day, ticked so long after bidding has closed.
fn ticked(late_micros: i64) -> Stage {
    let (mut stage, rfq) = open(&plain());
    let supplier = Actor::new("supplier");
    let mut bid = stage.offer(1_000, 1_000);
    bid.firm_until = stage.now.plus_seconds(86_400);
    stage.must(
        &supplier,
        Action::PlaceBid {
            rfq,
            bid,
            bonded: false,
        },
        None,
    );
    let at = bid.firm_until.micros() + late_micros;
    stage.now = Timestamp::from_micros(at).expect("a day later");
    stage.must(&Actor::passer_by(), Action::TickRfq { rfq }, None);
    stage
}

#[test]
fn a_bid_wins_as_long_as_it_is_firm() {
    for late in [-1, 0] {
        let stage = ticked(late);
        let rfq = stage.market.rfqs().next().expect("published");
        assert!(matches!(rfq.state, RfqState::Awarded(_)), "{late}");
    }
    let stage = ticked(1);
    let rfq = stage.market.rfqs().next().expect("published");
    assert!(matches!(rfq.state, RfqState::Failed { .. }));
    // Nobody is to blame: the bond comes back too.
    for who in ["buyer", "supplier"] {
        assert_eq!(stage.has(&Actor::new(who)), PURSE);
    }
}

#[test]
fn a_salt_has_64_digits() {
    let short = &SALT[1..];
    let other = SALT.replace('5', "g");
    for salt in [short, &other] {
        let (mut stage, rfq) = open(&sealed());
        let supplier = Actor::new("supplier");
        let bid = stage.offer(1_000, 1_000);
        let (commit, reveal) = Stage::seal(&supplier, rfq, bid, salt);
        stage.must(&supplier, commit, None);
        stage.pass_rfq(rfq);
        let refused = stage.send(&supplier, reveal, None);
        let refused = refused.expect_err("it could be guessed, or spelled otherwise");
        assert_eq!(refused.code, Code::CommitmentMismatch, "{salt}");
    }
}

#[test]
fn what_is_judged_is_known_to_the_second_and_the_profile() {
    let mut play = Play::begin();
    play.stage.wait(77);
    play.submit("good work");
    let (ordered_at, now) = (play.stage.now, play.stage.now.plus_seconds(5));
    let facts = play.stage.market.facts(&play.contract, now);
    let facts = facts.expect("it waits for a verdict");
    assert_eq!(facts.now, now);
    assert_eq!(facts.ordered_at, Some(ordered_at));
    assert_eq!(facts.profile, Some(plain().engines.profile));
}

#[test]
fn a_standing_says_of_when_it_is() {
    let mut play = Play::begin();
    let class = plain().outcome_class;
    // Who bid today, and is remembered; and who never did.
    for who in [play.supplier.clone(), Actor::new("rival")] {
        for hours in [0, 1, 30] {
            let at = play.stage.now.plus_seconds(hours * 3_600);
            let standing = play.stage.market.standing(who.id(), &class, at);
            assert_eq!(standing.as_of, at);
        }
    }
    play.paid();
    let at = play.stage.now;
    let standing = play.stage.market.standing(play.supplier.id(), &class, at);
    assert_eq!(standing.as_of, at);
}

#[test]
fn what_is_at_risk_already_leaves_less_to_risk() {
    // A record of 7.50 in fees allows 7.50 at risk.
    let mut earlier = plain();
    earlier.award.price_ceiling = cents(30_000);
    let mut record = Play::under(&earlier, 30_000, 24_000);
    record.paid();
    record.silence();
    let terms = trusting();
    // 10.00 without 2.00 of holdback and 0.50 of bond: all of it.
    let play = Play::on(record.stage, &terms, 1_000, 50);
    assert_eq!(play.state(), StateName::Active);
    let mut stage = play.stage;
    let rfq = stage.publish(&play.buyer, &terms).expect("in order");
    let bid = stage.offer(1_000, 50);
    stage.must(
        &play.supplier,
        Action::PlaceBid {
            rfq,
            bid,
            bonded: false,
        },
        None,
    );
    stage.pass_rfq(rfq);
    let state = &stage.market.rfq(&rfq).expect("published").state;
    assert!(matches!(state, RfqState::Failed { .. }), "{state:?}");
    let bond = Account::BidBond(rfq, play.supplier.id(), usd());
    assert_eq!(stage.left(bond), 0);
    // A bid that risks nothing still wins.
    let safe = Play::on(stage, &plain(), 1_000, 1_000);
    assert_eq!(safe.state(), StateName::Active);
}
