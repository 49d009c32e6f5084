//! What the outcome is for, about, by and under; and whether it agrees with itself and its documents.

use proofmark_core::{Digest, canonical};
use proofmark_criteria::submission::SubmissionLimits;
use proofmark_criteria::{Criteria, Criterion, Manifest, VerdictRecord};
use proofmark_trust::TrustPolicy;

use super::facts::{Evidence, Expected, Facts};
use super::failure::{Failure, FailureCode};
use super::rule::{Rule, Trail};
use crate::bundle::{Bundle, DocumentRole};
use crate::statement::binding::Binding;
use crate::statement::outcome::{ReferencePart, ValidatorPart};
use crate::statement::{DigestSet, ValidatedOutcome, build, subjects};

/// Everything that these rules look at.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) outcome: &'a ValidatedOutcome,
    pub(super) bundle: &'a Bundle,
    pub(super) policy: &'a TrustPolicy,
    pub(super) facts: &'a Facts,
    pub(super) evidence: &'a Evidence<'a>,
}

type Answer = Option<Result<(), Failure>>;

/// Audience to result.
pub(super) fn check(trail: &mut Trail, subject: &Subject<'_>) -> Result<(), Failure> {
    let binding = subject.outcome.predicate().binding.as_ref();
    let expected = &subject.facts.expected;
    let audience = audience(expected, binding, subject.policy);
    trail.ask(Rule::Audience, audience)?;
    trail.ask(Rule::Contract, contract(expected, binding))?;
    trail.ask(Rule::Nonce, nonce(expected, binding))?;
    let manifest = trail.fail(Rule::Subject, manifest(subject))?;
    trail.ask(Rule::Subject, about(subject, manifest.as_ref()))?;
    let criteria = trail.fail(Rule::Criteria, criteria(subject))?;
    trail.ask(Rule::Criteria, judged_by(subject, criteria.as_ref()))?;
    trail.hold(Rule::Profile, profile(subject))?;
    trail.ask(
        Rule::Limits,
        limits(subject, manifest.as_ref(), criteria.as_ref()),
    )?;
    trail.ask(
        Rule::Result,
        result(subject, manifest.as_ref(), criteria.as_ref()),
    )
}

fn audience(expected: &Expected, binding: Option<&Binding>, policy: &TrustPolicy) -> Answer {
    all([meant_for(expected, binding), governed(binding, policy)])
}

/// A policy of one market says nothing of an outcome for another.
fn governed(binding: Option<&Binding>, policy: &TrustPolicy) -> Answer {
    let (binding, governs) = (binding?, policy.audience()?);
    Some(same(
        governs == binding.audience.as_str(),
        FailureCode::AudienceMismatch,
        || {
            format!(
                "the outcome is meant for {}, the policy for {governs}",
                binding.audience
            )
        },
    ))
}

fn meant_for(expected: &Expected, binding: Option<&Binding>) -> Answer {
    if expected.is_empty() {
        return None;
    }
    let Some(binding) = binding else {
        return Some(Err(
            FailureCode::BindingMissing.because("the outcome is bound to no contract")
        ));
    };
    let asked = expected.audience.as_ref()?;
    Some(same(
        asked == &binding.audience,
        FailureCode::AudienceMismatch,
        || {
            format!(
                "the outcome is meant for {}, asked about is {asked}",
                binding.audience
            )
        },
    ))
}

