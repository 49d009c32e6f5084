//! What the buyers of the demo agree to: windows of seconds, so that nobody waits long.

use proofmark_core::Digest;
use serde_json::{Value, json};

use super::fair::Fair;

/// By what the work is judged, and by what that which comes later.
pub(super) struct Agreed {
    /// Of the delivery.
    pub(super) criteria: Digest,
    /// Of what an oracle states.
    pub(super) warranty: Digest,
}

/// Terms of a purchase: sealed bids and second prices, two attempts, a fifth held back, a warranty of some seconds.
pub(super) fn sealed(fair: &Fair, class: &str, agreed: &Agreed, oracle: &str) -> Value {
    json!({
        "schema": proofmark_core::uri::TERMS_V1,
        "outcome_class": class,
        "asset": "USD/2",
        "milestones": [{ "deliverable": "m1", "criteria": agreed.criteria, "share": 1_000_000 }],
        "engines": { "keys": [fair.engine], "threshold": 1, "profile": fair.profile },
        "award": { "rule": "second_score", "bids": "sealed", "price_ceiling": 5_000 },
        "attempts": 2,
        "holdback": 200_000,
        "windows": {
            "bidding_seconds": 3, "reveal_seconds": 3, "award_seconds": 60, "delivery_seconds": 30, "retry_seconds": 30,
            "verification_seconds": 30, "challenge_seconds": 30, "rerun_seconds": 30,
        },
        "bonds": { "bid": 50, "performance": 500, "challenge": 60 },
        "fees": { "market": 25_000, "verification": 2 },
        "penalties": {
            "cancelled_rfq": 0, "cancelled": 200_000, "rejected": 100_000, "resigned": 50_000, "defaulted": 500_000,
            "to_buyer": 500_000,
        },
        "losses": { "fail": 800, "defect": 2_000 },
        "warranty": {
            "warranty_seconds": 6, "evidence_seconds": 5, "evidence_max": 1, "cure_seconds": 5,
            "oracles": [fair.party(oracle)], "criteria": agreed.warranty, "clawback": [{ "after_seconds": 0, "share": 1_000_000 }],
        },
    })
}

/// The same with open bids: the lowest total price wins, and is paid what it asks.
pub(super) fn open(fair: &Fair, class: &str, agreed: &Agreed, oracle: &str) -> Value {
    let mut terms = sealed(fair, class, agreed, oracle);
    terms["award"] = json!({ "rule": "first_score", "bids": "open", "price_ceiling": 5_000 });
    let windows = terms["windows"].as_object_mut();
    windows.expect("windows").remove("reveal_seconds");
    terms
}
