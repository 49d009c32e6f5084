//! Bundles that are none: too large, not JSON, read in two ways, or not closed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_attestation::bundle::MAX_BUNDLE_BYTES;
use proofmark_attestation::verify::FailureCode::*;
use serde_json::{Value, json};

use super::valid::{attach_all, signed};
use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    [forms(), members(), envelopes()]
        .into_iter()
        .flatten()
        .collect()
}

fn forms() -> Vec<Case> {
    let length = bundle().to_json().len();
    vec![
        bad(
            "bundle-of-1-gib",
            "A good bundle, followed by a gibibyte of spaces: nobody may read so much.",
            BundleTooLarge,
        )
        .spaces(1 << 30),
        bad(
            "bundle-one-byte-too-long",
            "A good bundle with white space that makes it one byte too long.",
            BundleTooLarge,
        )
        .spaces((MAX_BUNDLE_BYTES - length + 1) as u64),
        bad("bundle-empty", "There is nothing.", BundleMalformed).bytes(""),
        bad(
            "bundle-not-json",
            "A text that is no JSON.",
            BundleMalformed,
        )
        .bytes("c2sp.org/tlog-proof@v1\n"),
        bad(
            "bundle-truncated",
            "The last byte is missing.",
            BundleMalformed,
        )
        .bytes(&bundle().to_json().as_bytes()[..length - 1]),
        bad(
            "bundle-byte-order-mark",
            "A byte order mark stands before the bundle.",
            BundleMalformed,
        )
        .bytes(format!("\u{feff}{}", bundle().to_json())),
        bad(
            "bundle-trailing-data",
            "A second bundle follows the first.",
            BundleMalformed,
        )
        .bytes(format!("{0}{0}", bundle().to_json())),
        bad(
            "bundle-not-utf-8",
            "A byte of a text is not UTF-8.",
            BundleMalformed,
        )
        .bytes({
            let mut bytes = bundle().to_json().into_bytes();
            let at = bytes
                .windows(8)
                .position(|eight| eight == b"payload\"")
                .expect("a payload");
            bytes[at] = 0xff;
            bytes
        }),
        bad(
            "bundle-depth-bomb",
            "Ten thousand arrays inside each other.",
            BundleMalformed,
        )
        .bytes(format!(
            "{{\"schema\":{}{}}}",
            "[".repeat(10_000),
            "]".repeat(10_000)
        )),
        bad(
            "bundle-list",
            "The bundle is the list of its members' values.",
            BundleMalformed,
        )
        .edit(values_only),
        bad(
            "bundle-envelope-list",
            "The envelope is the list of its members' values.",
            BundleMalformed,
        )
        .edit(|bundle| values_only(&mut bundle["envelope"])),
        bad(
            "bundle-signature-list",
            "A signature is the list of its members' values.",
            BundleMalformed,
        )
        .edit(|bundle| values_only(&mut bundle["envelope"]["signatures"][0])),
        bad(
            "bundle-log-list",
            "The evidence of logging is the list of its members' values.",
            BundleMalformed,
        )
        .edit(|bundle| values_only(&mut bundle["log"])),
        bad(
            "bundle-document-list",
            "A document is the list of its members' values.",
            BundleMalformed,
        )
        .change(|bundle| attach_all(bundle, &WORLD.pass))
        .edit(|bundle| values_only(&mut bundle["documents"][0])),
        bad(
            "bundle-version-2",
            "A bundle of a later version.",
            BundleVersion,
        )
        .replace("example/bundle/v1", "example/bundle/v2"),
        bad(
            "bundle-log-null",
            "The evidence of logging is null.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["log"] = Value::Null),
        bad(
            "bundle-receipts-null",
            "The receipts are null.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["receipts"] = Value::Null),
        bad(
            "bundle-without-schema",
            "The bundle does not say what it is.",
            BundleMalformed,
        )
        .edit(|bundle| {
            bundle.as_object_mut().expect("an object").remove("schema");
        }),
        bad(
            "bundle-without-envelope",
            "The bundle holds no envelope.",
            BundleMalformed,
        )
        .edit(|bundle| {
            bundle
                .as_object_mut()
                .expect("an object")
                .remove("envelope");
        }),
        bad(
            "bundle-receipts-9",
            "More receipts than a bundle may have.",
            BundleMalformed,
        )
        .change(|bundle| bundle.receipts = vec![bundle.receipts[0].clone(); 9]),
    ]
}

fn members() -> Vec<Case> {
    let documents = |case: Case| case.change(|bundle| attach_all(bundle, &WORLD.pass));
    vec![
        bad(
            "duplicate-schema",
            "A member of the bundle occurs twice.",
            BundleDuplicateName,
        )
        .replace("\"schema\":", "\"schema\":\"x\",\"schema\":"),
        bad(
            "duplicate-envelope",
            "The bundle has two envelopes: readers disagree about which counts.",
            BundleDuplicateName,
        )
        .replace(
            "\"envelope\":",
            &format!("\"envelope\":{},\"envelope\":", signed().to_json()),
        ),
        bad(
            "duplicate-payload",
            "The envelope has two payloads.",
            BundleDuplicateName,
        )
        .replace("\"payload\":", "\"payload\":\"e30=\",\"payload\":"),
        bad(
            "duplicate-payload-escaped",
            "The envelope has two payloads, one under an escaped spelling of the name.",
            BundleDuplicateName,
        )
        .replace("\"payload\":", "\"p\\u0061yload\":\"e30=\",\"payload\":"),
        bad(
            "duplicate-signature-member",
            "A signature has two key ids.",
            BundleDuplicateName,
        )
        .replace("\"keyid\":", "\"keyid\":\"\",\"keyid\":"),
        bad(
            "duplicate-log-member",
            "The evidence of logging has two proofs.",
            BundleDuplicateName,
        )
        .replace("\"proof\":", "\"proof\":\"\",\"proof\":"),
        documents(bad(
            "duplicate-document-member",
            "A document has two roles.",
            BundleDuplicateName,
        ))
        .replace("\"role\":", "\"role\":\"record\",\"role\":"),
        bad(
            "duplicate-receipt-member",
            "A receipt has two payloads.",
            BundleDuplicateName,
        )
        .replace("\"receipts\":[{", "\"receipts\":[{\"payload\":\"e30=\","),
        bad(
            "unknown-member",
            "The bundle has a member that nobody knows.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["verified"] = json!(true)),
        bad(
            "unknown-envelope-member",
            "The envelope has a member that nobody knows.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["envelope"]["verdict"] = json!("pass")),
        bad(
            "unknown-signature-member",
            "A signature brings its own certificate.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["envelope"]["signatures"][0]["cert"] = json!("MIIB")),
        bad(
            "unknown-log-member",
            "The evidence of logging brings its own leaf.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["log"]["leaf"] = json!("e30=")),
        documents(bad(
            "unknown-document-member",
            "A document has a member that nobody knows.",
            BundleMalformed,
        ))
        .edit(|bundle| bundle["documents"][0]["url"] = json!("https://attacker.example/")),
        bad(
            "unknown-receipt-member",
            "A receipt has a member that nobody knows.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["receipts"][0]["note"] = json!("x")),
        documents(bad(
            "unknown-document-role",
            "A document in a role that nobody knows.",
            BundleMalformed,
        ))
        .edit(|bundle| bundle["documents"][0]["role"] = json!("policy")),
        bad(
            "log-signers-unsorted",
            "The signers in the leaf are named in another order.",
            BundleMalformed,
        )
        .edit(|bundle| {
            bundle["log"]["signers"]
                .as_array_mut()
                .expect("a list")
                .reverse();
        }),
        bad(
            "log-signers-none",
            "No signer is named in the leaf.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["log"]["signers"] = json!([])),
        bad(
            "log-proof-extra",
            "The log proof carries extra data, which nobody signs.",
            BundleMalformed,
        )
        .replace("\\nindex 3", "\\nextra AAAA\\nindex 3"),
        bad(
            "log-proof-header",
            "The log proof is of another version.",
            BundleMalformed,
        )
        .replace("tlog-proof@v1", "tlog-proof@v2"),
        bad(
            "log-proof-leading-zero",
            "The index of the log proof has a second spelling.",
            BundleMalformed,
        )
        .replace("index 3", "index 03"),
        bad(
            "log-proof-unsigned",
            "The checkpoint has no signature line at all.",
            BundleMalformed,
        )
        .edit(|bundle| {
            let proof = bundle["log"]["proof"].as_str().expect("text");
            let end = proof.find('\u{2014}').expect("a signature line");
            bundle["log"]["proof"] = json!(&proof[..end]);
        }),
        bad(
            "key-id-absent",
            "A signature has no key id; in a bundle each has one.",
            BundleMalformed,
        )
        .edit(|bundle| {
            bundle["envelope"]["signatures"][0]
                .as_object_mut()
                .expect("an object")
                .remove("keyid");
        }),
        bad(
            "key-id-empty",
            "A key id is empty, so that any key might have signed.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["envelope"]["signatures"][0]["keyid"] = json!("")),
        bad(
            "signature-of-a-stranger-too-long",
            "Somebody whom nobody trusts has signed with 513 bytes, which a log would have to keep.",
            EnvelopeMalformed,
        )
        .edit(|bundle| {
            let signatures = bundle["envelope"]["signatures"].as_array_mut();
            let stranger = json!({"keyid": "ee".repeat(32), "sig": STANDARD.encode([7; 513])});
            signatures.expect("a list").push(stranger);
        }),
        bad(
            "key-id-uppercase",
            "A key id has a second spelling.",
            BundleMalformed,
        )
        .edit(|bundle| {
            bundle["envelope"]["signatures"][0]["keyid"] =
                json!(id(ALPHA).to_string().to_uppercase())
        }),
        bad(
            "key-id-path",
            "A key id is a path, to be followed by careless readers.",
            BundleMalformed,
        )
        .edit(|bundle| bundle["envelope"]["signatures"][0]["keyid"] = json!("../../etc/passwd")),
    ]
}

fn envelopes() -> Vec<Case> {
    vec![
        bad(
            "signatures-17",
            "More signatures than an envelope may have: work for the verifier.",
            EnvelopeMalformed,
        )
        .edit(|bundle| {
            let many: Vec<u8> = (100..116).collect();
            let envelope = |keys: &[u8]| json!(sign_payload(outcome().canonical_bytes(), keys));
            bundle["envelope"] = envelope(&many);
            let signatures = bundle["envelope"]["signatures"].as_array_mut();
            let last = envelope(&[116])["signatures"][0].take();
            signatures.expect("a list").push(last);
        }),
        bad(
            "signatures-none",
            "All signatures were stripped.",
            EnvelopeMalformed,
        )
        .edit(|bundle| bundle["envelope"]["signatures"] = json!([])),
        bad(
            "signature-duplicated",
            "One signature stands there twice, to count for two.",
            EnvelopeMalformed,
        )
        .edit(|bundle| {
            let signatures = bundle["envelope"]["signatures"]
                .as_array_mut()
                .expect("a list");
            signatures[1] = signatures[0].clone();
        }),
        bad(
            "payload-base64-mixed",
            "The payload mixes both alphabets of base64.",
            EnvelopeMalformed,
        )
        .edit(|bundle| bundle["envelope"]["payload"] = json!("-_+/")),
        bad(
            "payload-base64-loose-bits",
            "The payload's last base64 digit has bits that say nothing.",
            EnvelopeMalformed,
        )
        .edit(|bundle| bundle["envelope"]["payload"] = json!("e31=")),
        bad(
            "signature-base64-white-space",
            "A line break stands inside a signature.",
            EnvelopeMalformed,
        )
        .edit(|bundle| {
            let sig = bundle["envelope"]["signatures"][0]["sig"]
                .as_str()
                .expect("text");
            bundle["envelope"]["signatures"][0]["sig"] =
                json!(format!("{}\n{}", &sig[..40], &sig[40..]));
        }),
    ]
}

/// An object as the list of its members' values, which careless readers take for it.
fn values_only(value: &mut Value) {
    let members = value.as_object().expect("an object");
    *value = members.values().cloned().collect();
}
