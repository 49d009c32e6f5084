//! The market's side: from bytes to a command that can be obeyed.

use proofmark_attestation::verify::{Evidence, FraudProof, PolicySource, verify};
use proofmark_core::canonical::{self, ParseLimits};
use proofmark_core::{Digest, Timestamp, chain, uri};
use proofmark_dsse::Envelope;
use proofmark_keys::{MAX_MESSAGE_BYTES, PublicKey};
use proofmark_trust::accept;

use super::{Action, Attachment, Command, ContractAction, Opened, PAYLOAD_TYPE, Payload};
use crate::ids::ContractId;
use crate::market::Market;
use crate::rejection::{Code, Rejection};
use crate::terms::Terms;

const PAYLOAD: ParseLimits = ParseLimits {
    max_bytes: MAX_MESSAGE_BYTES,
    max_depth: 8,
};

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
        let received = Digest::of(envelope);
        let envelope = Envelope::parse(envelope)
            .map_err(|error| Code::CommandMalformed.because(chain(&error)))?;
        let payload = read(&envelope)?;
        if payload.market != self.rules().audience {
            return Err(Code::WrongMarket.because(format!("it is meant for {}", payload.market)));
        }
        let key = self.key_of(&envelope, &payload.action)?;
        if payload.sender != key.id() {
            return Err(Code::SignatureInvalid.because("another key signed than the sender's"));
        }
        if envelope.tally([&key]).valid != [key.id()] {
            return Err(Code::SignatureInvalid.because(format!("of key {}", key.id())));
        }
        // What was obeyed before is answered as before, also when its run is long over.
        let name = (payload.sender, payload.id);
        let attachment = match self.commands.get(&name) {
            Some(known) if *known == envelope.payload_digest() => Attachment::None,
            _ => self.attached(&payload.action, attachment, at)?,
        };
        Ok(Command {
            sender: key.id(),
            digest: envelope.payload_digest(),
            payload,
            envelope: received,
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

    /// The key of the one signature: of a party, or of whoever becomes one.
    fn key_of(&self, envelope: &Envelope, action: &Action) -> Result<PublicKey, Rejection> {
        let [signature] = envelope.signatures() else {
            return Err(Code::SignatureInvalid.because("a command has one signature"));
        };
        let id = signature
            .key_id
            .ok_or_else(|| Code::SignatureInvalid.because("it names no key"))?;
        let key = match action {
            Action::Register { public_key } => PublicKey::from_pem(public_key)
                .map_err(|error| Code::CommandMalformed.because(chain(&error)))?,
            _ => *self
                .key(&id)
                .ok_or_else(|| Code::SenderUnknown.because(format!("key {id}")))?,
        };
        match key.id() == id {
            true => Ok(key),
            false => Err(Code::SignatureInvalid.because("another key signed than is registered")),
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
