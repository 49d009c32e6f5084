//! One run of the validators over one submission, and what engines say of it.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use proofmark_attestation::statement::DigestSet;
use proofmark_attestation::statement::binding::{
    Binding, ContractId as BoundContract, Nonce, Term,
};
use proofmark_attestation::verify::{Expected, Facts};
use proofmark_core::{Digest, Digester, Timestamp};
use proofmark_keys::KeyId;
use serde::Serialize;

use super::Contract;
use crate::ids::{ContractId, first_half};
use crate::money::proof::{Conclusion, Proven};
use crate::rejection::{Code, Rejection};

/// One run of the validators over one submission. Its nonce follows from the command that asked for it, so it is
/// not known before there is something to judge, and everybody can recompute it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    contract: ContractId,
    number: NonZeroU32,
    expected: Binding,
    submission: Digest,
    criteria: Digest,
    profile: Digest,
    ordered_at: Timestamp,
    /// Facts of an oracle, and not work of the supplier.
    of_evidence: bool,
    votes: Votes,
    /// Operators who were paid for a judgement of it.
    paid: BTreeSet<String>,
}

/// What is ordered by a run.
pub(crate) struct Order {
    pub(crate) audience: Term,
    pub(crate) deliverable: String,
    pub(crate) submission: Digest,
    pub(crate) criteria: Digest,
    pub(crate) command: Digest,
    pub(crate) at: Timestamp,
    pub(crate) of_evidence: bool,
}

impl Run {
    /// The next run of a contract.
    pub(crate) fn order(contract: &Contract, order: Order) -> Self {
        let number = contract.runs.saturating_add(1);
        let number = NonZeroU32::new(number).expect("one more than some is not nothing");
        let expected = Binding {
            attempt: number,
            audience: order.audience,
            contract: BoundContract {
                digest: DigestSet(contract.terms_digest),
                id: contract.id.term(),
            },
            deliverable: order.deliverable.parse().expect("names in terms are terms"),
            nonce: nonce(contract.id, number, &order.command),
        };
        Self {
            contract: contract.id,
            number,
            expected,
            submission: order.submission,
            criteria: order.criteria,
            profile: contract.terms.engines.profile,
            ordered_at: order.at,
            of_evidence: order.of_evidence,
            votes: Votes::default(),
            paid: BTreeSet::new(),
        }
    }

    /// The run as it was ordered.
    pub(crate) fn without_votes(&self) -> Self {
        Self {
            expected: self.expected.clone(),
            votes: Votes::default(),
            paid: BTreeSet::new(),
            ..*self
        }
    }

    /// Of which contract.
    #[must_use]
    pub const fn contract(&self) -> ContractId {
        self.contract
    }

    /// Which run of the contract, counted from 1: the attempt in its binding.
    #[must_use]
    pub const fn number(&self) -> NonZeroU32 {
        self.number
    }

    /// What an outcome must be bound to.
    #[must_use]
    pub const fn binding(&self) -> &Binding {
        &self.expected
    }

    /// The same, as the verifier takes it.
    #[must_use]
    pub fn expected(&self) -> Expected {
        Expected::from(&self.expected)
    }

    /// Digest of the manifest that is judged.
    #[must_use]
    pub const fn submission(&self) -> Digest {
        self.submission
    }

    /// Digest of the criteria by which it is judged.
    #[must_use]
    pub const fn criteria(&self) -> Digest {
        self.criteria
    }

    /// When it was ordered: when the submission came in.
    #[must_use]
    pub const fn ordered_at(&self) -> Timestamp {
        self.ordered_at
    }

    /// Whether facts of an oracle are judged, and not work of the supplier.
    #[must_use]
    pub const fn of_evidence(&self) -> bool {
        self.of_evidence
    }

    /// What this market knows of the run by itself.
    #[must_use]
    pub fn facts(&self, now: Timestamp) -> Facts {
        Facts {
            expected: self.expected(),
            submission: Some(self.submission),
            criteria: Some(self.criteria),
            profile: Some(self.profile),
            ordered_at: Some(self.ordered_at),
            ..Facts::at(now)
        }
    }

