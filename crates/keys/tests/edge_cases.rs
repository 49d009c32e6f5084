//! The edge cases in which verifiers of Ed25519 disagree: keys with which they can be made are no keys
//! here, and the rest does not verify.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::IsIdentity as _;
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::{Verifier as _, VerifyingKey};
use proofmark_keys::{KeyError, PublicKey, Signature, SignatureError};
use sha2::{Digest as _, Sha512};

/// The order of the prime-order subgroup, little-endian (RFC 8032 §5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// A key, a message and a signature, as they travel.
#[derive(Clone)]
struct Case {
    key: [u8; 32],
    r: [u8; 32],
    s: [u8; 32],
    message: Vec<u8>,
}

impl Case {
    fn signature(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.r);
        bytes[32..].copy_from_slice(&self.s);
        bytes
    }
}

/// A scalar of nobody's choice.
fn scalar(name: &str) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&Sha512::digest(name).into())
}

/// The challenge of RFC 8032 §5.1.7, over the bytes given.
fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new()
        .chain_update(r)
        .chain_update(key)
        .chain_update(message);
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

/// A point of order 8.
fn torsion() -> EdwardsPoint {
    EIGHT_TORSION[1]
}

fn encoded(point: EdwardsPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

/// A second spelling of the point of order 4: its coordinate 0 written as p = 2^255 − 19.
fn not_reduced() -> [u8; 32] {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (0xed, 0x7f);
    bytes
}

fn decoded(bytes: [u8; 32]) -> EdwardsPoint {
    CompressedEdwardsY(bytes).decompress().expect("a point")
}

/// Adds the group's order to `s` so often, without reducing.
fn plus_order(s: Scalar, times: u16) -> [u8; 32] {
    let (mut bytes, mut carry) = (s.to_bytes(), 0);
    for (byte, order) in bytes.iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) * times + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "it fits");
    bytes
}

/// The first message for which `fits` makes a case.
fn search(fits: impl Fn(&[u8]) -> Option<Case>) -> Case {
    let mut messages = (0..10_000_u32).map(|number| format!("edge case {number}"));
    messages
        .find_map(|message| fits(message.as_bytes()))
        .expect("one of eight messages fits")
}

/// Keys with private part `a` and torsion `t`; R with nonce `r` and torsion −`t`; and whether the torsion
/// must cancel without the cofactor.
fn mixed(cancels: bool) -> Case {
    let (a, r, t) = (scalar("a"), scalar("r"), torsion());
    let (key, commitment) = (encoded(a * B + t), encoded(r * B - t));
    search(|message| {
        let k = challenge(&commitment, &key, message);
        let s = (r + k * a).to_bytes();
        ((k * t - t).is_identity() == cancels).then(|| Case {
            key,
            r: commitment,
            s,
            message: message.to_vec(),
        })
    })
}

/// Case 0: S = 0, A and R of small order.
fn small_small() -> Case {
    let (key, r) = (encoded(torsion()), encoded(-torsion()));
    search(|message| {
        let k = challenge(&r, &key, message);
        (k * torsion() - torsion()).is_identity().then(|| Case {
            key,
            r,
            s: [0; 32],
            message: message.to_vec(),
        })
    })
}

/// Cases 1, 10 and 11: A of small order, R mixed. The challenge is over `hashed` in place of the key.
fn small_key(key: [u8; 32], hashed: [u8; 32]) -> Case {
    let (s, t) = (scalar("s"), decoded(key));
    let r = encoded(s * B - t);
    search(|message| {
        let holds = |hashed| (challenge(&r, hashed, message) * t - t).is_identity();
        // Where two challenges are possible, only one of them may make the equation hold.
        let only_one = key == hashed || !holds(&key);
        (holds(&hashed) && only_one).then(|| Case {
            key,
            r,
            s: s.to_bytes(),
            message: message.to_vec(),
        })
    })
}

/// Cases 2, 8 and 9: A mixed, R of small order. The challenge is over `hashed` in place of R.
fn small_commitment(r: [u8; 32], hashed: [u8; 32]) -> Case {
    let (a, t) = (scalar("a"), decoded(r));
    let key = encoded(a * B - t);
    search(|message| {
        let k = challenge(&hashed, &key, message);
        (t - k * t).is_identity().then(|| Case {
            key,
            r,
            s: (k * a).to_bytes(),
            message: message.to_vec(),
        })
    })
}

