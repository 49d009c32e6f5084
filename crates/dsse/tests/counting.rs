//! Whose signatures count: the laxities of other implementations, and merging.

use proofmark_dsse::{Envelope, MAX_SIGNATURES, MergeError, Tally, pae};
use proofmark_keys::{KeyId, PublicKey, SecretKey, SignError, Signature, Signer as _, sign};
use proptest::prelude::*;
use serde_json::{Value, json};

fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

fn id(number: u8) -> KeyId {
    key(number).public_key().id()
}

fn public(number: u8) -> PublicKey {
    *key(number).public_key()
}

/// An envelope of one payload that these keys have signed.
fn signed_by(numbers: &[u8]) -> Envelope {
    let mut envelope = Envelope::unsigned("application/x", b"payload".to_vec());
    for number in numbers {
        let signature = sign(&key(*number), &envelope.pae()).expect("a signature");
        envelope
            .attach(id(*number), &signature)
            .expect("there is room");
    }
    envelope
}

fn sorted(numbers: &[u8]) -> Vec<KeyId> {
    let mut ids: Vec<_> = numbers.iter().map(|number| id(*number)).collect();
    ids.sort();
    ids
}

/// Through the JSON form, where an attacker can change what no signature covers.
fn changed(envelope: &Envelope, change: impl Fn(&mut Value)) -> Envelope {
    let mut wire = serde_json::to_value(envelope).expect("JSON");
    change(&mut wire);
    Envelope::parse(wire.to_string().as_bytes()).expect("still an envelope")
}

/// Laxity 1: lengths in characters. `é` has two bytes; with its length counted as one, bytes could move
/// between type and payload under one signature.
#[test]
fn lengths_are_in_bytes() {
    assert_eq!(pae("é", "ü€".as_bytes()), "DSSEv1 2 é 5 ü€".as_bytes());
    let in_characters = "DSSEv1 1 é 2 ü€".as_bytes();
    let signature = sign(&key(1), in_characters).expect("a signature");
    let mut envelope = Envelope::unsigned("é", "ü€".into());
    envelope.attach(id(1), &signature).expect("there is room");
    assert_eq!(envelope.tally([&public(1)]).invalid, [id(1)]);
}

