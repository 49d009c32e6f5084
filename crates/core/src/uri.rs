//! The URIs that name our document formats. One prefix, in one place.

/// Literal form of the prefix, so that `concat!` can build the constants below from it.
macro_rules! prefix {
    () => {
        "https://proofmark.example/"
    };
}

/// What every URI of ours starts with.
pub const URI_PREFIX: &str = prefix!();

/// `schema` member of a locked criteria document.
pub const CRITERIA_V1: &str = concat!(prefix!(), "criteria/v1");

/// `$id` of the schema of the authoring form of criteria.
pub const CRITERIA_DRAFT_V1: &str = concat!(prefix!(), "criteria-draft/v1");

/// `schema` member of a submission manifest.
pub const SUBMISSION_V1: &str = concat!(prefix!(), "submission/v1");

/// `schema` member of a verdict record.
pub const VERDICT_RECORD_V1: &str = concat!(prefix!(), "verdict-record/v1");

/// `predicateType` of a signed outcome: what the validators said, and nothing that depends on who ran them.
pub const VALIDATED_OUTCOME_V1: &str = concat!(prefix!(), "attestation/validated-outcome/v1");

/// `predicateType` of a signed receipt: who ran the validators, when, and at what cost.
pub const RUN_RECEIPT_V1: &str = concat!(prefix!(), "attestation/run-receipt/v1");

/// `schema` member of a bundle.
pub const BUNDLE_V1: &str = concat!(prefix!(), "bundle/v1");

/// `schema` member of a proof that one key signed two results of one run.
pub const FRAUD_PROOF_V1: &str = concat!(prefix!(), "fraud-proof/v1");

/// `schema` member of a trust policy.
pub const TRUST_POLICY_V1: &str = concat!(prefix!(), "trust-policy/v1");

/// `schema` member of the terms of an RFQ.
pub const TERMS_V1: &str = concat!(prefix!(), "terms/v1");

/// `schema` member of what the digest of an award covers.
pub const AWARD_V1: &str = concat!(prefix!(), "award/v1");

/// `schema` member of a command to a market.
pub const COMMAND_V1: &str = concat!(prefix!(), "command/v1");

/// `schema` member of a ticket for bytes.
pub const TICKET_V1: &str = concat!(prefix!(), "ticket/v1");

/// `schema` member of the rules of a market.
pub const MARKET_RULES_V1: &str = concat!(prefix!(), "market-rules/v1");

/// What the URI of an engine profile starts with; its name follows.
pub const PROFILE: &str = concat!(prefix!(), "profile/");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_uri_starts_with_the_prefix() {
        for uri in [
            CRITERIA_V1,
            CRITERIA_DRAFT_V1,
            SUBMISSION_V1,
            VERDICT_RECORD_V1,
            VALIDATED_OUTCOME_V1,
            RUN_RECEIPT_V1,
            BUNDLE_V1,
            FRAUD_PROOF_V1,
            TRUST_POLICY_V1,
            TERMS_V1,
            COMMAND_V1,
            TICKET_V1,
            AWARD_V1,
            MARKET_RULES_V1,
            PROFILE,
        ] {
            assert!(uri.starts_with(URI_PREFIX), "{uri}");
        }
    }
}
