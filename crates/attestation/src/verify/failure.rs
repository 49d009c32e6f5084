//! Why a bundle proves nothing.

use std::fmt;

use proofmark_core::canonical::ParseError;
use proofmark_core::chain;
use proofmark_trust::PolicyError;

use super::rule::Rule;
use crate::bundle::BundleError;
use crate::statement::{Inconsistency, ReadError};

/// Declares the codes with rule and hint in one table.
macro_rules! failures {
    ($($variant:ident = $code:literal, $rule:ident, $hint:literal;)+) => {
        /// Why a verification failed. Stable; each belongs to one rule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FailureCode {
            $(#[doc = $hint] $variant,)+
        }

        impl FailureCode {
            /// Every code, in the order of the rules.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The rule that fails with it.
            #[must_use]
            pub const fn rule(self) -> Rule {
                match self { $(Self::$variant => Rule::$rule,)+ }
            }

            /// What to do about it, one sentence.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint,)+ }
            }
        }
    };
}

failures! {
    BundleTooLarge = "bundle-too-large", Size, "nobody makes such a bundle; leave documents out, their digests stay";
    BundleMalformed = "bundle-malformed", Parse, "ask the supplier for the bundle as its engine made it";
    BundleDuplicateName = "bundle-duplicate-name", Parse, "readers disagree about such a file: refuse it";
    BundleVersion = "bundle-version", Parse, "use the version of Proofmark that made it";
    DocumentMismatch = "document-mismatch", Parse, "the document was swapped: get it again by its digest";
    PolicyMalformed = "policy-malformed", Policy, "give the signed policy, the file that ends in .dsse.json and that `proofmark policy sign` writes";
    PolicyPayloadType = "policy-payload-type", Policy, "give the signed policy, the file that ends in .dsse.json";
    PolicyPin = "policy-pin", Policy, "get the pinned policy, or change the pin after asking the root why";
    PolicyNotCanonical = "policy-not-canonical", Policy, "take the policy as it was signed, byte for byte";
    PolicyInvalid = "policy-invalid", Policy, "the root must mend it: proofmark policy lint";
    PolicySignature = "policy-signature", Policy, "get the policy again from its root";
    PolicyThreshold = "policy-threshold", Policy, "more keys of the root must sign it";
    PolicyAudience = "policy-audience", Policy, "get the policy of this market";
    PolicyRollback = "policy-rollback", Policy, "get the newest policy: somebody hands out an old one";
    PolicyConflict = "policy-conflict", Policy, "keep both and ask the root: it signed two of one version";
    PolicyNotYetValid = "policy-not-yet-valid", Policy, "set the clock, or wait until the policy and its root keys count";
    PolicyExpired = "policy-expired", Policy, "get a newer policy from the root";
    EnvelopeMalformed = "envelope-malformed", Envelope, "ask the engine for the envelope again";
    PayloadType = "payload-type", PayloadType, "this envelope holds something else: it proves no outcome";
    NoTrustedSignature = "no-trusted-signature", Signatures, "none of the signers is in the policy: have a trusted engine sign";
    SignatureInvalid = "signature-invalid", Signatures, "the envelope was altered: get it again";
    ThresholdNotMet = "threshold-not-met", Threshold, "have more engines of other operators run it and add their signatures: proofmark cosign";
    PayloadMalformed = "payload-malformed", CanonicalForm, "the engine that signed this is broken";
    PayloadDuplicateName = "payload-duplicate-name", CanonicalForm, "readers disagree about such a payload: stop trusting the engine that signed it";
    PayloadNumber = "payload-number", CanonicalForm, "the engine that signed this is broken";
    PayloadNotCanonical = "payload-not-canonical", CanonicalForm, "the engine that signed this is broken";
    StatementType = "statement-type", StatementType, "this is another kind of statement";
    PredicateType = "predicate-type", Predicate, "this is another kind of statement";
    PredicateSchema = "predicate-schema", Predicate, "the engine that signed this is broken, or newer";
    BindingMissing = "binding-missing", Audience, "a free-standing check settles nothing: have it attested for the contract";
    AudienceMismatch = "audience-mismatch", Audience, "the outcome is meant for another market: refuse it";
    ContractMismatch = "contract-mismatch", Contract, "the outcome belongs to another contract: refuse it";
    DeliverableMismatch = "deliverable-mismatch", Contract, "the outcome belongs to another deliverable: refuse it";
    AttemptMismatch = "attempt-mismatch", Contract, "the outcome belongs to another attempt: refuse it";
    NonceMismatch = "nonce-mismatch", Nonce, "the outcome was made for another order: refuse it";
    SubjectMismatch = "subject-mismatch", Subject, "the outcome is about other work: refuse it";
    CriteriaMismatch = "criteria-mismatch", Criteria, "the work was judged by other criteria: refuse it";
    ValidatorMismatch = "validator-mismatch", Criteria, "the work was judged by other validators, parameters or references: refuse it";
    ProfileNotAllowed = "profile-not-allowed", Profile, "have it run by an engine with an allowed profile";
    ProfileDowngrade = "profile-downgrade", Profile, "have it run by an engine with the contract's profile or a newer one";
    LimitsMismatch = "limits-mismatch", Limits, "the validators had other limits than the criteria state: refuse it";
    FuelExceeded = "fuel-exceeded", Limits, "the engine that signed this is broken";
    ResultInconsistent = "result-inconsistent", Result, "the engine that signed this is broken: stop trusting it";
    OutcomeNotDeterministic = "outcome-not-deterministic", Result, "no engine may sign this: stop trusting the one that did";
    LogMissing = "log-missing", LogOrigin, "the policy demands a log proof: proofmark bundle log";
    LogOrigin = "log-origin", LogOrigin, "the envelope is in a log that the policy does not know";
    LogSignature = "log-signature", LogOrigin, "the checkpoint is not the log's: get the proof again";
    LogMalformed = "log-malformed", LogOrigin, "get the proof again from the log";
    LeafMismatch = "leaf-mismatch", Inclusion, "the proof names signatures that the envelope has not";
    InclusionInvalid = "inclusion-invalid", Inclusion, "the proof is of another entry or another state: get it again";
    WitnessSignature = "witness-signature", WitnessQuorum, "a cosignature was altered: get the proof again";
    WitnessQuorum = "witness-quorum", WitnessQuorum, "have more witnesses of other operators cosign the checkpoint: proofmark bundle log";
    TimeFuture = "time-future", Time, "a witness is ahead of this clock: set the clock, or ask the witness";
    TimeBeforeOrder = "time-before-order", Time, "the outcome is older than its order: refuse it";
    TimeTooOld = "time-too-old", Time, "have the work attested anew";
    TimeAfterDeadline = "time-after-deadline", Time, "the outcome came after the deadline; the terms say what follows";
    KeyNotYetValid = "key-not-yet-valid", KeyValidity, "a key signed before it counted";
    KeyExpired = "key-expired", KeyValidity, "nothing shows that the key still counted: have it attested anew";
    KeyRevoked = "key-revoked", KeyValidity, "nothing shows that it was signed before the key was revoked: have it attested anew";
    LogExpired = "log-expired", KeyValidity, "the log did not count at that time: log it elsewhere";
    ProfileExpired = "profile-expired", KeyValidity, "the profile did not count at that time: have it run anew";
    ReceiptInvalid = "receipt-invalid", Receipts, "leave the receipt out, or get it again from its engine";
    ConflictingVerdict = "conflicting-verdict", Conflicts, "two engines disagree about one run: pay nobody, find out which is broken";
    Equivocation = "equivocation", Conflicts, "one key signed two results of one run: export the proof, stop trusting the key";
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The first rule that failed. What follows is always the same: no money moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable code.
    pub code: FailureCode,
    /// What is wrong, one sentence.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl FailureCode {
    /// The failure with this code and a sentence.
    pub(crate) fn because(self, message: impl Into<String>) -> Failure {
        Failure {
            code: self,
            message: message.into(),
        }
    }
}

