//! Reading the body of a command: against a clock, and within what all bodies together may take.
//!
//! Whoever only says that something will come takes no room and no place: room is taken by bytes that have arrived, and
//! a place among those who are obeyed when all of them have. So many idle connections stop nobody else's command.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::limits::{MAX_BODY_BYTES, MAX_COMMANDS_AT_ONCE, REQUEST_SECONDS};
use crate::problem::Problem;

/// Bodies that have arrived, whole or in part, take 384 MiB at most.
const MAX_ARRIVED: usize = MAX_COMMANDS_AT_ONCE * MAX_BODY_BYTES;

/// In which room is counted.
const UNIT: usize = 1 << 10;

/// How much there is of everything.
#[derive(Debug, Clone)]
pub(crate) struct Intake {
    room: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// A body, which takes room until it is dropped.
pub(crate) struct Arrived {
    pub(crate) bytes: Vec<u8>,
    _room: Vec<OwnedSemaphorePermit>,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            room: Arc::new(Semaphore::new(MAX_ARRIVED / UNIT)),
            places: Arc::new(Semaphore::new(MAX_COMMANDS_AT_ONCE)),
        }
    }
}

impl Intake {
    /// The whole body.
    pub(crate) async fn read(&self, body: Body) -> Result<Arrived, Problem> {
        let deadline = Instant::now() + Duration::from_secs(REQUEST_SECONDS / 2);
        let mut stream = body.into_data_stream();
        let (mut bytes, mut room) = (Vec::new(), Vec::new());
        loop {
            let chunk = match timeout_at(deadline, stream.next()).await {
                Err(_) => return Err(too_slow()),
                Ok(None) => {
                    return Ok(Arrived { bytes, _room: room });
                }
                Ok(Some(Err(_))) => return Err(Problem::malformed("the body did not arrive")),
                Ok(Some(Ok(chunk))) => chunk,
            };
            if bytes.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(Problem::too_large(MAX_BODY_BYTES));
            }
            let units = u32::try_from(chunk.len().div_ceil(UNIT)).unwrap_or(u32::MAX);
            let taken = Arc::clone(&self.room).try_acquire_many_owned(units);
            room.push(taken.map_err(|_| Problem::busy("too many commands arrive"))?);
            bytes.extend_from_slice(&chunk);
        }
    }

    /// A place among those who are obeyed.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map_err(|_| Problem::busy("too many commands at a time"))
    }
}

fn too_slow() -> Problem {
    let title = "the command did not arrive in time";
    let hint = "nothing was done; send the same again, faster";
    let status = StatusCode::REQUEST_TIMEOUT;
    Problem::new(status, "request-too-slow", title, hint, "")
}