fn contract(expected: &Expected, binding: Option<&Binding>) -> Answer {
    // Where something is expected there is a binding: the rule before saw to that.
    let binding = binding?;
    let parts = [
        expected.contract.as_ref().map(|asked| {
            same(
                asked == &binding.contract.id,
                FailureCode::ContractMismatch,
                || {
                    format!(
                        "the outcome belongs to contract {}, asked about is {asked}",
                        binding.contract.id
                    )
                },
            )
        }),
        expected.contract_digest.map(|asked| {
            same(
                asked == binding.contract.digest.0,
                FailureCode::ContractMismatch,
                || {
                    format!(
                        "the outcome belongs to terms {}, asked about are {asked}",
                        binding.contract.digest.0
                    )
                },
            )
        }),
        expected.deliverable.as_ref().map(|asked| {
            same(
                asked == &binding.deliverable,
                FailureCode::DeliverableMismatch,
                || {
                    format!(
                        "the outcome belongs to deliverable {}, asked about is {asked}",
                        binding.deliverable
                    )
                },
            )
        }),
        expected.attempt.map(|asked| {
            same(
                asked == binding.attempt,
                FailureCode::AttemptMismatch,
                || {
                    format!(
                        "the outcome belongs to attempt {}, asked about is {asked}",
                        binding.attempt
                    )
                },
            )
        }),
    ];
    all(parts)
}

fn nonce(expected: &Expected, binding: Option<&Binding>) -> Answer {
    let (asked, binding) = (expected.nonce?, binding?);
    Some(same(
        asked == binding.nonce,
        FailureCode::NonceMismatch,
        || "the outcome carries another nonce than was issued".to_owned(),
    ))
}

/// The manifest at hand: the caller's own, else the one in the bundle. The outcome must name both.
fn manifest(subject: &Subject<'_>) -> Result<Option<Manifest>, Failure> {
    named(
        subject,
        DocumentRole::Submission,
        subject.outcome.submission(),
    )?;
    if let Some(manifest) = subject.evidence.submission {
        return Ok(Some(manifest.clone()));
    }
    let Some(bytes) = subject.bundle.document(DocumentRole::Submission) else {
        return Ok(None);
    };
    let manifest = Manifest::parse(bytes, &SubmissionLimits::default());
    manifest
        .map(Some)
        .map_err(|error| unreadable(DocumentRole::Submission, &error))
}

fn about(subject: &Subject<'_>, manifest: Option<&Manifest>) -> Answer {
    let found = subject.outcome.submission();
    let asked = subject.facts.submission.map(|asked| {
        same(asked == found, FailureCode::SubjectMismatch, || {
            format!("the outcome is about submission {found}, asked about is {asked}")
        })
    });
    let documented = manifest.map(|manifest| {
        let stated = &subject.outcome.statement().subject;
        let all = subjects(manifest);
        // Without room for the artifacts the submission stands alone, and its manifest commits to them.
        let agree = *stated == all || (stated.len() == 1 && stated[..] == all[..1]);
        same(agree, FailureCode::SubjectMismatch, || {
            format!(
                "the outcome is about {found} and {} artifacts, the submission at hand is {}",
                stated.len() - 1,
                manifest.digest()
            )
        })
    });
    all([asked, documented])
}

/// A document in the bundle is the one that the outcome names, whatever else is at hand: whoever opens it later
/// takes it for what was judged.
fn named(subject: &Subject<'_>, role: DocumentRole, stated: Digest) -> Result<(), Failure> {
    let carried = subject.bundle.document(role).map(Digest::of);
    same(
        carried.is_none_or(|carried| carried == stated),
        code_of(role),
        || {
            format!(
                "the {} in the bundle is not the one that the outcome names, {stated}",
                role.as_str()
            )
        },
    )
}

/// The criteria at hand: the caller's own, else those in the bundle. The outcome must name both.
fn criteria(subject: &Subject<'_>) -> Result<Option<Criteria>, Failure> {
    let stated = subject.outcome.predicate().criteria.digest.0;
    named(subject, DocumentRole::Criteria, stated)?;
    if let Some(criteria) = subject.evidence.criteria {
        return Ok(Some(criteria.clone()));
    }
    let Some(bytes) = subject.bundle.document(DocumentRole::Criteria) else {
        return Ok(None);
    };
    let criteria = Criteria::parse(bytes);
    criteria.map(Some).map_err(|problems| {
        let first = problems
            .first()
            .map(ToString::to_string)
            .unwrap_or_default();
        FailureCode::CriteriaMismatch.because(format!(
            "the criteria document in the bundle is none: {first}"
        ))
    })
}

