//! Criteria and what they name by digest: what lies around a document, what a market lacks, and fetching all of it.

use std::fs;
use std::path::{Path, PathBuf};

use proofmark_blobs::Blobs;
use proofmark_core::Digest;
use proofmark_core::canonical::ParseLimits;
use proofmark_criteria::Criteria;
use proofmark_examiner::Need;

use super::download::{Download, Reader};
use super::upload;
use crate::args::At;
use crate::blobs::{self, FOLDER, file_name, ready_made};
use crate::failure::Failure;
use crate::files::write_atomically;

/// What a frozen document names by digest, around the file.
#[derive(Default)]
pub(super) struct Around {
    /// Files that lie there.
    pub(super) files: Vec<PathBuf>,
    /// What does not, and is not built in, as people call it.
    pub(super) missing: Vec<(Digest, String)>,
}

/// Everything that a frozen document names; nothing for any other file.
pub(super) fn around(document: &Path) -> Around {
    let mut found = Around::default();
    let limit = ParseLimits::DOCUMENT.max_bytes as u64;
    let is_short = fs::metadata(document).is_ok_and(|it| it.len() <= limit);
    let bytes = is_short.then(|| fs::read(document).ok()).flatten();
    let Some(criteria) = bytes.and_then(|it| Criteria::parse(&it).ok()) else {
        return found;
    };
    let blobs = blobs::Blobs::around(document, &[]);
    for Named { need, name, what } in named(&criteria) {
        match blobs.find(&need.0, name) {
            Some((file, _)) if !found.files.contains(&file) => found.files.push(file),
            Some(_) => {}
            None => found.missing.push((need.0, what)),
        }
    }
    found
}

/// Something that criteria name by digest.
struct Named<'c> {
    need: Need,
    /// Under which it may lie beside the document.
    name: Option<&'c str>,
    /// As people call it.
    what: String,
}

fn named(criteria: &Criteria) -> Vec<Named<'_>> {
    let of_one = criteria.criteria().iter().flat_map(|criterion| {
        let digest = criterion.validator.digest;
        let validator = Named {
            need: (digest, None),
            name: None,
            what: format!("the validator {digest}"),
        };
        let references = criterion.references.iter().map(|it| Named {
            need: (it.digest, Some(it.size_bytes)),
            name: Some(it.name.as_str()),
            what: format!("the reference file {}, {}", it.name, it.digest),
        });
        std::iter::once(validator).chain(references)
    });
    // What is built in, everybody has.
    let others = of_one.filter(|it| ready_made(&it.need.0).is_none());
    others.collect()
}

/// What of these criteria nobody can read at the market, so that nobody can judge by them.
pub(crate) fn unread(at: &At, criteria: &Digest) -> Result<Vec<String>, Failure> {
    let nobody = vec![format!("the criteria {criteria}")];
    if !upload::is_public(&at.market, criteria)? {
        return Ok(nobody);
    }
    let folder = temporary(&std::env::temp_dir())?;
    let kept = store(folder.path())?;
    let Some(criteria) = document(&at.market, &kept, criteria)? else {
        return Ok(nobody);
    };
    let mut missing = Vec::new();
    for Named { need, what, .. } in named(&criteria) {
        if !missing.contains(&what) && !upload::is_public(&at.market, &need.0)? {
            missing.push(what);
        }
    }
    Ok(missing)
}

/// Fetches criteria and everything that they name into a new directory, or nothing.
pub(crate) fn fetch(at: &At, criteria: &Digest, to: &Path) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| Failure::unwritable(to, &error);
    vacant(to)?;
    let parent = blobs::folder_of(to);
    fs::create_dir_all(&parent).map_err(unwritable)?;
    let folder = temporary(&parent)?;
    let kept = store(&folder.path().join("parts"))?;
    let made = folder.path().join("made");
    fs::create_dir_all(made.join(FOLDER)).map_err(unwritable)?;
    let absent = |what: String| {
        let hint = "whoever published the RFQ must send it: `proofmark market upload criteria.json --public`";
        Failure::environment(
            "criteria-incomplete",
            format!("{what} cannot be read at the market"),
            hint,
        )
    };
    let copy = |digest: &Digest, file: PathBuf| {
        let source = kept
            .find(digest)
            .ok_or_else(|| absent(digest.to_string()))?;
        let source =
            fs::File::open(&source).map_err(|error| Failure::unreadable(&source, &error))?;
        write_atomically(&file, source)
    };
    let read = document(&at.market, &kept, criteria)?;
    let read = read.ok_or_else(|| absent(format!("the criteria {criteria}")))?;
    copy(criteria, made.join("criteria.json"))?;
    let download = from(&at.market, &kept);
    for Named { need, what, .. } in named(&read) {
        if !download.one(need)? {
            return Err(absent(what));
        }
        copy(&need.0, made.join(FOLDER).join(file_name(&need.0)))?;
    }
    fs::rename(&made, to).map_err(unwritable)
}

/// Whether a directory can be made there.
fn vacant(to: &Path) -> Result<(), Failure> {
    let is_empty = fs::read_dir(to).is_ok_and(|mut files| files.next().is_none());
    if is_empty || !to.exists() {
        return Ok(());
    }
    let hint = "name another directory with --to";
    Err(Failure::input("would-replace", "there is something already", hint).about(to.display()))
}

/// The document, if everybody can read it and it is one.
fn document(market: &str, kept: &Blobs, digest: &Digest) -> Result<Option<Criteria>, Failure> {
    if !from(market, kept).one((*digest, None))? {
        return Ok(None);
    }
    let bytes = kept.find(digest).and_then(|file| fs::read(file).ok());
    Ok(bytes.and_then(|bytes| Criteria::parse(&bytes).ok()))
}

fn from<'d>(market: &'d str, blobs: &'d Blobs) -> Download<'d> {
    Download {
        market,
        blobs,
        reader: Reader::Anybody,
    }
}

fn temporary(parent: &Path) -> Result<tempfile::TempDir, Failure> {
    tempfile::TempDir::new_in(parent).map_err(|error| Failure::unwritable(parent, &error))
}

fn store(folder: &Path) -> Result<Blobs, Failure> {
    Blobs::open(folder).map_err(|error| Failure::unwritable(folder, &error))
}
