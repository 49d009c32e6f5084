//! Bids, and people who play with them.

use std::num::NonZeroU8;

use proofmark_core::Ppm;
use proofmark_market::award::{AwardRule, recompute};
use proofmark_market::rfq::RfqState;
use proofmark_market::terms::BidMode;
use proofmark_market::{Account, Action, Code, ContractAction, PartyId, RfqId, Terms};
use proofmark_simulator::stage::{Actor, Stage, cents, usd};

use crate::cast::{PURSE, Play, actors, everybody, plain};

pub(crate) fn sealed() -> Terms {
    let mut terms = plain();
    terms.award.bids = BidMode::Sealed;
    terms.windows.reveal_seconds = Some(900);
    terms
}

pub(crate) fn open(terms: &Terms) -> (Stage, RfqId) {
    let mut stage = Stage::open(&everybody(), PURSE);
    let buyer = Actor::new("buyer");
    let rfq = stage
        .publish(&buyer, terms)
        .expect("the terms are in order");
    (stage, rfq)
}

/// Everybody commits to a bid with this price and bond, reveals it, and the award is made.
fn reveal_all(stage: &mut Stage, rfq: RfqId, bids: impl IntoIterator<Item = (Actor, i64, i64)>) {
    let mut reveals = Vec::new();
    for (who, price, bond) in bids {
        let (commit, reveal) = Stage::seal(&who, rfq, stage.offer(price, bond), SALT);
        stage.must(&who, commit, None);
        reveals.push((who, reveal));
    }
    stage.pass_rfq(rfq);
    for (who, reveal) in reveals {
        stage.must(&who, reveal, None);
    }
    stage.pass_rfq(rfq);
}

pub(crate) const SALT: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

#[test]
fn a_sealed_bid_that_was_copied_is_worth_nothing() {
    let (mut stage, rfq) = open(&sealed());
    let (supplier, rival) = (Actor::new("supplier"), Actor::new("rival"));
    let bid = stage.offer(1_000, 1_000);
    let (commit, reveal) = Stage::seal(&supplier, rfq, bid, SALT);
    stage.must(&supplier, commit.clone(), None);
    // The rival copies the commitment, and then the reveal.
    stage.must(&rival, commit, None);
    stage.pass_rfq(rfq);
    stage.must(&supplier, reveal.clone(), None);
    let copied = stage.send(&rival, reveal, None);
    assert_eq!(
        copied.expect_err("it is another's").code,
        Code::CommitmentMismatch
    );
    stage.pass_rfq(rfq);
    let RfqState::Awarded(engagement) = &stage.market.rfq(&rfq).expect("published").state else {
        panic!("the honest bid wins")
    };
    assert_eq!(engagement.supplier, supplier.id());
    // The copy cost the rival its bid bond.
    assert_eq!(stage.has(&rival), PURSE - 50);
    assert_eq!(stage.left(Account::Pool(usd())), 50);
}

#[test]
fn a_late_reveal_is_refused_and_loses_the_bond() {
    let (mut stage, rfq) = open(&sealed());
    let supplier = Actor::new("supplier");
    let bid = stage.offer(1_000, 1_000);
    let (commit, reveal) = Stage::seal(&supplier, rfq, bid, SALT);
    stage.must(&supplier, commit, None);
    stage.pass_rfq(rfq);
    stage.wait(901);
    let late = stage.send(&supplier, reveal, None);
    assert_eq!(late.expect_err("too late").code, Code::DeadlinePassed);
    stage.pass_rfq(rfq);
    assert!(matches!(
        stage.market.rfq(&rfq).expect("published").state,
        RfqState::Failed { .. }
    ));
    assert_eq!(stage.has(&supplier), PURSE - 50);
    assert_eq!(stage.has(&Actor::new("buyer")), PURSE);
}

