//! From the authoring form to the frozen one.
//!
//! Pure: where bytes come from and how a validator runs is the [`Resolver`]'s business. A validator's
//! own say about its parameters is heard here and never again. Whoever did not make a document hears it
//! again with [`confirm`].

use proofmark_core::{Digest, Problem, canonical, integer, pointer, uri};
use serde_json::Value;

use crate::document::{Criteria, Criterion, Document, LockedValidator, Reference, not_canonical};
use crate::draft::{CriterionDraft, Draft, ReferenceSource, ValidatorSource};
use crate::limits::Limits;
use crate::lint;
use crate::report::ValidatorManifest;
use crate::schema::{AUTHOR, ParamsAnswer, ParamsSchema};
use crate::submission::ArtifactPath;

/// A validator that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedValidator {
    /// SHA-256 of the component.
    pub digest: Digest,
    /// Size of the component in bytes.
    pub size_bytes: u64,
    /// What it answered to `describe`, as it is: [`lock`] checks it.
    pub describe: ValidatorManifest,
}

/// A reference file that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResolvedReference {
    /// SHA-256 of its content.
    pub digest: Digest,
    /// Size of its content in bytes.
    pub size_bytes: u64,
}

/// Finds what a draft names, and asks validators. Implemented at the edge, over files and the engine.
///
/// A problem without a pointer is reported at the place in the draft that was asked about.
pub trait Resolver {
    /// The validator that `source` names.
    ///
    /// # Errors
    /// A problem if there is none, or if it cannot be prepared or described.
    fn validator(&mut self, source: &ValidatorSource) -> Result<ResolvedValidator, Problem>;

    /// The reference file that `source` names.
    ///
    /// # Errors
    /// A problem if there is none.
    fn reference(&mut self, source: &ReferenceSource) -> Result<ResolvedReference, Problem>;

    /// What the validator says to `params`, which are canonical JSON and satisfy its schema.
    ///
    /// # Errors
    /// A problem if the validator gave no answer.
    fn check_params(&mut self, validator: &Digest, params: &[u8]) -> Result<ParamsAnswer, Problem>;
}

