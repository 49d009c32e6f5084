//! Frozen documents that `proofmark criteria lock` refuses to make: those of validators that misbehave.
//! It tries criteria on nothing first; what somebody else froze need not have been tried.

use std::fs;
use std::path::Path;

use proofmark_core::{Digest, uri};
use proofmark_criteria::Limits;
use serde_json::{Value, json};

/// Writes `criteria.json` into a folder, with one criterion by `component`, and keeps the component in
/// `blobs/` beside it. `change` may change the document before it is written.
pub fn freeze(folder: &Path, component: &[u8], change: impl FnOnce(&mut Value)) {
    let mut document = json!({
        "schema": uri::CRITERIA_V1,
        "name": "trial",
        "criteria": [{
            "name": "first",
            "validator": {
                "digest": Digest::of(component),
                "size_bytes": component.len(),
                "name": "hostile",
                "version": "1.0.0",
            },
            "params": {},
            "checks": ["behaviour"],
            "references": [],
            "required": true,
            "weight": 0,
            "limits": Limits::default(),
        }],
    });
    change(&mut document);
    fs::write(folder.join("criteria.json"), document.to_string()).expect("it is ours");
    keep(folder, component);
}

/// Keeps a blob where `check` looks for it.
pub fn keep(folder: &Path, bytes: &[u8]) {
    let blobs = folder.join("blobs");
    fs::create_dir_all(&blobs).expect("it is ours");
    let name = format!("sha256-{}", Digest::of(bytes).hex());
    fs::write(blobs.join(name), bytes).expect("it is ours");
}
