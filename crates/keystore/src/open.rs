//! The signer that a text names.

use std::path::Path;
use std::time::Duration;

use proofmark_keys::Signer;

use crate::{CommandSigner, KeystoreError, Passphrase, read, read_public};

/// What the name of a program begins with.
pub const EXEC_PREFIX: &str = "exec:";

/// How long a program may take to sign: key services answer within seconds, and somebody may have to touch
/// a token.
pub const SIGNER_TIMEOUT: Duration = Duration::from_secs(60);

/// The signer that `spec` names: the path of a private key, or `exec:PUBLIC_KEY_FILE PROGRAM [ARGUMENT…]`,
/// separated by single spaces. There is no shell and no quoting; what needs either is a script. A path that
/// begins with `exec:` is written `./exec:…`. Passphrases come from the environment.
///
/// # Errors
/// [`KeystoreError`]. A program is not started before it is to sign.
pub fn open(spec: &str) -> Result<Box<dyn Signer>, KeystoreError> {
    match spec.strip_prefix(EXEC_PREFIX) {
        Some(command) => Ok(Box::new(command_signer(command, spec)?)),
        None => {
            let passphrase = Passphrase::from_environment()?;
            Ok(Box::new(read(Path::new(spec), passphrase.as_ref())?))
        }
    }
}

fn command_signer(command: &str, spec: &str) -> Result<CommandSigner, KeystoreError> {
    let mut words = command.split(' ').map(str::to_owned);
    let (Some(public), Some(program)) = (words.next(), words.next()) else {
        return Err(KeystoreError::Spec(spec.to_owned()));
    };
    if public.is_empty() || program.is_empty() {
        return Err(KeystoreError::Spec(spec.to_owned()));
    }
    let key = read_public(Path::new(&public), None)?;
    Ok(CommandSigner::new(
        key,
        program,
        words.collect(),
        SIGNER_TIMEOUT,
    ))
}
