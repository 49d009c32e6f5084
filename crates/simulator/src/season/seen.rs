//! What must happen sometimes: a simulation that never reaches a branch says nothing about it.

use std::collections::BTreeMap;

use proofmark_market::Code;
use proofmark_market::contract::table::{StateName, TABLE, Verb};
use proofmark_market::event::Event;

use super::forbidden::DEFEATED;

/// How often each thing happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen(BTreeMap<String, u64>);

/// Rejections that cannot be provoked here, and why.
const UNPROVOKED: &[Code] = &[
    // The stage publishes a policy before anybody registers.
    Code::PolicyMissing,
    // More money than there is.
    Code::AccountFull,
    // The stage opens and obeys each command in one go.
    Code::OpenedOtherwise,
    // Whenever it is seen, something broke.
    Code::LedgerRefused,
];

/// Things that these parties try or live through, beside rows, events and rejections.
pub(super) const SCENES: &[&str] = &[
    "a command came twice",
    "a command came late",
    "a command was lost",
    "a corrupted command was refused",
    "an old command came again",
    "a command for another market came",
    "the market crashed and was replayed",
    "a commitment was copied",
    "somebody bought from itself",
    "a ring of identities bid",
    "a supplier emptied its account",
    "a supplier with a record had something at risk",
    "a clawback left a debt",
    "later income paid a debt",
    "an engine was struck off",
    "a withdrawal was returned",
    "a milestone followed another",
    "a sealed bid was not revealed",
    "a rounding left-over was divided",
];

/// What may become of an RFQ.
const MOVES: &[(&str, &str)] = &[
    ("Open", "Revealing"),
    ("Open", "Awarded"),
    ("Open", "Failed"),
    ("Open", "Cancelled"),
    ("Revealing", "Awarded"),
    ("Revealing", "Failed"),
    ("Revealing", "Cancelled"),
];

/// Ends of rows that cannot be reached, and why.
const UNREACHABLE: &[(StateName, Verb, StateName)] = &[];

impl Seen {
    /// It happened once more.
    pub fn mark(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    pub(super) fn step(&mut self, from: StateName, verb: Verb, to: StateName) {
        self.mark(row(from, verb, to));
    }

    pub(super) fn rfq(&mut self, from: &str, to: &str) {
        self.mark(format!("RFQ {from}: {to}"));
    }

    pub(super) fn event(&mut self, event: &Event) {
        self.mark(format!("event {}", kind(event)));
    }

    pub(super) fn rejection(&mut self, code: Code) {
        self.mark(format!("rejection {code}"));
    }

    /// Adds what another run saw.
    pub fn merge(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            *self.0.entry(what.clone()).or_default() += times;
        }
    }

    /// What was never seen, of all that should be.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let wanted = wanted().into_iter();
        wanted.filter(|what| !self.0.contains_key(what)).collect()
    }

    /// How often each thing was seen.
    pub fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(what, times)| (what.as_str(), *times))
    }
}

/// Everything that must be seen over a run.
#[must_use]
pub fn wanted() -> Vec<String> {
    let rows = TABLE.iter().flat_map(|it| {
        let ends = it.to.iter();
        ends.map(|to| (it.state, it.verb, *to))
    });
    let rows = rows.filter(|it| !UNREACHABLE.contains(it));
    let rows = rows.map(|(from, verb, to)| row(from, verb, to));
    let rejections = Code::ALL.iter().filter(|code| !UNPROVOKED.contains(code));
    let rejections = rejections.map(|code| format!("rejection {code}"));
    let defeated = DEFEATED.iter().map(|what| format!("defeated: {what}"));
    let moves = MOVES.iter().map(|(from, to)| format!("RFQ {from}: {to}"));
    let events = EVENTS.iter().map(|kind| format!("event {kind}"));
    let scenes = SCENES.iter().map(|scene| (*scene).to_owned());
    let seen = rows.chain(rejections).chain(events).chain(scenes);
    seen.chain(defeated).chain(moves).collect()
}

fn row(from: StateName, verb: Verb, to: StateName) -> String {
    let (from, to) = (from.as_str(), to.as_str());
    format!("{from}, {}: {to}", verb.as_str())
}

/// Every kind of event but those of the stage itself.
const EVENTS: &[&str] = &[
    "Deposited",
    "WithdrawalRequested",
    "WithdrawalConfirmed",
    "WithdrawalReturned",
    "FeesCollected",
    "EngineStruck",
    "RfqPublished",
    "BidPlaced",
    "BidCommitted",
    "BidRevealed",
    "BidWithdrawn",
    "BiddingClosed",
    "BidDisplaced",
    "BidForfeited",
    "RfqAwarded",
    "RfqFailed",
    "RfqCancelled",
    "ContractStarted",
    "Submitted",
    "VerdictPresented",
    "HouseEngineCalled",
    "Judged",
    "NotJudged",
    "Accepted",
    "Reviewed",
    "AcceptedBySilence",
    "Paid",
    "Challenged",
    "ConflictFound",
    "VerdictUpheld",
    "VerdictOverturned",
    "Responded",
    "Offered",
    "Agreed",
    "Ruled",
    "Unanswered",
    "NotRuled",
    "EvidenceStated",
    "EvidenceDismissed",
    "CureOpened",
    "Cured",
    "ClawedBack",
    "Slashed",
    "CancellationPaid",
    "Ended",
];

/// The name of an event's kind.
fn kind(event: &Event) -> String {
    let shown = format!("{event:?}");
    let end = shown.find([' ', '{', '(']).unwrap_or(shown.len());
    shown[..end].to_owned()
}
