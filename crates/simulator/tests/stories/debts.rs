//! Suppliers who have emptied their accounts before a clawback, and what becomes of what they owe.

use proofmark_core::Digest;
use proofmark_ledger::Amount;
use proofmark_market::contract::table::StateName;
use proofmark_market::{Account, Action};
use proofmark_simulator::season::differences;
use proofmark_simulator::stage::{Actor, Says, Stage, cents, payload_digest, usd};

use crate::cast::{PURSE, Play, everybody, plain, trusting};
use crate::warranty::reopened;

/// A supplier with a record may have some of the price at risk: here 7.50, earned by a job of 300.00. It then does one
/// of 10.00 with a bond of 0.50, withdraws all it has, and the work is found defective: 2.00 of the holdback and 0.50
/// of the bond come back, 7.50 are owed. Also the digest that names the withdrawal.
fn emptied(stage: Stage, sides: [&str; 2]) -> (Play, Digest) {
    let mut earlier = plain();
    earlier.award.price_ceiling = cents(30_000);
    let mut record = Play::between(stage, sides, &earlier, 30_000, 24_000);
    record.paid();
    record.silence();
    assert_eq!(record.state(), StateName::Final);
    let terms = trusting();
    let mut play = Play::between(record.stage, sides, &terms, 1_000, 50);
    play.paid();
    let withdraw = Action::Withdraw {
        asset: usd(),
        amount: cents(play.stage.has(&play.supplier)),
    };
    let withdraw = play.stage.write(&play.supplier, withdraw, None);
    play.stage.deliver(&withdraw).expect("it is its own");
    let evidence = reopened(&mut play);
    play.act("oracle", evidence);
    play.judged(Says::Fail, &["alpha"]);
    play.silence();
    assert_eq!(play.state(), StateName::ClawedBack);
    assert_eq!(owed(&play), 750);
    assert_eq!(play.stage.has(&play.supplier), 0);
    (play, payload_digest(&withdraw))
}

/// What the supplier still owes.
fn owed(play: &Play) -> i64 {
    play.stage.left(Account::Debt(play.contract, usd()))
}

fn deposit(stage: &mut Stage, party: &Actor, minor: i64) {
    let deposit = Action::Deposit {
        party: party.id(),
        asset: usd(),
        amount: cents(minor),
    };
    stage.must(&Actor::operator(), deposit, None);
}

fn agreed(stage: &Stage) {
    stage.market.ledger().audit().expect("the books balance");
    assert_eq!(
        differences(stage),
        Vec::<String>::new(),
        "the auditor agrees"
    );
}

/// A record is worth what it cost, once: who owes may expose nothing more, however small what it owes is.
#[test]
fn who_owes_may_expose_nothing_more() {
    let (play, _) = emptied(Stage::open(&everybody(), PURSE), ["buyer", "supplier"]);
    let (mut stage, supplier) = (play.stage, Actor::new("supplier"));
    let mut terms = trusting();
    terms.bonds.performance = cents(0);
    terms.bonds.bid = cents(0);
    terms.arbitration.as_mut().expect("there is one").fee = cents(0);
    let award = |stage: &mut Stage| {
        let rfq = stage.publish(&Actor::new("rival"), &terms);
        let rfq = rfq.expect("the terms are in order");
        let bid = stage.offer(300, 0);
        stage.must(
            &supplier,
            Action::PlaceBid {
                rfq,
                bid,
                bonded: false,
            },
            None,
        );
        stage.pass_rfq(rfq);
        stage.market.rfq(&rfq).expect("published").state.as_str()
    };
    deposit(&mut stage, &Actor::new("supplier"), 749);
    assert_eq!(award(&mut stage), "Failed", "it owes a cent");
    deposit(&mut stage, &Actor::new("supplier"), 1);
    assert_eq!(award(&mut stage), "Awarded");
}

