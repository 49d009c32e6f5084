//! An independent auditor: from the log of a market it predicts every balance, and the state of every RFQ and every
//! contract, by the rules of `docs/market.md` alone.
//!
//! It shares nothing with the market but the formats that are signed (the table of layers keeps it so), and a mistake
//! must be made twice to stay unseen. In scope: what follows from a log. Out of scope: signatures, which it trusts, and
//! whether the log is the one that was recorded (`proofmark-service` compares both). It it takes from published awards only what reputation says of suppliers. Whatever cannot
//! follow from the rules (a command out of its state, by somebody else, out of its time, or money that is not there) is
//! an error.

mod arbitration;
mod assess;
mod award;
mod contract;
mod dispute;
mod engines;
mod exposure;
mod money;
mod rfq;
mod settle;
mod table;
mod terms;
mod verdict;
mod warranty;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use contract::Contract;
use engines::Engines;
use money::Money;
use rfq::Rfq;
use wire::{Order, int, text};

/// A command that the market obeyed.
#[derive(Debug, Clone, Copy)]
pub struct Line<'l> {
    /// The signed envelope.
    pub envelope: &'l [u8],
    /// What came beside it.
    pub attachment: Option<&'l [u8]>,
    /// When, in microseconds UTC.
    pub at_micros: i64,
    /// Of a bid that filled an RFQ, or came into a full one.
    pub room: &'l Room,
}

/// Who gave way to a bid that came into a full RFQ, as it was published: that follows from standings, which are not in
/// the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// Who gave way.
    pub displaced: Vec<String>,
}

impl Room {
    /// From the events of a command, as they are published.
    #[must_use]
    pub fn of(events: &[Value]) -> Self {
        let suppliers = |kind: &str| {
            let events = events.iter().map(|noted| &noted["event"]);
            let those = events.filter(|event| event["type"] == kind);
            let names = those.filter_map(|event| event["supplier"].as_str());
            names.map(str::to_owned).collect()
        };
        Self {
            displaced: suppliers("bid_displaced"),
        }
    }
}

/// What follows from a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// What is posted on each account, on its normal side; accounts without anything are left out.
    pub balances: BTreeMap<String, i64>,
    /// The state of each RFQ.
    pub rfqs: BTreeMap<String, String>,
    /// The state of each contract.
    pub contracts: BTreeMap<String, String>,
    /// The engines that were struck off.
    pub struck: BTreeSet<String>,
}

impl Expected {
    /// Where a market is not as it must be: nothing, if all is well.
    #[must_use]
    pub fn differences(&self, market: &Self) -> Vec<String> {
        let mut found = differ("balance", &market.balances, &self.balances);
        found.extend(differ("state", &market.rfqs, &self.rfqs));
        found.extend(differ("state", &market.contracts, &self.contracts));
        if market.struck != self.struck {
            found.push(format!(
                "struck off are {:?}, not {:?}",
                market.struck, self.struck
            ));
        }
        found
    }
}

fn differ<V: PartialEq + std::fmt::Debug>(
    what: &str,
    market: &BTreeMap<String, V>,
    auditor: &BTreeMap<String, V>,
) -> Vec<String> {
    let names: BTreeSet<_> = market.keys().chain(auditor.keys()).collect();
    let differing = names
        .into_iter()
        .filter(|name| market.get(*name) != auditor.get(*name));
    differing
        .map(|name| {
            let (is, should) = (market.get(name), auditor.get(name));
            format!("{what} of {name} is {is:?}, the auditor says {should:?}")
        })
        .collect()
}

/// In microseconds.
const SECOND: i64 = 1_000_000;

/// Follows a log from its beginning.
#[derive(Debug)]
pub struct Auditor {
    /// How awards were published, by the name of the RFQ.
    awards: BTreeMap<String, Value>,
    /// Most bids on one RFQ.
    bids_max: usize,
    operator: String,
    audience: String,
    engines: Engines,
    money: Money,
    parties: BTreeSet<String>,
    /// Party, asset and amount, by the digest of the payload that asked.
    withdrawals: BTreeMap<String, (String, String, i64)>,
    rfqs: BTreeMap<String, Rfq>,
    contracts: BTreeMap<String, Contract>,
    /// Of the command that is followed: whom it bound, its place in the log, from 0, and its time.
    room: Room,
    sequence: i64,
    now: i64,
}

impl Auditor {
    /// A market with these rules, before its first command.
    ///
    /// # Errors
    /// What is missing in the rules.
    pub fn new(rules: &Value) -> Result<Self, String> {
        Ok(Self {
            awards: BTreeMap::new(),
            bids_max: usize::try_from(int(rules, "bids_max")?).map_err(|it| it.to_string())?,
            operator: wire::key_id(&text(rules, "operator")?)?,
            audience: text(rules, "audience")?,
            engines: Engines::of_house(text(rules, "house")?),
            money: Money::default(),
            parties: BTreeSet::new(),
            withdrawals: BTreeMap::new(),
            rfqs: BTreeMap::new(),
            contracts: BTreeMap::new(),
            room: Room::default(),
            sequence: 0,
            now: 0,
        })
    }

    /// How the award of an RFQ was published. It is believed only where it speaks of reputation.
    pub fn published(&mut self, rfq: String, award: Value) {
        self.awards.insert(rfq, award);
    }

