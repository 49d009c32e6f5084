//! Whether what a command names can be judged. A server that judges takes no digest of nothing: what nobody can get, or
//! nobody can sign a verdict of, ends without one, and so would be a way out that costs no bond.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use axum::http::StatusCode;
use proofmark_blobs::{Blobs, OwnerName};
use proofmark_core::Digest;
use proofmark_core::canonical::ParseLimits;
use proofmark_criteria::submission::{Entry, MAX_MANIFEST_BYTES, SubmissionLimits};
use proofmark_criteria::{Criteria, Manifest};
use proofmark_market::Terms;
use proofmark_market::command::{Action, ContractAction, Signed};
use proofmark_market::terms::MAX_MILESTONES;

use crate::Api;
use crate::blobs::owner;
use crate::problem::Problem;

/// A command that hands something in needs all of it here, from whoever signed it, and criteria that are here for
/// everybody must be some. Whatever else is wrong with it, the market says.
pub(crate) async fn check(
    api: &Api,
    signed: &Signed,
    attachment: Option<&[u8]>,
) -> Result<(), Problem> {
    let blobs = api.blobs.clone();
    let looked = if let Some(manifest) = handed_in(signed.action()) {
        let owner = owner(&signed.sender());
        tokio::task::spawn_blocking(move || missing(&blobs, &owner, &manifest).map(incomplete))
    } else {
        let criteria = published(signed.action(), attachment);
        if criteria.is_empty() {
            return Ok(());
        }
        tokio::task::spawn_blocking(move || no_criteria(&blobs, &criteria).map(not_judgeable))
    };
    match looked.await {
        Ok(None) => Ok(()),
        Ok(Some(problem)) => Err(problem),
        Err(_) => Err(Problem::busy("the files could not be looked through")),
    }
}

const fn handed_in(action: &Action) -> Option<Digest> {
    match action {
        Action::Contract {
            verb:
                ContractAction::Submit { submission: it }
                | ContractAction::StateEvidence { evidence: it },
            ..
        } => Some(*it),
        _ => None,
    }
}

/// The first thing that is not here, or not as the manifest says.
fn missing(blobs: &Blobs, owner: &OwnerName, digest: &Digest) -> Option<String> {
    let find = |digest: &Digest| {
        let own = blobs.find_of(owner, digest);
        own.or_else(|| blobs.find_public(digest))
    };
    let Some(path) = find(digest) else {
        return Some(format!("the manifest {digest}"));
    };
    let bytes = short(&path, MAX_MANIFEST_BYTES);
    let manifest = bytes.and_then(|it| Manifest::parse(&it, &SubmissionLimits::default()).ok());
    let Some(manifest) = manifest else {
        return Some(format!("a manifest in {digest}"));
    };
    // Verdicts name the canonical digest: one of another spelling would never be taken for this submission.
    if manifest.digest() != *digest {
        let canonical = manifest.digest();
        return Some(format!("the canonical manifest of {digest}: {canonical}"));
    }
    let mut entries = manifest.entries().iter();
    entries.find_map(|entry| {
        let Entry { path, digest, .. } = entry;
        let found = find(digest).and_then(|it| fs::metadata(it).ok());
        match found.map(|it| it.len()) {
            None => Some(format!("{path} ({digest})")),
            Some(length) if length != entry.size_bytes => Some(format!(
                "{path} with the {} bytes of the manifest: {digest} has {length}",
                entry.size_bytes
            )),
            Some(_) => None,
        }
    })
}

/// The criteria of terms that are published, if there are no more than the market allows.
fn published(action: &Action, terms: Option<&[u8]>) -> BTreeSet<Digest> {
    let named = match (action, terms.map(Terms::parse)) {
        (Action::PublishRfq { .. }, Some(Ok(terms)))
            if terms.milestones.len() <= MAX_MILESTONES =>
        {
            terms
        }
        _ => return BTreeSet::new(),
    };
    let warranty = named.warranty.iter().map(|it| it.criteria);
    let milestones = named.milestones.iter().map(|it| it.criteria);
    milestones.chain(warranty).collect()
}

/// The first that is here for everybody, and is no criteria document of this digest. What is not here may come.
fn no_criteria(blobs: &Blobs, named: &BTreeSet<Digest>) -> Option<String> {
    named.iter().find_map(|digest| {
        let path = blobs.find_public(digest)?;
        let bytes = short(&path, ParseLimits::DOCUMENT.max_bytes);
        match bytes.and_then(|it| Criteria::parse(&it).ok()) {
            None => Some(format!("{digest} is no criteria document")),
            Some(it) if it.digest() != *digest => {
                Some(format!("{digest} is another spelling of {}", it.digest()))
            }
            Some(_) => None,
        }
    })
}

/// Nothing of what is longer.
fn short(path: &Path, most: usize) -> Option<Vec<u8>> {
    let fits = fs::metadata(path).is_ok_and(|it| it.len() <= most as u64);
    fits.then(|| fs::read(path).ok()).flatten()
}

fn incomplete(what: String) -> Problem {
    let title = "not all that is handed in is here";
    let hint =
        "send it with `proofmark market upload DIRECTORY`, and hand in the digest that it prints";
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(status, "submission-incomplete", title, hint, what)
}

fn not_judgeable(what: String) -> Problem {
    let title = "nothing can be judged by these criteria";
    let hint = "send the file that `proofmark criteria lock` writes, as it is, and name its digest";
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(status, "criteria-unusable", title, hint, what)
}
