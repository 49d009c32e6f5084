//! Who takes part: keys, money in and out, whom the market believes.

use proofmark_core::{Digest, chain};
use proofmark_keys::{KeyId, PublicKey};
use proofmark_ledger::{Amount, Asset, GroupId, Transfer, TransferId};
use proofmark_trust::{Role, TrustPolicy};

use crate::account::Account;
use crate::change::{Change, Update};
use crate::command::{Action, Attachment};
use crate::event::{Event, Subject};
use crate::explain::money;
use crate::ids::PartyId;
use crate::market::Withdrawal;
use crate::money::has_room;
use crate::rejection::{Code, Rejection};

pub(crate) fn act(
    change: &mut Change<'_>,
    action: Action,
    attachment: Attachment,
) -> Result<(), Rejection> {
    match (action, attachment) {
        (Action::Register { public_key }, _) => register(change, &public_key),
        (
            Action::Deposit {
                party,
                asset,
                amount,
            },
            _,
        ) => deposit(change, party, asset, amount),
        (Action::Withdraw { asset, amount }, _) => withdraw(change, asset, amount),
        (Action::ConfirmWithdrawal { withdrawal }, _) => confirm(change, withdrawal),
        (Action::ReturnWithdrawal { withdrawal }, _) => give_back(change, withdrawal),
        (Action::CollectFees { asset, amount }, _) => collect_fees(change, asset, amount),
        (_, Attachment::Policy(policy)) => publish_policy(change, policy),
        (_, Attachment::Fraud(proof)) => {
            let engine = proof.key().id();
            if change.market.engine_operator(&engine).is_none() {
                return Err(Code::EngineUnknown.because(engine.to_string()));
            }
            strike(change, engine);
            Ok(())
        }
        _ => Err(Code::AttachmentMismatch.because("it is missing")),
    }
}

fn by_operator(change: &Change<'_>) -> Result<(), Rejection> {
    match change.sender == change.market.operator.id() {
        true => Ok(()),
        false => Err(Code::ActorForbids.because("it is for the operator")),
    }
}

fn register(change: &mut Change<'_>, public_key: &str) -> Result<(), Rejection> {
    let key = PublicKey::from_pem(public_key)
        .map_err(|error| Code::CommandMalformed.because(chain(&error)))?;
    if change.market.key(&key.id()).is_some() {
        return Err(Code::AlreadyRegistered.because(key.id().to_string()));
    }
    change.note(Subject::Market, Event::PartyRegistered { party: key.id() });
    change.update(Update::Party(key));
    Ok(())
}

fn keeps(change: &Change<'_>, asset: Asset) -> Result<(), Rejection> {
    match change.market.rules.assets.contains(&asset) {
        true => Ok(()),
        false => Err(Code::AssetUnknown.because(asset.to_string())),
    }
}

fn deposit(
    change: &mut Change<'_>,
    party: PartyId,
    asset: Asset,
    amount: Amount,
) -> Result<(), Rejection> {
    by_operator(change)?;
    keeps(change, asset)?;
    let account = Account::Available(party, asset);
    if !has_room(&change.market.ledger().balance(&account), amount) {
        return Err(Code::AccountFull.because(format!("that of {party}")));
    }
    change.moves.push(Transfer::Single {
        debit: Account::Custody(asset),
        credit: Account::Available(party, asset),
        amount,
    });
    change.note(
        Subject::Market,
        Event::Deposited {
            party,
            asset,
            amount,
        },
    );
    Ok(())
}

/// Whether whoever asks has so much available. The ledger would refuse as well, and not say how much is missing.
pub(crate) fn affords(change: &Change<'_>, asset: Asset, needed: Amount) -> Result<(), Rejection> {
    let left = change.moves.left(&Account::Available(change.sender, asset));
    if needed <= left {
        return Ok(());
    }
    let (needed, left) = (money(needed, asset), money(left, asset));
    Err(Code::InsufficientFunds.because(format!("{needed} are needed, and {left} are available")))
}

