//! Whether what a command hands in is here. A server that judges takes no digest of nothing: what nobody can get ends
//! without a verdict, and so would be a way out that costs no bond.

use std::fs;

use axum::http::StatusCode;
use proofmark_blobs::{Blobs, OwnerName};
use proofmark_core::Digest;
use proofmark_criteria::Manifest;
use proofmark_criteria::submission::{MAX_MANIFEST_BYTES, SubmissionLimits};
use proofmark_market::command::{Action, ContractAction, Signed};

use crate::Api;
use crate::blobs::owner;
use crate::problem::Problem;

/// A command that hands something in needs all of it here, from whoever signed it. Whatever else is wrong with it, the
/// market says.
pub(crate) async fn check(api: &Api, signed: &Signed) -> Result<(), Problem> {
    let Some(manifest) = handed_in(signed.action()) else {
        return Ok(());
    };
    let (blobs, owner) = (api.blobs.clone(), owner(&signed.sender()));
    let missing = tokio::task::spawn_blocking(move || missing(&blobs, &owner, &manifest));
    match missing.await {
        Ok(None) => Ok(()),
        Ok(Some(what)) => Err(incomplete(what)),
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

/// The first thing that is not here.
fn missing(blobs: &Blobs, owner: &OwnerName, digest: &Digest) -> Option<String> {
    let find = |digest: &Digest| {
        let own = blobs.find_of(owner, digest);
        own.or_else(|| blobs.find_public(digest))
    };
    let Some(path) = find(digest) else {
        return Some(format!("the manifest {digest}"));
    };
    let short = fs::metadata(&path).is_ok_and(|it| it.len() <= MAX_MANIFEST_BYTES as u64);
    let bytes = short.then(|| fs::read(&path).ok()).flatten();
    let manifest = bytes.and_then(|it| Manifest::parse(&it, &SubmissionLimits::default()).ok());
    let Some(manifest) = manifest else {
        return Some(format!("a manifest in {digest}"));
    };
    let mut entries = manifest.entries().iter();
    let lacking = entries.find(|entry| find(&entry.digest).is_none());
    lacking.map(|entry| format!("{} ({})", entry.path, entry.digest))
}

fn incomplete(what: String) -> Problem {
    let title = "not all that is handed in is here";
    let hint = "send it with `proofmark market upload DIRECTORY`, then the same command again";
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(status, "submission-incomplete", title, hint, what)
}