    /// What engines have said.
    #[must_use]
    pub const fn votes(&self) -> &Votes {
        &self.votes
    }

    /// Who is to be paid for this judgement, a key of each operator in ascending order, and was not paid for another of
    /// the same run. They count as paid from now on.
    pub(crate) fn payees(&mut self, vote: &Vote) -> Vec<KeyId> {
        let payees = vote.payees().into_iter();
        let new = payees.filter(|(operator, _)| self.paid.insert((*operator).to_owned()));
        let mut keys: Vec<_> = new.map(|(_, key)| key).collect();
        keys.sort_unstable();
        keys
    }

    pub(crate) const fn votes_mut(&mut self) -> &mut Votes {
        &mut self.votes
    }
}

fn nonce(contract: ContractId, run: NonZeroU32, command: &Digest) -> Nonce {
    let mut digester = Digester::new();
    digester.update(b"proofmark/run-nonce/v1\0");
    digester.update(contract.to_string().as_bytes());
    digester.update(&run.get().to_be_bytes());
    digester.update(command.as_bytes());
    Nonce::from_bytes(first_half(&digester.finish()))
}

/// What engines said of one run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Votes {
    /// One entry for each outcome.
    cast: Vec<Vote>,
    /// Whose signature of an outcome was shown, whether it counted or not.
    shown: Vec<(Conclusion, BTreeSet<KeyId>)>,
}

/// One outcome, and who signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vote {
    conclusion: Conclusion,
    signers: BTreeMap<KeyId, String>,
}

impl Vote {
    /// Everything that must agree between engines.
    #[must_use]
    pub const fn conclusion(&self) -> Conclusion {
        self.conclusion
    }

    /// Whose keys signed it, each once.
    pub fn signers(&self) -> impl Iterator<Item = &KeyId> {
        self.signers.keys()
    }

    /// Who is paid for it: the operators, each at the lowest of its keys that signed.
    #[must_use]
    pub fn payees(&self) -> BTreeMap<&str, KeyId> {
        let mut payees = BTreeMap::new();
        for (key, operator) in &self.signers {
            payees.entry(operator.as_str()).or_insert(*key);
        }
        payees
    }

    /// Whether an engine of this operator signed it.
    #[must_use]
    pub fn is_signed_by(&self, operator: &str) -> bool {
        self.signers.values().any(|it| it == operator)
    }

    /// How many distinct operators hold these keys: two engines of one operator count once.
    #[must_use]
    pub fn operators(&self) -> usize {
        self.signers.values().collect::<BTreeSet<_>>().len()
    }
}

