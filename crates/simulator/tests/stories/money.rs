//! Money in and out, and what rounding leaves over.

use proofmark_ledger::Amount;
use proofmark_market::contract::table::StateName;
use proofmark_market::{Action, Code};
use proofmark_simulator::stage::{Actor, Stage, cents, payload_digest, usd};

use crate::cast::{PURSE, Play, everybody, plain, share};

/// An account that can hardly take any more would hold up everybody who has to pay it.
#[test]
fn who_has_moved_too_much_begins_nothing_new() {
    let mut stage = Stage::open(&everybody(), PURSE);
    let rival = Actor::new("rival");
    let rfq = stage
        .publish(&Actor::new("buyer"), &plain())
        .expect("in order");
    let deposit = |amount| Action::Deposit {
        party: rival.id(),
        asset: usd(),
        amount: cents(amount),
    };
    let half = (1 << 52) - 1;
    let more = stage.send(&Actor::operator(), deposit(half - PURSE + 1), None);
    assert_eq!(more.expect_err("above half").code, Code::AccountFull);
    stage.must(&Actor::operator(), deposit(half - PURSE), None);
    // What it publishes and takes back counts too.
    let own = stage.publish(&rival, &plain()).expect("it is at half");
    stage.must(&rival, Action::CancelRfq { rfq: own }, None);
    let refused = stage
        .publish(&rival, &plain())
        .expect_err("too much has moved");
    assert_eq!(refused.code, Code::AccountFull);
    let bid = stage.offer(1_000, 1_000);
    let refused = stage.send(
        &rival,
        Action::PlaceBid {
            rfq,
            bid,
            bonded: false,
        },
        None,
    );
    assert_eq!(
        refused.expect_err("too much has moved").code,
        Code::AccountFull
    );
    // What it has it can take away.
    let all = Action::Withdraw {
        asset: usd(),
        amount: cents(stage.has(&rival)),
    };
    stage.must(&rival, all, None);
}

#[test]
fn fees_that_were_earned_are_collected_by_the_operator_only() {
    let mut play = Play::begin();
    play.paid();
    play.silence();
    let collect = |minor| Action::CollectFees {
        asset: usd(),
        amount: cents(minor),
    };
    let mut asked = |who: &Actor, minor| {
        let sent = play.stage.send(who, collect(minor), None);
        sent.map(drop).map_err(|rejection| rejection.code)
    };
    let operator = Actor::operator();
    assert_eq!(asked(&Actor::new("buyer"), 25), Err(Code::ActorForbids));
    assert_eq!(asked(&operator, 26), Err(Code::InsufficientFunds));
    assert_eq!(asked(&operator, 25), Ok(()));
    assert_eq!(play.stage.has(&operator), 25);
    assert_eq!(play.fees(), 0);
}

#[test]
fn rounding_loses_nothing_at_any_split() {
    // Every hundredth of a percent as holdback, and as the first of two milestones, of a price that divides badly.
    for basis_points in 0..=10_000 {
        let ppm = basis_points * 100;
        let mut terms = plain();
        terms.holdback = share(ppm);
        terms.human_review = None;
        terms.award.price_ceiling = cents(997);
        terms.fees.market = share(33_333);
        if (1..10_000).contains(&basis_points) {
            let mut second = terms.milestones[0].clone();
            second.deliverable = "follow-up".to_owned();
            second.share = share(1_000_000 - ppm);
            terms.milestones[0].share = share(ppm);
            terms.milestones.push(second);
        }
        // The whole life of a contract costs signatures; the sums are the ledger's own at every step.
        let parts: Vec<_> = terms
            .milestones
            .iter()
            .map(|one| u64::from(one.share.get()))
            .collect();
        let price = cents(997);
        let split = price.split(&parts);
        assert_eq!(split.iter().map(|part| part.minor()).sum::<i64>(), 997);
        for part in split {
            let holdback = part.share_up(terms.holdback);
            let at_once = part.checked_sub(holdback).expect("not more than the whole");
            assert_eq!(at_once.checked_add(holdback), Some(part));
        }
    }
}

