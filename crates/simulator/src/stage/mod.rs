//! A market with its parties, who sign for real. Time stands still until somebody moves it; nothing depends on chance.

mod actor;
mod judging;
mod rules;
mod terms;
mod work;

use std::collections::BTreeMap;

use proofmark_core::{Digest, Timestamp, uri};
use proofmark_criteria::Manifest;
use proofmark_ledger::{AccountKey as _, Amount, Asset};
use proofmark_market::command::{Bid, Payload, SealedBid, sign};
use proofmark_market::event::Noted;
use proofmark_market::{
    Account, Action, Code, CommandId, ContractAction, ContractId, Entry, Market, PartyId, Receipt,
    Rejection, RfqId, Rules, Terms, step,
};

pub use actor::Actor;
pub use judging::{Says, bundle, fraud};
pub use rules::{HOUSE, engines, rules, signed_policy, signed_policy_with};
pub use terms::terms;
pub use work::{EVIDENCE, MILESTONE, Work};

/// The settlement domain of the market on stage.
pub const AUDIENCE: &str = "urn:market:stage";

/// When every story begins.
pub const CURTAIN: &str = "2026-11-27T12:00:00Z";

/// Dollars and cents.
///
/// # Panics
/// Never.
#[must_use]
pub fn usd() -> Asset {
    "USD/2".parse().expect("an asset")
}

/// So many cents.
///
/// # Panics
/// If it is negative.
#[must_use]
pub fn cents(minor: i64) -> Amount {
    Amount::new(minor).expect("an amount")
}

/// A command as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The signed envelope.
    pub envelope: Vec<u8>,
    /// What goes beside it.
    pub attachment: Option<Vec<u8>>,
}

/// A market with its parties.
#[derive(Debug)]
pub struct Stage {
    /// The market.
    pub market: Market,
    /// Every command that it obeyed.
    pub log: Vec<Entry>,
    /// What happened by each of them.
    pub told: Vec<Vec<Noted>>,
    /// The time.
    pub now: Timestamp,
    actors: BTreeMap<PartyId, Actor>,
    works: BTreeMap<Digest, Manifest>,
    commands: u64,
}

impl Stage {
    /// A market that has opened: its policy is published, `parties` are registered, and each has this much.
    ///
    /// # Panics
    /// If the market refuses any of it.
    #[must_use]
    pub fn open(parties: &[Actor], cents_each: i64) -> Self {
        Self::under(rules(), parties, cents_each)
    }

    /// The same under rules of its own.
    ///
    /// # Panics
    /// If the rules are not sound, or the market refuses any of it.
    #[must_use]
    pub fn under(rules: Rules, parties: &[Actor], cents_each: i64) -> Self {
        let mut stage = Self {
            market: Market::new(rules).expect("the rules are sound"),
            log: Vec::new(),
            told: Vec::new(),
            now: CURTAIN.parse().expect("a time"),
            actors: BTreeMap::new(),
            works: BTreeMap::new(),
            commands: 0,
        };
        let operator = Actor::operator();
        stage.actors.insert(operator.id(), operator.clone());
        let policy = signed_policy(1);
        let action = Action::PublishPolicy {
            policy: Digest::of(&policy),
        };
        stage.must(&operator, action, Some(policy));
        for party in parties {
            stage.enter(party, cents_each);
        }
        stage
    }

    /// A party registers and gets money.
    ///
    /// # Panics
    /// If the market refuses.
    pub fn enter(&mut self, party: &Actor, deposit: i64) {
        self.actors.insert(party.id(), party.clone());
        let public_key = party.public_key().to_pem();
        self.must(party, Action::Register { public_key }, None);
        if deposit > 0 {
            let action = Action::Deposit {
                party: party.id(),
                asset: usd(),
                amount: cents(deposit),
            };
            self.must(&Actor::operator(), action, None);
        }
    }

    /// Whoever has this key.
    #[must_use]
    pub fn actor(&self, party: &PartyId) -> Option<&Actor> {
        self.actors.get(party)
    }

    /// Signs a command, without sending it.
    ///
    /// # Panics
    /// If it is too long to be signed.
    pub fn write(&mut self, who: &Actor, action: Action, attachment: Option<Vec<u8>>) -> Message {
        self.commands += 1;
        let mut id = [0; 16];
        id[8..].copy_from_slice(&self.commands.to_be_bytes());
        let payload = Payload {
            schema: uri::COMMAND_V1.to_owned(),
            market: AUDIENCE.parse().expect("a term"),
            sender: who.id(),
            id: CommandId::from_bytes(id),
            valid_until: None,
            action,
        };
        let envelope = sign(&payload, who.secret()).expect("it is short");
        Message {
            envelope: envelope.to_json().into_bytes(),
            attachment,
        }
    }

    /// Hands a message to the market.
    ///
    /// # Errors
    /// What the market says.
    pub fn deliver(&mut self, message: &Message) -> Result<Receipt, Rejection> {
        let attachment = message.attachment.as_deref();
        let command = self.market.open(&message.envelope, attachment, self.now)?;
        let before = self.market.sequence();
        let receipt = step(&mut self.market, command, self.now)?;
        if receipt.sequence > before {
            self.log.push(Entry {
                envelope: message.envelope.clone(),
                attachment: message.attachment.clone(),
                at: self.now,
            });
            self.told.push(receipt.events.clone());
        }
        Ok(receipt)
    }

