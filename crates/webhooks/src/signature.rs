//! What is signed, and how a receiver verifies it: Standard Webhooks 1.0.0, the asymmetric scheme `v1a`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::Timestamp;
use proofmark_keys::{KeyError, PublicKey, SecretKey, SignError, Signature, Signer as _};

/// What stands before a public key.
const KEY_PREFIX: &str = "whpk_";

/// What stands before a signature.
const SCHEME: &str = "v1a,";

/// How old a message may be, or how far ahead: what is older may have been recorded by somebody.
pub const TOLERANCE_SECONDS: u64 = 300;

/// A request that a receiver got.
#[derive(Debug, Clone, Copy)]
pub struct Received<'r> {
    /// The header `webhook-id`.
    pub id: &'r str,
    /// The header `webhook-timestamp`.
    pub timestamp: &'r str,
    /// The header `webhook-signature`: signatures, separated by spaces.
    pub signature: &'r str,
    /// The body, byte for byte.
    pub body: &'r [u8],
}

/// Why a request is not from this market, or not from now. Whoever sent it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The time is none.
    #[error("webhook-timestamp is no number of seconds since 1970")]
    Timestamp,
    /// It is too old.
    #[error("the message was sent {0} seconds ago: it may have been recorded and sent again")]
    Old(u64),
    /// It is from the future.
    #[error("the message was sent {0} seconds from now: one of the clocks is wrong")]
    Early(u64),
    /// There is no signature of the scheme.
    #[error("webhook-signature holds no signature of the form v1a,<base64>")]
    NoSignature,
    /// None is the key's.
    #[error("no signature is that of the key over these bytes")]
    Invalid,
}

impl VerifyError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Timestamp => "webhook-timestamp",
            Self::Old(_) => "webhook-old",
            Self::Early(_) => "webhook-early",
            Self::NoSignature => "webhook-unsigned",
            Self::Invalid => "webhook-signature-invalid",
        }
    }
}

