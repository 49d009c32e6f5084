//! The worked example of the documentation, from a run.

use std::fmt::Write as _;

use proofmark_core::{Digest, Ppm};
use proofmark_market::award::AwardRule;
use proofmark_market::explain::{explain, money};
use proofmark_market::terms::BidMode;
use proofmark_market::{Account, ContractAction};
use proofmark_simulator::stage::{Actor, Says, Stage, terms, usd};

use crate::cast::{everybody, share};
use crate::product::generated;

const PARTIES: &[(&str, &str)] = &[
    ("buyer", "buyer"),
    ("supplier", "supplier"),
    ("rival", "rival"),
    ("alpha", "engine alpha"),
];

fn line(text: &mut String, what: &str, stage: &Stage) {
    write!(text, "| {what} ").expect("text takes text");
    for (name, _) in PARTIES {
        let has = stage.left(Account::Available(Actor::new(name).id(), usd()));
        write!(text, "| {} ", amount(has)).expect("text takes text");
    }
    writeln!(text, "|").expect("text takes text");
}

fn amount(minor: i64) -> String {
    money(proofmark_simulator::stage::cents(minor), usd()).replace(" USD", "")
}

#[test]
fn the_documentation_tells_a_contract_from_a_run() {
    let mut stage = Stage::open(&everybody(), 10_000);
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let mut terms = terms();
    terms.holdback = share(200_000);
    terms.award.rule = AwardRule::SecondScore;
    terms.award.bids = BidMode::Sealed;
    terms.windows.reveal_seconds = Some(1_800);
    let mut text = String::from(
        "A ticket for at most 50.00 under `second_score` with sealed bids: fee 2.5 %, 0.02 for every verdict, a fifth held back for\n\
         72 hours. Two suppliers without a record bid, with bonds, because whoever has no record pays for trust. What\n\
         each party has free to use after each step, in USD:\n\n| |",
    );
    for (_, shown) in PARTIES {
        write!(text, " {shown} |").expect("text takes text");
    }
    text.push_str("\n|---|---|---|---|---|\n");
    line(&mut text, "everybody begins", &stage);
    let rfq = stage.publish(&buyer, &terms).expect("in order");
    line(
        &mut text,
        "the buyer publishes: 50.00, fee 1.25, rounding 0.01, verification 0.24, fees of the arbiter 2.00",
        &stage,
    );
    let bids = [("supplier", 4_000), ("rival", 4_500)].map(|(who, price)| {
        let who = Actor::new(who);
        let salt = Digest::of(who.name().as_bytes()).hex();
        let (commit, reveal) = Stage::seal(&who, rfq, stage.offer(price, 4_000), &salt);
        stage.must(&who, commit, None);
        (who, reveal)
    });
    line(
        &mut text,
        "sealed bids of 40.00 and 45.00, each with a bond of 40.00 of which 0.50 is paid now",
        &stage,
    );
    stage.pass_rfq(rfq);
    for (who, reveal) in bids {
        stage.must(&who, reveal, None);
    }
    stage.pass_rfq(rfq);
    line(
        &mut text,
        "both are revealed, and the award: the lower bid wins and is paid what the other asked",
        &stage,
    );
    let contract = rfq.contract(std::num::NonZeroU8::MIN);
    let submission = stage.work("the answer");
    stage.act(&supplier, contract, ContractAction::Submit { submission });
    stage
        .judge(
            &Actor::passer_by(),
            contract,
            Says::Pass,
            &[&Actor::new("alpha")],
        )
        .expect("it waits");
    line(
        &mut text,
        "delivered, and an engine verified a pass",
        &stage,
    );
    stage.act(&buyer, contract, ContractAction::Accept);
    line(&mut text, "accepted: four fifths are paid", &stage);
    let told = explain(&stage.market, &contract)
        .expect("it is there")
        .to_string();
    stage.pass_contract(contract);
    line(
        &mut text,
        "72 hours later: holdback and bond come back, the fee is earned",
        &stage,
    );
    let fees = stage.left(Account::Fees(usd()));
    writeln!(
        text,
        "\nThe operator earned {}. Just before the end, `explain` says:\n\n```\n{told}```",
        amount(fees)
    )
    .expect("text takes text");
    assert_eq!(terms.holdback, Ppm::new(200_000).expect("a share"));
    assert_ne!(stage.market.head(), Digest::of(b""));
    generated("example", &text);
}
