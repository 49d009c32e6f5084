//! Wycheproof's Ed25519 suite through the one way in which we verify.

use proofmark_keys::{KeyError, PublicKey, Signature, SignatureError};
use wycheproof::TestResult;
use wycheproof::eddsa::{Test, TestName, TestSet};

/// What becomes of one case, and which rule decides it.
fn verdict(key: &PublicKey, test: &Test) -> Result<(), SignatureError> {
    let signature = Signature::from_bytes(&test.sig)?;
    key.verify(&test.msg, &signature)
}

#[test]
fn every_case_ends_as_wycheproof_says() {
    let set = TestSet::load(TestName::Ed25519).expect("the suite is in the crate");
    let (mut valid, mut invalid, mut bad_length) = (0, 0, 0);
    for group in &set.test_groups {
        let key = PublicKey::from_bytes(&group.key.pk).expect("Wycheproof's keys are good ones");
        for test in &group.tests {
            let (id, comment) = (test.tc_id, &test.comment);
            match (verdict(&key, test), test.result) {
                (Ok(()), TestResult::Valid) => valid += 1,
                (Err(SignatureError::Invalid), TestResult::Invalid) => invalid += 1,
                (Err(SignatureError::Length), TestResult::Invalid) => bad_length += 1,
                (ours, theirs) => panic!("{id} ({comment}): {ours:?}, not {theirs:?}"),
            }
        }
    }
    assert_eq!(valid + invalid + bad_length, set.number_of_tests);
    // Of the signatures 5 have garbage at the end, 4 are compressed and 3 truncated.
    assert_eq!((valid, invalid, bad_length), (88, 51, 12));
}

/// The suite has each key as 32 bytes, as DER and as PEM: three spellings, one key.
#[test]
fn every_key_reads_the_same_from_its_pem() {
    let set = TestSet::load(TestName::Ed25519).expect("the suite is in the crate");
    let mut run = 0;
    for group in &set.test_groups {
        let raw = PublicKey::from_bytes(&group.key.pk);
        assert_eq!(PublicKey::from_pem(&group.pem), raw);
        assert_eq!(
            raw.map(|key| key.to_spki()),
            Ok::<_, KeyError>(group.der.to_vec())
        );
        run += 1;
    }
    assert_eq!(run, 78);
}
