//! Envelopes in memory: signing, merging, and whose signatures there are.

use proofmark_core::Digest;
use proofmark_keys::{KeyId, PublicKey, SignError, Signature, Signer, sign};

use crate::pae;
use crate::wire::MAX_SIGNATURES;

/// A payload, what it is, and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub(crate) payload_type: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) signatures: Vec<EnvelopeSignature>,
}

/// One signature as it stands in an envelope: a claim until [`Envelope::tally`] has tried it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvelopeSignature {
    /// `None` where it is absent or empty, or is no key id of ours.
    pub key_id: Option<KeyId>,
    /// The signature's bytes; other algorithms have other lengths.
    pub bytes: Vec<u8>,
}

/// Whose signatures an envelope carries, among the keys that were asked about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Keys with a signature that verifies, each once, ascending.
    pub valid: Vec<KeyId>,
    /// Keys under whose id stands a signature that does not verify, ascending.
    pub invalid: Vec<KeyId>,
    /// Signatures of nobody that was asked about.
    pub unknown: usize,
}

/// Two envelopes do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// They hold different payloads, or the same under different types.
    #[error("the envelopes hold different statements: {ours} and {theirs}")]
    Payload {
        /// Digest of this payload.
        ours: Digest,
        /// Digest of the other.
        theirs: Digest,
    },
    /// One key signed both, differently, so one of the signatures is not what it seems.
    #[error("the envelopes have different signatures of key {0}")]
    Signature(KeyId),
    /// More than [`MAX_SIGNATURES`] together.
    #[error("an envelope has at most {MAX_SIGNATURES} signatures")]
    TooMany,
}

impl MergeError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Payload { .. } => "conflicting-outcome",
            Self::Signature(_) => "signature-invalid",
            Self::TooMany => "too-many-signatures",
        }
    }
}

impl Envelope {
    /// An envelope that nobody has signed yet.
    #[must_use]
    pub fn unsigned(payload_type: impl Into<String>, payload: Vec<u8>) -> Self {
        Self {
            payload_type: payload_type.into(),
            payload,
            signatures: Vec::new(),
        }
    }

    /// An envelope with one signature.
    ///
    /// # Errors
    /// [`SignError`], also for a payload whose encoding is longer than key services sign.
    pub fn signed(
        payload_type: impl Into<String>,
        payload: Vec<u8>,
        signer: &dyn Signer,
    ) -> Result<Self, SignError> {
        let mut envelope = Self::unsigned(payload_type, payload);
        let signature = sign(signer, &envelope.pae())?;
        envelope
            .attach(signer.public_key().id(), &signature)
            .expect("it is the only signature");
        Ok(envelope)
    }

    /// Puts in a signature that was made elsewhere over [`Envelope::pae`]; replaces one of the same key.
    ///
    /// # Errors
    /// [`MergeError::TooMany`]; then nothing has changed.
    pub fn attach(&mut self, key: KeyId, signature: &Signature) -> Result<(), MergeError> {
        let others = self
            .signatures
            .iter()
            .filter(|other| other.key_id != Some(key));
        if others.count() >= MAX_SIGNATURES {
            return Err(MergeError::TooMany);
        }
        self.signatures.retain(|other| other.key_id != Some(key));
        self.signatures.push(EnvelopeSignature {
            key_id: Some(key),
            bytes: signature.as_bytes().to_vec(),
        });
        self.signatures.sort();
        Ok(())
    }

    /// Takes over the signatures of an envelope of the same payload, sorted by key id.
    ///
    /// # Errors
    /// [`MergeError`]; then nothing has changed.
    pub fn merge(&mut self, other: &Self) -> Result<(), MergeError> {
        if (&self.payload, &self.payload_type) != (&other.payload, &other.payload_type) {
            return Err(MergeError::Payload {
                ours: self.payload_digest(),
                theirs: other.payload_digest(),
            });
        }
        let mut merged = self.signatures.clone();
        for theirs in &other.signatures {
            if merged.contains(theirs) {
                continue;
            }
            if let Some(key) = theirs.key_id
                && merged.iter().any(|ours| ours.key_id == Some(key))
            {
                return Err(MergeError::Signature(key));
            }
            merged.push(theirs.clone());
        }
        if merged.len() > MAX_SIGNATURES {
            return Err(MergeError::TooMany);
        }
        merged.sort();
        self.signatures = merged;
        Ok(())
    }

    /// What the payload is. Authenticated by the signatures.
    #[must_use]
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The payload. Authenticated by the signatures.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The identity of what is signed, whoever signed it.
    #[must_use]
    pub fn payload_digest(&self) -> Digest {
        Digest::of(&self.payload)
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn pae(&self) -> Vec<u8> {
        pae(&self.payload_type, &self.payload)
    }

    /// As they stand there; none of them has been tried.
    #[must_use]
    pub fn signatures(&self) -> &[EnvelopeSignature] {
        &self.signatures
    }

    /// Whose signatures there are by what they say of themselves, ascending.
    #[must_use]
    pub fn key_ids(&self) -> Vec<KeyId> {
        let ids = self.signatures.iter();
        let mut ids: Vec<_> = ids.filter_map(|signature| signature.key_id).collect();
        ids.sort();
        ids
    }

    /// Tries the signatures with `keys`. A key counts once.
    #[must_use]
    pub fn tally<'k>(&self, keys: impl IntoIterator<Item = &'k PublicKey>) -> Tally {
        let keys: Vec<_> = keys.into_iter().collect();
        let pae = self.pae();
        let mut tally = Tally::default();
        for signature in &self.signatures {
            match signature.signer(&keys, &pae) {
                Ok(key) => tally.valid.push(key),
                Err(Some(key)) => tally.invalid.push(key),
                Err(None) => tally.unknown += 1,
            }
        }
        for list in [&mut tally.valid, &mut tally.invalid] {
            list.sort();
            list.dedup();
        }
        tally
    }
}

impl EnvelopeSignature {
    /// Whose it is; or of whom it claims to be and is not, if that is one of `keys`.
    fn signer(&self, keys: &[&PublicKey], pae: &[u8]) -> Result<KeyId, Option<KeyId>> {
        let claimed = self.key_id;
        let candidates = keys
            .iter()
            .filter(|key| claimed.is_none_or(|claimed| key.id() == claimed));
        let mut named = None;
        for key in candidates {
            named = claimed;
            let signature = Signature::from_bytes(&self.bytes);
            if signature.is_ok_and(|signature| key.verify(pae, &signature).is_ok()) {
                return Ok(key.id());
            }
        }
        Err(named)
    }
}
