//! `proofmark criteria lock`

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use proofmark_core::{Digest, Digester, Problem};
use proofmark_criteria::document::Criteria;
use proofmark_criteria::{self as criteria, Draft, lock, trial};
use proofmark_engine::files::Source;
use proofmark_engine::intake::Submission;
use proofmark_engine::{Engine, judge};
use serde_json::json;

use super::resolve::Files;
use super::{Form, read};
use crate::args::Global;
use crate::blobs;
use crate::commands::Outcome;
use crate::failure::{Exit, Failure};
use crate::files::write_atomically;
use crate::printer::Printer;
use crate::setup;

/// A frozen document, and what it needs beside it.
pub(super) struct Frozen {
    pub(super) criteria: Criteria,
    components: BTreeMap<Digest, Vec<u8>>,
    references: BTreeMap<Digest, (PathBuf, Source)>,
}

pub(super) fn run(
    file: &Path,
    to: Option<&Path>,
    replace: bool,
    global: &Global,
    printer: &Printer,
) -> Outcome {
    let Form::Written(draft) = read(file)? else {
        let hint = "lock the document it was made from";
        return Err(
            Failure::input("already-locked", "this document is frozen", hint).about(file.display()),
        );
    };
    let frozen = freeze(&draft, file, global, printer)?;
    let to = to.map_or_else(
        || blobs::folder_of(file).join("criteria.json"),
        Path::to_owned,
    );
    if same_file(&to, file) {
        let hint = "name another file with --to";
        return Err(Failure::input(
            "would-overwrite",
            "the frozen document would replace its source",
            hint,
        ));
    }
    if !replace {
        refuse_to_replace(&to, &frozen.criteria)?;
    }
    let kept = keep(&frozen, &to)?;
    write_atomically(&to, frozen.criteria.canonical_bytes())?;
    let digest = frozen.criteria.digest();
    printer.data(
        || format!("{} {digest}", to.display()),
        || json!({ "file": to, "digest": digest, "blobs": kept }),
    );
    for name in &kept {
        printer.note(format!("kept {}", name.display()));
    }
    Ok(Exit::Done)
}

/// What was agreed on must not vanish because somebody else's document has the same name.
fn refuse_to_replace(to: &Path, criteria: &Criteria) -> Result<(), Failure> {
    let Ok(found) = std::fs::read(to) else {
        return Ok(());
    };
    if found == criteria.canonical_bytes() {
        return Ok(());
    }
    Err(Failure::input(
        "would-replace",
        "another frozen document is there already",
        "name another file with --to, or say --replace",
    )
    .about(to.display()))
}

/// Do both paths lead to one file, however they are spelled?
fn same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.dev(), found.ino()))
    };
    identity(one).is_some_and(|found| identity(other) == Some(found))
}

/// Resolve and freeze, writing nothing.
pub(super) fn freeze(
    draft: &Draft,
    file: &Path,
    global: &Global,
    printer: &Printer,
) -> Result<Frozen, Failure> {
    let engine = setup::engine(global, printer)?;
    let mut files = Files::of(file, &[], &engine);
    let about = |problems: Vec<Problem>| Failure::from(problems).about(file.display());
    let criteria = lock(draft, &mut files).map_err(about)?;
    try_on_nothing(&criteria, &engine, &files).map_err(|failure| failure.about(file.display()))?;
    Ok(Frozen {
        criteria,
        components: files.components,
        references: files.references,
    })
}

/// Confirm a frozen document that somebody else made: it says what its validators and files are, and
/// whoever delivers nothing does not pass.
pub(super) fn confirm(
    criteria: &Criteria,
    file: &Path,
    more_blobs: &[PathBuf],
    global: &Global,
    printer: &Printer,
) -> Result<(), Failure> {
    let engine = setup::engine(global, printer)?;
    let mut files = Files::of(file, more_blobs, &engine);
    criteria::lock::confirm(criteria, &mut files)
        .map_err(Failure::from)
        .and_then(|()| try_on_nothing(criteria, &engine, &files))
        .map_err(|failure| failure.about(file.display()))
}

fn try_on_nothing(criteria: &Criteria, engine: &Engine, files: &Files<'_>) -> Result<(), Failure> {
    let judgement = judge::judge(engine, criteria, &Submission::empty(), files, &|_| {})?;
    match trial::problems(&judgement.record) {
        problems if problems.is_empty() => Ok(()),
        problems => Err(problems.into()),
    }
}

/// Put all that is named by digest where `check` will look for it: a file that is edited later, or left
/// behind, must not take the agreed document with it.
fn keep(frozen: &Frozen, document: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = blobs::folder_of(document).join(blobs::FOLDER);
    let mut kept = Vec::new();
    for (digest, component) in &frozen.components {
        kept.push(put(&folder, digest, component.as_slice())?);
    }
    for criterion in frozen.criteria.criteria() {
        for reference in &criterion.references {
            if let Some((path, _)) = frozen.references.get(&reference.digest) {
                // As a stream: it may be larger than memory.
                let content =
                    File::open(path).map_err(|error| Failure::unreadable(path, &error))?;
                kept.push(put(&folder, &reference.digest, content)?);
            }
        }
    }
    // Two criteria may name one file.
    kept.sort();
    kept.dedup();
    Ok(kept)
}

fn put(folder: &Path, digest: &Digest, content: impl Read) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::unwritable(folder, &error))?;
    let path = folder.join(blobs::file_name(digest));
    let mut content = Hashing {
        content,
        digester: Digester::new(),
    };
    let written = write_atomically(&path, &mut content);
    if written.is_ok() && content.digester.finish() != *digest {
        // Not under a name that promises something else.
        let _ = std::fs::remove_file(&path);
        return Err(Failure::input(
            "reference-changed",
            format!("a file changed after it was frozen as {digest}"),
            "lock again when nobody writes to it",
        ));
    }
    written.map(|()| path)
}

/// Hashes what is read through it.
struct Hashing<R> {
    content: R,
    digester: Digester,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let got = self.content.read(buffer)?;
        self.digester.update(&buffer[..got]);
        Ok(got)
    }
}
