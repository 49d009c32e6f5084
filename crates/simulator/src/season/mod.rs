//! A season: one market with many RFQs beside each other, played by chance, to the very end.
//!
//! | file | what |
//! |---|---|
//! | `chance` | numbers that follow from a seed |
//! | `cast`, `terms`, `variety` | who plays, and under which terms |
//! | `bidding`, `moves`, `judges` | what they do, by their kinds |
//! | `forbidden` | what the market must refuse, each for its own reason |
//! | `mischief` | what nobody should be able to do, and what happens to machines |
//! | `post` | how a command travels: twice, late, damaged, or not at all |
//! | `check` | what must hold after every command, and at the end |
//! | `audited` | what the auditor says |
//! | `seen` | what must happen sometimes |
//! | `tale` | the shortest story of a season that breaks something |

mod audited;
mod bidding;
pub mod cast;
pub mod chance;
mod check;
mod forbidden;
mod judges;
mod mischief;
mod moves;
mod post;
pub mod seen;
mod tale;
mod terms;
mod variety;

use std::collections::{BTreeMap, BTreeSet};

use proofmark_core::{Digest, Timestamp};
use proofmark_market::contract::State;
use proofmark_market::{Action, ContractAction, ContractId, PartyId, RfqId, Rules};

use crate::stage::{Actor, Stage, rules};
use cast::Cast;
use chance::Chance;
use post::Letter;
use seen::Seen;

pub use audited::differences;
pub use tale::tale;

/// A season that has not ended after so many turns never will.
const MAX_TURNS: u32 = 20_000;

/// So many large jobs come first where everybody takes the money away, and make records.
const RECORDS: u32 = 6;

/// What a season is made from.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Everything that chance decides.
    pub seed: u64,
    /// How many RFQs are published.
    pub rfqs: u32,
    /// RFQs, by number, that are left out: how a story is shortened.
    pub without: BTreeSet<u32>,
    /// Parties, by name, who send nothing.
    pub silent: BTreeSet<String>,
    /// Commands, by their number from 0, that are not sent.
    pub unsent: BTreeSet<usize>,
    /// Whether commands travel badly, machines crash and people cheat at the edges.
    pub mischief: bool,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub const fn of(seed: u64) -> Self {
        Self {
            seed,
            rfqs: 20,
            without: BTreeSet::new(),
            silent: BTreeSet::new(),
            unsent: BTreeSet::new(),
            mischief: true,
        }
    }
}

/// What came of a season.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Contracts and RFQs without a contract that came to an end.
    pub histories: u64,
    /// Commands that were obeyed.
    pub commands: u64,
    /// Digest of the market's state.
    pub root: Digest,
    /// Head of its log.
    pub head: Digest,
    /// Whatever should never happen, and did.
    pub breaks: Vec<String>,
    /// What was seen.
    pub seen: Seen,
    /// Every command in plain words.
    pub told: Vec<String>,
    /// Who wanted to send each command.
    pub senders: Vec<String>,
}

/// What judges would find, if they looked honestly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Good,
    Bad,
    Unclear,
    /// No validator can read it.
    Unreadable,
}

struct Season {
    chance: Chance,
    stage: Stage,
    cast: Cast,
    by_id: BTreeMap<PartyId, Actor>,
    truths: BTreeMap<Digest, Truth>,
    late: Vec<Letter>,
    reveals: BTreeMap<(RfqId, PartyId), Action>,
    rfqs: Vec<RfqId>,
    withdrawals: Vec<Digest>,
    mischief: bool,
    turns: u32,
    works: u64,
    seen: Seen,
    breaks: Vec<String>,
    told: Vec<String>,
    silent: BTreeSet<String>,
    unsent: BTreeSet<usize>,
    senders: Vec<String>,
}

/// Plays a season to its end and checks it.
#[must_use]
pub fn play(plan: &Plan) -> Outcome {
    let mut season = Season::begin(plan);
    season.run(plan);
    season.finish()
}

/// Something that has not ended.
#[derive(Debug, Clone, Copy)]
enum Item {
    Rfq(RfqId),
    Contract(ContractId),
}

impl Season {
    fn begin(plan: &Plan) -> Self {
        let mut chance = Chance::new(plan.seed);
        let cast = Cast::draw(&mut chance);
        // In every fourth season RFQs are soon full.
        let bids_max = if plan.seed % 4 == 3 {
            3
        } else {
            rules().bids_max
        };
        let rules = Rules {
            bids_max,
            // Windows of seconds are edges too.
            window_min_seconds: 1,
            ..rules()
        };
        let mut stage = Stage::under(rules, &[], 0);
        for (party, cents) in cast.parties() {
            stage.enter(&party, cents);
        }
        Self {
            by_id: cast.by_id(),
            chance,
            stage,
            cast,
            truths: BTreeMap::new(),
            late: Vec::new(),
            reveals: BTreeMap::new(),
            rfqs: Vec::new(),
            withdrawals: Vec::new(),
            mischief: plan.mischief,
            turns: 0,
            works: 0,
            seen: Seen::default(),
            breaks: Vec::new(),
            told: Vec::new(),
            silent: plan.silent.clone(),
            unsent: plan.unsent.clone(),
            senders: Vec::new(),
        }
    }