    /// What must be so after everything that was followed.
    #[must_use]
    pub fn expected(&self) -> Expected {
        let rfqs = self.rfqs.iter();
        let contracts = self.contracts.iter();
        Expected {
            balances: self.money.balances(),
            rfqs: rfqs
                .map(|(name, rfq)| (name.clone(), format!("{:?}", rfq.state)))
                .collect(),
            contracts: contracts
                .map(|(name, contract)| (name.clone(), format!("{:?}", contract.state)))
                .collect(),
            struck: self.engines.struck.clone(),
        }
    }

    /// Follows the next command. The award that it makes must have been [`published`](Self::published) before.
    ///
    /// # Errors
    /// What the rules do not allow, with the number of the line, counted from 0; nothing can be followed after it.
    pub fn follow(&mut self, line: Line<'_>) -> Result<(), String> {
        let followed = self.follow_line(line);
        followed.map_err(|wrong| format!("line {}: {wrong}", self.sequence))?;
        self.sequence += 1;
        Ok(())
    }

    fn follow_line(&mut self, line: Line<'_>) -> Result<(), String> {
        let order = wire::order(line.envelope)?;
        holds(line.at_micros >= self.now, "time runs backwards")?;
        self.now = line.at_micros;
        let in_time = order.valid_until.is_none_or(|until| self.now <= until);
        holds(in_time, "the command is not valid any more")?;
        self.money.next_command();
        self.room = line.room.clone();
        self.act(&order, line.attachment.unwrap_or_default())?;
        self.money.pay_debts()
    }

    fn act(&mut self, order: &Order, attachment: &[u8]) -> Result<(), String> {
        let (sender, action) = (order.sender.as_str(), &order.action);
        let rfq = || text(action, "rfq");
        match text(action, "type")?.as_str() {
            "register" => self.register(sender, action),
            "deposit" => self.deposit(sender, action),
            "withdraw" => self.withdraw(order),
            "confirm_withdrawal" => self.end_withdrawal(sender, action, Money::pay_out),
            "return_withdrawal" => self.end_withdrawal(sender, action, Money::give_back),
            "collect_fees" => self.collect_fees(sender, action),
            "publish_policy" => self.publish_policy(sender, attachment),
            "strike_engine" => self.engines.strike(wire::accused(attachment)?),
            "publish_rfq" => self.publish(order, attachment),
            "place_bid" => self.place_bid(order, &rfq()?),
            "commit_bid" => self.commit_bid(order, &rfq()?),
            "reveal_bid" => self.reveal_bid(order, &rfq()?),
            "withdraw_bid" => self.withdraw_bid(sender, &rfq()?),
            "cancel_rfq" => self.cancel_rfq(sender, &rfq()?),
            "tick_rfq" => self.tick_rfq(&rfq()?),
            "contract" => self.contract(sender, action, attachment),
            other => Err(format!("there is no {other}")),
        }
    }

    fn register(&mut self, sender: &str, action: &Value) -> Result<(), String> {
        let key = wire::key_id(&text(action, "public_key")?)?;
        holds(key == sender, "a key registers itself")?;
        holds(self.parties.insert(key), "it is registered")
    }

    fn deposit(&mut self, sender: &str, action: &Value) -> Result<(), String> {
        self.by_operator(sender)?;
        let (party, asset) = (text(action, "party")?, text(action, "asset")?);
        self.money.deposit(&party, &asset, int(action, "amount")?);
        Ok(())
    }

    fn withdraw(&mut self, order: &Order) -> Result<(), String> {
        let asset = text(&order.action, "asset")?;
        let amount = int(&order.action, "amount")?;
        self.money.hold(&order.sender, &asset, amount)?;
        let name = format!("sha256:{}", order.payload);
        let withdrawal = (order.sender.clone(), asset, amount);
        self.withdrawals.insert(name, withdrawal);
        Ok(())
    }

    /// fees → operator.
    fn collect_fees(&mut self, sender: &str, action: &Value) -> Result<(), String> {
        self.by_operator(sender)?;
        let asset = text(action, "asset")?;
        let own = money::available(sender, &asset);
        let amount = int(action, "amount")?;
        self.money.post(&format!("fees/{asset}"), &own, amount)
    }

    fn end_withdrawal(
        &mut self,
        sender: &str,
        action: &Value,
        end: fn(&mut Money, &str, &str, i64),
    ) -> Result<(), String> {
        self.by_operator(sender)?;
        let name = text(action, "withdrawal")?;
        let withdrawal = self.withdrawals.remove(&name);
        let (party, asset, amount) = withdrawal.ok_or("there is no such withdrawal")?;
        end(&mut self.money, &party, &asset, amount);
        Ok(())
    }

    fn publish_policy(&mut self, sender: &str, attachment: &[u8]) -> Result<(), String> {
        self.by_operator(sender)?;
        self.engines.list(&wire::signed(attachment)?)
    }

    fn by_operator(&self, sender: &str) -> Result<(), String> {
        holds(sender == self.operator, "only the operator may")
    }

    /// So many seconds from now.
    fn after(&self, seconds: i64) -> i64 {
        self.now.saturating_add(seconds.saturating_mul(SECOND))
    }
}

fn holds(holds: bool, wrong: &str) -> Result<(), String> {
    match holds {
        true => Ok(()),
        false => Err(wrong.to_owned()),
    }
}
