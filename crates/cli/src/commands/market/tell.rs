//! Telling webhooks of events, with the key that the market's directory holds.

use std::path::Path;
use std::sync::Arc;

use proofmark_api::Telling;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_service::Recorder;
use proofmark_storage::Store;
use proofmark_webhooks::{Courier, Reach, Sender};
use tokio::task::JoinHandle;

use crate::args::Serve;
use crate::commands::evidence::now;
use crate::failure::Failure;
use crate::files::write_atomically;
use crate::printer::Printer;

/// The file with the key, without its ending; `market init` makes it.
pub(super) const KEY: &str = "webhook";

/// Everything that is needed to tell, before there is a market.
pub(super) struct Teller {
    key: SecretKey,
    reach: Reach,
}

impl Teller {
    /// Nothing where the operator tells nobody.
    pub(super) fn open(options: &Serve, printer: &Printer) -> Result<Option<Self>, Failure> {
        if options.no_webhooks {
            return Ok(None);
        }
        let reach = match options.webhooks_local {
            true => Reach::Local,
            false => Reach::Public,
        };
        if reach == Reach::Local {
            printer.warn("webhooks may be on this machine and without TLS: whoever is a party of this market can have it speak to anything that listens here");
        }
        let key = key(&options.record.directory)?;
        Ok(Some(Self { key, reach }))
    }

    pub(super) fn telling(&self) -> Telling {
        Telling {
            key: *self.key.public_key(),
            reach: self.reach,
        }
    }

    pub(super) fn start(self, recorder: &Recorder, store: &Arc<dyn Store>) -> JoinHandle<()> {
        let courier = Courier {
            store: Arc::clone(store),
            key: self.key,
            sender: Sender::new(self.reach),
            now: Box::new(now),
            durable: recorder.durable(),
        };
        tokio::spawn(courier.run())
    }
}

/// Markets of earlier releases have none: they get one.
fn key(directory: &Path) -> Result<SecretKey, Failure> {
    let file = directory.join(format!("{KEY}.pem"));
    if file.exists() {
        return Ok(proofmark_keystore::read(&file, None)?);
    }
    let key = proofmark_keystore::generate()?;
    proofmark_keystore::write_new(&file, &key, None)?;
    let public = directory.join(format!("{KEY}.pub.pem"));
    write_atomically(&public, key.public_key().to_pem().as_bytes())?;
    Ok(key)
}