/// Freezes a draft.
///
/// # Errors
/// Everything that is wrong with the draft: first what [`lint::draft`] finds, then, criterion by
/// criterion, what cannot be found, is no validator, or is refused by the validator.
pub fn lock(draft: &Draft, resolver: &mut dyn Resolver) -> Result<Criteria, Vec<Problem>> {
    let mut problems = lint::draft(draft);
    let base = draft.limits.apply(Limits::default());
    let mut criteria = Vec::new();
    for (index, criterion) in draft.criteria.iter().enumerate() {
        let mut locking = Locking {
            place: pointer::join("/criteria", index),
            resolver: &mut *resolver,
            problems: &mut problems,
        };
        criteria.extend(locking.criterion(criterion, base));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let document = Document {
        schema: uri::CRITERIA_V1.to_owned(),
        name: draft.name.clone(),
        summary: draft.summary.clone(),
        threshold: draft.threshold,
        criteria,
    };
    let value = serde_json::to_value(&document)
        .map_err(|error| vec![Problem::new("not-canonical", error.to_string())])?;
    // Through the front door: what is locked satisfies the published schema.
    Criteria::from_value(value)
}

/// Whether a frozen document says of its validators and files what they are: everything that [`lock`]
/// would say of it today, and every place where it contradicts its validator. A resolver that has not
/// all the bytes says so.
///
/// # Errors
/// All problems. Whoever wrote the document is to blame.
pub fn confirm(criteria: &Criteria, resolver: &mut dyn Resolver) -> Result<(), Vec<Problem>> {
    let again = lock(&Draft::from(criteria.document()), resolver)?;
    let pairs = criteria.criteria().iter().zip(again.criteria()).enumerate();
    let problems: Vec<_> = pairs
        .flat_map(|(index, (said, found))| {
            contradictions(&pointer::join("/criteria", index), said, found)
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn contradictions(place: &str, said: &Criterion, found: &Criterion) -> Vec<Problem> {
    let (validator, of) = (pointer::join(place, "validator"), &found.validator);
    let references = pointer::join(place, "references");
    let mut rows = vec![
        (
            pointer::join(&validator, "name"),
            said.validator.name == of.name,
        ),
        (
            pointer::join(&validator, "version"),
            said.validator.version == of.version,
        ),
        (
            pointer::join(&validator, "size_bytes"),
            said.validator.size_bytes == of.size_bytes,
        ),
        (pointer::join(place, "checks"), said.checks == found.checks),
    ];
    let pairs = said.references.iter().zip(&found.references).enumerate();
    rows.extend(pairs.map(|(index, (said, found))| {
        let reference = pointer::join(&references, index);
        (
            pointer::join(&reference, "size_bytes"),
            said.size_bytes == found.size_bytes,
        )
    }));
    let wrong = rows.into_iter().filter(|(_, holds)| !holds);
    wrong
        .map(|(place, _)| {
            Problem::new(
                "document-contradicts-validator",
                "the document says otherwise than the validator or the file itself",
            )
            .at(place)
            .hint("do not agree to it; ask for a document made by `proofmark criteria lock`")
        })
        .collect()
}

/// One criterion on its way. Each step returns `None` once it has told what is wrong.
struct Locking<'l> {
    place: String,
    resolver: &'l mut dyn Resolver,
    problems: &'l mut Vec<Problem>,
}

impl Locking<'_> {
    fn criterion(&mut self, draft: &CriterionDraft, base: Limits) -> Option<Criterion> {
        let validator = self.validator(draft);
        let references = self.references(draft);
        let (validator, checks) = validator?;
        Some(Criterion {
            name: draft.name.clone(),
            summary: draft.summary.clone(),
            validator,
            params: draft.params.clone(),
            checks,
            references: references?,
            required: draft.required,
            weight: draft.weight,
            limits: draft.limits.apply(base),
        })
    }

    /// The validator, and which of its checks the parameters ask for.
    fn validator(&mut self, draft: &CriterionDraft) -> Option<(LockedValidator, Vec<String>)> {
        let place = pointer::join(&self.place, "validator");
        let found = self.resolver.validator(&draft.validator);
        let found = self.keep(&place, found)?;
        let manifest = &found.describe;
        let checked = manifest.check().map_err(|error| {
            Problem::new("validator-manifest-invalid", error.to_string()).hint(AUTHOR)
        });
        self.keep(&place, checked)?;
        self.safe_size(&place, found.size_bytes)?;
        let checks = self.params(draft, &found)?;
        let validator = LockedValidator {
            digest: found.digest,
            size_bytes: found.size_bytes,
            name: found.describe.name,
            version: found.describe.version,
        };
        Some((validator, checks))
    }

    fn params(
        &mut self,
        draft: &CriterionDraft,
        validator: &ResolvedValidator,
    ) -> Option<Vec<String>> {
        let compiled = ParamsSchema::compile(&validator.describe.params_schema)
            .map_err(|error| Problem::new("params-schema-invalid", error.to_string()).hint(AUTHOR));
        let schema = self.keep(&pointer::join(&self.place, "validator"), compiled)?;
        let place = pointer::join(&self.place, "params");
        let params = Value::Object(draft.params.clone());
        let violations = schema.problems(&params);
        if !violations.is_empty() {
            self.problems.extend(
                violations
                    .into_iter()
                    .map(|problem| within(&place, problem)),
            );
            return None;
        }
        let bytes =
            canonical::to_bytes(&params).map_err(|error| within(&place, not_canonical(&error)));
        let bytes = self.keep(&place, bytes)?;
        let answer = self.resolver.check_params(&validator.digest, &bytes);
        let asked = self.keep(&place, answer)?.asked(&validator.describe);
        asked
            .map_err(|problems| {
                let inside = problems.into_iter().map(|problem| within(&place, problem));
                self.problems.extend(inside);
            })
            .ok()
    }

    /// Sorted by name, because the draft's map is.
    fn references(&mut self, draft: &CriterionDraft) -> Option<Vec<Reference>> {
        let names = draft.references.iter();
        // Each is resolved even if an earlier one failed: all problems are told at once.
        let found: Vec<_> = names
            .map(|(name, source)| self.reference(name, source))
            .collect();
        found.into_iter().collect()
    }

    fn reference(&mut self, name: &str, source: &ReferenceSource) -> Option<Reference> {
        let place = pointer::join(&pointer::join(&self.place, "references"), name);
        let found = self.resolver.reference(source);
        let found = self.keep(&place, found)?;
        self.safe_size(&place, found.size_bytes)?;
        Some(Reference {
            // A bad name is among the problems already: `lint::draft` tells it.
            name: name.parse::<ArtifactPath>().ok()?,
            digest: found.digest,
            size_bytes: found.size_bytes,
        })
    }

    fn safe_size(&mut self, place: &str, size_bytes: u64) -> Option<()> {
        let checked = integer::is_safe(size_bytes)
            .then_some(())
            .ok_or_else(|| Problem::new("file-too-large", "the file has more than 2^53 - 1 bytes"));
        self.keep(place, checked)
    }

    /// The value, or `None` with its problem told at `place`.
    fn keep<T>(&mut self, place: &str, result: Result<T, Problem>) -> Option<T> {
        result
            .map_err(|problem| self.problems.push(problem.or_at(place)))
            .ok()
    }
}

/// A problem of the parameters as one of the document.
fn within(place: &str, problem: Problem) -> Problem {
    let inner = problem.pointer.clone().unwrap_or_default();
    problem.at(format!("{place}{inner}"))
}

#[cfg(test)]
#[path = "lock_tests.rs"]
mod tests;
