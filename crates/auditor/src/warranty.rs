//! Facts that may undo an outcome after it was paid.

use serde_json::Value;

use super::contract::Contract;
use super::money::share_down;
use super::table::State;
use super::verdict::Kind;
use super::wire::text;
use super::{Auditor, SECOND, holds};

impl Auditor {
    /// T is ⌊P·s⌋; engines judge the facts by the warranty's criteria.
    pub(super) fn state_evidence(&mut self, c: &mut Contract, order: &Value) -> Result<(), String> {
        let terms = std::rc::Rc::clone(&c.terms);
        let warranty = terms.warranty.as_ref().ok_or("there is no warranty")?;
        let passed = self.now - c.paid - c.stood;
        let in_time = passed <= warranty.evidence_seconds * SECOND;
        holds(in_time, "the evidence is late")?;
        c.target = share_down(c.price, warranty.share_at(passed / SECOND));
        let evidence = text(order, "evidence")?;
        self.start_run(c, Kind::Evidence, evidence, warranty.criteria.clone());
        c.stands_since = Some(self.now);
        c.evidence += 1;
        c.raised.retain(|ground| ground != "evidence_false");
        holds(
            c.evidence <= warranty.evidence_max,
            "there was evidence enough",
        )?;
        self.enter(c, State::Rechecking);
        // The second time, the market's own engine judges at once.
        c.extended = c.evidence > 1;
        Ok(())
    }
}
