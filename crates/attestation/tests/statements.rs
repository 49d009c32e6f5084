//! Every published statement against the canonical form and the length that key services sign.

use std::fs;
use std::path::Path;

use proofmark_attestation::Bundle;
use proofmark_attestation::statement::ValidatedOutcome;
use proofmark_core::canonical::{self, ParseLimits};
use proofmark_keys::MAX_MESSAGE_BYTES;

/// The bundles of all published cases that can be read at all, with their folders' names.
fn bundles() -> Vec<(String, Bundle)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/verify");
    let cases = fs::read_dir(folder).expect("the vectors").flatten();
    let bundles = cases.filter_map(|case| {
        let bytes = fs::read(case.path().join("bundle.json")).ok()?;
        let bundle = Bundle::parse(&bytes).ok()?;
        Some((case.file_name().display().to_string(), bundle))
    });
    bundles.collect()
}

/// Members are declared in the order of RFC 8785; here it shows if one is not.
#[test]
fn what_is_read_and_written_is_canonical_and_can_be_signed() {
    let mut read = 0;
    for (case, bundle) in bundles() {
        let payload = bundle.envelope.payload();
        let Ok(outcome) = ValidatedOutcome::parse(payload) else {
            continue;
        };
        let value = canonical::parse(payload, ParseLimits::DOCUMENT).expect("it was read");
        let canonical = canonical::to_bytes(&value).expect("it was read");
        assert_eq!(canonical, outcome.canonical_bytes(), "{case}");
        assert!(outcome.signed_len() <= MAX_MESSAGE_BYTES, "{case}");
        read += 1;
    }
    assert!(read >= 150, "{read} outcomes");
}

/// What the strict reader of canonical JSON refuses, the reader of statements refuses too.
#[test]
fn nothing_is_read_that_is_not_canonical() {
    for (case, bundle) in bundles() {
        let payload = bundle.envelope.payload();
        let value = canonical::parse(payload, ParseLimits::DOCUMENT).ok();
        let canonical = value.and_then(|value| canonical::to_bytes(&value).ok());
        if canonical.as_deref() != Some(payload) {
            assert!(ValidatedOutcome::parse(payload).is_err(), "{case}");
        }
    }
}
