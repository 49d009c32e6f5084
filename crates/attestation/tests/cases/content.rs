//! Trusted engines that lie, or are broken: what they sign contradicts itself or the criteria.

use proofmark_attestation::bundle::DocumentRole;
use proofmark_attestation::verify::FailureCode::*;
use serde_json::{Value, json};

use super::binding::with_payload;
use super::valid::attach_all;
use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    [verdicts(), criteria(), lists(), metering()]
        .into_iter()
        .flatten()
        .collect()
}

/// A member of the result.
fn result(statement: &mut Value) -> &mut Value {
    &mut statement["predicate"]["result"]
}

fn part(statement: &mut Value, at: usize) -> &mut Value {
    &mut statement["predicate"]["result"]["criteria"]["items"][at]
}

fn verdicts() -> Vec<Case> {
    vec![
        bad(
            "verdict-flipped-unsigned",
            "The verdict in the payload was changed; the signatures stayed.",
            SignatureInvalid,
        )
        .bundle(&bundle_of(&outcome_of(&WORLD.fail)))
        .change(|bundle| {
            let mut statement = statement_of(&outcome_of(&WORLD.fail));
            result(&mut statement)["verdict"] = json!("pass");
            bundle.envelope = with_payload(&bundle.envelope, &canonical_bytes(&statement));
        }),
        bad(
            "verdict-flipped-signed",
            "Engines sign a pass over checks that failed.",
            ResultInconsistent,
        )
        .lie_about(&outcome_of(&WORLD.fail), |statement| {
            result(statement)["verdict"] = json!("pass")
        }),
        bad(
            "verdict-worsened-signed",
            "Engines sign a fail over checks that passed.",
            ResultInconsistent,
        )
        .lie(|statement| result(statement)["verdict"] = json!("fail")),
        bad(
            "score-changed",
            "Engines sign another score than that of the criteria.",
            ResultInconsistent,
        )
        .lie(|statement| result(statement)["score"] = json!(999_999)),
        bad(
            "score-left-out",
            "Engines leave the score out.",
            ResultInconsistent,
        )
        .lie(|statement| {
            result(statement)
                .as_object_mut()
                .expect("an object")
                .remove("score");
        }),
        bad(
            "criterion-status-changed",
            "Engines sign a criterion as passed whose check failed.",
            ResultInconsistent,
        )
        .lie_about(&outcome_of(&WORLD.fail), |statement| {
            part(statement, 0)["status"] = json!("pass");
            close(&mut result(statement)["criteria"]);
        }),
        bad(
            "fault-hidden",
            "Engines sign a criterion without checks and without a fault.",
            ResultInconsistent,
        )
        .lie_about(&outcome_of(&WORLD.inconclusive), |statement| {
            part(statement, 0)
                .as_object_mut()
                .expect("an object")
                .remove("fault");
            close(&mut result(statement)["criteria"]);
        }),
        bad(
            "fault-beside-end",
            "A run ends in another fault than its criterion.",
            ResultInconsistent,
        )
        .lie_about(&outcome_of(&WORLD.inconclusive), |statement| {
            part(statement, 0)["fault"] = json!("unreachable");
            close(&mut result(statement)["criteria"]);
        }),
        bad(
            "checks-out-of-order",
            "Engines sign the checks in another order.",
            ResultInconsistent,
        )
        .lie(|statement| {
            part(statement, 0)["checks"]
                .as_array_mut()
                .expect("a list")
                .reverse();
            close(&mut result(statement)["criteria"]);
        }),
        bad(
            "stack-overflow-signed",
            "Engines sign a fault whose depth depends on the machine's code.",
            OutcomeNotDeterministic,
        )
        .lie_about(&outcome_of(&WORLD.inconclusive), |statement| {
            part(statement, 0)["fault"] = json!("stack-overflow");
            close(&mut result(statement)["criteria"]);
            let runs = &mut statement["predicate"]["execution"]["runs"];
            runs["items"][0]["end"] = json!("stack-overflow");
            runs["items"][0]
                .as_object_mut()
                .expect("an object")
                .remove("fuelUsed");
            close(runs);
        }),
        bad(
            "host-fault-signed",
            "Engines sign a failure of the machine as an outcome.",
            PredicateSchema,
        )
        .lie_about(&outcome_of(&WORLD.inconclusive), |statement| {
            part(statement, 0)["fault"] = json!("worker-timeout");
            close(&mut result(statement)["criteria"]);
        }),
    ]
}

