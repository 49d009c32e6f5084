//! The JSON form of a bundle.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::{Digest, uri};
use proofmark_dsse::{Envelope, EnvelopeError, Object};
use proofmark_keys::KeyId;
use proofmark_tlog::TlogProof;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Bundle, BundleDocument, BundleError, DocumentRole, LogEvidence, MAX_BUNDLE_BYTES,
    MAX_DOCUMENT_BYTES, MAX_RECEIPTS,
};

/// Members in the order of RFC 8785, so that what is written is canonical.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    documents: Vec<Object<WireDocument<'a>>>,
    #[serde(borrow)]
    envelope: Object<WireEnvelope<'a>>,
    #[serde(
        borrow,
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    log: Option<Object<WireLog<'a>>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    receipts: Vec<Object<WireEnvelope<'a>>>,
    #[serde(borrow)]
    schema: Cow<'a, str>,
}

/// DSSE lets readers ignore unknown members; a bundle has none.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WireEnvelope<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
    #[serde(borrow)]
    payload_type: Cow<'a, str>,
    #[serde(borrow)]
    signatures: Vec<Object<WireSignature<'a>>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature<'a> {
    #[serde(borrow)]
    keyid: Cow<'a, str>,
    #[serde(borrow)]
    sig: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireLog<'a> {
    #[serde(borrow)]
    proof: Cow<'a, str>,
    signers: Vec<KeyId>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireDocument<'a> {
    #[serde(borrow)]
    content: Cow<'a, str>,
    digest: Digest,
    role: DocumentRole,
}

/// A member that may be absent, but not `null`.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

impl Bundle {
    /// Reads the JSON form, in any spelling. No signature is looked at.
    ///
    /// # Errors
    /// [`BundleError`], the size first.
    pub fn parse(json: &[u8]) -> Result<Self, BundleError> {
        if json.len() > MAX_BUNDLE_BYTES {
            return Err(BundleError::TooLarge);
        }
        let Object(wire): Object<Wire<'_>> = serde_json::from_slice(json).map_err(malformed)?;
        if wire.schema != uri::BUNDLE_V1 {
            return Err(BundleError::Version);
        }
        if wire.receipts.len() > MAX_RECEIPTS {
            return Err(BundleError::TooManyReceipts);
        }
        key_ids(std::iter::once(&wire.envelope).chain(&wire.receipts))?;
        let envelope = envelope(&wire.envelope.0)
            .map_err(|error| BundleError::Envelope("the envelope", error))?;
        let receipts = wire
            .receipts
            .iter()
            .map(|Object(one)| envelope_of_receipt(one));
        Ok(Self {
            envelope,
            receipts: receipts.collect::<Result<_, _>>()?,
            log: wire.log.map(|Object(log)| evidence(log)).transpose()?,
            documents: documents(&wire.documents)?,
        })
    }

    /// The JSON form: members in the order of RFC 8785, without white space.
    #[must_use]
    pub fn to_json(&self) -> String {
        let wire = Wire {
            documents: self
                .documents
                .iter()
                .map(|one| Object(one.into()))
                .collect(),
            envelope: Object((&self.envelope).into()),
            log: self.log.as_ref().map(|log| Object(log.into())),
            receipts: self.receipts.iter().map(|one| Object(one.into())).collect(),
            schema: uri::BUNDLE_V1.into(),
        };
        serde_json::to_string(&wire).expect("text and lists are JSON")
    }
}

/// An envelope by itself may carry any `keyid`, or none; in a bundle no byte is without meaning, and a log commits to
/// signatures by their key.
fn key_ids<'w>(
    envelopes: impl Iterator<Item = &'w Object<WireEnvelope<'w>>>,
) -> Result<(), BundleError> {
    let mut ids = envelopes.flat_map(|Object(one)| &one.signatures);
    match ids.all(|Object(one)| one.keyid.parse::<KeyId>().is_ok()) {
        true => Ok(()),
        false => Err(BundleError::KeyId),
    }
}

/// serde has no kind of its own for a member that occurs twice; its sentence is the only sign.
fn malformed(error: serde_json::Error) -> BundleError {
    match error.to_string().starts_with("duplicate field") {
        true => BundleError::DuplicateName(error),
        false => BundleError::Malformed(error),
    }
}

fn envelope(wire: &WireEnvelope<'_>) -> Result<Envelope, EnvelopeError> {
    let signatures = wire
        .signatures
        .iter()
        .map(|Object(one)| (&*one.keyid, &*one.sig));
    Envelope::from_members(&wire.payload_type, &wire.payload, signatures)
}

fn envelope_of_receipt(wire: &WireEnvelope<'_>) -> Result<Envelope, BundleError> {
    envelope(wire).map_err(|error| BundleError::Envelope("a receipt", error))
}

fn evidence(wire: WireLog<'_>) -> Result<LogEvidence, BundleError> {
    if wire.signers.is_empty() || wire.signers.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(BundleError::Log(
            "names no signers in ascending order, each once".to_owned(),
        ));
    }
    let proof = TlogProof::parse(wire.proof.as_bytes());
    let proof = proof.map_err(|error| BundleError::Log(format!("cannot be read: {error}")))?;
    if proof.extra.is_some() {
        return Err(BundleError::Log(
            "has extra data, which nobody signs".to_owned(),
        ));
    }
    Ok(LogEvidence {
        signers: wire.signers,
        proof,
    })
}

fn documents(wire: &[Object<WireDocument<'_>>]) -> Result<Vec<BundleDocument>, BundleError> {
    let mut documents: Vec<BundleDocument> = Vec::new();
    for Object(one) in wire {
        let refuse = |why| BundleError::Document(one.role, why);
        if documents.last().is_some_and(|last| last.role >= one.role) {
            return Err(refuse("is not in ascending order of roles, or there twice"));
        }
        let content = STANDARD.decode(&*one.content);
        let content = content.map_err(|_| refuse("is not canonical base64"))?;
        if content.len() > MAX_DOCUMENT_BYTES {
            return Err(refuse("is too long"));
        }
        if Digest::of(&content) != one.digest {
            return Err(refuse("has another digest than stands beside it"));
        }
        documents.push(BundleDocument {
            role: one.role,
            content,
        });
    }
    Ok(documents)
}

impl<'e> From<&'e Envelope> for WireEnvelope<'e> {
    fn from(envelope: &'e Envelope) -> Self {
        let signatures = envelope.signatures().iter().map(|signature| {
            let keyid = signature.key_id.map(|id| id.to_string());
            Object(WireSignature {
                keyid: keyid.unwrap_or_default().into(),
                sig: STANDARD.encode(&signature.bytes).into(),
            })
        });
        Self {
            payload: STANDARD.encode(envelope.payload()).into(),
            payload_type: envelope.payload_type().into(),
            signatures: signatures.collect(),
        }
    }
}

impl From<&LogEvidence> for WireLog<'_> {
    fn from(log: &LogEvidence) -> Self {
        Self {
            proof: log.proof.to_string().into(),
            signers: log.signers.clone(),
        }
    }
}

impl From<&BundleDocument> for WireDocument<'_> {
    fn from(document: &BundleDocument) -> Self {
        Self {
            content: STANDARD.encode(&document.content).into(),
            digest: Digest::of(&document.content),
            role: document.role,
        }
    }
}
