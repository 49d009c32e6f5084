//! Builds guests from the command line and prints the path of each component:
//! `cargo run -p proofmark-guest-build --example build_guest -- MANIFEST TARGET_DIR PACKAGE…`
//! A package that is written `name/examples` stands for all its examples.

use proofmark_guest_build::{BuildError, GuestBuild, Progress};
use std::path::Path;
use std::{env, process};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [manifest, target_dir, packages @ ..] = arguments.as_slice() else {
        eprintln!("usage: build_guest MANIFEST TARGET_DIR PACKAGE…");
        process::exit(2);
    };
    if let Err(error) = run(Path::new(manifest), Path::new(target_dir), packages) {
        eprintln!("error: {error}");
        if let Some(hint) = error.hint() {
            eprintln!("hint: {hint}");
        }
        process::exit(1);
    }
}

fn run(manifest: &Path, target_dir: &Path, packages: &[String]) -> Result<(), BuildError> {
    let build = GuestBuild::new(manifest, target_dir)?.progress(Progress::Inherited);
    for package in packages {
        let built = match package.strip_suffix("/examples") {
            Some(package) => build.examples(package)?,
            None => vec![build.library(Some(package))?],
        };
        built
            .iter()
            .for_each(|component| println!("{}", component.path.display()));
    }
    Ok(())
}