/// Consistent in itself, but not what the contract's criteria ask for. Their document is at hand.
fn criteria() -> Vec<Case> {
    let validators = |change: fn(&mut Value)| {
        move |statement: &mut Value| {
            let listing = &mut statement["predicate"]["criteria"]["validators"];
            change(&mut listing["items"][0]);
            close(listing);
        }
    };
    let cases = vec![
        bad(
            "validator-swapped",
            "Another component judged under the contract's criteria.",
            ValidatorMismatch,
        )
        .lie(validators(|one| {
            one["digest"] = digest_set(b"a kinder validator")
        })),
        bad(
            "params-swapped",
            "The validator had other parameters than the criteria state.",
            ValidatorMismatch,
        )
        .lie(validators(|one| one["params"] = digest_set(b"{}"))),
        bad(
            "reference-swapped",
            "The validator had another reference file.",
            ValidatorMismatch,
        )
        .lie(validators(|one| {
            one["references"][0]["digest"] = digest_set(b"another glossary")
        })),
        bad(
            "reference-left-out",
            "The validator had no reference file.",
            ValidatorMismatch,
        )
        .lie(validators(|one| one["references"] = json!([]))),
        bad(
            "world-swapped",
            "The validator implements another interface.",
            ValidatorMismatch,
        )
        .lie(validators(|one| {
            one["world"] = json!("proofmark:validator/validator@2.0.0")
        })),
        bad(
            "check-dropped",
            "Engines leave a check out of a required criterion that has two.",
            ResultInconsistent,
        )
        .lie(|statement| {
            drop(
                part(statement, 0)["checks"]
                    .as_array_mut()
                    .expect("a list")
                    .remove(1),
            );
            close(&mut result(statement)["criteria"]);
        }),
        bad(
            "check-renamed",
            "Engines report another check than was asked for.",
            ResultInconsistent,
        )
        .lie(|statement| {
            part(statement, 0)["checks"][1]["id"] = json!("spelling");
            close(&mut result(statement)["criteria"]);
        }),
        bad(
            "required-made-optional",
            "The criterion that failed counts as optional, and the outcome as a pass.",
            ResultInconsistent,
        )
        .lie_about(&outcome_of(&WORLD.fail), |statement| {
            part(statement, 0)["required"] = json!(false);
            part(statement, 0)["weight"] = json!(0);
            part(statement, 1)["status"] = json!("pass");
            part(statement, 1)["checks"][0] =
                json!({ "id": "glossary", "status": "pass", "score": 900_000 });
            part(statement, 1)["score"] = json!(900_000);
            close(&mut result(statement)["criteria"]);
            result(statement)["verdict"] = json!("pass");
            result(statement)["score"] = json!(900_000);
        }),
        bad(
            "threshold-lowered",
            "The score need reach less than the criteria state.",
            ResultInconsistent,
        )
        .lie(|statement| result(statement)["threshold"] = json!(1)),
        bad(
            "criterion-dropped",
            "A whole criterion is missing from the result, the list of validators is shut.",
            ValidatorMismatch,
        )
        .lie(|statement| {
            let predicate = &mut statement["predicate"];
            let validators = predicate["criteria"]["validators"]
                .as_object_mut()
                .expect("an object");
            validators.remove("items");
            validators["count"] = json!(1);
            for pointer in ["/result/criteria", "/execution/runs"] {
                let listing = predicate.pointer_mut(pointer).expect("a listing");
                drop(listing["items"].as_array_mut().expect("a list").pop());
                close(listing);
            }
            let score = part(statement, 0)["score"].clone();
            result(statement)["score"] = score;
        }),
        bad(
            "limits-swapped",
            "A validator had other limits than the criteria state.",
            LimitsMismatch,
        )
        .lie(|statement| {
            let runs = &mut statement["predicate"]["execution"]["runs"];
            runs["items"][0]["limits"] = digest_set(b"other limits");
            close(runs);
        }),
        bad(
            "fuel-limit-raised",
            "A validator had more fuel than the limits give it for this work.",
            LimitsMismatch,
        )
        .lie(|statement| {
            let runs = &mut statement["predicate"]["execution"]["runs"];
            runs["items"][0]["fuelLimit"] = json!(9_000_000_000_u64);
            close(runs);
        }),
    ];
    cases
        .into_iter()
        .map(Case::with_documents_at_hand)
        .collect()
}

