//! The state of a market, and the one function that changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::ops::Bound;

use proofmark_attestation::verify::Facts;
use proofmark_core::{Digest, Digester, Timestamp};
use proofmark_keys::{KeyId, PublicKey};
use proofmark_ledger::{Amount, Asset, Group, GroupId, Ledger, Side, Transfer};
use proofmark_trust::{Role, TrustPolicy};
use serde::Serialize;

use crate::account::Account;
use crate::change::{Change, Decision};
use crate::command::Command;
use crate::contract::{Contract, Run};
use crate::event::{Noted, Subject};
use crate::ids::{CommandId, ContractId, PartyId, RfqId};
use crate::money::Debts;
use crate::rejection::{Code, Rejection};
use crate::reputation::{BuyerHistory, BuyerStanding, History, Standing, same_day};
use crate::rfq::Rfq;
use crate::rules::{Rules, RulesError};

/// Everything that follows from the rules of a market and the commands that it obeyed.
#[derive(Debug, Serialize)]
pub struct Market {
    pub(crate) rules: Rules,
    #[serde(skip)]
    pub(crate) operator: PublicKey,
    pub(crate) head: Digest,
    pub(crate) sequence: u64,
    pub(crate) now: Timestamp,
    /// A key's name is its digest.
    #[serde(serialize_with = "names")]
    pub(crate) keys: BTreeMap<PartyId, PublicKey>,
    #[serde(serialize_with = "policy_digest")]
    pub(crate) policy: Option<TrustPolicy>,
    pub(crate) struck: BTreeSet<KeyId>,
    #[serde(serialize_with = "as_list")]
    pub(crate) commands: BTreeMap<(PartyId, CommandId), Digest>,
    pub(crate) withdrawals: BTreeMap<Digest, Withdrawal>,
    /// Boxed, as the nodes of a tree move their values about.
    pub(crate) rfqs: BTreeMap<RfqId, Box<Rfq>>,
    pub(crate) contracts: BTreeMap<ContractId, Box<Contract>>,
    /// What the open contracts of each supplier expose, milestones that have not begun included.
    pub(crate) exposed: BTreeMap<PartyId, i128>,
    #[serde(serialize_with = "as_list")]
    pub(crate) suppliers: BTreeMap<(PartyId, String), History>,
    /// Standings of a day, as they follow from `suppliers`: computed once, forgotten when a record is added.
    #[serde(skip)]
    pub(crate) standings: BTreeMap<(PartyId, String), Standing>,
    /// The standing of who has no record, but for its time.
    #[serde(skip)]
    pub(crate) newcomer: Standing,
    pub(crate) buyers: BTreeMap<PartyId, BuyerHistory>,
    pub(crate) debts: Debts,
    /// The runs of each contract in the order in which they were ordered, without what engines said of them.
    #[serde(skip)]
    pub(crate) runs: BTreeMap<ContractId, Vec<Run>>,
    #[serde(skip)]
    pub(crate) stories: BTreeMap<Subject, Vec<Noted>>,
    pub(crate) ledger: Ledger<Account>,
}

/// A withdrawal that has left a party's account, and of which the rail has said nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Withdrawal {
    /// Whose money.
    pub party: PartyId,
    /// In which asset.
    pub asset: Asset,
    /// How much.
    pub amount: Amount,
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Whether it was obeyed now, or had been obeyed before.
    pub status: Status,
    /// Commands obeyed so far.
    pub sequence: u64,
    /// Head of the chain of commands.
    pub head: Digest,
    /// What happened; nothing for a command that had been obeyed before.
    pub events: Vec<Noted>,
}

/// Whether a command was obeyed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It was obeyed.
    Obeyed,
    /// The same command of the same sender was obeyed before; nothing has changed.
    Exists,
}

/// Obeys a command, or changes nothing.
///
/// `at` is the time of the market, never before that of the last command, and for a verdict or a policy that at which
/// the command was opened.
///
/// # Errors
/// [`Rejection`]; nothing is changed then.
pub fn step(market: &mut Market, command: Command, at: Timestamp) -> Result<Receipt, Rejection> {
    let name = (command.sender(), command.id());
    match market.commands.get(&name) {
        Some(known) if *known == command.digest() => {
            return Ok(market.receipt(Status::Exists, Vec::new()));
        }
        Some(_) => return Err(Code::CommandReused.because(format!("id {}", name.1))),
        None => {}
    }
    if let Some(until) = command.valid_until().filter(|until| at > *until) {
        return Err(Code::CommandExpired.because(format!("it was valid until {until}")));
    }
    if at < market.now {
        return Err(Code::TimeWentBack.because(format!("it was {}", market.now)));
    }
    if !command.was_opened_under(market.circumstances(at)) {
        return Err(Code::OpenedOtherwise.because("what came beside it may not hold any more"));
    }
    let (digest, envelope) = (command.digest(), command.envelope());
    let decision = Change::decide(market, command, at)?;
    let events = market.commit(decision, digest, at)?;
    market.commands.insert(name, digest);
    market.link(&envelope, at);
    Ok(market.receipt(Status::Obeyed, events))
}