/// The money leaves the party at once, and custody when the rail says so.
fn withdraw(change: &mut Change<'_>, asset: Asset, amount: Amount) -> Result<(), Rejection> {
    keeps(change, asset)?;
    let party = change.sender;
    affords(change, asset, amount)?;
    change.moves.push(Transfer::Pending {
        debit: Account::Available(party, asset),
        credit: Account::Custody(asset),
        amount,
        expires_at: None,
    });
    let withdrawal = Withdrawal {
        party,
        asset,
        amount,
    };
    change.update(Update::Withdrawal(change.command, Some(withdrawal)));
    change.note(
        Subject::Market,
        Event::WithdrawalRequested {
            withdrawal: change.command,
            party,
            asset,
            amount,
        },
    );
    Ok(())
}

/// What the market has earned becomes the operator's own, to be withdrawn like anybody's.
fn collect_fees(change: &mut Change<'_>, asset: Asset, amount: Amount) -> Result<(), Rejection> {
    by_operator(change)?;
    keeps(change, asset)?;
    change.moves.push(Transfer::Single {
        debit: Account::Fees(asset),
        credit: Account::Available(change.sender, asset),
        amount,
    });
    change.note(Subject::Market, Event::FeesCollected { asset, amount });
    Ok(())
}

/// The pending transfer of a withdrawal under way, which ends here.
fn under_way(
    change: &mut Change<'_>,
    withdrawal: Digest,
) -> Result<(TransferId, Withdrawal), Rejection> {
    by_operator(change)?;
    let known = change.market.withdrawal(&withdrawal).copied();
    let known = known.ok_or_else(|| Code::WithdrawalUnknown.because(withdrawal.to_string()))?;
    change.update(Update::Withdrawal(withdrawal, None));
    let group = GroupId(withdrawal);
    Ok((TransferId { group, index: 0 }, known))
}

fn confirm(change: &mut Change<'_>, withdrawal: Digest) -> Result<(), Rejection> {
    let (pending, known) = under_way(change, withdrawal)?;
    change.moves.push(Transfer::Post {
        pending,
        amount: known.amount,
    });
    change.note(Subject::Market, Event::WithdrawalConfirmed { withdrawal });
    Ok(())
}

fn give_back(change: &mut Change<'_>, withdrawal: Digest) -> Result<(), Rejection> {
    let (pending, known) = under_way(change, withdrawal)?;
    let account = Account::Available(known.party, known.asset);
    change.moves.void(pending, account, known.amount);
    change.note(Subject::Market, Event::WithdrawalReturned { withdrawal });
    Ok(())
}

/// Without an engine of the market's own nobody would judge where others are silent.
fn publish_policy(change: &mut Change<'_>, policy: Box<TrustPolicy>) -> Result<(), Rejection> {
    by_operator(change)?;
    let (house, struck) = (&change.market.rules.house, &change.market.struck);
    let judges = policy
        .keys_of(Role::Outcome)
        .any(|it| it.operator == *house && !struck.contains(&it.key.id()));
    if !judges {
        return Err(Code::EngineUnknown.because(format!("none of the market's own, {house}")));
    }
    let threshold = policy.role(Role::Outcome).map(|rule| rule.threshold);
    if threshold != Some(1) {
        let why = "how many must sign is for the terms to say: the policy's own threshold is 1";
        return Err(Code::PolicyRefused.because(why));
    }
    change.note(
        Subject::Market,
        Event::PolicyPublished {
            version: policy.version(),
            digest: policy.digest(),
        },
    );
    change.update(Update::Policy(policy));
    Ok(())
}

/// An engine that signed what is false is off the list for good.
pub(crate) fn strike(change: &mut Change<'_>, engine: KeyId) {
    change.note(Subject::Market, Event::EngineStruck { engine });
    change.update(Update::Strike(engine));
}

/// An account counts all that ever moved over it, and not more than an amount can be. Whoever has moved half of that
/// begins nothing new: what is begun must be able to pay back.
pub(crate) fn may_move(change: &Change<'_>, party: PartyId, asset: Asset) -> Result<(), Rejection> {
    let account = Account::Available(party, asset);
    match has_room(&change.market.ledger().balance(&account), Amount::ZERO) {
        true => Ok(()),
        false => Err(Code::AccountFull.because(format!("that of {party}"))),
    }
}
