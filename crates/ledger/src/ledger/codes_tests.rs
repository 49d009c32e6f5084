use std::collections::BTreeSet;

use crate::ResultCode::*;
use crate::testing::*;
use crate::{
    Amount, Applied, Group, Ledger, MAX_GROUP, MAX_TRANSFERS, Refusal, ResultCode, Transfer,
};

const MAX: i64 = Amount::MAX.minor();

/// A group that is refused by [`world`] at a time; at which transfer, and why.
type Case = (u64, Group<Account>, Option<u16>, ResultCode);

/// Asserts what both ways of asking answer, and that nothing changed.
fn refused(ledger: &mut Ledger<Account>, (seconds, group, index, code): Case) {
    let before = snapshot(ledger);
    let refusal = Err(Refusal { index, code });
    assert_eq!(ledger.check(&group, at(seconds)), refusal, "{group:?}");
    assert_eq!(ledger.apply(&group, at(seconds)), refusal, "{group:?}");
    assert_eq!(snapshot(ledger), before);
    ledger.audit().expect("the books are right");
}

fn new(index: u16, code: ResultCode, transfers: Vec<Transfer<Account>>) -> Case {
    (160, group(9, transfers), Some(index), code)
}

fn again(number: u32, index: u16, code: ResultCode, transfers: Vec<Transfer<Account>>) -> Case {
    (160, group(number, transfers), Some(index), code)
}

fn later(seconds: u64, code: ResultCode, transfer: Transfer<Account>) -> Case {
    (seconds, group(9, vec![transfer]), Some(0), code)
}

fn one() -> Account {
    customer(1)
}

fn two() -> Account {
    customer(2)
}

fn of_groups() -> Vec<Case> {
    let many = vec![single(bank(), one(), 1); MAX_GROUP + 1];
    let fine = vec![single(bank(), one(), 1)];
    let fifth = single(bank(), two(), 1000);
    let mut holds = past()[1].1.transfers.clone();
    holds[4] = pending(one(), two(), 100, Some(151));
    let mut endless = past()[1].1.transfers.clone();
    endless[1] = pending(one(), two(), 100, Some(200));
    let mut ending = past()[1].1.transfers.clone();
    ending[0] = pending(one(), two(), 100, None);
    vec![
        (160, group(9, vec![]), None, GroupIsEmpty),
        (160, group(9, many), None, GroupIsTooLong),
        (160, group(1, fine.clone()), None, ExistsWithDifferentLength),
        again(
            1,
            0,
            ExistsWithDifferentKind,
            vec![pending(bank(), one(), 1000, None), fifth.clone()],
        ),
        again(
            3,
            1,
            ExistsWithDifferentKind,
            vec![post(2, 2, 60), expire(2, 3)],
        ),
        again(4, 0, ExistsWithDifferentKind, vec![void(2, 4)]),
        again(
            1,
            0,
            ExistsWithDifferentDebit,
            vec![single(free(1), one(), 1000), fifth.clone()],
        ),
        again(
            1,
            0,
            ExistsWithDifferentCredit,
            vec![single(bank(), two(), 1000), fifth.clone()],
        ),
        again(
            1,
            0,
            ExistsWithDifferentAmount,
            vec![single(bank(), one(), 999), fifth],
        ),
        again(
            3,
            0,
            ExistsWithDifferentAmount,
            vec![post(2, 2, 61), void(2, 3)],
        ),
        again(
            3,
            0,
            ExistsWithDifferentPending,
            vec![post(2, 1, 60), void(2, 3)],
        ),
        again(
            3,
            1,
            ExistsWithDifferentPending,
            vec![post(2, 2, 60), void(2, 0)],
        ),
        again(
            3,
            1,
            ExistsWithDifferentPending,
            vec![post(2, 2, 60), void(1, 3)],
        ),
        again(4, 0, ExistsWithDifferentPending, vec![expire(2, 0)]),
        again(2, 4, ExistsWithDifferentExpiresAt, holds),
        again(2, 1, ExistsWithDifferentExpiresAt, endless),
        again(2, 0, ExistsWithDifferentExpiresAt, ending),
        (NOW - 1, group(9, fine), None, TimeWentBack),
    ]
}

