//! What nobody should be able to do, what happens to machines, and the rails.

use proofmark_core::{Digest, Timestamp, uri};
use proofmark_market::command::{Payload, sign};
use proofmark_market::{Account, Action, Code, CommandId, Status, replay};

use super::Season;
use crate::stage::{AUDIENCE, Actor, Message, cents, fraud, payload_digest, usd};

impl Season {
    pub(super) fn mischief(&mut self) {
        match self.chance.below(100) {
            0..25 => self.again(),
            25..35 => self.elsewhere(),
            35..45 => self.expired(),
            45..51 => self.prove_fraud(),
            51..55 => self.crash(),
            55..80 => self.income(),
            _ => (0..4).for_each(|_| self.forbidden()),
        }
    }

    /// An old command, as it was recorded, is sent once more.
    fn again(&mut self) {
        let length = self.stage.log.len() as u64;
        let at = usize::try_from(self.chance.below(length)).expect("an index");
        let entry = self.stage.log[at].clone();
        let message = Message {
            envelope: entry.envelope,
            attachment: entry.attachment,
        };
        let before = self.stage.market.head();
        match self.stage.deliver(&message) {
            Ok(receipt) if receipt.status == Status::Exists => {
                self.seen.mark("an old command came again");
            }
            Ok(_) => self.breaks.push(format!("entry {at} was obeyed again")),
            Err(rejection) => self
                .breaks
                .push(format!("entry {at} is not known again: {rejection}")),
        }
        if self.stage.market.head() != before {
            self.breaks.push(format!("entry {at} was recorded again"));
        }
    }

    /// A command by this signer, changed before it signs.
    pub(super) fn signed(&mut self, signer: &Actor, change: impl FnOnce(&mut Payload)) -> Message {
        let mut id = [0xee; 16];
        id[..8].copy_from_slice(&self.chance.next().to_be_bytes());
        let mut payload = Payload {
            schema: uri::COMMAND_V1.to_owned(),
            market: AUDIENCE.parse().expect("a term"),
            sender: signer.id(),
            id: CommandId::from_bytes(id),
            valid_until: None,
            action: Action::Withdraw {
                asset: usd(),
                amount: cents(1),
            },
        };
        change(&mut payload);
        let envelope = sign(&payload, signer.secret()).expect("it is short");
        Message {
            envelope: envelope.to_json().into_bytes(),
            attachment: None,
        }
    }

    fn elsewhere(&mut self) {
        let message = self.signed(&Actor::new("spammer"), |payload| {
            payload.market = "urn:market:elsewhere".parse().expect("a term");
        });
        self.seen.mark("a command for another market came");
        self.refuses(&message, Code::WrongMarket, "a command for another market");
    }

    fn expired(&mut self) {
        let past = Timestamp::from_micros(self.stage.now.micros() - 1);
        let past = past.expect("after 1970");
        let spammer = Actor::new("spammer");
        let message = self.signed(&spammer, |payload| payload.valid_until = Some(past));
        self.refuses(&message, Code::CommandExpired, "a command that has expired");
    }

    /// Whoever saw two results of one run by one key has it struck off.
    fn prove_fraud(&mut self) {
        let market = &self.stage.market;
        let waiting = market.contracts().find_map(|contract| contract.run());
        let (Some(run), Some(policy)) = (waiting.cloned(), market.policy().cloned()) else {
            return;
        };
        let two_faced = |eye| eye == super::cast::Eye::TwoFaced;
        let engine = self.cast.engines.iter().find(|(_, eye)| two_faced(*eye));
        let (Some((engine, _)), Some(manifest)) = (engine, self.stage.manifest(&run.submission()))
        else {
            return;
        };
        let proof = fraud(&run, manifest, engine, &policy);
        let action = Action::StrikeEngine {
            proof: Digest::of(&proof),
        };
        self.send(&Actor::new("spammer"), action, Some(proof));
    }

    /// The machine dies; another one reads the log.
    fn crash(&mut self) {
        self.seen.mark("the market crashed and was replayed");
        match replay(self.stage.market.rules().clone(), &self.stage.log) {
            Ok(again) => {
                let same = again.root() == self.stage.market.root()
                    && again.head() == self.stage.market.head();
                if !same {
                    self.breaks.push("a replay gives another market".to_owned());
                }
                self.stage.market = again;
            }
            Err(error) => {
                let why = proofmark_core::chain(&error);
                self.breaks
                    .push(format!("the log cannot be replayed: {why}"));
            }
        }
    }

    /// Somebody gets money from outside; a debtor pays from it.
    fn income(&mut self) {
        let market = &self.stage.market;
        let debtor = market
            .contracts()
            .find(|contract| self.stage.left(Account::Debt(contract.id, usd())) > 0);
        let debtor = debtor.map(|contract| contract.supplier);
        let (stranger, _) = self.chance.pick(&self.cast.suppliers).clone();
        let supplier = debtor.map_or(stranger, |debtor| self.who(debtor));
        let amount = self.chance.between(1, 600);
        let before = self.stage.has(&supplier);
        let action = Action::Deposit {
            party: supplier.id(),
            asset: usd(),
            amount: cents(amount),
        };
        let operator = Actor::operator();
        let sequence = self.stage.market.sequence();
        self.send(&operator, action, None);
        let obeyed = self.stage.market.sequence() > sequence;
        if obeyed && self.stage.has(&supplier) < before + amount {
            self.seen.mark("later income paid a debt");
        }
    }

    pub(super) fn withdraw(&mut self, who: &Actor, action: Action) {
        let message = self.stage.write(who, action, None);
        if let Ok(receipt) = self.stage.deliver(&message) {
            for noted in &receipt.events {
                self.seen.event(&noted.event);
            }
            self.withdrawals.push(payload_digest(&message));
        }
    }

    /// A rail says what became of a withdrawal; or somebody wants more out than there is.
    pub(super) fn rails(&mut self) {
        let earned = self.stage.left(Account::Fees(usd()));
        if earned > 0 && self.chance.percent(5) {
            let action = Action::CollectFees {
                asset: usd(),
                amount: cents(self.chance.between(1, earned)),
            };
            return self.send(&Actor::operator(), action, None);
        }
        let Some(withdrawal) = self.withdrawals.pop() else {
            let spammer = Actor::new("spammer");
            let action = Action::Withdraw {
                asset: usd(),
                amount: cents(1_000_000),
            };
            return self.send(&spammer, action, None);
        };
        let action = match self.chance.percent(75) {
            true => Action::ConfirmWithdrawal { withdrawal },
            false => {
                self.seen.mark("a withdrawal was returned");
                Action::ReturnWithdrawal { withdrawal }
            }
        };
        let message = self.stage.write(&Actor::operator(), action, None);
        match self.stage.deliver(&message) {
            Ok(receipt) => {
                for noted in &receipt.events {
                    self.seen.event(&noted.event);
                }
            }
            Err(rejection) => self.breaks.push(format!("a rail is refused: {rejection}")),
        }
    }
}
