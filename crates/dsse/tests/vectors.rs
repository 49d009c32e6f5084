//! The vector of the specification, and eleven envelopes that the reference implementation made.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_dsse::{Envelope, Tally, pae};
use proofmark_keys::{PublicKey, SecretKey, Signature, Signer as _};
use serde_json::{Value, json};

const REFERENCE: &str = include_str!("../vectors/go-securesystemslib.json");

/// `protocol.md`, "Test Vectors": an ECDSA signature, which is nobody's here.
const PUBLISHED: &str = r#"{"payload": "aGVsbG8gd29ybGQ=",
 "payloadType": "http://example.com/HelloWorld",
 "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}"#;

#[test]
fn the_vector_of_the_specification() {
    let envelope = Envelope::parse(PUBLISHED.as_bytes()).expect("the published envelope");
    assert_eq!(envelope.payload_type(), "http://example.com/HelloWorld");
    assert_eq!(envelope.payload(), b"hello world");
    let published = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
    assert_eq!(envelope.pae(), published);
    assert_eq!(
        pae("http://example.com/HelloWorld", b"hello world"),
        published
    );
    let [signature] = envelope.signatures() else {
        panic!("one signature");
    };
    assert_eq!((signature.key_id, signature.bytes.len()), (None, 64));
    let key = SecretKey::from_seed(&[1; 32]);
    let expected = Tally {
        unknown: 1,
        ..Tally::default()
    };
    assert_eq!(envelope.tally([key.public_key()]), expected);
}

/// `envelope.md`: `keyid` may be there, and may be no key id of ours.
#[test]
fn the_reference_envelope_with_a_foreign_key_id() {
    let json = PUBLISHED.replace(r#"[{"sig""#, r#"[{"keyid": "66301bbf", "sig""#);
    let envelope = Envelope::parse(json.as_bytes()).expect("the published envelope");
    assert_eq!(envelope.signatures()[0].key_id, None);
}

/// The fixtures, the key that signed them, and its private half.
fn reference() -> (Vec<Value>, PublicKey, SecretKey) {
    let file: Value = serde_json::from_str(REFERENCE).expect("the file is JSON");
    let seed = hex_bytes(file["test_seed_hex"].as_str().expect("a seed"));
    let secret = SecretKey::from_seed(&seed.try_into().expect("32 bytes"));
    let public = PublicKey::from_pem(file["public_key_pem"].as_str().expect("a PEM"));
    let fixtures = file["fixtures"].as_array().expect("a list").clone();
    (fixtures, public.expect("a good key"), secret)
}

fn hex_bytes(text: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(pair).collect()
}

fn base64(fixture: &Value, member: &str) -> Vec<u8> {
    let text = fixture[member].as_str().expect("text");
    STANDARD.decode(text).expect("base64")
}

#[test]
fn the_reference_implementation_encodes_and_signs_as_we_do() {
    let (fixtures, public, secret) = reference();
    let mut run = 0;
    for fixture in &fixtures {
        let name = fixture["name"].as_str().expect("a name");
        let payload_type = fixture["payload_type"].as_str().expect("a type");
        let payload = base64(fixture, "canonical_b64");
        let encoded = pae(payload_type, &payload);
        assert_eq!(encoded, base64(fixture, "pae_b64"), "{name}");
        let signature = Signature::from_bytes(&base64(fixture, "signature_b64")).expect(name);
        assert_eq!(public.verify(&encoded, &signature), Ok(()), "{name}");
        let ours = Envelope::signed(payload_type, payload, &secret).expect(name);
        assert_eq!(ours.signatures()[0].bytes, signature.as_bytes(), "{name}");
        run += 1;
    }
    assert_eq!(run, 11);
}

/// Their key ids are made by another rule. As DSSE allows, key ids narrow the choice of keys here, so a
/// signature counts once it stands under our id of its key, or under none.
#[test]
fn envelopes_of_the_reference_implementation_are_read() {
    let (fixtures, public, _) = reference();
    let mut run = 0;
    for fixture in &fixtures {
        let name = fixture["name"].as_str().expect("a name");
        let mut wire = fixture["envelope"].clone();
        let read = |wire: &Value| Envelope::parse(wire.to_string().as_bytes()).expect(name);
        let envelope = read(&wire);
        assert_eq!(
            envelope.payload(),
            base64(fixture, "canonical_b64"),
            "{name}"
        );
        assert_eq!(
            envelope.tally([&public]).unknown,
            1,
            "{name}: another's key id"
        );
        for key_id in [
            public.id().to_string(),
            String::new(),
            "another scheme".to_owned(),
        ] {
            wire["signatures"][0]["keyid"] = json!(key_id);
            assert_eq!(
                read(&wire).tally([&public]).valid,
                [public.id()],
                "{name}: {key_id}"
            );
        }
        run += 1;
    }
    assert_eq!(run, 11);
}
