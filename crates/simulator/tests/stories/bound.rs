//! What a bid binds, and for how long.

use std::num::NonZeroU8;

use proofmark_core::Ppm;
use proofmark_market::contract::table::StateName;
use proofmark_market::{Account, Action, Code, ContractAction, RfqId, Rules, Terms};
use proofmark_simulator::stage::{Actor, Says, Stage, cents, rules, usd};

use crate::bidding::{SALT, sealed};
use crate::cast::{PURSE, Play, everybody, plain};
use crate::crowds::agrees;

fn uptime(stage: &Stage, who: &str) -> Ppm {
    let class = &plain().outcome_class;
    let id = Actor::new(who).id();
    stage.market.standing(id, class, stage.now).uptime
}

fn narrow() -> Rules {
    Rules {
        bids_max: 2,
        ..rules()
    }
}

fn place(stage: &mut Stage, rfq: RfqId, who: &str, price: i64, bond: i64, bonded: bool) {
    let bid = stage.offer(price, bond);
    stage.must(
        &Actor::new(who),
        Action::PlaceBid { rfq, bid, bonded },
        None,
    );
}

/// Terms with eight milestones of equal share.
fn in_eight() -> Terms {
    let mut terms = plain();
    let one = terms.milestones[0].clone();
    terms.milestones = (0..8)
        .map(|it| {
            let mut one = one.clone();
            one.deliverable = format!("part-{it}");
            one.share = Ppm::new(125_000).expect("a share");
            one
        })
        .collect();
    terms.arbitration.as_mut().expect("there is one").fee = cents(10);
    terms.windows.delivery_seconds = 30 * 86_400;
    terms
}

fn with_record(stage: Stage) -> Stage {
    let mut earlier = plain();
    earlier.award.price_ceiling = cents(30_000);
    let mut record = Play::between(stage, ["buyer", "supplier"], &earlier, 30_000, 24_000);
    record.paid();
    record.silence();
    record.stage
}

/// Who has committed to a sealed bid cannot leave for a cent when it has seen the others.
#[test]
fn a_sealed_bid_is_not_left_by_a_small_promise_that_is_broken() {
    let mut stage = Stage::open(&everybody(), PURSE);
    let mut terms = sealed();
    terms.award.qualification.uptime_min = Some(uptime(&stage, "rival"));
    let rfq = stage
        .publish(&Actor::new("buyer"), &terms)
        .expect("in order");
    let mut small = sealed();
    small.bonds.bid = cents(1);
    small.windows.reveal_seconds = Some(300);
    let other = stage
        .publish(&Actor::new("passer-by"), &small)
        .expect("in order");
    let rival = Actor::new("rival");
    let (commit, reveal) = Stage::seal(&rival, rfq, stage.offer(600, 600), SALT);
    stage.must(&rival, commit, None);
    let (commit, _) = Stage::seal(&rival, other, stage.offer(600, 600), SALT);
    stage.must(&rival, commit, None);
    stage.pass_rfq(rfq);
    stage.pass_rfq(other);
    stage.must(&rival, reveal, None);
    // It has seen what the others reveal, and would rather not win: it lets the small promise go.
    stage.pass_rfq(other);
    stage.pass_rfq(rfq);
    agrees(&stage);
    let state = stage.market.rfq(&rfq).expect("published").state.as_str();
    assert!(
        state == "Awarded" || stage.has(&rival) == PURSE - 50 - 1,
        "{state}, and the rival has lost {}",
        PURSE - stage.has(&rival)
    );
}

/// A bid that was within the limit when it was made, and whose supplier has taken nothing elsewhere since.
#[test]
fn a_record_that_fades_costs_no_bid_bond() {
    let mut stage = with_record(Stage::open(&everybody(), PURSE));
    let buyer = Actor::new("buyer");
    let mut slow = plain();
    slow.windows.delivery_seconds = 4 * 86_400;
    let mut long = plain();
    long.windows.bidding_seconds = 86_400;
    let first = stage.publish(&buyer, &slow).expect("in order");
    place(&mut stage, first, "supplier", 1_100, 505, false);
    stage.pass_rfq(first);
    let rfq = stage.publish(&buyer, &long).expect("in order");
    // Half of what it may expose is open, and it bids the other half.
    place(&mut stage, rfq, "supplier", 1_100, 505, false);
    stage.pass_rfq(rfq);
    agrees(&stage);
    assert_eq!(
        stage.left(Account::Pool(usd())),
        0,
        "it took nothing elsewhere"
    );
}

