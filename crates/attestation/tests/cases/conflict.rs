//! Two results of one run.

use proofmark_attestation::verify::FailureCode::*;

use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        bad(
            "conflicting-verdict",
            "A third engine signed a fail of the same run.",
            ConflictingVerdict,
        )
        .also(|case| {
            case.known = vec![logged(sign_payload(
                outcome_of(&WORLD.fail).canonical_bytes(),
                &[GAMMA],
            ))];
        }),
        bad(
            "conflict-in-fuel",
            "A third engine of the same profile reports other fuel: one of them is broken.",
            ConflictingVerdict,
        )
        .also(|case| case.known = vec![logged(sign_payload(&other_fuel(), &[GAMMA]))]),
        bad(
            "conflict-across-profiles",
            "A third engine of another profile signed a fail of the same run.",
            ConflictingVerdict,
        )
        .also(|case| case.known = vec![logged(sign_payload(&newer_fail(), &[GAMMA]))]),
        bad(
            "equivocation-across-profiles",
            "A key that signed the pass signed a fail of the same run under another profile.",
            Equivocation,
        )
        .also(|case| case.known = vec![logged(sign_payload(&newer_fail(), &[ALPHA]))]),
        bad("conflict-after-the-signers-were-revoked", "Both signers made room for other keys since; a third engine says fail.", ConflictingVerdict)
            .under(|policy| {
                for number in [ALPHA, BETA] {
                    entry(policy, number)["revoked"] = serde_json::json!({ "effectiveAt": "2026-11-26T18:30:00Z", "reason": "superseded" });
                }
            })
            .also(|case| case.known = vec![logged(sign_payload(outcome_of(&WORLD.fail).canonical_bytes(), &[GAMMA]))]),
        bad(
            "equivocation",
            "One of the engines also signed a fail of the same run.",
            Equivocation,
        )
        .also(|case| {
            let fail = outcome_of(&WORLD.fail);
            case.known = vec![logged(sign_payload(fail.canonical_bytes(), &[BETA, GAMMA]))];
        }),
        bad(
            "equivocation-unlogged",
            "The proof of it need not be logged: its signature is enough.",
            Equivocation,
        )
        .also(|case| {
            let fail = outcome_of(&WORLD.fail);
            let envelope = sign_payload(fail.canonical_bytes(), &[ALPHA]);
            case.known = vec![proofmark_attestation::Bundle::of(envelope)];
        }),
        bad(
            "equivocation-in-fuel",
            "One of the engines also signed other fuel of the same run.",
            Equivocation,
        )
        .also(|case| case.known = vec![logged(sign_payload(&other_fuel(), &[ALPHA]))]),
    ]
}

fn newer_fail() -> Vec<u8> {
    let runs = failing(&WORLD.criteria, &WORLD.manifest);
    let record = record(&WORLD.criteria, &WORLD.manifest, NEWER, runs);
    outcome_of(&record).canonical_bytes().to_vec()
}

fn other_fuel() -> Vec<u8> {
    let mut statement = statement_of(&outcome());
    let runs = &mut statement["predicate"]["execution"]["runs"];
    runs["items"][0]["fuelUsed"] = serde_json::json!(48_214);
    close(runs);
    canonical_bytes(&statement)
}
