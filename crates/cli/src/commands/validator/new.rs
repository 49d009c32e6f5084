//! `proofmark validator new`

use std::path::Path;

use proofmark_criteria::text::is_slug;
use serde_json::json;

use super::super::Outcome;
use super::skeleton;
use super::table::{self, Cell};
use crate::failure::{Exit, Failure};
use crate::files::vacant_directory;
use crate::printer::Printer;

/// Names that a crate cannot have beside what it depends on.
const TAKEN: [&str; 7] = [
    "alloc",
    "core",
    "proc-macro",
    "proofmark-validator-sdk",
    "serde",
    "std",
    "test",
];

pub(super) fn run(directory: &Path, printer: &Printer) -> Outcome {
    let name = name(directory)?;
    vacant_directory(directory)?;
    let files = skeleton::files(&name)?;
    for (path, content) in &files {
        write(&directory.join(path), content)?;
    }
    printer.data(
        || made(&name, directory),
        || {
            let paths: Vec<_> = files.keys().collect();
            json!({ "name": name, "directory": directory, "files": paths })
        },
    );
    Ok(Exit::Done)
}

fn made(name: &str, directory: &Path) -> String {
    let shown = directory.display();
    let next = [
        (
            format!("{shown}/fixtures"),
            "what it must accept and reject: write these first",
        ),
        (format!("{shown}/src/lib.rs"), "what it judges"),
        (
            format!("proofmark validator test {shown}"),
            "build it, and run every fixture twice",
        ),
    ];
    let rows: Vec<_> = next
        .iter()
        .map(|(what, why)| vec![Cell::text(what), Cell::text(why)])
        .collect();
    format!(
        "made the validator {name} in {shown}\n\n{}",
        table::lines(&rows).join("\n")
    )
}

/// The last part of the path.
fn name(directory: &Path) -> Result<String, Failure> {
    let absolute =
        std::path::absolute(directory).map_err(|error| Failure::unwritable(directory, &error))?;
    let name = absolute
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let hint =
        "the directory's last part is the name: 1 to 64 of `a-z`, `0-9` and `-`, a letter first";
    if !is_slug(&name) || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Err(Failure::input(
            "validator-name",
            format!("`{name}` cannot be the name of a validator"),
            hint,
        ));
    }
    if TAKEN.contains(&name.as_str()) {
        return Err(Failure::input(
            "validator-name",
            format!("`{name}` is the name of something it needs"),
            "take another name",
        ));
    }
    Ok(name)
}

fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let parent = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(|error| Failure::unwritable(parent, &error))?;
    std::fs::write(path, content).map_err(|error| Failure::unwritable(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_slugs_that_cargo_takes_too() {
        for good in ["rows", "a/b/rows-2", "./rows/", "x"] {
            assert!(name(Path::new(good)).is_ok(), "{good}");
        }
        for bad in [
            "Rows",
            "2rows",
            "-rows",
            "r_ows",
            "serde",
            "a b",
            "/",
            "r\u{f6}ws",
        ] {
            let code = name(Path::new(bad)).map_err(|failure| failure.problems[0].code);
            assert_eq!(code, Err("validator-name"), "{bad}");
        }
    }

    #[test]
    fn nothing_is_overwritten() -> std::io::Result<()> {
        let scratch = tempfile::tempdir()?;
        assert!(vacant_directory(scratch.path()).is_ok());
        assert!(vacant_directory(&scratch.path().join("new")).is_ok());
        std::fs::write(scratch.path().join("mine"), "")?;
        let code = |path: &Path| vacant_directory(path).map_err(|failure| failure.problems[0].code);
        assert_eq!(code(scratch.path()), Err("directory-not-empty"));
        assert_eq!(code(&scratch.path().join("mine")), Err("unwritable"));
        Ok(())
    }
}
