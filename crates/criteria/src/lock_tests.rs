use serde_json::json;

use super::*;
use crate::report::CheckSpec;
use crate::schema::ParamProblem;

const EXAMPLE: &str = include_str!("../schema/example/criteria.toml");

/// Finds everything, except what it is told to fail at.
struct Shelf {
    manifest: ValidatorManifest,
    answer: ParamsAnswer,
    missing: Option<&'static str>,
    asked: Vec<Vec<u8>>,
}

fn ask_for(ids: &[&str]) -> ParamsAnswer {
    ParamsAnswer::AskFor(ids.iter().map(|id| (*id).to_owned()).collect())
}

fn shelf() -> Shelf {
    let check = |id: &str| CheckSpec {
        id: id.to_owned(),
        summary: "A check.".to_owned(),
    };
    Shelf {
        manifest: ValidatorManifest {
            name: "rows".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "Counts rows.".to_owned(),
            params_schema: r#"{"type":"object"}"#.to_owned(),
            checks: vec![check("rows"), check("columns")],
            media_types: Vec::new(),
        },
        answer: ask_for(&["columns", "rows"]),
        missing: None,
        asked: Vec::new(),
    }
}

impl Resolver for Shelf {
    fn validator(&mut self, source: &ValidatorSource) -> Result<ResolvedValidator, Problem> {
        let text = serde_json::to_string(source).expect("a source is JSON");
        Ok(ResolvedValidator {
            digest: Digest::of(text.as_bytes()),
            size_bytes: text.len() as u64,
            describe: self.manifest.clone(),
        })
    }

    fn reference(&mut self, source: &ReferenceSource) -> Result<ResolvedReference, Problem> {
        let text = serde_json::to_string(source).expect("a source is JSON");
        if self.missing.is_some_and(|name| text.contains(name)) {
            return Err(Problem::new("file-missing", "there is no such file"));
        }
        Ok(ResolvedReference {
            digest: Digest::of(text.as_bytes()),
            size_bytes: text.len() as u64,
        })
    }

    fn check_params(&mut self, _: &Digest, params: &[u8]) -> Result<ParamsAnswer, Problem> {
        self.asked.push(params.to_vec());
        Ok(self.answer.clone())
    }
}

fn draft(text: &str) -> Draft {
    Draft::from_toml(text).expect("the test uses drafts that are read")
}

fn codes(draft: &Draft, shelf: &mut Shelf) -> Vec<(&'static str, String)> {
    let problems = lock(draft, shelf).err().unwrap_or_default();
    let pair = |problem: Problem| (problem.code, problem.pointer.unwrap_or_default());
    problems.into_iter().map(pair).collect()
}

/// Both files of the worked example are kept in step by this test. To renew the locked one, write
/// what it prints.
#[test]
fn the_worked_example_locks_to_its_published_bytes() -> Result<(), Vec<Problem>> {
    let criteria = lock(&draft(EXAMPLE), &mut shelf())?;
    let bytes = String::from_utf8_lossy(criteria.canonical_bytes());
    let published = include_str!("../schema/example/criteria.json");
    assert_eq!(bytes, published, "the locked example has changed");
    Ok(())
}

#[test]
fn everything_is_explicit_and_sorted() -> Result<(), Vec<Problem>> {
    let mut shelf = shelf();
    let criteria = lock(&draft(EXAMPLE), &mut shelf)?;
    let accuracy = &criteria.criteria()[1];
    assert_eq!(accuracy.checks, ["columns", "rows"]);
    assert_eq!(accuracy.limits.fuel, 5_000_000_000, "the criterion's own");
    assert_eq!(accuracy.limits.memory_bytes, 64 << 20, "the document's");
    assert_eq!(accuracy.limits.read_passes, 8, "the default");
    let text = String::from_utf8_lossy(criteria.canonical_bytes());
    assert!(
        !text.contains("classification.wasm"),
        "no paths in the document"
    );
    assert_eq!(shelf.asked[2], b"{}");
    Ok(())
}

#[test]
fn a_validator_may_refuse_parameters() {
    let mut shelf = shelf();
    shelf.manifest.params_schema =
        r#"{"type":"object","properties":{"format":{"enum":["json"]}}}"#.to_owned();
    let problem = |pointer: &str| ParamProblem {
        pointer: pointer.to_owned(),
        message: "\u{1b}no".to_owned(),
    };
    shelf.answer = ParamsAnswer::Refused(vec![problem("/classes/0"), problem("nonsense")]);
    let expected = [
        ("value-not-allowed", "/criteria/0/params/format"),
        ("params-refused", "/criteria/1/params/classes/0"),
        ("params-refused", "/criteria/1/params"),
        ("params-refused", "/criteria/2/params/classes/0"),
        ("params-refused", "/criteria/2/params"),
    ];
    let expected: Vec<_> = expected.map(|(code, at)| (code, at.to_owned())).into();
    assert_eq!(codes(&draft(EXAMPLE), &mut shelf), expected);
    assert_eq!(
        shelf.asked.len(),
        2,
        "not asked about what its schema refuses"
    );
}

