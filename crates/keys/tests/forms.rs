//! Text and DER forms of keys, against published files and golden bytes.

use proofmark_keys::{
    KeyError, KeyId, PublicKey, SecretKey, Signature, SignatureError, Signer as _,
};
use proptest::prelude::*;

const PRIVATE_V1: &str = include_str!("../vectors/rfc8410/private-v1.pem");
const PRIVATE_V2: &str = include_str!("../vectors/rfc8410/private-v2.pem");
const PUBLIC: &str = include_str!("../vectors/rfc8410/public.pem");

/// The seed in both private key files of RFC 8410.
const SEED: &str = "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
/// Their public key.
const POINT: &str = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
/// DER before the 32 bytes of a seed: version 1 of PKCS#8, no attributes, no public key.
const PKCS8_V1: &str = "302e020100300506032b657004220420";
/// DER before the 32 bytes of a public key.
const SPKI: &str = "302a300506032b6570032100";

fn bytes<const N: usize>(hexadecimal: &str) -> [u8; N] {
    let bytes = hex::decode(hexadecimal).expect("hexadecimal");
    bytes.try_into().expect("the right length")
}

fn published() -> SecretKey {
    SecretKey::from_seed(&bytes(SEED))
}

/// The DER inside a PEM file.
fn der(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let engine = &base64::engine::general_purpose::STANDARD;
    engine.decode(body).expect("a PEM holds base64")
}

#[test]
fn both_versions_of_pkcs_8_are_read() {
    for (name, pem) in [("v1", PRIVATE_V1), ("v2", PRIVATE_V2)] {
        let from_pem = SecretKey::from_pem(pem).expect(name);
        let from_der = SecretKey::from_der(&der(pem)).expect(name);
        assert_eq!(from_pem.public_key().as_bytes(), &bytes(POINT), "{name}");
        assert_eq!(from_der.public_key().as_bytes(), &bytes(POINT), "{name}");
    }
    let numbers = [PRIVATE_V1, PRIVATE_V2].map(|pem| der(pem)[4]);
    assert_eq!(
        numbers,
        [0, 1],
        "each file is of the version that it is named after"
    );
}

#[test]
fn version_1_is_written_to_the_byte() {
    for pem in [PRIVATE_V1, PRIVATE_V2] {
        let secret = SecretKey::from_pem(pem).expect("a published key");
        let expected: [u8; 48] = bytes(&format!("{PKCS8_V1}{SEED}"));
        assert_eq!(secret.to_der(), expected);
        assert_eq!(secret.to_pem(), PRIVATE_V1);
    }
}

#[test]
fn public_keys_are_read_and_written_to_the_byte() {
    let key = PublicKey::from_pem(PUBLIC).expect("a published key");
    assert_eq!(&key, published().public_key());
    assert_eq!(key.to_pem(), PUBLIC);
    let expected: [u8; 44] = bytes(&format!("{SPKI}{POINT}"));
    assert_eq!(key.to_spki(), expected);
}

/// Line ends of Windows, spaces around the file, no line end at the end: text that went through a form.
#[test]
fn a_pem_survives_an_editor() {
    let spellings = |pem: &str| {
        let windows = pem.replace('\n', "\r\n");
        [
            windows,
            format!("\n\n{pem}\n \n"),
            pem.trim_end().to_owned(),
        ]
    };
    for pem in spellings(PUBLIC) {
        assert!(PublicKey::from_pem(&pem).is_ok(), "{pem:?}");
    }
    for pem in spellings(PRIVATE_V1) {
        assert!(SecretKey::from_pem(&pem).is_ok(), "{pem:?}");
    }
}

#[test]
fn other_files_are_no_private_keys() {
    let mut foreign_public = der(PRIVATE_V2);
    *foreign_public.last_mut().expect("bytes") ^= 1;
    // 1.3.101.110 is X25519: the same 32 bytes, to agree on secrets with.
    let mut x25519 = der(PRIVATE_V1);
    x25519[11] = 0x6e;
    let mut trailing = der(PRIVATE_V1);
    trailing.push(0);
    let mut version_3 = der(PRIVATE_V1);
    version_3[4] = 2;
    let cases = [
        ("the public key is another's", foreign_public),
        ("a key of another algorithm", x25519),
        ("bytes follow", trailing),
        ("an unknown version", version_3),
        ("cut short", der(PRIVATE_V1)[..47].to_vec()),
        ("nothing", Vec::new()),
        ("a public key", der(PUBLIC)),
        ("a bare seed", bytes::<32>(SEED).to_vec()),
    ];
    for (name, der) in &cases {
        assert!(SecretKey::from_der(der).is_err(), "{name}");
    }
    let label = |label: &str| PRIVATE_V1.replace("PRIVATE KEY", label);
    for pem in [
        PUBLIC,
        "",
        SEED,
        &label("ENCRYPTED PRIVATE KEY"),
        &label("EC PRIVATE KEY"),
    ] {
        assert!(SecretKey::from_pem(pem).is_err(), "{pem}");
    }
}