/// When an outcome is the judgement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Quorum<'r> {
    /// Engines of so many operators say so, and fewer say anything else.
    Terms(u32),
    /// An engine of this operator, the market's own, says so, and no more operators say anything else: it was called
    /// because the others were silent, and one of them who speaks first is not enough against it.
    Called(&'r str),
    /// An engine of this operator, the market's own, says so, and fewer operators say anything else.
    House(&'r str),
}

impl Votes {
    /// Every outcome that was signed.
    #[must_use]
    pub fn all(&self) -> &[Vote] {
        &self.cast
    }

    /// Remembers whose signatures were shown.
    pub(crate) fn show(&mut self, conclusion: Conclusion, signers: &[KeyId]) {
        let signers = signers.iter().copied();
        match self.shown.iter_mut().find(|(it, _)| *it == conclusion) {
            Some((_, shown)) => shown.extend(signers),
            None => self.shown.push((conclusion, signers.collect())),
        }
    }

    /// Whose signature of this outcome was shown.
    pub(crate) fn shown(&self, conclusion: Conclusion) -> BTreeSet<KeyId> {
        let shown = self.shown.iter().find(|(it, _)| *it == conclusion);
        shown.map(|(_, shown)| shown.clone()).unwrap_or_default()
    }

    /// Counts the signatures of `signers`, and says who of them signed another outcome of this run before: those
    /// count for neither.
    ///
    /// # Errors
    /// [`Rejection`] if none of it is new.
    pub(crate) fn add(
        &mut self,
        proven: &Proven,
        signers: BTreeMap<KeyId, String>,
    ) -> Result<Vec<KeyId>, Rejection> {
        if signers.is_empty() {
            return Err(Code::NoCountingSigner.because("nobody of them"));
        }
        let before = self.said(proven.conclusion());
        if signers.keys().all(|key| before.contains(key)) {
            return Err(Code::VerdictKnown.because("all of them"));
        }
        Ok(self.recall(proven.conclusion(), signers))
    }

    /// The same, whether it is new or not.
    pub(crate) fn recall(
        &mut self,
        conclusion: Conclusion,
        signers: BTreeMap<KeyId, String>,
    ) -> Vec<KeyId> {
        let equivocators: Vec<_> = signers
            .keys()
            .filter(|key| self.says_else(key, conclusion))
            .copied()
            .collect();
        self.entry(conclusion).signers.extend(signers);
        self.disqualify(&equivocators);
        equivocators
    }

    fn said(&self, conclusion: Conclusion) -> BTreeSet<KeyId> {
        let vote = self.cast.iter().find(|vote| vote.conclusion == conclusion);
        vote.map(|vote| vote.signers.keys().copied().collect())
            .unwrap_or_default()
    }

    fn says_else(&self, key: &KeyId, conclusion: Conclusion) -> bool {
        let mut others = self
            .cast
            .iter()
            .filter(|vote| vote.conclusion != conclusion);
        let mut shown = self.shown.iter().filter(|(it, _)| *it != conclusion);
        others.any(|vote| vote.signers.contains_key(key))
            || shown.any(|(_, keys)| keys.contains(key))
    }

    fn entry(&mut self, conclusion: Conclusion) -> &mut Vote {
        let known = self
            .cast
            .iter()
            .position(|vote| vote.conclusion == conclusion);
        let index = known.unwrap_or_else(|| {
            self.cast.push(Vote {
                conclusion,
                signers: BTreeMap::new(),
            });
            self.cast.len() - 1
        });
        &mut self.cast[index]
    }

    /// Keeps only what these keys said.
    pub(crate) fn keep(&mut self, counts: impl Fn(&KeyId) -> bool) {
        for vote in &mut self.cast {
            vote.signers.retain(|key, _| counts(key));
        }
        self.cast.retain(|vote| !vote.signers.is_empty());
    }

    /// Takes away what these keys said.
    fn disqualify(&mut self, keys: &[KeyId]) {
        self.keep(|key| !keys.contains(key));
    }

    /// Whether an engine of this operator is among those who found so, and no operators are more who found otherwise.
    pub(crate) fn holds_by(&self, house: &str, conclusion: Conclusion) -> bool {
        let own = self.cast.iter().find(|vote| vote.conclusion == conclusion);
        own.is_some_and(|own| {
            let mut others = self
                .cast
                .iter()
                .filter(|other| other.conclusion != conclusion);
            own.is_signed_by(house) && others.all(|other| own.operators() >= other.operators())
        })
    }

    /// The outcome that is the judgement, if one is.
    pub(crate) fn leading(&self, quorum: Quorum<'_>) -> Option<&Vote> {
        let enough = |vote: &Vote| match quorum {
            Quorum::Terms(threshold) => vote.operators() >= threshold as usize,
            Quorum::Called(house) | Quorum::House(house) => vote.is_signed_by(house),
        };
        let least = |other: &Vote| match quorum {
            Quorum::Called(_) => other.operators(),
            Quorum::Terms(_) | Quorum::House(_) => other.operators() + 1,
        };
        let beats = |vote: &Vote| {
            let mut others = self
                .cast
                .iter()
                .filter(|other| other.conclusion != vote.conclusion);
            others.all(|other| vote.operators() >= least(other))
        };
        self.cast.iter().find(|vote| enough(vote) && beats(vote))
    }

    /// Who signed anything else.
    pub(crate) fn against(&self, conclusion: Conclusion) -> Vec<KeyId> {
        let others = self
            .cast
            .iter()
            .filter(|vote| vote.conclusion != conclusion);
        others
            .flat_map(|vote| vote.signers.keys().copied())
            .collect()
    }
}
