//! Asking a market over HTTP.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proofmark_attestation::statement::binding::Term;
use proofmark_core::Digest;
use proofmark_market::{CommandId, ContractId};
use serde_json::Value;
use ureq::SendBody;

use crate::failure::{Exit, Failure};

/// Longer than the market takes for any answer.
const TIMEOUT: Duration = Duration::from_secs(40);

/// Code of a failure in which the market said nothing.
pub(super) const UNREACHABLE: &str = "market-unreachable";

/// Longest answer that is read.
const MAX_BYTES: u64 = 16 << 20;

/// How long a market may say nothing, in whatever it has to say.
const SILENCE: Duration = Duration::from_secs(40);

/// What is longer is sent when the market has said that it wants it.
const ASK_FIRST: u64 = 64 << 10;

fn config() -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("proofmark/", env!("CARGO_PKG_VERSION")))
}

fn agent() -> ureq::Agent {
    config().timeout_global(Some(TIMEOUT)).build().into()
}

/// For answers that take as long as they take, as long as something comes: of events there is a sign of life every 15 s.
fn patient(silence: Duration) -> ureq::Agent {
    let config = config()
        .timeout_connect(Some(silence))
        .timeout_recv_response(Some(silence))
        .timeout_per_read(Some(silence));
    config.build().into()
}

pub(crate) fn get(market: &str, path: &str) -> Result<Value, Failure> {
    find(market, path, &[])
}

/// The same, of what is asked for; members without a value are left out.
pub(crate) fn find(
    market: &str,
    path: &str,
    asked: &[(&str, Option<&str>)],
) -> Result<Value, Failure> {
    let url = format!("{}{path}", base(market)?);
    let asked = asked.iter().filter_map(|(name, it)| Some((*name, (*it)?)));
    answer(&url, agent().get(&url).query_pairs(asked).call())
}

/// Any text as a part of a path.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// What comes of a blob.
pub(super) struct Rest<R> {
    /// It begins after so many bytes.
    pub(super) from: u64,
    /// So many has all of it.
    pub(super) whole: u64,
    pub(super) body: R,
}

/// A blob that everybody may read, or that belongs to a contract and is asked for with a ticket, from a place on or from its
/// beginning; nothing if it is not there, or not for whoever asks.
pub(super) fn blob(
    market: &str,
    blob: &Digest,
    signed: Option<(&ContractId, &str)>,
    from: u64,
) -> Result<Option<Rest<impl std::io::Read + use<>>>, Failure> {
    let contract = signed.map(|(contract, _)| format!("?contract={contract}"));
    let contract = contract.unwrap_or_default();
    let url = format!("{}/v1/blobs/{blob}{contract}", base(market)?);
    let agent = patient(SILENCE);
    let ask = |from| {
        let mut request = agent.get(&url);
        if let Some((_, ticket)) = signed {
            request = request.header("authorization", ticket);
        }
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
        }
        request.call().map_err(|error| unreachable(&url, &error))
    };
    let mut response = ask(from)?;
    // There is no more after it: what was there before was all, or more.
    if response.status().as_u16() == 416 {
        response = ask(0)?;
    }
    if response.status().as_u16() == 404 {
        return Ok(None);
    }
    if !response.status().is_success() {
        return answer(&url, Ok(response)).map(|_| None);
    }
    let (from, whole) = reach(&response)?;
    let body = response.into_body().into_reader();
    Ok(Some(Rest { from, whole, body }))
}

/// Where a body begins, and how long the whole is. Whoever knows no ranges answers with all of it.
fn reach(response: &ureq::http::Response<ureq::Body>) -> Result<(u64, u64), Failure> {
    let header = |name: &str| response.headers().get(name)?.to_str().ok();
    let reach = match response.status().as_u16() {
        206 => header("content-range").and_then(|it| {
            let (range, whole) = it.strip_prefix("bytes ")?.split_once('/')?;
            let (from, _) = range.split_once('-')?;
            Some((from.parse().ok()?, whole.parse().ok()?))
        }),
        _ => header("content-length").and_then(|it| Some((0, it.parse().ok()?))),
    };
    reach.ok_or_else(|| no_market("it says no length of a blob"))
}

/// What is asked for, byte for byte as it is answered.
pub(crate) fn fetch(
    market: &str,
    path: &str,
    asked: &[(&str, Option<&str>)],
) -> Result<Vec<u8>, Failure> {
    let url = format!("{}{path}", base(market)?);
    let asked = asked.iter().filter_map(|(name, it)| Some((*name, (*it)?)));
    let received = received(&url, agent().get(&url).query_pairs(asked).call());
    received.map(|(text, _)| text.into_bytes())
}

