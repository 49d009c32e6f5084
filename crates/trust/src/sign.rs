//! Signing a policy, and how far its signatures are.

use proofmark_core::{Digest, Timestamp};
use proofmark_dsse::{Envelope, MergeError};
use proofmark_keys::{KeyId, SignError, Signer};

use crate::accept::counted;
use crate::{Policy, Role, Root};

/// There is no further signature on the policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicySignError {
    /// The key is no root key, neither of this policy nor of the one before it. Whoever chose it is to blame.
    #[error("key {0} is not a root key")]
    NotRoot(KeyId),
    /// The envelope with the signatures so far holds something else. Whoever chose it is to blame.
    #[error("the envelope holds {found}, not {expected}")]
    OtherPolicy {
        /// The policy to be signed.
        expected: Digest,
        /// What is in the envelope.
        found: Digest,
    },
    /// No envelope holds so many. Whoever chose so many root keys is to blame.
    #[error("there is no room for another signature")]
    Full(#[source] MergeError),
    /// Whoever operates the signer must act.
    #[error("the policy was not signed")]
    Sign(#[source] SignError),
}

impl PolicySignError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotRoot(_) => "policy-not-root",
            Self::OtherPolicy { .. } => "policy-other",
            Self::Full(_) => "policy-signatures-full",
            Self::Sign(_) => "policy-not-signed",
        }
    }
}

/// Adds the signature of a root key to those that there are. Of `previous`, the policy that is replaced,
/// enough of the root must sign too, so its keys may.
///
/// A policy may be longer than the 4,096 bytes that key services sign ([`crate::lint`] says so); then only
/// keys in files and programs can sign it.
///
/// # Errors
/// [`PolicySignError`].
pub fn sign(
    policy: &Policy,
    previous: Option<&Policy>,
    signed: Option<Envelope>,
    signer: &dyn Signer,
) -> Result<Envelope, PolicySignError> {
    let id = signer.public_key().id();
    let mut roots = std::iter::once(policy).chain(previous);
    if !roots.any(|policy| policy.role_of(&id) == Some(Role::Root)) {
        return Err(PolicySignError::NotRoot(id));
    }
    let mut envelope = signed.unwrap_or_else(|| policy.envelope());
    let unsigned = policy.envelope();
    if (envelope.payload_type(), envelope.payload())
        != (unsigned.payload_type(), unsigned.payload())
    {
        return Err(PolicySignError::OtherPolicy {
            expected: policy.digest(),
            found: envelope.payload_digest(),
        });
    }
    let pae = envelope.pae();
    // Not `proofmark_keys::sign`, which keeps to the length that key services sign.
    let signature = signer.sign(&pae).map_err(PolicySignError::Sign)?;
    let verified = signer.public_key().verify(&pae, &signature);
    verified.map_err(|_| PolicySignError::Sign(SignError::Invalid))?;
    envelope
        .attach(id, &signature)
        .map_err(PolicySignError::Full)?;
    Ok(envelope)
}

/// How far the signatures of one root are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which root.
    pub root: Root,
    /// Signatures that count: of distinct keys, or operators where they must be distinct.
    pub valid: usize,
    /// So many are needed.
    pub threshold: u32,
}

impl Progress {
    /// Whether there are enough.
    #[must_use]
    pub const fn is_enough(&self) -> bool {
        self.valid >= self.threshold as usize
    }
}

/// How far the signatures of an envelope are: of the policy's own root, and of that of `previous`.
#[must_use]
pub fn progress(
    policy: &Policy,
    previous: Option<&Policy>,
    envelope: &Envelope,
    now: Timestamp,
) -> Vec<Progress> {
    let own = std::iter::once((Root::Own, policy));
    let roots = own.chain(previous.map(|previous| (Root::Remembered, previous)));
    let progress = roots.map(|(root, policy)| {
        let tally = envelope.tally(policy.keys_of(Role::Root).map(|key| &key.key));
        Progress {
            root,
            valid: counted(policy, &tally.valid, now),
            threshold: policy
                .role(Role::Root)
                .map_or(u32::MAX, |rule| rule.threshold),
        }
    });
    progress.collect()
}
