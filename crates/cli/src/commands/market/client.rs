//! Asking a market over HTTP.

use std::time::Duration;

use serde_json::Value;

use crate::failure::{Exit, Failure};

/// Longer than the market takes for any answer.
const TIMEOUT: Duration = Duration::from_secs(40);

/// Longest answer that is read.
const MAX_BYTES: u64 = 16 << 20;

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("proofmark/", env!("CARGO_PKG_VERSION")))
        .build();
    config.into()
}

pub(super) fn get(market: &str, path: &str) -> Result<Value, Failure> {
    let url = format!("{}{path}", market.trim_end_matches('/'));
    answer(&url, agent().get(&url).call())
}

pub(super) fn post(market: &str, path: &str, body: &str) -> Result<Value, Failure> {
    let url = format!("{}{path}", market.trim_end_matches('/'));
    let request = agent()
        .post(&url)
        .header("content-type", "application/json");
    answer(&url, request.send(body))
}

fn answer(
    url: &str,
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Value, Failure> {
    let unreachable = |error: ureq::Error| {
        let hint = "start it with `proofmark market serve`, or name it with --market";
        Failure::environment("market-unreachable", format!("{url}: {error}"), hint)
    };
    let mut response = response.map_err(unreachable)?;
    let body = response.body_mut().with_config().limit(MAX_BYTES);
    let text = body.read_to_string().map_err(unreachable)?;
    let value: Value = serde_json::from_str(&text).map_err(|_| {
        let why = format!("{url} answers {}, and no JSON", response.status());
        Failure::environment("no-market", why, "is this the address of a market?")
    })?;
    match response.status().is_success() {
        true => Ok(value),
        false => Err(refused(&value, response.status().is_server_error())),
    }
}

/// What the market said, as if it had been said here.
fn refused(problem: &Value, by_the_market: bool) -> Failure {
    let text = |name: &str| problem[name].as_str().unwrap_or_default();
    let message = match text("detail") {
        "" => text("title").to_owned(),
        detail => format!("{}: {detail}", text("title")),
    };
    let code = known_code(text("code"));
    let mut failure = Failure::input(code, message, text("hint"));
    if by_the_market {
        failure.exit = Exit::Unavailable;
    }
    failure
}

/// The codes of the market are a closed list; what else an address may say is not ours.
fn known_code(code: &str) -> &'static str {
    let known = proofmark_market::Code::ALL
        .iter()
        .map(|known| known.as_str());
    let beside = [
        "request-malformed",
        "body-too-large",
        "busy",
        "stopped",
        "record-unavailable",
        "party-unknown",
    ];
    known
        .chain(beside)
        .find(|known| *known == code)
        .unwrap_or("market-refused")
}
