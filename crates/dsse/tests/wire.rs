//! The JSON form: what is read, what is refused and by which rule, and what is written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_dsse::{Envelope, EnvelopeError, MAX_ENVELOPE_BYTES, MAX_SIGNATURES};
use proofmark_keys::{SecretKey, Signer as _};
use proptest::prelude::*;
use serde_json::{Value, json};

/// 64 bytes that end in one which the last character does not fill.
const SIG: &str =
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";

fn document(payload: &str, sig: &str) -> String {
    json!({"payload": payload, "payloadType": "t", "signatures": [{"sig": sig}]}).to_string()
}

fn payload(text: &str) -> Option<Vec<u8>> {
    let envelope = Envelope::parse(document(text, SIG).as_bytes()).ok()?;
    Some(envelope.payload().to_vec())
}

fn refusal(json: &str) -> &'static str {
    match Envelope::parse(json.as_bytes()) {
        Ok(_) => "read",
        Err(EnvelopeError::TooLarge) => "too large",
        Err(EnvelopeError::Malformed(_)) => "malformed",
        Err(EnvelopeError::Base64(member)) => member,
        Err(EnvelopeError::SignatureCount(_)) => "signature count",
        Err(EnvelopeError::SignatureTooLong) => "signature too long",
        Err(EnvelopeError::KeyTwice) => "key twice",
    }
}

/// Signatures of strangers are passed over, and kept: so they are short, of whatever kind.
#[test]
fn a_signature_has_at_most_512_bytes() {
    let of = |length: usize| document("eA==", &STANDARD.encode(vec![7; length]));
    assert_eq!(refusal(&of(512)), "read");
    assert_eq!(refusal(&of(513)), "signature too long");
}

#[test]
fn both_alphabets_are_read_with_padding_or_without() {
    let bytes = [0xfb, 0xef, 0xff, 0xfe];
    for text in ["++///g==", "++///g", "--___g==", "--___g"] {
        assert_eq!(payload(text).as_deref(), Some(&bytes[..]), "{text}");
    }
    for text in ["//8=", "//8", "__8=", "__8"] {
        assert_eq!(payload(text).as_deref(), Some(&[0xff, 0xff][..]), "{text}");
    }
    for (text, bytes) in [
        ("", &b""[..]),
        ("eA==", b"x"),
        ("eA", b"x"),
        ("eHh4", b"xxx"),
    ] {
        assert_eq!(payload(text).as_deref(), Some(bytes), "{text}");
    }
}

#[test]
fn base64_with_two_spellings_is_refused() {
    let cases = [
        ("--//", "two alphabets"),
        ("+-==", "two alphabets, padded"),
        ("eB==", "bits that say nothing"),
        ("eB", "bits that say nothing, unpadded"),
        ("eHl=", "bits that say nothing, two bytes"),
        ("eA=", "half of the padding"),
        ("eA===", "too much padding"),
        ("eHh4=", "padding after a whole group"),
        ("e===", "no byte at all"),
        ("e", "no byte at all, unpadded"),
        ("eA==eA==", "two texts"),
        ("eA =", "a space"),
        ("eA==\n", "a line end"),
        ("=", "nothing but padding"),
        ("é===", "no alphabet"),
    ];
    for (text, name) in cases {
        assert_eq!(refusal(&document(text, SIG)), "payload", "payload, {name}");
        assert_eq!(refusal(&document("eA==", text)), "sig", "sig, {name}");
    }
}