fn judged_by(subject: &Subject<'_>, criteria: Option<&Criteria>) -> Answer {
    let part = &subject.outcome.predicate().criteria;
    let found = part.digest.0;
    let same_criteria = |asked| {
        same(asked == found, FailureCode::CriteriaMismatch, || {
            format!("the work was judged by criteria {found}, asked about are {asked}")
        })
    };
    let asked = subject.facts.criteria.map(same_criteria);
    let documented = criteria.map(|criteria| {
        same_criteria(criteria.digest())?;
        counted(part.validators.count, criteria)?;
        let validators = criteria.criteria().iter().map(expected_validator);
        let validators: Vec<_> = validators.collect::<Result<_, _>>()?;
        let digest = canonical::digest(&validators)
            .map_err(|error| FailureCode::ValidatorMismatch.because(error.to_string()))?;
        same(
            digest == part.validators.digest.0,
            FailureCode::ValidatorMismatch,
            || "the validators are not those of the criteria".to_owned(),
        )
    });
    all([asked, documented])
}

fn expected_validator(criterion: &Criterion) -> Result<ValidatorPart, Failure> {
    let params = canonical::digest(&criterion.params)
        .map_err(|error| FailureCode::ValidatorMismatch.because(error.to_string()))?;
    let references = criterion.references.iter().map(|reference| ReferencePart {
        name: reference.name.to_string(),
        digest: DigestSet(reference.digest),
    });
    Ok(ValidatorPart {
        criterion: criterion.name.clone(),
        digest: DigestSet(criterion.validator.digest),
        world: proofmark_criteria::report::VALIDATOR_WORLD.to_owned(),
        params: DigestSet(params),
        references: references.collect(),
    })
}

/// Validators, results and runs are equally many: that was found out when the statement was read.
fn counted(count: u32, criteria: &Criteria) -> Result<(), Failure> {
    same(
        count as usize == criteria.criteria().len(),
        FailureCode::ValidatorMismatch,
        || {
            format!(
                "{count} criteria were judged, there are {}",
                criteria.criteria().len()
            )
        },
    )
}

/// What decides the verdict beside the checks is what the criteria say.
fn rules_of(outcome: &ValidatedOutcome, criteria: &Criteria) -> Result<(), Failure> {
    let result = &outcome.predicate().result;
    let shown = result
        .criteria
        .items
        .iter()
        .flatten()
        .zip(criteria.criteria());
    let mut agree = result.threshold == criteria.threshold();
    for (stated, asked) in shown {
        let checks = stated.checks.iter().map(|check| &check.id);
        agree &= (&stated.name, stated.required, stated.weight)
            == (&asked.name, asked.required, asked.weight)
            && (stated.fault.is_some() || checks.eq(&asked.checks));
    }
    same(agree, FailureCode::ResultInconsistent, || {
        "what is required, weights, threshold or checks are not those of the criteria".to_owned()
    })
}

/// Whether the profile is allowed at all, and not older than the contract's. Whether it counted at the time
/// is asked when the time is known.
fn profile(subject: &Subject<'_>) -> Result<(), Failure> {
    let found = subject.outcome.predicate().execution.profile.digest.0;
    let Some(allowed) = subject.policy.profile(&found) else {
        return Err(FailureCode::ProfileNotAllowed
            .because(format!("the policy does not allow engine profile {found}")));
    };
    let Some(pinned) = subject.facts.profile.filter(|pinned| *pinned != found) else {
        return Ok(());
    };
    let pinned = subject.policy.profile(&pinned);
    let newer = pinned.is_some_and(|pinned| allowed.window.valid_from > pinned.window.valid_from);
    same(newer, FailureCode::ProfileDowngrade, || {
        format!("engine profile {found} is not newer than the contract's")
    })
}