/// `id.timestamp.body`.
fn signed(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{id}.{timestamp}.").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// The value of `webhook-signature` for a message that is sent at this second.
///
/// # Errors
/// [`SignError`] if the key signs nothing.
pub fn sign(key: &SecretKey, id: &str, seconds: u64, body: &[u8]) -> Result<String, SignError> {
    let bytes = signed(id, &seconds.to_string(), body);
    let signature = key.sign(&bytes)?;
    Ok(format!("{SCHEME}{}", signature.to_base64()))
}

/// Whether a request is from the market with this key, and not older than `tolerance` seconds, where that is stated.
///
/// # Errors
/// [`VerifyError`]; the time comes before the signature.
pub fn verify(
    key: &PublicKey,
    received: Received<'_>,
    now: Timestamp,
    tolerance: Option<u64>,
) -> Result<(), VerifyError> {
    let sent: u64 = received
        .timestamp
        .parse()
        .map_err(|_| VerifyError::Timestamp)?;
    if let Some(tolerance) = tolerance {
        let (old, early) = (
            now.seconds().saturating_sub(sent),
            sent.saturating_sub(now.seconds()),
        );
        match (old > tolerance, early > tolerance) {
            (true, _) => return Err(VerifyError::Old(old)),
            (_, true) => return Err(VerifyError::Early(early)),
            _ => {}
        }
    }
    let bytes = signed(received.id, received.timestamp, received.body);
    let ours = received
        .signature
        .split(' ')
        .filter_map(|it| it.strip_prefix(SCHEME));
    let mut found = false;
    for encoded in ours {
        found = true;
        let decoded = STANDARD.decode(encoded).unwrap_or_default();
        let signature = Signature::from_bytes(&decoded);
        if signature.is_ok_and(|it| key.verify(&bytes, &it).is_ok()) {
            return Ok(());
        }
    }
    match found {
        true => Err(VerifyError::Invalid),
        false => Err(VerifyError::NoSignature),
    }
}

/// A public key as a market publishes it: `whpk_` and the 32 bytes in base64.
#[must_use]
pub fn key_text(key: &PublicKey) -> String {
    format!("{KEY_PREFIX}{}", STANDARD.encode(key.as_bytes()))
}

/// The public key that a text names.
///
/// # Errors
/// [`KeyError::Length`] for what is no such text; else as [`PublicKey::from_bytes`].
pub fn key_from_text(text: &str) -> Result<PublicKey, KeyError> {
    let encoded = text.strip_prefix(KEY_PREFIX).ok_or(KeyError::Length)?;
    let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::Length)?;
    PublicKey::from_bytes(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\"type\":\"contract.paid\"}";

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds).expect("a time")
    }

    fn received<'r>(signature: &'r str, body: &'r [u8]) -> Received<'r> {
        Received {
            id: "msg_1",
            timestamp: "1800000000",
            signature,
            body,
        }
    }

    /// RFC 8032, 7.1, test 1: the secret key, and the public one in the form of Standard Webhooks.
    #[test]
    fn the_key_of_the_specification_has_this_text() {
        let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let seed: [u8; 32] = seed.expect("hex").try_into().expect("32 bytes");
        let key = SecretKey::from_seed(&seed);
        let text = key_text(key.public_key());
        assert_eq!(text, "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        assert_eq!(key_from_text(&text), Ok(*key.public_key()));
        for other in [
            "whpk_11qY",
            &text[5..],
            "whsec_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        ] {
            assert_eq!(key_from_text(other), Err(KeyError::Length), "{other}");
        }
    }

    #[test]
    fn what_is_signed_is_id_time_and_body_with_full_stops() {
        let key = SecretKey::from_seed(&[7; 32]);
        let signature = sign(&key, "msg_1", 1_800_000_000, BODY).expect("a signature");
        let bytes = STANDARD.decode(signature.strip_prefix("v1a,").expect("the scheme"));
        let plain = Signature::from_bytes(&bytes.expect("base64")).expect("64 bytes");
        let content = b"msg_1.1800000000.{\"type\":\"contract.paid\"}";
        assert_eq!(key.public_key().verify(content, &plain), Ok(()));
    }

    #[test]
    fn a_receiver_takes_what_is_right_and_new() {
        let key = SecretKey::from_seed(&[7; 32]);
        let public = key.public_key();
        let signature = sign(&key, "msg_1", 1_800_000_000, BODY).expect("a signature");
        let now = at(1_800_000_300);
        let tolerance = Some(TOLERANCE_SECONDS);
        let check = |it, now| verify(public, it, now, tolerance);
        assert_eq!(check(received(&signature, BODY), now), Ok(()));
        // Keys change: others may stand beside it.
        let others = format!("v1,AAAA v1a,AAAA {signature}");
        assert_eq!(check(received(&others, BODY), now), Ok(()));
        assert_eq!(
            check(received(&signature, b"{}"), now),
            Err(VerifyError::Invalid)
        );
        let mut other = received(&signature, BODY);
        other.id = "msg_2";
        assert_eq!(check(other, now), Err(VerifyError::Invalid));
        other = received(&signature, BODY);
        other.timestamp = "1800000001";
        assert_eq!(check(other, now), Err(VerifyError::Invalid));
        other.timestamp = "soon";
        assert_eq!(check(other, now), Err(VerifyError::Timestamp));
        let symmetric = received("v1,AAAA", BODY);
        assert_eq!(check(symmetric, now), Err(VerifyError::NoSignature));
        let late = check(received(&signature, BODY), at(1_800_000_301));
        assert_eq!(late, Err(VerifyError::Old(301)));
        let early = check(received(&signature, BODY), at(1_799_999_699));
        assert_eq!(early, Err(VerifyError::Early(301)));
        let whenever = verify(public, received(&signature, BODY), at(0), None);
        assert_eq!(whenever, Ok(()));
        let stranger = SecretKey::from_seed(&[8; 32]);
        let refused = verify(stranger.public_key(), received(&signature, BODY), now, None);
        assert_eq!(refused, Err(VerifyError::Invalid));
    }
}
