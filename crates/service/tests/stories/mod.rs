//! What happens on the markets of these tests.

use std::num::NonZeroU8;

use proofmark_market::{Action, ContractAction};
use proofmark_simulator::stage::{Actor, Says, Stage, terms};

/// A contract that passes, is paid and becomes final.
pub(crate) fn paid() -> Stage {
    let names = ["buyer", "supplier", "passer-by", "alpha"];
    let mut stage = Stage::open(&names.map(Actor::new), 100_000);
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let rfq = stage.publish(&buyer, &terms()).expect("in order");
    let bid = stage.offer(1_000, 1_000);
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
    let contract = rfq.contract(NonZeroU8::MIN);
    let submission = stage.work("the answer");
    stage.act(&supplier, contract, ContractAction::Submit { submission });
    let alpha = Actor::new("alpha");
    let judged = stage.judge(&Actor::passer_by(), contract, Says::Pass, &[&alpha]);
    judged.expect("it waits");
    stage.act(&buyer, contract, ContractAction::Accept);
    stage.pass_contract(contract);
    stage
}
