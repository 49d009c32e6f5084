//! What holds for every ready-made validator.

use super::{READY_MADE, ReadyMade, ready_made};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn folder(validator: &ReadyMade) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(validator.name)
}

fn cases(validator: &ReadyMade, kind: &str) -> Vec<PathBuf> {
    let dir = folder(validator).join("fixtures").join(kind);
    let entries = fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    entries
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

fn json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_validator_is_a_component() {
    assert!(!READY_MADE.is_empty());
    for validator in READY_MADE {
        assert!(
            validator.component.starts_with(b"\0asm\x0d\0\x01\0"),
            "{}",
            validator.name
        );
        assert!(ready_made(validator.name).is_some());
    }
}

#[test]
fn every_validator_has_a_readme_and_enough_fixtures() {
    for validator in READY_MADE {
        assert!(
            folder(validator).join("README.md").is_file(),
            "{}",
            validator.name
        );
        assert!(cases(validator, "accept").len() >= 2, "{}", validator.name);
        assert!(cases(validator, "reject").len() >= 4, "{}", validator.name);
    }
}

#[test]
fn the_parameters_of_every_fixture_satisfy_the_schema() {
    for validator in READY_MADE {
        let schema: Value = serde_json::from_str(validator.params_schema).expect("JSON");
        let schema = jsonschema::draft202012::new(&schema).expect("a schema of draft 2020-12");
        for case in cases(validator, "accept")
            .iter()
            .chain(&cases(validator, "reject"))
        {
            let params = json(&case.join("params.json"));
            let problems: Vec<_> = schema
                .iter_errors(&params)
                .map(|error| error.to_string())
                .collect();
            assert!(problems.is_empty(), "{}: {problems:?}", case.display());
        }
    }
}

#[test]
fn every_finding_code_is_in_the_readme() {
    for validator in READY_MADE {
        let readme = fs::read_to_string(folder(validator).join("README.md")).expect("a README");
        for case in cases(validator, "reject") {
            let expect = json(&case.join("expect.json"));
            for code in expect["codes"].as_array().into_iter().flatten() {
                let code = code.as_str().expect("a string");
                assert!(
                    readme.contains(&format!("`{code}`")),
                    "{}: {code}",
                    validator.name
                );
            }
        }
    }
}

#[cfg(feature = "hostile")]
#[test]
fn every_source_in_hostile_examples_is_a_guest() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("hostile/examples");
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.extension().is_some_and(|end| end == "rs") {
            assert!(super::hostile::guest(&name).is_some(), "{name}");
        }
    }
}
