//! Tickets of whoever runs the command.

use proofmark_api::ticket::{Access, Ticket};
use proofmark_attestation::statement::binding::Term;
use proofmark_core::uri;
use proofmark_keys::Signer;

use super::send::unsigned;
use crate::commands::evidence::now;
use crate::failure::Failure;

/// A ticket is good for so long: clocks may differ by as much, and a market takes an hour at most.
pub(super) const SECONDS: u64 = 30 * 60;

/// What the `Authorization` header says to a market of this audience.
pub(crate) fn sign(
    audience: &Term,
    signer: &dyn Signer,
    access: Access,
) -> Result<String, Failure> {
    let ticket = Ticket {
        schema: uri::TICKET_V1.to_owned(),
        market: audience.clone(),
        sender: signer.public_key().id(),
        valid_until: now().plus_seconds(SECONDS),
        access,
    };
    ticket.sign(signer).map_err(|error| unsigned(&error))
}
