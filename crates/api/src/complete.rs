//! Whether what a command hands in is here. A server that judges takes no digest of nothing: what nobody can get ends
//! without a verdict, and so would be a way out that costs no bond.

use std::fs;

use axum::http::StatusCode;
use proofmark_blobs::{Blobs, OwnerName};
use proofmark_core::Digest;
use proofmark_criteria::Manifest;
use proofmark_criteria::submission::{MAX_MANIFEST_BYTES, SubmissionLimits};
use proofmark_dsse::Envelope;
use proofmark_keys::KeyId;
use serde::Deserialize;

use crate::Api;
use crate::blobs::owner;
use crate::problem::Problem;

/// What of a command is looked at.
#[derive(Deserialize)]
struct Signed {
    sender: KeyId,
    action: Action,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Action {
    Contract {
        verb: Verb,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Verb {
    Submit {
        submission: Digest,
    },
    StateEvidence {
        evidence: Digest,
    },
    #[serde(other)]
    Other,
}

/// A command that hands something in needs all of it here, from whoever signed it. Whatever else is wrong with it, the
/// market says.
pub(crate) async fn check(api: &Api, envelope: &[u8]) -> Result<(), Problem> {
    let Some((sender, manifest)) = handed_in(envelope) else {
        return Ok(());
    };
    // Whether a private blob is here is nobody's business but its owner's.
    if !signed_by(api, envelope, &sender).await? {
        return Ok(());
    }
    let blobs = api.blobs.clone();
    let missing = tokio::task::spawn_blocking(move || missing(&blobs, &owner(&sender), &manifest));
    match missing.await {
        Ok(None) => Ok(()),
        Ok(Some(what)) => Err(incomplete(what)),
        Err(_) => Err(Problem::busy("the files could not be looked through")),
    }
}

fn handed_in(envelope: &[u8]) -> Option<(KeyId, Digest)> {
    let envelope = Envelope::parse(envelope).ok()?;
    let signed: Signed = serde_json::from_slice(envelope.payload()).ok()?;
    match signed.action {
        Action::Contract {
            verb: Verb::Submit { submission: it } | Verb::StateEvidence { evidence: it },
        } => Some((signed.sender, it)),
        _ => None,
    }
}

async fn signed_by(api: &Api, envelope: &[u8], sender: &KeyId) -> Result<bool, Problem> {
    let key = api.recorder.read(|market| market.key(sender).copied());
    let (Some(key), Ok(envelope)) = (key.await?, Envelope::parse(envelope)) else {
        return Ok(false);
    };
    Ok(envelope.tally([&key]).valid == [*sender])
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
