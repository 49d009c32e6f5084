//! What the auditor says, who shares no code with the market.

use std::collections::{BTreeMap, BTreeSet};

use proofmark_dsse::Envelope;
use proofmark_market::Market;
use serde_json::json;

use crate::auditor::{Expected, Line, audit};
use crate::books::{books, states};
use crate::stage::{Stage, rules};

/// Where market and auditor differ: nothing, if all is well.
#[must_use]
pub fn differences(stage: &Stage) -> Vec<String> {
    let lines = stage.log.iter().map(|entry| Line {
        envelope: &entry.envelope,
        attachment: entry.attachment.as_deref(),
        at_micros: entry.at.micros(),
    });
    let market = &stage.market;
    let awards = |name: &str| {
        let rfq = market.rfq(&name.parse().ok()?)?;
        rfq.award.as_ref().map(|award| json!(award))
    };
    match audit(&json!(rules()), lines, &awards) {
        Ok(expected) => compare(market, &expected),
        Err(why) => vec![format!("the auditor: {why}{}", shown(stage, &why))],
    }
}

/// The command that the auditor means by `line <number>: …`.
fn shown(stage: &Stage, why: &str) -> String {
    let number = why
        .strip_prefix("line ")
        .and_then(|rest| rest.split(':').next());
    let number: Option<usize> = number.and_then(|number| number.parse().ok());
    let entry = number.and_then(|number| stage.log.get(number));
    let envelope = entry.and_then(|entry| Envelope::parse(&entry.envelope).ok());
    envelope.map_or_else(String::new, |envelope| {
        format!(" in {}", String::from_utf8_lossy(envelope.payload()))
    })
}

fn compare(market: &Market, expected: &Expected) -> Vec<String> {
    let (rfqs, contracts) = states(market);
    let mut found = differ("balance", &books(market), &expected.balances);
    found.extend(differ("state", &rfqs, &expected.rfqs));
    found.extend(differ("state", &contracts, &expected.contracts));
    let struck: BTreeSet<_> = market.struck().iter().map(ToString::to_string).collect();
    if struck != expected.struck {
        found.push(format!(
            "struck off are {struck:?}, not {:?}",
            expected.struck
        ));
    }
    found
}

fn differ<V: PartialEq + std::fmt::Debug>(
    what: &str,
    market: &BTreeMap<String, V>,
    auditor: &BTreeMap<String, V>,
) -> Vec<String> {
    let names: BTreeSet<_> = market.keys().chain(auditor.keys()).collect();
    let differing = names
        .into_iter()
        .filter(|name| market.get(*name) != auditor.get(*name));
    differing
        .map(|name| {
            let (is, should) = (market.get(name), auditor.get(name));
            format!("{what} of {name} is {is:?}, the auditor says {should:?}")
        })
        .collect()
}
