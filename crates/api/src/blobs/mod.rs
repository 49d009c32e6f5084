//! Bytes by their digest: criteria, validators, work, evidence.

mod access;
mod kept;
mod lists;
mod seats;
mod upload;

use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use proofmark_core::Digest;
use proofmark_market::ContractId;
use serde::{Deserialize, Serialize};
use tower_http::services::ServeFile;
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::asked::{Asked, Named};
use crate::problem::Problem;
use crate::ticket::{self, Access, Ticket};

pub(crate) use access::owner;
pub(crate) use kept::Kept;
pub(crate) use lists::Lists;
pub(crate) use seats::Seats;

/// Where the body of an upload begins, or has to go on.
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// Longest blob: 2 GiB = 2 × 2^30 bytes, which take 18 hours at the slowest that is allowed.
pub const MAX_BLOB_BYTES: u64 = 2 << 30;

/// So many bytes one party may keep here: eight of the longest blobs, or 4,194,304 of the shortest.
pub const MAX_PARTY_BYTES: u64 = 16 << 30;

/// What is there now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Blob {
    /// Its digest.
    #[schema(value_type = String)]
    blob: Digest,
    /// Its length in bytes.
    size: u64,
}

/// Because of what it is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Because {
    /// A contract of which it is a part: engines may read the work, and the buyer once the work has passed.
    contract: Option<String>,
}

pub(crate) fn digest(text: &str) -> Result<Digest, Problem> {
    text.parse()
        .map_err(|_| Problem::malformed("a blob is named by its digest, sha256:…"))
}

fn unknown(blob: &Digest) -> Problem {
    let title = "there is no such blob, or it is not for you";
    Problem::not_found("blob-unknown", title, blob.to_string())
}

/// Sends a blob. What is broken off can be gone on with: `Upload-Offset` says where the body begins.
#[utoipa::path(
    put, path = "/v1/blobs/{blob}", tag = "blobs",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(
        ("blob" = String, Path, pattern = "^sha256:[0-9a-f]{64}$", description = "Its digest, sha256: and 64 hexadecimal digits"),
        ("Authorization" = String, Header, description = "A ticket for the upload"),
        ("Upload-Offset" = Option<u64>, Header, description = "How many bytes had arrived before; 0 begins again"),
    ),
    responses(
        (status = 200, description = "It is whole and durable, or was before", body = Blob),
        (status = 400, description = "The body is not what was announced", body = Problem, content_type = "application/problem+json", headers(("Upload-Offset" = u64, description = "Where to go on"))),
        (status = 401, description = "There is no valid ticket", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else, or too much is kept already", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It goes on elsewhere (see Upload-Offset), or is being uploaded", body = Problem, content_type = "application/problem+json", headers(("Upload-Offset" = u64, description = "Where to go on"))),
        (status = 413, description = "It is too large", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The bytes have another digest", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many uploads, or the disk refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn send(
    State(api): State<Api>,
    Named(name): Named<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Err(ticket::missing());
    }
    let blob = digest(&name)?;
    let ticket = read(&api, &headers, &blob).await?;
    let ticket = ticket.ok_or_else(ticket::missing)?;
    let Access::Upload { size, public, .. } = ticket.access else {
        return Err(ticket::for_something_else());
    };
    let order = upload::Order {
        owner: access::owner(&ticket.sender),
        blob,
        size,
        public,
        from: offset(&headers)?,
    };
    let seat = api.seats.take(&order.owner)?;
    let sent = upload::receive(&api, order, body).await;
    drop(seat);
    match sent {
        Ok(()) => Ok(axum::Json(Blob { blob, size }).into_response()),
        Err(upload::Failed { problem, arrived }) => Ok(with_offset(problem, arrived)),
    }
}

/// How much of an upload has arrived, or whether it is whole.
#[utoipa::path(
    head, path = "/v1/blobs/{blob}", tag = "blobs",
    params(
        ("blob" = String, Path, pattern = "^sha256:[0-9a-f]{64}$", description = "Its digest, sha256: and 64 hexadecimal digits"),
        ("Authorization" = Option<String>, Header, description = "A ticket for the upload or the download"),
    ),
    responses(
        (status = 200, description = "It is whole"),
        (status = 400, description = "That is no digest"),
        (status = 401, description = "The ticket is not valid"),
        (status = 403, description = "The ticket is for another blob"),
        (status = 404, description = "It is not there", headers(("Upload-Offset" = u64, description = "How much has arrived"))),
        (status = 503, description = "The market has stopped"),
    )
)]
pub(crate) async fn look(
    State(api): State<Api>,
    Named(name): Named<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let blob = digest(&name)?;
    let ticket = read(&api, &headers, &blob).await?;
    let owner = ticket.map(|ticket| access::owner(&ticket.sender));
    let own = owner.as_ref().and_then(|it| api.blobs.find_of(it, &blob));
    if own.or_else(|| api.blobs.find_public(&blob)).is_some() {
        return Ok(StatusCode::OK.into_response());
    }
    let arrived = owner.map_or(0, |owner| api.blobs.arrived(&owner, &blob));
    Ok(with_offset(unknown(&blob), Some(arrived)))
}

