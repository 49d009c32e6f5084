//! Whether a validator is one that runs here, and what it says of itself. It is compiled for that, so that the first
//! delivery does not wait for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proofmark_core::{Digest, chain};
use proofmark_criteria::report::ValidatorManifest;
use proofmark_engine::judge::Blobs as _;
use proofmark_engine::{Admission, Engine, PrepareError, PublishError};

use crate::bytes::Bytes;

/// So many answers are remembered; what a validator is never changes.
const REMEMBERED: usize = 1_000;

/// Looks at validators for whoever asks.
pub struct Inspector {
    engine: Arc<Engine>,
    bytes: Bytes,
    known: Mutex<BTreeMap<Digest, Inspection>>,
}

/// What was found of a validator.
#[derive(Debug, Clone)]
pub enum Inspection {
    /// It runs here.
    Accepted(Arc<ValidatorManifest>),
    /// It cannot be published here. Its author is to blame.
    Refused {
        /// Stable code.
        code: String,
        /// In a sentence.
        why: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// There is no such component, or it is longer than one may be.
    Unknown,
}

impl Inspector {
    /// Looks with this engine.
    #[must_use]
    pub const fn new(engine: Arc<Engine>, bytes: Bytes) -> Self {
        Self {
            engine,
            bytes,
            known: Mutex::new(BTreeMap::new()),
        }
    }

    /// What was found of a validator before, if its compiled code is still at hand.
    pub fn known(&self, validator: &Digest) -> Option<Inspection> {
        let found = self.remembered().get(validator).cloned()?;
        let at_hand = || self.engine.recall(validator, Admission::Publish);
        match &found {
            Inspection::Accepted(_) => matches!(at_hand(), Ok(Some(_))).then_some(found),
            _ => Some(found),
        }
    }

    fn remembered(&self) -> MutexGuard<'_, BTreeMap<Digest, Inspection>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a validator is. Blocks for as long as its compilation takes.
    ///
    /// # Errors
    /// What this machine could not do; tried again, it may.
    pub fn inspect(&self, validator: &Digest) -> Result<Inspection, String> {
        if let Some(found) = self.known(validator) {
            return Ok(found);
        }
        let Some(component) = self.bytes.validator(validator) else {
            return Ok(Inspection::Unknown);
        };
        let found = match self.engine.prepare(&component, Admission::Publish) {
            Ok(prepared) => match self.engine.describe(&prepared) {
                Ok(manifest) => Inspection::Accepted(Arc::new(manifest)),
                Err(PublishError::Host(fault)) => return Err(fault.to_string()),
                Err(error) => refused(error.code(), chain(&error), NOT_DESCRIBED),
            },
            Err(PrepareError::Host(fault)) => return Err(fault.to_string()),
            Err(error) => {
                let found = refused(error.code().to_owned(), chain(&error), error.hint());
                // What is too costly here and now may not be elsewhere, or later.
                if matches!(error, PrepareError::TooCostly(_)) {
                    return Ok(found);
                }
                found
            }
        };
        let mut known = self.remembered();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(*validator, found.clone());
        Ok(found)
    }
}

const NOT_DESCRIBED: &str =
    "the validator's author must mend it; `proofmark validator test` shows more";

const fn refused(code: String, why: String, hint: &'static str) -> Inspection {
    Inspection::Refused { code, why, hint }
}
