//! Commands that somebody else should have sent, or at another time.

use proofmark_core::{Timestamp, canonical, uri};
use proofmark_dsse::Envelope;
use proofmark_market::command::{PAYLOAD_TYPE, Payload};
use proofmark_market::{Action, Code, CommandId};

use super::Attempt;
use super::money::withdraw;
use crate::season::Season;
use crate::stage::{AUDIENCE, Actor, Message};

impl Season {
    pub(super) fn forged(&mut self) {
        let spammer = Actor::new("spammer");
        let victim = self.chance.pick(&self.cast.suppliers).0.clone();
        let register = |key: &Actor| Action::Register {
            public_key: key.public_key().to_pem(),
        };
        match self.chance.below(6) {
            0 => {
                let message = self.written(&victim, &spammer, None, withdraw(1));
                let what = "signing what another should have sent";
                self.refuses(&message, Code::SignatureInvalid, what);
            }
            1 => self.reused(),
            2 => self.earlier(),
            3 => self.never(Attempt::new(
                "registering somebody else's key",
                &spammer,
                register(&Actor::new("newcomer")),
                Code::SignatureInvalid,
            )),
            4 => self.never(Attempt::new(
                "a key twice",
                &victim,
                register(&victim),
                Code::AlreadyRegistered,
            )),
            _ => self.never(Attempt::new(
                "a command of nobody",
                &Actor::new("stranger"),
                withdraw(1),
                Code::SenderUnknown,
            )),
        }
    }

    /// The id of a command that was obeyed, for another one.
    fn reused(&mut self) {
        let length = self.stage.log.len() as u64;
        let at = usize::try_from(self.chance.below(length)).expect("an index");
        let envelope = Envelope::parse(&self.stage.log[at].envelope).expect("it was obeyed");
        let payload: Payload = serde_json::from_slice(envelope.payload()).expect("it was obeyed");
        let who = self.who(payload.sender);
        // Nobody withdraws so much.
        let amount = self.chance.between(2_000_000, 3_000_000);
        let message = self.written(&who, &who, Some(payload.id), withdraw(amount));
        let what = "the id of an obeyed command for another one";
        self.refuses(&message, Code::CommandReused, what);
    }

    /// A clock that goes back.
    fn earlier(&mut self) {
        let now = self.stage.now;
        let before = Timestamp::from_micros(self.stage.market.now().micros() - 1);
        self.stage.now = before.expect("after 1970");
        self.never(Attempt::new(
            "a command before the last one",
            &Actor::new("spammer"),
            withdraw(1),
            Code::TimeWentBack,
        ));
        self.stage.now = now;
    }

    /// A command that says who sent it and is signed by somebody, perhaps else.
    fn written(
        &mut self,
        sender: &Actor,
        signer: &Actor,
        id: Option<CommandId>,
        action: Action,
    ) -> Message {
        let mut fresh = [0xdd; 16];
        fresh[..8].copy_from_slice(&self.chance.next().to_be_bytes());
        let payload = Payload {
            schema: uri::COMMAND_V1.to_owned(),
            market: AUDIENCE.parse().expect("a term"),
            sender: sender.id(),
            id: id.unwrap_or_else(|| CommandId::from_bytes(fresh)),
            valid_until: None,
            action,
        };
        let bytes = canonical::to_bytes(&payload).expect("text and safe integers");
        let envelope = Envelope::signed(PAYLOAD_TYPE, bytes, signer.secret()).expect("it is short");
        Message {
            envelope: envelope.to_json().into_bytes(),
            attachment: None,
        }
    }
}
