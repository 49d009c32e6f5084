//! The chart of accounts. What an account is follows from its name, for life.

use proofmark_ledger::{AccountKey, Asset, Side};
use serde::Serialize;

use crate::ids::{ContractId, PartyId, RfqId};

/// One account. Amounts on all of them are in minor units of the asset that is its last part.
///
/// | account | whose money | zero when |
/// |---|---|---|
/// | `Custody` | what the rails hold for all of us | |
/// | `Available` | a party's own, free to use | |
/// | `Reserved` | the buyer's, for an RFQ and the milestones that have not begun | the RFQ is over |
/// | `BidBond` | a bidder's, until the award; the winner's, for milestones that have not begun | the RFQ is over |
/// | `Price` | what a pass pays at once | the contract has ended |
/// | `Holdback` | what is paid when nothing was found wrong until finality | the contract has ended |
/// | `Fee` | the market fee, earned at finality only | the contract has ended |
/// | `Bond` | the supplier's performance bond | the contract has ended |
/// | `Verification` | what engines are paid from | the contract has ended |
/// | `Dispute` | what a side put up to be heard | the dispute has ended |
/// | `Fees` | the operator's income | |
/// | `Pool` | the part of a slash that nobody of the two gets | |
/// | `Debt` | what the supplier still owes the buyer after a clawback (memo, with `Claim`) | it was paid |
/// | `Claim` | the other side of `Debt` | it was paid |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// What the rails hold for all of us.
    Custody(Asset),
    /// A party's own money, free to use.
    Available(PartyId, Asset),
    /// The buyer's money for an RFQ, and for its milestones that have not begun.
    Reserved(RfqId, Asset),
    /// A bidder's bond until the award; then the winner's bond for milestones that have not begun.
    BidBond(RfqId, PartyId, Asset),
    /// What a pass pays at once.
    Price(ContractId, Asset),
    /// What is paid at finality.
    Holdback(ContractId, Asset),
    /// The market fee until finality.
    Fee(ContractId, Asset),
    /// The supplier's performance bond.
    Bond(ContractId, Asset),
    /// What engines are paid from.
    Verification(ContractId, Asset),
    /// What a side put up in a dispute.
    Dispute(ContractId, PartyId, Asset),
    /// The operator's income.
    Fees(Asset),
    /// The part of a slash that neither side gets.
    Pool(Asset),
    /// What the supplier still owes the buyer after a clawback of this contract.
    Debt(ContractId, Asset),
    /// The other side of it.
    Claim(ContractId, Asset),
}

impl AccountKey for Account {
    fn asset(&self) -> Asset {
        match *self {
            Self::Custody(asset)
            | Self::Available(_, asset)
            | Self::Reserved(_, asset)
            | Self::BidBond(_, _, asset)
            | Self::Price(_, asset)
            | Self::Holdback(_, asset)
            | Self::Fee(_, asset)
            | Self::Bond(_, asset)
            | Self::Verification(_, asset)
            | Self::Dispute(_, _, asset)
            | Self::Fees(asset)
            | Self::Pool(asset)
            | Self::Debt(_, asset)
            | Self::Claim(_, asset) => asset,
        }
    }

    fn normal(&self) -> Side {
        match self {
            Self::Custody(_) | Self::Debt(..) => Side::Debit,
            _ => Side::Credit,
        }
    }

    fn may_be_negative(&self) -> bool {
        false
    }

    /// Eight bytes of what names the account, and its kind.
    fn spread(&self) -> u64 {
        let eight = |bytes: &[u8]| {
            let (head, _) = bytes.split_at(8);
            u64::from_le_bytes(head.try_into().expect("eight bytes"))
        };
        match self {
            Self::Custody(_) => 0,
            Self::Fees(_) => 1,
            Self::Pool(_) => 2,
            Self::Available(party, _) => eight(party.as_bytes()),
            Self::Reserved(rfq, _) => eight(rfq.as_bytes()),
            Self::BidBond(rfq, party, _) => {
                eight(rfq.as_bytes()) ^ eight(party.as_bytes()).rotate_left(7)
            }
            Self::Dispute(contract, party, _) => {
                contract.spread(3) ^ eight(party.as_bytes()).rotate_left(7)
            }
            Self::Price(contract, _) => contract.spread(4),
            Self::Holdback(contract, _) => contract.spread(5),
            Self::Fee(contract, _) => contract.spread(6),
            Self::Bond(contract, _) => contract.spread(7),
            Self::Verification(contract, _) => contract.spread(8),
            Self::Debt(contract, _) => contract.spread(9),
            Self::Claim(contract, _) => contract.spread(10),
        }
    }
}