/// Case 5: as 4, with R of prime order, and 8·k reduced gives another product than 8 times k.
fn reduced_too_early() -> Case {
    let (a, r, t) = (scalar("a"), scalar("r"), torsion());
    let (key, commitment) = (encoded(a * B + t), encoded(r * B));
    search(|message| {
        let k = challenge(&commitment, &key, message);
        let eight_k = Scalar::from(8_u8) * k;
        (!(eight_k * t).is_identity()).then(|| Case {
            key,
            r: commitment,
            s: (r + k * a).to_bytes(),
            message: message.to_vec(),
        })
    })
}

/// Cases 6 and 7: an honest signature, but S is not reduced.
fn large_s(times: u16) -> Case {
    let (a, r, message) = (scalar("a"), scalar("r"), b"edge case".to_vec());
    let (key, commitment) = (encoded(a * B), encoded(r * B));
    let s = r + challenge(&commitment, &key, &message) * a;
    Case {
        key,
        r: commitment,
        s: plus_order(s, times),
        message,
    }
}

/// The twelve cases of "Taming the many EdDSAs", table 5, and what our rules say to each.
fn twelve() -> [(Case, Result<SignatureError, KeyError>); 12] {
    let canonical = encoded(decoded(not_reduced()));
    [
        (small_small(), Err(KeyError::Weak)),
        (
            small_key(encoded(torsion()), encoded(torsion())),
            Err(KeyError::Weak),
        ),
        (
            small_commitment(encoded(torsion()), encoded(torsion())),
            Err(KeyError::MixedOrder),
        ),
        (mixed(true), Err(KeyError::MixedOrder)),
        (mixed(false), Err(KeyError::MixedOrder)),
        (reduced_too_early(), Err(KeyError::MixedOrder)),
        (large_s(1), Ok(SignatureError::Invalid)),
        (large_s(8), Ok(SignatureError::Invalid)),
        (
            small_commitment(not_reduced(), canonical),
            Err(KeyError::MixedOrder),
        ),
        (
            small_commitment(not_reduced(), not_reduced()),
            Err(KeyError::MixedOrder),
        ),
        (
            small_key(not_reduced(), canonical),
            Err(KeyError::NotCanonical),
        ),
        (
            small_key(not_reduced(), not_reduced()),
            Err(KeyError::NotCanonical),
        ),
    ]
}

/// A row of the published table: which cases a verifier accepts.
fn row(accepts: impl Fn(&VerifyingKey, &Case, &ed25519_dalek::Signature) -> bool) -> String {
    let letters = twelve().map(|(case, _)| {
        let key = VerifyingKey::from_bytes(&case.key).expect("dalek reads all of them");
        let signature = ed25519_dalek::Signature::from_bytes(&case.signature());
        if accepts(&key, &case, &signature) {
            'V'
        } else {
            'X'
        }
    });
    letters.iter().collect()
}

/// That the two functions of the library underneath give their published rows shows that the cases made
/// here are the published ones.
#[test]
fn the_cases_are_the_published_ones() {
    let strict = row(|key, case, signature| key.verify_strict(&case.message, signature).is_ok());
    assert_eq!(strict, "XXXVXXXXXXXX");
    let plain = row(|key, case, signature| key.verify(&case.message, signature).is_ok());
    assert_eq!(plain, "VVVVXXXXXXXV");
}

#[test]
fn every_case_is_refused_by_the_right_rule() {
    let mut run = 0;
    for (number, (case, expected)) in twelve().into_iter().enumerate() {
        let signature = Signature::from_bytes(&case.signature()).expect("64 bytes");
        match (PublicKey::from_bytes(&case.key), expected) {
            (Err(error), Err(expected)) => assert_eq!(error, expected, "case {number}"),
            (Ok(key), Ok(expected)) => {
                let verified = key.verify(&case.message, &signature);
                assert_eq!(verified, Err(expected), "case {number}");
            }
            (key, expected) => panic!("case {number}: {key:?}, not {expected:?}"),
        }
        run += 1;
    }
    assert_eq!(run, 12);
}

