//! Private keys in files, and signers outside the process.
//!
//! In scope: making, keeping, reading and importing private keys; asking a program to sign. Out of scope:
//! what is signed (`proofmark-dsse`, `proofmark-tlog`), and whose key counts (`proofmark-trust`).
//!
//! A signer is named by a text, see [`open`]:
//!
//! | text | signer |
//! |---|---|
//! | `engine.pem` | the private key in this file; see [`read`] |
//! | `exec:engine.pub.pem kms-sign --key 7` | the program `kms-sign`, of whose key `engine.pub.pem` is the public half; see [`CommandSigner`] |

mod command;
mod encrypt;
mod error;
mod file;
mod import;
mod open;
mod passphrase;

pub use command::{CommandSigner, MAX_OUTPUT_BYTES, MAX_STDERR_BYTES};
pub use error::KeystoreError;
pub use file::{MAX_KEY_FILE_BYTES, generate, read, read_public, write_new};
pub use import::import;
pub use open::{EXEC_PREFIX, SIGNER_TIMEOUT, open};
pub use passphrase::{PASSPHRASE, PASSPHRASE_FILE, Passphrase};