fn lists() -> Vec<Case> {
    vec![
        bad(
            "bundle-carries-other-criteria",
            "The verifier has the contract's criteria at hand; the bundle carries others under their name.",
            CriteriaMismatch,
        )
        .with_documents_at_hand()
        .change(|bundle| {
            let other = criteria_from(None, &[criterion("prose", &["a"], true, 0)]);
            bundle.attach(DocumentRole::Criteria, other.canonical_bytes());
        }),
        bad(
            "bundle-carries-other-manifest",
            "The verifier has the work itself at hand; the bundle carries the manifest of other work.",
            SubjectMismatch,
        )
        .with_documents_at_hand()
        .change(|bundle| {
            bundle.attach(DocumentRole::Submission, b"{\"artifacts\":[]}");
        }),
        bad(
            "list-wrong-count",
            "A list states another length than it has.",
            ResultInconsistent,
        )
        .lie(|statement| result(statement)["criteria"]["count"] = json!(3)),
        bad(
            "list-wrong-digest",
            "A list states another digest than it has.",
            ResultInconsistent,
        )
        .lie(|statement| result(statement)["criteria"]["digest"] = digest_set(b"another list")),
        bad(
            "lists-unequal",
            "There are fewer runs than criteria.",
            ResultInconsistent,
        )
        .lie(|statement| {
            let runs = &mut statement["predicate"]["execution"]["runs"];
            drop(runs["items"].as_array_mut().expect("a list").pop());
            close(runs);
        }),
        bad(
            "lists-of-other-names",
            "A run is of another criterion than its result.",
            ResultInconsistent,
        )
        .lie(|statement| {
            let runs = &mut statement["predicate"]["execution"]["runs"];
            runs["items"][0]["criterion"] = json!("other");
            close(runs);
        }),
        bad(
            "one-criterion-twice",
            "One criterion that passed stands there twice.",
            ResultInconsistent,
        )
        .lie(|statement| {
            let predicate = &mut statement["predicate"];
            for pointer in [
                "/criteria/validators",
                "/result/criteria",
                "/execution/runs",
            ] {
                let listing = predicate.pointer_mut(pointer).expect("a listing");
                listing["items"][1] = listing["items"][0].clone();
                close(listing);
            }
        }),
        bad(
            "record-of-another-run",
            "The record beside the outcome says fail.",
            ResultInconsistent,
        )
        .change(|bundle| attach_all(bundle, &WORLD.fail)),
        bad(
            "evidence-swapped",
            "The outcome names a record that says something else than the outcome.",
            ResultInconsistent,
        )
        .lie(|statement| {
            let fail = outcome_of(&WORLD.fail);
            let predicate = &mut statement["predicate"];
            predicate["execution"]["record"] = json!(fail.predicate().execution.record);
            predicate["result"]["evidence"] = json!(fail.predicate().result.evidence);
        })
        .change(|bundle| attach_all(bundle, &WORLD.fail)),
        bad(
            "checks-not-of-the-record",
            "With the same verdict, the outcome lists other scores than its record.",
            ResultInconsistent,
        )
        .lie(|statement| {
            part(statement, 0)["checks"][0]["score"] = json!(1_000_000);
            close(&mut result(statement)["criteria"]);
        })
        .change(|bundle| attach_all(bundle, &WORLD.pass)),
        bad(
            "lists-cut-without-need",
            "The outcome hides its checks although there is room for them.",
            ResultInconsistent,
        )
        .lie(|statement| {
            result(statement)["criteria"]
                .as_object_mut()
                .expect("an object")
                .remove("items");
        })
        .change(|bundle| attach_all(bundle, &WORLD.pass)),
    ]
}

fn metering() -> Vec<Case> {
    let runs = |change: fn(&mut Value)| {
        move |statement: &mut Value| {
            let runs = &mut statement["predicate"]["execution"]["runs"];
            change(&mut runs["items"][0]);
            close(runs);
        }
    };
    vec![
        bad(
            "fuel-over-limit",
            "A run used more fuel than it had.",
            FuelExceeded,
        )
        .lie(runs(|run| run["fuelUsed"] = json!(9_000_000_000_000_u64))),
        bad(
            "fuel-left-out",
            "A run that returned states no fuel.",
            FuelExceeded,
        )
        .lie(runs(|run| {
            run.as_object_mut().expect("an object").remove("fuelUsed");
        })),
        bad(
            "profile-unknown",
            "The work was judged under a profile that the policy does not allow.",
            ProfileNotAllowed,
        )
        .lie(|statement| {
            statement["predicate"]["execution"]["profile"]["digest"] = digest_set(b"homemade")
        }),
        bad(
            "profile-downgrade",
            "The work was judged under an allowed profile that is older than the contract's.",
            ProfileDowngrade,
        )
        .lie(|statement| {
            statement["predicate"]["execution"]["profile"]["digest"] = digest_set(OLDER.as_bytes())
        }),
        bad(
            "profile-of-contract-withdrawn",
            "The contract's profile is in the policy no more, and another was used.",
            ProfileDowngrade,
        )
        .lie(|statement| {
            statement["predicate"]["execution"]["profile"]["digest"] = digest_set(NEWER.as_bytes())
        })
        .fact("profile", digest_set(b"withdrawn")),
    ]
}
