//! Reasons for which money may leave escrow.
//!
//! None of them can be written down by whoever wants to be paid: each is made from something that happened.
//!
//! | reason | made from |
//! |---|---|
//! | [`Pass`], [`Fail`], [`Inconclusive`] | a [`VerifiedOutcome`] for exactly this run of this contract, once engines enough signed it |
//! | [`Silence`] | a deadline that has passed |
//! | [`Consent`] | the buyer's acceptance, a review, or silence |
//! | [`Settlement`] | an offer that was accepted, an arbiter's ruling, or a fee that was not put up |
//!
//! A pass cannot be claimed:
//! ```compile_fail
//! use proofmark_market::money::proof::Pass;
//! fn forge(contract: proofmark_market::ContractId) -> Pass {
//!     Pass { contract, run: std::num::NonZeroU32::MIN, outcome: proofmark_core::Digest::of(b"") }
//! }
//! ```
//! It cannot be made from what an engine says without verification:
//! ```compile_fail
//! use proofmark_attestation::statement::ValidatedOutcome;
//! use proofmark_market::money::proof::Proven;
//! fn forge(said: ValidatedOutcome, run: &proofmark_market::Run) -> Proven {
//!     Proven::by(said, run).unwrap()
//! }
//! ```
//! One verified outcome cannot be used twice:
//! ```compile_fail
//! use proofmark_attestation::VerifiedOutcome;
//! use proofmark_market::money::proof::Proven;
//! fn twice(outcome: VerifiedOutcome, run: &proofmark_market::Run) {
//!     let _ = Proven::by(outcome, run);
//!     let _ = Proven::by(outcome, run);
//! }
//! ```
//! Silence is only there after the deadline, and nobody writes it down:
//! ```compile_fail
//! use proofmark_market::money::proof::Silence;
//! fn forge() -> Silence { Silence(()) }
//! ```
//! Nor consent:
//! ```compile_fail
//! use proofmark_market::money::proof::Consent;
//! fn forge() -> Consent { Consent(()) }
//! ```
//! This, by contrast, compiles, because it goes through verification:
//! ```
//! use proofmark_attestation::VerifiedOutcome;
//! use proofmark_market::money::proof::Proven;
//! fn once(outcome: VerifiedOutcome, run: &proofmark_market::Run) -> bool {
//!     Proven::by(outcome, run).is_ok()
//! }
//! ```

use std::num::NonZeroU32;

use proofmark_attestation::VerifiedOutcome;
use proofmark_core::{Digest, Timestamp};
use proofmark_criteria::Verdict;
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;
use serde::Serialize;

use crate::contract::{Run, Vote};
use crate::ids::ContractId;
use crate::rejection::{Code, Rejection};

/// One verified outcome of a run of a contract: a vote, until enough engines agree.
#[derive(Debug)]
pub struct Proven {
    contract: ContractId,
    run: NonZeroU32,
    outcome: Digest,
    verdict: Verdict,
    signers: Vec<KeyId>,
}

impl Proven {
    /// Takes the outcome for a vote on this run.
    ///
    /// # Errors
    /// [`Rejection`] if it is bound to anything else: another audience, contract, terms, deliverable, attempt or
    /// nonce, another submission, other criteria.
    pub fn by(outcome: VerifiedOutcome, run: &Run) -> Result<Self, Rejection> {
        let refuse = |why: &str| Code::OutcomeRefused.because(why);
        let binding = outcome
            .settles()
            .ok_or_else(|| refuse("it settles nothing"))?;
        if binding != run.binding() {
            return Err(refuse("it is bound to another run"));
        }
        let said = outcome.outcome();
        let judged = (said.submission(), said.predicate().criteria.digest.0);
        if judged != (run.submission(), run.criteria()) {
            return Err(refuse("it judges another submission, or by other criteria"));
        }
        Ok(Self {
            contract: run.contract(),
            run: run.number(),
            outcome: said.outcome_digest(),
            verdict: match run.of_evidence() {
                true => said.verdict(),
                false => said.verdict_of_refusals(),
            },
            signers: outcome.signers().to_vec(),
        })
    }

    /// What engines must agree on.
    #[must_use]
    pub const fn conclusion(&self) -> Conclusion {
        Conclusion {
            outcome: self.outcome,
            verdict: self.verdict,
        }
    }

    /// What it comes to: what it says, and a fail where a validator refused the submission. Else whoever delivers what
    /// no validator can read would leave without loss. Facts that nobody can read say nothing: the supplier has not
    /// written them.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whose signatures were verified.
    #[must_use]
    pub fn signers(&self) -> &[KeyId] {
        &self.signers
    }

