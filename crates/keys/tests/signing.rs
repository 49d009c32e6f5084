//! Making signatures: what is signed, what is caught, and what never verifies.

use proofmark_keys::{
    MAX_MESSAGE_BYTES, PublicKey, SecretKey, SignError, Signature, SignatureError, Signer, sign,
};
use proptest::prelude::*;

fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

/// A signer that is broken in a way of our choice.
struct Broken<F> {
    claims: SecretKey,
    gives: F,
}

impl<F: Fn(&[u8]) -> Result<Signature, SignError> + Send + Sync> Signer for Broken<F> {
    fn public_key(&self) -> &PublicKey {
        self.claims.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        (self.gives)(message)
    }
}

fn outcome(
    gives: impl Fn(&[u8]) -> Result<Signature, SignError> + Send + Sync,
) -> Result<Signature, SignError> {
    let claims = key(1);
    sign(&Broken { claims, gives }, b"message")
}

#[test]
fn what_does_not_verify_is_not_a_signature() {
    let honest = outcome(|message| key(1).sign(message));
    assert_eq!(honest.ok(), key(1).sign(b"message").ok());

    let garbage = outcome(|_| Ok(Signature::from_bytes(&[7; 64]).expect("64 bytes")));
    assert!(matches!(garbage, Err(SignError::Invalid)));
    let other_key = outcome(|message| key(2).sign(message));
    assert!(matches!(other_key, Err(SignError::Invalid)));
    let other_message = outcome(|_| key(1).sign(b"another message"));
    assert!(matches!(other_message, Err(SignError::Invalid)));
    // A fault in the computation: the one error from which an attacker could compute the key.
    let glitched = outcome(|message| {
        let mut bytes = *key(1).sign(message)?.as_bytes();
        bytes[40] ^= 1;
        Signature::from_bytes(&bytes).map_err(|_| SignError::Invalid)
    });
    assert!(matches!(glitched, Err(SignError::Invalid)));
}

#[test]
fn a_signer_that_cannot_be_reached_says_why() {
    let refused = outcome(|_| Err(SignError::Unavailable("the HSM is off".into())));
    let error = refused.expect_err("there is no signature");
    assert_eq!(error.to_string(), "the signer gave no signature");
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("the HSM is off"));
}

#[test]
fn long_messages_are_refused_before_the_signer_sees_them() {
    let longest = vec![b'x'; MAX_MESSAGE_BYTES];
    assert!(sign(&key(1), &longest).is_ok());
    assert!(sign(&key(1), b"").is_ok());

    let claims = key(1);
    let gives = |_: &[u8]| panic!("the signer was asked");
    let too_long = vec![b'x'; MAX_MESSAGE_BYTES + 1];
    match sign(&Broken { claims, gives }, &too_long) {
        Err(SignError::TooLong(4097)) => {}
        other => panic!("{other:?}"),
    }
}

/// RFC 8032 has three variants; the other two hash or prefix the message, and neither is ours.
#[test]
fn a_prehashed_signature_is_not_a_signature_of_the_message() {
    use sha2::{Digest as _, Sha512};
    let digest: [u8; 64] = Sha512::digest(b"message").into();
    let over_digest = sign(&key(1), &digest).expect("a signature");
    let public = *key(1).public_key();
    assert_eq!(
        public.verify(b"message", &over_digest),
        Err(SignatureError::Invalid)
    );
}

#[test]
fn a_secret_key_is_never_printed() {
    let secret = SecretKey::from_seed(&[0xab; 32]);
    let printed = format!("{secret:?} {secret:#?}");
    assert!(!printed.contains("abab"), "{printed}");
    assert!(printed.contains(&secret.public_key().id().to_string()));
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_is_deterministic(
        seed: [u8; 32],
        message in proptest::collection::vec(any::<u8>(), 0..=MAX_MESSAGE_BYTES),
    ) {
        let secret = SecretKey::from_seed(&seed);
        let signature = sign(&secret, &message)?;
        prop_assert_eq!(secret.public_key().verify(&message, &signature), Ok(()));
        prop_assert_eq!(sign(&secret, &message)?, signature);
    }

    #[test]
    fn a_flipped_bit_of_the_signature_is_noticed(seed: [u8; 32], bit in 0..512_usize) {
        let secret = SecretKey::from_seed(&seed);
        let mut bytes = *sign(&secret, b"message")?.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let flipped = Signature::from_bytes(&bytes)?;
        prop_assert_eq!(
            secret.public_key().verify(b"message", &flipped),
            Err(SignatureError::Invalid)
        );
    }

    #[test]
    fn a_flipped_bit_of_the_message_is_noticed(
        seed: [u8; 32],
        message in proptest::collection::vec(any::<u8>(), 1..200),
        at: prop::sample::Index,
    ) {
        let secret = SecretKey::from_seed(&seed);
        let signature = sign(&secret, &message)?;
        let mut other = message.clone();
        let bit = at.index(message.len() * 8);
        other[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(secret.public_key().verify(&other, &signature).is_err());
    }

    #[test]
    fn a_flipped_bit_of_the_key_is_noticed(seed: [u8; 32], bit in 0..256_usize) {
        let secret = SecretKey::from_seed(&seed);
        let signature = sign(&secret, b"message")?;
        let mut bytes = *secret.public_key().as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = PublicKey::from_bytes(&bytes) {
            prop_assert!(other.verify(b"message", &signature).is_err());
        }
    }
}
