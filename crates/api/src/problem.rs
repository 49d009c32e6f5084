//! Refusals, as RFC 9457 problem details with a stable code and a hint.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use proofmark_market::{Code, Rejection};
use proofmark_service::Refused;
use proofmark_storage::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// Why something was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A stable name of this kind of problem.
    #[schema(example = "https://proofmark.example/problems/deadline-passed")]
    r#type: String,
    /// One sentence, the same for every problem of this kind.
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What exactly.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// The stable code: the end of the type.
    code: &'static str,
    /// What to do about it.
    hint: &'static str,
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        hint: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            r#type: format!("https://proofmark.example/problems/{code}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            code,
            hint,
        }
    }

    /// The request itself is not as the document says.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        let title = "the request is not as it should be";
        let hint = "see the published OpenAPI document, /openapi.json";
        Self::new(
            StatusCode::BAD_REQUEST,
            "request-malformed",
            title,
            hint,
            detail,
        )
    }

    pub(crate) fn not_found(code: &'static str, title: &'static str, name: String) -> Self {
        let hint = "look up the name where it was made, or list all";
        Self::new(StatusCode::NOT_FOUND, code, title, hint, name)
    }

    pub(crate) fn too_large(most: usize) -> Self {
        let title = "the body is too large";
        let hint = "no command, with what goes beside it, is larger";
        let detail = format!("{most} bytes at most");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Self::new(status, "body-too-large", title, hint, detail)
    }

    pub(crate) fn busy(what: &str) -> Self {
        let title = "the market has too much to do just now";
        let hint = "nothing was done; send the same again after the time in Retry-After";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", title, hint, what)
    }

    /// The machine is at fault.
    pub(crate) fn disk(why: &str) -> Self {
        tracing::error!(why, "a blob cannot be kept");
        let title = "the blob cannot be kept just now";
        let hint = "send the same again after the time in Retry-After";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "disk", title, hint, "")
    }

    /// The machine is at fault, and nothing is known of the work.
    pub(crate) fn unchecked(why: &str) -> Self {
        tracing::error!(why, "a check failed");
        let title = "there is no verdict just now";
        let hint = "send the same again after the time in Retry-After";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "not-checked", title, hint, "")
    }

    fn stopped() -> Self {
        let title = "the market has stopped";
        let hint =
            "send the same again when it runs: what was obeyed is known again and not done twice";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopped", title, hint, "")
    }

    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::TOO_MANY_REQUESTS,
        ]
        .contains(&status)
        {
            let seconds = HeaderValue::from_static("1");
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let code = rejection.code;
        let (name, title, hint) = (code.as_str(), code.sentence(), code.hint());
        Self::new(status(code), name, title, hint, rejection.detail)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Rejected(rejection) => rejection.into(),
            Refused::Busy => Self::busy("too many commands wait"),
            Refused::Stopped => Self::stopped(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<&StoreError> for Problem {
    fn from(error: &StoreError) -> Self {
        // What a database says is for whoever runs it.
        tracing::error!(code = error.code(), %error, "the record cannot be read");
        let title = "the record cannot be read";
        let hint = "try again; the operator's log says why";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "record-unavailable", title, hint, "")
    }
}

/// Whose fault it is, in the words of HTTP.
const fn status(code: Code) -> StatusCode {
    use Code as C;
    match code {
        C::CommandMalformed | C::AttachmentMismatch | C::TermsMalformed => StatusCode::BAD_REQUEST,
        C::SenderUnknown | C::SignatureInvalid => StatusCode::UNAUTHORIZED,
        C::ActorForbids | C::BidderHasOffice => StatusCode::FORBIDDEN,
        C::RfqUnknown | C::ContractUnknown | C::WithdrawalUnknown | C::BidUnknown => {
            StatusCode::NOT_FOUND
        }
        C::CommandReused
        | C::StateForbids
        | C::DeadlinePassed
        | C::DeadlineAhead
        | C::AlreadyRegistered
        | C::BidExists
        | C::BidRevealed
        | C::VerdictKnown
        | C::VerdictConfirmed
        | C::GroundOther
        | C::OfferOther
        | C::OffersOpen
        | C::OpenedOtherwise => StatusCode::CONFLICT,
        C::TimeWentBack | C::LedgerRefused => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