fn of_accounts() -> Vec<Case> {
    let euro = |scale| {
        (
            Account::Bank(asset(scale)),
            Account::Customer(1, asset(scale)),
        )
    };
    let ((bank2, customer2), (bank3, customer3)) = (euro("EUR/2"), euro("EUR/3"));
    let (odd_bank, odd) = euro("USD/3");
    vec![
        new(0, AccountsMustDiffer, vec![single(one(), one(), 1)]),
        new(0, AccountsMustDiffer, vec![pending(one(), one(), 1, None)]),
        new(0, AssetsMustMatch, vec![single(bank(), customer2, 1)]),
        new(0, AssetsMustMatch, vec![single(bank(), odd, 1)]),
        new(0, AssetHasOtherScale, vec![single(odd_bank, odd, 1)]),
        new(
            1,
            AssetHasOtherScale,
            vec![single(bank2, customer2, 1), single(bank3, customer3, 1)],
        ),
        new(0, AmountIsZero, vec![single(bank(), one(), 0)]),
        new(0, AmountIsZero, vec![pending(bank(), one(), 0, None)]),
        new(0, AmountIsZero, vec![post(2, 0, 0)]),
        new(
            0,
            ExpiresAtIsNotLater,
            vec![pending(bank(), one(), 1, Some(160))],
        ),
        new(
            0,
            ExpiresAtIsNotLater,
            vec![pending(bank(), one(), 1, Some(159))],
        ),
    ]
}

fn of_holds() -> Vec<Case> {
    let made = pending(one(), two(), 100, Some(200));
    vec![
        new(0, PendingNotFound, vec![post(8, 0, 1)]),
        new(0, PendingNotFound, vec![post(2, 5, 1)]),
        new(0, PendingNotFound, vec![void(1, 2)]),
        new(0, PendingNotFound, vec![expire(4, 1)]),
        new(0, PendingNotFound, vec![void(9, 0)]),
        new(0, PendingNotFound, vec![void(9, 1), made.clone()]),
        new(0, PendingIsOtherKind, vec![post(1, 0, 1)]),
        new(0, PendingIsOtherKind, vec![void(3, 0)]),
        new(
            1,
            PendingIsOtherKind,
            vec![single(bank(), one(), 1), void(9, 0)],
        ),
        new(0, PendingAlreadyPosted, vec![post(2, 2, 1)]),
        new(0, PendingAlreadyPosted, vec![void(2, 2)]),
        new(0, PendingAlreadyPosted, vec![expire(2, 2)]),
        new(
            2,
            PendingAlreadyPosted,
            vec![made.clone(), post(9, 0, 1), void(9, 0)],
        ),
        new(1, PendingAlreadyPosted, vec![post(2, 0, 1), post(2, 0, 1)]),
        new(0, PendingAlreadyVoided, vec![void(2, 3)]),
        new(1, PendingAlreadyVoided, vec![void(2, 1), post(2, 1, 1)]),
        new(
            2,
            PendingAlreadyVoided,
            vec![made, void(9, 0), post(9, 0, 1)],
        ),
        new(0, PendingAlreadyExpired, vec![expire(2, 4)]),
        new(0, PendingAlreadyExpired, vec![post(2, 4, 1)]),
        later(200, PendingHasExpired, post(2, 0, 1)),
        later(201, PendingHasExpired, post(2, 0, 1)),
        later(199, PendingNotYetExpired, expire(2, 0)),
        later(1_000_000, PendingNotYetExpired, expire(2, 1)),
        new(0, AmountExceedsPending, vec![post(2, 0, 101)]),
        new(0, AmountExceedsPending, vec![post(2, 1, MAX)]),
    ]
}

