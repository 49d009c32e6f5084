//! Where in the record the papers stand that are asked for by name: the trust policy that holds, and the bundles of
//! verdicts.
//!
//! In scope: finding them without reading the record, and the leaf that each verdict has in the log. Out of scope: their
//! bytes, which stay in the record (`proofmark-storage`).

use std::collections::BTreeMap;

use proofmark_attestation::{Bundle, leaf};
use proofmark_core::{Digest, Timestamp};
use proofmark_criteria::Verdict;
use proofmark_keys::KeyId;
use proofmark_market::event::Event;
use proofmark_market::{Action, ContractAction, ContractId, Market, Receipt};
use proofmark_storage::{Command, Store, StoreError};
use proofmark_tlog::{Hash, leaf_hash};
use proofmark_trust::Role;

/// A bundle that was presented for a contract, and obeyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// The command that brought it.
    pub sequence: u64,
    /// When that was obeyed.
    pub at: Timestamp,
    /// For which contract.
    pub contract: ContractId,
    /// Digest of the bundle's bytes.
    pub bundle: Digest,
    /// Which run of the contract, counted from 1.
    pub run: u32,
    /// The outcome that is attested.
    pub outcome: Digest,
    /// What the work comes to by it.
    pub verdict: Verdict,
    /// Engines of the trust policy of that moment whose signatures are on it, ascending, each with who holds it.
    pub signers: Vec<(KeyId, String)>,
    /// Its place in the log of the market, counted from 0: verdicts are logged in the order of their commands.
    pub index: u64,
    /// Hash of its leaf in that log.
    pub leaf: Hash,
}

/// Where the papers of a market stand in its record.
#[derive(Debug, Default)]
pub struct Papers {
    policy: Option<u64>,
    verdicts: Vec<Presented>,
    /// Places in `verdicts`.
    of: BTreeMap<ContractId, Vec<usize>>,
}

impl Papers {
    /// The command that published the trust policy that holds.
    #[must_use]
    pub const fn policy(&self) -> Option<u64> {
        self.policy
    }

    /// Every bundle that was presented and obeyed, in the order of commands.
    #[must_use]
    pub fn verdicts(&self) -> &[Presented] {
        &self.verdicts
    }

    /// The same of one contract.
    pub fn verdicts_of(&self, contract: &ContractId) -> impl Iterator<Item = &Presented> {
        let places = self.of.get(contract).map_or(&[][..], Vec::as_slice);
        places.iter().map(|place| &self.verdicts[*place])
    }

    /// Takes note of what a command brought that was just obeyed.
    pub(crate) fn note(&mut self, market: &Market, obeyed: &Noted<'_>) {
        match obeyed.action {
            Action::PublishPolicy { .. } => self.policy = Some(obeyed.receipt.sequence),
            Action::Contract {
                contract,
                verb: ContractAction::PresentVerdict { bundle },
            } => {
                let presented = self.presented(market, obeyed, (*contract, *bundle));
                let place = self.verdicts.len();
                self.of.entry(*contract).or_default().push(place);
                self.verdicts.push(presented);
            }
            _ => {}
        }
    }

    /// # Panics
    /// Never: what is obeyed was verified, and is told of.
    fn presented(
        &self,
        market: &Market,
        obeyed: &Noted<'_>,
        (contract, digest): (ContractId, Digest),
    ) -> Presented {
        let bytes = obeyed.attachment.expect("a verdict that was obeyed");
        let bundle = Bundle::parse(bytes).expect("a bundle that was verified");
        let told = obeyed.receipt.events.iter();
        let mut told = told.filter_map(|noted| match noted.event {
            Event::VerdictPresented {
                run,
                outcome,
                verdict,
                ..
            } => Some((run, outcome, verdict)),
            _ => None,
        });
        let (run, outcome, verdict) = told.next().expect("it is told of every verdict");
        let entry = entry(&bundle).expect("in a bundle every signature names its key");
        Presented {
            sequence: obeyed.receipt.sequence,
            at: market.now(),
            contract,
            bundle: digest,
            run,
            outcome,
            verdict,
            signers: signers(market, &bundle),
            index: self.verdicts.len() as u64,
            leaf: leaf_hash(&entry),
        }
    }
}

/// A command that was just obeyed.
pub(crate) struct Noted<'c> {
    pub(crate) action: &'c Action,
    pub(crate) attachment: Option<&'c [u8]>,
    pub(crate) receipt: &'c Receipt,
}

/// What the log has of a bundle: its envelope, with every signature that names its key.
pub(crate) fn entry(bundle: &Bundle) -> Option<Vec<u8>> {
    leaf(&bundle.envelope, &bundle.envelope.key_ids())
}

/// A signature of a key of the policy that does not verify refuses the bundle, so these all verify.
fn signers(market: &Market, bundle: &Bundle) -> Vec<(KeyId, String)> {
    let Some(policy) = market.policy() else {
        return Vec::new();
    };
    let engines = bundle.envelope.key_ids().into_iter();
    let engines = engines.filter(|key| policy.role_of(key) == Some(Role::Outcome));
    let held = engines.filter_map(|key| Some((key, policy.key(&key)?.operator.clone())));
    held.collect()
}

/// What came beside a command, byte for byte; nothing where the record has no such command, or none had come.
///
/// # Errors
/// [`StoreError`].
pub async fn attachment(store: &dyn Store, sequence: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let found = store.commands(sequence.saturating_sub(1), 1).await?;
    let found = found.into_iter().find(|it| it.sequence == sequence);
    Ok(found.and_then(|command: Command| command.attachment))
}
