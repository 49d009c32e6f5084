//! House rules that matter, as tests instead of a reviewer's memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which of our crates each may use (ARCHITECTURE.md draws it). Lower layers know nothing of higher ones.
const LAYERS: &[(&str, &str, &[&str])] = &[
    ("crates/core", "proofmark-core", &[]),
    ("crates/criteria", "proofmark-criteria", &["proofmark-core"]),
    ("crates/keys", "proofmark-keys", &["proofmark-core"]),
    (
        "crates/dsse",
        "proofmark-dsse",
        &["proofmark-core", "proofmark-keys"],
    ),
    ("crates/keystore", "proofmark-keystore", &["proofmark-keys"]),
    (
        "crates/tlog",
        "proofmark-tlog",
        &["proofmark-core", "proofmark-keys"],
    ),
    (
        "crates/trust",
        "proofmark-trust",
        &[
            "proofmark-core",
            "proofmark-keys",
            "proofmark-dsse",
            "proofmark-tlog",
        ],
    ),
    (
        "crates/log",
        "proofmark-log",
        &["proofmark-core", "proofmark-keys", "proofmark-tlog"],
    ),
    (
        "crates/attestation",
        "proofmark-attestation",
        &[
            "proofmark-core",
            "proofmark-criteria",
            "proofmark-keys",
            "proofmark-dsse",
            "proofmark-tlog",
            "proofmark-trust",
        ],
    ),
    ("crates/ledger", "proofmark-ledger", &["proofmark-core"]),
    ("crates/mutation", "proofmark-mutation", &["proofmark-core"]),
    ("crates/program", "proofmark-program", &[]),
    (
        "crates/market",
        "proofmark-market",
        &[
            "proofmark-core",
            "proofmark-criteria",
            "proofmark-keys",
            "proofmark-dsse",
            "proofmark-trust",
            "proofmark-attestation",
            "proofmark-ledger",
        ],
    ),
    // Not the market: its rules are written a second time here, from docs/market.md alone.
    (
        "crates/auditor",
        "proofmark-auditor",
        &[
            "proofmark-core",
            "proofmark-criteria",
            "proofmark-keys",
            "proofmark-dsse",
            "proofmark-attestation",
        ],
    ),
    (
        "crates/simulator",
        "proofmark-simulator",
        &[
            "proofmark-core",
            "proofmark-criteria",
            "proofmark-keys",
            "proofmark-dsse",
            "proofmark-trust",
            "proofmark-attestation",
            "proofmark-ledger",
            "proofmark-market",
            "proofmark-auditor",
        ],
    ),
    ("crates/blobs", "proofmark-blobs", &["proofmark-core"]),
    ("crates/storage", "proofmark-storage", &["proofmark-core"]),
    (
        "crates/webhooks",
        "proofmark-webhooks",
        &["proofmark-core", "proofmark-keys", "proofmark-storage"],
    ),
    (
        "crates/service",
        "proofmark-service",
        &[
            "proofmark-core",
            "proofmark-criteria",
            "proofmark-keys",
            "proofmark-tlog",
            "proofmark-trust",
            "proofmark-attestation",
            "proofmark-ledger",
            "proofmark-market",
            "proofmark-auditor",
            "proofmark-storage",
            "proofmark-log",
        ],
    ),
    (
        "crates/api",
        "proofmark-api",
        &[
            "proofmark-core",
            "proofmark-criteria",
            "proofmark-keys",
            "proofmark-dsse",
            "proofmark-trust",
            "proofmark-attestation",
            "proofmark-blobs",
            "proofmark-ledger",
            "proofmark-market",
            "proofmark-storage",
            "proofmark-service",
            "proofmark-webhooks",
        ],
    ),
    (
        "crates/pages",
        "proofmark-pages",
        &[
            "proofmark-core",
            "proofmark-criteria",
            "proofmark-keys",
            "proofmark-attestation",
            "proofmark-ledger",
            "proofmark-market",
            "proofmark-storage",
            "proofmark-service",
            "proofmark-guest-build",
        ],
    ),
    (
        "crates/examiner",
        "proofmark-examiner",
        &[
            "proofmark-core",
            "proofmark-criteria",
            "proofmark-keys",
            "proofmark-attestation",
            "proofmark-engine",
            "proofmark-market",
            "proofmark-blobs",
            "proofmark-service",
        ],
    ),
    (
        "crates/attestation-wasm",
        "proofmark-attestation-wasm",
        &["proofmark-attestation"],
    ),
    (
        "crates/engine",
        "proofmark-engine",
        &["proofmark-core", "proofmark-criteria", "proofmark-program"],
    ),
    ("crates/guest-build", "proofmark-guest-build", &[]),
    ("crates/validator-sdk", "proofmark-validator-sdk", &[]),
    (
        "validators",
        "proofmark-validators",
        &["proofmark-guest-build"],
    ),
    (
        "validators/json-schema",
        "proofmark-validator-json-schema",
        &["proofmark-validator-sdk"],
    ),
    (
        "validators/service-level",
        "proofmark-validator-service-level",
        &["proofmark-validator-sdk"],
    ),
    (
        "validators/claim-decision",
        "proofmark-validator-claim-decision",
        &["proofmark-validator-sdk"],
    ),
    (
        "validators/classification",
        "proofmark-validator-classification",
        &["proofmark-validator-sdk"],
    ),
    (
        "validators/quotations",
        "proofmark-validator-quotations",
        &["proofmark-validator-sdk"],
    ),
    (
        "validators/program-tests",
        "proofmark-validator-program-tests",
        &["proofmark-validator-sdk"],
    ),
    (
        "validators/code-change",
        "proofmark-validator-code-change",
        &["proofmark-validator-sdk"],
    ),
    (
        "validators/support-ticket",
        "proofmark-validator-support-ticket",
        &["proofmark-validator-sdk"],
    ),
    (
        "validators/later-events",
        "proofmark-validator-later-events",
        &["proofmark-validator-sdk"],
    ),
    (
        "validators/hostile",
        "proofmark-validator-hostile",
        &["proofmark-validator-sdk"],
    ),
    (
        "tests/guests",
        "proofmark-bench-guests",
        &["proofmark-validator-sdk"],
    ),
    (
        "crates/cli",
        "proofmark-cli",
        &[
            "proofmark-ledger",
            "proofmark-market",
            "proofmark-blobs",
            "proofmark-storage",
            "proofmark-service",
            "proofmark-api",
            "proofmark-pages",
            "proofmark-examiner",
            "proofmark-webhooks",
            "proofmark-core",
            "proofmark-criteria",
            "proofmark-engine",
            "proofmark-mutation",
            "proofmark-keys",
            "proofmark-keystore",
            "proofmark-dsse",
            "proofmark-tlog",
            "proofmark-trust",
            "proofmark-attestation",
            "proofmark-log",
            "proofmark-guest-build",
            "proofmark-validators",
        ],
    ),
];

