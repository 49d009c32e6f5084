//! Asking web servers, with limits on everything.

use std::time::Duration;

use ureq::Body;
use ureq::http::Response;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// A server gave no answer, or not the one that was asked for. Whoever runs it, or the network between, is to
/// blame.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// There was no answer, or a longer one than is read.
    #[error("the server does not answer")]
    Transport(#[source] Box<ureq::Error>),
    /// Another status than was expected.
    #[error("the server answers with status {0}")]
    Status(u16),
}

impl Answer {
    pub(crate) fn unexpected(&self) -> WebError {
        WebError::Status(self.status)
    }
}

/// Asks one server after another. A redirection is not followed: whoever answers is who was asked.
pub(crate) fn agent(timeout: Duration) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("proofmark/", env!("CARGO_PKG_VERSION")))
        .build();
    config.into()
}

pub(crate) fn get(agent: &ureq::Agent, url: &str, limit_bytes: usize) -> Result<Answer, WebError> {
    let response = agent.get(url).call();
    read(response.map_err(failed)?, limit_bytes)
}

pub(crate) fn post(
    agent: &ureq::Agent,
    url: &str,
    body: &str,
    limit_bytes: usize,
) -> Result<Answer, WebError> {
    let response = agent
        .post(url)
        .content_type("text/plain; charset=utf-8")
        .send(body);
    read(response.map_err(failed)?, limit_bytes)
}

fn read(mut response: Response<Body>, limit_bytes: usize) -> Result<Answer, WebError> {
    let content_type = response.headers().get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    Ok(Answer {
        status: response.status().as_u16(),
        content_type: content_type.unwrap_or_default().to_owned(),
        body: response
            .body_mut()
            .with_config()
            .limit(limit_bytes as u64)
            .read_to_vec()
            .map_err(failed)?,
    })
}

fn failed(error: ureq::Error) -> WebError {
    WebError::Transport(Box::new(error))
}
