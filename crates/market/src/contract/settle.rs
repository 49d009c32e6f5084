//! Acceptance, silence, finality.

use proofmark_core::Timestamp;
use proofmark_criteria::Verdict;
use proofmark_ledger::Amount;

use super::state::{Ending, Failed, Passed, Provisional, Purpose, State};
use super::work::{end, in_time, verify_by};
use super::{Contract, Run, Vote, arbitration, dispute, warranty};
use crate::change::Change;
use crate::event::Event;
use crate::money::proof::{Consent, NotPassed, Pass, Silence};
use crate::money::recipes::{self, Undone};
use crate::rejection::{Code, Rejection};
use crate::rfq;

pub(crate) fn accept(change: &mut Change<'_>, contract: &Contract) -> Result<(), Rejection> {
    in_time(change, contract)?;
    let passed = passed(contract)?;
    change.tell(contract, Event::Accepted);
    pay(
        change,
        contract,
        &passed.pass,
        Consent::given(),
        Amount::ZERO,
    );
    Ok(())
}

fn passed(contract: &Contract) -> Result<&Passed, Rejection> {
    match &contract.state {
        State::Passed(passed) => Ok(passed),
        state => Err(Code::StateForbids.because(state.name().as_str())),
    }
}

pub(crate) fn review(
    change: &mut Change<'_>,
    contract: &Contract,
    ground: Option<String>,
    withheld: Amount,
) -> Result<(), Rejection> {
    in_time(change, contract)?;
    let passed = passed(contract)?;
    let outside = |why: String| Code::ReviewOutsideTerms.because(why);
    let declared = contract.terms.human_review.as_ref();
    let declared = declared.ok_or_else(|| outside("none is declared".to_owned()))?;
    let cap = contract.stakes.price.share_down(declared.cap);
    if withheld > cap {
        return Err(outside(format!("{withheld} of {cap}")));
    }
    match &ground {
        None if withheld.is_zero() => {}
        Some(ground) if declared.grounds.contains(ground) => {}
        _ => {
            return Err(outside(
                "nothing is withheld without a ground of the terms".to_owned(),
            ));
        }
    }
    let reviewer = change.sender;
    change.tell(
        contract,
        Event::Reviewed {
            reviewer,
            ground,
            withheld,
        },
    );
    pay(change, contract, &passed.pass, Consent::given(), withheld);
    Ok(())
}

/// A pass is paid. Without a warranty everything is final at once.
pub(crate) fn pay(
    change: &mut Change<'_>,
    contract: &Contract,
    pass: &Pass,
    consent: Consent,
    withheld: Amount,
) {
    let amount = recipes::pay(&mut change.moves, contract, pass, &consent);
    let Some(terms) = &contract.terms.warranty else {
        let finality_at = change.at;
        change.tell(
            contract,
            Event::Paid {
                amount,
                finality_at,
            },
        );
        rfq::begin_next(change, contract);
        return finish(change, contract, pass, consent, withheld);
    };
    let warranty = Provisional {
        pass: pass.clone(),
        paid_at: change.at,
        withheld,
        evidence_until: change.at.plus_seconds(terms.evidence_seconds),
        finality_at: change.at.plus_seconds(terms.warranty_seconds),
        stands_since: None,
        stood_micros: 0,
    };
    let finality_at = warranty.finality_at;
    change.tell(
        contract,
        Event::Paid {
            amount,
            finality_at,
        },
    );
    rfq::begin_next(change, contract);
    change.become_state(contract, State::Provisional(warranty));
}

fn finish(
    change: &mut Change<'_>,
    contract: &Contract,
    pass: &Pass,
    consent: Consent,
    withheld: Amount,
) {
    recipes::release(&mut change.moves, contract, pass, &consent, withheld);
    let at = change.at;
    change.become_state(contract, State::ended(Ending::Final, at));
}