fn of_sums() -> Vec<Case> {
    let full = single(free(1), free(2), MAX);
    let held = pending(free(1), free(2), MAX, None);
    let own = |minor| single(one(), free(1), minor);
    vec![
        new(
            1,
            DebitsWouldOverflow,
            vec![full.clone(), single(free(1), free(3), 1)],
        ),
        new(
            1,
            DebitsWouldOverflow,
            vec![held.clone(), pending(free(1), free(3), 1, None)],
        ),
        new(
            1,
            CreditsWouldOverflow,
            vec![full, single(free(3), free(2), 1)],
        ),
        new(
            1,
            CreditsWouldOverflow,
            vec![held, single(free(3), free(2), 1)],
        ),
        // Of 1000, 60 were paid and 200 are held.
        new(0, DebitsWouldExceedCredits, vec![own(741)]),
        new(
            0,
            DebitsWouldExceedCredits,
            vec![pending(one(), free(1), 741, None)],
        ),
        new(1, DebitsWouldExceedCredits, vec![own(740), own(1)]),
        // It would be enough in the end, but not in between.
        new(
            0,
            DebitsWouldExceedCredits,
            vec![own(741), single(bank(), one(), 1)],
        ),
        // What is only announced cannot be spent: 1060 are posted.
        new(
            0,
            DebitsWouldExceedCredits,
            vec![single(two(), free(1), 1061)],
        ),
        new(
            0,
            DebitsWouldExceedCredits,
            vec![single(customer(3), free(1), 1)],
        ),
        new(
            0,
            CreditsWouldExceedDebits,
            vec![single(free(1), bank(), 2001)],
        ),
        new(
            0,
            CreditsWouldExceedDebits,
            vec![pending(free(1), bank(), 2001, None)],
        ),
        new(
            1,
            CreditsWouldExceedDebits,
            vec![
                pending(free(1), bank(), 1500, None),
                single(free(1), bank(), 501),
            ],
        ),
        new(
            1,
            CreditsWouldExceedDebits,
            vec![
                pending(bank(), free(1), 1, None),
                single(free(1), bank(), 2001),
            ],
        ),
    ]
}

#[test]
fn every_code_is_reached() {
    let mut reached = BTreeSet::new();
    for case in [of_groups(), of_accounts(), of_holds(), of_sums()].concat() {
        reached.insert(case.3);
        refused(&mut world(), case);
    }
    let mut ledger = world();
    ledger.room = 12;
    let three = vec![single(bank(), one(), 1); 3];
    refused(
        &mut ledger,
        (160, group(9, three.clone()), None, LedgerIsFull),
    );
    reached.insert(LedgerIsFull);
    assert!(reached.iter().eq(ResultCode::ALL), "a code has no case");
    let two = group(9, three[1..].to_vec());
    assert_eq!(ledger.apply(&two, at(160)), Ok(Applied::Created));
}

/// One step less than each refusal at a bound.
#[test]
fn what_is_just_possible_is_applied() {
    for (seconds, transfers) in [
        (160, vec![single(bank(), one(), 1); MAX_GROUP]),
        (NOW, vec![single(bank(), one(), 1)]),
        (160, vec![pending(bank(), one(), 1, Some(161))]),
        (199, vec![post(2, 0, 100)]),
        (200, vec![void(2, 0)]),
        (200, vec![expire(2, 0)]),
        (1_000_000, vec![post(2, 1, 1)]),
        (160, vec![pending(one(), two(), 1, None), post(9, 0, 1)]),
        (
            160,
            vec![single(free(1), free(2), MAX), single(free(2), free(1), MAX)],
        ),
        (
            160,
            vec![pending(free(1), free(2), MAX, None), post(9, 0, MAX)],
        ),
        (160, vec![single(one(), free(1), 740)]),
        (160, vec![single(two(), free(1), 1060)]),
        (160, vec![single(free(1), bank(), 2000)]),
        (
            160,
            vec![single(bank(), one(), 1), single(one(), free(1), 741)],
        ),
        (
            160,
            vec![single(free(1), cost(), 1), single(cost(), free(1), 3)],
        ),
    ] {
        let mut ledger = world();
        let group = group(9, transfers);
        assert_eq!(ledger.check(&group, at(seconds)), Ok(Applied::Created));
        assert_eq!(ledger.apply(&group, at(seconds)), Ok(Applied::Created));
        ledger.audit().expect("the books are right");
    }
}

