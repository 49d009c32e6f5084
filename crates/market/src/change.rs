//! What a command would change, put together before anything changes.

use proofmark_core::{Digest, Timestamp};
use proofmark_keys::{KeyId, PublicKey};
use proofmark_ledger::{Amount, Transfer};
use proofmark_trust::TrustPolicy;

use crate::account::Account;
use crate::award::Award;
use crate::command::{Action, Attachment, Command, ContractAction};
use crate::contract::table::{Role, Row, Verb, find};
use crate::contract::{self, Contract, State};
use crate::event::{Event, Noted, Subject};
use crate::ids::{ContractId, PartyId, RfqId};
use crate::market::{Market, Withdrawal};
use crate::money::{Debt, Moves, collect};
use crate::rejection::{Code, Rejection};
use crate::reputation::{BuyerRecord, Record, Standing};
use crate::rfq::{self, BidEntry, Rfq, RfqState};
use crate::terms::Terms;
use crate::{parties, records};

/// A change while it is put together: the market as it is, and what the command adds.
pub(crate) struct Change<'m> {
    pub(crate) market: &'m Market,
    pub(crate) sender: PartyId,
    pub(crate) command: Digest,
    pub(crate) at: Timestamp,
    pub(crate) moves: Moves<'m>,
    updates: Vec<Update>,
    events: Vec<Noted>,
    /// The contract that the command is about, and the row of the table that it follows.
    row: Option<(ContractId, &'static Row)>,
}

/// A change that is complete.
pub(crate) struct Decision {
    pub(crate) transfers: Vec<Transfer<Account>>,
    pub(crate) updates: Vec<Update>,
    pub(crate) events: Vec<Noted>,
}

/// One entry of the state that becomes another. None of these can fail.
pub(crate) enum Update {
    Party(PublicKey),
    Policy(Box<TrustPolicy>),
    Strike(KeyId),
    Withdrawal(Digest, Option<Withdrawal>),
    Rfq(Box<Rfq>),
    RfqState(RfqId, RfqState),
    Award(RfqId, Box<Award>),
    Bid(RfqId, PartyId, Option<BidEntry>),
    Contract(Box<Contract>),
    Debt(PartyId, Debt),
    Supplier(PartyId, String, Record),
    BrokenWord(PartyId, String, PartyId, Amount),
    Standing(PartyId, String, Box<Standing>),
    Buyer(PartyId, BuyerRecord),
}

impl<'m> Change<'m> {
    pub(crate) fn decide(
        market: &'m Market,
        command: Command,
        at: Timestamp,
    ) -> Result<Decision, Rejection> {
        let (sender, command, action, attachment) = command.into_parts();
        let mut change = Self {
            market,
            sender,
            command,
            at,
            moves: Moves::new(&market.ledger),
            updates: Vec::new(),
            events: Vec::new(),
            row: None,
        };
        change.act(action, attachment)?;
        collect(&mut change.moves, &market.debts);
        Ok(Decision {
            transfers: change.moves.into_transfers(),
            updates: change.updates,
            events: change.events,
        })
    }

    fn act(&mut self, action: Action, attachment: Attachment) -> Result<(), Rejection> {
        match action {
            Action::Register { .. }
            | Action::Deposit { .. }
            | Action::Withdraw { .. }
            | Action::ConfirmWithdrawal { .. }
            | Action::ReturnWithdrawal { .. }
            | Action::CollectFees { .. }
            | Action::PublishPolicy { .. }
            | Action::StrikeEngine { .. } => parties::act(self, action, attachment),
            Action::Contract { contract, verb } => self.on_contract(&contract, verb, attachment),
            action => rfq::act(self, action, attachment),
        }
    }

