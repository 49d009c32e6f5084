//! `proofmark witness …`

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use proofmark_keys::{PublicKey, SignError, Signature, Signer};
use proofmark_log::serve::witness_routes;
use proofmark_log::witness::{Witness as Server, WitnessError};
use proofmark_tlog::NoteKey;

use super::log::serve_until_stopped;
use super::{Outcome, evidence};
use crate::args::Witness;
use crate::failure::{Failure, chain};
use crate::printer::Printer;
use crate::signers;

pub(crate) fn run(command: &Witness, printer: &Printer) -> Outcome {
    let Witness::Serve {
        directory,
        name,
        key,
        logs,
        listen,
    } = command;
    let signer = ThreadedSigner::start(key)?;
    let key = NoteKey::witness(name.clone(), *signer.public_key());
    let witness = Server::open(directory, &key, Arc::new(signer), logs)?;
    printer.note(format!("witness {key}"));
    serve_until_stopped(
        witness_routes(Arc::new(witness), Arc::new(evidence::now)),
        *listen,
        printer,
    )
}

impl From<WitnessError> for Failure {
    fn from(error: WitnessError) -> Self {
        match error {
            WitnessError::Directory(error) => error.into(),
            other => Self::input(
                other.code(),
                chain(&other),
                "name each log once, by its own key",
            ),
        }
    }
}

/// What to sign, and where the signature goes.
type Request = (Vec<u8>, Sender<Result<Signature, SignError>>);

/// A signer in a thread of its own, because not every one can be used by several.
struct ThreadedSigner {
    public: PublicKey,
    requests: Mutex<Sender<Request>>,
}

impl ThreadedSigner {
    fn start(spec: &str) -> Result<Self, Failure> {
        let (told, heard) = channel();
        let (requests, received) = channel();
        let spec = spec.to_owned();
        std::thread::spawn(move || match signers::open(&spec) {
            Ok(signer) => {
                let _ = told.send(Ok(*signer.public_key()));
                sign_all(&*signer, &received);
            }
            Err(failure) => {
                let _ = told.send(Err(failure));
            }
        });
        let public = heard.recv().expect("the thread says one or the other")?;
        Ok(Self {
            public,
            requests: Mutex::new(requests),
        })
    }
}

fn sign_all(signer: &dyn Signer, requests: &Receiver<Request>) {
    for (message, answer) in requests {
        let _ = answer.send(signer.sign(&message));
    }
}

impl Signer for ThreadedSigner {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        let gone = || SignError::Unavailable("the signer has ended".into());
        let (answer, signed) = channel();
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests
            .send((message.to_vec(), answer))
            .map_err(|_| gone())?;
        drop(requests);
        signed.recv().unwrap_or_else(|_| Err(gone()))
    }
}