/// Groups for which the asserted code and a higher one could be named.
#[test]
fn the_lower_number_takes_precedence() {
    let long = vec![single(one(), one(), 0); MAX_GROUP + 1];
    let other = Account::Bank(asset("EUR/2"));
    let odd = (
        Account::Bank(asset("USD/3")),
        Account::Customer(1, asset("USD/3")),
    );
    let holds = |first| {
        let mut holds = past()[1].1.transfers.clone();
        holds[0] = first;
        holds
    };
    let full = [single(free(1), free(2), MAX), single(free(3), free(4), MAX)];
    let and = |last| [&full[..], &[last]].concat();
    let second = single(bank(), two(), 1000);
    let cases: Vec<(Case, ResultCode)> = vec![
        (
            (160, group(1, vec![]), None, GroupIsEmpty),
            ExistsWithDifferentLength,
        ),
        ((1, group(9, vec![]), None, GroupIsEmpty), TimeWentBack),
        (
            (160, group(1, long.clone()), None, GroupIsTooLong),
            ExistsWithDifferentLength,
        ),
        ((1, group(9, long), None, GroupIsTooLong), TimeWentBack),
        (
            (
                160,
                group(1, vec![void(2, 0)]),
                None,
                ExistsWithDifferentLength,
            ),
            ExistsWithDifferentKind,
        ),
        (
            again(
                1,
                0,
                ExistsWithDifferentKind,
                vec![pending(two(), one(), 1, None), second.clone()],
            ),
            ExistsWithDifferentDebit,
        ),
        (
            again(
                1,
                0,
                ExistsWithDifferentDebit,
                vec![single(two(), bank(), 1), second.clone()],
            ),
            ExistsWithDifferentCredit,
        ),
        (
            again(
                1,
                0,
                ExistsWithDifferentCredit,
                vec![single(bank(), two(), 1), second],
            ),
            ExistsWithDifferentAmount,
        ),
        (
            again(
                3,
                0,
                ExistsWithDifferentAmount,
                vec![post(2, 1, 61), void(2, 3)],
            ),
            ExistsWithDifferentPending,
        ),
        (
            again(
                2,
                0,
                ExistsWithDifferentAmount,
                holds(pending(one(), two(), 99, None)),
            ),
            ExistsWithDifferentExpiresAt,
        ),
        (
            (
                1,
                group(4, vec![expire(2, 0)]),
                Some(0),
                ExistsWithDifferentPending,
            ),
            TimeWentBack,
        ),
        (
            (
                1,
                group(9, vec![single(one(), one(), 1)]),
                None,
                TimeWentBack,
            ),
            AccountsMustDiffer,
        ),
        (
            new(0, AccountsMustDiffer, vec![single(odd.0, odd.0, 1)]),
            AssetHasOtherScale,
        ),
        (
            new(0, AccountsMustDiffer, vec![single(one(), one(), 0)]),
            AmountIsZero,
        ),
        (
            new(0, AssetsMustMatch, vec![single(odd.0, other, 1)]),
            AssetHasOtherScale,
        ),
        (
            new(0, AssetsMustMatch, vec![single(bank(), other, 0)]),
            AmountIsZero,
        ),
        (
            new(0, AssetHasOtherScale, vec![single(odd.0, odd.1, 0)]),
            AmountIsZero,
        ),
        (
            new(0, AmountIsZero, vec![pending(bank(), one(), 0, Some(1))]),
            ExpiresAtIsNotLater,
        ),
        (new(0, AmountIsZero, vec![post(8, 0, 0)]), PendingNotFound),
        (
            new(0, AmountIsZero, vec![post(1, 0, 0)]),
            PendingIsOtherKind,
        ),
        (
            new(0, AmountIsZero, vec![post(2, 2, 0)]),
            PendingAlreadyPosted,
        ),
        (
            new(
                0,
                ExpiresAtIsNotLater,
                vec![pending(one(), bank(), MAX, Some(1))],
            ),
            DebitsWouldExceedCredits,
        ),
        (
            new(0, PendingAlreadyPosted, vec![post(2, 2, 1)]),
            PendingHasExpired,
        ),
        (
            new(0, PendingAlreadyPosted, vec![post(2, 2, 101)]),
            AmountExceedsPending,
        ),
        (
            new(0, PendingAlreadyVoided, vec![expire(2, 3)]),
            PendingNotYetExpired,
        ),
        (
            new(0, PendingAlreadyVoided, vec![post(2, 3, 101)]),
            AmountExceedsPending,
        ),
        (
            new(0, PendingAlreadyExpired, vec![post(2, 4, 101)]),
            PendingHasExpired,
        ),
        (
            later(200, PendingHasExpired, post(2, 0, 101)),
            AmountExceedsPending,
        ),
        (
            new(2, DebitsWouldOverflow, and(single(free(1), free(4), 1))),
            CreditsWouldOverflow,
        ),
        (
            new(2, DebitsWouldOverflow, and(single(free(1), bank(), MAX))),
            CreditsWouldExceedDebits,
        ),
        (
            new(2, CreditsWouldOverflow, and(single(one(), free(2), 741))),
            DebitsWouldExceedCredits,
        ),
        (
            new(
                0,
                DebitsWouldExceedCredits,
                vec![single(one(), bank(), 2001)],
            ),
            CreditsWouldExceedDebits,
        ),
    ];
    for (case, higher) in cases {
        assert!(case.3 < higher);
        refused(&mut world(), case);
    }
    let mut full = world();
    full.room = 10;
    let bad = group(9, vec![single(one(), one(), 1)]);
    refused(&mut full, (160, bad.clone(), None, LedgerIsFull));
    refused(&mut full, (1, bad, None, TimeWentBack));
}

