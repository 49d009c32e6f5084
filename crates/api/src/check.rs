//! A verdict without a contract: files in, a signed outcome out, and nothing is kept.

use std::num::NonZeroUsize;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_core::Digest;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

use crate::Api;
use crate::blocking::within;
use crate::problem::Problem;

/// Whoever judges what is sent along.
pub trait Check: Send + Sync {
    /// Judges files by criteria that are public, and signs what came out. Blocks for as long as that takes.
    ///
    /// # Errors
    /// [`Unchecked`] if there is no verdict.
    fn check(&self, criteria: &Digest, files: Vec<(String, Vec<u8>)>) -> Result<Signed, Unchecked>;
}

/// What came out.
#[derive(Debug, ToSchema)]
pub struct Signed {
    /// What the work comes to: `pass`, `fail` or `inconclusive`.
    #[schema(example = "pass")]
    pub verdict: &'static str,
    /// Digest of the outcome, the same on every machine.
    #[schema(value_type = String)]
    pub outcome: Digest,
    /// The signed statement, in a bundle that `proofmark verify` takes. It is bound to no order, so nothing can be
    /// settled by it.
    #[schema(value_type = Object)]
    pub bundle: String,
    /// The verdict record.
    #[schema(value_type = Object)]
    pub record: String,
}

/// Bundle and record are JSON, and stand in the answer as they were written.
impl IntoResponse for Signed {
    fn into_response(self) -> Response {
        let Self {
            verdict,
            outcome,
            bundle,
            record,
        } = self;
        let json = format!(
            r#"{{"verdict":"{verdict}","outcome":"{outcome}","bundle":{bundle},"record":{record}}}"#
        );
        ([(header::CONTENT_TYPE, "application/json")], json).into_response()
    }
}

/// Why there is no verdict.
#[derive(Debug)]
pub enum Unchecked {
    /// The files make no submission.
    NoSubmission(String),
    /// What the criteria need is not here, or cannot be used.
    NotJudgeable(String),
    /// The machine could not do its part.
    Host(String),
}

/// Who checks here, and how many at a time.
#[derive(Clone, Default)]
pub struct Checks(Option<Offered>);

#[derive(Clone)]
struct Offered {
    checker: Arc<dyn Check>,
    places: Arc<Semaphore>,
    seats: Arc<Semaphore>,
}

/// So many for each core are judged at a time: more only get into each other's way.
const SEATS: usize = 2;

impl Checks {
    /// At most so many at a time, most of which wait for a seat; nobody where that is none.
    #[must_use]
    pub fn by(checker: Arc<dyn Check>, at_once: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let offered = Offered {
            checker,
            places: Arc::new(Semaphore::new(at_once)),
            seats: Arc::new(Semaphore::new(cores * SEATS)),
        };
        Self((at_once > 0).then_some(offered))
    }

    fn place(&self) -> Result<(Offered, OwnedSemaphorePermit), Problem> {
        let offered = self.0.clone().ok_or_else(not_offered)?;
        let place = Arc::clone(&offered.places).try_acquire_owned();
        let place = place.map_err(|_| Problem::busy("too many checks at a time"))?;
        Ok((offered, place))
    }
}

/// What is to be judged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToCheck {
    /// By which criteria: a document that was uploaded for everybody.
    #[schema(value_type = String, pattern = "^sha256:[0-9a-f]{64}$")]
    criteria: Digest,
    /// The work.
    files: Vec<CheckedFile>,
}

/// A file of the work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckedFile {
    /// Its path in the submission.
    path: String,
    /// Its content, in base64.
    content: String,
}

/// Judges files by published criteria, and signs the outcome. The same files by the same criteria give the same record
/// here, in a contract, and on the caller's own machine; the outcome is bound to a contract there, and to none here. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/check", tag = "market", request_body = ToCheck,
    responses(
        (status = 200, description = "There is a verdict", body = Signed),
        (status = 400, description = "It is no such request", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There are no such criteria for everybody, or nothing is checked here", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "It did not arrive in time", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "It is too large: upload, and submit under a contract", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The files make no submission, or the criteria cannot be applied", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many at a time, or the machine failed", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn check(State(api): State<Api>, body: Body) -> Result<Signed, Problem> {
    let body = api.intake.read(body).await?;
    let asked: ToCheck = serde_json::from_slice(&body.bytes)
        .map_err(|error| Problem::malformed(error.to_string()))?;
    let files = asked.files.into_iter().map(|file| {
        let content = STANDARD.decode(file.content);
        let content = content.map_err(|_| Problem::malformed("a content is no base64"))?;
        Ok((file.path, content))
    });
    let files = files.collect::<Result<Vec<_>, Problem>>()?;
    let (offered, place) = api.checks.place()?;
    let criteria = asked.criteria;
    if api.blobs.find_public(&criteria).is_none() {
        let title = "there are no such criteria for everybody";
        let name = criteria.to_string();
        return Err(Problem::not_found("criteria-unknown", title, name));
    }
    let Offered { checker, seats, .. } = offered;
    let checked = within(&seats, move || {
        let checked = checker.check(&criteria, files);
        drop(place);
        checked
    });
    let lost = || Problem::unchecked("the check ended without a word");
    let checked = checked.await.ok_or_else(lost)?;
    checked.map_err(Problem::from)
}

fn not_offered() -> Problem {
    let title = "nothing is checked here without a contract";
    let hint = "check on your own machine with `proofmark check`: it comes to the same";
    let status = StatusCode::NOT_FOUND;
    Problem::new(status, "check-not-offered", title, hint, "")
}

impl From<Unchecked> for Problem {
    fn from(unchecked: Unchecked) -> Self {
        let refused = |code, title, hint, why| {
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title, hint, why)
        };
        match unchecked {
            Unchecked::NoSubmission(why) => {
                let title = "these files make no submission";
                let hint = "docs/spec/submission-v1.md says what paths and files may be";
                refused("submission-refused", title, hint, why)
            }
            Unchecked::NotJudgeable(why) => {
                let title = "these criteria cannot be applied here";
                let hint = "whoever published them uploads their validators and references too";
                refused("criteria-unusable", title, hint, why)
            }
            Unchecked::Host(why) => Self::unchecked(&why),
        }
    }
}