/// Laxity 2: base64 with two spellings, so that one signature covers two envelopes. `tests/wire.rs` has the
/// refused spellings; here, that they would have been accepted otherwise.
#[test]
fn one_payload_has_one_text_per_alphabet() {
    let envelope = Envelope::signed("t", b"x".to_vec(), &key(1)).expect("a signature");
    let json = envelope.to_json();
    assert!(json.contains(r#""payload":"eA==""#));
    for other in ["eB==", "eP==", "eA=", "eA==="] {
        let json = json.replace("eA==", other);
        assert!(Envelope::parse(json.as_bytes()).is_err(), "{other}");
    }
}

/// Laxities 3 and 4: no signatures, no threshold. There is no threshold here to be 0: the answer is a list
/// of keys, and without signatures there is no answer.
#[test]
fn nothing_signed_gives_nobody() {
    let json = signed_by(&[1]).to_json();
    let mut wire: Value = serde_json::from_str(&json).expect("JSON");
    wire["signatures"] = json!([]);
    assert!(Envelope::parse(wire.to_string().as_bytes()).is_err());
    let unsigned = Envelope::unsigned("t", b"x".to_vec());
    assert_eq!(unsigned.tally([&public(1)]), Tally::default());
    assert!(Envelope::parse(unsigned.to_json().as_bytes()).is_err());
    let nobody_asked = signed_by(&[1, 2]).tally([]);
    assert_eq!(
        nobody_asked,
        Tally {
            unknown: 2,
            ..Tally::default()
        }
    );
}

/// Laxity 5: one key's signature, copied. Without key ids, and under the ids of others.
#[test]
fn a_key_counts_once() {
    let envelope = changed(&signed_by(&[1]), |wire| {
        let sig = wire["signatures"][0]["sig"].clone();
        wire["signatures"] = json!(vec![json!({ "sig": sig }); 5]);
    });
    assert_eq!(envelope.signatures().len(), 5);
    assert_eq!(envelope.tally([&public(1), &public(2)]).valid, [id(1)]);

    let envelope = changed(&signed_by(&[1]), |wire| {
        let sig = wire["signatures"][0]["sig"].clone();
        let under = |number: u8| json!({"keyid": id(number).to_string(), "sig": sig});
        wire["signatures"] = json!([under(1), under(2), under(3)]);
    });
    let tally = envelope.tally([&public(1), &public(2)]);
    assert_eq!((tally.valid, tally.invalid), (vec![id(1)], vec![id(2)]));
    assert_eq!(tally.unknown, 1);

    // A key that is asked about twice is still one key.
    let tally = signed_by(&[1]).tally([&public(1), &public(1)]);
    assert_eq!(tally.valid, [id(1)]);
}

/// Laxity 6 is to let the unauthenticated key id decide. Here it can only take a signature away, which
/// whoever can change it could do anyway, and it is seen; it never gives one to anybody.
#[test]
fn a_key_id_gives_nobody_a_signature() {
    let swapped = changed(&signed_by(&[1, 2]), |wire| {
        let first = wire["signatures"][0]["keyid"].clone();
        wire["signatures"][0]["keyid"] = wire["signatures"][1]["keyid"].clone();
        wire["signatures"][1]["keyid"] = first;
    });
    let tally = swapped.tally([&public(1), &public(2)]);
    assert_eq!((tally.valid, tally.invalid), (vec![], sorted(&[1, 2])));

    let claimed = changed(&signed_by(&[1]), |wire| {
        wire["signatures"][0]["keyid"] = json!(id(2).to_string());
    });
    let tally = claimed.tally([&public(1), &public(2)]);
    assert_eq!((tally.valid, tally.invalid), (vec![], vec![id(2)]));

    for absent in [
        json!(""),
        json!("key-1"),
        json!(id(1).to_string().to_uppercase()),
    ] {
        let unnamed = changed(&signed_by(&[1]), |wire| {
            wire["signatures"][0]["keyid"] = absent.clone();
        });
        let tally = unnamed.tally([&public(2), &public(1)]);
        assert_eq!(tally.valid, [id(1)], "{absent}");
    }
}

#[test]
fn the_tally_has_every_signature_in_one_place() {
    let mut envelope = signed_by(&[1, 2, 3, 4]);
    let garbage = Signature::from_bytes(&[9; 64]).expect("64 bytes");
    envelope.attach(id(3), &garbage).expect("there is room");
    let keys = [public(1), public(2), public(3), public(9)];
    let tally = envelope.tally(&keys);
    assert_eq!(tally.valid, sorted(&[1, 2]));
    assert_eq!(tally.invalid, [id(3)]);
    assert_eq!(tally.unknown, 1, "key 4 was not asked about");
}

#[test]
fn order_does_not_matter() {
    let keys = [public(1), public(2), public(3)];
    let expected = signed_by(&[1, 2, 3]).tally(&keys);
    assert_eq!(expected.valid, sorted(&[1, 2, 3]));
    let reversed = changed(&signed_by(&[3, 1, 2]), |wire| {
        let signatures = wire["signatures"].as_array_mut().expect("a list");
        signatures.reverse();
    });
    assert_eq!(reversed.tally(&keys), expected);
    assert_eq!(reversed.tally(keys.iter().rev()), expected);
    assert_eq!(signed_by(&[1, 2, 3]), signed_by(&[3, 2, 1]));
}

/// A signature over the type of another protocol, over no type, or over the bare payload.
#[test]
fn a_signature_is_over_type_and_payload() {
    let payload = b"payload";
    let messages = [
        pae("application/y", payload),
        pae("", payload),
        pae("application/x", b""),
        pae("application/x ", payload),
        payload.to_vec(),
    ];
    for message in messages {
        let mut envelope = Envelope::unsigned("application/x", payload.to_vec());
        let signature = sign(&key(1), &message).expect("a signature");
        envelope.attach(id(1), &signature).expect("there is room");
        assert!(envelope.tally([&public(1)]).valid.is_empty(), "{message:?}");
    }
}

#[test]
fn signatures_of_other_lengths_are_nobodys() {
    for length in [0, 63, 65, 100] {
        let envelope = changed(&signed_by(&[1]), |wire| {
            use base64::Engine as _;
            let engine = base64::engine::general_purpose::STANDARD;
            wire["signatures"][0]["sig"] = json!(engine.encode(vec![1; length]));
        });
        let tally = envelope.tally([&public(1)]);
        assert_eq!(
            (tally.valid, tally.invalid),
            (vec![], vec![id(1)]),
            "{length}"
        );
    }
}

#[test]
fn what_key_services_do_not_sign_is_not_signed() {
    // `DSSEv1 1 t 4082 ` has 16 bytes, and 4096 is the limit.
    let fits = Envelope::signed("t", vec![b'x'; 4080], &key(1)).expect("at the limit");
    assert_eq!(fits.pae().len(), 4096);
    match Envelope::signed("t", vec![b'x'; 4081], &key(1)) {
        Err(SignError::TooLong(4097)) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn attaching_replaces_what_the_key_signed_before() {
    let mut envelope = signed_by(&[1, 2]);
    let again = Signature::from_bytes(&[9; 64]).expect("64 bytes");
    envelope.attach(id(1), &again).expect("there is room");
    assert_eq!(envelope.signatures().len(), 2);
    assert_eq!(envelope.tally([&public(1), &public(2)]).valid, [id(2)]);
    let signature = sign(&key(1), &envelope.pae()).expect("a signature");
    envelope.attach(id(1), &signature).expect("there is room");
    assert_eq!(envelope, signed_by(&[1, 2]));
}

#[test]
fn envelopes_of_one_payload_merge() {
    let mut one = signed_by(&[1, 2]);
    assert_eq!(one.merge(&signed_by(&[2, 3])), Ok(()));
    assert_eq!(one, signed_by(&[1, 2, 3]));
    assert_eq!(one.merge(&one.clone()), Ok(()), "again");
    assert_eq!(one, signed_by(&[1, 2, 3]));
    let mut unsigned = Envelope::unsigned("application/x", b"payload".to_vec());
    assert_eq!(unsigned.merge(&one), Ok(()));
    assert_eq!(unsigned, one);
}

/// Signatures without a key id have nothing but their bytes to be told apart by.
#[test]
fn merging_again_adds_no_unnamed_signature() {
    let unnamed = changed(&signed_by(&[1, 2]), |wire| {
        for signature in wire["signatures"].as_array_mut().expect("a list") {
            signature["keyid"] = json!("");
        }
    });
    let mut merged = unnamed.clone();
    assert_eq!(merged.merge(&unnamed), Ok(()));
    assert_eq!(merged.signatures().len(), 2);
    assert_eq!(
        merged.tally([&public(1), &public(2)]).valid,
        sorted(&[1, 2])
    );
}

#[test]
fn envelopes_that_do_not_fit_stay_as_they_are() {
    let before = signed_by(&[1]);
    let other_payload = Envelope::signed("application/x", b"other".to_vec(), &key(2));
    let other_type = Envelope::signed("application/y", b"payload".to_vec(), &key(2));
    for other in [other_payload, other_type] {
        let other = other.expect("a signature");
        let mut envelope = before.clone();
        let expected = MergeError::Payload {
            ours: envelope.payload_digest(),
            theirs: other.payload_digest(),
        };
        assert_eq!(envelope.merge(&other), Err(expected));
        assert_eq!(envelope, before);
    }

    let mut contradicting = signed_by(&[2]);
    let garbage = Signature::from_bytes(&[9; 64]).expect("64 bytes");
    contradicting
        .attach(id(1), &garbage)
        .expect("there is room");
    let mut envelope = before.clone();
    assert_eq!(
        envelope.merge(&contradicting),
        Err(MergeError::Signature(id(1)))
    );
    assert_eq!(envelope, before, "key 2's was not taken over either");
}

#[test]
fn merging_stops_at_the_bound() {
    let numbers: Vec<u8> = (1..=17).collect();
    let mut envelope = signed_by(&numbers[..9]);
    assert_eq!(envelope.merge(&signed_by(&numbers[8..16])), Ok(()));
    assert_eq!(envelope.signatures().len(), MAX_SIGNATURES);
    let before = envelope.clone();
    assert_eq!(
        envelope.merge(&signed_by(&numbers[16..])),
        Err(MergeError::TooMany)
    );
    assert_eq!(envelope, before);
    assert_eq!(
        envelope.merge(&signed_by(&numbers[..3])),
        Ok(()),
        "nothing is new"
    );
}

proptest! {
    /// No two pairs of type and payload have one encoding.
    #[test]
    fn the_encoding_can_be_taken_apart(
        one in (".{0,9}", proptest::collection::vec(any::<u8>(), 0..9)),
        other in (".{0,9}", proptest::collection::vec(any::<u8>(), 0..9)),
    ) {
        let same = pae(&one.0, &one.1) == pae(&other.0, &other.1);
        prop_assert_eq!(same, one == other);
    }

    /// Who signed is who counts, in whatever portions the signatures came together.
    #[test]
    fn everybody_who_signed_counts_once(
        first in proptest::collection::btree_set(1..9_u8, 0..9),
        second in proptest::collection::btree_set(1..9_u8, 0..9),
        asked in proptest::collection::btree_set(1..9_u8, 0..9),
    ) {
        let portion = |set: &std::collections::BTreeSet<u8>| {
            signed_by(&set.iter().copied().collect::<Vec<_>>())
        };
        let mut envelope = portion(&first);
        envelope.merge(&portion(&second))?;
        let keys: Vec<_> = asked.iter().map(|number| public(*number)).collect();
        let everybody: std::collections::BTreeSet<_> = first.union(&second).copied().collect();
        let counted: Vec<_> = everybody.intersection(&asked).copied().collect();
        let tally = envelope.tally(&keys);
        prop_assert_eq!(tally.unknown, everybody.len() - counted.len());
        prop_assert_eq!(tally.valid, sorted(&counted));
        prop_assert!(tally.invalid.is_empty());
    }
}