/// Crates that decide: everything they know comes in as an argument.
const PURE: &[&str] = &[
    "crates/core",
    "crates/criteria",
    "crates/keys",
    "crates/dsse",
    "crates/tlog",
    "crates/trust",
    "crates/attestation",
    "crates/ledger",
    "crates/market",
    "crates/auditor",
    "crates/mutation",
    "crates/program",
];

/// What a pure crate does not even name: clocks, chance, the outside world, unordered collections, and
/// numbers that are not integers.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "SystemTime",
    "Instant",
    "std::io::stdin",
    "std::io::stdout",
    "println!",
    "eprintln!",
    "HashMap",
    "HashSet",
    "RandomState",
    "f32",
    "f64",
    "rand::",
    "tokio",
    "async fn",
];

/// The only files that may say `unsafe`, each for a reason that its SAFETY comments give.
const UNSAFE: &[&str] = &[
    "crates/attestation-wasm/src/chance.rs",
    "crates/attestation-wasm/src/lib.rs",
    "crates/engine/src/config.rs",
    "crates/engine/src/engine.rs",
    "crates/engine/src/mapped.rs",
    "crates/engine/src/run/bounded.rs",
    "crates/engine/src/run/evaluate.rs",
    "crates/engine/src/worker/sandbox.rs",
    "crates/engine/src/worker/serve.rs",
];

/// A file that nobody can read in one sitting is two files.
const MAX_LINES: usize = 700;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the workspace is there")
}

/// Every Rust file below `folder`, with its text, by its path from the workspace's root.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![root().join(folder)];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory)
            .expect("a folder can be read")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() && entry.file_name() != "target" {
                open.push(path);
            } else if path.extension().is_some_and(|suffix| suffix == "rs") {
                let name = path
                    .strip_prefix(root())
                    .expect("it is below the root")
                    .display()
                    .to_string();
                found.insert(name, fs::read_to_string(path).expect("a source is text"));
            }
        }
    }
    found
}

/// The lines of production code: no comments, and nothing from the first `#[cfg(test)]` on.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"))
        .map(|line| line.split("//").next().unwrap_or_default())
}

fn says(line: &str, word: &str) -> bool {
    let edge = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        edge(line[..at].chars().next_back()) && edge(line[at + word.len()..].chars().next())
    })
}

/// What Cargo itself knows of every package of the workspace: renamed and target-specific dependencies
/// included.
fn packages() -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .expect("Cargo is there");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("metadata");
    metadata["packages"].as_array().cloned().unwrap_or_default()
}

/// Names of what a package ships with: not what only its tests use.
fn shipped(package: &serde_json::Value) -> Vec<&str> {
    let all = package["dependencies"].as_array().into_iter().flatten();
    let shipped = all.filter(|dependency| dependency["kind"] != "dev");
    shipped
        .filter_map(|dependency| dependency["name"].as_str())
        .collect()
}

