//! What the auditor says, who shares no code with the market.

use proofmark_auditor::{Auditor, Expected, Line, Room};
use proofmark_dsse::Envelope;
use proofmark_market::books::Books;
use serde_json::json;

use crate::stage::Stage;

/// Where market and auditor differ: nothing, if all is well.
#[must_use]
pub fn differences(stage: &Stage) -> Vec<String> {
    match expected(stage) {
        Ok(expected) => expected.differences(&found(stage)),
        Err(why) => vec![format!("the auditor: {why}{}", shown(stage, &why))],
    }
}

fn expected(stage: &Stage) -> Result<Expected, String> {
    let mut auditor = Auditor::new(&json!(stage.market.rules()))?;
    for rfq in stage.market.rfqs() {
        if let Some(award) = &rfq.award {
            auditor.published(rfq.id.to_string(), json!(award));
        }
    }
    for (entry, told) in stage.log.iter().zip(&stage.told) {
        let told: Vec<_> = told.iter().map(|noted| json!(noted)).collect();
        auditor.follow(Line {
            room: &Room::of(&told),
            envelope: &entry.envelope,
            attachment: entry.attachment.as_deref(),
            at_micros: entry.at.micros(),
        })?;
    }
    Ok(auditor.expected())
}

fn found(stage: &Stage) -> Expected {
    let Books {
        balances,
        rfqs,
        contracts,
        struck,
    } = Books::of(&stage.market);
    Expected {
        balances,
        rfqs,
        contracts,
        struck,
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
