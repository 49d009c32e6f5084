//! What manifests list, so that each is read once and not for every file of a submission.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark_blobs::Blobs;
use proofmark_core::Digest;
use proofmark_criteria::Manifest;
use proofmark_criteria::submission::{MAX_MANIFEST_BYTES, SubmissionLimits};
use tokio::sync::Mutex;

use super::access::{Part, owner};

/// So many are remembered: of 100,000 files of 32 bytes each, 50 MB at most.
const REMEMBERED: usize = 16;

/// The files that a manifest lists, in ascending order.
type Listed = Arc<[Digest]>;

/// The manifests that were read last. Held while one is read: there is never more than one of 64 MiB in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lists(Arc<Mutex<VecDeque<(Digest, Listed)>>>);

impl Lists {
    /// Where a blob is, if it is one of these, or is listed by one of them, and comes from who brought that in.
    pub(crate) async fn find(
        &self,
        blobs: &Blobs,
        parts: &[Part],
        blob: &Digest,
    ) -> Option<PathBuf> {
        for Part { root, by } in parts {
            let Some(found) = blobs.find_of(&owner(by), blob) else {
                continue;
            };
            if root == blob {
                return Some(found);
            }
            let public = || blobs.find_public(root);
            let Some(manifest) = blobs.find_of(&owner(by), root).or_else(public) else {
                continue;
            };
            if self.read(root, manifest).await.binary_search(blob).is_ok() {
                return Some(found);
            }
        }
        None
    }

    async fn read(&self, root: &Digest, path: PathBuf) -> Listed {
        let mut known = self.0.lock().await;
        if let Some((_, listed)) = known.iter().find(|(known, _)| known == root) {
            return Arc::clone(listed);
        }
        let read = tokio::task::spawn_blocking(move || listed(&path)).await;
        let Ok(Some(listed)) = read else {
            return Listed::default();
        };
        known.truncate(REMEMBERED - 1);
        known.push_front((*root, Arc::clone(&listed)));
        listed
    }
}

/// Nothing where it cannot be read just now; nothing is listed by what is no manifest.
fn listed(path: &Path) -> Option<Listed> {
    if fs::metadata(path).ok()?.len() > MAX_MANIFEST_BYTES as u64 {
        return Some(Listed::default());
    }
    let manifest = Manifest::parse(&fs::read(path).ok()?, &SubmissionLimits::default());
    let entries = manifest.iter().flat_map(|it| it.entries());
    let mut listed: Vec<_> = entries.map(|entry| entry.digest).collect();
    listed.sort_unstable();
    Some(listed.into())
}
