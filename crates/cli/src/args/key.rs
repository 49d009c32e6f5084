//! `key`.

use std::path::PathBuf;

use clap::Subcommand;
use proofmark_tlog::KeyName;

/// `proofmark key …`
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key: the private half in FILE, which nobody else may read, and the public half beside it.
    New {
        /// Where to write it; a name that ends in .pem as a rule.
        file: PathBuf,
        /// Encrypt it with the passphrase in PROOFMARK_KEY_PASSPHRASE, or in the file that
        /// PROOFMARK_KEY_PASSPHRASE_FILE names.
        #[arg(long)]
        encrypt: bool,
    },
    /// Show the public half of a key in the forms that others read.
    Show {
        /// A private or public key (PEM).
        file: PathBuf,
        /// Also as the key of the log with this origin.
        #[arg(long, value_name = "ORIGIN")]
        log: Option<KeyName>,
        /// Also as the key of the witness with this name.
        #[arg(long, value_name = "NAME")]
        witness: Option<KeyName>,
    },
    /// Take over a private key that another tool made: PKCS#8 as PEM or DER, also encrypted, or a seed of 32
    /// bytes or 64 hexadecimal digits.
    Import {
        /// The key as it is.
        from: PathBuf,
        /// Where to write it.
        to: PathBuf,
        /// Encrypt it, as of `key new`.
        #[arg(long)]
        encrypt: bool,
    },
}