impl Failure {
    pub(super) fn bundle(error: BundleError) -> Self {
        let code = match &error {
            BundleError::TooLarge => FailureCode::BundleTooLarge,
            BundleError::DuplicateName(_) => FailureCode::BundleDuplicateName,
            BundleError::Version => FailureCode::BundleVersion,
            BundleError::Envelope("the envelope", _) => FailureCode::EnvelopeMalformed,
            BundleError::Document(..) => FailureCode::DocumentMismatch,
            BundleError::Malformed(_)
            | BundleError::KeyId
            | BundleError::Envelope(..)
            | BundleError::TooManyReceipts
            | BundleError::Log(_) => FailureCode::BundleMalformed,
        };
        code.because(chain(&error))
    }

    /// The codes of a policy's errors are the same words.
    pub(super) fn policy(error: PolicyError) -> Self {
        let all = FailureCode::ALL.iter().copied();
        let code = all.into_iter().find(|code| code.as_str() == error.code());
        code.unwrap_or(FailureCode::PolicyInvalid)
            .because(chain(&error))
    }

    pub(super) fn read(error: ReadError) -> Self {
        let code = match &error {
            ReadError::Parse(ParseError::DuplicateName { .. }) => FailureCode::PayloadDuplicateName,
            ReadError::Parse(ParseError::Unsupported { .. }) => FailureCode::PayloadNumber,
            ReadError::Parse(_) => FailureCode::PayloadMalformed,
            ReadError::NotCanonical => FailureCode::PayloadNotCanonical,
            ReadError::StatementType => FailureCode::StatementType,
            ReadError::PredicateType(_) => FailureCode::PredicateType,
            ReadError::Schema(_) => FailureCode::PredicateSchema,
            ReadError::NotDeterministic => FailureCode::OutcomeNotDeterministic,
            ReadError::Inconsistent(Inconsistency::Subject(_)) => FailureCode::SubjectMismatch,
            ReadError::Inconsistent(Inconsistency::Metering(_)) => FailureCode::FuelExceeded,
            ReadError::Inconsistent(Inconsistency::Result(_)) => FailureCode::ResultInconsistent,
        };
        code.because(chain(&error))
    }
}
