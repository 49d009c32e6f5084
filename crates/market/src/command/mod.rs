//! What parties ask of the market: signed, and stored as received.
//!
//! A command is a DSSE envelope with one signature, that of its sender, over the canonical JSON of [`Payload`].
//! What is longer than key services sign travels beside the envelope, and the command names its digest. Only
//! [`Market::open`](crate::Market::open) makes a [`Command`], so whoever holds one knows who sent it. The costly half of
//! that, [`Signed::read`], needs no market.

mod open;
mod write;

use proofmark_attestation::VerifiedOutcome;
use proofmark_attestation::statement::binding::Term;
use proofmark_attestation::verify::FraudProof;
use proofmark_core::{Digest, Timestamp, canonical};
use proofmark_ledger::{Amount, Asset};
use proofmark_trust::TrustPolicy;
use serde::{Deserialize, Serialize};

use crate::ids::{CommandId, ContractId, PartyId, RfqId};
use crate::terms::Terms;

pub use open::Signed;
pub use write::sign;

/// `payloadType` of the envelope of a command.
pub const PAYLOAD_TYPE: &str = "application/vnd.proofmark.command.v1+json";

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// [`proofmark_core::uri::COMMAND_V1`].
    pub schema: String,
    /// The market that it is meant for: its audience.
    pub market: Term,
    /// Whose command it is: the key that signs it. So nobody's payload can be signed as one's own.
    pub sender: PartyId,
    /// Made by the sender, never used before; so a retry is known as one.
    pub id: CommandId,
    /// After then it is void, so that nobody can keep it back and use it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// What is asked for.
    pub action: Action,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Makes the sender a party.
    Register {
        /// The sender's key, as PEM.
        public_key: String,
    },
    /// The operator says that money came in over a rail.
    Deposit {
        /// Whose it is.
        party: PartyId,
        /// In which asset.
        asset: Asset,
        /// How much.
        amount: Amount,
    },
    /// The sender wants money out.
    Withdraw {
        /// In which asset.
        asset: Asset,
        /// How much.
        amount: Amount,
    },
    /// The operator says that a withdrawal left over a rail.
    ConfirmWithdrawal {
        /// Digest of the payload of the command that asked for it.
        withdrawal: Digest,
    },
    /// The operator says that a rail refused a withdrawal.
    ReturnWithdrawal {
        /// Digest of the payload of the command that asked for it.
        withdrawal: Digest,
    },
    /// The operator takes fees that it has earned.
    CollectFees {
        /// In which asset.
        asset: Asset,
        /// How much.
        amount: Amount,
    },
    /// The operator's new trust policy. Attached: its signed envelope.
    PublishPolicy {
        /// Digest of what is attached.
        policy: Digest,
    },
    /// An engine signed two results of one run. Attached: the fraud proof.
    StrikeEngine {
        /// Digest of what is attached.
        proof: Digest,
    },
    /// The sender wants to buy. Attached: the terms.
    PublishRfq {
        /// Digest of what is attached.
        terms: Digest,
    },
    /// An open bid.
    PlaceBid {
        /// On what.
        rfq: RfqId,
        /// The offer.
        bid: Bid,
        /// Whether the whole bond is put up now, and not only the bid bond: the bid stays then, and nobody takes its place but who makes
        /// a better one and does the same. An RFQ that is full takes no others.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        bonded: bool,
    },
    /// A sealed bid.
    CommitBid {
        /// On what.
        rfq: RfqId,
        /// [`SealedBid::commitment`].
        commitment: Digest,
    },
    /// What was in a sealed bid.
    RevealBid {
        /// On what.
        rfq: RfqId,
        /// The offer.
        bid: Bid,
        /// What kept it from being guessed: 32 bytes as 64 hexadecimal digits.
        salt: String,
    },
    /// Takes a bid back while bidding is open.
    WithdrawBid {
        /// On what.
        rfq: RfqId,
    },
    /// The buyer no longer wants to buy.
    CancelRfq {
        /// What.
        rfq: RfqId,
    },
    /// A deadline of an RFQ has passed.
    TickRfq {
        /// Of which.
        rfq: RfqId,
    },
    /// Something about a contract.
    Contract {
        /// Which.
        contract: ContractId,
        /// What.
        verb: ContractAction,
    },
}

