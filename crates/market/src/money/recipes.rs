//! The postings of each event of a contract. `docs/market.md` has the same as a table.
//!
//! Whatever takes money out of escrow to anybody but its owner asks for the reason (see `proof`), also where it does not
//! look at it: so nothing is paid by a path that has none.

use proofmark_core::Ppm;
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;

use super::moves::Moves;
use super::proof::{Consent, Fail, Pass, Settlement, Silence};
use crate::account::Account;
use crate::command::Side;
use crate::contract::{Contract, Stakes};
use crate::ids::{ContractId, PartyId};

/// A milestone begins: the buyer's money goes into escrow, the supplier's into the bond.
pub(crate) fn begin(moves: &mut Moves<'_>, contract: &Contract) {
    let Stakes {
        price,
        holdback,
        fee,
        bond,
        verification,
    } = contract.stakes;
    let reserved = Account::Reserved(contract.id.rfq, contract.asset());
    let at_once = price.saturating_sub(holdback);
    moves.pay(reserved, contract.account(Account::Price), at_once);
    moves.pay(reserved, contract.account(Account::Holdback), holdback);
    moves.pay(reserved, contract.account(Account::Fee), fee);
    moves.pay(
        reserved,
        contract.account(Account::Verification),
        verification,
    );
    let bid_bond = Account::BidBond(contract.id.rfq, contract.supplier, contract.asset());
    moves.pay(bid_bond, contract.account(Account::Bond), bond);
}

/// Engines are paid for a judgement, the same whatever it says: one fee, shared by those whose signatures count.
pub(crate) fn verification(moves: &mut Moves<'_>, contract: &Contract, signers: &[KeyId]) {
    let from = contract.account(Account::Verification);
    run_fee(moves, contract, from, signers);
}

fn run_fee(moves: &mut Moves<'_>, contract: &Contract, from: Account, signers: &[KeyId]) {
    if signers.is_empty() {
        return;
    }
    let fee = contract.terms.fees.verification.min(moves.left(&from));
    for (signer, part) in signers.iter().zip(fee.split(&vec![1; signers.len()])) {
        moves.pay(from, Account::Available(*signer, contract.asset()), part);
    }
}

/// A proof moves the money of its own contract only.
fn belongs(contract: &Contract, proof: ContractId) {
    assert_eq!(proof, contract.id, "the proof is of this contract");
}

/// A pass is paid, but for the holdback.
pub(crate) fn pay(moves: &mut Moves<'_>, contract: &Contract, pass: &Pass, _: &Consent) -> Amount {
    belongs(contract, pass.contract());
    moves.drain(
        contract.account(Account::Price),
        contract.available(Side::Supplier),
    )
}

/// Finality: what a reviewer withheld goes to the buyer, the rest of the holdback and the bond to the supplier, the
/// fee to the operator.
pub(crate) fn release(
    moves: &mut Moves<'_>,
    contract: &Contract,
    pass: &Pass,
    _: &Consent,
    withheld: Amount,
) {
    belongs(contract, pass.contract());
    assert!(
        withheld <= contract.stakes.holdback,
        "not more is withheld than is held back"
    );
    let holdback = contract.account(Account::Holdback);
    moves.up_to(holdback, contract.available(Side::Buyer), withheld);
    moves.drain(holdback, contract.available(Side::Supplier));
    moves.drain(
        contract.account(Account::Fee),
        Account::Fees(contract.asset()),
    );
    close(moves, contract);
}

/// The work failed to the end.
pub(crate) fn reject(
    moves: &mut Moves<'_>,
    contract: &Contract,
    fail: &Fail,
    _: &Silence,
) -> Amount {
    belongs(contract, fail.contract());
    lose(moves, contract, contract.terms.penalties.rejected)
}

/// The supplier did not deliver.
pub(crate) fn default(moves: &mut Moves<'_>, contract: &Contract, _: &Silence) -> Amount {
    lose(moves, contract, contract.terms.penalties.defaulted)
}