impl Market {
    /// A market that has obeyed nothing yet.
    ///
    /// # Errors
    /// [`RulesError`].
    pub fn new(rules: Rules) -> Result<Self, RulesError> {
        let operator = rules.check()?;
        let now = Timestamp::from_seconds(0).expect("1970");
        Ok(Self {
            head: rules.digest(),
            sequence: 0,
            now,
            newcomer: History::default().standing(&rules.reputation, now),
            keys: BTreeMap::from([(operator.id(), operator)]),
            policy: None,
            struck: BTreeSet::new(),
            commands: BTreeMap::new(),
            withdrawals: BTreeMap::new(),
            rfqs: BTreeMap::new(),
            contracts: BTreeMap::new(),
            exposed: BTreeMap::new(),
            suppliers: BTreeMap::new(),
            standings: BTreeMap::new(),
            buyers: BTreeMap::new(),
            debts: Debts::new(),
            runs: BTreeMap::new(),
            stories: BTreeMap::new(),
            ledger: Ledger::new(),
            operator,
            rules,
        })
    }

    /// The transfers first: they are all that can still be refused.
    fn commit(
        &mut self,
        decision: Decision,
        command: Digest,
        at: Timestamp,
    ) -> Result<Vec<Noted>, Rejection> {
        let pays_debts = decision.transfers.iter().any(pays_a_debt);
        if !decision.transfers.is_empty() {
            let group = Group {
                id: GroupId(command),
                transfers: decision.transfers,
            };
            self.ledger.apply(&group, at)?;
        }
        for update in decision.updates {
            self.update(update, at);
        }
        if pays_debts {
            self.forget_paid_debts();
        }
        for noted in &decision.events {
            let story = self.stories.entry(noted.subject).or_default();
            story.push(noted.clone());
        }
        Ok(decision.events)
    }

    fn forget_paid_debts(&mut self) {
        let ledger = &self.ledger;
        self.debts.retain(|_, debts| {
            debts.retain(|debt| ledger.balance(&debt.account).net(Side::Debit) != 0);
            !debts.is_empty()
        });
    }

    /// `SHA-256("proofmark/market-log/v1" 00 ‖ head ‖ time in microseconds, big-endian ‖ SHA-256(envelope))`.
    fn link(&mut self, envelope: &Digest, at: Timestamp) {
        let mut digester = Digester::new();
        digester.update(b"proofmark/market-log/v1\0");
        digester.update(self.head.as_bytes());
        digester.update(&at.micros().to_be_bytes());
        digester.update(envelope.as_bytes());
        self.head = digester.finish();
        self.sequence += 1;
        self.now = at;
    }

    const fn receipt(&self, status: Status, events: Vec<Noted>) -> Receipt {
        Receipt {
            status,
            sequence: self.sequence,
            head: self.head,
            events,
        }
    }

    /// What the market opened with.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Head of the chain of commands: commits to all of them, their order and their times.
    #[must_use]
    pub const fn head(&self) -> Digest {
        self.head
    }

    /// Commands obeyed so far.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Time of the last command.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The key of a party.
    #[must_use]
    pub fn key(&self, party: &PartyId) -> Option<&PublicKey> {
        self.keys.get(party)
    }

    /// Who runs it.
    #[must_use]
    pub fn operator(&self) -> PartyId {
        self.operator.id()
    }

    /// Whom the market believes.
    #[must_use]
    pub const fn policy(&self) -> Option<&TrustPolicy> {
        self.policy.as_ref()
    }

    /// Engines that were struck off the list.
    #[must_use]
    pub const fn struck(&self) -> &BTreeSet<KeyId> {
        &self.struck
    }

