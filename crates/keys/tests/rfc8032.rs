//! RFC 8032 §7.1: seeds, keys, messages and signatures to the byte.

use proofmark_keys::{PublicKey, SecretKey, Signature, Signer as _, sign};

const VECTORS: &str = include_str!("../vectors/rfc8032.json");

struct Vector {
    name: String,
    secret: SecretKey,
    public: PublicKey,
    message: Vec<u8>,
    signature: Signature,
}

fn vectors() -> Vec<Vector> {
    let file: serde_json::Value = serde_json::from_str(VECTORS).expect("the file is JSON");
    let cases = file.as_array().expect("a list of cases");
    cases.iter().map(Vector::read).collect()
}

impl Vector {
    fn read(case: &serde_json::Value) -> Self {
        let bytes = |member: &str| {
            let text = case[member].as_str().expect("a member of text");
            hex::decode(text).expect("hexadecimal")
        };
        let seed = bytes("secretKey").try_into().expect("a seed has 32 bytes");
        Self {
            name: case["name"].as_str().expect("a name").to_owned(),
            secret: SecretKey::from_seed(&seed),
            public: PublicKey::from_bytes(&bytes("publicKey")).expect("a good key"),
            message: bytes("message"),
            signature: Signature::from_bytes(&bytes("signature")).expect("64 bytes"),
        }
    }
}

#[test]
fn every_vector_gives_the_published_key_and_signature() {
    let mut run = 0;
    for vector in vectors() {
        let name = &vector.name;
        assert_eq!(vector.secret.public_key(), &vector.public, "{name}");
        let signature = sign(&vector.secret, &vector.message);
        assert_eq!(signature.ok(), Some(vector.signature), "{name}");
        let verified = vector.public.verify(&vector.message, &vector.signature);
        assert_eq!(verified, Ok(()), "{name}");
        run += 1;
    }
    assert_eq!(run, 5);
}

#[test]
fn no_signature_fits_another_vector() {
    let vectors = vectors();
    let mut run = 0;
    for (at, one) in vectors.iter().enumerate() {
        for other in vectors.iter().skip(at + 1) {
            assert!(one.public.verify(&other.message, &one.signature).is_err());
            assert!(one.public.verify(&one.message, &other.signature).is_err());
            assert!(other.public.verify(&one.message, &one.signature).is_err());
            run += 1;
        }
    }
    assert_eq!(run, 10);
}