/// The supplier says that it will not deliver. Its own command is the reason.
pub(crate) fn resign(moves: &mut Moves<'_>, contract: &Contract) -> Amount {
    lose(moves, contract, contract.terms.penalties.resigned)
}

/// A share of the bond is lost, and everything else goes back; says how much was lost.
fn lose(moves: &mut Moves<'_>, contract: &Contract, share: Ppm) -> Amount {
    let lost = contract.stakes.bond.share_down(share);
    slash(moves, contract, lost);
    refund(moves, contract);
    lost
}

/// The buyer withdraws, and pays for it. Its own command is the reason.
pub(crate) fn cancel(moves: &mut Moves<'_>, contract: &Contract) -> Amount {
    let Stakes {
        price, holdback, ..
    } = contract.stakes;
    let kill = price.share_up(contract.terms.penalties.cancelled);
    let kill = kill.min(price.saturating_sub(holdback));
    let paid = moves.up_to(
        contract.account(Account::Price),
        contract.available(Side::Supplier),
        kill,
    );
    // The operator earns its fee of what the supplier gets: else two who agree would pay each other so and save it.
    let earned = paid.share_up(contract.terms.fees.market);
    let fees = Account::Fees(contract.asset());
    moves.up_to(contract.account(Account::Fee), fees, earned);
    refund(moves, contract);
    paid
}

/// Nobody knows: everybody gets back what was theirs.
pub(crate) fn void(moves: &mut Moves<'_>, contract: &Contract) {
    refund(moves, contract);
}

/// What a clawback came to.
pub(crate) struct Clawback {
    /// What the buyer got.
    pub(crate) paid: Amount,
    /// What the supplier still owes.
    pub(crate) owed: Amount,
}

