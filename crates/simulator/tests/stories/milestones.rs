//! More than one thing to deliver.

use std::num::NonZeroU8;

use proofmark_market::contract::table::StateName;
use proofmark_market::rfq::RfqState;
use proofmark_market::{Account, ContractAction};
use proofmark_simulator::stage::{Says, cents, usd};

use crate::cast::{Play, plain, share};

/// Two milestones: 0.4 and 0.6 of 10.00.
fn two() -> Play {
    let mut terms = plain();
    let mut second = terms.milestones[0].clone();
    second.deliverable = "follow-up".to_owned();
    second.share = share(600_000);
    terms.milestones[0].share = share(400_000);
    terms.milestones.push(second);
    terms.arbitration.as_mut().expect("there is one").fee = cents(60);
    Play::under(&terms, 1_000, 1_000)
}

fn go_on(play: &mut Play) {
    let second = NonZeroU8::new(2).expect("two");
    play.contract = play.contract.rfq.contract(second);
}

#[test]
fn the_second_begins_when_the_first_is_paid() {
    let mut play = two();
    let first = play.contract;
    go_on(&mut play);
    assert!(play.stage.market.contract(&play.contract).is_none());
    play.contract = first;
    play.paid();
    go_on(&mut play);
    play.paid();
    play.silence();
    play.contract = first;
    play.silence();
    play.ends(StateName::Final, -1_025 - 4, 1_000, 0, 25);
}

#[test]
fn the_second_fails_after_the_first_was_paid() {
    let mut play = two();
    let first = play.contract;
    play.paid();
    go_on(&mut play);
    for text in ["bad work", "bad work again"] {
        play.submit(text);
        play.judged(Says::Fail, &["alpha"]);
    }
    play.silence();
    assert_eq!(play.state(), StateName::Rejected);
    play.contract = first;
    play.silence();
    // The first: 4.00 and a fee of 0.10. The second: a tenth of its bond of 6.00, half and half. Three runs.
    play.ends(StateName::Final, -410 + 30 - 6, 400 - 60, 30, 10);
}

#[test]
fn the_first_fails_and_the_second_never_begins() {
    let mut play = two();
    play.silence();
    // Half of the first bond of 4.00 is lost; the second bond and the rest of the money come back at once.
    play.ends(StateName::Defaulted, 100, -200, 100, 0);
    let rfq = play.contract.rfq;
    assert_eq!(play.stage.left(Account::Reserved(rfq, usd())), 0);
    let bond = Account::BidBond(rfq, play.supplier.id(), usd());
    assert_eq!(play.stage.left(bond), 0);
    go_on(&mut play);
    assert!(play.stage.market.contract(&play.contract).is_none());
    let rfq = play.stage.market.rfq(&rfq).expect("published");
    let RfqState::Awarded(engagement) = &rfq.state else {
        panic!("it was awarded")
    };
    assert!(!engagement.goes_on);
}

#[test]
fn each_is_judged_under_its_own_name() {
    let mut play = two();
    let named = |play: &Play| {
        let contract = play.stage.market.contract(&play.contract);
        let run = contract.and_then(|it| it.run()).expect("it waits");
        run.binding().deliverable.to_string()
    };
    play.submit("good work");
    assert_eq!(named(&play), "ticket");
    play.judged(Says::Pass, &["alpha"]);
    play.act("buyer", ContractAction::Accept);
    go_on(&mut play);
    play.submit("good work");
    assert_eq!(named(&play), "follow-up");
}
