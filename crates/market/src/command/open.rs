//! The market's side: from bytes to a command that can be obeyed.

use proofmark_attestation::statement::binding::Term;
use proofmark_attestation::verify::{Evidence, FraudProof, PolicySource, verify};
use proofmark_core::canonical::{self, ParseLimits};
use proofmark_core::{Digest, Timestamp, chain, uri};
use proofmark_dsse::Envelope;
use proofmark_keys::{KeyId, MAX_MESSAGE_BYTES, PublicKey};
use proofmark_trust::accept;

use super::{Action, Attachment, Command, ContractAction, Opened, PAYLOAD_TYPE, Payload};
use crate::ids::{ContractId, PartyId};
use crate::market::Market;
use crate::rejection::{Code, Rejection};
use crate::terms::Terms;

const PAYLOAD: ParseLimits = ParseLimits {
    max_bytes: MAX_MESSAGE_BYTES,
    max_depth: 8,
};

/// A command whose form and signature were checked, and nothing that a market has to know but its name. A key is known by
/// its digest, so this holds at every time, and can be found out on any thread before the command's turn comes.
#[derive(Debug)]
pub struct Signed {
    key: PublicKey,
    payload: Payload,
    digest: Digest,
    envelope: Digest,
}

impl Signed {
    /// Reads a command for the market with this audience, and checks its signature. `key_of` finds a sender's key;
    /// whoever registers brings its own.
    ///
    /// # Errors
    /// [`Rejection`], of whoever sent the bytes; [`Code::SenderUnknown`] where `key_of` finds nothing.
    pub fn read(
        envelope: &[u8],
        audience: &Term,
        key_of: impl FnOnce(&KeyId) -> Option<PublicKey>,
    ) -> Result<Self, Rejection> {
        let received = Digest::of(envelope);
        let envelope = Envelope::parse(envelope)
            .map_err(|error| Code::CommandMalformed.because(chain(&error)))?;
        let payload = read(&envelope)?;
        if payload.market != *audience {
            return Err(Code::WrongMarket.because(format!("it is meant for {}", payload.market)));
        }
        let key = key_that_signed(&envelope, &payload.action, key_of)?;
        if payload.sender != key.id() {
            return Err(Code::SignatureInvalid.because("another key signed than the sender's"));
        }
        if envelope.tally([&key]).valid != [key.id()] {
            return Err(Code::SignatureInvalid.because(format!("of key {}", key.id())));
        }
        Ok(Self {
            key,
            digest: envelope.payload_digest(),
            payload,
            envelope: received,
        })
    }

    /// Who signed it.
    #[must_use]
    pub const fn sender(&self) -> PartyId {
        self.key.id()
    }

    /// What is asked for.
    #[must_use]
    pub const fn action(&self) -> &Action {
        &self.payload.action
    }
}

/// The key of the one signature: of a party, or of whoever becomes one.
fn key_that_signed(
    envelope: &Envelope,
    action: &Action,
    key_of: impl FnOnce(&KeyId) -> Option<PublicKey>,
) -> Result<PublicKey, Rejection> {
    let [signature] = envelope.signatures() else {
        return Err(Code::SignatureInvalid.because("a command has one signature"));
    };
    let id = signature
        .key_id
        .ok_or_else(|| Code::SignatureInvalid.because("it names no key"))?;
    let key = match action {
        Action::Register { public_key } => PublicKey::from_pem(public_key)
            .map_err(|error| Code::CommandMalformed.because(chain(&error)))?,
        _ => key_of(&id).ok_or_else(|| unknown(&id))?,
    };
    match key.id() == id {
        true => Ok(key),
        false => Err(Code::SignatureInvalid.because("another key signed than is registered")),
    }
}

fn unknown(id: &KeyId) -> Rejection {
    Code::SenderUnknown.because(format!("key {id}"))
}

impl Market {
    /// Reads a command, and checks its signature and what came beside it. Changes nothing, so that many can be
    /// opened at once before they are obeyed in order. A verdict or a policy was checked for this time and under the
    /// policy of this moment, and is obeyed only while both are the same.
    ///
    /// # Errors
    /// [`Rejection`], of whoever sent the bytes.
    pub fn open(
        &self,
        envelope: &[u8],
        attachment: Option<&[u8]>,
        at: Timestamp,
    ) -> Result<Command, Rejection> {
        let key_of = |id: &KeyId| self.key(id).copied();
        let signed = Signed::read(envelope, &self.rules().audience, key_of)?;
        self.open_signed(signed, attachment, at)
    }