    /// Signs and sends.
    ///
    /// # Errors
    /// What the market says.
    pub fn send(
        &mut self,
        who: &Actor,
        action: Action,
        attachment: Option<Vec<u8>>,
    ) -> Result<Receipt, Rejection> {
        let message = self.write(who, action, attachment);
        self.deliver(&message)
    }

    /// Signs and sends what the market must obey.
    ///
    /// # Panics
    /// If it does not.
    pub fn must(&mut self, who: &Actor, action: Action, attachment: Option<Vec<u8>>) -> Receipt {
        let shown = format!("{action:?}");
        let answer = self.send(who, action, attachment);
        answer.unwrap_or_else(|rejection| {
            panic!(
                "{} sent {shown}: {}: {rejection}",
                who.name(),
                rejection.code
            )
        })
    }

    /// Sends something about a contract.
    ///
    /// # Errors
    /// What the market says.
    pub fn ask(
        &mut self,
        who: &Actor,
        contract: ContractId,
        verb: ContractAction,
    ) -> Result<Receipt, Rejection> {
        self.send(who, Action::Contract { contract, verb }, None)
    }

    /// Sends something about a contract that the market must obey.
    ///
    /// # Panics
    /// If it does not.
    pub fn act(&mut self, who: &Actor, contract: ContractId, verb: ContractAction) -> Receipt {
        self.must(who, Action::Contract { contract, verb }, None)
    }

    /// Publishes an RFQ.
    ///
    /// # Errors
    /// What the market says.
    pub fn publish(&mut self, buyer: &Actor, terms: &Terms) -> Result<RfqId, Rejection> {
        let action = Action::PublishRfq {
            terms: terms.digest(),
        };
        let message = self.write(buyer, action, Some(terms.canonical_bytes()));
        self.deliver(&message)?;
        Ok(RfqId::of(&payload_digest(&message)))
    }

    /// What a sealed bid commits to, and what reveals it.
    #[must_use]
    pub fn seal(supplier: &Actor, rfq: RfqId, bid: Bid, salt: &str) -> (Action, Action) {
        let sealed = SealedBid {
            rfq,
            supplier: supplier.id(),
            bid,
            salt,
        };
        let commitment = sealed.commitment();
        let salt = salt.to_owned();
        (
            Action::CommitBid { rfq, commitment },
            Action::RevealBid { rfq, bid, salt },
        )
    }

    /// A bid that is firm for long.
    #[must_use]
    pub fn offer(&self, price: i64, bond: i64) -> Bid {
        Bid {
            price: cents(price),
            bond: cents(bond),
            firm_until: self.now.plus_seconds(30 * 86_400),
        }
    }

    /// Engines judge what a contract waits for, and `courier` presents their bundle.
    ///
    /// # Errors
    /// What the market says.
    pub fn judge(
        &mut self,
        courier: &Actor,
        contract: ContractId,
        says: Says,
        engines: &[&Actor],
    ) -> Result<Receipt, Rejection> {
        let run = self.market.contract(&contract).and_then(|it| it.run());
        let run = run.ok_or_else(|| Code::NothingToJudge.because("on stage"))?;
        let bundle = bundle(run, &self.works[&run.submission()], says, engines);
        let verb = ContractAction::PresentVerdict {
            bundle: Digest::of(&bundle),
        };
        self.send(courier, Action::Contract { contract, verb }, Some(bundle))
    }

    /// Some work, or some facts, by their text.
    pub fn work(&mut self, text: &str) -> Digest {
        let manifest = Work(text).manifest();
        let digest = manifest.digest();
        self.works.insert(digest, manifest);
        digest
    }

    /// The manifest of some work that was made here.
    #[must_use]
    pub fn manifest(&self, work: &Digest) -> Option<&Manifest> {
        self.works.get(work)
    }

    /// Moves the clock.
    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now.plus_seconds(seconds);
    }

    /// Moves the clock just past the deadline of an RFQ and ticks.
    ///
    /// # Panics
    /// If it has none.
    pub fn pass_rfq(&mut self, rfq: RfqId) -> Receipt {
        let deadline = self.market.rfq(&rfq).and_then(|rfq| rfq.state.deadline());
        self.until(deadline.expect("it has a deadline"));
        self.must(&Actor::passer_by(), Action::TickRfq { rfq }, None)
    }

    /// Moves the clock just past the deadline of a contract and ticks.
    ///
    /// # Panics
    /// If it has none.
    pub fn pass_contract(&mut self, contract: ContractId) -> Receipt {
        let deadline = self
            .market
            .contract(&contract)
            .and_then(|it| it.state.deadline());
        self.until(deadline.expect("it has a deadline"));
        self.act(&Actor::passer_by(), contract, ContractAction::Tick)
    }

    /// The first moment after a deadline.
    fn until(&mut self, deadline: Timestamp) {
        let after = Timestamp::from_micros(deadline.micros() + 1).expect("not the last moment");
        self.now = self.now.max(after);
    }

    /// What is left on an account, in cents.
    #[must_use]
    pub fn left(&self, account: Account) -> i64 {
        let balance = self.market.ledger().balance(&account);
        balance.available(account.normal()).minor()
    }

    /// What a party has free to use, in cents.
    #[must_use]
    pub fn has(&self, party: &Actor) -> i64 {
        self.left(Account::Available(party.id(), usd()))
    }
}

/// The digest by which the market names what a command makes.
///
/// # Panics
/// If the message is none.
#[must_use]
pub fn payload_digest(message: &Message) -> Digest {
    let envelope = proofmark_dsse::Envelope::parse(&message.envelope);
    envelope.expect("it was written here").payload_digest()
}