/// Why the buyer gets money back.
pub(crate) enum Undone<'p> {
    /// The evidence holds, and nothing was mended.
    Fail(&'p Fail),
    /// The two agreed, or the arbiter ruled.
    Settled(&'p Settlement),
}

/// The buyer gets `target` back, or what was withheld where that is more: from the holdback, from the price where it was not paid yet, from the bond, from
/// what the supplier has, and then as a debt. The rest of all this is the supplier's, and of what
/// it keeps the operator earns its fee: else two who agree on a clawback of one cent would save it.
pub(crate) fn claw_back(
    moves: &mut Moves<'_>,
    contract: &Contract,
    why: &Undone<'_>,
    (target, withheld): (Amount, Amount),
) -> Clawback {
    match why {
        Undone::Fail(fail) => belongs(contract, fail.contract()),
        Undone::Settled(settled) => assert_eq!(settled.to_buyer(), target, "as was settled"),
    }
    let (buyer, supplier) = (
        contract.available(Side::Buyer),
        contract.available(Side::Supplier),
    );
    let sources = [
        contract.account(Account::Holdback),
        contract.account(Account::Price),
        contract.account(Account::Bond),
        supplier,
    ];
    // What a reviewer withheld was never the supplier's.
    let whole = target.max(withheld);
    let mut owed = whole;
    for source in sources {
        let paid = moves.up_to(source, buyer, owed);
        owed = owed.saturating_sub(paid);
    }
    moves.pay(
        contract.account(Account::Debt),
        contract.account(Account::Claim),
        owed,
    );
    moves.drain(contract.account(Account::Holdback), supplier);
    moves.drain(contract.account(Account::Price), supplier);
    let kept = contract.stakes.price.saturating_sub(whole);
    let earned = kept.share_up(contract.terms.fees.market);
    let fee = contract.account(Account::Fee);
    moves.up_to(fee, Account::Fees(contract.asset()), earned);
    moves.drain(fee, buyer);
    close(moves, contract);
    Clawback {
        paid: whole.saturating_sub(owed),
        owed,
    }
}

/// A part of the bond is lost: the buyer gets its share, never more than the price, and the pool the rest.
fn slash(moves: &mut Moves<'_>, contract: &Contract, lost: Amount) {
    let bond = contract.account(Account::Bond);
    let to_buyer = lost.share_down(contract.terms.penalties.to_buyer);
    let to_buyer = to_buyer.min(contract.stakes.price);
    let paid = moves.up_to(bond, contract.available(Side::Buyer), to_buyer);
    let rest = lost.saturating_sub(paid);
    moves.up_to(bond, Account::Pool(contract.asset()), rest);
}

/// What is left of the escrow goes back to the buyer.
fn refund(moves: &mut Moves<'_>, contract: &Contract) {
    let buyer = contract.available(Side::Buyer);
    for escrow in [Account::Price, Account::Holdback, Account::Fee] {
        moves.drain(escrow(contract.id, contract.asset()), buyer);
    }
    close(moves, contract);
}

/// What is left of the bond goes back to the supplier, and of the verification budget to the buyer.
fn close(moves: &mut Moves<'_>, contract: &Contract) {
    moves.drain(
        contract.account(Account::Bond),
        contract.available(Side::Supplier),
    );
    moves.drain(
        contract.account(Account::Verification),
        contract.available(Side::Buyer),
    );
}

/// A side puts up what it takes to be heard.
pub(crate) fn put_up(moves: &mut Moves<'_>, contract: &Contract, party: PartyId, amount: Amount) {
    let from = Account::Available(party, contract.asset());
    moves.pay(from, heard(contract, party), amount);
}

/// A side puts up the arbiter's fee: from what it has, and what is missing from what the contract holds for it, so that
/// nobody loses a case for want of money. Says how much the contract lent.
pub(crate) fn put_up_fee(
    moves: &mut Moves<'_>,
    contract: &Contract,
    side: Side,
    amount: Amount,
) -> Amount {
    let to = heard(contract, contract.party(side));
    let paid = moves.up_to(contract.available(side), to, amount);
    let lent = amount.saturating_sub(paid);
    moves.pay(held(contract, side), to, lent);
    lent
}

/// A side gets back the arbiter's fee; what the contract lent goes back there.
pub(crate) fn give_fee_back(moves: &mut Moves<'_>, contract: &Contract, side: Side, lent: Amount) {
    let from = heard(contract, contract.party(side));
    moves.up_to(from, held(contract, side), lent);
    moves.drain(from, contract.available(side));
}

/// What the contract holds for a side, whatever comes.
fn held(contract: &Contract, side: Side) -> Account {
    match side {
        Side::Buyer => contract.account(Account::Verification),
        Side::Supplier => contract.account(Account::Bond),
    }
}

/// A side gets back what it put up.
pub(crate) fn give_back(moves: &mut Moves<'_>, contract: &Contract, party: PartyId) {
    let to = Account::Available(party, contract.asset());
    moves.drain(heard(contract, party), to);
}

/// A challenge was wrong: its bond pays the re-run; half of the rest goes to the side that the verdict favours, if it
/// favours any, and the pool takes what is left.
pub(crate) fn lose_challenge(
    moves: &mut Moves<'_>,
    contract: &Contract,
    challenger: PartyId,
    signers: &[KeyId],
    favoured: Option<Side>,
) {
    let bond = heard(contract, challenger);
    run_fee(moves, contract, bond, signers);
    if let Some(favoured) = favoured {
        let half = Amount::new(moves.left(&bond).minor() / 2).unwrap_or(Amount::ZERO);
        moves.pay(bond, contract.available(favoured), half);
    }
    moves.drain(bond, Account::Pool(contract.asset()));
}

/// The loser of an arbitration pays the arbiter.
pub(crate) fn pay_arbiter(
    moves: &mut Moves<'_>,
    contract: &Contract,
    arbiter: PartyId,
    loser: Side,
) {
    let to = Account::Available(arbiter, contract.asset());
    moves.drain(heard(contract, contract.party(loser)), to);
}

fn heard(contract: &Contract, party: PartyId) -> Account {
    Account::Dispute(contract.id, party, contract.asset())
}
