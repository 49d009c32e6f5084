//! The rules of the market on stage, and whom it believes.

use proofmark_core::{Digest, Ppm, Timestamp, uri};
use proofmark_dsse::Envelope;
use proofmark_market::Rules;
use proofmark_market::reputation::{Prior, ReputationRules};
use proofmark_trust::{NewKey, Revision, Role, Window, sign};

use super::{AUDIENCE, Actor, cents, usd};

/// The engine profile of every contract on stage.
pub(super) const PROFILE: &str = "stage-1";

/// Who operates the market's own engine.
pub const HOUSE: &str = "house";

fn share(ppm: u32) -> Ppm {
    Ppm::new(ppm).expect("a share")
}

/// The rules of the market on stage: a fee of 2.5 %, a half-life of 90 days, one unit at risk per unit of fees.
#[must_use]
pub fn rules() -> Rules {
    Rules {
        schema: uri::MARKET_RULES_V1.to_owned(),
        audience: AUDIENCE.parse().expect("a term"),
        operator: Actor::operator().public_key().to_pem(),
        house: HOUSE.to_owned(),
        assets: vec![usd()],
        fee_min: share(5_000),
        fee_max: share(100_000),
        exposure_per_fee_ppm: 1_000_000,
        bids_max: 100,
        window_min_seconds: 60,
        reputation: ReputationRules {
            half_life_days: 90,
            fee_reference: cents(25),
            counterparty_cap: share(200_000),
            prior: Prior {
                strength_milli: 4_000,
                deliver: share(800_000),
                defect: share(100_000),
            },
        },
    }
}

/// The engines of the market: three of different operators, and a second one of the first operator.
#[must_use]
pub fn engines() -> [Actor; 4] {
    ["alpha", "beta", "gamma", "alpha-again"].map(Actor::new)
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn listed(actor: &Actor, operator: &str) -> NewKey {
    NewKey {
        key: actor.public_key(),
        operator: operator.to_owned(),
        engine: None,
        window: Window {
            valid_from: time("2026-01-01T00:00:00Z"),
            valid_until: None,
        },
    }
}

/// The trust policy of the market, in this version, signed by its root.
///
/// # Panics
/// Never: it contradicts nothing.
#[must_use]
pub fn signed_policy(version: u64) -> Vec<u8> {
    signed_policy_with(version, &[])
}

/// The same, with more engines of these operators.
///
/// # Panics
/// If a key is in it twice.
#[must_use]
pub fn signed_policy_with(version: u64, more: &[(Actor, &str)]) -> Vec<u8> {
    let root = Actor::new("root");
    let issued = time("2026-11-01T00:00:00Z");
    let mut revision = Revision::first(issued, time("2036-11-01T00:00:00Z"));
    revision.set_audience(Some(AUDIENCE.to_owned()));
    revision.add_key(Role::Root, listed(&root, "operator"));
    let [alpha, beta, gamma, again] = engines();
    for (engine, operator) in [
        (Actor::house(), HOUSE),
        (alpha, "alpha"),
        (beta, "beta"),
        (gamma, "gamma"),
        (again, "alpha"),
    ]
    .into_iter()
    .chain(more.iter().cloned())
    {
        revision.add_key(Role::Outcome, listed(&engine, operator));
    }
    for role in [Role::Root, Role::Outcome] {
        let set = revision.set_threshold(role, 1, false);
        set.expect("the role has keys");
    }
    let window = Window {
        valid_from: time("2026-01-01T00:00:00Z"),
        valid_until: None,
    };
    revision.add_profile(Digest::of(PROFILE.as_bytes()), PROFILE.to_owned(), window);
    let mut document = revision.finish().expect("in order").document().clone();
    document.version = version;
    let policy = proofmark_trust::Policy::check(document).expect("in order");
    let envelope: Envelope = sign(&policy, None, None, root.secret()).expect("the root signs");
    envelope.to_json().into_bytes()
}