    /// The same, of a command whose signature was checked before.
    ///
    /// # Errors
    /// [`Rejection`], of whoever sent the bytes.
    pub fn open_signed(
        &self,
        signed: Signed,
        attachment: Option<&[u8]>,
        at: Timestamp,
    ) -> Result<Command, Rejection> {
        let Signed {
            key,
            payload,
            digest,
            envelope,
        } = signed;
        let sender = key.id();
        if payload.market != self.rules().audience {
            return Err(Code::WrongMarket.because(format!("it is meant for {}", payload.market)));
        }
        let registers = matches!(payload.action, Action::Register { .. });
        if !registers && self.key(&sender).is_none() {
            return Err(unknown(&sender));
        }
        // What was obeyed before is answered as before, also when its run is long over.
        let attachment = match self.commands.get(&(sender, payload.id)) {
            Some(known) if *known == digest => Attachment::None,
            _ => self.attached(&payload.action, attachment, at)?,
        };
        Ok(Command {
            sender,
            digest,
            payload,
            envelope,
            attachment,
            opened: self.circumstances(at),
        })
    }

    /// What the opening of a command depends on beside its bytes.
    pub(crate) fn circumstances(&self, at: Timestamp) -> Opened {
        Opened {
            at,
            policy: self.policy().map(|policy| policy.digest()),
        }
    }

    fn attached(
        &self,
        action: &Action,
        bytes: Option<&[u8]>,
        at: Timestamp,
    ) -> Result<Attachment, Rejection> {
        let bytes = match (action.attachment(), bytes) {
            (None, None) => return Ok(Attachment::None),
            (Some(named), Some(bytes)) if Digest::of(bytes) == named => bytes,
            (Some(_), Some(_)) => return Err(Code::AttachmentMismatch.because("it is another")),
            (Some(_), None) => return Err(Code::AttachmentMismatch.because("it is missing")),
            (None, Some(_)) => return Err(Code::AttachmentMismatch.because("none is named")),
        };
        match action {
            Action::PublishRfq { .. } => {
                let terms = Terms::parse(bytes).map_err(Rejection::from)?;
                Ok(Attachment::Terms(Box::new(terms)))
            }
            Action::PublishPolicy { .. } => {
                let policy = accept(bytes, self.policy(), None, at)
                    .map_err(|error| Code::PolicyRefused.because(chain(&error)))?;
                Ok(Attachment::Policy(Box::new(policy)))
            }
            Action::StrikeEngine { .. } => {
                let proof = FraudProof::parse(bytes)
                    .map_err(|error| Code::FraudProofRefused.because(chain(&error)))?;
                Ok(Attachment::Fraud(Box::new(proof)))
            }
            Action::Contract {
                contract,
                verb: ContractAction::PresentVerdict { .. },
            } => self.outcome(contract, bytes, at),
            _ => Err(Code::AttachmentMismatch.because("none is named")),
        }
    }

    /// Verifies a bundle against what this market itself knows of the run.
    fn outcome(
        &self,
        contract: &ContractId,
        bundle: &[u8],
        at: Timestamp,
    ) -> Result<Attachment, Rejection> {
        let facts = self.facts(contract, at)?;
        let policy = self
            .policy()
            .ok_or_else(|| Code::PolicyMissing.because("nobody may attest yet"))?;
        let source = PolicySource::Accepted(policy);
        let verification = verify(bundle, source, &facts, &Evidence::default());
        let outcome = verification.result.map_err(|failure| {
            Code::OutcomeRefused.because(format!("{}: {failure}", failure.code.as_str()))
        })?;
        Ok(Attachment::Outcome(Box::new(outcome)))
    }
}

/// A payload whose canonical bytes are exactly these: nothing is there twice, spelled otherwise, or unknown.
fn exactly(bytes: &[u8]) -> Option<Payload> {
    let payload: Payload = serde_json::from_slice(bytes).ok()?;
    let canonical = canonical::to_bytes(&payload).ok()?;
    (canonical == bytes && bytes.len() <= PAYLOAD.max_bytes).then_some(payload)
}

/// The same once more and slowly, to say what is wrong.
fn why_not(bytes: &[u8]) -> String {
    let value = match canonical::parse(bytes, PAYLOAD) {
        Ok(value) => value,
        Err(error) => return error.to_string(),
    };
    match canonical::read_as::<Payload>(&value) {
        Ok(_) => "the payload is not canonical JSON".to_owned(),
        Err(error) => error,
    }
}

fn read(envelope: &Envelope) -> Result<Payload, Rejection> {
    let refuse = |why: String| Code::CommandMalformed.because(why);
    if envelope.payload_type() != PAYLOAD_TYPE {
        return Err(refuse("the envelope does not hold a command".to_owned()));
    }
    let payload = exactly(envelope.payload()).ok_or_else(|| refuse(why_not(envelope.payload())))?;
    match payload.schema == uri::COMMAND_V1 {
        true => Ok(payload),
        false => Err(refuse("the schema is not that of a command".to_owned())),
    }
}
