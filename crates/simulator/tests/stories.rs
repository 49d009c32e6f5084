//! Stories.
use proofmark_market::explain::explain;
use proofmark_market::{Action, ContractAction};
use proofmark_simulator::stage::{Actor, Says, Stage, terms};
use std::num::NonZeroU8;

#[test]
fn happy() {
    let buyer = Actor::new("buyer");
    let supplier = Actor::new("supplier");
    let mut stage = Stage::open(
        &[buyer.clone(), supplier.clone(), Actor::passer_by()],
        100_000,
    );
    let rfq = stage.publish(&buyer, &terms()).expect("published");
    let mut bid = stage.offer(4000, 4000);
    bid.bond = bid.price;
    stage.must(&supplier, Action::PlaceBid { rfq, bid }, None);
    stage.pass_rfq(rfq);
    let contract = rfq.contract(NonZeroU8::MIN);
    println!("{:?}", stage.market.rfq(&rfq).unwrap().state);
    let submission = stage.work("answer");
    stage.act(&supplier, contract, ContractAction::Submit { submission });
    println!("{}", explain(&stage.market, &contract).unwrap());
    stage
        .judge(&supplier, contract, Says::Pass, &[&Actor::new("alpha")])
        .expect("judged");
    println!("{}", explain(&stage.market, &contract).unwrap());
    stage.act(&buyer, contract, ContractAction::Accept);
    println!("{}", explain(&stage.market, &contract).unwrap());
    stage.pass_contract(contract);
    println!("{}", explain(&stage.market, &contract).unwrap());
    println!("{} {}", stage.has(&buyer), stage.has(&supplier));
    stage.market.ledger().audit().unwrap();
}
