//! Receiving a blob: in chunks, against a clock, onto the disk.

use std::fs;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use proofmark_blobs::{Blobs, OwnerName, Upload, UploadError};
use proofmark_core::Digest;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::{Kept, MAX_BLOB_BYTES, MAX_PARTY_BYTES};
use crate::Api;
use crate::operations::Counters;
use crate::problem::Problem;

/// Chunks that wait for the disk: with 64 seats and chunks of 16 KiB or so, some MiB.
const WAITING: usize = 4;

/// Whoever is slower than this is cut off, and can go on later.
const BYTES_PER_SECOND: u64 = 32 << 10;

/// Added to the time that an upload may take, and as long as it may say nothing.
const GRACE: Duration = Duration::from_secs(30);

/// Code of an upload that ended too early.
const INCOMPLETE: &str = "upload-incomplete";

const GO_ON: &str = "go on with it: Upload-Offset says where";

/// What a ticket allows, and where the body begins.
pub(super) struct Order {
    pub(super) owner: OwnerName,
    pub(super) blob: Digest,
    pub(super) size: u64,
    pub(super) public: bool,
    pub(super) from: u64,
}

/// Why it failed, and how much has arrived if it can go on.
pub(super) struct Failed {
    pub(super) problem: Problem,
    pub(super) arrived: Option<u64>,
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            arrived: None,
        }
    }
}

pub(super) async fn receive(api: &Api, order: Order, body: Body) -> Result<(), Failed> {
    if order.size > MAX_BLOB_BYTES {
        let title = "the blob is too large";
        let hint = "split it: a submission is a list of files";
        let why = format!("{MAX_BLOB_BYTES} bytes at most");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(Problem::new(status, "blob-too-large", title, hint, why).into());
    }
    let (chunks, arriving) = mpsc::channel(WAITING);
    let (begin, begun) = oneshot::channel();
    let (blobs, kept) = (api.blobs.clone(), api.kept.clone());
    // Disks block. The thread ends when the sender of chunks is dropped.
    let writing =
        tokio::task::spawn_blocking(move || write(&blobs, &kept, &order, begin, arriving));
    // Nothing is read of a body that is not wanted: whoever waits for "100 Continue" need not send it.
    let broken = match begun.await {
        Ok(()) => forward(body, chunks, &api.counters).await,
        Err(_) => None,
    };
    let written = writing
        .await
        .unwrap_or_else(|_| Err(Problem::disk("the thread that writes ended").into()));
    match (written, broken) {
        // What the client did is the reason why there is too little.
        (Err(failed), Some(problem)) if failed.problem.code() == INCOMPLETE => {
            Err(Failed { problem, ..failed })
        }
        (written, _) => written,
    }
}

/// Chunks from the network to the disk; says why there are no more before the end.
async fn forward(body: Body, chunks: mpsc::Sender<Bytes>, counters: &Counters) -> Option<Problem> {
    let mut stream = body.into_data_stream();
    let (begun, mut received) = (Instant::now(), 0);
    loop {
        let all = begun + GRACE + Duration::from_secs(received / BYTES_PER_SECOND);
        let next = Instant::now() + GRACE;
        match timeout_at(next.min(all), stream.next()).await {
            Err(_) => {
                let title = "the upload is too slow";
                let status = StatusCode::BAD_REQUEST;
                return Some(Problem::new(status, "upload-too-slow", title, GO_ON, ""));
            }
            Ok(None) => return None,
            Ok(Some(Err(_))) => return Some(incomplete("the connection was lost")),
            Ok(Some(Ok(chunk))) => {
                received += chunk.len() as u64;
                counters.received(chunk.len() as u64);
                // The thread has ended: it says why.
                if chunks.send(chunk).await.is_err() {
                    return None;
                }
            }
        }
    }
}

fn write(
    blobs: &Blobs,
    kept: &Kept,
    order: &Order,
    begin: oneshot::Sender<()>,
    arriving: mpsc::Receiver<Bytes>,
) -> Result<(), Failed> {
    let disk = |error| Failed::from(problem(&UploadError::Io(error)));
    let found = blobs.find_of(&order.owner, &order.blob);
    let length = found
        .and_then(|it| fs::metadata(it).ok())
        .map(|it| it.len());
    // One of another length is damaged, and comes again.
    if length == Some(order.size) {
        if order.public {
            blobs.publish(&order.owner, &order.blob).map_err(disk)?;
        }
        return Ok(());
    }
    let room = kept.room(blobs, &order.owner, &order.blob, order.size);
    let mut room = room.map_err(disk)?.map_err(too_much)?;
    let begun = blobs.begin(&order.owner, order.blob, order.size, order.from);
    let upload = begun.map_err(|error| Failed {
        arrived: match &error {
            UploadError::Elsewhere { arrived } => Some(*arrived),
            _ => None,
        },
        problem: problem(&error),
    })?;
    // Nobody waits any more if the client has gone.
    let _ = begin.send(());
    let filled = fill(upload, order.public, arriving);
    room.settle(blobs, &order.blob);
    filled
}

fn fill(
    mut upload: Upload,
    public: bool,
    mut arriving: mpsc::Receiver<Bytes>,
) -> Result<(), Failed> {
    while let Some(chunk) = arriving.blocking_recv() {
        let written = upload.write(&chunk);
        written.map_err(|error| Failed::from(problem(&error)))?;
    }
    let arrived = upload.received();
    upload.finish(public).map_err(|error| Failed {
        arrived: matches!(error, UploadError::TooShort { .. }).then_some(arrived),
        problem: problem(&error),
    })
}

fn too_much(kept: u64) -> Failed {
    let title = "too much is kept for this party";
    let hint = "ask the operator to remove what is not needed any more";
    let why = format!("{kept} bytes of {MAX_PARTY_BYTES}");
    Problem::new(StatusCode::FORBIDDEN, "quota-exceeded", title, hint, why).into()
}

fn incomplete(why: &str) -> Problem {
    let title = "the upload is not whole";
    Problem::new(StatusCode::BAD_REQUEST, INCOMPLETE, title, GO_ON, why)
}

fn problem(error: &UploadError) -> Problem {
    let why = error.to_string();
    let (status, code, title, hint) = match error {
        UploadError::TooShort { .. } => return incomplete(&why),
        UploadError::Io(error) => return Problem::disk(&error.to_string()),
        UploadError::InUse => (
            StatusCode::CONFLICT,
            "upload-in-use",
            "the same is being uploaded",
            "wait for the other upload, or break it off",
        ),
        UploadError::Elsewhere { .. } => (
            StatusCode::CONFLICT,
            "upload-elsewhere",
            "the upload goes on elsewhere",
            "Upload-Offset says where; 0 begins again",
        ),
        UploadError::TooLong { .. } => (
            StatusCode::BAD_REQUEST,
            "upload-too-long",
            "the body is longer than the ticket says",
            "sign the right size",
        ),
        UploadError::WrongDigest { .. } => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "digest-mismatch",
            "these are other bytes",
            "compute the digest of what is sent; begin again",
        ),
    };
    Problem::new(status, code, title, hint, why)
}
