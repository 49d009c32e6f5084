//! Where the documents are.

use serde::Deserialize;

/// The parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// Path of the decision in the submission.
    pub decision: String,
    /// Name of the reference file with the claim.
    pub claim: String,
    /// Name of the reference file with the rules.
    pub rules: String,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            decision: "decision.json".to_owned(),
            claim: "claim.json".to_owned(),
            rules: "rules.json".to_owned(),
        }
    }
}
