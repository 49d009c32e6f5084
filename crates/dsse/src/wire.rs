//! The JSON form of an envelope (DSSE `envelope.md`).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proofmark_keys::KeyId;
use serde::{Deserialize, Serialize};

use crate::object::Object;
use crate::{Envelope, EnvelopeSignature};

/// Longest envelope in bytes: 256 KiB. What is signed has at most 4 KiB; policies may have more.
pub const MAX_ENVELOPE_BYTES: usize = 256 << 10;

/// Most signatures of one envelope: the work of verifying stays bounded.
pub const MAX_SIGNATURES: usize = 16;

/// Longest signature in bytes, of whatever kind: that of a stranger may be none of ours.
pub const MAX_SIGNATURE_BYTES: usize = 512;

/// Bytes that are no envelope. Whoever made them is to blame.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// More than [`MAX_ENVELOPE_BYTES`].
    #[error("an envelope has at most {MAX_ENVELOPE_BYTES} bytes")]
    TooLarge,
    /// Not JSON, or members are missing, twice, or of the wrong type.
    #[error("this is not a DSSE envelope")]
    Malformed(#[source] serde_json::Error),
    /// A member is not base64, in one alphabet, in its canonical form.
    #[error("`{0}` is not canonical base64")]
    Base64(&'static str),
    /// There are no signatures, or more than [`MAX_SIGNATURES`].
    #[error("an envelope has 1 to {MAX_SIGNATURES} signatures, not {0}")]
    SignatureCount(usize),
    /// A signature has more than [`MAX_SIGNATURE_BYTES`].
    #[error("a signature has at most {MAX_SIGNATURE_BYTES} bytes")]
    SignatureTooLong,
    /// Two signatures stand under one key id.
    #[error("two signatures have one key id")]
    KeyTwice,
}

impl EnvelopeError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "envelope-too-large",
            Self::Malformed(_) => "envelope-malformed",
            Self::Base64(_) => "envelope-base64",
            Self::SignatureCount(_) => "envelope-signatures",
            Self::SignatureTooLong => "envelope-signature-too-long",
            Self::KeyTwice => "envelope-key-twice",
        }
    }
}

/// An envelope as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
    #[serde(borrow)]
    payload_type: Cow<'a, str>,
    #[serde(borrow)]
    signatures: Vec<Object<WireSignature<'a>>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct WireSignature<'a> {
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    keyid: Cow<'a, str>,
    #[serde(borrow)]
    sig: Cow<'a, str>,
}

impl Envelope {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`EnvelopeError`]. Whether the signatures verify is not looked at.
    pub fn parse(json: &[u8]) -> Result<Self, EnvelopeError> {
        if json.len() > MAX_ENVELOPE_BYTES {
            return Err(EnvelopeError::TooLarge);
        }
        let wire: Object<Wire<'_>> =
            serde_json::from_slice(json).map_err(EnvelopeError::Malformed)?;
        wire.0.try_into()
    }

    /// The JSON form: members in the order of RFC 8785, standard base64 with padding.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&Wire::from(self)).expect("text and lists are JSON")
    }
}

impl TryFrom<Wire<'_>> for Envelope {
    type Error = EnvelopeError;

    fn try_from(wire: Wire<'_>) -> Result<Self, EnvelopeError> {
        let signatures = wire
            .signatures
            .iter()
            .map(|Object(one)| (&*one.keyid, &*one.sig));
        Self::from_members(&wire.payload_type, &wire.payload, signatures)
    }
}

impl Envelope {
    /// An envelope from the texts of its members, for a document that holds one and allows it no other
    /// members: payload type, payload in base64, and for each signature `keyid` (empty where absent) and
    /// `sig` in base64.
    ///
    /// # Errors
    /// As [`Envelope::parse`], apart from what is no JSON.
    pub fn from_members<'s>(
        payload_type: &str,
        payload: &str,
        signatures: impl ExactSizeIterator<Item = (&'s str, &'s str)>,
    ) -> Result<Self, EnvelopeError> {
        let count = signatures.len();
        if count == 0 || count > MAX_SIGNATURES {
            return Err(EnvelopeError::SignatureCount(count));
        }
        let signatures = signatures.map(|(keyid, sig)| {
            let bytes = decode(sig).ok_or(EnvelopeError::Base64("sig"))?;
            if bytes.len() > MAX_SIGNATURE_BYTES {
                return Err(EnvelopeError::SignatureTooLong);
            }
            Ok(EnvelopeSignature {
                key_id: keyid.parse().ok(),
                bytes,
            })
        });
        let signatures: Vec<_> = signatures.collect::<Result<_, EnvelopeError>>()?;
        let mut ids: Vec<KeyId> = signatures.iter().filter_map(|one| one.key_id).collect();
        ids.sort();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(EnvelopeError::KeyTwice);
        }
        Ok(Self {
            payload_type: payload_type.to_owned(),
            payload: decode(payload).ok_or(EnvelopeError::Base64("payload"))?,
            signatures,
        })
    }
}

impl<'e> From<&'e Envelope> for Wire<'e> {
    fn from(envelope: &'e Envelope) -> Self {
        let signatures = envelope.signatures.iter().map(|signature| {
            Object(WireSignature {
                keyid: signature
                    .key_id
                    .map(|id| id.to_string())
                    .unwrap_or_default()
                    .into(),
                sig: STANDARD.encode(&signature.bytes).into(),
            })
        });
        Self {
            payload: STANDARD.encode(&envelope.payload).into(),
            payload_type: Cow::Borrowed(&envelope.payload_type),
            signatures: signatures.collect(),
        }
    }
}

impl Serialize for Envelope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire::from(self).serialize(serializer)
    }
}

/// Either alphabet, with padding or without, as the specification demands; bits that say nothing must be 0.
fn decode(text: &str) -> Option<Vec<u8>> {
    let url_safe = text.contains(['-', '_']);
    let padded = text.ends_with('=') || text.len().is_multiple_of(4);
    let engine: &GeneralPurpose = match (url_safe, padded) {
        (false, true) => &STANDARD,
        (false, false) => &STANDARD_NO_PAD,
        (true, true) => &URL_SAFE,
        (true, false) => &URL_SAFE_NO_PAD,
    };
    engine.decode(text).ok()
}