/// Server-sent events after the one of this number, line by line, for as long as they come.
pub(crate) fn stream(market: &str, after: u64) -> Result<impl BufRead, Failure> {
    let url = format!("{}/v1/events/stream", base(market)?);
    let agent = patient(SILENCE);
    let request = agent.get(&url).header("last-event-id", after.to_string());
    let response = request.call().map_err(|error| unreachable(&url, &error))?;
    match response.status().is_success() {
        true => Ok(BufReader::new(response.into_body().into_reader())),
        false => {
            let refused = answer(&url, Ok(response)).map(drop);
            Err(refused
                .err()
                .unwrap_or_else(|| no_market("it streams no events")))
        }
    }
}

/// What answers is no market, or a newer one.
pub(crate) fn no_market(why: &str) -> Failure {
    Failure::environment("no-market", why, "is this the address of a market?")
}

/// The address without a path.
fn base(market: &str) -> Result<&str, Failure> {
    let schemes = ["http://", "https://"];
    match schemes.iter().any(|scheme| market.starts_with(scheme)) {
        true => Ok(market.trim_end_matches('/')),
        false => Err(Failure::input(
            "market-address",
            format!("{market:?} is no address of a market"),
            "say http://HOST:PORT, as `market serve` prints it",
        )),
    }
}

/// How something is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Method {
    /// Shows.
    Get,
    /// Makes.
    Post,
    /// Takes away.
    Delete,
}

/// Asks for something that is only for whoever signed the ticket.
pub(crate) fn with_ticket(
    market: &str,
    method: Method,
    path: &str,
    ticket: &str,
    body: Option<Value>,
) -> Result<Value, Failure> {
    let url = format!("{}{path}", base(market)?);
    let (agent, name) = (agent(), "authorization");
    let response = match (method, body) {
        (Method::Get, _) => agent.get(&url).header(name, ticket).call(),
        (Method::Delete, _) => agent.delete(&url).header(name, ticket).call(),
        (Method::Post, None) => agent.post(&url).header(name, ticket).send_empty(),
        (Method::Post, Some(body)) => {
            let request = agent.post(&url).header(name, ticket);
            let request = request.header("content-type", "application/json");
            request.send(body.to_string())
        }
    };
    answer(&url, response)
}

/// What commands and tickets of a market must name.
pub(crate) fn audience(market: &str) -> Result<Term, Failure> {
    let shown = get(market, "/v1/market")?;
    let audience = shown["rules"]["audience"].as_str().unwrap_or_default();
    let audience = audience.parse();
    audience.map_err(|_| no_market("it states no audience"))
}

/// The blobs of a market.
pub(super) struct Blobs<'m> {
    market: &'m str,
    agent: ureq::Agent,
}

/// What a market has of a blob.
pub(super) enum There {
    /// All of it.
    Whole,
    /// So many bytes.
    Part(u64),
}