#[test]
fn other_files_are_no_public_keys() {
    let x25519 = PUBLIC.replace("MCowBQYDK2VwAyEA", "MCowBQYDK2VuAyEA");
    let label = PUBLIC.replace("PUBLIC KEY", "CERTIFICATE");
    for pem in [PRIVATE_V1, PRIVATE_V2, "", POINT, &x25519, &label] {
        assert_eq!(PublicKey::from_pem(pem), Err(KeyError::Pem), "{pem}");
    }
    for length in [0, 31, 33, 64] {
        let refused = PublicKey::from_bytes(&vec![1; length]);
        assert_eq!(refused, Err(KeyError::Length), "{length} bytes");
    }
}

/// `openssl pkey -pubin -outform DER | sha256sum` of one key.
#[test]
fn a_key_id_is_the_digest_of_its_spki() {
    let raw: [u8; 32] = bytes("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c");
    let key = PublicKey::from_bytes(&raw).expect("a good key");
    let id = "fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2";
    assert_eq!(key.id().to_string(), id);
    assert_eq!(format!("{key:?}"), format!("PublicKey({id})"));
    assert_eq!(id.parse(), Ok(key.id()));
    let json = serde_json::to_string(&key.id()).expect("an id is text");
    assert_eq!(json, format!("\"{id}\""));
    let read: KeyId = serde_json::from_str(&json).expect("the same text");
    assert_eq!(read, key.id());
}

#[test]
fn a_key_id_has_one_spelling() {
    let id = published().public_key().id().to_string();
    let refused = [
        id.to_uppercase(),
        id[1..].to_owned(),
        format!("{id}0"),
        format!("sha256:{id}"),
        format!(" {id}"),
        format!("{id}\n"),
        String::new(),
    ];
    for text in refused {
        assert!(text.parse::<KeyId>().is_err(), "{text:?}");
        let json = serde_json::to_string(&text).expect("text is JSON");
        assert!(serde_json::from_str::<KeyId>(&json).is_err(), "{text:?}");
    }
}

#[test]
fn a_signature_has_64_bytes() {
    for length in [0, 63, 65, 128] {
        let refused = Signature::from_bytes(&vec![1; length]);
        assert_eq!(refused, Err(SignatureError::Length), "{length} bytes");
    }
}

/// Codes reach people and programs: they do not change.
#[test]
fn every_refusal_has_its_code() {
    let codes = [
        (KeyError::Pem, "key-malformed"),
        (KeyError::Length, "key-length"),
        (KeyError::NotAPoint, "key-not-a-point"),
        (KeyError::NotCanonical, "key-not-canonical"),
        (KeyError::Weak, "key-weak"),
        (KeyError::MixedOrder, "key-mixed-order"),
    ];
    for (error, code) in codes {
        assert_eq!(error.code(), code);
    }
}

proptest! {
    #[test]
    fn every_form_leads_back_to_the_key(seed: [u8; 32]) {
        let secret = SecretKey::from_seed(&seed);
        let public = *secret.public_key();
        let (pem, der) = (SecretKey::from_pem(&secret.to_pem())?, SecretKey::from_der(&secret.to_der())?);
        prop_assert_eq!(pem.public_key(), &public);
        prop_assert_eq!(der.public_key(), &public);
        prop_assert_eq!(PublicKey::from_pem(&public.to_pem()), Ok(public));
        prop_assert_eq!(PublicKey::from_bytes(public.as_bytes()), Ok(public));
        prop_assert_eq!(public.id().to_string().parse(), Ok(public.id()));
        prop_assert!(secret.to_der().ends_with(&seed));
    }

    #[test]
    fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..100), text: String) {
        let _ = SecretKey::from_der(&bytes);
        let _ = PublicKey::from_bytes(&bytes);
        let _ = SecretKey::from_pem(&text);
        let _ = PublicKey::from_pem(&text);
        let _ = text.parse::<KeyId>();
    }
}