#[test]
fn arrows_of_the_crate_graph_point_down_only() {
    let packages = packages();
    for (folder, name, allowed) in LAYERS {
        let package = packages.iter().find(|package| package["name"] == *name);
        let package = package.unwrap_or_else(|| panic!("there is no package {name}"));
        let manifest = root().join(folder).join("Cargo.toml").display().to_string();
        assert_eq!(package["manifest_path"], manifest);
        for dependency in shipped(package) {
            let ours = dependency.starts_with("proofmark-");
            assert!(
                !ours || allowed.contains(&dependency),
                "{name} may not depend on {dependency}"
            );
        }
    }
}

#[test]
fn every_crate_stands_in_the_table_of_layers() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace manifest");
    let members = workspace
        .split("members = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .expect("members");
    for member in members
        .split(',')
        .map(|member| member.trim().trim_matches('"'))
        .filter(|member| !member.is_empty())
    {
        let known = member == "tests" || LAYERS.iter().any(|(folder, ..)| *folder == member);
        assert!(known, "{member} is not in the table of layers");
    }
}

#[test]
fn pure_crates_have_no_clock_chance_world_or_floats() {
    for folder in PURE {
        for (file, text) in sources(&format!("{folder}/src")) {
            if file.ends_with("tests.rs") {
                continue;
            }
            for line in code(&text) {
                for word in IMPURE {
                    assert!(!says(line, word), "{file} says `{word}`: {line}");
                }
            }
            for group in grouped(&text) {
                for word in IMPURE.iter().filter_map(|word| word.strip_prefix("std::")) {
                    assert!(!says(&group, word), "{file} imports `std::{word}`");
                }
            }
        }
    }
}

/// What is between the braces of each `std::{…}`, over lines.
fn grouped(text: &str) -> Vec<String> {
    let production: Vec<_> = code(text).collect();
    let production = production.join(" ");
    let groups = production.split("std::{").skip(1);
    groups
        .map(|rest| rest.split(';').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn an_import_in_a_group_is_seen() {
    let text =
        "use std::{\n    collections::{BTreeMap,\n HashMap},\n    fs, time::Duration,\n};\nuse x;";
    let [group] = &grouped(text)[..] else {
        panic!("one group")
    };
    assert!(says(group, "fs") && says(group, "time") && says(group, "HashMap"));
}

#[test]
fn the_engine_cannot_sign_and_the_server_cannot_be_reached() {
    let packages = packages();
    let engine = packages
        .iter()
        .find(|package| package["name"] == "proofmark-engine");
    let dependencies = shipped(engine.expect("the engine"));
    for word in ["ed25519", "ring", "tokio", "axum", "reqwest", "hyper"] {
        let found = dependencies
            .iter()
            .find(|dependency| dependency.contains(word));
        assert_eq!(found, None, "the engine depends on {word}");
    }
}

#[test]
fn unsafe_stands_only_where_it_is_explained() {
    let mut found = Vec::new();
    for (file, text) in sources("crates") {
        let production = file.contains("/src/") && !file.contains("template");
        // What a page allows a browser, in the words of CSP; the compiler forbids the rest in that crate.
        let text = text.replace("'wasm-unsafe-eval'", "");
        if production && code(&text).any(|line| says(line, "unsafe")) {
            found.push(file);
        }
    }
    assert_eq!(found, UNSAFE);
}

#[test]
fn every_file_says_what_it_is_for_and_can_be_read_in_one_sitting() {
    for folder in ["crates", "validators", "tests"] {
        for (file, text) in sources(folder) {
            assert!(
                file.ends_with("tests.rs") || text.starts_with("//!") || text.starts_with("#!"),
                "{file} does not begin with its purpose"
            );
            let lines = text.lines().count();
            assert!(lines <= MAX_LINES, "{file} has {lines} lines");
        }
    }
}

#[test]
fn names_say_what_a_thing_is() {
    for (file, text) in sources("crates") {
        for line in code(&text) {
            let declares = ["struct ", "enum ", "trait "]
                .iter()
                .any(|word| line.contains(word));
            for vague in ["Manager", "Helper", "Util"] {
                assert!(!(declares && line.contains(vague)), "{file}: {line}");
            }
        }
    }
}

#[test]
fn every_hostile_guest_is_declared() {
    let manifest =
        fs::read_to_string(root().join("validators/hostile/Cargo.toml")).expect("a manifest");
    for entry in fs::read_dir(root().join("validators/hostile/examples"))
        .expect("the guests")
        .flatten()
    {
        let name = entry
            .path()
            .file_stem()
            .expect("a name")
            .display()
            .to_string();
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name} is not declared as a component"
        );
    }
}
