//! The keys of a policy in the forms that other tools read. These forms know no thresholds and few know
//! windows: they are for looking things up, and the signed policy alone decides.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proofmark_core::Timestamp;
use proofmark_keys::PublicKey;
use proofmark_tlog::policy as tlog;
use serde_json::{Value, json};

use crate::{Policy, Role, Standing, TrustedKey};

/// A key as a JSON Web Key (RFC 8037 §2). `alg` is `EdDSA`, which all readers know; RFC 9864 renames it to
/// `Ed25519`, which few know yet.
#[must_use]
pub fn jwk(key: &PublicKey) -> Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": URL_SAFE_NO_PAD.encode(key.as_bytes()),
        "kid": key.id().to_string(),
        "use": "sig",
        "alg": "EdDSA",
    })
}

/// The keys of a role as a JSON Web Key Set (RFC 7517 §5), without revoked ones: the form cannot say when
/// a key counts.
#[must_use]
pub fn jwks(policy: &Policy, role: Role) -> Value {
    let keys: Vec<_> = current(policy, role).map(|key| jwk(&key.key)).collect();
    json!({ "keys": keys })
}

/// The keys of a role as PEM, without revoked ones, each below its operator and id. Readers of PEM skip
/// what stands between.
#[must_use]
pub fn pem(policy: &Policy, role: Role) -> String {
    let blocks = current(policy, role).map(|key| {
        let (operator, id, pem) = (&key.operator, key.key.id(), key.key.to_pem());
        format!("# {operator} {id}\n{pem}")
    });
    blocks.collect()
}

fn current(policy: &Policy, role: Role) -> impl Iterator<Item = &TrustedKey> {
    policy.keys_of(role).filter(|key| key.revoked.is_none())
}

/// The namespace under which `ssh-keygen -Y` signs for a role.
#[must_use]
pub fn ssh_namespace(role: Role) -> String {
    format!("{}@proofmark", role.name())
}

/// The keys of a role as lines of an OpenSSH `allowed_signers` file (ssh-keygen(1)): the operator is the
/// principal, and a window ends where a revocation takes effect. OpenSSH knows whole seconds.
#[must_use]
pub fn allowed_signers(policy: &Policy, role: Role) -> String {
    policy
        .keys_of(role)
        .map(|key| allowed_signer(key, role))
        .collect()
}

fn allowed_signer(key: &TrustedKey, role: Role) -> String {
    let mut options = vec![
        format!("namespaces=\"{}\"", ssh_namespace(role)),
        format!("valid-after=\"{}\"", ssh_time(key.window.valid_from)),
    ];
    let revoked = key.revoked.map(|revoked| revoked.effective_at);
    let ends = [key.window.valid_until, revoked];
    if let Some(end) = ends.into_iter().flatten().min() {
        options.push(format!("valid-before=\"{}\"", ssh_time(end)));
    }
    let (operator, blob, id) = (&key.operator, ssh_blob(&key.key), key.key.id());
    let options = options.join(",");
    format!("{operator} {options} ssh-ed25519 {blob} {id}\n")
}

/// `20261126183000Z`.
fn ssh_time(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = text.split(['.', 'Z']).next().unwrap_or_default();
    let digits: String = seconds.chars().filter(char::is_ascii_digit).collect();
    digits + "Z"
}

/// The key in the wire format of RFC 8709 §4, in base64.
#[must_use]
pub fn ssh_blob(key: &PublicKey) -> String {
    let name = b"ssh-ed25519";
    let mut blob = vec![0, 0, 0, 11];
    blob.extend_from_slice(name);
    blob.extend_from_slice(&[0, 0, 0, 32]);
    blob.extend_from_slice(key.as_bytes());
    STANDARD.encode(blob)
}

/// The logs and witnesses that count at `now`, as a C2SP tlog-policy. Several witnesses of one operator form
/// a group of which any is enough, so that an operator counts once.
///
/// # Errors
/// Where fewer operators than the quorum count now: the form cannot say that nothing is enough.
pub fn tlog_policy(policy: &Policy, now: Timestamp) -> Result<String, tlog::PolicyError> {
    let transparency = policy.transparency();
    let logs = transparency.logs.iter();
    let logs = logs
        .filter(|log| log.window.contains(now))
        .map(|log| tlog::LogLine {
            key: log.key.clone(),
            url: None,
        });
    let mut witnesses = Vec::new();
    let mut operators: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (at, witness) in transparency.witnesses.iter().enumerate() {
        if witness.standing(now) == Standing::Good {
            let name = format!("w{}", at + 1);
            operators
                .entry(&witness.operator)
                .or_default()
                .push(name.clone());
            witnesses.push(tlog::WitnessLine {
                name,
                key: witness.key.clone(),
                url: None,
            });
        }
    }
    let (groups, quorum) = quorum(transparency.quorum, operators);
    tlog::Policy::new(logs.collect(), witnesses, groups, quorum).map(|policy| policy.to_string())
}

/// The groups, and the name of the one that must agree. Groups of groups, and a witness alone is none.
fn quorum(
    quorum: u32,
    operators: BTreeMap<&str, Vec<String>>,
) -> (Vec<tlog::Group>, Option<String>) {
    if quorum == 0 {
        return (Vec::new(), None);
    }
    let mut groups = Vec::new();
    let mut members = Vec::new();
    for (operator, mut witnesses) in operators {
        if witnesses.len() == 1 {
            members.append(&mut witnesses);
        } else {
            let name = format!("operator-{operator}");
            members.push(name.clone());
            groups.push(tlog::Group {
                name,
                threshold: 1,
                members: witnesses,
            });
        }
    }
    groups.push(tlog::Group {
        name: "quorum".to_owned(),
        threshold: quorum as usize,
        members,
    });
    (groups, Some("quorum".to_owned()))
}