#[test]
fn the_first_transfer_that_is_refused_is_named() {
    let transfers = vec![
        single(bank(), one(), 1),
        single(one(), two(), 742),
        single(one(), one(), 0),
    ];
    refused(&mut world(), new(1, DebitsWouldExceedCredits, transfers));
    let mut holds = past()[1].1.transfers.clone();
    holds[1] = pending(one(), two(), 100, Some(9));
    holds[2] = void(2, 0);
    refused(
        &mut world(),
        again(2, 1, ExistsWithDifferentExpiresAt, holds),
    );
}

#[test]
fn numbers_and_names_are_stable() {
    assert!(ResultCode::ALL.is_sorted());
    for (number, code) in (1..).zip(ResultCode::ALL) {
        assert_eq!(code.number(), number);
        let name = format!("{code:?}")
            .chars()
            .fold(String::new(), |mut name, c| {
                if c.is_uppercase() && !name.is_empty() {
                    name.push('_');
                }
                name.push(c.to_ascii_lowercase());
                name
            });
        assert_eq!(code.code(), name);
        assert_eq!(
            serde_json::to_string(code).expect("text"),
            format!("\"{name}\"")
        );
        assert!(!code.to_string().is_empty());
    }
    assert_eq!(ResultCode::ALL.len(), 28);
    assert!(GroupIsTooLong.to_string().contains(&MAX_GROUP.to_string()));
    assert_eq!(MAX_TRANSFERS, 2_147_483_647);
}

#[test]
fn a_refusal_says_where_and_why() {
    let refusal = |index| {
        Refusal {
            index,
            code: AmountIsZero,
        }
        .to_string()
    };
    assert_eq!(
        refusal(None),
        "the group is refused: an amount that moves is above 0"
    );
    assert_eq!(
        refusal(Some(3)),
        "transfer 3 is refused: an amount that moves is above 0"
    );
}
