//! Who plays.

use proofmark_core::Digest;
use proofmark_keys::{PublicKey, SecretKey, Signer as _};
use proofmark_market::PartyId;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A party with its key, which follows from its name.
#[derive(Clone)]
pub struct Actor(Arc<Inner>);

struct Inner {
    name: String,
    secret: SecretKey,
}

impl Actor {
    /// The party of this name. Its key is computed once in a thread.
    #[must_use]
    pub fn new(name: &str) -> Self {
        thread_local! {
            static KNOWN: RefCell<BTreeMap<String, Actor>> = const { RefCell::new(BTreeMap::new()) };
        }
        KNOWN.with_borrow_mut(|known| match known.get(name) {
            Some(actor) => actor.clone(),
            None => {
                let actor = Self::named(name);
                known.insert(name.to_owned(), actor.clone());
                actor
            }
        })
    }

    fn named(name: &str) -> Self {
        let seed = Digest::of(format!("proofmark/stage/{name}").as_bytes());
        Self(Arc::new(Inner {
            name: name.to_owned(),
            secret: SecretKey::from_seed(seed.as_bytes()),
        }))
    }

    /// Runs the market.
    #[must_use]
    pub fn operator() -> Self {
        Self::new("operator")
    }

    /// The market's own engine.
    #[must_use]
    pub fn house() -> Self {
        Self::new("house")
    }

    /// Anybody; ticks.
    #[must_use]
    pub fn passer_by() -> Self {
        Self::new("passer-by")
    }

    /// What the others call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its key's name.
    #[must_use]
    pub fn id(&self) -> PartyId {
        self.0.secret.public_key().id()
    }

    /// Its public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        *self.0.secret.public_key()
    }

    /// Its secret key.
    #[must_use]
    pub fn secret(&self) -> &SecretKey {
        &self.0.secret
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