#[test]
fn a_bid_that_is_not_revealed_loses_its_bond() {
    let (mut stage, rfq) = open(&sealed());
    let (supplier, rival) = (Actor::new("supplier"), Actor::new("rival"));
    for (who, price) in [(&supplier, 1_000), (&rival, 900)] {
        let bid = stage.offer(price, 1_000);
        let (commit, _) = Stage::seal(who, rfq, bid, SALT);
        stage.must(who, commit, None);
    }
    stage.pass_rfq(rfq);
    let bid = stage.offer(1_000, 1_000);
    let reveal = Action::RevealBid {
        rfq,
        bid,
        salt: SALT.to_owned(),
    };
    // What is revealed later must be what was committed to, to the microsecond.
    let other = stage.send(&supplier, reveal, None);
    assert_eq!(
        other.expect_err("it is another bid").code,
        Code::CommitmentMismatch
    );
    stage.pass_rfq(rfq);
    let left = [&supplier, &rival].map(|who| stage.has(who) - PURSE);
    assert_eq!(left, [-50, -50]);
    assert_eq!(stage.left(Account::Pool(usd())), 100);
}

#[test]
fn windows_that_contradict_each_other_are_refused() {
    let mut stage = Stage::open(&everybody(), PURSE);
    let mut terms = plain();
    let warranty = terms.warranty.as_mut().expect("there is one");
    warranty.evidence_seconds = warranty.warranty_seconds + 1;
    let refused = stage
        .publish(&Actor::new("buyer"), &terms)
        .expect_err("it cannot hold");
    assert_eq!(refused.code, Code::TermsContradict);
    let pair = "/warranty/evidence_seconds and /warranty/warranty_seconds contradict each other";
    assert!(refused.detail.contains(pair), "{}", refused.detail);
}

#[test]
fn the_second_score_is_paid_and_anybody_can_recompute_it() {
    let mut terms = sealed();
    terms.award.rule = AwardRule::SecondScore;
    let (mut stage, rfq) = open(&terms);
    let bids = [("supplier", 1_000), ("rival", 1_200)];
    reveal_all(
        &mut stage,
        rfq,
        bids.map(|(who, price)| (Actor::new(who), price, 2_000)),
    );
    let award = stage.market.rfq(&rfq).and_then(|rfq| rfq.award.clone());
    let award = award.expect("bidding is over");
    recompute(&award).expect("the award is right");
    let win = award.winner.expect("somebody wins");
    // Equal records and bonds: the winner is paid what the other asked.
    assert_eq!(
        (win.supplier, win.price),
        (Actor::new("supplier").id(), cents(1_200))
    );
    // The losers' bonds are back, and of the buyer's money only what the contract needs is bound.
    assert_eq!(stage.has(&Actor::new("rival")), PURSE);
    assert_eq!(
        stage.has(&Actor::new("buyer")),
        PURSE - 1_200 - 30 - 24 - 300
    );
}

