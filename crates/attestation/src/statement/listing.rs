//! Lists that are always signed, and shown where there is room.

use proofmark_core::Digest;
use serde::{Deserialize, Serialize};

use super::DigestSet;
use super::outcome::ordered_bytes;

/// A list by its length and the digest of its canonical form; its items stand beside that unless the
/// statement would become too long to be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing<T> {
    /// Number of items.
    pub count: u32,
    /// Of the items as a canonical JSON array.
    pub digest: DigestSet,
    /// The items themselves.
    #[serde(default = "none", skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<T>>,
}

/// `#[serde(default)]` would ask for `T: Default`.
fn none<T>() -> Option<Vec<T>> {
    None
}

impl<T: Serialize> Listing<T> {
    /// A listing that shows its items, whose members are declared in the order of RFC 8785.
    pub(super) fn of(items: Vec<T>) -> Self {
        Self {
            count: u32::try_from(items.len()).unwrap_or(u32::MAX),
            digest: DigestSet(Digest::of(&ordered_bytes(&items))),
            items: Some(items),
        }
    }

    /// Whether count and digest are those of the items, where they are shown.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.items.as_ref().is_none_or(|items| {
            items.len() == self.count as usize && Digest::of(&ordered_bytes(items)) == self.digest.0
        })
    }
}

impl<T> Listing<T> {
    /// The same without its items, which it still commits to.
    #[must_use]
    pub const fn closed(&self) -> Listing<()> {
        Listing {
            count: self.count,
            digest: self.digest,
            items: None,
        }
    }
}
