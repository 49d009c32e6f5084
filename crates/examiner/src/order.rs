//! What is to be judged, as the market says it now.

use proofmark_attestation::statement::binding::Binding;
use proofmark_core::Digest;
use proofmark_engine::EngineProfile;
use proofmark_keys::KeyId;
use proofmark_market::contract::State;
use proofmark_market::{ContractId, Market};

/// A run that waits for a verdict of some of our engines.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) contract: ContractId,
    /// What the verdict must be bound to.
    pub(crate) binding: Binding,
    pub(crate) submission: Digest,
    pub(crate) criteria: Digest,
    /// Which of our engines count.
    pub(crate) engines: Vec<KeyId>,
}

impl Order {
    /// Everything that a record depends on.
    pub(crate) fn run_key(&self) -> Digest {
        let profile = EngineProfile::current().digest();
        let (submission, criteria) = (self.submission, self.criteria);
        let text = format!("proofmark/run/v1\n{profile}\n{criteria}\n{submission}");
        Digest::of(text.as_bytes())
    }
}

/// The contract that a job names.
pub(crate) fn contract(body: &str) -> Option<ContractId> {
    let name: String = serde_json::from_str(body).ok()?;
    name.parse().ok()
}

/// What the market wants judged of a contract by these engines; nothing if it wants nothing, or not of them.
pub(crate) fn of(market: &Market, contract: ContractId, ours: &[KeyId]) -> Option<Order> {
    let it = market.contract(&contract)?;
    let run = it.run()?;
    let of_terms = match &it.state {
        State::Verifying(it) => !it.house,
        State::Rechecking(it) => !it.house,
        State::Disputed(_) => false,
        _ => return None,
    };
    if run.facts(market.now()).profile != Some(EngineProfile::current().digest()) {
        return None;
    }
    let policy = market.policy()?;
    let counts = |key: &&KeyId| {
        let named = it.terms.engines.keys.contains(key);
        let house = policy
            .key(key)
            .is_some_and(|key| key.operator == market.rules().house);
        // Outside of the terms only the market's own is asked: who is called speaks first.
        let asked = if of_terms { named } else { house };
        let said = run
            .votes()
            .all()
            .iter()
            .any(|vote| vote.signers().any(|it| it == *key));
        asked && !market.struck().contains(*key) && !said
    };
    let engines: Vec<_> = ours.iter().filter(counts).copied().collect();
    (!engines.is_empty()).then(|| Order {
        contract,
        binding: run.binding().clone(),
        submission: run.submission(),
        criteria: run.criteria(),
        engines,
    })
}
