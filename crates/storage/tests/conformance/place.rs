//! A place for one record, and things to put there.

use proofmark_core::{Digest, Timestamp};
use proofmark_storage::{
    Command, Consequences, Document, Epoch, Event, Job, Obeyed, Store, Transfer, open,
};
use tempfile::TempDir;

use crate::server::Server;

/// Where a record may be made.
pub(crate) struct Place {
    pub(crate) address: String,
    /// Kept until the case is over.
    _directory: Option<TempDir>,
}

pub(crate) const RULES: &[u8] = b"rules";

impl Place {
    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let file = directory.path().join("record.db");
        Self {
            address: format!("sqlite:{}", file.display()),
            _directory: Some(directory),
        }
    }

    pub(crate) fn postgres(server: &Server) -> Self {
        Self {
            address: server.database(),
            _directory: None,
        }
    }

    pub(crate) async fn open(&self) -> Box<dyn Store> {
        open(&self.address).await.expect("it opens")
    }

    /// A record that has begun, and its writer.
    pub(crate) async fn founded(&self) -> (Box<dyn Store>, Epoch) {
        let store = self.open().await;
        store.found(RULES).await.expect("it begins");
        let epoch = store.lease(None, at(0), at(1_000)).await;
        (store, epoch.expect("nobody else writes"))
    }
}

pub(crate) fn at(seconds: u64) -> Timestamp {
    let start = Timestamp::from_seconds(1_800_000_000).expect("2027");
    start.plus_seconds(seconds)
}

/// A command with one event, one transfer, one document and one job, all of which name it.
pub(crate) fn obeyed(sequence: u64) -> Obeyed {
    let text = |what: &str| format!("{{\"{what}\":{sequence},\"sign\":\"ü\"}}");
    let command = Command {
        sequence,
        at: at(sequence),
        payload: Digest::of(text("payload").as_bytes()),
        head: Digest::of(text("head").as_bytes()),
        envelope: text("envelope").into_bytes(),
        attachment: sequence
            .is_multiple_of(2)
            .then(|| vec![0, 255, sequence.to_le_bytes()[0]]),
    };
    let consequences = Consequences {
        events: vec![event(&text("event"))],
        transfers: vec![Transfer {
            body: text("transfer"),
        }],
        documents: vec![document("contract", "one", &text("document"))],
        jobs: vec![job(&format!("job-{sequence}"), 10)],
    };
    Obeyed {
        command,
        consequences,
    }
}

pub(crate) fn event(body: &str) -> Event {
    Event {
        subject: "contract:one".to_owned(),
        body: body.to_owned(),
    }
}

pub(crate) fn document(kind: &str, key: &str, body: &str) -> Document {
    let [kind, key, body] = [kind, key, body].map(str::to_owned);
    Document { kind, key, body }
}

pub(crate) fn job(id: &str, due: u64) -> Job {
    Job {
        id: id.to_owned(),
        kind: "verify".to_owned(),
        due_at: at(due),
        body: format!("{{\"of\":\"{id}\"}}"),
    }
}
