//! What must happen sometimes: a simulation that never reaches a branch says nothing about it.

use std::collections::BTreeMap;

use proofmark_market::Code;
use proofmark_market::contract::table::{StateName, TABLE, Verb};
use proofmark_market::event::Event;

/// How often each thing happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen(BTreeMap<String, u64>);

/// Rejections that these parties provoke.
const REJECTIONS: &[Code] = &[
    Code::CommandMalformed,
    Code::WrongMarket,
    Code::SignatureInvalid,
    Code::NothingToJudge,
    Code::OutcomeRefused,
    Code::StateForbids,
    Code::ActorForbids,
    Code::DeadlinePassed,
    Code::DeadlineAhead,
    Code::CommandExpired,
    Code::EngineStruck,
    Code::BidExists,
    Code::CommitmentMismatch,
    Code::BidRevealed,
    Code::VerdictConfirmed,
    Code::NoArbiter,
    Code::GroundNotHere,
    Code::NothingToRespond,
    Code::NoOffer,
    Code::NotResponded,
    Code::NoCountingSigner,
    Code::VerdictKnown,
    Code::NoConflict,
    Code::InsufficientFunds,
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
    let rejections = REJECTIONS.iter().map(|code| format!("rejection {code}"));
    let events = EVENTS.iter().map(|kind| format!("event {kind}"));
    let scenes = SCENES.iter().map(|scene| (*scene).to_owned());
    rows.chain(rejections).chain(events).chain(scenes).collect()
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
    "EngineStruck",
    "RfqPublished",
    "BidPlaced",
    "BidCommitted",
    "BidRevealed",
    "BidWithdrawn",
    "BiddingClosed",
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