    /// The table decides first whether this can happen at all, and whether the sender may do it.
    fn on_contract(
        &mut self,
        id: &ContractId,
        action: ContractAction,
        attachment: Attachment,
    ) -> Result<(), Rejection> {
        let contract = self.market.known_contract(id)?;
        let (state, verb) = (contract.state.name(), Verb::from(&action));
        let row = find(state, verb).ok_or_else(|| {
            Code::StateForbids.because(format!("{} in {}", verb.as_str(), state.as_str()))
        })?;
        if !row.by.iter().any(|role| self.acts_as(contract, *role)) {
            let by: Vec<_> = row.by.iter().map(|role| role.as_str()).collect();
            return Err(
                Code::ActorForbids.because(format!("it is for the {}", by.join(" or the ")))
            );
        }
        self.row = Some((*id, row));
        match action {
            ContractAction::Submit { submission } => {
                contract::work::submit(self, contract, submission)
            }
            ContractAction::Cancel => contract::work::cancel(self, contract),
            ContractAction::Resign => contract::work::resign(self, contract),
            ContractAction::PresentVerdict { .. } => {
                let Attachment::Outcome(outcome) = attachment else {
                    return Err(Code::AttachmentMismatch.because("it is missing"));
                };
                contract::judge::present(self, contract, *outcome)
            }
            ContractAction::Accept => contract::settle::accept(self, contract),
            ContractAction::Review { ground, withheld } => {
                contract::settle::review(self, contract, ground, withheld)
            }
            ContractAction::Challenge { ground, claim } => {
                contract::dispute::challenge(self, contract, ground, claim)
            }
            ContractAction::StateEvidence { evidence } => {
                contract::warranty::evidence(self, contract, evidence)
            }
            ContractAction::Tick => contract::settle::tick(self, contract),
            action @ (ContractAction::Respond { .. }
            | ContractAction::Offer { .. }
            | ContractAction::AcceptOffer { .. }
            | ContractAction::Rule { .. }) => contract::arbitration::act(self, contract, &action),
        }
    }

    fn acts_as(&self, contract: &Contract, role: Role) -> bool {
        let (sender, terms) = (self.sender, &contract.terms);
        match role {
            Role::Buyer => sender == contract.buyer,
            Role::Supplier => sender == contract.supplier,
            Role::Reviewer => {
                let review = terms.human_review.as_ref();
                review.is_some_and(|review| review.reviewers.contains(&sender))
            }
            Role::Oracle => {
                let warranty = terms.warranty.as_ref();
                warranty.is_some_and(|warranty| warranty.oracles.contains(&sender))
            }
            Role::Arbiter => {
                let arbitration = terms.arbitration.as_ref();
                arbitration.is_some_and(|arbitration| arbitration.arbiter == sender)
            }
            Role::Anybody => true,
        }
    }

    /// Whether an engine is trusted and not struck off, not by this command either.
    pub(crate) fn counts(&self, key: &KeyId) -> bool {
        let struck = |it: &Update| matches!(it, Update::Strike(struck) if struck == key);
        self.market.engine_operator(key).is_some() && !self.updates.iter().any(struck)
    }

    pub(crate) fn update(&mut self, update: Update) {
        self.updates.push(update);
    }

    /// A supplier did not act when it had promised to; `fee` is that of the contract, where there is one.
    pub(crate) fn broke_word(
        &mut self,
        supplier: PartyId,
        terms: &Terms,
        buyer: PartyId,
        fee: Option<Amount>,
    ) {
        let class = terms.outcome_class.clone();
        let fee = fee.unwrap_or(self.market.rules.reputation.fee_reference);
        self.update(Update::BrokenWord(supplier, class, buyer, fee));
    }

    pub(crate) fn note(&mut self, subject: Subject, event: Event) {
        self.events.push(Noted {
            at: self.at,
            subject,
            event,
        });
    }

    pub(crate) fn tell(&mut self, contract: &Contract, event: Event) {
        self.note(Subject::Contract(contract.id), event);
    }

    /// The contract goes over into another state, which its row of the table allows.
    pub(crate) fn become_state(&mut self, contract: &Contract, state: State) {
        self.put(contract.with(state));
    }