    fn run(&mut self, plan: &Plan) {
        let mut ahead = (0..plan.rfqs).collect::<Vec<_>>();
        ahead.reverse();
        while self.turns < MAX_TURNS && self.breaks.is_empty() {
            self.turns += 1;
            self.post_due();
            let items = self.open_items();
            if let Some(number) = ahead.last().copied()
                && (items.is_empty() || (self.may_publish(number) && self.chance.percent(6)))
            {
                ahead.pop();
                self.publish(number, plan.without.contains(&number));
                continue;
            }
            if items.is_empty() && self.late.is_empty() && self.withdrawals.is_empty() {
                return;
            }
            self.turn(&items);
        }
        if self.breaks.is_empty() {
            self.breaks.push("the season never ends".to_owned());
        }
    }

    /// Where everybody takes the money away, nothing follows the large jobs before these are over: only who has a record
    /// may have something at risk, and so a debt.
    const fn may_publish(&self, number: u32) -> bool {
        !self.cast.takers || number != RECORDS
    }

    /// Somebody does something, or time passes.
    fn turn(&mut self, items: &[Item]) {
        if self.mischief && self.chance.percent(6) {
            return self.mischief();
        }
        if items.is_empty() || self.chance.percent(4) {
            return self.rails();
        }
        if self.chance.percent(9) {
            return self.tick(items);
        }
        // Engines are quicker than people: their windows are the shortest.
        let judged: Vec<_> = items.iter().filter(|item| self.is_judged(**item)).collect();
        let item = match judged.is_empty() || self.chance.percent(70) {
            true => *self.chance.pick(items),
            false => **self.chance.pick(&judged),
        };
        match item {
            Item::Rfq(rfq) => self.bidding(rfq),
            Item::Contract(contract) => self.working(contract),
        }
    }

    /// Whether a verdict is what it waits for.
    fn is_judged(&self, item: Item) -> bool {
        let contract = match item {
            Item::Rfq(_) => None,
            Item::Contract(id) => self.stage.market.contract(&id),
        };
        let waits = |state: &State| {
            matches!(
                state,
                State::Verifying(_) | State::Rechecking(_) | State::Disputed(_)
            )
        };
        contract.is_some_and(|it| waits(&it.state))
    }

    fn open_items(&self) -> Vec<Item> {
        let market = &self.stage.market;
        let rfqs = self.rfqs.iter().filter(|id| {
            let rfq = market.rfq(id);
            rfq.is_some_and(|rfq| rfq.state.deadline().is_some())
        });
        let contracts = market
            .contracts()
            .filter(|contract| contract.state.deadline().is_some());
        let contracts = contracts.map(|contract| Item::Contract(contract.id));
        rfqs.map(|id| Item::Rfq(*id)).chain(contracts).collect()
    }

    fn deadline(&self, item: Item) -> Option<Timestamp> {
        let market = &self.stage.market;
        match item {
            Item::Rfq(id) => market.rfq(&id)?.state.deadline(),
            Item::Contract(id) => market.contract(&id)?.state.deadline(),
        }
    }

    /// Where offers can still be changed and nothing else is due before, time passes until they are final.
    fn offers_close(&mut self, items: &[Item]) -> bool {
        let now = self.stage.now;
        let open = items.iter().filter_map(|item| match item {
            Item::Contract(id) => match &self.stage.market.contract(id)?.state {
                State::Arbitrating(it) => it.offers_until.filter(|until| now <= *until),
                _ => None,
            },
            Item::Rfq(_) => None,
        });
        let due = items.iter().filter_map(|item| self.deadline(*item)).min();
        let closes = open
            .min()
            .filter(|until| due.is_none_or(|due| *until < due));
        let after = closes.and_then(|until| Timestamp::from_micros(until.micros() + 1).ok());
        let Some(after) = after.filter(|_| self.chance.percent(90)) else {
            return false;
        };
        self.stage.now = after;
        true
    }

    /// The next deadline passes; now and then somebody ticks before it.
    fn tick(&mut self, items: &[Item]) {
        if self.offers_close(items) {
            return;
        }
        let next = items.iter().min_by_key(|item| self.deadline(**item));
        let (Some(item), true) = (next.copied(), !items.is_empty()) else {
            return;
        };
        let Some(deadline) = self.deadline(item) else {
            return;
        };
        if !self.chance.percent(5) {
            let after = Timestamp::from_micros(deadline.micros() + 1);
            self.stage.now = self.stage.now.max(after.expect("not the last moment"));
        }
        let action = match item {
            Item::Rfq(rfq) => Action::TickRfq { rfq },
            Item::Contract(contract) => Action::Contract {
                contract,
                verb: ContractAction::Tick,
            },
        };
        self.send(&Actor::passer_by(), action, None);
    }

    /// Some work, or some facts, that nobody made before.
    fn make(&mut self, truth: Truth) -> Digest {
        self.works += 1;
        let digest = self.stage.work(&format!("work {}", self.works));
        self.truths.insert(digest, truth);
        digest
    }

    fn who(&self, party: PartyId) -> Actor {
        self.by_id
            .get(&party)
            .cloned()
            .unwrap_or_else(Actor::operator)
    }
}
