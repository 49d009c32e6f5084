//! Why the market did not do what it was asked. A rejected command changes nothing.

use std::fmt;

use proofmark_ledger::{Refusal, ResultCode};
use serde::Serialize;

use crate::terms::TermsError;

/// A rejected command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", .code.sentence())]
pub struct Rejection {
    /// Which condition does not hold.
    pub code: Code,
    /// What exactly.
    pub detail: String,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $sentence:literal, $hint:literal;)+) => {
        /// The condition that does not hold. If several do not, one of them is named: first what `open` finds (form, market,
        /// sender, signature, attachment), then what every command must meet (id, validity, time), then state and actor,
        /// then what the command itself asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Code {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Stable name; never changes once published.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What does not hold, for people.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }

            /// What to do about it.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint,)+ }
            }
        }
    };
}

codes! {
    /// Not an envelope with a canonical command.
    CommandMalformed = "command-malformed", "this is no command", "sign the canonical JSON of a command, as docs/market.md shows";
    /// For another market.
    WrongMarket = "wrong-market", "the command is meant for another market", "state this market's audience in `market`";
    /// Nobody has registered this key.
    SenderUnknown = "sender-unknown", "the sender is no party of this market", "register the key first";
    /// It does not verify, or there is not exactly one.
    SignatureInvalid = "signature-invalid", "the signature does not verify", "sign the payload as it is sent, with the one key that sends it";
    /// Missing, superfluous, or another than the command names.
    AttachmentMismatch = "attachment-mismatch", "what is attached is not what the command names", "attach exactly the bytes whose digest the command states";
    /// Not terms.
    TermsMalformed = "terms-malformed", "the attachment holds no terms", "write the terms as docs/market.md shows, in canonical JSON";
    /// The policy does not follow from the one known.
    PolicyRefused = "policy-refused", "the trust policy is not believed", "publish a policy that the root signed and that follows from the current one";
    /// Proves nothing.
    FraudProofRefused = "fraud-proof-refused", "the fraud proof proves nothing", "make it with `proofmark bundle fraud`";
    /// There is no such RFQ.
    RfqUnknown = "rfq-unknown", "there is no such RFQ", "look up the id that publishing it returned";
    /// There is no such contract.
    ContractUnknown = "contract-unknown", "there is no such contract", "look up the id that the award returned";
    /// No engine may attest in this market yet.
    PolicyMissing = "policy-missing", "the market has no trust policy", "the operator must publish one";
    /// Nothing of this contract is being judged.
    NothingToJudge = "nothing-to-judge", "nothing of this contract waits for a verdict", "present a verdict while a run is open or can still be challenged";
    /// The bundle does not verify against what the market knows.
    OutcomeRefused = "outcome-refused", "the outcome does not verify", "run `proofmark verify` on the bundle with the facts of the contract";
    /// The same id was used for something else.
    CommandReused = "command-exists-with-different-content", "the command id was used for another command", "use a new id for a new command, and the same bytes for a retry";
    /// The command itself said until when it may be obeyed.
    CommandExpired = "command-expired", "the command was valid only until an earlier time", "sign it again";
    /// Before the last command.
    TimeWentBack = "time-went-back", "the time is before that of the last command", "mend the clock of the market";
    /// Its attachment was checked under another policy, or for another time.
    OpenedOtherwise = "opened-otherwise", "the command was opened under another policy or at another time", "open it again, and obey it at once";
    /// The state does not know this command.
    StateForbids = "state-forbids", "nothing like that can be done in this state", "`proofmark contract show CONTRACT` says what may happen next, `rfq show RFQ` until when bids are taken and revealed";
    /// Somebody else may.
    ActorForbids = "actor-forbids", "this is not for the sender to do", "`proofmark contract show CONTRACT` says who may do what; an RFQ is cancelled by its buyer, and money comes in by the operator's key, market/operator.pem";
    /// Too late.
    DeadlinePassed = "deadline-passed", "the time for it has passed", "nothing of it can be made up for; anybody may send the tick that says what follows";
    /// A tick came too early.
    DeadlineAhead = "deadline-ahead", "the deadline has not passed yet", "come back after it";
    /// Terms outside their limits.
    TermsLimit = "terms-limit", "a part of the terms is outside its limits", "change that part";
    /// Terms against themselves or the market.
    TermsContradict = "terms-contradict", "two parts of the terms contradict each other", "change one of the two";
    /// Already a party.
    AlreadyRegistered = "already-registered", "the key is registered", "go on and use it";
    /// Not an asset of the market.
    AssetUnknown = "asset-unknown", "the market keeps no accounts in this asset", "use one of the assets of its rules";
    /// There is no such withdrawal, or it has ended.
    WithdrawalUnknown = "withdrawal-unknown", "there is no such withdrawal under way", "name the digest of the withdrawal's payload";
    /// The policy does not know an engine of the terms, or its own engine.
    EngineUnknown = "engine-unknown", "an engine has no role in the trust policy", "name engines that the policy lists for outcomes";
    /// Too few operators among the engines.
    TooFewOperators = "too-few-operators", "the engines belong to fewer operators than must sign", "lower the threshold or name engines of other operators";
    /// The engine is off the list.
    EngineStruck = "engine-struck", "the engine was struck off the list", "name another engine";
    /// A judge, reviewer, oracle or arbiter of the terms bids.
    BidderHasOffice = "bidder-has-office", "who judges, reviews, states facts, rules or buys cannot bid", "bid with another party, or not at all";
    /// One bid per supplier.
    BidExists = "bid-exists", "the supplier has a bid on this RFQ", "withdraw it first";
    /// No bid of this supplier.
    BidUnknown = "bid-unknown", "the supplier has no bid on this RFQ", "bid first";
    /// Revealed before.
    BidRevealed = "bid-revealed", "the bid was revealed", "nothing remains to be done";
    /// Other content than committed.
    CommitmentMismatch = "commitment-mismatch", "this is not what was committed to", "reveal the very bid, salt, supplier and RFQ of the commitment";
    /// Open bids on a sealed RFQ or the other way round.
    BidModeOther = "bid-mode-other", "the terms take bids of the other kind", "follow `award.bids` of the terms";
    /// Price above the ceiling.
    PriceAboveCeiling = "price-above-ceiling", "the price is above the ceiling or nothing", "bid within the ceiling";
    /// Bond below what the terms ask.
    BondTooSmall = "bond-too-small", "the performance bond is below what the terms ask for", "offer a larger bond";
    /// The bid may expire before the award.
    BidNotFirm = "bid-not-firm", "the bid may expire before the award", "keep it firm until the award window has passed";
    /// The RFQ is full.
    TooManyBids = "too-many-bids", "the RFQ has as many bids as it takes, and this one does not displace any", "make a better bid with its whole bond (`bonded`), or bid on another";
    /// A bid that could never win is none.
    BidIneligible = "bid-ineligible", "by the record that its supplier had when it was made, this bid cannot win", "offer a larger bond or a lower price, or earn the record that the terms ask for";
    /// A bid whose whole bond is put up stays.
    BidBonded = "bid-bonded", "the whole bond of this bid is put up, so it stays", "wait for the award, or for a better bid that takes the place";
    /// Too much has moved over the account in its life.
    AccountFull = "account-full", "the account has moved half of what one account may in its life", "go on with another key";
    /// More withheld than declared, or without a declared ground.
    ReviewOutsideTerms = "review-outside-terms", "the review is not one that the terms declare", "stay within grounds and cap of the terms";
    /// This ground does not exist here.
    GroundNotHere = "ground-not-here", "the ground cannot be raised here", "see the grounds of each state in docs/market.md";
    /// The verdict was confirmed by a re-run.
    VerdictConfirmed = "verdict-confirmed", "the verdict was confirmed by a re-run", "no second re-run can change it";
    /// The terms name no arbiter.
    NoArbiter = "no-arbiter", "the terms name no arbiter", "only a re-run can be asked for";
    /// The claim is outside what the ground can move.
    ClaimOutsideEffect = "claim-outside-effect", "the amount is outside what the ground can move", "claim no more than it can move";
    /// Fee was put up before, or by this side.
    NothingToRespond = "nothing-to-respond", "this side has put up its fee", "make an offer";
    /// The other side has not offered.
    NoOffer = "no-offer", "the other side has made no offer", "wait for one, or for the ruling";
    /// A command about another ground than that of the arbitration.
    GroundOther = "ground-other", "the arbitration is about another ground", "look at the contract again, and sign what is asked now";
    /// Another amount than that of the offer as it stands.
    OfferOther = "offer-other", "the last offer of that side is another", "look at the contract again, and sign what is offered now";
    /// The arbiter rules only when the offers are final.
    OffersOpen = "offers-open", "the sides can still change their offers", "rule when their window is over";
    /// The arbiter rules only when both are heard.
    NotResponded = "not-responded", "the other side has not put up its fee", "wait for it, or for its deadline";
    /// None of the signatures counts here.
    NoCountingSigner = "no-counting-signer", "none of the signers counts for this run", "engines of the terms sign first; others count when the verdict is challenged";
    /// The same as was said before.
    VerdictKnown = "verdict-known", "the signers have said this before", "nothing remains to be done";
    /// It agrees with the verdict, so there is no conflict.
    NoConflict = "no-conflict", "the outcome agrees with the verdict that stands", "nothing remains to be done";
    /// Facts came after their window.
    EvidenceLate = "evidence-late", "evidence is no longer taken", "it had to come within the evidence window";
    /// More evidence than one contract has to bear.
    EvidenceTooOften = "evidence-too-often", "no more evidence is taken about this contract", "state everything that is known at once";
    /// Nothing to move.
    AmountIsZero = "amount-is-zero", "there is nothing to move", "name an amount above 0";
    /// Not enough money.
    InsufficientFunds = "insufficient-funds", "there is not enough money available", "what is needed must be available: bonds and escrow are put aside, and what is earned comes when it is final; the operator says what has come in, with `proofmark account deposit`";
    /// The ledger refused for another reason.
    LedgerRefused = "ledger-refused", "the ledger refused the transfers", "report it: this should not happen";
}

impl Code {
    /// The rejection with its detail.
    #[must_use]
    pub fn because(self, detail: impl Into<String>) -> Rejection {
        Rejection {
            code: self,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<TermsError> for Rejection {
    fn from(error: TermsError) -> Self {
        let code = match error {
            TermsError::Malformed(_) | TermsError::NotCanonical => Code::TermsMalformed,
            TermsError::Limit { .. } => Code::TermsLimit,
            TermsError::Contradiction { .. } => Code::TermsContradict,
        };
        code.because(error.to_string())
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.code {
            ResultCode::DebitsWouldExceedCredits | ResultCode::CreditsWouldExceedDebits => {
                Code::InsufficientFunds
            }
            ResultCode::AmountIsZero => Code::AmountIsZero,
            _ => Code::LedgerRefused,
        };
        code.because(refusal.to_string())
    }
}
