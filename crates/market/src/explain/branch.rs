//! What each branch means and pays. The amounts come from the same recipes that will move the money.

use proofmark_ledger::{Amount, Asset, Transfer};

use super::{is_something, money};
use crate::account::Account;
use crate::command::Side;
use crate::contract::table::{StateName, Verb};
use crate::contract::{Contract, State};
use crate::market::Market;
use crate::money::Moves;
use crate::money::proof::{Consent, Silence};
use crate::money::recipes::{self, Undone};

/// Who gets what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Payments {
    /// Available to the buyer.
    pub buyer: Amount,
    /// Available to the supplier.
    pub supplier: Amount,
    /// Earned by the operator.
    pub fees: Amount,
    /// Taken by the pool.
    pub pool: Amount,
    /// Owed by the supplier afterwards.
    pub debt: Amount,
}

impl Payments {
    fn of(contract: &Contract, transfers: &[Transfer<Account>]) -> Self {
        let mut sums = Self::default();
        let (buyer, supplier) = (
            contract.available(Side::Buyer),
            contract.available(Side::Supplier),
        );
        for transfer in transfers {
            let Transfer::Single {
                debit,
                credit,
                amount,
            } = transfer
            else {
                continue;
            };
            let to = match credit {
                account if *account == buyer => &mut sums.buyer,
                account if *account == supplier => &mut sums.supplier,
                Account::Fees(_) => &mut sums.fees,
                Account::Pool(_) => &mut sums.pool,
                Account::Claim(..) => &mut sums.debt,
                _ => continue,
            };
            *to = to.checked_add(*amount).unwrap_or(Amount::MAX);
            if *debit == supplier {
                sums.supplier = sums.supplier.saturating_sub(*amount);
            }
        }
        sums
    }

    pub(super) fn text(&self, asset: Asset) -> String {
        let parts = [
            ("buyer", self.buyer),
            ("supplier", self.supplier),
            ("market", self.fees),
            ("pool", self.pool),
            ("the supplier owes", self.debt),
        ];
        let parts = parts
            .into_iter()
            .filter(|(_, amount)| is_something(*amount));
        let parts: Vec<_> = parts
            .map(|(who, amount)| format!("{who} {}", money(amount, asset)))
            .collect();
        match parts.is_empty() {
            true => "nobody anything".to_owned(),
            false => parts.join(", "),
        }
    }
}

/// What a branch pays at once; `None` where it only moves on.
pub(super) fn pays(market: &Market, contract: &Contract, verb: Verb) -> Option<Payments> {
    let mut moves = Moves::new(&market.ledger);
    let deadline = contract.state.deadline()?;
    let silence = Silence::after(deadline, deadline.plus_seconds(1)).ok()?;
    match (&contract.state, verb) {
        (State::Active(_), Verb::Tick) => {
            recipes::default(&mut moves, contract, &silence);
        }
        (State::Active(_), Verb::Cancel) => {
            recipes::cancel(&mut moves, contract);
        }
        (State::Active(_), Verb::Resign) => {
            recipes::resign(&mut moves, contract);
        }
        (State::Passed(it), Verb::Accept | Verb::Tick) => {
            let consent = Consent::silent(silence);
            recipes::pay(&mut moves, contract, &it.pass, &consent);
            if contract.terms.warranty.is_none() {
                recipes::release(&mut moves, contract, &it.pass, &consent, Amount::ZERO);
            }
        }
        (State::Failed(it), Verb::Tick) => {
            recipes::reject(&mut moves, contract, &it.fail, &silence);
        }
        (State::Provisional(it), Verb::Tick) => {
            let consent = Consent::silent(silence);
            recipes::release(&mut moves, contract, &it.pass, &consent, it.withheld);
        }
        (State::Curing(it), Verb::Tick) => {
            recipes::claw_back(&mut moves, contract, &Undone::Fail(&it.fail), it.target);
        }
        _ => return None,
    }
    Some(Payments::of(contract, moves.transfers()))
}

/// What a command in a state means.
pub(super) const fn meaning(state: StateName, verb: Verb) -> &'static str {
    use StateName as S;
    match (state, verb) {
        (S::Curing, Verb::Submit) => "the supplier delivers what was mended",
        (_, Verb::Submit) => "the supplier delivers",
        (S::Rechecking, Verb::PresentVerdict) => "engines judge the evidence",
        (S::Verifying, Verb::PresentVerdict) => "engines judge the submission",
        (S::Disputed, Verb::PresentVerdict) => "engines run it again",
        (_, Verb::PresentVerdict) => "a signed verdict that contradicts the one that stands",
        (_, Verb::Accept) => "the buyer accepts",
        (_, Verb::Review) => "a reviewer accepts, and may withhold within the cap",
        (S::Provisional, Verb::Challenge) => "a side asks the arbiter",
        (_, Verb::Challenge) => "somebody has it run again, or a side asks the arbiter",
        (_, Verb::Respond) => "the other side puts up its fee",
        (_, Verb::Offer) => "a side says what it would agree to",
        (_, Verb::AcceptOffer) => "a side agrees to the other's last offer",
        (_, Verb::Rule) => "the arbiter takes one of the two last offers",
        (_, Verb::StateEvidence) => "an oracle states facts, which a second validator judges",
        (_, Verb::Cancel) => "the buyer withdraws and pays for it",
        (_, Verb::Resign) => "the supplier withdraws and loses a part of its bond",
        (S::Active, Verb::Tick) => "nothing was delivered",
        (S::Verifying | S::Rechecking, Verb::Tick) => {
            "nobody judged: the market's own engine is called, and after it nobody"
        }
        (S::Passed, Verb::Tick) => "silence accepts",
        (S::Failed, Verb::Tick) => "the fail stands",
        (S::Provisional, Verb::Tick) => "nothing was found, everything is final",
        (S::Curing, Verb::Tick) => "nothing was mended, the buyer gets money back",
        (S::Disputed, Verb::Tick) => "the verdict stands unless engines disagree",
        (S::Arbitrating, Verb::Tick) => {
            "who has not put up its fee loses; without a ruling the verdict stands"
        }
        (_, Verb::Tick) => "nothing",
    }
}
