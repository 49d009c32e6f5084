//! What an outcome is for: the one order that it can settle.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::DigestSet;

/// Longest [`Term`] in bytes. Three of them, and everything else that always stands in a statement, leave
/// more than half of the 4096 bytes that are signed to its lists.
pub const MAX_TERM_BYTES: usize = 128;

/// Ties an outcome to one attempt at one deliverable of one contract, at one market. in-toto matches
/// statements by the digest of their subject alone; without this, a pass could be presented to every
/// contract that asks for the same work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Binding {
    /// Which attempt at the deliverable, counted from 1, so that a fail cannot be withheld and tried again
    /// unseen.
    pub attempt: NonZeroU32,
    /// The settlement domain that may act on it, for instance `urn:market:acme`.
    pub audience: Term,
    /// The contract.
    pub contract: ContractId,
    /// Which of the contract's deliverables.
    pub deliverable: Term,
    /// Issued by the market for this attempt, and used once.
    pub nonce: Nonce,
}

/// A contract by its name and its terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractId {
    /// Of the signed terms.
    pub digest: DigestSet,
    /// The market's name for it.
    pub id: Term,
}

/// A name in a binding: 1 to [`MAX_TERM_BYTES`] visible ASCII characters other than `"` and `\`, so that
/// it takes as many bytes in JSON as it has characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term(String);

/// Text that is no [`Term`]. Whoever chose the name is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name in a binding has 1 to {MAX_TERM_BYTES} visible ASCII characters other than quotation mark and backslash"
)]
pub struct TermError;

impl Term {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Term {
    type Err = TermError;

    fn from_str(text: &str) -> Result<Self, TermError> {
        let visible = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        match (1..=MAX_TERM_BYTES).contains(&text.len()) && text.bytes().all(visible) {
            true => Ok(Self(text.to_owned())),
            false => Err(TermError),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 128 bits that nobody can guess, as 32 lowercase hexadecimal digits. It also keeps what is behind the
/// digests of a public log from being found by trying.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nonce([u8; 16]);

/// Text that is no nonce. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a nonce has 32 lowercase hexadecimal digits")]
pub struct NonceError;

impl Nonce {
    /// The nonce of 16 random bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Nonce {
    type Err = NonceError;

    fn from_str(text: &str) -> Result<Self, NonceError> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NonceError)?;
        match hex::encode(bytes) == text {
            true => Ok(Self(bytes)),
            false => Err(NonceError),
        }
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Serde by the text form.
macro_rules! as_text {
    ($($name:ident)+) => {$(
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

as_text!(Term Nonce);