#[test]
fn a_price_that_divides_badly_is_paid_to_the_cent() {
    for ppm in [0, 1, 333_333, 499_999, 666_667, 999_999, 1_000_000] {
        let mut terms = plain();
        terms.holdback = share(ppm);
        terms.human_review = None;
        terms.fees.market = share(33_333);
        let mut play = Play::under(&terms, 997, 997);
        play.paid();
        play.silence();
        // 9.97 · 0.033333 = 0.33233…: the fee is rounded up.
        play.ends(StateName::Final, -997 - 34 - 2, 997, 0, 34);
    }
}

#[test]
fn money_leaves_when_the_rail_says_so() {
    let mut stage = Stage::open(&everybody(), PURSE);
    let (buyer, operator) = (Actor::new("buyer"), Actor::operator());
    let withdraw = Action::Withdraw {
        asset: usd(),
        amount: cents(400),
    };
    let first = stage.write(&buyer, withdraw.clone(), None);
    stage.deliver(&first).expect("there is enough");
    let second = stage.write(&buyer, withdraw, None);
    stage.deliver(&second).expect("there is enough");
    assert_eq!(stage.has(&buyer), PURSE - 800);
    let withdrawal = payload_digest(&first);
    let confirm = Action::ConfirmWithdrawal { withdrawal };
    let stranger = stage.send(&buyer, confirm.clone(), None);
    assert_eq!(
        stranger.expect_err("not for the buyer").code,
        Code::ActorForbids
    );
    stage.must(&operator, confirm.clone(), None);
    let again = stage.send(&operator, confirm, None);
    assert_eq!(
        again.expect_err("it has ended").code,
        Code::WithdrawalUnknown
    );
    let withdrawal = payload_digest(&second);
    stage.must(&operator, Action::ReturnWithdrawal { withdrawal }, None);
    assert_eq!(stage.has(&buyer), PURSE - 400);
    let all = Action::Withdraw {
        asset: usd(),
        amount: cents(PURSE),
    };
    let refused = stage.send(&buyer, all, None);
    assert_eq!(
        refused.expect_err("more than there is").code,
        Code::InsufficientFunds
    );
    stage.market.ledger().audit().expect("the books balance");
}

#[test]
fn what_was_rejected_changed_nothing() {
    let mut play = Play::begin();
    let before = (play.stage.market.root(), play.stage.market.head());
    for who in ["rival", "buyer", "oracle"] {
        let refused = play.refused(who, proofmark_market::ContractAction::Resign);
        assert_eq!(refused, Code::ActorForbids);
    }
    let poor = play.stage.send(
        &Actor::new("rival"),
        Action::Withdraw {
            asset: usd(),
            amount: cents(PURSE + 1),
        },
        None,
    );
    assert_eq!(poor.expect_err("not enough").code, Code::InsufficientFunds);
    assert_eq!((play.stage.market.root(), play.stage.market.head()), before);
}

#[test]
fn the_log_gives_the_same_market() {
    let mut play = Play::begin();
    play.paid();
    play.silence();
    let again = proofmark_market::replay(proofmark_simulator::stage::rules(), &play.stage.log);
    let again = again.expect("the log is whole");
    assert_eq!(again.root(), play.stage.market.root());
    assert_eq!(again.head(), play.stage.market.head());
    // One entry less, or in another place, is another market or none.
    let mut cut = play.stage.log.clone();
    cut.pop();
    let shorter = proofmark_market::replay(proofmark_simulator::stage::rules(), &cut);
    assert_ne!(
        shorter.expect("a prefix is whole").root(),
        play.stage.market.root()
    );
    cut.remove(3);
    let gap = proofmark_market::replay(proofmark_simulator::stage::rules(), &cut);
    assert!(gap.map_or(true, |market| market.head() != play.stage.market.head()));
}

/// However much is asked for, who asks is to blame and not the ledger.
#[test]
fn nobody_withdraws_more_than_there_is() {
    let mut stage = Stage::open(&everybody(), PURSE);
    for amount in [cents(PURSE + 1), Amount::MAX] {
        let withdraw = Action::Withdraw {
            asset: usd(),
            amount,
        };
        let refused = stage.send(&Actor::new("buyer"), withdraw, None);
        let refused = refused.expect_err("it has less");
        assert_eq!(refused.code, Code::InsufficientFunds);
        let has = "1000.00 USD are available";
        assert!(refused.to_string().contains(has), "{refused}");
    }
}
