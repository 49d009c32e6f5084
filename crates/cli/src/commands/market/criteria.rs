//! Criteria and what they name by digest: what lies around a document, and what nobody can read at a market.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proofmark_blobs::Blobs;
use proofmark_core::Digest;
use proofmark_core::canonical::ParseLimits;
use proofmark_criteria::Criteria;
use proofmark_examiner::Need;

use super::download::{Download, Reader, TOO_LONG};
use super::upload;
use crate::args::At;
use crate::blobs::{self, ready_made};
use crate::failure::Failure;

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
            None if ready_made(&need.0).is_some() => {}
            None => found.missing.push((need.0, what)),
        }
    }
    found
}

/// Something that criteria name by digest.
pub(super) struct Named<'c> {
    pub(super) need: Need,
    /// Under which it may lie beside the document.
    name: Option<&'c str>,
    /// As people call it.
    pub(super) what: String,
}

/// Everything that criteria name, each once.
pub(super) fn named(criteria: &Criteria) -> Vec<Named<'_>> {
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
    let mut seen = BTreeSet::new();
    of_one.filter(|it| seen.insert(it.need.0)).collect()
}

/// What everybody can read at a market under the digest of criteria.
pub(super) enum Read {
    /// Criteria.
    Criteria(Criteria),
    /// Something else.
    Other,
    /// Nothing.
    Nothing,
}

/// The document, no more of it than one may have.
pub(super) fn document(market: &str, kept: &Blobs, digest: &Digest) -> Result<Read, Failure> {
    let most = ParseLimits::DOCUMENT.max_bytes as u64;
    let download = Download {
        market,
        blobs: kept,
        reader: Reader::Anybody,
    };
    match download.one((*digest, Some(most))) {
        Ok(true) => {}
        Ok(false) => return Ok(Read::Nothing),
        Err(failure) if failure.problems.iter().any(|it| it.code == TOO_LONG) => {
            return Ok(Read::Other);
        }
        Err(failure) => return Err(failure),
    }
    let bytes = kept.find(digest).and_then(|file| fs::read(file).ok());
    let criteria = bytes.and_then(|bytes| Criteria::parse(&bytes).ok());
    Ok(criteria.map_or(Read::Other, Read::Criteria))
}

/// So much of what criteria name is looked for: whoever wrote them may name thousands.
const MOST_LOOKS: usize = 64;

/// Why not everybody can judge by these criteria, in sentences.
pub(crate) fn unread(at: &At, criteria: &Digest) -> Result<Vec<String>, Failure> {
    let nobody = |what: &str| format!("nobody but its sender can read {what} at the market");
    let folder = temporary(&std::env::temp_dir())?;
    let criteria = match document(&at.market, &store(folder.path())?, criteria)? {
        Read::Criteria(criteria) => criteria,
        Read::Other => return Ok(vec![format!("{criteria} is no criteria document")]),
        Read::Nothing => return Ok(vec![nobody(&format!("the document {criteria}"))]),
    };
    let mut missing = Vec::new();
    let named = named(&criteria);
    if named.len() > MOST_LOOKS {
        let all = named.len();
        missing.push(format!(
            "the criteria name {all} files, and only the first {MOST_LOOKS} were looked for"
        ));
    }
    for Named { need, what, .. } in named.into_iter().take(MOST_LOOKS) {
        if ready_made(&need.0).is_none() && !upload::is_public(&at.market, &need.0)? {
            missing.push(nobody(&what));
        }
    }
    Ok(missing)
}

pub(super) fn temporary(parent: &Path) -> Result<tempfile::TempDir, Failure> {
    tempfile::TempDir::new_in(parent).map_err(|error| Failure::unwritable(parent, &error))
}

pub(super) fn store(folder: &Path) -> Result<Blobs, Failure> {
    Blobs::open(folder).map_err(|error| Failure::unwritable(folder, &error))
}
