//! Commands that somebody else should have sent, or at another time.

use proofmark_core::Timestamp;
use proofmark_dsse::Envelope;
use proofmark_market::command::Payload;
use proofmark_market::{Action, Code};

use super::Attempt;
use super::money::withdraw;
use crate::season::Season;
use crate::stage::Actor;

impl Season {
    pub(super) fn forged(&mut self) {
        let spammer = Actor::new("spammer");
        let victim = self.chance.pick(&self.cast.suppliers).0.clone();
        let register = |key: &Actor| Action::Register {
            public_key: key.public_key().to_pem(),
        };
        match self.chance.below(6) {
            0 => {
                let message = self.signed(&spammer, |payload| payload.sender = victim.id());
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
        let message = self.signed(&who, |other| {
            other.id = payload.id;
            other.action = withdraw(amount);
        });
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
}
