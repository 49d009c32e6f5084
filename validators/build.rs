//! Builds the validators of this folder into `OUT_DIR` and writes the tables that `src/lib.rs`
//! includes. A validator is a folder with a manifest; nothing is listed by hand.

use proofmark_guest_build::{BuildError, Component, GuestBuild};
use sha2::{Digest as _, Sha256};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

const PACKAGE_PREFIX: &str = "proofmark-validator-";
const HOSTILE: &str = "hostile";
/// What, beside its own folder, decides the bytes of a guest; relative to the root of the workspace.
const SHARED_INPUTS: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "wit",
    "crates/validator-sdk/Cargo.toml",
    "crates/validator-sdk/src",
];
/// What decides them in its own folder. Fixtures and texts do not.
const OWN_INPUTS: [&str; 4] = ["Cargo.toml", "src", "params.schema.json", "examples"];

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        if let Some(hint) = error
            .downcast_ref::<BuildError>()
            .and_then(BuildError::hint)
        {
            eprintln!("hint: {hint}");
        }
        process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let build = GuestBuild::new(&folder.join("Cargo.toml"), &guest_target_dir(&out))?;
    SHARED_INPUTS
        .iter()
        .for_each(|input| watch(&build.workspace_root().join(input)));
    let names = ready_made(&folder)?;
    fs::write(
        out.join("ready_made.rs"),
        ready_made_table(&build, &folder, &out, &names)?,
    )?;
    if env::var_os("CARGO_FEATURE_HOSTILE").is_some() {
        fs::write(
            out.join("hostile.rs"),
            hostile_table(&build, &folder, &out)?,
        )?;
    }
    Ok(())
}

/// One directory beside the profiles of the host, so that debug, release and clippy share the guests.
fn guest_target_dir(out: &Path) -> PathBuf {
    let target = out
        .ancestors()
        .find(|dir| dir.join("CACHEDIR.TAG").is_file());
    target.unwrap_or(out).join("guests")
}

/// The folders that hold a validator, in order.
fn ready_made(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != HOSTILE && entry.path().join("Cargo.toml").is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn ready_made_table(
    build: &GuestBuild,
    folder: &Path,
    out: &Path,
    names: &[String],
) -> Result<String, Box<dyn Error>> {
    let mut table = String::from("&[\n");
    for name in names {
        let own = folder.join(name);
        watch_own(&own);
        let schema = own.join("params.schema.json");
        let built = build.library(Some(&format!("{PACKAGE_PREFIX}{name}")))?;
        let component = keep(&built, out, name)?;
        let digest = hex::encode(Sha256::digest(fs::read(&component)?));
        writeln!(
            table,
            "    ReadyMade {{ name: {name:?}, component: include_bytes!({component:?}), \
             digest: \"sha256:{digest}\", params_schema: include_str!({schema:?}) }},"
        )?;
    }
    table.push(']');
    Ok(table)
}

fn hostile_table(build: &GuestBuild, folder: &Path, out: &Path) -> Result<String, Box<dyn Error>> {
    watch_own(&folder.join(HOSTILE));
    let mut table = String::from("&[\n");
    for guest in build.examples(&format!("{PACKAGE_PREFIX}{HOSTILE}"))? {
        let component = keep(&guest, out, &format!("{HOSTILE}-{}", guest.name))?;
        writeln!(
            table,
            "    ({:?}, include_bytes!({component:?})),",
            guest.name
        )?;
    }
    table.push(']');
    Ok(table)
}

/// Copies a component to where nothing else replaces it.
fn keep(built: &Component, out: &Path, name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let path = out.join(format!("{name}.wasm"));
    fs::write(&path, built.read()?)?;
    Ok(path)
}

fn watch_own(own: &Path) {
    OWN_INPUTS
        .iter()
        .map(|input| own.join(input))
        .for_each(|input| watch(&input));
}

/// A path that does not exist would make Cargo run the script every time.
fn watch(path: &Path) {
    if path.exists() {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}
