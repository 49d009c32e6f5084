//! Tickets: what somebody may do with bytes, runs or its webhooks, signed by itself and good for an hour at most.
//!
//! Bytes are not commands: they are not kept in the record, and whoever sends or reads them twice changes nothing. So a
//! ticket needs no session, no secret that the server keeps, and no list of what was used; the key that signs commands
//! signs tickets too.

use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proofmark_attestation::statement::binding::Term;
use proofmark_core::{Digest, Timestamp, canonical, chain, uri};
use proofmark_dsse::Envelope;
use proofmark_keys::{KeyId, PublicKey, SignError, Signer};
use proofmark_market::Market;
use proofmark_trust::{Role, Standing};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// DSSE payload type of a ticket.
pub const PAYLOAD_TYPE: &str = "application/vnd.proofmark.ticket.v1+json";

/// What stands before a ticket in the `Authorization` header.
pub const SCHEME: &str = "Proofmark";

/// A ticket that is good for longer is refused: it might be stolen.
pub const MAX_SECONDS: u64 = 3_600;

/// Longest value of the header: what is signed has at most 4 KiB, its envelope in base64 6 KiB, and that in base64 8 KiB.
const MAX_TICKET_BYTES: usize = 8 << 10;

/// What somebody may do beside sending commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// [`uri::TICKET_V1`].
    pub schema: String,
    /// The market that it is meant for: its audience.
    pub market: Term,
    /// Who signs it.
    pub sender: KeyId,
    /// After then it is void.
    pub valid_until: Timestamp,
    /// What for.
    pub access: Access,
}

/// What a ticket is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Access {
    /// Sending a blob.
    Upload {
        /// Its digest.
        blob: Digest,
        /// Its length in bytes.
        size: u64,
        /// Whether anybody may read it. What was made public once stays so.
        public: bool,
    },
    /// Reading a blob.
    Download {
        /// Its digest.
        blob: Digest,
    },
    /// Judging as an engine: holding runs that wait for it, and handing in its verdicts.
    Judge {},
    /// Adding, reading and removing the sender's own webhooks.
    Webhooks {},
}

impl Access {
    /// The blob that it is about, if it is about one.
    #[must_use]
    pub const fn blob(&self) -> Option<&Digest> {
        match self {
            Self::Upload { blob, .. } | Self::Download { blob } => Some(blob),
            Self::Judge {} | Self::Webhooks {} => None,
        }
    }
}

impl Ticket {
    /// The value of the `Authorization` header.
    ///
    /// # Errors
    /// [`SignError`] if the key cannot be used.
    ///
    /// # Panics
    /// If a size is larger than 2^53 − 1 bytes.
    pub fn sign(&self, signer: &dyn Signer) -> Result<String, SignError> {
        let bytes = canonical::to_bytes(self).expect("text and safe integers");
        let envelope = Envelope::signed(PAYLOAD_TYPE, bytes, signer)?;
        let encoded = URL_SAFE_NO_PAD.encode(envelope.to_json());
        Ok(format!("{SCHEME} {encoded}"))
    }
}

/// The ticket of a request, if it has one; it is verified and valid now.
pub(crate) fn read(
    headers: &HeaderMap,
    market: &Market,
    now: Timestamp,
) -> Result<Option<Ticket>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let (ticket, envelope) = parse(value.as_bytes())
        .map_err(|why| refuse("ticket-malformed", "this is no ticket", &why))?;
    if ticket.market != market.rules().audience {
        let title = "the ticket is for another market";
        let detail = ticket.market.to_string();
        return Err(refuse("ticket-wrong-market", title, &detail));
    }
    let party = market.key(&ticket.sender).copied();
    let key = party.or_else(|| engine(market, &ticket.sender, now));
    let key = key.ok_or_else(|| {
        let title = "nobody of this market signed the ticket";
        refuse("ticket-signer-unknown", title, &ticket.sender.to_string())
    })?;
    if envelope.tally([&key]).valid != [ticket.sender] {
        let title = "the signature of the ticket is wrong";
        return Err(refuse("ticket-signature-invalid", title, ""));
    }
    in_time(&ticket, now)?;
    Ok(Some(ticket))
}

/// Its canonical bytes and nothing else, as of a command.
fn parse(value: &[u8]) -> Result<(Ticket, Envelope), String> {
    if value.len() > MAX_TICKET_BYTES {
        return Err(format!("{MAX_TICKET_BYTES} bytes at most"));
    }
    let (scheme, encoded) = value.split_at_checked(SCHEME.len()).unwrap_or_default();
    // Names of schemes have no case (RFC 9110, 11.1).
    let encoded = encoded
        .strip_prefix(b" ")
        .filter(|_| scheme.eq_ignore_ascii_case(SCHEME.as_bytes()))
        .ok_or("the scheme is not Proofmark")?;
    let bytes = URL_SAFE_NO_PAD
        .decode(encoded)
        .map_err(|_| "it is not base64url without padding")?;
    let envelope = Envelope::parse(&bytes).map_err(|error| chain(&error))?;
    if envelope.payload_type() != PAYLOAD_TYPE {
        return Err("the envelope does not hold a ticket".to_owned());
    }
    if envelope.signatures().len() != 1 {
        return Err("a ticket has one signature".to_owned());
    }
    let ticket: Ticket =
        serde_json::from_slice(envelope.payload()).map_err(|error| error.to_string())?;
    if canonical::to_bytes(&ticket).ok().as_deref() != Some(envelope.payload()) {
        return Err("the payload is not canonical JSON".to_owned());
    }
    match ticket.schema == uri::TICKET_V1 {
        true => Ok((ticket, envelope)),
        false => Err("the schema is not that of a ticket".to_owned()),
    }
}

fn in_time(ticket: &Ticket, now: Timestamp) -> Result<(), Problem> {
    if ticket.valid_until < now {
        let title = "the ticket is not valid any more";
        return Err(refuse("ticket-expired", title, ""));
    }
    if ticket.valid_until > now.plus_seconds(MAX_SECONDS) {
        let title = "the ticket is valid for too long";
        let detail = format!("{MAX_SECONDS} seconds at most");
        return Err(refuse("ticket-too-long", title, &detail));
    }
    Ok(())
}

/// The key of an engine that counts in this market now.
pub(crate) fn engine(market: &Market, id: &KeyId, now: Timestamp) -> Option<PublicKey> {
    let policy = market.policy()?;
    let counts = policy.role_of(id) == Some(Role::Outcome) && !market.struck().contains(id);
    let key = policy.key(id).filter(|_| counts)?;
    (key.standing(now) == Standing::Good).then_some(key.key)
}

/// Whoever asked is to blame, and may ask again with a better ticket.
fn refuse(code: &'static str, title: &'static str, detail: &str) -> Problem {
    let hint =
        "sign a fresh one for this market, this purpose and this blob: docs/spec/ticket-v1.md";
    Problem::new(StatusCode::UNAUTHORIZED, code, title, hint, detail)
}

pub(crate) fn missing() -> Problem {
    let title = "this needs a ticket";
    refuse("ticket-missing", title, "in the Authorization header")
}

/// It says something else than what is asked.
pub(crate) fn for_something_else() -> Problem {
    let title = "the ticket is for something else";
    let hint = "a ticket is for one purpose, and where that is a blob, for one blob";
    let status = StatusCode::FORBIDDEN;
    Problem::new(status, "ticket-other-purpose", title, hint, "")
}