/// The deadline of the state has passed: what the terms say about silence.
pub(crate) fn tick(change: &mut Change<'_>, contract: &Contract) -> Result<(), Rejection> {
    let nothing = || Code::StateForbids.because(contract.state.name().as_str());
    let deadline = contract.state.deadline().ok_or_else(nothing)?;
    let silence = Silence::after(deadline, change.at)?;
    match &contract.state {
        State::Active(_) => {
            let amount = recipes::default(&mut change.moves, contract, &silence);
            change.tell(contract, Event::Slashed { amount });
            let fee = Some(contract.stakes.fee);
            change.broke_word(contract.supplier, &contract.terms, contract.buyer, fee);
            end(change, contract, Ending::Defaulted);
        }
        State::Verifying(it) if !it.house => {
            let mut it = it.clone();
            it.house = true;
            it.verify_by = call_house(change, contract, &it.run);
            change.become_state(contract, State::Verifying(it));
        }
        State::Verifying(it) => {
            let run = it.run.number().get();
            change.tell(contract, Event::NotJudged { run });
            came_to_nothing(change, contract, &it.run, &it.purpose);
            not_judged(change, contract, it.purpose.clone());
        }
        State::Passed(it) => {
            change.tell(contract, Event::AcceptedBySilence);
            let mut contract = contract.clone();
            contract.silent = true;
            pay(
                change,
                &contract,
                &it.pass,
                Consent::silent(silence),
                Amount::ZERO,
            );
        }
        State::Failed(it) => unpassed(change, contract, it, &silence),
        State::Provisional(it) => {
            let consent = Consent::silent(silence);
            finish(change, contract, &it.pass, consent, it.withheld);
        }
        State::Rechecking(it) if !it.house => {
            let mut it = it.clone();
            it.house = true;
            it.verify_by = call_house(change, contract, &it.run);
            change.become_state(contract, State::Rechecking(it));
        }
        State::Rechecking(it) => {
            let run = it.run.number().get();
            change.tell(contract, Event::NotJudged { run });
            warranty::dismiss(change, contract, it.warranty.clone());
        }
        State::Curing(it) => {
            let amounts = (it.target, it.warranty.withheld);
            warranty::claw_back(change, contract, &Undone::Fail(&it.fail), amounts);
        }
        State::Disputed(it) => dispute::lapse(change, contract, it.clone()),
        State::Arbitrating(it) => arbitration::lapse(change, contract, it.clone(), silence),
        State::Ended(_) => return Err(nothing()),
    }
    Ok(())
}

/// What did not pass stays so.
fn unpassed(change: &mut Change<'_>, contract: &Contract, it: &Failed, silence: &Silence) {
    match (&it.purpose, &it.why) {
        (Purpose::Attempt, NotPassed::Fail(fail)) => {
            let amount = recipes::reject(&mut change.moves, contract, fail, silence);
            change.tell(contract, Event::Slashed { amount });
            end(change, contract, Ending::Rejected);
        }
        // As where nobody judged: money follows the last verified word.
        (purpose, _) => {
            came_to_nothing(change, contract, &it.run, purpose);
            not_judged(change, contract, purpose.clone());
        }
    }
}

/// The market's own engine has as long again.
fn call_house(change: &mut Change<'_>, contract: &Contract, run: &Run) -> Timestamp {
    let (run, verify_by) = (run.number().get(), verify_by(change, contract));
    change.tell(contract, Event::HouseEngineCalled { run, verify_by });
    verify_by
}

/// An attempt could not be judged. Nobody is to blame by name, but the supplier chose these bytes: it is booked as a
/// promise that was not kept, so that a way out that costs no bond is not free. Not where anybody found a pass, or where
/// nobody could judge: the operator has withdrawn the profile, or has no engine of its own.
fn came_to_nothing(change: &mut Change<'_>, contract: &Contract, run: &Run, purpose: &Purpose) {
    let passes = |vote: &Vote| vote.conclusion().verdict == Verdict::Pass;
    let passed = run.votes().all().iter().any(passes);
    if matches!(purpose, Purpose::Attempt) && !passed && may_judge(change, contract) {
        let fee = Some(contract.stakes.fee);
        change.broke_word(contract.supplier, &contract.terms, contract.buyer, fee);
    }
}

fn may_judge(change: &Change<'_>, contract: &Contract) -> bool {
    let Some(policy) = &change.market.policy else {
        return false;
    };
    let profile = policy.profile(&contract.terms.engines.profile);
    let house = change.market.rules.house.as_str();
    let mut keys = policy.keys();
    profile.is_some_and(|it| it.window.contains(change.at))
        && keys.any(|key| change.market.engine_operator(&key.key.id()) == Some(house))
}

/// Nobody judged. Money follows the last verified word: of an attempt there is none, of a cure it is the fail that
/// it should have mended.
pub(crate) fn not_judged(change: &mut Change<'_>, contract: &Contract, purpose: Purpose) {
    match purpose {
        Purpose::Attempt => {
            recipes::void(&mut change.moves, contract);
            end(change, contract, Ending::Void);
        }
        Purpose::Cure {
            target,
            fail,
            warranty: provisional,
        } => {
            let amounts = (target, provisional.withheld);
            warranty::claw_back(change, contract, &Undone::Fail(&fail), amounts);
        }
    }
}
