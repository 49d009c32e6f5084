//! The files of a new validator: the template, and a copy of the SDK with the contract, so that the
//! crate builds anywhere and stays as it is.
//!
//! Versions have one place, the workspace of Proofmark: its manifests and lock file are in the binary,
//! and what a new crate needs is derived from them.

mod lock;
mod manifest;

use std::collections::BTreeMap;

use include_dir::{Dir, DirEntry, include_dir};

use crate::failure::{Exit, Failure};

static TEMPLATE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/template");
static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../validator-sdk/src");
static WIT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../wit");

const WORKSPACE_MANIFEST: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"));
const SDK_MANIFEST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../validator-sdk/Cargo.toml"
));
const TOOLCHAIN: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../rust-toolchain.toml"
));
const LICENSE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../LICENSE"));

/// Where the SDK lies in the new crate. The SDK finds the contract two folders up, in `wit/`.
const VENDORED_SDK: &str = "vendor/crates/validator-sdk";
const VENDORED_WIT: &str = "vendor/wit";

/// Files of the template that need another name while they are in our repository: Cargo would take the
/// one for a crate of ours, git the other for its own.
const RENAMED: [(&str, &str); 3] = [
    ("Cargo.toml.in", "Cargo.toml"),
    ("Cargo.lock.in", "Cargo.lock"),
    ("gitignore", ".gitignore"),
];

/// Every file by its path in the new crate.
///
/// # Errors
/// Only if the binary was built from manifests that contradict each other: a bug, which tests exclude.
pub(super) fn files(name: &str) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let broken = |why: String| Failure {
        exit: Exit::Bug,
        ..Failure::input(
            "bug",
            format!("the template is broken: {why}"),
            "please report it",
        )
    };
    let workspace = manifest::Workspace::parse(WORKSPACE_MANIFEST).map_err(broken)?;
    let mut files = BTreeMap::new();
    for (path, text) in texts(&TEMPLATE) {
        let text = fill(&text, name, &workspace).map_err(broken)?;
        files.insert(path, text.into_bytes());
    }
    let lock = files
        .remove("Cargo.lock")
        .map(|lock| lock::sorted(&String::from_utf8_lossy(&lock)));
    files.extend(lock.map(|lock| ("Cargo.lock".to_owned(), lock.into_bytes())));
    let sdk = manifest::standalone(SDK_MANIFEST, &workspace).map_err(broken)?;
    files.insert(format!("{VENDORED_SDK}/Cargo.toml"), sdk.into_bytes());
    files.insert(format!("{VENDORED_SDK}/LICENSE"), LICENSE.into());
    for (folder, directory) in [
        (format!("{VENDORED_SDK}/src"), &SDK),
        (VENDORED_WIT.to_owned(), &WIT),
    ] {
        files.extend(
            contents(directory).map(|(path, bytes)| (format!("{folder}/{path}"), bytes.to_vec())),
        );
    }
    Ok(files)
}

/// Every file of an embedded directory, by its relative path.
fn contents<'d>(directory: &'d Dir<'d>) -> Box<dyn Iterator<Item = (String, &'d [u8])> + 'd> {
    Box::new(directory.entries().iter().flat_map(|entry| match entry {
        DirEntry::Dir(inner) => contents(inner),
        DirEntry::File(file) => Box::new(std::iter::once((
            file.path().to_string_lossy().into_owned(),
            file.contents(),
        ))),
    }))
}

fn texts<'d>(directory: &'d Dir<'d>) -> impl Iterator<Item = (String, String)> + 'd {
    contents(directory).map(|(path, bytes)| {
        let renamed = RENAMED
            .iter()
            .find(|(from, _)| *from == path)
            .map(|(_, to)| (*to).to_owned());
        (
            renamed.unwrap_or(path),
            String::from_utf8_lossy(bytes).into_owned(),
        )
    })
}

/// The template's text with its blanks filled in.
fn fill(text: &str, name: &str, workspace: &manifest::Workspace) -> Result<String, String> {
    let blanks = [
        ("{{name}}", name.to_owned()),
        ("{{sdk}}", VENDORED_SDK.to_owned()),
        ("{{edition}}", workspace.package("edition")?),
        ("{{serde}}", workspace.dependency("serde")?.to_string()),
        ("{{channel}}", manifest::channel(TOOLCHAIN)?),
    ];
    Ok(blanks.iter().fold(text.to_owned(), |text, (blank, value)| {
        text.replace(blank, value)
    }))
}

#[cfg(test)]
mod tests;
