//! `proofmark key …`

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use proofmark_keys::{PublicKey, SecretKey, Signer as _};
use proofmark_keystore::{KeystoreError, Passphrase, generate, import, read_public, write_new};
use proofmark_tlog::{KeyName, NoteKey};
use proofmark_trust::export;
use serde_json::{Value, json};

use super::Outcome;
use crate::args::Key;
use crate::failure::{Exit, Failure, chain};
use crate::printer::Printer;

pub(crate) fn run(command: &Key, printer: &Printer) -> Outcome {
    match command {
        Key::New { file, encrypt } => {
            let passphrase = passphrase(*encrypt)?;
            keep(file, &generate()?, passphrase.as_ref(), printer)
        }
        Key::Show { file, log, witness } => show(file, log.as_ref(), witness.as_ref(), printer),
        Key::Import { from, to, encrypt } => {
            let key = import(from, Passphrase::from_environment()?.as_ref())?;
            let passphrase = passphrase(*encrypt)?;
            keep(to, &key, passphrase.as_ref(), printer)
        }
    }
}

/// With what to encrypt, if that is asked for.
fn passphrase(encrypt: bool) -> Result<Option<Passphrase>, Failure> {
    if !encrypt {
        return Ok(None);
    }
    let passphrase = Passphrase::from_environment()?;
    Ok(Some(passphrase.ok_or(KeystoreError::PassphraseMissing)?))
}

/// Both halves; the private one first, because the other follows from it.
fn keep(
    file: &Path,
    key: &SecretKey,
    passphrase: Option<&Passphrase>,
    printer: &Printer,
) -> Outcome {
    let public = file.with_extension("pub.pem");
    if public.exists() {
        return Err(KeystoreError::Exists(public).into());
    }
    write_new(file, key, passphrase)?;
    write_public(&public, key.public_key())?;
    let id = key.public_key().id();
    printer.data(
        || {
            format!(
                "private  {}\npublic   {}\nkey      {id}",
                file.display(),
                public.display()
            )
        },
        || json!({ "private": file, "public": public, "keyId": id }),
    );
    Ok(Exit::Done)
}

fn write_public(path: &PathBuf, key: &PublicKey) -> Result<(), Failure> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(key.to_pem().as_bytes()))
        .map_err(|error| Failure::unwritable(path, &error))
}

fn show(
    file: &Path,
    log: Option<&KeyName>,
    witness: Option<&KeyName>,
    printer: &Printer,
) -> Outcome {
    let key = read_public(file, Passphrase::from_environment()?.as_ref())?;
    let log = log.map(|name| NoteKey::log(name.clone(), key).to_string());
    let witness = witness.map(|name| NoteKey::witness(name.clone(), key).to_string());
    printer.data(
        || text(&key, log.as_deref(), witness.as_deref()),
        || {
            let mut value = json!({
                "keyId": key.id(),
                "pem": key.to_pem(),
                "jwk": export::jwk(&key),
                "ssh": ssh(&key),
            });
            for (name, vkey) in [("log", &log), ("witness", &witness)] {
                if let Some(vkey) = vkey {
                    value[name] = Value::from(vkey.as_str());
                }
            }
            value
        },
    );
    Ok(Exit::Done)
}

fn text(key: &PublicKey, log: Option<&str>, witness: Option<&str>) -> String {
    let mut lines = vec![
        format!("key      {}", key.id()),
        format!("jwk      {}", export::jwk(key)),
        format!("ssh      {}", ssh(key)),
    ];
    lines.extend(log.map(|vkey| format!("log      {vkey}")));
    lines.extend(witness.map(|vkey| format!("witness  {vkey}")));
    lines.join("\n") + "\n" + &key.to_pem()
}

fn ssh(key: &PublicKey) -> String {
    format!("ssh-ed25519 {}", export::ssh_blob(key))
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Self {
        let (code, text, hint) = (error.code(), chain(&error), error.hint());
        match error {
            KeystoreError::Unwritable { .. } | KeystoreError::Randomness(_) => {
                Self::environment(code, text, hint)
            }
            _ => Self::input(code, text, hint),
        }
    }
}
