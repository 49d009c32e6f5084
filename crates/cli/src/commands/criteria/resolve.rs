//! Finds what a draft names, and asks validators through the engine.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proofmark_core::{Digest, Problem};
use proofmark_criteria::document::Reference;
use proofmark_criteria::draft::{ReferenceSource, ValidatorSource};
use proofmark_criteria::lock::{ResolvedReference, ResolvedValidator, Resolver};
use proofmark_criteria::schema::ParamsAnswer;
use proofmark_engine::files::Source;
use proofmark_engine::gate::MAX_COMPONENT_BYTES;
use proofmark_engine::judge::Blobs as _;
use proofmark_engine::{Admission, Engine, Prepared, intake, judge};
use proofmark_validators::{READY_MADE, ready_made};

use crate::blobs::{self, Blobs};
use crate::failure::{Failure, chain};

/// Resolves relative to a draft, and remembers which files the frozen document will need beside it.
pub(super) struct Files<'a> {
    engine: &'a Engine,
    folder: PathBuf,
    blobs: Blobs,
    prepared: BTreeMap<Digest, Arc<Prepared>>,
    /// Components that are not built in, by digest.
    pub(super) components: BTreeMap<Digest, Vec<u8>>,
    /// Reference files and where they are, by digest.
    pub(super) references: BTreeMap<Digest, (PathBuf, Source)>,
}

impl<'a> Files<'a> {
    pub(super) fn of(document: &Path, more: &[PathBuf], engine: &'a Engine) -> Self {
        Self {
            engine,
            folder: blobs::folder_of(document),
            blobs: Blobs::around(document, more),
            prepared: BTreeMap::new(),
            components: BTreeMap::new(),
            references: BTreeMap::new(),
        }
    }

    fn component(&self, source: &ValidatorSource) -> Result<Vec<u8>, Problem> {
        match source {
            ValidatorSource::Builtin(name) => {
                let found = ready_made(name).ok_or_else(|| unknown_builtin(name))?;
                Ok(found.component.to_vec())
            }
            ValidatorSource::Path(path) => {
                let path = self.folder.join(path);
                intake::bytes(&path, MAX_COMPONENT_BYTES).map_err(|error| {
                    Problem::new("validator-unreadable", chain(&error))
                        .hint("paths are relative to the document; build it with `proofmark validator build`")
                })
            }
            ValidatorSource::Digest(digest) => {
                let found = self
                    .blobs
                    .validator(digest)
                    .filter(|bytes| Digest::of(bytes) == *digest);
                found
                    .map(|bytes| bytes.into_owned())
                    .ok_or_else(|| not_at_hand(digest))
            }
        }
    }
}

fn unknown_builtin(name: &str) -> Problem {
    let names: Vec<_> = READY_MADE.iter().map(|validator| validator.name).collect();
    Problem::new(
        "unknown-builtin",
        format!("no validator called {name} is built in"),
    )
    .hint(format!("one of {}", names.join(", ")))
}

fn not_at_hand(digest: &Digest) -> Problem {
    Problem::new("blob-missing", format!("{digest} is not at hand"))
        .hint("put the file into `blobs/` beside the document, or name its path")
}

/// The first problem of a failure, without what belongs to the command line.
fn problem(failure: Failure) -> Problem {
    failure
        .problems
        .into_iter()
        .next()
        .unwrap_or_else(|| Problem::new("unknown", "it failed"))
}

/// Gives a trial run what was resolved.
impl judge::Blobs for Files<'_> {
    fn validator(&self, digest: &Digest) -> Option<Cow<'_, [u8]>> {
        let found = self.components.get(digest).map(Vec::as_slice);
        found
            .or_else(|| blobs::ready_made(digest))
            .map(Cow::Borrowed)
    }

    fn reference(&self, reference: &Reference) -> Option<Source> {
        let found = self.references.get(&reference.digest);
        found.map(|(_, source)| source.clone())
    }
}

impl Resolver for Files<'_> {
    fn validator(&mut self, source: &ValidatorSource) -> Result<ResolvedValidator, Problem> {
        let component = self.component(source)?;
        let prepared = self
            .engine
            .prepare(&component, Admission::Publish)
            .map_err(|error| problem(error.into()))?;
        let describe = self
            .engine
            .describe(&prepared)
            .map_err(|error| problem(error.into()))?;
        let digest = *prepared.digest();
        let size_bytes = component.len() as u64;
        self.prepared.insert(digest, prepared);
        if blobs::ready_made(&digest).is_none() {
            self.components.insert(digest, component);
        }
        Ok(ResolvedValidator {
            digest,
            size_bytes,
            describe,
        })
    }

    fn reference(&mut self, source: &ReferenceSource) -> Result<ResolvedReference, Problem> {
        let (digest, path, source) = match source {
            ReferenceSource::Path(path) => {
                let path = self.folder.join(path);
                let (digest, _, source) = intake::file(&path, &|_| {}).map_err(|error| {
                    Problem::new("reference-unreadable", chain(&error))
                        .hint("paths are relative to the document")
                })?;
                (digest, path, source)
            }
            ReferenceSource::Digest(digest) => {
                let found = self.blobs.find(digest, None);
                let (path, source) = found.ok_or_else(|| not_at_hand(digest))?;
                (*digest, path, source)
            }
        };
        let size_bytes = source.size_bytes();
        self.references.insert(digest, (path, source));
        Ok(ResolvedReference { digest, size_bytes })
    }

    fn check_params(&mut self, validator: &Digest, params: &[u8]) -> Result<ParamsAnswer, Problem> {
        let prepared = self
            .prepared
            .get(validator)
            .ok_or_else(|| not_at_hand(validator))?;
        // Canonical JSON is UTF-8 (RFC 8785 §3.2.4).
        let params = String::from_utf8_lossy(params);
        self.engine
            .check_params(prepared, &params)
            .map_err(|error| problem(error.into()))
    }
}
