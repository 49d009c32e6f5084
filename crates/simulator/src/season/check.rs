//! What must hold after every command, and at the end.

use proofmark_criteria::Verdict;
use proofmark_ledger::{AccountKey as _, Side};
use proofmark_market::contract::{Contract, Ending, State};
use proofmark_market::event::{Event, Subject};
use proofmark_market::rfq::{Rfq, RfqState};
use proofmark_market::{Account, Receipt};

use super::{Outcome, Season, differences};
use crate::stage::usd;

impl Season {
    /// Right after a command: whatever ended has nothing left.
    pub(super) fn after(&mut self, receipt: &Receipt) {
        for noted in &receipt.events {
            self.at_risk(&noted.event);
            if let (Event::Ended { .. }, Subject::Contract(id)) = (&noted.event, noted.subject)
                && let Some(contract) = self.stage.market.contract(&id).cloned()
            {
                self.nothing_left(&contract);
            }
        }
    }

    /// Whether a supplier may keep something that neither holdback nor bond covers.
    fn at_risk(&mut self, event: &Event) {
        if let Event::ContractStarted { contract, .. } = event
            && let Some(contract) = self.stage.market.contract(contract)
        {
            let stakes = contract.stakes;
            let covered = stakes.holdback.minor() + stakes.bond.minor();
            if stakes.price.minor() > covered {
                self.seen
                    .mark("a supplier with a record had something at risk");
            }
        }
    }

    fn nothing_left(&mut self, contract: &Contract) {
        let mut accounts: Vec<_> = [
            Account::Price,
            Account::Holdback,
            Account::Fee,
            Account::Bond,
            Account::Verification,
        ]
        .map(|of| of(contract.id, usd()))
        .to_vec();
        accounts.extend(
            self.by_id
                .keys()
                .map(|party| Account::Dispute(contract.id, *party, usd())),
        );
        for account in accounts {
            let left = self.stage.left(account);
            if left != 0 {
                self.breaks.push(format!("{left} are left on {account:?}"));
            }
        }
    }

    pub(super) fn finish(mut self) -> Outcome {
        let contracts: Vec<_> = self.stage.market.contracts().cloned().collect();
        let rfqs: Vec<_> = self.stage.market.rfqs().cloned().collect();
        // A season that stopped where it broke has not ended, and everything else would follow from that.
        if self.breaks.is_empty() {
            self.books();
            self.breaks.extend(differences(&self.stage));
            contracts.iter().for_each(|contract| self.story(contract));
            rfqs.iter().for_each(|rfq| self.rfq(rfq));
        }
        let without = rfqs
            .iter()
            .filter(|rfq| !matches!(rfq.state, RfqState::Awarded(_)));
        Outcome {
            histories: (contracts.len() + without.count()) as u64,
            commands: self.stage.market.sequence(),
            root: self.stage.market.root(),
            head: self.stage.market.head(),
            breaks: self.breaks,
            seen: self.seen,
            told: self.told,
            senders: self.senders,
        }
    }

    /// The books agree with every transfer, and what the rails hold is what everybody has together.
    fn books(&mut self) {
        if let Err(error) = self.stage.market.ledger().audit() {
            self.breaks.push(format!("the books: {error}"));
        }
        let (mut held, mut owed) = (0, 0);
        for (account, balance) in self.stage.market.ledger().accounts() {
            let net = balance.net(account.normal());
            if net < 0 {
                self.breaks.push(format!("{net} on {account:?}"));
            }
            match account.normal() {
                Side::Debit => held += net,
                Side::Credit => owed += net,
            }
        }
        if held != owed {
            self.breaks
                .push(format!("{held} are held, {owed} are owed"));
        }
    }

    /// A payment has one verified pass before it, an end one end, and nothing happens after it.
    fn story(&mut self, contract: &Contract) {
        let story = self.stage.market.story(&Subject::Contract(contract.id));
        let at =
            |wanted: &dyn Fn(&Event) -> bool| story.iter().position(|noted| wanted(&noted.event));
        let count = |wanted: &dyn Fn(&Event) -> bool| {
            story.iter().filter(|noted| wanted(&noted.event)).count()
        };
        let passed = at(&|event| match event {
            Event::Judged { verdict, .. } | Event::VerdictOverturned { verdict } => {
                *verdict == Verdict::Pass
            }
            _ => false,
        });
        let paid = at(&|event| matches!(event, Event::Paid { .. }));
        let mut wrong = Vec::new();
        if count(&|event| matches!(event, Event::Paid { .. })) > 1 {
            wrong.push("was paid twice");
        }
        if paid.is_some_and(|paid| passed.is_none_or(|passed| passed > paid)) {
            wrong.push("was paid without a verified pass");
        }
        if count(&|event| matches!(event, Event::Ended { .. })) != 1 {
            wrong.push("did not end once");
        }
        let State::Ended(ended) = contract.state else {
            self.breaks.push(format!("{} has not ended", contract.id));
            return;
        };
        let unpaid = matches!(
            ended.ending,
            Ending::Rejected | Ending::Defaulted | Ending::Cancelled | Ending::Void
        );
        if unpaid == paid.is_some() && ended.ending != Ending::ClawedBack {
            wrong.push("ended otherwise than it was paid");
        }
        for what in wrong {
            self.breaks.push(format!("{} {what}", contract.id));
        }
    }

    fn rfq(&mut self, rfq: &Rfq) {
        let story = self.stage.market.story(&Subject::Rfq(rfq.id));
        let closed = |event: &Event| matches!(event, Event::BiddingClosed { bids } if *bids > 0);
        let revealed = rfq.terms.windows.reveal_seconds.is_some()
            && story.iter().any(|noted| closed(&noted.event));
        if revealed {
            self.seen.rfq("Open", "Revealing");
        }
        let from = if revealed { "Revealing" } else { "Open" };
        self.seen.rfq(from, rfq.state.as_str());
        let mut left = self.stage.left(Account::Reserved(rfq.id, usd()));
        for supplier in rfq.bids.keys() {
            left += self.stage.left(Account::BidBond(rfq.id, *supplier, usd()));
        }
        if left != 0 {
            self.breaks.push(format!("{left} are left of {}", rfq.id));
        }
        if let Some(award) = &rfq.award
            && let Err(wrong) = proofmark_market::award::recompute(award)
        {
            self.breaks
                .push(format!("the award of {}: {wrong}", rfq.id));
        }
        if is_divided(rfq) {
            self.seen.mark("a rounding left-over was divided");
        }
    }
}

/// Whether the shares of the price, each rounded down, are less than the price.
fn is_divided(rfq: &Rfq) -> bool {
    let RfqState::Awarded(engagement) = &rfq.state else {
        return false;
    };
    let total: i64 = engagement.prices.iter().map(|price| price.minor()).sum();
    let shares = rfq.terms.milestones.iter().map(|it| it.share);
    let down: i64 = shares
        .map(|share| {
            let whole = crate::stage::cents(total);
            whole.share_down(share).minor()
        })
        .sum();
    down < total
}