impl<'m> Blobs<'m> {
    pub(super) fn of(market: &'m str) -> Self {
        // An upload takes as long as it takes, as long as it goes on.
        let config = config()
            .timeout_connect(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .timeout_recv_response(Some(SILENCE));
        let agent = config.build().into();
        Self { market, agent }
    }

    fn url(&self, blob: &Digest) -> String {
        format!("{}/v1/blobs/{blob}", self.market.trim_end_matches('/'))
    }

    /// How much of a blob is there for whoever has this ticket.
    pub(super) fn look(&self, blob: &Digest, ticket: Option<&str>) -> Result<There, Failure> {
        let url = self.url(blob);
        let mut request = self.agent.head(&url);
        if let Some(ticket) = ticket {
            request = request.header("authorization", ticket);
        }
        let response = request.call().map_err(|error| unreachable(&url, &error))?;
        let arrived = response.headers().get("upload-offset");
        let arrived = arrived.and_then(|it| it.to_str().ok()?.parse().ok());
        // Why something was refused is told when it is sent.
        Ok(match response.status().is_success() {
            true => There::Whole,
            false => There::Part(arrived.unwrap_or(0)),
        })
    }

    /// Sends a blob from a place on; so many bytes are left.
    pub(super) fn send(
        &self,
        blob: &Digest,
        ticket: &str,
        (from, left): (u64, u64),
        body: SendBody<'_>,
    ) -> Result<Value, Failure> {
        let url = self.url(blob);
        let mut request = self
            .agent
            .put(&url)
            .header("authorization", ticket)
            .header("upload-offset", from.to_string())
            .header("content-type", "application/octet-stream")
            .header("content-length", left.to_string());
        if left > ASK_FIRST {
            request = request.header("expect", "100-continue");
        }
        answer(&url, request.send(body))
    }
}

/// How long to wait before a command that was not answered is sent again.
const AGAIN: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// Sends a command until it is answered, byte for byte the same: it is obeyed once at most.
pub(super) fn command(market: &str, body: &str, id: &CommandId) -> Result<Value, Failure> {
    let url = format!("{}/v1/commands", base(market)?);
    let send = || {
        let request = agent().post(&url);
        answer(
            &url,
            request
                .header("content-type", "application/json")
                .send(body),
        )
    };
    let mut answered = send();
    for pause in AGAIN {
        match &answered {
            Err(failure) if failure.exit == Exit::Unavailable => std::thread::sleep(pause),
            _ => break,
        }
        answered = send();
    }
    answered.map_err(
        |failure| match failure.problems.iter().any(|it| it.code == UNREACHABLE) {
            true => unanswered(&url, id),
            false => failure,
        },
    )
}

/// Nobody knows what became of it.
fn unanswered(url: &str, id: &CommandId) -> Failure {
    let why = format!("{url} does not answer: the command may have been obeyed, or not");
    let hint = format!("send the same again with --id {id}: it is obeyed once at most");
    Failure::environment("unanswered", why, hint)
}

fn answer(
    url: &str,
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Value, Failure> {
    received(url, response).map(|(_, value)| value)
}

/// What came, as it came and as it is read.
fn received(
    url: &str,
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<(String, Value), Failure> {
    let mut response = response.map_err(|error| unreachable(url, &error))?;
    let body = response.body_mut().with_config().limit(MAX_BYTES);
    let text = body.read_to_string();
    let text = text.map_err(|error| unreachable(url, &error))?;
    let value: Value = serde_json::from_str(&text).map_err(|_| {
        let why = format!("{url} answers {}, and no JSON", response.status());
        Failure::environment("no-market", why, "is this the address of a market?")
    })?;
    match response.status().is_success() {
        true => Ok((text, value)),
        false => {
            let status = response.status();
            let later = status.is_server_error() || status.as_u16() == 429;
            Err(refused(&value, later))
        }
    }
}

fn unreachable(url: &str, error: &ureq::Error) -> Failure {
    let hint = "start it with `proofmark market serve`, or name it with --market";
    Failure::environment(UNREACHABLE, format!("{url}: {error}"), hint)
}

/// What the market said, as if it had been said here.
fn refused(problem: &Value, may_later: bool) -> Failure {
    let text = |name: &str| problem[name].as_str().unwrap_or_default();
    let message = match text("detail") {
        "" => text("title").to_owned(),
        detail => format!("{}: {detail}", text("title")),
    };
    let code = known_code(text("code"));
    let mut failure = Failure::input(code, message, text("hint"));
    if may_later {
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
        "listeners-too-many",
        "stopped",
        "record-unavailable",
        "party-unknown",
        "submission-incomplete",
        "criteria-unusable",
        "engine-unknown",
        "run-unknown",
        "verdict-malformed",
        "record-contradicts",
        "too-fast",
        "blob-unknown",
        "blob-too-large",
        "quota-exceeded",
        "disk",
        "digest-mismatch",
        "upload-incomplete",
        "upload-too-slow",
        "upload-too-long",
        "upload-elsewhere",
        "upload-in-use",
        "ticket-missing",
        "ticket-malformed",
        "ticket-wrong-market",
        "ticket-signer-unknown",
        "ticket-signature-invalid",
        "ticket-expired",
        "ticket-too-long",
        "ticket-other-purpose",
        "webhook-address",
        "webhook-listens",
        "webhook-unknown",
        "webhooks-too-many",
        "webhooks-full",
        "webhooks-not-offered",
        "message-unknown",
        "instrument-unknown",
        "validator-unknown",
        "validators-not-offered",
        "not-inspected",
        "not-checked",
    ];
    known
        .chain(beside)
        .find(|known| *known == code)
        .unwrap_or("market-refused")
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// The other side loses power: no end of the connection is ever seen.
    #[test]
    fn what_falls_silent_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (done, ended) = std::sync::mpsc::channel::<()>();
        let silent = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("somebody");
            let _ = stream.read(&mut [0; 4096]).expect("a request");
            let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nsome";
            stream.write_all(begun).expect("it is sent");
            let _ = ended.recv();
        });
        let response = patient(Duration::from_millis(200)).get(&url).call();
        let mut body = response.expect("it begins").into_body().into_reader();
        let (told, heard) = std::sync::mpsc::channel();
        std::thread::spawn(move || told.send(body.read_to_end(&mut Vec::new())));
        let read = heard.recv_timeout(Duration::from_secs(5));
        assert!(read.expect("it is not waited for").is_err());
        drop(done);
        silent.join().expect("it ends");
    }
}
