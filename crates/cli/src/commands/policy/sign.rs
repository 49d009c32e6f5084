//! `proofmark policy sign`

use std::path::{Path, PathBuf};

use proofmark_core::{Digest, Timestamp};
use proofmark_dsse::Envelope;
use proofmark_trust::{
    Policy, PolicyError, PolicySignError, Progress, Role, Root, lint, progress, sign, weaker,
};
use serde_json::{Value, json};

use super::file;
use crate::commands::Outcome;
use crate::failure::{Exit, Failure, chain};
use crate::files::write_atomically;
use crate::printer::Printer;
use crate::signers;

/// So many versions back the one before is looked for.
const MAX_SKIPPED: usize = 1000;

pub(super) fn run(
    path: &Path,
    keys: &[String],
    merge: &[PathBuf],
    previous: Option<&Path>,
    now: Timestamp,
    printer: &Printer,
) -> Outcome {
    let policy = file::written(path)?;
    let previous = previous_of(path, &policy, previous)?;
    let to = file::signed(path, policy.version());
    let mut envelope = match to.exists() {
        true => Some(envelope_of(&to, policy.digest())?),
        false => None,
    };
    for other in merge {
        let theirs = envelope_of(other, policy.digest())?;
        refuse_broken(&policy, previous.as_ref(), &theirs)
            .map_err(|failure| failure.about(other.display()))?;
        let mut ours = envelope.unwrap_or_else(|| policy.envelope());
        ours.merge(&theirs).map_err(|error| {
            let hint = "get it again from whoever signed it";
            Failure::input("policy-merge", error, hint).about(other.display())
        })?;
        envelope = Some(ours);
    }
    for key in keys {
        let signer = signers::open(key)?;
        envelope = Some(sign(&policy, previous.as_ref(), envelope, &*signer)?);
    }
    let envelope = envelope.unwrap_or_else(|| policy.envelope());
    warn(&policy, previous.as_ref(), now, printer);
    write_atomically(&to, (envelope.to_json() + "\n").as_bytes())?;
    say(
        &to,
        &policy,
        &progress(&policy, previous.as_ref(), &envelope, now),
        printer,
    );
    if policy.version() > 1 && previous.is_none() {
        printer.warn(
            "no older version is here: name it with --previous, whose root must sign too, and what it refuses \
             may count again",
        );
    }
    Ok(Exit::Done)
}

/// What had better be seen before anybody gets the signature: each thing that counts again, and how much else.
fn warn(policy: &Policy, previous: Option<&Policy>, now: Timestamp, printer: &Printer) {
    for warning in previous
        .iter()
        .flat_map(|previous| weaker(policy, previous))
    {
        let place = warning.pointer.as_deref().unwrap_or_default();
        printer.warn(format!("{place}: {} [{}]", warning.message, warning.code));
    }
    match lint(policy, now).len() {
        0 => {}
        count => printer.note(format!("{count} warning(s): proofmark policy lint")),
    }
}

/// One signature of a root key that does not verify, and nobody believes the whole.
fn refuse_broken(
    policy: &Policy,
    previous: Option<&Policy>,
    envelope: &Envelope,
) -> Result<(), Failure> {
    let roots = std::iter::once(policy).chain(previous);
    let keys = roots
        .flat_map(|policy| policy.keys_of(Role::Root))
        .map(|key| &key.key);
    match envelope.tally(keys).invalid.first() {
        None => Ok(()),
        Some(key) => {
            let error = PolicyError::Signature(*key);
            Err(Failure::input(error.code(), &error, error.hint()))
        }
    }
}

/// The policy whose root must sign too: the one that was named, or else the newest older version that lies there.
fn previous_of(
    path: &Path,
    policy: &Policy,
    named: Option<&Path>,
) -> Result<Option<Policy>, Failure> {
    let older = (1..policy.version()).rev().take(MAX_SKIPPED);
    let found = match named {
        Some(named) => Some(named.to_owned()),
        None => older
            .map(|version| file::signed(path, version))
            .find(|file| file.exists()),
    };
    found
        .map(|found| Ok(file::read(&found)?.policy))
        .transpose()
}

/// The signatures so far, of this very policy.
fn envelope_of(path: &Path, expected: Digest) -> Result<Envelope, Failure> {
    let read = file::read(path)?;
    match read.envelope {
        Some(envelope) if read.policy.digest() == expected => Ok(envelope),
        Some(_) => Err(PolicySignError::OtherPolicy {
            expected,
            found: read.policy.digest(),
        }
        .into()),
        None => {
            let hint = "name a file that `proofmark policy sign` wrote";
            Err(Failure::input(
                "policy-not-signed",
                "this policy is not signed",
                hint,
            ))
        }
    }
    .map_err(|failure: Failure| failure.about(path.display()))
}

fn say(to: &Path, policy: &Policy, roots: &[Progress], printer: &Printer) {
    let (version, digest) = (policy.version(), policy.digest());
    printer.data(
        || {
            let lines = roots.iter().map(line);
            let head = format!("{} version {version} {digest}", to.display());
            std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
        },
        || {
            let roots: Vec<Value> = roots.iter().map(to_json).collect();
            let complete = roots.iter().all(|root| root["enough"] == true);
            json!({ "file": to, "version": version, "digest": digest, "complete": complete, "roots": roots })
        },
    );
}

/// How far the signatures of a root are, for people.
pub(super) fn line(progress: &Progress) -> String {
    let sign = if progress.is_enough() { "ok" } else { "--" };
    let Progress {
        root,
        valid,
        threshold,
    } = progress;
    format!("{sign} {valid} of {root} signed, {threshold} must")
}

/// The same for programs.
pub(super) fn to_json(progress: &Progress) -> Value {
    let root = match progress.root {
        Root::Own => "own",
        Root::Remembered => "previous",
    };
    json!({
        "root": root,
        "valid": progress.valid,
        "threshold": progress.threshold,
        "enough": progress.is_enough(),
    })
}

impl From<PolicySignError> for Failure {
    fn from(error: PolicySignError) -> Self {
        let (code, text) = (error.code(), chain(&error));
        match error {
            PolicySignError::NotRoot(_) => {
                Self::input(code, text, "sign with a root key: proofmark policy show")
            }
            PolicySignError::OtherPolicy { .. } => Self::input(
                code,
                text,
                "the written policy is not the one that was signed; get the same one, or change it once more",
            ),
            PolicySignError::Full(_) => {
                Self::input(code, text, "name fewer root keys: proofmark policy retire")
            }
            PolicySignError::Sign(_) => Self::environment(
                code,
                text,
                "this says nothing about the policy; look after the signer",
            ),
        }
    }
}