    /// The judgement of the run, now that this is the outcome on which enough engines agree.
    pub(crate) fn judged(self, leading: &Vote) -> Option<Judgement> {
        let (contract, run, outcome) = (self.contract, self.run, self.outcome);
        (leading.conclusion() == self.conclusion()).then_some(match self.verdict {
            Verdict::Pass => Judgement::Pass(Pass {
                contract,
                run,
                outcome,
            }),
            Verdict::Fail => Judgement::Fail(Fail {
                contract,
                run,
                outcome,
            }),
            Verdict::Inconclusive => Judgement::Inconclusive(Inconclusive {
                contract,
                run,
                outcome,
            }),
        })
    }
}

/// What engines must agree on: the outcome, and what it comes to. The digest of an outcome does not cover whether its
/// list of criteria is shown, on which it depends whether a refusal can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Conclusion {
    /// The outcome digest.
    pub outcome: Digest,
    /// What it comes to.
    pub verdict: Verdict,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub(crate) enum Judgement {
    Pass(Pass),
    Fail(Fail),
    Inconclusive(Inconclusive),
}

impl Judgement {
    pub(crate) const fn verdict(&self) -> Verdict {
        match self {
            Self::Pass(_) => Verdict::Pass,
            Self::Fail(_) => Verdict::Fail,
            Self::Inconclusive(_) => Verdict::Inconclusive,
        }
    }
}

/// Engines enough verified that this run passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pass {
    contract: ContractId,
    run: NonZeroU32,
    outcome: Digest,
}

/// Engines enough verified that this run failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fail {
    contract: ContractId,
    run: NonZeroU32,
    outcome: Digest,
}

/// Engines enough verified that this run could not be decided, and that the submission is not to blame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inconclusive {
    contract: ContractId,
    run: NonZeroU32,
    outcome: Digest,
}

/// Why a run did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NotPassed {
    /// It failed.
    Fail(Fail),
    /// Nobody knows.
    Inconclusive(Inconclusive),
}

impl NotPassed {
    /// On what the engines agree.
    #[must_use]
    pub const fn conclusion(&self) -> Conclusion {
        let outcome = match self {
            Self::Fail(it) => it.outcome,
            Self::Inconclusive(it) => it.outcome,
        };
        Conclusion {
            outcome,
            verdict: self.verdict(),
        }
    }

    /// What it says.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Fail(_) => Verdict::Fail,
            Self::Inconclusive(_) => Verdict::Inconclusive,
        }
    }
}

macro_rules! of_a_run {
    ($($name:ident)+) => {$(
        impl $name {
            /// Of which contract.
            #[must_use]
            pub const fn contract(&self) -> ContractId {
                self.contract
            }

            /// Of which run.
            #[must_use]
            pub const fn run(&self) -> NonZeroU32 {
                self.run
            }

            /// On which outcome the engines agree.
            #[must_use]
            pub const fn outcome(&self) -> Digest {
                self.outcome
            }
        }
    )+};
}

of_a_run!(Pass Fail Inconclusive);

/// A deadline has passed, and what the terms say about that holds.
#[derive(Debug, Clone, Copy)]
pub struct Silence(());

impl Silence {
    /// # Errors
    /// [`Rejection`] before the deadline.
    pub(crate) fn after(deadline: Timestamp, at: Timestamp) -> Result<Self, Rejection> {
        match at > deadline {
            true => Ok(Self(())),
            false => Err(Code::DeadlineAhead.because(format!("it is {deadline}"))),
        }
    }
}

/// The buyer's side has agreed that a pass is paid.
#[derive(Debug, Clone, Copy)]
pub struct Consent(());

impl Consent {
    /// By a command of the buyer or of a reviewer of the terms, which the table of actors let through.
    pub(crate) const fn given() -> Self {
        Self(())
    }

    /// By saying nothing until the window was over.
    pub(crate) const fn silent(_: Silence) -> Self {
        Self(())
    }

    /// By losing the dispute over it.
    pub(crate) const fn lost(_: &Settlement) -> Self {
        Self(())
    }
}

/// What an arbitration came to.
#[derive(Debug, Clone, Copy)]
pub struct Settlement {
    to_buyer: Amount,
}

impl Settlement {
    pub(crate) const fn agreed(offer: Amount) -> Self {
        Self { to_buyer: offer }
    }

    pub(crate) const fn ruled(offer: Amount) -> Self {
        Self { to_buyer: offer }
    }

    pub(crate) const fn unanswered(_: Silence, claim: Amount) -> Self {
        Self { to_buyer: claim }
    }

    /// What the buyer gets of what is disputed.
    #[must_use]
    pub const fn to_buyer(&self) -> Amount {
        self.to_buyer
    }
}
