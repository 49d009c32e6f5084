//! `policy new`, and all that changes one.

use std::path::Path;

use proofmark_core::Timestamp;
use proofmark_engine::judge::current_profile;
use proofmark_keys::KeyId;
use proofmark_keystore::read_public;
use proofmark_tlog::NoteKey;
use proofmark_trust::{EditError, Listed, NewKey, PolicyDocument, Revision, Role, Window};
use serde_json::json;

use super::{file, moment};
use crate::args::{NewPolicy, RoleArg, Settings, WindowArgs};
use crate::commands::Outcome;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

/// How long a policy is believed unless its author says otherwise: 180 days, in seconds.
const LIFE_SECONDS: u64 = 180 * 86_400;

/// `proofmark policy new`
pub(super) fn begin(new: &NewPolicy, printer: &Printer) -> Outcome {
    let path = &new.file;
    if path.exists() {
        let hint = "name another file";
        let failure = Failure::input("would-replace", "there is a file already", hint);
        return Err(failure.about(path.display()));
    }
    let now = moment(new.when);
    let expires = new
        .expires
        .unwrap_or_else(|| now.plus_seconds(LIFE_SECONDS));
    let mut revision = Revision::first(now, expires);
    revision.set_audience(new.audience.clone());
    for pair in &new.root {
        let (operator, key) = pair
            .split_once('=')
            .ok_or_else(|| malformed(pair, "OPERATOR=KEY"))?;
        let window = Window {
            valid_from: now,
            valid_until: None,
        };
        revision.add_key(Role::Root, new_key(Path::new(key), operator, None, window)?);
    }
    let all = u32::try_from(new.root.len()).unwrap_or(u32::MAX);
    let threshold = new
        .threshold
        .unwrap_or_else(|| all.saturating_sub(1).max(1));
    revision.set_threshold(Role::Root, threshold, false)?;
    finish(path, revision, printer)
}

/// One change. The first one after signing begins the next version.
pub(super) fn change(
    path: &Path,
    now: Timestamp,
    printer: &Printer,
    step: impl FnOnce(&mut Revision) -> Result<(), Failure>,
) -> Outcome {
    let policy = file::written(path)?;
    let mut revision = match file::signed(path, policy.version()).exists() {
        true => Revision::next(&policy, now),
        false => Revision::again(&policy, now),
    };
    step(&mut revision).map_err(|failure| failure.about(path.display()))?;
    finish(path, revision, printer)
}

fn finish(path: &Path, revision: Revision, printer: &Printer) -> Outcome {
    let policy = revision
        .finish()
        .map_err(|problems| file::refused(path, problems))?;
    file::write(path, &policy)?;
    let (version, digest) = (policy.version(), policy.digest());
    printer.data(
        || format!("{} version {version} {digest}", path.display()),
        || json!({ "file": path, "version": version, "digest": digest }),
    );
    Ok(Exit::Done)
}

pub(super) fn new_key(
    file: &Path,
    operator: &str,
    engine: Option<String>,
    window: Window,
) -> Result<NewKey, Failure> {
    Ok(NewKey {
        key: read_public(file, None)?,
        operator: operator.to_owned(),
        engine,
        window,
    })
}

pub(super) fn window_of(window: &WindowArgs) -> Window {
    Window {
        valid_from: window.from.unwrap_or_else(|| moment(window.when)),
        valid_until: window.until,
    }
}

pub(super) fn add_profile(
    revision: &mut Revision,
    profile: Option<&str>,
    window: Window,
) -> Result<(), Failure> {
    let (name, digest) = match profile {
        None => {
            let own = current_profile();
            (own.name, own.digest)
        }
        Some(pair) => {
            let parts = pair.split_once('=');
            let parts =
                parts.and_then(|(name, digest)| Some((name.to_owned(), digest.parse().ok()?)));
            parts.ok_or_else(|| malformed(pair, "NAME=sha256:…"))?
        }
    };
    revision.add_profile(digest, name, window);
    Ok(())
}

pub(super) fn set(revision: &mut Revision, settings: &Settings) -> Result<(), Failure> {
    for text in &settings.threshold {
        let (role, threshold, distinct) = threshold(text)?;
        revision.set_threshold(role, threshold, distinct)?;
    }
    let transparency = &revision.document().transparency;
    let required = settings.require_log.unwrap_or(transparency.required);
    let quorum = settings.quorum.unwrap_or(transparency.quorum);
    revision.set_transparency(required, quorum);
    let mut time = revision.time();
    time.max_age_seconds = settings.max_age.unwrap_or(time.max_age_seconds);
    time.max_clock_skew_seconds = settings.max_skew.unwrap_or(time.max_clock_skew_seconds);
    revision.set_time(time);
    if let Some(expires) = settings.expires {
        revision.set_expiry(expires);
    }
    Ok(())
}

/// `outcome=2,distinct`
fn threshold(text: &str) -> Result<(Role, u32, bool), Failure> {
    let parse = || {
        let (role, rest) = text.split_once('=')?;
        let role: RoleArg = clap::ValueEnum::from_str(role, false).ok()?;
        let number = rest.strip_suffix(",distinct").unwrap_or(rest);
        Some((role.into(), number.parse().ok()?, number != rest))
    };
    parse().ok_or_else(|| malformed(text, "ROLE=NUMBER[,distinct]"))
}

/// An id, the vkey of a witness, or a file with the key.
pub(super) fn key_id(text: &str) -> Result<KeyId, Failure> {
    let file = Path::new(text);
    if let Ok(key) = text.parse::<NoteKey>() {
        return Ok(key.public().id());
    }
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) if file.exists() => Ok(read_public(file, None)?.id()),
        Err(_) => Err(Failure::input(
            "key-unknown",
            format!("`{text}` is neither a key id nor a vkey nor a file"),
            "give the id or the vkey, as `proofmark policy show` lists them, or a file with the public key",
        )),
    }
}

/// A log by its vkey, a profile by its name with `profile:` before it, or a key or witness as of [`key_id`].
pub(super) fn listed(text: &str, policy: &PolicyDocument) -> Result<Listed, Failure> {
    if let Some(name) = text.strip_prefix("profile:") {
        return Ok(Listed::Profile(name.to_owned()));
    }
    match text.parse::<NoteKey>() {
        Ok(key) if policy.transparency.logs.iter().any(|log| log.key == text) => {
            Ok(Listed::Log(Box::new(key)))
        }
        _ => key_id(text).map(Listed::Key),
    }
}

fn malformed(text: &str, form: &str) -> Failure {
    Failure::input(
        "argument-malformed",
        format!("`{text}` is not {form}"),
        "see --help",
    )
}

impl From<EditError> for Failure {
    fn from(error: EditError) -> Self {
        let hint = match &error {
            EditError::WeakerRevocation { .. } => {
                "leave it; if that revocation was a mistake, say --correct, and whoever signs the next version is warned"
            }
            EditError::UnknownKey(_) | EditError::Unlisted(_) | EditError::EmptyRole(_) => {
                "see what there is: proofmark policy show"
            }
        };
        Self::input(error.code(), error, hint)
    }
}
