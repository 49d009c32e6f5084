//! What is answered where there is no page.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use proofmark_service::Refused;
use proofmark_storage::StoreError;

use crate::POLICY;

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing {
    title: &'static str,
    what: String,
}

/// A page that is not there.
pub(crate) struct NoPage {
    status: StatusCode,
    missing: Missing,
}

impl NoPage {
    /// There is nothing of this kind that has the name.
    pub(crate) fn unknown(what: &str) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            missing: Missing {
                title: "Not here",
                what: format!("There is no {what} of this name in this market."),
            },
        }
    }

    fn unavailable(what: &str) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            missing: Missing {
                title: "Not now",
                what: what.to_owned(),
            },
        }
    }

    fn nowhere() -> Self {
        Self::unknown("page")
    }
}

impl From<Refused> for NoPage {
    fn from(_: Refused) -> Self {
        Self::unavailable("The market has stopped. What it acknowledged is in its record.")
    }
}

impl From<StoreError> for NoPage {
    fn from(_: StoreError) -> Self {
        Self::unavailable("The record cannot be read now. Try again.")
    }
}

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        let body = self.missing.render().unwrap_or_default();
        (self.status, Html(body)).into_response()
    }
}

/// Answers a browser that asks for what is nowhere with a page. Routes for programs keep their problem documents.
pub(crate) async fn told(request: Request, next: Next) -> Response {
    let for_people = request.method() == Method::GET
        && !request.uri().path().starts_with("/v1/")
        && wants_html(request.headers());
    let answer = next.run(request).await;
    let kind = answer.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !for_people || is_page || answer.status() != StatusCode::NOT_FOUND {
        return answer;
    }
    let mut page = NoPage::nowhere().into_response();
    let policy = HeaderValue::from_static(POLICY);
    page.headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    page
}

fn wants_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut accepted = accepted.filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.contains("text/html"))
}
