//! Keys of parties, for whoever verifies commands before the writer's turn comes.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use proofmark_keys::{KeyId, PublicKey};
use proofmark_market::{Market, PartyId};

/// Keys that signed something once. A name is the digest of its key, so what was found stays true; whether whoever has it
/// is a party is for the market to say.
#[derive(Debug, Default)]
pub(crate) struct Keys(RwLock<BTreeMap<KeyId, PublicKey>>);

impl Keys {
    pub(crate) fn find(&self, party: &PartyId) -> Option<PublicKey> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(party).copied()
    }

    /// Finds it in the market, and from then on here. At most as many are kept as there are parties.
    pub(crate) fn learn(&self, market: &Market, party: &PartyId) -> Option<PublicKey> {
        let key = *market.key(party)?;
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(key.id(), key);
        Some(key)
    }
}
