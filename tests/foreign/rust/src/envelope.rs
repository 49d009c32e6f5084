//! The crate `dsse`: both engines' signatures, a threshold of two.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dsse::{Ed25519Verifier, Envelope, Verifier, verify as verify_envelope};
use sha2::{Digest as _, Sha256};

use crate::{Failure, Verdict, broken, read, read_text, refused};

/// A DER SubjectPublicKeyInfo of Ed25519 ends in the 32 bytes of the key.
const SPKI_BYTES: usize = 44;

pub fn verify(folder: &Path) -> Verdict {
    let keys = [
        key(folder, "engine-a.pub.pem")?,
        key(folder, "engine-b.pub.pem")?,
    ];
    let keys: Vec<&dyn Verifier> = keys.iter().map(|key| key as &dyn Verifier).collect();
    let envelope = Envelope::from_json(&read(folder, "outcome.dsse.json")?).map_err(refused)?;
    let verified = verify_envelope(&envelope, &keys, 2).map_err(refused)?;
    match verified.payload_type == "application/vnd.in-toto+json" {
        true => Ok(()),
        false => Err(refused("another payload type")),
    }
}

/// Reads a PEM, and computes the key id from it: nothing in the folder says it.
fn key(folder: &Path, name: &str) -> Result<Ed25519Verifier, Failure> {
    let pem = read_text(folder, name)?;
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).map_err(broken)?;
    if der.len() != SPKI_BYTES {
        return Err(broken(format!("{name} is not a key")));
    }
    let key_id = hex::encode(Sha256::digest(&der));
    let key = Ed25519Verifier::from_bytes(&der[SPKI_BYTES - 32..]).map_err(broken)?;
    Ok(key.with_key_id(key_id))
}