#[test]
fn unknown_members_are_ignored_and_known_ones_do_not_come_twice() {
    let rest = format!(r#""payloadType":"t","signatures":[{{"sig":"{SIG}"}}]"#);
    let cases = [
        (
            format!(r#"{{"payload":"","new":{{"payload":[null,1.5]}},{rest}}}"#),
            "read",
        ),
        (
            format!(r#"{{"payload":"","new":1,"new":2,{rest}}}"#),
            "read",
        ),
        (
            format!(r#"{{"payload":"","payload":"",{rest}}}"#),
            "malformed",
        ),
        (
            format!(r#"{{"payload":"","\u0070ayload":"",{rest}}}"#),
            "malformed",
        ),
        (
            format!(r#"{{"payload":"","payloadType":"t",{rest}}}"#),
            "malformed",
        ),
        (
            format!(r#"{{"payload":"","signatures":[],{rest}}}"#),
            "malformed",
        ),
        (format!(r#"{{"PAYLOAD":"",{rest}}}"#), "malformed"),
        (format!(r#"{{{rest}}}"#), "malformed"),
    ];
    for (json, expected) in cases {
        assert_eq!(refusal(&json), expected, "{json}");
    }
}

#[test]
fn members_of_a_signature_do_not_come_twice_either() {
    let signature =
        |members: &str| format!(r#"{{"payload":"","payloadType":"t","signatures":[{members}]}}"#);
    let cases = [
        (format!(r#"{{"sig":"{SIG}","cert":["x"]}}"#), "read"),
        (format!(r#"{{"sig":"{SIG}","keyid":""}}"#), "read"),
        (format!(r#"{{"sig":"{SIG}","sig":"{SIG}"}}"#), "malformed"),
        (
            format!(r#"{{"keyid":"","keyid":"","sig":"{SIG}"}}"#),
            "malformed",
        ),
        (format!(r#"{{"keyid":null,"sig":"{SIG}"}}"#), "malformed"),
        (r#"{"keyid":""}"#.to_owned(), "malformed"),
        (format!(r#""{SIG}""#), "malformed"),
    ];
    for (json, expected) in cases {
        assert_eq!(refusal(&signature(&json)), expected, "{json}");
    }
}

/// A list of the members' values is another spelling of an object for some readers.
#[test]
fn an_envelope_is_an_object_and_so_are_its_signatures() {
    let cases = [
        json!(["", "t", [{"sig": SIG}]]).to_string(),
        json!({"payload": "", "payloadType": "t", "signatures": [["", SIG]]}).to_string(),
        json!({"payload": "", "payloadType": "t", "signatures": {"sig": SIG}}).to_string(),
        json!({"payload": null, "payloadType": "t", "signatures": [{"sig": SIG}]}).to_string(),
        json!({"payload": "", "payloadType": 1, "signatures": [{"sig": SIG}]}).to_string(),
        format!("{} {{}}", document("", SIG)),
        format!("\u{feff}{}", document("", SIG)),
        document("", SIG).replace('"', "'"),
        "null".to_owned(),
        "[]".to_owned(),
        String::new(),
    ];
    for json in cases {
        assert_eq!(refusal(&json), "malformed", "{json}");
    }
}

#[test]
fn the_number_of_signatures_has_two_bounds() {
    let with = |count: usize| {
        let signatures = vec![json!({"sig": SIG}); count];
        json!({"payload": "", "payloadType": "t", "signatures": signatures}).to_string()
    };
    let expected = [
        (0, "signature count"),
        (1, "read"),
        (16, "read"),
        (17, "signature count"),
    ];
    for (count, expected) in expected {
        assert_eq!(refusal(&with(count)), expected, "{count}");
    }
    assert_eq!(MAX_SIGNATURES, 16);
}

#[test]
fn the_size_is_checked_before_anything_is_read() {
    let mut json = document("", SIG);
    json.push_str(&" ".repeat(MAX_ENVELOPE_BYTES - json.len()));
    assert_eq!(refusal(&json), "read");
    json.push(' ');
    assert_eq!(refusal(&json), "too large");
    assert_eq!(refusal(&"[".repeat(MAX_ENVELOPE_BYTES + 1)), "too large");
    assert_eq!(refusal(&"[".repeat(MAX_ENVELOPE_BYTES)), "malformed");
}

#[test]
fn one_key_id_stands_once() {
    let key = SecretKey::from_seed(&[1; 32]);
    let envelope = Envelope::signed("t", b"x".to_vec(), &key).expect("a signature");
    let mut wire: Value = serde_json::from_str(&envelope.to_json()).expect("JSON");
    let copy = wire["signatures"][0].clone();
    wire["signatures"] = json!([copy, copy]);
    assert_eq!(refusal(&wire.to_string()), "key twice");
    // Not even where the second one is worth nothing.
    wire["signatures"][1]["sig"] = json!(SIG);
    assert_eq!(refusal(&wire.to_string()), "key twice");
    // Nor with another's between them.
    let other = json!({"keyid": "ff".repeat(32), "sig": SIG});
    let none = json!({"keyid": "00".repeat(32), "sig": SIG});
    wire["signatures"] = json!([copy, other, copy]);
    assert_eq!(refusal(&wire.to_string()), "key twice");
    wire["signatures"] = json!([copy, none, copy]);
    assert_eq!(refusal(&wire.to_string()), "key twice");
    // Without ids nobody is named twice; counting is `tally`'s business.
    wire["signatures"] = json!([{"sig": SIG}, {"sig": SIG}]);
    assert_eq!(refusal(&wire.to_string()), "read");
}

/// The order of RFC 8785, standard base64 with padding, `keyid` always: what other readers rely on.
#[test]
fn the_form_that_is_written() {
    let key = SecretKey::from_seed(&[1; 32]);
    let envelope = Envelope::signed("t", vec![0xfb, 0xef, 0xff, 0xfe], &key).expect("a signature");
    let (id, sig) = (key.public_key().id(), &envelope.signatures()[0].bytes);
    let sig = proofmark_keys::Signature::from_bytes(sig)
        .expect("64 bytes")
        .to_base64();
    let expected = format!(
        r#"{{"payload":"++///g==","payloadType":"t","signatures":[{{"keyid":"{id}","sig":"{sig}"}}]}}"#
    );
    assert_eq!(envelope.to_json(), expected);
    let canonical = proofmark_core::canonical::to_bytes(&envelope).expect("inside the profile");
    assert_eq!(canonical, expected.as_bytes());
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        payload in proptest::collection::vec(any::<u8>(), 0..300),
        payload_type: String,
        seeds in proptest::collection::btree_set(any::<[u8; 32]>(), 1..=4),
    ) {
        let mut envelope = Envelope::unsigned(payload_type, payload);
        for seed in seeds {
            let key = SecretKey::from_seed(&seed);
            let signature = proofmark_keys::sign(&key, &envelope.pae())?;
            envelope.attach(key.public_key().id(), &signature).expect("there is room");
        }
        prop_assert_eq!(Envelope::parse(envelope.to_json().as_bytes())?, envelope);
    }

    #[test]
    fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Envelope::parse(&bytes);
    }

    /// Whatever one flipped bit does to an envelope, nobody takes another payload for a signed one.
    #[test]
    fn a_flipped_bit_is_noticed(
        payload in proptest::collection::vec(any::<u8>(), 0..100),
        at: prop::sample::Index,
    ) {
        let key = SecretKey::from_seed(&[1; 32]);
        let envelope = Envelope::signed("application/x", payload, &key)?;
        let mut json = envelope.to_json().into_bytes();
        let bit = at.index(json.len() * 8);
        json[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Envelope::parse(&json) {
            let signed = !other.tally([key.public_key()]).valid.is_empty();
            let same = (other.payload(), other.payload_type())
                == (envelope.payload(), envelope.payload_type());
            prop_assert!(!signed || same);
        }
    }
}
