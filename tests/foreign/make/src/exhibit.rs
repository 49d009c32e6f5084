//! What the clients verify.

use std::path::Path;

use proofmark_attestation::{Bundle, export, leaf};
use proofmark_core::{Digest, canonical};
use proofmark_dsse::Envelope;
use proofmark_keys::{SecretKey, Signer as _, sign};
use serde_json::json;

use crate::log::Log;
use crate::{Outcome, write};

/// The type of every in-toto statement.
const IN_TOTO: &str = "application/vnd.in-toto+json";

/// More than one full tile, and a partial one.
const LOG_SIZE: u64 = 300;

/// Where the envelope stands in the log: in the partial tile.
const INDEX: u64 = 271;

/// Two engines sign one statement; the envelope is logged, and a witness has seen the log.
pub fn make(to: &Path) -> Outcome {
    let engines = [
        SecretKey::from_seed(&[1; 32]),
        SecretKey::from_seed(&[2; 32]),
    ];
    let envelope = envelope(&engines)?;
    let bundle = Bundle::of(envelope.clone());
    write(&to.join("outcome.dsse.json"), envelope.to_json())?;
    write(
        &to.join("outcome.intoto.jsonl"),
        export::intoto_jsonl(&bundle),
    )?;
    for (number, sigstore) in export::sigstore(&bundle).iter().enumerate() {
        write(
            &to.join(format!("outcome.{}.sigstore.json", number + 1)),
            sigstore.to_string(),
        )?;
    }
    for (name, engine) in ["a", "b"].iter().zip(&engines) {
        write(
            &to.join(format!("engine-{name}.pub.pem")),
            engine.public_key().to_pem(),
        )?;
    }
    write_log(to, &envelope)
}

fn envelope(engines: &[SecretKey]) -> Outcome<Envelope> {
    let mut envelope = Envelope::unsigned(IN_TOTO, statement()?);
    for engine in engines {
        let signature = sign(engine, &envelope.pae())?;
        envelope.attach(engine.public_key().id(), &signature).expect("there is room");
    }
    Ok(envelope)
}

/// The smallest statement, with a letter that has two bytes.
fn statement() -> Outcome<Vec<u8>> {
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "predicate": {"note": "évidence", "verdict": "pass"},
        "predicateType": "https://proofmark.example/foreign-test/v1",
        "subject": [{
            "digest": {"sha256": hex::encode(Digest::of(b"submission").as_bytes())},
            "name": "submission",
        }],
    });
    Ok(canonical::to_bytes(&statement)?)
}

fn write_log(to: &Path, envelope: &Envelope) -> Outcome {
    let (log, witness) = (
        SecretKey::from_seed(&[3; 32]),
        SecretKey::from_seed(&[4; 32]),
    );
    let signers: Vec<_> = envelope
        .signatures()
        .iter()
        .filter_map(|one| one.key_id)
        .collect();
    let leaf = leaf(envelope, &signers).ok_or("both engines signed")?;
    let entries = (0..LOG_SIZE).map(|index| match index {
        INDEX => leaf.clone(),
        other => format!("another entry: {other}").into_bytes(),
    });
    let log = Log::new("log.example/outcomes", &log, &witness, entries.collect())?;
    log.write(&to.join("log"))?;
    write(
        &to.join("outcome.tlog-proof"),
        log.prove(INDEX)?.to_string(),
    )?;
    write(&to.join("log.vkey"), format!("{}\n", log.key))?;
    write(&to.join("witness.vkey"), format!("{}\n", log.witness))
}
