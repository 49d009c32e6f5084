//! Whether what a command names can be judged. A server that judges takes no digest of nothing: what nobody can get, or
//! nobody can sign a verdict of, ends without one, and so would be a way out that costs no bond.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::StatusCode;
use proofmark_blobs::{Blobs, OwnerName};
use proofmark_core::Digest;
use proofmark_core::canonical::ParseLimits;
use proofmark_criteria::submission::{Entry, MAX_MANIFEST_BYTES, SubmissionLimits};
use proofmark_criteria::{Criteria, Manifest};
use proofmark_market::command::{Action, ContractAction, Signed};
use proofmark_market::terms::MAX_MILESTONES;
use proofmark_market::{ContractId, PartyId, Terms};
use tokio::sync::Semaphore;

use crate::Api;
use crate::blobs::owner;
use crate::blocking::within;
use crate::contracts;
use crate::problem::Problem;

/// Longer documents are read one at a time: as values they take many times their length.
const LONG_BYTES: u64 = 1 << 20;

/// So many shorter ones are read at a time.
const SHORT_AT_ONCE: usize = 8;

/// Places to read documents of parties in, whatever becomes of their commands.
#[derive(Debug, Clone)]
pub(crate) struct Looks {
    short: Arc<Semaphore>,
    long: Arc<Semaphore>,
}

impl Default for Looks {
    fn default() -> Self {
        Self {
            short: Arc::new(Semaphore::new(SHORT_AT_ONCE)),
            long: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Looks {
    /// What is found by a look at a document of so many bytes.
    async fn take<T: Send + 'static>(
        &self,
        length: u64,
        look: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let places = match length > LONG_BYTES {
            true => &self.long,
            false => &self.short,
        };
        let found = within(places, look).await;
        found.ok_or_else(|| Problem::busy("the files could not be looked through"))
    }
}

/// A command that hands something in needs all of it here, from whoever signed it, and criteria that are here for
/// everybody must be some. Whatever else is wrong with it, the market says.
pub(crate) async fn check(
    api: &Api,
    signed: &Signed,
    attachment: Option<&[u8]>,
) -> Result<(), Problem> {
    let blobs = api.blobs.clone();
    if let Some((contract, manifest)) = handed_in(signed.action()) {
        if !may_hand_in(api, &contract, &signed.sender()).await? {
            return Ok(());
        }
        let owner = owner(&signed.sender());
        let length = find(&blobs, &owner, &manifest).and_then(|it| fs::metadata(it).ok());
        let length = length.map_or(0, |it| it.len());
        let look = move || missing(&blobs, &owner, &manifest);
        return match api.looks.take(length, look).await? {
            Some(what) => Err(incomplete(what)),
            None => Ok(()),
        };
    }
    let criteria = published(signed.action(), attachment);
    if criteria.is_empty() {
        return Ok(());
    }
    let look = move || no_criteria(&blobs, &criteria);
    match api.looks.take(0, look).await? {
        Some(what) => Err(not_judgeable(what)),
        None => Ok(()),
    }
}

const fn handed_in(action: &Action) -> Option<(ContractId, Digest)> {
    match action {
        Action::Contract {
            contract,
            verb:
                ContractAction::Submit { submission: it }
                | ContractAction::StateEvidence { evidence: it },
        } => Some((*contract, *it)),
        _ => None,
    }
}

/// For whoever may not, the market has the answer without a look. A contract that begins only now is none yet: else what
/// is handed in at that moment would be looked at by nobody.
async fn may_hand_in(api: &Api, contract: &ContractId, sender: &PartyId) -> Result<bool, Problem> {
    let parties = api.recorder.read(|market| {
        let it = market.contract(contract)?;
        let oracles = it.terms.warranty.iter().flat_map(|it| &it.oracles);
        Some(it.supplier == *sender || oracles.into_iter().any(|it| it == sender))
    });
    let unknown = || contracts::unknown(contract.to_string());
    parties.await?.ok_or_else(unknown)
}

fn find(blobs: &Blobs, owner: &OwnerName, digest: &Digest) -> Option<PathBuf> {
    let own = blobs.find_of(owner, digest);
    own.or_else(|| blobs.find_public(digest))
}

/// The first thing that is not here, or not as the manifest says.
fn missing(blobs: &Blobs, owner: &OwnerName, digest: &Digest) -> Option<String> {
    let find = |digest: &Digest| find(blobs, owner, digest);
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
