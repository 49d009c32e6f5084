//! One try: a request to an address that was looked at, and to no other.

use std::fmt;
use std::io;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use crate::address::{AddressError, Reach, check, check_url};

/// How long one try may take, from the name to the head of the answer.
pub const MAX_SECONDS: u64 = 15;

/// Longest head of an answer. Its body is not read.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// What a receiver gets.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) url: String,
    pub(crate) id: String,
    /// Seconds since 1970, as they were signed.
    pub(crate) timestamp: u64,
    pub(crate) signature: String,
    pub(crate) body: String,
}

/// What a try came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: Option<u16>,
    /// Why it does not count as delivered: from a closed list, because its reader is a stranger to this network.
    pub(crate) error: Option<&'static str>,
}

impl Outcome {
    pub(crate) const fn answered(status: u16) -> Self {
        let error = match status {
            200..300 => None,
            300..400 => Some("it redirects, which is not followed"),
            _ => Some("it answers with another status than 2xx"),
        };
        Self {
            status: Some(status),
            error,
        }
    }

    pub(crate) const fn failed(error: &'static str) -> Self {
        Self {
            status: None,
            error: Some(error),
        }
    }

    /// Whether the receiver wants no messages any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// Speaks to receivers. Each try has a connection of its own, so that what a name leads to is looked at each time.
#[derive(Clone)]
pub struct Sender {
    agent: ureq::Agent,
    reach: Reach,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}

impl Sender {
    /// One that asks the system what names lead to.
    #[must_use]
    pub fn new(reach: Reach) -> Self {
        Self::asking(reach, DefaultResolver::default(), MAX_SECONDS)
    }

    /// One that asks somebody else what names lead to, and waits for so many seconds.
    #[must_use]
    pub fn asking(reach: Reach, names: impl Resolver, seconds: u64) -> Self {
        Self::believing(reach, names, seconds, RootCerts::WebPki)
    }

    /// The same, for receivers whose certificates lead to one of these.
    #[must_use]
    pub fn believing(reach: Reach, names: impl Resolver, seconds: u64, roots: RootCerts) -> Self {
        let config = ureq::Agent::config_builder()
            .https_only(reach == Reach::Public)
            // A proxy of the environment's would look names up itself.
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(seconds)))
            .max_response_header_size(MAX_HEAD_BYTES)
            .max_idle_connections(0)
            .user_agent(concat!("proofmark/", env!("CARGO_PKG_VERSION")))
            .build();
        let names = Checked { names, reach };
        let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), names);
        Self { agent, reach }
    }

    /// Tries once. Blocks for [`MAX_SECONDS`] at most.
    pub(crate) fn send(&self, request: &Request) -> Outcome {
        // The operator may have changed its mind since the webhook was added.
        if check_url(&request.url, self.reach).is_err() {
            return Outcome::failed(NOT_PUBLIC);
        }
        let sent = self
            .agent
            .post(&request.url)
            .header("content-type", "application/json")
            .header("webhook-id", &request.id)
            .header("webhook-timestamp", request.timestamp.to_string())
            .header("webhook-signature", &request.signature)
            .send(request.body.as_bytes());
        match sent {
            Ok(response) => Outcome::answered(response.status().as_u16()),
            Err(error) => Outcome::failed(why(&error)),
        }
    }
}

/// The same whether a name leads nowhere or to what is not public: what names mean inside this network is not told.
const NOT_PUBLIC: &str = "its name leads to no address of the public internet";

const NO_TLS: &str = "it cannot be spoken to over TLS, or its certificate does not hold";

fn why(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "it did not answer in time",
        ureq::Error::HostNotFound => NOT_PUBLIC,
        ureq::Error::Io(error) if is_refused(error) => NOT_PUBLIC,
        // What `rustls` finds while it shakes hands comes as data that is not valid.
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => NO_TLS,
        ureq::Error::Io(_) | ureq::Error::ConnectionFailed => "there is no connection to it",
        ureq::Error::Rustls(_) | ureq::Error::Tls(_) => NO_TLS,
        _ => "what it answers is not HTTP",
    }
}

fn is_refused(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.is_some_and(|it| it.is::<AddressError>() || it.is::<NoName>())
}

/// A name that leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("the name leads nowhere")]
struct NoName;

/// Looks at every address that a name leads to, before there is a connection to any: one that is refused is enough.
#[derive(Debug)]
struct Checked<R> {
    names: R,
    reach: Reach,
}

impl<R: Resolver> Resolver for Checked<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout);
        let found = found.map_err(|error| match error {
            error @ ureq::Error::Timeout(_) => error,
            _ => ureq::Error::Io(io::Error::other(NoName)),
        })?;
        for address in &found[..] {
            let checked = check(address.ip(), self.reach);
            checked.map_err(|error| ureq::Error::Io(io::Error::other(error)))?;
        }
        Ok(found)
    }
}