/// Whoever has bound itself stays, also when nobody ticks at once.
#[test]
fn a_bound_bid_does_not_run_out() {
    let mut stage = Stage::under(narrow(), &everybody(), PURSE);
    let mut terms = plain();
    terms.windows.award_seconds = 60;
    let rfq = stage
        .publish(&Actor::new("buyer"), &terms)
        .expect("in order");
    for ghost in ["ghost-1", "ghost-2"] {
        stage.enter(&Actor::new(ghost), 600);
        let mut bid = stage.offer(1, 600);
        bid.firm_until = stage.now.plus_seconds(3_660);
        let bonded = true;
        stage.must(
            &Actor::new(ghost),
            Action::PlaceBid { rfq, bid, bonded },
            None,
        );
    }
    let bid = stage.offer(1_000, 1_000);
    let bonded = true;
    let refused = stage.send(
        &Actor::new("supplier"),
        Action::PlaceBid { rfq, bid, bonded },
        None,
    );
    assert_eq!(refused.expect_err("kept out").code, Code::TooManyBids);
    stage.wait(3_661);
    stage.pass_rfq(rfq);
    agrees(&stage);
    let state = stage.market.rfq(&rfq).expect("published").state.as_str();
    assert_eq!(state, "Awarded", "who is bound stands by its bid");
}

#[test]
fn auditor_and_bonded_in_milestones() {
    let mut terms = plain();
    let mut second = terms.milestones[0].clone();
    second.deliverable = "second".to_owned();
    let mut third = second.clone();
    third.deliverable = "third".to_owned();
    terms.milestones[0].share = Ppm::new(333_333).expect("a share");
    second.share = Ppm::new(333_333).expect("a share");
    third.share = Ppm::new(333_334).expect("a share");
    terms.milestones.extend([second, third]);
    terms.arbitration.as_mut().expect("there is one").fee = cents(100);
    let mut stage = Stage::under(narrow(), &everybody(), PURSE);
    let rfq = stage
        .publish(&Actor::new("buyer"), &terms)
        .expect("in order");
    place(&mut stage, rfq, "supplier", 1_001, 801, true);
    place(&mut stage, rfq, "rival", 1_300, 1_300, false);
    place(&mut stage, rfq, "passer-by", 1_200, 1_200, true);
    stage.pass_rfq(rfq);
    agrees(&stage);
    let contract = rfq.contract(NonZeroU8::MIN);
    stage.act(&Actor::new("supplier"), contract, ContractAction::Resign);
    agrees(&stage);
    assert_eq!(stage.left(Account::Reserved(rfq, usd())), 0);
}

/// Milestones: a bound bid by its whole price, and what it exposes when it has won.
#[test]
fn exposed_is_nothing_when_all_has_ended() {
    let mut stage = with_record(Stage::under(narrow(), &everybody(), PURSE));
    let rfq = stage
        .publish(&Actor::new("buyer"), &plain())
        .expect("in order");
    place(&mut stage, rfq, "supplier", 1_000, 600, true);
    place(&mut stage, rfq, "rival", 1_100, 1_100, true);
    place(&mut stage, rfq, "passer-by", 900, 900, true);
    stage.pass_rfq(rfq);
    let contract = rfq.contract(NonZeroU8::MIN);
    stage.act(&Actor::new("passer-by"), contract, ContractAction::Resign);
    let next = stage
        .publish(&Actor::new("buyer"), &plain())
        .expect("in order");
    // 7.50 to the last cent.
    place(&mut stage, next, "supplier", 2_000, 850, true);
    stage.must(&Actor::new("buyer"), Action::CancelRfq { rfq: next }, None);
    let next = stage
        .publish(&Actor::new("buyer"), &plain())
        .expect("in order");
    place(&mut stage, next, "supplier", 2_000, 850, true);
    agrees(&stage);
}