    /// The books.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger<Account> {
        &self.ledger
    }

    /// An RFQ.
    #[must_use]
    pub fn rfq(&self, id: &RfqId) -> Option<&Rfq> {
        self.rfqs.get(id).map(AsRef::as_ref)
    }

    /// All RFQs, in the order of their names.
    pub fn rfqs(&self) -> impl Iterator<Item = &Rfq> {
        self.rfqs.values().map(AsRef::as_ref)
    }

    /// RFQs after this one, in the order of their names; from the first without one.
    pub fn rfqs_after(&self, id: Option<&RfqId>) -> impl Iterator<Item = &Rfq> {
        self.rfqs.range(after(id)).map(|(_, rfq)| rfq.as_ref())
    }

    /// A contract.
    #[must_use]
    pub fn contract(&self, id: &ContractId) -> Option<&Contract> {
        self.contracts.get(id).map(AsRef::as_ref)
    }

    /// All contracts, in the order of their names.
    pub fn contracts(&self) -> impl Iterator<Item = &Contract> {
        self.contracts.values().map(AsRef::as_ref)
    }

    /// Contracts after this one, in the order of their names; from the first without one.
    pub fn contracts_after(&self, id: Option<&ContractId>) -> impl Iterator<Item = &Contract> {
        self.contracts.range(after(id)).map(|(_, it)| it.as_ref())
    }

    /// Withdrawals under way, by the digest of the payload that asked for each.
    #[must_use]
    pub fn withdrawal(&self, command: &Digest) -> Option<&Withdrawal> {
        self.withdrawals.get(command)
    }

    /// What the record of a supplier in an outcome class says at a time.
    #[must_use]
    pub fn standing(&self, supplier: PartyId, class: &str, at: Timestamp) -> Standing {
        let key = (supplier, class.to_owned());
        // Standings change by the day.
        if let Some(known) = self.standings.get(&key).filter(|it| same_day(it.as_of, at)) {
            return Standing {
                as_of: at,
                ..*known
            };
        }
        let without_record = || Standing {
            as_of: at,
            ..self.newcomer
        };
        let history = self.suppliers.get(&key);
        history.map_or_else(without_record, |history| {
            history.standing(&self.rules.reputation, at)
        })
    }

    /// The outcome classes in which a supplier has a record.
    pub fn classes(&self, supplier: &PartyId) -> impl Iterator<Item = &str> {
        let first = (*supplier, String::new());
        let own = self.suppliers.range(first..);
        let own = own.take_while(move |((party, _), _)| party == supplier);
        own.map(|((_, class), _)| class.as_str())
    }

    /// What the record of a buyer says at a time.
    #[must_use]
    pub fn buyer_standing(&self, buyer: &PartyId, at: Timestamp) -> BuyerStanding {
        let history = self.buyers.get(buyer).cloned().unwrap_or_default();
        history.standing(&self.rules.reputation, at)
    }

    /// What happened to a subject, in order.
    #[must_use]
    pub fn story(&self, subject: &Subject) -> &[Noted] {
        self.stories.get(subject).map_or(&[], Vec::as_slice)
    }

    /// What this market itself knows of the run of a contract that is or was judged last: what an engine's
    /// attestation must be bound to.
    ///
    /// # Errors
    /// [`Rejection`] if nothing waits for a verdict.
    pub fn facts(&self, contract: &ContractId, at: Timestamp) -> Result<Facts, Rejection> {
        let contract = self.known_contract(contract)?;
        let run = contract
            .run()
            .ok_or_else(|| Code::NothingToJudge.because(contract.id.to_string()))?;
        Ok(run.facts(at))
    }

    /// As [`Market::facts`], of a run of this number, counted from 1, however long ago it was judged.
    ///
    /// # Errors
    /// [`Rejection`] if there is no such contract, or it had no such run.
    pub fn facts_of(
        &self,
        contract: &ContractId,
        run: NonZeroU32,
        at: Timestamp,
    ) -> Result<Facts, Rejection> {
        let contract = self.known_contract(contract)?;
        let runs = self.runs.get(&contract.id).into_iter().flatten();
        let run = runs.into_iter().find(|it| it.number() == run);
        let run = run.ok_or_else(|| Code::NothingToJudge.because(contract.id.to_string()))?;
        Ok(run.facts(at))
    }

    pub(crate) fn known_contract(&self, id: &ContractId) -> Result<&Contract, Rejection> {
        let unknown = || Code::ContractUnknown.because(id.to_string());
        self.contract(id).ok_or_else(unknown)
    }

    pub(crate) fn known_rfq(&self, id: &RfqId) -> Result<&Rfq, Rejection> {
        let unknown = || Code::RfqUnknown.because(id.to_string());
        self.rfq(id).ok_or_else(unknown)
    }

    /// Who holds an engine key, if the key counts in this market.
    pub(crate) fn engine_operator(&self, key: &KeyId) -> Option<&str> {
        let policy = self.policy.as_ref()?;
        let counts = policy.role_of(key) == Some(Role::Outcome) && !self.struck.contains(key);
        let key = policy.key(key).filter(|_| counts)?;
        Some(&key.operator)
    }

    /// Digest of the whole state: two machines that obeyed the same commands have the same.
    ///
    /// # Panics
    /// Never: the state is text, numbers and lists.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut digester = Digester::new();
        serde_json::to_writer(&mut digester, self).expect("a digester takes all bytes");
        digester.finish()
    }
}

fn pays_a_debt(transfer: &Transfer<Account>) -> bool {
    let Transfer::Single { credit, .. } = transfer else {
        return false;
    };
    matches!(credit, Account::Debt(..))
}

fn after<K: Copy>(key: Option<&K>) -> (Bound<K>, Bound<K>) {
    let from = key.map_or(Bound::Unbounded, |key| Bound::Excluded(*key));
    (from, Bound::Unbounded)
}

fn policy_digest<S: serde::Serializer>(
    policy: &Option<TrustPolicy>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    policy
        .as_ref()
        .map(|policy| policy.digest())
        .serialize(serializer)
}

fn names<S: serde::Serializer>(
    keys: &BTreeMap<PartyId, PublicKey>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(keys.keys())
}

fn as_list<K: Serialize, V: Serialize, S: serde::Serializer>(
    map: &BTreeMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map)
}
