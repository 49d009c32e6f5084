//! What each branch means and pays. The amounts come from the same recipes that will move the money.

use proofmark_core::Timestamp;
use proofmark_ledger::{Amount, Asset, Transfer};

use super::{is_something, money};
use crate::account::Account;
use crate::command::Side;
use crate::contract::table::{StateName, Verb};
use crate::contract::{Confirmed, Contract, Purpose, State};
use crate::market::Market;
use crate::money::Moves;
use crate::money::proof::{Consent, NotPassed, Silence};
use crate::money::recipes::{self, Undone};
use crate::rfq;

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

    /// In plain words.
    #[must_use]
    pub fn text(&self, asset: Asset) -> String {
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

/// Whether a row of the table is open to anybody in this contract: some ask for what its terms do not have, or for what
/// has not come, or is over.
pub(super) fn is_open(contract: &Contract, verb: Verb, now: Timestamp) -> bool {
    let arbiter = contract.terms.arbitration.is_some();
    match (&contract.state, verb) {
        (State::Passed(_), Verb::Review) => contract.terms.human_review.is_some(),
        (State::Provisional(it), Verb::StateEvidence) => {
            let warranty = contract.terms.warranty.as_ref();
            let most = warranty.map_or(0, |warranty| warranty.evidence_max);
            now <= it.evidence_until && contract.evidence < most
        }
        (State::Provisional(_), Verb::Challenge) => arbiter,
        (State::Passed(it), Verb::Challenge) => it.confirmed == Confirmed::No || arbiter,
        (State::Curing(it), Verb::Challenge) => it.confirmed == Confirmed::No || arbiter,
        (State::Failed(it), Verb::Challenge) => it.confirmed == Confirmed::No,
        (State::Failed(it), Verb::PresentVerdict) => it.confirmed < Confirmed::ByRerun,
        (State::Passed(it), Verb::PresentVerdict) => it.confirmed < Confirmed::ByRerun,
        (State::Curing(it), Verb::PresentVerdict) => it.confirmed < Confirmed::ByRerun,
        (State::Arbitrating(it), Verb::Respond) => it.offers_until.is_none(),
        (State::Arbitrating(it), Verb::Rule) => it.offers_until.is_some(),
        (State::Arbitrating(it), Verb::Offer) => it.offers_until.is_none_or(|until| now <= until),
        (State::Arbitrating(it), Verb::AcceptOffer) => !it.offers.is_empty(),
        _ => true,
    }
}

/// The last moment for a command that ends before its state.
pub(super) const fn until(contract: &Contract, verb: Verb) -> Option<Timestamp> {
    match (&contract.state, verb) {
        (State::Provisional(it), Verb::StateEvidence) => Some(it.evidence_until),
        (State::Arbitrating(it), Verb::Offer) => it.offers_until,
        _ => None,
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
            rfq::release_ahead(&mut moves, market, contract);
        }
        (State::Active(_), Verb::Cancel) => {
            recipes::cancel(&mut moves, contract);
            rfq::release_ahead(&mut moves, market, contract);
        }
        (State::Active(_), Verb::Resign) => {
            recipes::resign(&mut moves, contract);
            rfq::release_ahead(&mut moves, market, contract);
        }
        (State::Verifying(it), Verb::Tick) if it.house => {
            unpassed(&mut moves, market, contract, &it.purpose);
        }
        (State::Passed(it), Verb::Accept | Verb::Tick) => {
            let consent = Consent::silent(silence);
            recipes::pay(&mut moves, contract, &it.pass, &consent);
            if contract.terms.warranty.is_none() {
                recipes::release(&mut moves, contract, &it.pass, &consent, Amount::ZERO);
            }
        }
        (State::Failed(it), Verb::Tick) => match (&it.purpose, &it.why) {
            (Purpose::Attempt, NotPassed::Fail(fail)) => {
                recipes::reject(&mut moves, contract, fail, &silence);
                rfq::release_ahead(&mut moves, market, contract);
            }
            (purpose, _) => unpassed(&mut moves, market, contract, purpose),
        },
        (State::Provisional(it), Verb::Tick) => {
            let consent = Consent::silent(silence);
            recipes::release(&mut moves, contract, &it.pass, &consent, it.withheld);
        }
        (State::Curing(it), Verb::Tick) => {
            let amounts = (it.target, it.warranty.withheld);
            recipes::claw_back(&mut moves, contract, &Undone::Fail(&it.fail), amounts);
        }
        _ => return None,
    }
    Some(Payments::of(contract, moves.transfers()))
}

/// Nobody knows what a submission came to: of a cure, the buyer gets money back all the same.
fn unpassed(moves: &mut Moves<'_>, market: &Market, contract: &Contract, purpose: &Purpose) {
    match purpose {
        Purpose::Attempt => {
            recipes::void(moves, contract);
            rfq::release_ahead(moves, market, contract);
        }
        Purpose::Cure {
            target,
            fail,
            warranty,
        } => {
            let amounts = (*target, warranty.withheld);
            recipes::claw_back(moves, contract, &Undone::Fail(fail), amounts);
        }
    }
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
        (S::Failed, Verb::Challenge) => "somebody has it run again",
        (_, Verb::Challenge) => "somebody has it run again, or a side asks the arbiter",
        (_, Verb::Respond) => "the other side puts up its fee",
        (_, Verb::Offer) => "a side says what it would agree to",
        (_, Verb::AcceptOffer) => "a side agrees to what the other offers",
        (_, Verb::Rule) => "the arbiter takes one of the two last offers",
        (_, Verb::StateEvidence) => "an oracle states facts, which a second validator judges",
        (_, Verb::Cancel) => "the buyer withdraws and pays for it",
        (_, Verb::Resign) => "the supplier withdraws and loses a part of its bond",
        (S::Active, Verb::Tick) => "nothing was delivered",
        (S::Verifying | S::Rechecking, Verb::Tick) => {
            "nobody judged: the market's own engine is called, and after it nobody"
        }
        (S::Passed, Verb::Tick) => "silence accepts",
        (S::Failed, Verb::Tick) => "the verdict stands",
        (S::Provisional, Verb::Tick) => "nothing was found, everything is final",
        (S::Curing, Verb::Tick) => "nothing was mended, the buyer gets money back",
        (S::Disputed, Verb::Tick) => "the verdict stands unless engines disagree",
        (S::Arbitrating, Verb::Tick) => {
            "who has not put up its fee loses; without a ruling the verdict stands"
        }
        (_, Verb::Tick) => "nothing",
    }
}
