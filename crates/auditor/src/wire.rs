//! Reading commands and what comes beside them. Signatures and forms were checked by others.

use proofmark_attestation::Bundle;
use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_core::Timestamp;
use proofmark_dsse::Envelope;
use proofmark_keys::PublicKey;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A command of the log.
pub(super) struct Order {
    pub(super) sender: String,
    /// Digest of the payload, as 64 hexadecimal digits.
    pub(super) payload: String,
    pub(super) action: Value,
    pub(super) valid_until: Option<i64>,
}

/// What engines signed.
pub(super) struct Signed {
    pub(super) outcome: ValidatedOutcome,
    /// Digest of the outcome.
    pub(super) digest: String,
    pub(super) signers: Vec<String>,
}

pub(super) fn order(envelope: &[u8]) -> Result<Order, String> {
    let envelope = Envelope::parse(envelope).map_err(|error| error.to_string())?;
    let payload = json(envelope.payload())?;
    let until = payload.get("valid_until").map(time).transpose()?;
    Ok(Order {
        sender: text(&payload, "sender")?,
        payload: envelope.payload_digest().hex(),
        action: payload["action"].clone(),
        valid_until: until,
    })
}

pub(super) fn bundle(attachment: &[u8]) -> Result<Signed, String> {
    let bundle = Bundle::parse(attachment).map_err(|error| error.to_string())?;
    let outcome = ValidatedOutcome::parse(bundle.envelope.payload());
    let outcome = outcome.map_err(|error| error.to_string())?;
    let keys = bundle.envelope.key_ids();
    Ok(Signed {
        digest: outcome.outcome_digest().to_string(),
        signers: keys.iter().map(ToString::to_string).collect(),
        outcome,
    })
}

/// The key that a fraud proof is about.
pub(super) fn accused(proof: &[u8]) -> Result<String, String> {
    key_id(&text(&json(proof)?, "publicKey")?)
}

/// What is in a signed envelope.
pub(super) fn signed(envelope: &[u8]) -> Result<Value, String> {
    let envelope = Envelope::parse(envelope).map_err(|error| error.to_string())?;
    json(envelope.payload())
}

pub(super) fn key_id(pem: &str) -> Result<String, String> {
    let key = PublicKey::from_pem(pem).map_err(|error| error.to_string())?;
    Ok(key.id().to_string())
}

pub(super) fn json(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

pub(super) fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}

pub(super) fn text(value: &Value, member: &str) -> Result<String, String> {
    let found = value[member].as_str();
    found
        .map(str::to_owned)
        .ok_or_else(|| format!("{member} is no text in {value}"))
}

pub(super) fn int(value: &Value, member: &str) -> Result<i64, String> {
    let found = value[member].as_i64();
    found.ok_or_else(|| format!("{member} is no integer in {value}"))
}

/// A time in microseconds.
pub(super) fn time(value: &Value) -> Result<i64, String> {
    let text = value.as_str().unwrap_or_default();
    let time: Result<Timestamp, _> = text.parse();
    time.map(Timestamp::micros)
        .map_err(|error| error.to_string())
}
