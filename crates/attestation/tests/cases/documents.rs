//! Documents that travel along, swapped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_attestation::bundle::DocumentRole;
use proofmark_attestation::verify::FailureCode::*;
use proofmark_core::Digest;
use serde_json::json;

use super::valid::attach_all;
use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    let swapped = |case: Case, role, content: &[u8]| {
        case.change(|bundle| {
            attach_all(bundle, &WORLD.pass);
            bundle.attach(role, content);
        })
    };
    let other_criteria =
        criteria_from(Some(1), &[criterion("form", &["columns", "rows"], true, 1)]);
    let other_work = manifest_of(&[("text.csv", b"translated text")]);
    let all = |case: Case| case.change(|bundle| attach_all(bundle, &WORLD.pass));
    vec![
        swapped(
            bad(
                "document-criteria-swapped",
                "Other criteria travel along.",
                CriteriaMismatch,
            ),
            DocumentRole::Criteria,
            other_criteria.canonical_bytes(),
        ),
        swapped(
            bad(
                "document-criteria-broken",
                "What travels along as criteria is none.",
                CriteriaMismatch,
            ),
            DocumentRole::Criteria,
            b"{}",
        ),
        swapped(
            bad(
                "document-submission-swapped",
                "The manifest of other work travels along.",
                SubjectMismatch,
            ),
            DocumentRole::Submission,
            other_work.canonical_bytes(),
        ),
        swapped(
            bad(
                "document-submission-broken",
                "What travels along as a manifest is none.",
                SubjectMismatch,
            ),
            DocumentRole::Submission,
            b"[]",
        ),
        swapped(
            bad(
                "document-record-swapped",
                "The record of another run travels along.",
                ResultInconsistent,
            ),
            DocumentRole::Record,
            WORLD.fail.canonical_bytes(),
        ),
        swapped(
            bad(
                "document-record-broken",
                "What travels along as a record is none.",
                ResultInconsistent,
            ),
            DocumentRole::Record,
            b"{\"verdict\":\"pass\"}",
        ),
        all(bad(
            "document-edited",
            "A document was changed, the digest beside it stayed.",
            DocumentMismatch,
        ))
        .edit(|bundle| {
            bundle["documents"][1]["content"] =
                json!(STANDARD.encode(WORLD.fail.canonical_bytes()));
        }),
        all(bad(
            "document-digest-edited",
            "The digest beside a document is another.",
            DocumentMismatch,
        ))
        .edit(|bundle| {
            bundle["documents"][0]["digest"] = json!(Digest::of(b"another").to_string())
        }),
        all(bad(
            "document-twice",
            "A document is there twice: readers disagree about which counts.",
            DocumentMismatch,
        ))
        .edit(|bundle| {
            let documents = bundle["documents"].as_array_mut().expect("a list");
            documents.push(documents[2].clone());
        }),
        all(bad(
            "documents-reordered",
            "The documents stand in another order.",
            DocumentMismatch,
        ))
        .edit(|bundle| {
            bundle["documents"]
                .as_array_mut()
                .expect("a list")
                .reverse()
        }),
        all(bad(
            "document-base64-loose",
            "A document has a second spelling in base64.",
            DocumentMismatch,
        ))
        .edit(|bundle| {
            let content = bundle["documents"][0]["content"].as_str().expect("text");
            bundle["documents"][0]["content"] = json!(format!("{}\n", content));
        }),
    ]
}
