//! Names of things. Each follows from the signed command that made the thing, so nobody hands names out.

use std::fmt;
use std::num::NonZeroU8;
use std::str::FromStr;

use proofmark_attestation::statement::binding::Term;
use proofmark_core::Digest;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A party is its Ed25519 key: buyer, supplier, engine, reviewer, oracle, arbiter, operator.
pub type PartyId = proofmark_keys::KeyId;

/// A request for quotation: `rfq_` and 32 hexadecimal digits, the first 16 bytes of the digest of the command
/// that published it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RfqId([u8; 16]);

/// A contract over one milestone of an RFQ: `con_`, the digits of the RFQ, `_` and the number of the milestone,
/// counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContractId {
    /// The RFQ that was awarded.
    pub rfq: RfqId,
    /// Which milestone, counted from 1.
    pub milestone: NonZeroU8,
}

/// Made by the sender of a command, so that a retry is known as one: 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommandId([u8; 16]);

/// Text that is no name of this kind. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name is not of the form {0}")]
pub struct IdError(&'static str);

impl RfqId {
    /// The name of the RFQ that the command with this payload publishes.
    #[must_use]
    pub fn of(payload: &Digest) -> Self {
        Self(first_half(payload))
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The contract over a milestone of it.
    #[must_use]
    pub const fn contract(self, milestone: NonZeroU8) -> ContractId {
        ContractId {
            rfq: self,
            milestone,
        }
    }
}

impl ContractId {
    /// Differs between contracts, and between kinds of account of one contract.
    pub(crate) fn spread(&self, kind: u64) -> u64 {
        let (head, _) = self.rfq.0.split_at(8);
        let head = u64::from_le_bytes(head.try_into().expect("eight bytes"));
        head ^ (u64::from(self.milestone.get()) << 56) ^ (kind << 48)
    }

    /// As a binding names it.
    #[must_use]
    pub fn term(&self) -> Term {
        self.to_string().parse().expect("visible ASCII characters")
    }
}

impl CommandId {
    /// The id of 16 bytes that its sender never used before.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The id that follows from a text: the same text is the same command.
    #[must_use]
    pub fn named(text: &str) -> Self {
        Self(first_half(&Digest::of(text.as_bytes())))
    }
}

pub(crate) fn first_half(digest: &Digest) -> [u8; 16] {
    let (half, _) = digest.as_bytes().split_at(16);
    half.try_into().expect("16 of 32 bytes")
}

fn digits(text: &str, form: &'static str) -> Result<[u8; 16], IdError> {
    let mut bytes = [0; 16];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| IdError(form))?;
    // `hex` also takes uppercase; one name has one spelling.
    match hex::encode(bytes) == text {
        true => Ok(bytes),
        false => Err(IdError(form)),
    }
}

impl fmt::Display for RfqId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rfq_{}", hex::encode(self.0))
    }
}

impl FromStr for RfqId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        const FORM: &str = "rfq_<32 hexadecimal digits>";
        let rest = text.strip_prefix("rfq_").ok_or(IdError(FORM))?;
        digits(rest, FORM).map(Self)
    }
}

impl fmt::Display for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "con_{}_{}", hex::encode(self.rfq.0), self.milestone)
    }
}

impl FromStr for ContractId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        const FORM: &str = "con_<32 hexadecimal digits>_<number>";
        let rest = text.strip_prefix("con_").ok_or(IdError(FORM))?;
        let (rfq, number) = rest.split_once('_').ok_or(IdError(FORM))?;
        let milestone: NonZeroU8 = number.parse().map_err(|_| IdError(FORM))?;
        let id = RfqId(digits(rfq, FORM)?).contract(milestone);
        match id.to_string() == text {
            true => Ok(id),
            false => Err(IdError(FORM)),
        }
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for CommandId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        digits(text, "<32 hexadecimal digits>").map(Self)
    }
}

/// Debug and serde by the text form.
macro_rules! as_text {
    ($($name:ident)+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )+};
}

as_text!(RfqId ContractId CommandId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let rfq = RfqId::of(&Digest::of(b"publish"));
        let contract = rfq.contract(NonZeroU8::MIN);
        assert_eq!(rfq.to_string().parse(), Ok(rfq));
        assert_eq!(contract.to_string().parse(), Ok(contract));
        let text = contract.to_string();
        for other in [
            text.to_uppercase(),
            text.replace("con_", "rfq_"),
            text.replace("_1", "_01"),
            text.replace("_1", "_0"),
            text.replace("_1", "_+1"),
            text.replace("_1", "_256"),
            text.replace("_1", ""),
            rfq.to_string(),
        ] {
            assert!(other.parse::<ContractId>().is_err(), "{other}");
        }
        assert!("rfq_12".parse::<RfqId>().is_err());
    }
}