    /// The contract becomes another.
    ///
    /// # Panics
    /// If its row does not lead there: then the table that everybody was shown would be another than the one that is
    /// followed.
    pub(crate) fn put(&mut self, contract: Contract) {
        if let Some((_, row)) = self.row.filter(|(id, _)| *id == contract.id) {
            let (from, to) = (row.state.as_str(), contract.state.name());
            assert!(row.to.contains(&to), "{from} does not lead to {to:?}");
        }
        if let State::Ended(ended) = contract.state {
            self.tell(
                &contract,
                Event::Ended {
                    ending: ended.ending,
                },
            );
            records::ended(self, &contract, ended);
        }
        self.update(Update::Contract(Box::new(contract)));
    }
}

impl Market {
    pub(crate) fn update(&mut self, update: Update, at: Timestamp) {
        match update {
            Update::Party(key) => {
                self.keys.insert(key.id(), key);
            }
            Update::Policy(policy) => self.policy = Some(*policy),
            Update::Strike(key) => {
                self.struck.insert(key);
            }
            Update::Withdrawal(command, Some(withdrawal)) => {
                self.withdrawals.insert(command, withdrawal);
            }
            Update::Withdrawal(command, None) => {
                self.withdrawals.remove(&command);
            }
            Update::Rfq(rfq) => {
                self.rfqs.insert(rfq.id, rfq);
            }
            Update::RfqState(id, state) => {
                let rfq = self.rfqs.get_mut(&id).expect("it was looked up before");
                let before = rfq.exposes();
                rfq.state = state;
                let after = rfq.exposes();
                let less = before.into_iter().map(|(supplier, it)| (supplier, -it));
                for (supplier, more) in less.chain(after) {
                    *self.exposed.entry(supplier).or_default() += more;
                }
            }
            Update::Award(id, award) => {
                let rfq = self.rfqs.get_mut(&id).expect("it was looked up before");
                rfq.award = Some(*award);
            }
            Update::Bid(id, supplier, entry) => {
                let rfq = self.rfqs.get_mut(&id).expect("it was looked up before");
                let more = entry.and_then(|entry| rfq.exposed_by(&entry)).unwrap_or(0);
                let before = match entry {
                    Some(entry) => rfq.bids.insert(supplier, entry),
                    None => rfq.bids.remove(&supplier),
                };
                let less = before.and_then(|entry| rfq.exposed_by(&entry)).unwrap_or(0);
                if more != less {
                    *self.exposed.entry(supplier).or_default() += more - less;
                }
            }
            Update::Contract(contract) => self.put_contract(contract),
            Update::Debt(supplier, debt) => self.debts.entry(supplier).or_default().push(debt),
            Update::Supplier(supplier, class, record) => {
                let key = (supplier, class);
                self.standings.remove(&key);
                let history = self.suppliers.entry(key).or_default();
                history.observe(&record, &self.rules.reputation);
            }
            Update::BrokenWord(supplier, class, buyer, fee) => {
                let key = (supplier, class);
                self.standings.remove(&key);
                let history = self.suppliers.entry(key).or_default();
                history.observe_broken_word(at, buyer, fee, &self.rules.reputation);
            }
            Update::Standing(supplier, class, standing) => {
                self.standings.insert((supplier, class), *standing);
            }
            Update::Buyer(buyer, record) => {
                let history = self.buyers.entry(buyer).or_default();
                history.observe(&record, &self.rules.reputation);
            }
        }
    }

    fn put_contract(&mut self, contract: Box<Contract>) {
        if let Some(run) = contract.run() {
            let known = self.runs.entry(contract.id).or_default();
            if known.last().is_none_or(|last| last.number() < run.number()) {
                known.push(run.without_votes());
            }
        }
        let exposes = i128::from(contract.stakes.exposure().minor());
        let (supplier, ended) = (contract.supplier, matches!(contract.state, State::Ended(_)));
        let before = self.contracts.insert(contract.id, contract);
        let more = match (before, ended) {
            (None, false) => exposes,
            (Some(_), true) => -exposes,
            _ => return,
        };
        *self.exposed.entry(supplier).or_default() += more;
    }
}
