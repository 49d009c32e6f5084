//! Builds the verifier for browsers into `OUT_DIR`, compresses what is sent for it, and writes the table of files that
//! `src/files.rs` includes.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use flate2::Compression;
use flate2::write::GzEncoder;
use proofmark_guest_build::{BuildError, GuestBuild};
use sha2::{Digest as _, Sha256};

const VERIFIER: &str = "proofmark-attestation-wasm";
const PROFILE: &str = "browser";
/// The JSON Schema library asks for randomness; `crates/attestation-wasm/src/chance.rs` answers, as
/// `.cargo/config.toml` says where no build script is between.
const FLAGS: [&str; 2] = ["--cfg", "getrandom_backend=\"custom\""];
/// What decides the bytes of the verifier, relative to the root of the workspace.
const INPUTS: [&str; 3] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml"];
/// The crates that are in it, of which manifests, sources and schemas count.
const CRATES: [&str; 8] = [
    "core",
    "criteria",
    "keys",
    "dsse",
    "tlog",
    "trust",
    "attestation",
    "attestation-wasm",
];
const PARTS: [&str; 3] = ["Cargo.toml", "src", "schema"];
/// A digest names a file well enough by so many hexadecimal digits.
const NAME_DIGITS: usize = 16;

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        let known = error.downcast_ref::<BuildError>();
        if let Some(hint) = known.and_then(BuildError::hint) {
            eprintln!("hint: {hint}");
        }
        process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let manifest = folder.join("Cargo.toml");
    let build = GuestBuild::module(&manifest, &target_dir(&out), PROFILE, &FLAGS)?;
    let root = build.workspace_root().to_owned();
    watch_inputs(&root);
    let module = build.library(Some(VERIFIER))?.read()?;
    let wrapper = root.join("crates/attestation-wasm/web/proofmark.mjs");
    let module = keep(&out, "proofmark.wasm", &module)?;
    let wrapper = keep(&out, "proofmark.mjs", &fs::read(watched(wrapper))?)?;
    // The page's script names the other two, so its own name follows from theirs.
    let script = fs::read_to_string(watched(folder.join("web/verdict.mjs")))?
        .replace("./proofmark.mjs", &format!("./{}", wrapper.name))
        .replace("./proofmark.wasm", &format!("./{}", module.name));
    let script = keep(&out, "verdict.mjs", script.as_bytes())?;
    fs::write(out.join("files.rs"), table(&[module, wrapper, script])?)?;
    Ok(())
}

/// A file as it is sent.
struct Kept {
    constant: String,
    name: String,
    digest: String,
    plain: PathBuf,
    packed: PathBuf,
}

/// Writes a file, and the same compressed. Its name tells its content, so whoever has it need not ask again.
fn keep(out: &Path, name: &str, bytes: &[u8]) -> Result<Kept, Box<dyn Error>> {
    let digest = hex::encode(Sha256::digest(bytes));
    let (stem, end) = name.rsplit_once('.').ok_or("a file has an ending")?;
    let kept = Kept {
        constant: name.replace('.', "_").to_uppercase(),
        name: format!("{stem}-{}.{end}", &digest[..NAME_DIGITS]),
        digest,
        plain: out.join(name),
        packed: out.join(format!("{name}.gz")),
    };
    fs::write(&kept.plain, bytes)?;
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes)?;
    fs::write(&kept.packed, packer.finish()?)?;
    Ok(kept)
}

fn table(files: &[Kept]) -> Result<String, Box<dyn Error>> {
    let mut table = String::new();
    for file in files {
        let Kept {
            constant,
            name,
            digest,
            plain,
            packed,
        } = file;
        writeln!(
            table,
            "pub(crate) const {constant}: File = File {{ name: {name:?}, digest: \"sha256:{digest}\", \
             plain: include_bytes!({plain:?}), packed: include_bytes!({packed:?}) }};"
        )?;
    }
    Ok(table)
}

/// One directory beside the profiles of the host, so that debug, release and clippy share the module; as that of the
/// validators, with other targets in it.
fn target_dir(out: &Path) -> PathBuf {
    let target = out
        .ancestors()
        .find(|dir| dir.join("CACHEDIR.TAG").is_file());
    target.unwrap_or(out).join("guests")
}

fn watch_inputs(root: &Path) {
    let crates = CRATES.iter().flat_map(|name| {
        PARTS
            .iter()
            .map(move |part| format!("crates/{name}/{part}"))
    });
    INPUTS
        .iter()
        .map(|input| (*input).to_owned())
        .chain(crates)
        .map(|input| root.join(input))
        // A path that does not exist would make Cargo run the script every time.
        .filter(|input| input.exists())
        .for_each(|input| drop(watched(input)));
}

fn watched(path: PathBuf) -> PathBuf {
    println!("cargo::rerun-if-changed={}", path.display());
    path
}