/// A milestone of the price of nothing: eight milestones for seven cents.
#[test]
fn milestones_for_nothing() {
    let terms = in_eight();
    let mut stage = Stage::open(&everybody(), PURSE);
    let rfq = stage
        .publish(&Actor::new("buyer"), &terms)
        .expect("in order");
    place(&mut stage, rfq, "supplier", 3, 500, true);
    stage.pass_rfq(rfq);
    for number in 1..=8 {
        let contract = rfq.contract(NonZeroU8::new(number).expect("a number"));
        let submission = stage.work(&format!("work {number}"));
        stage.act(
            &Actor::new("supplier"),
            contract,
            ContractAction::Submit { submission },
        );
        let alpha = Actor::new("alpha");
        stage
            .judge(&Actor::passer_by(), contract, Says::Pass, &[&alpha])
            .expect("it judges");
        stage.act(&Actor::new("buyer"), contract, ContractAction::Accept);
        let evidence = stage.work("the ticket was reopened");
        stage.act(
            &Actor::new("oracle"),
            contract,
            ContractAction::StateEvidence { evidence },
        );
        stage
            .judge(&Actor::passer_by(), contract, Says::Fail, &[&alpha])
            .expect("it judges");
        stage.pass_contract(contract);
    }
    agrees(&stage);
    stage.market.ledger().audit().expect("balanced");
    assert_eq!(stage.left(Account::Reserved(rfq, usd())), 0);
}

/// Who judges cannot bid: an operator has more than one key.
#[test]
fn whose_operator_judges_does_not_bid() {
    let mut stage = Stage::open(&everybody(), PURSE);
    let rfq = stage
        .publish(&Actor::new("buyer"), &plain())
        .expect("in order");
    let bid = stage.offer(1_000, 1_000);
    let bonded = false;
    let place = Action::PlaceBid { rfq, bid, bonded };
    let answer = stage.send(&Actor::new("alpha-again"), place, None);
    assert_eq!(
        answer.map(drop).map_err(|it| it.code),
        Err(Code::BidderHasOffice)
    );
}

/// What a bound bid exposes is by the whole, what a contract does by the milestone.
#[test]
fn a_bid_that_adds_nothing_exposes_nothing() {
    let terms = in_eight();
    let mut stage = Stage::open(&everybody(), PURSE);
    let rfq = stage
        .publish(&Actor::new("buyer"), &terms)
        .expect("in order");
    place(&mut stage, rfq, "supplier", 1_004, 803, true);
    stage.pass_rfq(rfq);
    let next = stage
        .publish(&Actor::new("buyer"), &terms)
        .expect("in order");
    place(&mut stage, next, "supplier", 1_004, 803, true);
    stage.pass_rfq(next);
    agrees(&stage);
    let state = stage.market.rfq(&next).expect("published").state.as_str();
    assert_eq!(state, "Awarded");
}

/// A bound bid of one who owes: displaced, its bond pays the debt; and where it wins, it delivers.
#[test]
fn auditor_and_bound_bids_of_a_debtor() {
    for displaced in [true, false] {
        let stage = Stage::under(narrow(), &everybody(), PURSE);
        let mut play = Play::on(stage, &crate::cast::trusting(), 1_000, 800);
        play.paid();
        let rfq = play
            .stage
            .publish(&Actor::new("buyer"), &plain())
            .expect("in order");
        place(&mut play.stage, rfq, "supplier", 1_000, 1_000, true);
        place(&mut play.stage, rfq, "rival", 900, 900, true);
        let amount = cents(play.stage.has(&play.supplier));
        play.stage.must(
            &Actor::new("supplier"),
            Action::Withdraw {
                asset: usd(),
                amount,
            },
            None,
        );
        let evidence = crate::warranty::reopened(&mut play);
        // Before the RFQ ends.
        play.act("oracle", evidence);
        play.judged(Says::Fail, &["alpha"]);
        if displaced {
            place(&mut play.stage, rfq, "passer-by", 800, 800, true);
        }
        play.silence();
        agrees(&play.stage);
        play.stage.pass_rfq(rfq);
        agrees(&play.stage);
    }
}