/// Reads a blob, or a range of it: a public one, one's own, or with `contract` what belongs to a contract.
#[utoipa::path(
    get, path = "/v1/blobs/{blob}", tag = "blobs",
    params(
        Because,
        ("blob" = String, Path, pattern = "^sha256:[0-9a-f]{64}$", description = "Its digest, sha256: and 64 hexadecimal digits"),
        ("Authorization" = Option<String>, Header, description = "A ticket for the download of what is not public"),
        ("Range" = Option<String>, Header, description = "A range of bytes"),
    ),
    responses(
        (status = 200, description = "The bytes; compute the digest", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "A range of them", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 400, description = "That is no digest, or no contract", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "The ticket is not valid", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The ticket is for something else", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is not there, or not for the sender", body = Problem, content_type = "application/problem+json"),
        (status = 416, description = "There is no such range", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The market has stopped", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn fetch(
    State(api): State<Api>,
    Named(name): Named<String>,
    Asked(because): Asked<Because>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let blob = digest(&name)?;
    let ticket = read(&api, &headers, &blob).await?;
    let contract = because.contract.as_deref().map(str::parse::<ContractId>);
    let contract = contract
        .transpose()
        .map_err(|_| Problem::malformed("that is no name of a contract"))?;
    let found = match (api.blobs.find_public(&blob), ticket) {
        (None, Some(ticket)) => private(&api, &ticket, contract, &blob).await?,
        (public, _) => public,
    };
    let path = found.ok_or_else(|| unknown(&blob))?;
    serve(&path, headers.get(header::RANGE))
        .await?
        .ok_or_else(|| unknown(&blob))
}

async fn private(
    api: &Api,
    ticket: &Ticket,
    contract: Option<ContractId>,
    blob: &Digest,
) -> Result<Option<PathBuf>, Problem> {
    if !matches!(ticket.access, Access::Download { .. }) {
        return Err(ticket::for_something_else());
    }
    let own = api.blobs.find_of(&access::owner(&ticket.sender), blob);
    let (None, Some(contract)) = (&own, contract) else {
        return Ok(own);
    };
    let now = api.clock.now();
    let readable = api
        .recorder
        .read(|market| access::readable(market, &contract, &ticket.sender, now));
    let readable = readable.await?;
    Ok(api.lists.find(&api.blobs, &readable, blob).await)
}

/// The file, or a range of it; nothing if it is gone. It never changes, so nothing else that a request says of it
/// matters.
async fn serve(path: &Path, range: Option<&HeaderValue>) -> Result<Option<Response>, Problem> {
    let mut request = Request::new(Body::empty());
    if let Some(range) = range {
        request.headers_mut().insert(header::RANGE, range.clone());
    }
    let served = ServeFile::new(path).try_call(request).await;
    let served = served.map_err(|error| Problem::disk(&error.to_string()))?;
    let mut response = served.map(Body::new);
    let headers = response.headers_mut();
    // When whom uploaded it is nobody's business.
    headers.remove(header::LAST_MODIFIED);
    let attachment = HeaderValue::from_static("attachment");
    headers.insert(header::CONTENT_DISPOSITION, attachment);
    match response.status() {
        StatusCode::NOT_FOUND => Ok(None),
        StatusCode::RANGE_NOT_SATISFIABLE => Ok(Some(no_such_range(&response))),
        _ => Ok(Some(response)),
    }
}

/// Keeps what says how long it is.
fn no_such_range(served: &Response) -> Response {
    let title = "there is no such range";
    let hint = "Content-Range says how long the blob is; one range at a time";
    let status = StatusCode::RANGE_NOT_SATISFIABLE;
    let mut response = Problem::new(status, "range-unknown", title, hint, "").into_response();
    if let Some(length) = served.headers().get(header::CONTENT_RANGE) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_RANGE, length.clone());
    }
    response
}

/// The ticket of a request, if it has one; it is for this blob.
async fn read(api: &Api, headers: &HeaderMap, blob: &Digest) -> Result<Option<Ticket>, Problem> {
    let now = api.clock.now();
    let read = api
        .recorder
        .read(|market| ticket::read(headers, market, now));
    match read.await?? {
        Some(ticket) if ticket.access.blob() != Some(blob) => Err(ticket::for_something_else()),
        ticket => Ok(ticket),
    }
}

fn offset(headers: &HeaderMap) -> Result<u64, Problem> {
    let Some(value) = headers.get(UPLOAD_OFFSET) else {
        return Ok(0);
    };
    let number = value.to_str().ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| Problem::malformed("Upload-Offset is no number"))
}

/// Says where an upload has to go on.
fn with_offset(problem: Problem, arrived: Option<u64>) -> Response {
    let mut response = problem.into_response();
    if let Some(arrived) = arrived {
        response
            .headers_mut()
            .insert(UPLOAD_OFFSET, HeaderValue::from(arrived));
    }
    response
}