#[test]
fn a_ring_of_fifty_identities_gains_no_award() {
    let mut terms = sealed();
    terms.award.rule = AwardRule::SecondScore;
    let names: Vec<_> = (0..50).map(|number| format!("ring-{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let award = |ring: &[Actor]| {
        let (mut stage, rfq) = open(&terms);
        let honest = [("supplier", 1_000), ("rival", 1_100)];
        let honest = honest.map(|(who, price)| (Actor::new(who), price, 2_000));
        // Cheaper than everybody, with the least bond that the terms allow: nobody has paid a fee for them.
        let ring = ring.iter().map(|identity| (identity.clone(), 700, 500));
        let mut reveals = Vec::new();
        for (who, price, bond) in honest.into_iter().chain(ring) {
            if stage.market.key(&who.id()).is_none() {
                stage.enter(&who, 2_000);
            }
            let (commit, reveal) = Stage::seal(&who, rfq, stage.offer(price, bond), SALT);
            stage.must(&who, commit, None);
            reveals.push((who, reveal));
        }
        stage.pass_rfq(rfq);
        for (who, reveal) in reveals {
            let answer = stage.send(&who, reveal, None);
            let refused = answer.err().map(|it| it.code);
            let in_the_ring = who.name().starts_with("ring-");
            assert_eq!(refused, in_the_ring.then_some(Code::BidIneligible));
        }
        stage.pass_rfq(rfq);
        let award = stage.market.rfq(&rfq).and_then(|rfq| rfq.award.clone());
        award
            .and_then(|award| award.winner)
            .map(|win| (win.supplier, win.price))
    };
    let without = award(&[]);
    assert_eq!(without, Some((Actor::new("supplier").id(), cents(1_100))));
    assert_eq!(award(&actors(&names)), without);
}

#[test]
fn who_judges_or_buys_cannot_bid() {
    let (mut stage, rfq) = open(&plain());
    for office in ["alpha", "house", "reviewer", "oracle", "arbiter", "buyer"] {
        let bid = stage.offer(1_000, 1_000);
        let refused = stage.send(
            &Actor::new(office),
            Action::PlaceBid {
                rfq,
                bid,
                bonded: false,
            },
            None,
        );
        assert_eq!(refused.expect_err(office).code, Code::BidderHasOffice);
    }
}

#[test]
fn a_cancelled_rfq_pays_those_who_bid() {
    let (mut stage, rfq) = open(&plain());
    for who in ["supplier", "rival", "passer-by"] {
        let bid = stage.offer(1_000, 1_000);
        stage.must(
            &Actor::new(who),
            Action::PlaceBid {
                rfq,
                bid,
                bonded: false,
            },
            None,
        );
    }
    stage.must(&Actor::new("buyer"), Action::CancelRfq { rfq }, None);
    let gains =
        ["buyer", "supplier", "rival", "passer-by"].map(|who| stage.has(&Actor::new(who)) - PURSE);
    assert_eq!(gains, [-30, 10, 10, 10]);
}

#[test]
fn a_winner_who_cannot_pay_its_bond_is_passed_over() {
    let (mut stage, rfq) = open(&plain());
    let poor = Actor::new("poor");
    stage.enter(&poor, 60);
    for (who, price) in [(&poor, 500), (&Actor::new("supplier"), 1_000)] {
        let bid = stage.offer(price, 1_000);
        stage.must(
            who,
            Action::PlaceBid {
                rfq,
                bid,
                bonded: false,
            },
            None,
        );
    }
    stage.pass_rfq(rfq);
    let RfqState::Awarded(engagement) = &stage.market.rfq(&rfq).expect("published").state else {
        panic!("the next one wins")
    };
    assert_eq!(engagement.supplier, Actor::new("supplier").id());
    assert_eq!(
        (stage.has(&poor), stage.left(Account::Pool(usd()))),
        (10, 50)
    );
}

/// Only who would have won owes its bond: a loser that cannot pay has harmed nobody.
#[test]
fn a_loser_who_could_not_have_paid_its_bond_keeps_its_bid_bond() {
    let (mut stage, rfq) = open(&plain());
    let poor = Actor::new("poor");
    stage.enter(&poor, 60);
    for (who, price) in [(&poor, 1_500), (&Actor::new("supplier"), 1_000)] {
        let bid = stage.offer(price, 1_500);
        stage.must(
            who,
            Action::PlaceBid {
                rfq,
                bid,
                bonded: false,
            },
            None,
        );
    }
    stage.pass_rfq(rfq);
    assert_eq!(
        (stage.has(&poor), stage.left(Account::Pool(usd()))),
        (60, 0)
    );
}

#[test]
fn shares_that_exceed_the_whole_and_thresholds_above_n_are_refused() {
    let mut stage = Stage::open(&everybody(), PURSE);
    let mut refused = |change: &dyn Fn(&mut Terms)| {
        let mut terms = plain();
        change(&mut terms);
        let refused = stage
            .publish(&Actor::new("buyer"), &terms)
            .expect_err("it cannot hold");
        (refused.code, refused.detail)
    };
    let half = Ppm::new(500_001).expect("a share");
    for (change, first, second) in [
        (
            (&|terms: &mut Terms| terms.engines.threshold = 4) as &dyn Fn(&mut Terms),
            "/engines/threshold",
            "/engines/keys",
        ),
        (
            &|terms| terms.milestones[0].share = half,
            "/milestones",
            "/award/price_ceiling",
        ),
        (
            &|terms| terms.penalties.to_buyer = half,
            "/penalties/to_buyer",
            "/bonds/performance",
        ),
        (
            &|terms| terms.windows.reveal_seconds = Some(60),
            "/award/bids",
            "/windows/reveal_seconds",
        ),
        (
            &|terms| terms.holdback = Ppm::ZERO,
            "/human_review/cap",
            "/holdback",
        ),
        (
            &|terms| terms.award.rule = AwardRule::SecondScore,
            "/award/rule",
            "/award/bids",
        ),
        (
            &|terms| {
                terms.award.bids = BidMode::Sealed;
                terms.windows.reveal_seconds = Some(60);
                terms.bonds.bid = cents(0);
            },
            "/award/bids",
            "/bonds/bid",
        ),
        (
            &|terms| {
                let arbitration = terms.arbitration.as_mut();
                arbitration.expect("there is one").fee = cents(501);
            },
            "/arbitration/fee",
            "/bonds/performance",
        ),
        (
            &|terms| terms.penalties.resigned = Ppm::new(100_001).expect("a share"),
            "/penalties/resigned",
            "/penalties/rejected",
        ),
        (&|terms| terms.warranty = None, "/holdback", "/warranty"),
        (
            &|terms| terms.bonds.bid = cents(501),
            "/bonds/bid",
            "/bonds/performance",
        ),
        (
            &|terms| terms.bonds.challenge = cents(1),
            "/bonds/challenge",
            "/fees/verification",
        ),
    ] {
        let (code, detail) = refused(change);
        assert_eq!(code, Code::TermsContradict, "{detail}");
        assert!(
            detail.starts_with(&format!("{first} and {second} contradict")),
            "{detail}"
        );
    }
}

/// A supplier with room for one contract bids twice, sees that it would win here, and wins a friend's RFQ first, who
/// then cancels for nothing. Says who won here, and what it cost the two.
fn dodge(terms: &Terms) -> (Option<PartyId>, i64) {
    // A record of 0.25 in fees allows 0.25 at risk: 10.25 without 2.05 of holdback and 7.95 of bond.
    let mut record = Play::begin();
    record.paid();
    record.silence();
    let mut stage = record.stage;
    let [supplier, rival, friend] = ["supplier", "rival", "passer-by"].map(Actor::new);
    let before = stage.has(&supplier);
    let rfq = stage.publish(&Actor::new("buyer"), terms);
    let rfq = rfq.expect("in order");
    let bids = [(&supplier, 1_025, 795), (&rival, 2_000, 2_000)];
    let mut reveals = Vec::new();
    for (who, price, bond) in bids {
        let bid = stage.offer(price, bond);
        match terms.award.bids {
            BidMode::Open => drop(stage.must(
                who,
                Action::PlaceBid {
                    rfq,
                    bid,
                    bonded: false,
                },
                None,
            )),
            BidMode::Sealed => {
                let (commit, reveal) = Stage::seal(who, rfq, bid, SALT);
                stage.must(who, commit, None);
                reveals.push((who.clone(), reveal));
            }
        }
    }
    if terms.award.bids == BidMode::Sealed {
        stage.pass_rfq(rfq);
    }
    for (who, reveal) in reveals {
        stage.must(&who, reveal, None);
    }
    let mut short = plain();
    short.windows.bidding_seconds = 1;
    short.penalties.cancelled = Ppm::ZERO;
    let elsewhere = stage.publish(&friend, &short).expect("in order");
    let bid = stage.offer(1_025, 795);
    let bid = Action::PlaceBid {
        rfq: elsewhere,
        bid,
        bonded: false,
    };
    stage.must(&supplier, bid, None);
    stage.pass_rfq(elsewhere);
    stage.pass_rfq(rfq);
    let award = stage.market.rfq(&rfq).and_then(|it| it.award.clone());
    let award = award.expect("bidding is over");
    recompute(&award).expect("the award is right");
    let contract = elsewhere.contract(NonZeroU8::MIN);
    stage.act(&friend, contract, ContractAction::Cancel);
    let cost = before - stage.has(&supplier) + PURSE - stage.has(&friend);
    (award.winner.map(|it| it.supplier), cost)
}

/// Taking elsewhere what one may expose is like taking the money elsewhere: it costs the bid bond.
#[test]
fn a_bid_that_would_win_is_not_dodged_for_nothing() {
    let rival = Some(Actor::new("rival").id());
    let mut second = sealed();
    second.award.rule = AwardRule::SecondScore;
    for terms in [plain(), sealed(), second] {
        assert_eq!(dodge(&terms), (rival, 50));
    }
}