/// That no run went over its fuel was found out when the statement was read. How much fuel it had follows
/// from the criteria and from the size of the work, where both are at hand.
fn limits(
    subject: &Subject<'_>,
    manifest: Option<&Manifest>,
    criteria: Option<&Criteria>,
) -> Answer {
    let runs = subject.outcome.predicate().execution.runs.items.as_ref()?;
    let Some(criteria) = criteria else {
        return Some(Ok(()));
    };
    for (run, criterion) in runs.iter().zip(criteria.criteria()) {
        let digest = canonical::digest(&criterion.limits).ok();
        let fuel = manifest.map(|manifest| {
            let bytes = manifest.total_bytes();
            let bytes = bytes.saturating_add(criterion.reference_bytes());
            criterion.limits.fuel_for(bytes)
        });
        let same_fuel = fuel.is_none_or(|fuel| fuel == run.fuel_limit);
        if run.criterion != criterion.name || digest != Some(run.limits.0) || !same_fuel {
            return Some(Err(FailureCode::LimitsMismatch.because(format!(
                "the run of {} had other limits than the criteria state",
                criterion.name
            ))));
        }
    }
    Some(Ok(()))
}

/// That the statement agrees with itself was found out when it was read. Here it must agree with the
/// criteria and the verdict record, where they are at hand. Without the record, and where the checks stand behind
/// their digest, nobody but the signers says that the verdict follows from them.
fn result(
    subject: &Subject<'_>,
    manifest: Option<&Manifest>,
    criteria: Option<&Criteria>,
) -> Answer {
    let stated = criteria.map(|criteria| rules_of(subject.outcome, criteria));
    let record = subject.bundle.document(DocumentRole::Record);
    let recorded = record.map(|record| recorded(subject, record, manifest, criteria));
    let shown = subject.outcome.predicate().result.criteria.items.is_some();
    match (&recorded, shown) {
        (None, false) => stated.filter(Result::is_err),
        _ => all([Some(Ok(())), stated, recorded]),
    }
}

/// The record is the one that the outcome names and says the same; with all three documents to the byte.
fn recorded(
    subject: &Subject<'_>,
    bytes: &[u8],
    manifest: Option<&Manifest>,
    criteria: Option<&Criteria>,
) -> Result<(), Failure> {
    let predicate = subject.outcome.predicate();
    let record =
        VerdictRecord::parse(bytes).map_err(|error| unreadable(DocumentRole::Record, &error))?;
    let digests = (record.digest(), record.outcome_digest());
    let stated = (predicate.execution.record.0, predicate.result.evidence.0);
    same(digests == stated, FailureCode::ResultInconsistent, || {
        "the verdict record in the bundle is another".to_owned()
    })?;
    let said = &record.document().result;
    same(
        (said.verdict, said.score) == (predicate.result.verdict, predicate.result.score),
        FailureCode::ResultInconsistent,
        || "the verdict record says something else".to_owned(),
    )?;
    let (Some(manifest), Some(criteria)) = (manifest, criteria) else {
        return Ok(());
    };
    let built = build(criteria, manifest, &record, predicate.binding.clone());
    let agree = built.is_ok_and(|built| built == *subject.outcome);
    same(agree, FailureCode::ResultInconsistent, || {
        "the statement is not the one that follows from the verdict record".to_owned()
    })
}

fn same(agree: bool, code: FailureCode, message: impl FnOnce() -> String) -> Result<(), Failure> {
    match agree {
        true => Ok(()),
        false => Err(code.because(message())),
    }
}

/// Asked if any part is; the first failure wins.
fn all<const N: usize>(parts: [Answer; N]) -> Answer {
    parts.into_iter().flatten().reduce(Result::and)
}

fn unreadable(role: DocumentRole, error: &dyn std::error::Error) -> Failure {
    let why = proofmark_core::chain(error);
    code_of(role).because(format!(
        "the {} in the bundle cannot be read: {why}",
        role.as_str()
    ))
}

const fn code_of(role: DocumentRole) -> FailureCode {
    match role {
        DocumentRole::Submission => FailureCode::SubjectMismatch,
        DocumentRole::Criteria => FailureCode::CriteriaMismatch,
        DocumentRole::Record => FailureCode::ResultInconsistent,
    }
}
