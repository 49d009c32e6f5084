//! Which runs wait for a verdict, and of whom.

use proofmark_attestation::statement::binding::Binding;
use proofmark_core::Digest;
use proofmark_keys::KeyId;
use proofmark_trust::Role;

use crate::contract::{Contract, State};
use crate::{ContractId, Market};

/// A run that waits for verdicts. Whoever judges it needs nothing else, but for the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Of which contract.
    pub contract: ContractId,
    /// What a verdict must be bound to.
    pub binding: Binding,
    /// Digest of the manifest that is judged.
    pub submission: Digest,
    /// Digest of the criteria by which it is judged.
    pub criteria: Digest,
    /// Digest of the engine profile that the terms ask for.
    pub profile: Digest,
    /// Keys of the engines that are asked and have not spoken, in ascending order; at least one.
    pub engines: Vec<KeyId>,
}

impl Market {
    /// What waits to be judged of a contract; nothing if it is no contract, nothing waits, or nobody is asked.
    #[must_use]
    pub fn order(&self, contract: &ContractId) -> Option<Order> {
        let it = self.contract(contract)?;
        let run = it.run()?;
        let engines = self.asked(it)?;
        (!engines.is_empty()).then(|| Order {
            contract: *contract,
            binding: run.binding().clone(),
            submission: run.submission(),
            criteria: run.criteria(),
            profile: it.terms.engines.profile,
            engines,
        })
    }

    /// Engines whose word counts now and that have not given it.
    fn asked(&self, contract: &Contract) -> Option<Vec<KeyId>> {
        let of_terms = match &contract.state {
            State::Verifying(it) => !it.house,
            State::Rechecking(it) => !it.house,
            State::Disputed(_) => false,
            _ => return None,
        };
        let (run, policy) = (contract.run()?, self.policy()?);
        let asked = policy.keys_of(Role::Outcome).filter(|key| {
            // Outside of the terms only the market's own is asked: who is called speaks first.
            match of_terms {
                true => contract.terms.engines.keys.contains(&key.key.id()),
                false => key.operator == self.rules().house,
            }
        });
        let silent = |key: &KeyId| {
            let mut votes = run.votes().all().iter();
            !votes.any(|vote| vote.signers().any(|signer| signer == key))
        };
        let asked = asked.map(|key| key.key.id()).filter(silent);
        let mut asked: Vec<_> = asked.filter(|key| !self.struck().contains(key)).collect();
        asked.sort_unstable();
        Some(asked)
    }
}