#[test]
fn a_broken_validator_is_blamed() {
    let text = "name = 'x'\n[[criteria]]\nname = 'a'\nvalidator = { builtin = 'rows' }";
    let at = "/criteria/0/validator".to_owned();
    let mut broken_schema = shelf();
    broken_schema.manifest.params_schema = r#"{"type":"nonsense"}"#.to_owned();
    let found = codes(&draft(text), &mut broken_schema);
    assert_eq!(found, [("params-schema-invalid", at.clone())]);
    let mut broken_manifest = shelf();
    broken_manifest.manifest.checks.clear();
    let found = codes(&draft(text), &mut broken_manifest);
    assert_eq!(found, [("validator-manifest-invalid", at)]);
    let answers = [
        ("asks-for-nothing", ask_for(&[])),
        ("asked-checks-order", ask_for(&["rows", "columns"])),
        ("asked-checks-order", ask_for(&["rows", "rows"])),
        ("asked-check-unknown", ask_for(&["rows", "\u{9b}"])),
        ("params-refused", ParamsAnswer::Refused(Vec::new())),
    ];
    for (code, answer) in answers {
        let mut broken_answer = Shelf { answer, ..shelf() };
        let found = codes(&draft(text), &mut broken_answer);
        assert_eq!(found, [(code, "/criteria/0/params".to_owned())]);
    }
}

#[test]
fn only_what_the_parameters_ask_for_is_frozen() -> Result<(), Vec<Problem>> {
    let mut shelf = Shelf {
        answer: ask_for(&["rows"]),
        ..shelf()
    };
    let criteria = lock(&draft(EXAMPLE), &mut shelf)?;
    assert_eq!(criteria.criteria()[0].checks, ["rows"]);
    Ok(())
}

/// A shelf whose files are known by digest, as those of a frozen document are.
struct Kept(Shelf, std::collections::BTreeMap<Digest, u64>);

impl Resolver for Kept {
    fn validator(&mut self, source: &ValidatorSource) -> Result<ResolvedValidator, Problem> {
        let mut found = self.0.validator(source)?;
        if let ValidatorSource::Digest(digest) = source {
            let known = self.1.get(digest).copied();
            (found.digest, found.size_bytes) = (*digest, known.unwrap_or(found.size_bytes));
        }
        self.1.insert(found.digest, found.size_bytes);
        Ok(found)
    }

    fn reference(&mut self, source: &ReferenceSource) -> Result<ResolvedReference, Problem> {
        let mut found = self.0.reference(source)?;
        if let ReferenceSource::Digest(digest) = source {
            let known = self.1.get(digest).copied();
            (found.digest, found.size_bytes) = (*digest, known.unwrap_or(found.size_bytes));
        }
        self.1.insert(found.digest, found.size_bytes);
        Ok(found)
    }

    fn check_params(&mut self, of: &Digest, params: &[u8]) -> Result<ParamsAnswer, Problem> {
        self.0.check_params(of, params)
    }
}

#[test]
fn a_frozen_document_is_confirmed_by_what_it_names_or_contradicts_it() -> Result<(), Vec<Problem>> {
    let mut kept = Kept(shelf(), Default::default());
    let criteria = lock(&draft(EXAMPLE), &mut kept)?;
    confirm(&criteria, &mut kept)?;
    type Forge = fn(&mut Document);
    let forgeries: [(Forge, &str); 5] = [
        (
            |d| d.criteria[0].validator.name = "x".into(),
            "/criteria/0/validator/name",
        ),
        (
            |d| d.criteria[0].validator.version = "9.9.9".into(),
            "/criteria/0/validator/version",
        ),
        (
            |d| d.criteria[1].validator.size_bytes += 1,
            "/criteria/1/validator/size_bytes",
        ),
        (|d| d.criteria[2].checks.truncate(1), "/criteria/2/checks"),
        (
            |d| d.criteria[0].references[0].size_bytes = 1,
            "/criteria/0/references/0/size_bytes",
        ),
    ];
    for (forge, place) in forgeries {
        let mut document = criteria.document().clone();
        forge(&mut document);
        let value = serde_json::to_value(&document).expect("a document is JSON");
        let forged = Criteria::from_value(value)?;
        let problems = confirm(&forged, &mut kept).expect_err("it contradicts");
        let found: Vec<_> = problems
            .iter()
            .map(|p| (p.code, p.pointer.as_deref()))
            .collect();
        assert_eq!(found, [("document-contradicts-validator", Some(place))]);
    }
    Ok(())
}

#[test]
fn everything_missing_is_told_at_once() {
    let mut shelf = shelf();
    shelf.missing = Some("a");
    let mut draft = draft(EXAMPLE);
    draft.threshold = None;
    let found = codes(&draft, &mut shelf);
    let expected = [
        ("weight-without-threshold", "/criteria/1/weight"),
        ("weight-without-threshold", "/criteria/2/weight"),
        ("file-missing", "/criteria/0/references/schema.json"),
        ("file-missing", "/criteria/1/references/labels.csv"),
    ];
    let expected: Vec<_> = expected.map(|(code, at)| (code, at.to_owned())).into();
    assert_eq!(found, expected);
}

#[test]
fn parameters_outside_the_profile_are_placed() {
    let mut draft = draft("name = 'x'\n[[criteria]]\nname = 'a'\nvalidator = { builtin = 'rows' }");
    draft.criteria[0]
        .params
        .insert("a".to_owned(), json!([null]));
    let found = codes(&draft, &mut shelf());
    assert_eq!(
        found,
        [("not-canonical", "/criteria/0/params/a/0".to_owned())]
    );
}