/// What is asked of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContractAction {
    /// The supplier delivers.
    Submit {
        /// Digest of the submission's manifest.
        submission: Digest,
    },
    /// A signed outcome; whoever carries it, the signatures in it count. Attached: the bundle.
    PresentVerdict {
        /// Digest of what is attached.
        bundle: Digest,
    },
    /// The buyer accepts a pass before its window is over.
    Accept,
    /// A reviewer accepts, and withholds a part of the holdback.
    Review {
        /// One of the grounds of the terms; absent where nothing is withheld.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ground: Option<String>,
        /// How much is withheld.
        withheld: Amount,
    },
    /// Something is not as it seems.
    Challenge {
        /// What.
        ground: Ground,
        /// What the buyer should get, where an arbiter decides.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claim: Option<Amount>,
    },
    /// The other side puts up its fee.
    Respond {
        /// In the arbitration of this ground, and no other.
        ground: Ground,
    },
    /// What this side would agree to.
    Offer {
        /// In the arbitration of this ground, and no other.
        ground: Ground,
        /// What the buyer should get.
        amount: Amount,
    },
    /// Agrees to the other side's last offer.
    AcceptOffer {
        /// In the arbitration of this ground, and no other.
        ground: Ground,
        /// What the buyer should get: that offer, and no other.
        amount: Amount,
    },
    /// The arbiter takes one of the two last offers.
    Rule {
        /// In the arbitration of this ground, and no other.
        ground: Ground,
        /// Whose.
        for_side: Side,
        /// What the buyer should get: that offer, and no other.
        amount: Amount,
        /// Digest of the reasons.
        reasons: Digest,
    },
    /// An oracle states facts, which a second validator will judge.
    StateEvidence {
        /// Digest of the manifest of the facts.
        evidence: Digest,
    },
    /// The buyer no longer wants the work.
    Cancel,
    /// The supplier will not deliver.
    Resign,
    /// The deadline of the contract's state has passed.
    Tick,
}

/// An offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bid {
    /// For all milestones.
    pub price: Amount,
    /// Performance bond for all milestones; the bid bond is part of it.
    pub bond: Amount,
    /// The last moment at which the bid can win.
    pub firm_until: Timestamp,
}

/// What a commitment to a bid is the digest of: nobody else, and nowhere else, can it be revealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealedBid<'a> {
    /// On what.
    pub rfq: RfqId,
    /// Whose bid.
    pub supplier: PartyId,
    /// The offer.
    pub bid: Bid,
    /// 32 bytes that nobody can guess, as 64 hexadecimal digits.
    pub salt: &'a str,
}

impl SealedBid<'_> {
    /// Digest of the canonical JSON.
    ///
    /// # Panics
    /// Never: it is text and amounts.
    #[must_use]
    pub fn commitment(&self) -> Digest {
        canonical::digest(self).expect("text and safe integers")
    }
}

/// What is not as it seems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Running the validators comes to something else. Other engines run them again.
    VerdictWrong,
    /// The work passes without doing what the terms say. The arbiter rules, the buyer claims.
    ValidatorGamed,
    /// The facts against the outcome are not true. The arbiter rules, the supplier claims.
    EvidenceFalse,
    /// The reviewer withheld without a ground. The arbiter rules, the supplier claims.
    ReviewUnfounded,
}

impl Ground {
    /// The name as in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerdictWrong => "verdict_wrong",
            Self::ValidatorGamed => "validator_gamed",
            Self::EvidenceFalse => "evidence_false",
            Self::ReviewUnfounded => "review_unfounded",
        }
    }
}

/// One of the two who have a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Pays for the work.
    Buyer,
    /// Does it.
    Supplier,
}

impl Side {
    /// The one across.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Buyer => Self::Supplier,
            Self::Supplier => Self::Buyer,
        }
    }
}

/// A command whose signature, form and attachment were checked.
#[derive(Debug)]
pub struct Command {
    sender: PartyId,
    payload: Payload,
    digest: Digest,
    envelope: Digest,
    attachment: Attachment,
    opened: Opened,
}

/// Under what a command was opened. What came beside it was checked for that time and that policy, and for no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) at: Timestamp,
    pub(crate) policy: Option<Digest>,
}

/// What came beside a command, read and checked.
#[derive(Debug)]
pub(crate) enum Attachment {
    None,
    Terms(Box<Terms>),
    Outcome(Box<VerifiedOutcome>),
    Policy(Box<TrustPolicy>),
    Fraud(Box<FraudProof>),
}

impl Command {
    /// Who signed it.
    #[must_use]
    pub const fn sender(&self) -> PartyId {
        self.sender
    }

    /// What is asked for.
    #[must_use]
    pub const fn action(&self) -> &Action {
        &self.payload.action
    }

    /// Digest of the payload: the name of what the command makes.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// Digest of the envelope as received.
    #[must_use]
    pub const fn envelope(&self) -> Digest {
        self.envelope
    }

    pub(crate) const fn id(&self) -> CommandId {
        self.payload.id
    }

    /// Whether what came beside the command was checked under these circumstances, or did not depend on any.
    pub(crate) fn was_opened_under(&self, now: Opened) -> bool {
        match self.attachment {
            Attachment::None | Attachment::Terms(_) | Attachment::Fraud(_) => true,
            Attachment::Outcome(_) | Attachment::Policy(_) => self.opened == now,
        }
    }

    pub(crate) const fn valid_until(&self) -> Option<Timestamp> {
        self.payload.valid_until
    }

    pub(crate) fn into_parts(self) -> (PartyId, Digest, Action, Attachment) {
        (
            self.sender,
            self.digest,
            self.payload.action,
            self.attachment,
        )
    }
}

impl Action {
    /// Digest of what must come beside the command.
    #[must_use]
    pub const fn attachment(&self) -> Option<Digest> {
        match self {
            Self::PublishPolicy { policy } => Some(*policy),
            Self::StrikeEngine { proof } => Some(*proof),
            Self::PublishRfq { terms } => Some(*terms),
            Self::Contract {
                verb: ContractAction::PresentVerdict { bundle },
                ..
            } => Some(*bundle),
            _ => None,
        }
    }
}