/// A debtor's bond that is put up is displaced after the clawback.
#[test]
fn auditor_and_a_debtor_that_is_displaced() {
    let stage = Stage::under(narrow(), &everybody(), PURSE);
    let mut terms = crate::cast::trusting();
    terms.award.qualification = Default::default();
    let mut play = Play::on(stage, &terms, 1_000, 800);
    play.paid();
    let mut long = plain();
    long.windows.bidding_seconds = 10 * 86_400;
    let rfq = play
        .stage
        .publish(&Actor::new("buyer"), &long)
        .expect("in order");
    let bid = |stage: &mut Stage, who: &str, price: i64| {
        let mut bid = stage.offer(price, price);
        bid.firm_until = stage.now.plus_seconds(60 * 86_400);
        let bonded = true;
        stage.must(
            &Actor::new(who),
            Action::PlaceBid { rfq, bid, bonded },
            None,
        );
    };
    bid(&mut play.stage, "supplier", 1_000);
    bid(&mut play.stage, "rival", 900);
    let amount = cents(play.stage.has(&play.supplier));
    play.stage.must(
        &Actor::new("supplier"),
        Action::Withdraw {
            asset: usd(),
            amount,
        },
        None,
    );
    let evidence = crate::warranty::reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.silence();
    assert_eq!(play.state(), StateName::ClawedBack);
    agrees(&play.stage);
    bid(&mut play.stage, "passer-by", 800);
    agrees(&play.stage);
    play.stage.pass_rfq(rfq);
    agrees(&play.stage);
}

/// What exposes more than its supplier may is no bid that becomes one if it is liked: it is judged by the record it came with.
#[test]
fn a_sealed_bid_that_could_never_win_loses_its_bond() {
    let (mut stage, supplier) = (Stage::open(&everybody(), PURSE), Actor::new("supplier"));
    let rfq = stage
        .publish(&Actor::new("buyer"), &sealed())
        .expect("in order");
    // At risk: 10.00 without 2.00 of holdback and 7.80 of bond, and it may expose nothing yet.
    let (commit, reveal) = Stage::seal(&supplier, rfq, stage.offer(1_000, 780), SALT);
    stage.must(&supplier, commit, None);
    stage.pass_rfq(rfq);
    let refused = stage.send(&supplier, reveal, None);
    assert_eq!(
        refused.expect_err("it risks too much").code,
        Code::BidIneligible
    );
    stage.pass_rfq(rfq);
    agrees(&stage);
    assert_eq!(stage.has(&supplier), PURSE - 50);
}

/// Whoever must act at a moment that somebody else chose has as long as the rules of the market ask for.
#[test]
fn who_must_act_has_time() {
    let mut stage = Stage::open(&everybody(), PURSE);
    let buyer = Actor::new("buyer");
    let changes: [fn(&mut proofmark_market::Terms, u64); 6] = [
        |terms, seconds| terms.windows.reveal_seconds = Some(seconds),
        |terms, seconds| terms.windows.award_seconds = seconds,
        |terms, seconds| terms.windows.retry_seconds = seconds,
        |terms, seconds| terms.windows.verification_seconds = seconds,
        |terms, seconds| terms.windows.challenge_seconds = seconds,
        |terms, seconds| terms.windows.rerun_seconds = seconds,
    ];
    for change in changes {
        let mut terms = sealed();
        change(&mut terms, 59);
        let refused = stage.publish(&buyer, &terms);
        assert_eq!(refused.expect_err("too short").code, Code::TermsLimit);
        change(&mut terms, 60);
        stage.publish(&buyer, &terms).expect("long enough");
    }
}

/// A bond above the whole price and a run would take the challenge away.
#[test]
fn a_challenge_bond_is_within_reach() {
    let mut stage = Stage::open(&everybody(), PURSE);
    let mut terms = plain();
    let (price, run) = (terms.award.price_ceiling, terms.fees.verification);
    terms.bonds.challenge = cents(price.minor() + run.minor());
    stage
        .publish(&Actor::new("buyer"), &terms)
        .expect("in order");
    terms.bonds.challenge = cents(terms.bonds.challenge.minor() + 1);
    let refused = stage.publish(&Actor::new("buyer"), &terms);
    assert_eq!(
        refused.expect_err("out of reach").code,
        Code::TermsContradict
    );
}