#[test]
fn the_supplier_withdraws_everything_before_the_clawback() {
    let (mut play, _) = emptied(Stage::open(&everybody(), PURSE), ["buyer", "supplier"]);
    let (buyer, supplier) = (play.buyer.clone(), play.supplier.clone());
    let before = play.stage.has(&buyer);
    // Whatever the supplier is credited with next pays it.
    deposit(&mut play.stage, &supplier, 500);
    assert_eq!((play.stage.has(&supplier), owed(&play)), (0, 250));
    deposit(&mut play.stage, &supplier, 500);
    assert_eq!((play.stage.has(&supplier), owed(&play)), (250, 0));
    assert_eq!(play.stage.has(&buyer) - before, 750);
    // The job of 300.00 cost its price, its fee and one run; the one that was clawed back, two runs.
    assert_eq!(play.stage.has(&buyer), PURSE - 30_000 - 750 - 3 * 2);
    agreed(&play.stage);
}

#[test]
fn a_withdrawal_that_comes_back_pays_debts_first() {
    let (mut play, withdrawal) = emptied(Stage::open(&everybody(), PURSE), ["buyer", "supplier"]);
    let (buyer, supplier) = (play.buyer.clone(), play.supplier.clone());
    let before = play.stage.has(&buyer);
    let action = Action::ReturnWithdrawal { withdrawal };
    play.stage.must(&Actor::operator(), action, None);
    assert_eq!((play.stage.has(&buyer) - before, owed(&play)), (750, 0));
    // It earned 300.00 and 8.00, and lost 0.50 of bond and the debt: 2.00 of what it sold for 10.00 was never paid.
    assert_eq!(play.stage.has(&supplier), PURSE + 30_000 + 800 - 50 - 750);
    agreed(&play.stage);
}

#[test]
fn a_withdrawal_that_left_pays_nothing() {
    let (mut play, withdrawal) = emptied(Stage::open(&everybody(), PURSE), ["buyer", "supplier"]);
    let action = Action::ConfirmWithdrawal { withdrawal };
    play.stage.must(&Actor::operator(), action, None);
    assert_eq!((play.stage.has(&play.supplier), owed(&play)), (0, 750));
    agreed(&play.stage);
}

#[test]
fn a_creditor_who_owes_pays_on() {
    let (first, _) = emptied(Stage::open(&everybody(), PURSE), ["buyer", "supplier"]);
    let (first, stage) = (first.contract, first.stage);
    let (mut second, _) = emptied(stage, ["rival", "buyer"]);
    let [creditor, between, debtor] = ["rival", "buyer", "supplier"].map(Actor::new);
    let before = second.stage.has(&creditor);
    let debts = |play: &Play| [play.stage.left(Account::Debt(first, usd())), owed(play)];
    assert_eq!(debts(&second), [750, 750]);
    deposit(&mut second.stage, &debtor, 500);
    assert_eq!(debts(&second), [250, 250]);
    deposit(&mut second.stage, &debtor, 500);
    assert_eq!(debts(&second), [0, 0]);
    let have = [&creditor, &between, &debtor].map(|who| second.stage.has(who));
    assert_eq!(have, [before + 750, 0, 250]);
    agreed(&second.stage);
}

/// Whose account has moved as much as it may gets nothing more: the debt waits, and nobody else is held up by it.
#[test]
fn a_creditor_whose_account_is_full_waits() {
    let (play, _) = emptied(Stage::open(&everybody(), PURSE), ["buyer", "supplier"]);
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let owed_before = owed(&play);
    let contract = play.contract;
    let mut stage = play.stage;
    let account = Account::Available(buyer.id(), usd());
    let moved = |stage: &Stage| {
        let balance = stage.market.ledger().balance(&account);
        balance.credits_posted.max(balance.debits_posted).minor()
    };
    let half = Amount::MAX.minor() / 2;
    let rest = half - moved(&stage);
    deposit(&mut stage, &buyer, rest);
    let rfq = stage.publish(&buyer, &plain()).expect("it may begin still");
    stage.must(&buyer, Action::CancelRfq { rfq }, None);
    assert!(moved(&stage) > half);
    deposit(&mut stage, &supplier, 1_000);
    let left = stage.left(Account::Debt(contract, usd()));
    assert_eq!((left, stage.has(&supplier)), (owed_before, 1_000));
    agreed(&stage);
}
