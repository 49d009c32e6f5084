//! A new market: everything that it needs before its first command.

use std::path::Path;
use std::{fmt, fs};

use proofmark_attestation::statement::binding::Term;
use proofmark_core::{Digest, Ppm, Timestamp, uri};
use proofmark_engine::EngineProfile;
use proofmark_keys::{KeyId, SecretKey, Signer as _};
use proofmark_ledger::{Amount, Asset};
use proofmark_market::Rules;
use proofmark_market::reputation::{Prior, ReputationRules};
use proofmark_tlog::NoteKey;
use proofmark_trust::{NewKey, Revision, Role, Window, sign};
use serde_json::json;

use super::{logbook, place, tell};
use crate::commands::Outcome;
use crate::commands::evidence::now;
use crate::failure::{Exit, Failure, chain};
use crate::files::write_atomically;
use crate::printer::Printer;

/// The operator of the market's own engine, in its rules and its policy.
const HOUSE: &str = "house";

/// The operator of the engine that terms may name from the beginning.
const LOCAL: &str = "local";

/// How long the first policy holds: a year, in which its root signs another.
const POLICY_SECONDS: u64 = 366 * 86_400;

/// A market that was made, as it is told.
pub(super) struct Made {
    audience: Term,
    rules: Digest,
    operator: KeyId,
    log: NoteKey,
    engine: KeyId,
    profile: Digest,
}

pub(crate) fn run(
    directory: &Path,
    audience: &Term,
    (asset, window_min_seconds): (Asset, u64),
    printer: &Printer,
) -> Outcome {
    let made = make(directory, audience, (asset, window_min_seconds))?;
    printer.data(
        || {
            let next = format!("next      proofmark market serve {}", directory.display());
            format!("{made}\n{next}")
        },
        || {
            json!({
                "audience": made.audience,
                "rules": made.rules,
                "operator": made.operator,
                "log": made.log.to_string(),
                "engine": made.engine,
                "profile": made.profile,
            })
        },
    );
    Ok(Exit::Done)
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "market    {}\nrules     {}\noperator  {}\nlog       {}\nengine    {} (for the terms)\nprofile   {}",
            self.audience, self.rules, self.operator, self.log, self.engine, self.profile
        )
    }
}

/// Makes a market in a directory that is not there yet.
pub(super) fn make(
    directory: &Path,
    audience: &Term,
    (asset, window_min_seconds): (Asset, u64),
) -> Result<Made, Failure> {
    fs::create_dir(directory).map_err(|error| {
        let why = format!("{} cannot be made: {error}", directory.display());
        Failure::input(
            "no-directory",
            why,
            "name a directory that is not there yet",
        )
    })?;
    let key = |name: &str| -> Result<SecretKey, Failure> {
        let key = proofmark_keystore::generate()?;
        proofmark_keystore::write_new(&directory.join(format!("{name}.pem")), &key, None)?;
        let public = directory.join(format!("{name}.pub.pem"));
        write_atomically(&public, key.public_key().to_pem().as_bytes())?;
        Ok(key)
    };
    let (operator, root, log) = (key("operator")?, key("root")?, key("log")?);
    let log = logbook::key(audience, *log.public_key())?;
    let engines = [(key("house")?, HOUSE), (key("engine")?, LOCAL)];
    key(tell::KEY)?;
    let policy = policy(audience, &root, (&engines, &log), now())?;
    write_atomically(&directory.join("policy.v1.dsse.json"), policy.as_bytes())?;
    let rules = Rules {
        window_min_seconds,
        ..rules(audience, asset, &operator)
    };
    let text = serde_json::to_vec_pretty(&rules).expect("rules are JSON");
    write_atomically(&directory.join("rules.json"), text.as_slice())?;
    let record = directory.join("record.db");
    place::block_on(async {
        let store = proofmark_storage::open(&format!("sqlite:{}", record.display())).await?;
        proofmark_service::found(&*store, &rules).await?;
        store.close().await;
        Ok(())
    })?;
    Ok(Made {
        audience: audience.clone(),
        rules: rules.digest(),
        operator: operator.public_key().id(),
        log,
        engine: engines[1].0.public_key().id(),
        profile: EngineProfile::current().digest(),
    })
}

/// Rules to begin with: a fee of 2.5 % at least and 10 % at most; what they mean is in docs/market.md.
fn rules(audience: &Term, asset: Asset, operator: &SecretKey) -> Rules {
    let share = |ppm| Ppm::new(ppm).expect("a share");
    Rules {
        schema: uri::MARKET_RULES_V1.to_owned(),
        audience: audience.clone(),
        operator: operator.public_key().to_pem(),
        house: HOUSE.to_owned(),
        assets: vec![asset],
        fee_min: share(25_000),
        fee_max: share(100_000),
        exposure_per_fee_ppm: 1_000_000,
        bids_max: 100,
        window_min_seconds: 60,
        reputation: ReputationRules {
            half_life_days: 90,
            fee_reference: Amount::new(25).expect("an amount"),
            counterparty_cap: share(200_000),
            prior: Prior {
                strength_milli: 4_000,
                deliver: share(800_000),
                defect: share(100_000),
            },
        },
    }
}

fn policy(
    audience: &Term,
    root: &SecretKey,
    (engines, log): (&[(SecretKey, &str)], &NoteKey),
    at: Timestamp,
) -> Result<String, Failure> {
    let window = Window {
        valid_from: at,
        valid_until: None,
    };
    let listed = |key: &SecretKey, operator: &str| NewKey {
        key: *key.public_key(),
        operator: operator.to_owned(),
        engine: None,
        window,
    };
    let mut draft = Revision::first(at, at.plus_seconds(POLICY_SECONDS));
    draft.set_audience(Some(audience.to_string()));
    draft.add_key(Role::Root, listed(root, "operator"));
    for (engine, operator) in engines {
        draft.add_key(Role::Outcome, listed(engine, operator));
    }
    draft.add_log(log, window);
    // How many must agree is for the terms to say.
    let one = draft.set_threshold(Role::Outcome, 1, false);
    one.expect("the role has keys");
    let profile = EngineProfile::current();
    draft.add_profile(profile.digest(), profile.name().to_owned(), window);
    let signed = sign(&draft.finish()?, None, None, root).map_err(|error| {
        let hint = "try again, and report it if it stays";
        Failure::environment("policy-unsigned", chain(&error), hint)
    })?;
    Ok(signed.to_json())
}
