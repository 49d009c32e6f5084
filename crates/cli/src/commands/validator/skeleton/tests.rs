//! The template is whole, and agrees with the workspace.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::*;

const WORKSPACE_LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock"));

fn made() -> BTreeMap<String, String> {
    let files = files("my-check").expect("the template is in order");
    files
        .into_iter()
        .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("every file is text")))
        .collect()
}

fn table(text: &str) -> Table {
    text.parse().expect("TOML")
}

/// Version by name and checksum of everything that comes from a registry.
fn locked(lock: &str) -> BTreeMap<(String, String), String> {
    let text =
        |package: &Value, key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
    let lock = table(lock);
    let packages = lock["package"].as_array().expect("packages").iter();
    packages
        .filter_map(|package| {
            Some((
                (text(package, "name")?, text(package, "checksum")?),
                text(package, "version")?,
            ))
        })
        .collect()
}

#[test]
fn everything_that_a_validator_needs_is_there_and_no_blank_is_left() {
    let files = made();
    for path in [
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        ".gitignore",
        "README.md",
        "params.schema.json",
        "src/lib.rs",
        "fixtures/accept/complete-table/params.json",
        "fixtures/reject/too-few-rows/expect.json",
        "vendor/crates/validator-sdk/Cargo.toml",
        "vendor/crates/validator-sdk/LICENSE",
        "vendor/crates/validator-sdk/src/lib.rs",
        "vendor/wit/proofmark-validator-1.0.0/validator.wit",
    ] {
        assert!(
            files.contains_key(path),
            "{path} is missing from {:?}",
            files.keys()
        );
    }
    for (path, text) in files
        .iter()
        .filter(|(path, _)| !path.starts_with("vendor/"))
    {
        assert!(!text.contains("{{"), "{path} has a blank: {text}");
    }
}

#[test]
fn the_manifests_inherit_nothing_and_have_the_versions_of_the_workspace() {
    let files = made();
    let ours = table(WORKSPACE_MANIFEST);
    let ours = &ours["workspace"]["dependencies"];
    let sdk = table(&files["vendor/crates/validator-sdk/Cargo.toml"]);
    assert_eq!(sdk["dependencies"]["wit-bindgen"], ours["wit-bindgen"]);
    assert_eq!(sdk["dependencies"]["serde_json"], ours["serde_json"]);
    assert_eq!(sdk["package"]["edition"].as_str(), Some("2024"));
    assert_eq!(
        sdk["target"]["cfg(not(target_arch = \"wasm32\"))"]["dependencies"]["sha2"],
        ours["sha2"]
    );
    let own = table(&files["Cargo.toml"]);
    assert_eq!(own["dependencies"]["serde"], ours["serde"]);
    assert!(
        own.contains_key("workspace"),
        "it would join an outer workspace"
    );
    for path in ["Cargo.toml", "vendor/crates/validator-sdk/Cargo.toml"] {
        assert!(!files[path].contains("workspace = true"), "{path}");
    }
}

#[test]
fn the_lock_file_has_the_packages_of_the_workspace() {
    let ours = locked(WORKSPACE_LOCK);
    let own = locked(&made()["Cargo.lock"]);
    assert!(own.len() > 5, "{own:?}");
    for (package, version) in &own {
        let stale = "template/Cargo.lock.in is stale; skeleton/lock.rs says how it is made";
        assert_eq!(ours.get(package), Some(version), "{package:?}: {stale}");
    }
}

#[test]
fn the_lock_file_is_in_cargos_order() {
    let lock =
        "head\n\n[[package]]\nname = \"zeta\"\n\n[[package]]\nname = \"alpha\"\nversion = \"1\"\n";
    let sorted = lock::sorted(lock);
    assert_eq!(
        sorted,
        "head\n\n[[package]]\nname = \"alpha\"\nversion = \"1\"\n\n[[package]]\nname = \"zeta\"\n"
    );
}

#[test]
fn what_cannot_be_inherited_is_told() {
    let workspace =
        manifest::Workspace::parse("[workspace.package]\n[workspace.dependencies]\na = \"1\"\n")
            .expect("a workspace");
    let refused =
        |member: &str| manifest::standalone(member, &workspace).expect_err("it cannot stand alone");
    assert_eq!(
        refused("[dependencies]\nb.workspace = true"),
        "the workspace has no `b`"
    );
    assert_eq!(
        refused("[dependencies]\na = { workspace = true, optional = true }"),
        "`a` adds to what it inherits"
    );
}