/// What a holder of a good key can still try: commitments that are not the ones of RFC 8032.
#[test]
fn a_good_key_does_not_make_good_edge_cases() {
    let (a, message) = (scalar("a"), b"edge case".to_vec());
    let key = encoded(a * B);
    let identity = encoded(EdwardsPoint::default());
    let mut identity_again = identity;
    identity_again[31] |= 0x80;
    let mixed = encoded(scalar("r") * B + torsion());
    let cases = [
        ("R is the identity", identity, Scalar::ZERO),
        ("R is another spelling of it", identity_again, Scalar::ZERO),
        ("R has small order", encoded(torsion()), Scalar::ZERO),
        ("R is not reduced", not_reduced(), Scalar::ZERO),
        ("R is mixed", mixed, scalar("r")),
    ];
    let good = PublicKey::from_bytes(&key).expect("a good key");
    let signed = |r: [u8; 32], nonce: Scalar| {
        let s = nonce + challenge(&r, &key, &message) * a;
        let (key, message) = (key, message.clone());
        let case = Case {
            key,
            r,
            s: s.to_bytes(),
            message,
        };
        Signature::from_bytes(&case.signature()).expect("64 bytes")
    };
    let honest = signed(encoded(scalar("r") * B), scalar("r"));
    assert_eq!(good.verify(&message, &honest), Ok(()));
    for (name, r, nonce) in cases {
        let verified = good.verify(&message, &signed(r, nonce));
        assert_eq!(verified, Err(SignatureError::Invalid), "{name}");
    }
}

/// The eight points of small order, and the six further spellings of three of them.
fn encodings_of_small_order() -> Vec<([u8; 32], KeyError)> {
    let mut all: Vec<_> = EIGHT_TORSION
        .iter()
        .map(|point| (encoded(*point), KeyError::Weak))
        .collect();
    let spelled = |low: u8, high: u8, fill: u8| {
        let mut bytes = [fill; 32];
        (bytes[0], bytes[31]) = (low, high);
        (bytes, KeyError::NotCanonical)
    };
    all.extend([
        // y = 1 and y = −1 have x = 0, which has no sign.
        spelled(0x01, 0x80, 0),
        spelled(0xec, 0xff, 0xff),
        // y = p is 0, and y = p + 1 is 1.
        spelled(0xed, 0x7f, 0xff),
        spelled(0xed, 0xff, 0xff),
        spelled(0xee, 0x7f, 0xff),
        spelled(0xee, 0xff, 0xff),
    ]);
    all
}

#[test]
fn no_point_of_small_order_is_a_key_however_it_is_spelled() {
    let mut run = 0;
    for (bytes, expected) in encodings_of_small_order() {
        let point = CompressedEdwardsY(bytes).decompress();
        assert!(
            point.is_some_and(|point| point.is_small_order()),
            "{}",
            hex::encode(bytes)
        );
        let refused = PublicKey::from_bytes(&bytes);
        assert_eq!(refused, Err(expected), "{}", hex::encode(bytes));
        run += 1;
    }
    assert_eq!(run, 14);
}

/// All coordinates from p = 2^255 − 19 to 2^255 − 1, with both signs.
#[test]
fn no_coordinate_beyond_the_field_is_a_key() {
    let (mut not_canonical, mut no_point) = (0, 0);
    for low in 0xed..=0xff {
        for high in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, high);
            match PublicKey::from_bytes(&bytes) {
                Err(KeyError::NotCanonical) => not_canonical += 1,
                Err(KeyError::NotAPoint) => no_point += 1,
                other => panic!("{}: {other:?}", hex::encode(bytes)),
            }
        }
    }
    assert_eq!((not_canonical, no_point), (24, 14));
}

#[test]
fn a_component_of_small_order_makes_no_key() {
    let honest = scalar("a") * B;
    for (number, t) in EIGHT_TORSION.iter().enumerate() {
        let key = PublicKey::from_bytes(&encoded(honest + t));
        match number {
            0 => assert!(key.is_ok(), "the identity changes nothing"),
            _ => assert_eq!(key, Err(KeyError::MixedOrder), "torsion {number}"),
        }
    }
}
