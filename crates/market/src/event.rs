//! What happened.

use proofmark_core::{Digest, Timestamp};
use proofmark_criteria::Verdict;
use proofmark_keys::KeyId;
use proofmark_ledger::{Amount, Asset};
use serde::Serialize;

use crate::command::{Ground, Side};
use crate::contract::Ending;
use crate::ids::{ContractId, PartyId, RfqId};

/// Something that happened, to what, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Noted {
    /// When.
    pub at: Timestamp,
    /// To what.
    pub subject: Subject,
    /// What.
    pub event: Event,
}

/// To what something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The market as a whole.
    Market,
    /// An RFQ.
    Rfq(RfqId),
    /// A contract.
    Contract(ContractId),
}

/// What happened. Amounts are in minor units of the asset of the terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields say what they are")]
pub enum Event {
    /// A key became a party.
    PartyRegistered { party: PartyId },
    /// Money came in.
    Deposited {
        party: PartyId,
        asset: Asset,
        amount: Amount,
    },
    /// A party wants money out.
    WithdrawalRequested {
        withdrawal: Digest,
        party: PartyId,
        asset: Asset,
        amount: Amount,
    },
    /// It left.
    WithdrawalConfirmed { withdrawal: Digest },
    /// The rail refused it.
    WithdrawalReturned { withdrawal: Digest },
    /// The operator took fees that it had earned.
    FeesCollected { asset: Asset, amount: Amount },
    /// The market trusts by this policy from now on.
    PolicyPublished { version: u64, digest: Digest },
    /// An engine no longer counts.
    EngineStruck { engine: KeyId },
    /// A buyer wants to buy.
    RfqPublished {
        buyer: PartyId,
        terms: Digest,
        reserved: Amount,
    },
    /// A supplier made an open bid.
    BidPlaced {
        supplier: PartyId,
        price: Amount,
        bond: Amount,
        /// Whether its whole bond is put up, so that it stays.
        bonded: bool,
    },
    /// A supplier made a sealed bid.
    BidCommitted {
        supplier: PartyId,
        commitment: Digest,
    },
    /// It is known what it was.
    BidRevealed {
        supplier: PartyId,
        price: Amount,
        bond: Amount,
    },
    /// A supplier took its bid back.
    BidWithdrawn { supplier: PartyId },
    /// A better bid took its place, and its bid bond went back.
    BidDisplaced { supplier: PartyId },
    /// No more bids are taken; so many there are.
    BiddingClosed { bids: u32 },
    /// A bid bond is lost: the bid was not revealed, or its performance bond could not be paid.
    BidForfeited { supplier: PartyId, amount: Amount },
    /// The rule chose a bid.
    RfqAwarded {
        supplier: PartyId,
        price: Amount,
        award: Digest,
    },
    /// No bid could win.
    RfqFailed { award: Digest },
    /// The buyer no longer wants to buy.
    RfqCancelled { paid: Amount },
    /// A milestone began.
    ContractStarted {
        contract: ContractId,
        price: Amount,
        bond: Amount,
        submit_by: Timestamp,
    },
    /// Work came in.
    Submitted {
        run: u32,
        submission: Digest,
        verify_by: Timestamp,
    },
    /// Engines spoke.
    VerdictPresented {
        run: u32,
        outcome: Digest,
        verdict: Verdict,
        engines: u32,
    },
    /// Engines of the terms were silent or did not agree: the market's own was called.
    HouseEngineCalled { run: u32, verify_by: Timestamp },
    /// Engines enough agree.
    Judged {
        run: u32,
        verdict: Verdict,
        attempts_left: u32,
    },
    /// No engine judged in time, or they did not agree.
    NotJudged { run: u32 },
    /// The buyer accepted.
    Accepted,
    /// A reviewer accepted, and withheld so much.
    Reviewed {
        reviewer: PartyId,
        ground: Option<String>,
        withheld: Amount,
    },
    /// The window was over without a word.
    AcceptedBySilence,
    /// The supplier was paid, but for the holdback.
    Paid {
        amount: Amount,
        finality_at: Timestamp,
    },
    /// Somebody says that something is not as it seems.
    Challenged {
        by: PartyId,
        ground: Ground,
        until: Timestamp,
    },
    /// Two signed verdicts contradict each other.
    ConflictFound { until: Timestamp },
    /// The verdict stands.
    VerdictUpheld { verdict: Verdict },
    /// It does not.
    VerdictOverturned { verdict: Verdict },
    /// The other side put up its fee.
    Responded {
        side: Side,
        offers_until: Timestamp,
        until: Timestamp,
    },
    /// A side would agree to so much for the buyer.
    Offered { side: Side, to_buyer: Amount },
    /// Both agree.
    Agreed { to_buyer: Amount },
    /// The arbiter took the offer of a side.
    Ruled {
        for_side: Side,
        to_buyer: Amount,
        reasons: Digest,
    },
    /// A side did not put up its fee, and lost.
    Unanswered { side: Side, to_buyer: Amount },
    /// The arbiter did not rule in time: the verdict stands.
    NotRuled,
    /// An oracle stated facts.
    EvidenceStated {
        oracle: PartyId,
        evidence: Digest,
        run: u32,
        verify_by: Timestamp,
    },
    /// The facts do not undo the outcome.
    EvidenceDismissed,
    /// The facts undo the outcome, unless it is mended.
    CureOpened { target: Amount, cure_by: Timestamp },
    /// It was mended.
    Cured,
    /// Money went back to the buyer; so much is still owed.
    ClawedBack {
        target: Amount,
        paid: Amount,
        owed: Amount,
    },
    /// A part of the bond was lost.
    Slashed { amount: Amount },
    /// The supplier got so much because the buyer withdrew.
    CancellationPaid { amount: Amount },
    /// Over.
    Ended { ending: Ending },
}
