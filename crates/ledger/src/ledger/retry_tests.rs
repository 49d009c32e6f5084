use crate::testing::*;
use crate::{Applied, Ledger, Refusal, ResultCode};

#[test]
fn the_same_group_again_changes_nothing() {
    let mut ledger = world();
    let before = snapshot(&ledger);
    for (seconds, group) in past() {
        for seconds in [seconds, 0, NOW, 1_000_000] {
            assert_eq!(ledger.check(&group, at(seconds)), Ok(Applied::Exists));
            assert_eq!(ledger.apply(&group, at(seconds)), Ok(Applied::Exists));
        }
    }
    assert_eq!(snapshot(&ledger), before);
    assert_eq!(ledger.now(), Some(at(NOW)));
}

#[test]
fn a_retry_exists_though_it_could_not_be_applied_now() {
    let mut ledger = world();
    let all = group(5, vec![single(customer(1), customer(2), 740)]);
    assert_eq!(ledger.apply(&all, at(NOW)), Ok(Applied::Created));
    ledger.room = 0;
    assert_eq!(ledger.apply(&all, at(NOW)), Ok(Applied::Exists));
}

#[test]
fn a_refused_id_can_be_used_again() {
    let mut ledger = world();
    let poor = group(5, vec![single(customer(3), customer(2), 1)]);
    assert!(ledger.apply(&poor, at(NOW)).is_err());
    let fine = group(5, vec![single(bank(), customer(3), 1)]);
    assert_eq!(ledger.apply(&fine, at(NOW)), Ok(Applied::Created));
    let refusal = Refusal {
        index: Some(0),
        code: ResultCode::ExistsWithDifferentDebit,
    };
    assert_eq!(ledger.apply(&poor, at(NOW)), Err(refusal));
}

#[test]
fn holds_of_the_own_group_are_compared_too() {
    let mut ledger = Ledger::new();
    let both = |index| {
        let made = pending(bank(), customer(1), 5, None);
        group(1, vec![made.clone(), made, void(1, index)])
    };
    assert_eq!(ledger.apply(&both(1), at(1)), Ok(Applied::Created));
    assert_eq!(ledger.apply(&both(1), at(1)), Ok(Applied::Exists));
    let refusal = Refusal {
        index: Some(2),
        code: ResultCode::ExistsWithDifferentPending,
    };
    assert_eq!(ledger.apply(&both(0), at(1)), Err(refusal));
}
