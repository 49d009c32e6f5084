use proptest::prelude::*;

use super::*;

const LIMITS: SubmissionLimits = SubmissionLimits {
    max_artifacts: 3,
    max_artifact_bytes: 100,
    max_total_bytes: 150,
};

fn entry(path: &str, size_bytes: u64) -> Entry {
    Entry {
        path: path.parse().expect("the test uses good paths"),
        digest: Digest::of(path.as_bytes()),
        size_bytes,
    }
}

fn code(entries: &[(&str, u64)]) -> Option<&'static str> {
    let entries = entries.iter().map(|(path, size)| entry(path, *size));
    let error = Manifest::build(entries.collect(), &LIMITS).err();
    error.map(|error| error.code())
}

#[test]
fn the_bytes_are_canonical_and_sorted() -> Result<(), SubmissionError> {
    let manifest = Manifest::build(vec![entry("b", 2), entry("a", 1)], &LIMITS)?;
    let expected = format!(
        concat!(
            r#"{{"artifacts":[{{"digest":"{}","path":"a","sizeBytes":1}},"#,
            r#"{{"digest":"{}","path":"b","sizeBytes":2}}],"#,
            r#""schema":"https://proofmark.example/submission/v1"}}"#
        ),
        Digest::of(b"a"),
        Digest::of(b"b")
    );
    assert_eq!(
        String::from_utf8_lossy(manifest.canonical_bytes()),
        expected
    );
    assert_eq!(manifest.digest(), Digest::of(expected.as_bytes()));
    assert_eq!(manifest.total_bytes(), 3);
    assert_eq!(manifest.get("b").map(|entry| entry.size_bytes), Some(2));
    assert_eq!(manifest.get("c"), None);
    Ok(())
}

#[test]
fn an_empty_submission_is_one() -> Result<(), SubmissionError> {
    let manifest = Manifest::build(Vec::new(), &LIMITS)?;
    let again = Manifest::parse(manifest.canonical_bytes(), &LIMITS)?;
    assert_eq!(manifest, again);
    assert_eq!(manifest.total_bytes(), 0);
    Ok(())
}

#[test]
fn every_defect_has_its_code() {
    let cases: [(&[(&str, u64)], &str); 9] = [
        (
            &[("a", 0), ("b", 0), ("c", 0), ("d", 0)],
            "too-many-artifacts",
        ),
        (&[("a", 101)], "artifact-too-large"),
        (&[("a", 100), ("b", 51)], "submission-too-large"),
        (&[("a", 1), ("a", 1)], "duplicate-path"),
        (&[("a", 1), ("A", 1)], "case-collision"),
        (&[("x²", 1), ("x2", 1)], "unicode-collision"),
        (&[("a", 1), ("a/b", 1)], "file-and-directory"),
        // The order of precedence.
        (&[("a", 101), ("a", 101)], "artifact-too-large"),
        (&[("a", 100), ("a", 100)], "submission-too-large"),
    ];
    for (entries, expected) in cases {
        assert_eq!(code(entries), Some(expected), "{entries:?}");
    }
    assert_eq!(code(&[("a", 100), ("b", 50)]), None, "at the limits");
}

#[test]
fn a_total_that_overflows_is_too_large() {
    let limits = SubmissionLimits {
        max_artifacts: 3,
        max_artifact_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
    };
    for sizes in [[u64::MAX, 1], [1 << 53, 0]] {
        let entries = vec![entry("a", sizes[0]), entry("b", sizes[1])];
        let error = Manifest::build(entries, &limits).err();
        assert_eq!(
            error.map(|error| error.code()),
            Some("submission-too-large")
        );
    }
}

#[test]
fn spelling_does_not_change_the_identity() -> Result<(), Box<dyn std::error::Error>> {
    let manifest = Manifest::build(vec![entry("a", 1), entry("é", 2)], &LIMITS)?;
    let value: serde_json::Value = serde_json::from_slice(manifest.canonical_bytes())?;
    let pretty = serde_json::to_string_pretty(&value)?.replace('é', "\\u00e9");
    assert_eq!(Manifest::parse(pretty.as_bytes(), &LIMITS)?, manifest);
    Ok(())
}

#[test]
fn a_text_is_read_strictly() -> Result<(), SubmissionError> {
    let good = Manifest::build(vec![entry("a", 1), entry("b", 1)], &LIMITS)?;
    let good = String::from_utf8_lossy(good.canonical_bytes()).into_owned();
    let cases = [
        (
            good.replace("submission/v1", "submission/v2"),
            "manifest-schema",
        ),
        (good.replace("\"a\"", "\"c\""), "manifest-unsorted"),
        (good.replace("\"a\"", "\"b\""), "duplicate-path"),
        (good.replace("\"a\"", "\"../a\""), "path-parent-component"),
        (r#"["https://proofmark.example/submission/v1",[]]"#.to_owned(), "manifest-malformed"),
        (
            r#"{"schema":"https://proofmark.example/submission/v1","artifacts":[["a","sha256:",1]]}"#.to_owned(),
            "manifest-malformed",
        ),
        (
            good.replacen("\"path\"", "\"mode\":1,\"path\"", 1),
            "manifest-malformed",
        ),
        (
            good.replacen("\"sizeBytes\":1", "\"sizeBytes\":-1", 1),
            "manifest-malformed",
        ),
        (
            good.replacen("\"sizeBytes\":1", "\"sizeBytes\":1.5", 1),
            "fraction-not-allowed",
        ),
        (
            good.replacen("\"path\"", "\"path\":\"x\",\"path\"", 1),
            "duplicate-member",
        ),
        (
            good.replacen("sha256:", "sha256:A", 1),
            "manifest-malformed",
        ),
        (format!("{good} x"), "not-json"),
        (" ".repeat(100_000), "document-too-large"),
    ];
    for (text, code) in cases {
        let error = Manifest::parse(text.as_bytes(), &LIMITS).err();
        assert_eq!(error.map(|error| error.code()), Some(code), "{text:.300}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_order_of_entries_does_not_matter(
        (names, shuffled) in proptest::collection::btree_set("f-[a-z]{1,6}", 0..20)
            .prop_map(|names| names.into_iter().collect::<Vec<_>>())
            .prop_flat_map(|names| (Just(names.clone()), Just(names).prop_shuffle())),
    ) {
        let build = |names: &[String]| {
            let entries = names.iter().map(|name| entry(name, 1)).collect();
            Manifest::build(entries, &SubmissionLimits::default())
        };
        let manifest = build(&names)?;
        prop_assert_eq!(&manifest, &build(&shuffled)?);
        prop_assert_eq!(&Manifest::parse(manifest.canonical_bytes(), &SubmissionLimits::default())?, &manifest);
    }
}
