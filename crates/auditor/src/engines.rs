//! Whose signatures count.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::wire::{text, time};

/// An engine of the trust policy.
#[derive(Debug)]
struct Engine {
    operator: String,
    /// Its window, both ends inside.
    from: i64,
    until: i64,
}

/// The engines of the trust policy, and those that were struck off for good.
#[derive(Debug)]
pub(super) struct Engines {
    /// The operator of the market's own.
    pub(super) house: String,
    listed: BTreeMap<String, Engine>,
    pub(super) struck: BTreeSet<String>,
}

impl Engines {
    pub(super) fn of_house(house: String) -> Self {
        Self {
            house,
            listed: BTreeMap::new(),
            struck: BTreeSet::new(),
        }
    }

    /// Takes the list from a trust policy.
    pub(super) fn list(&mut self, policy: &Value) -> Result<(), String> {
        self.listed.clear();
        let outcome = policy["roles"]["outcome"]["keys"].as_array();
        let keys = policy["keys"].as_array().into_iter().flatten();
        for key in keys {
            let id = text(key, "keyId")?;
            if outcome.is_some_and(|listed| listed.contains(&key["keyId"])) {
                self.listed.insert(id, engine(key)?);
            }
        }
        Ok(())
    }

    pub(super) fn strike(&mut self, key: String) -> Result<(), String> {
        self.struck.insert(key);
        Ok(())
    }

    /// Whether the key is in the trust policy now, and not struck off.
    pub(super) fn counts(&self, key: &str, now: i64) -> bool {
        let engine = self.listed.get(key);
        let in_window = engine.is_some_and(|it| it.from <= now && now <= it.until);
        in_window && !self.struck.contains(key)
    }

    /// One key for each operator of these, which are in ascending order: its lowest.
    pub(super) fn payees(&self, signers: &[String]) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let first = signers.iter().filter(|key| seen.insert(self.operator(key)));
        first.cloned().collect()
    }

    /// Whether the key is one of the market's own.
    pub(super) fn is_house(&self, key: &str) -> bool {
        self.operator(key) == Some(&self.house)
    }

    /// Whether whoever holds the key holds one of these too, and both count.
    pub(super) fn is_colleague(&self, key: &str, keys: &[String]) -> bool {
        let counted = |key: &str| self.operator(key).filter(|_| !self.struck.contains(key));
        let own = counted(key);
        own.is_some() && keys.iter().any(|key| counted(key) == own)
    }

    /// Who holds the key.
    pub(super) fn operator(&self, key: &str) -> Option<&str> {
        self.listed.get(key).map(|engine| engine.operator.as_str())
    }
}

fn engine(key: &Value) -> Result<Engine, String> {
    let until = key.get("validUntil").map_or(Ok(i64::MAX), time)?;
    let revoked = match key.get("revoked") {
        Some(revoked) => time(&revoked["effectiveAt"])? - 1,
        None => i64::MAX,
    };
    Ok(Engine {
        operator: text(key, "operator")?,
        from: time(&key["validFrom"])?,
        until: until.min(revoked),
    })
}
