use crate::testing::*;
use crate::{Amount, Applied, Balance, Group, Held, Ledger, Recorded, RecordedKind, Side, Totals};

fn apply(ledger: &mut Ledger<Account>, seconds: u64, group: &Group<Account>) {
    assert_eq!(ledger.check(group, at(seconds)), Ok(Applied::Created));
    assert_eq!(ledger.apply(group, at(seconds)), Ok(Applied::Created));
    let trial = ledger.audit().expect("the books are right");
    assert_eq!(trial, ledger.trial_balance());
    assert!(trial.is_balanced());
}

fn sums(ledger: &Ledger<Account>, account: Account) -> [i64; 4] {
    let Balance {
        debits_posted,
        credits_posted,
        debits_pending,
        credits_pending,
    } = ledger.balance(&account);
    [
        debits_posted,
        credits_posted,
        debits_pending,
        credits_pending,
    ]
    .map(Amount::minor)
}

/// A ledger in which customer 1 has 1000.
fn funded() -> Ledger<Account> {
    let mut ledger = Ledger::default();
    apply(
        &mut ledger,
        100,
        &group(1, vec![single(bank(), customer(1), 1000)]),
    );
    ledger
}

fn held(expires_at: Option<u64>) -> Ledger<Account> {
    let mut ledger = funded();
    let hold = pending(customer(1), customer(2), 300, expires_at);
    apply(&mut ledger, 100, &group(2, vec![hold]));
    assert_eq!(sums(&ledger, customer(1)), [0, 1000, 300, 0]);
    assert_eq!(sums(&ledger, customer(2)), [0, 0, 0, 300]);
    assert_eq!(
        ledger.balance(&customer(1)).available(Side::Credit),
        amount(700)
    );
    assert_eq!(
        ledger.balance(&customer(2)).available(Side::Credit),
        amount(0)
    );
    ledger
}

#[test]
fn a_hold_is_posted_as_a_whole() {
    let mut ledger = held(Some(200));
    apply(&mut ledger, 199, &group(3, vec![post(2, 0, 300)]));
    assert_eq!(sums(&ledger, customer(1)), [300, 1000, 0, 0]);
    assert_eq!(sums(&ledger, customer(2)), [0, 300, 0, 0]);
    assert_eq!(ledger.holds().count(), 0);
}

#[test]
fn a_hold_is_posted_in_part_and_the_rest_is_released() {
    let mut ledger = held(None);
    apply(&mut ledger, 100, &group(3, vec![post(2, 0, 1)]));
    assert_eq!(sums(&ledger, customer(1)), [1, 1000, 0, 0]);
    assert_eq!(sums(&ledger, customer(2)), [0, 1, 0, 0]);
}

#[test]
fn a_hold_is_voided_or_expires() {
    for end in [void(2, 0), expire(2, 0)] {
        let mut ledger = held(Some(200));
        apply(&mut ledger, 200, &group(3, vec![end]));
        assert_eq!(sums(&ledger, customer(1)), [0, 1000, 0, 0]);
        assert_eq!(sums(&ledger, customer(2)), [0, 0, 0, 0]);
    }
}

#[test]
fn a_hold_is_made_and_ended_in_one_group() {
    let mut ledger = funded();
    let (one, two) = (customer(1), customer(2));
    let transfers = vec![
        pending(one, two, 600, None),
        post(2, 0, 500),
        single(two, one, 500),
        pending(one, two, 1000, None),
        void(2, 3),
        pending(one, two, 7, None),
    ];
    apply(&mut ledger, 100, &group(2, transfers));
    assert_eq!(sums(&ledger, one), [500, 1500, 7, 0]);
    assert_eq!(sums(&ledger, two), [500, 500, 0, 7]);
    let ids: Vec<_> = ledger.holds().map(|held| held.id).collect();
    assert_eq!(ids, [place(2, 5)]);
}

#[test]
fn several_assets_are_kept_apart() {
    let mut ledger = funded();
    let euro = asset("EUR/2");
    let (vault, saver) = (Account::Bank(euro), Account::Customer(1, euro));
    let transfers = vec![
        single(vault, saver, 5),
        pending(saver, Account::Free(1, euro), 2, None),
    ];
    apply(&mut ledger, 100, &group(2, transfers));
    let totals = ledger.trial_balance().totals;
    let expected = |posted, pending| Totals {
        debits_posted: posted,
        credits_posted: posted,
        debits_pending: pending,
        credits_pending: pending,
    };
    let all: Vec<_> = totals.into_iter().collect();
    assert_eq!(
        all,
        [(euro, expected(5, 2)), (asset("USD/2"), expected(1000, 0))]
    );
}

#[test]
fn an_account_that_grows_by_debits_is_mirrored() {
    let mut ledger = funded();
    apply(
        &mut ledger,
        100,
        &group(2, vec![pending(customer(1), bank(), 400, None)]),
    );
    assert_eq!(ledger.balance(&bank()).available(Side::Debit), amount(600));
    apply(&mut ledger, 100, &group(3, vec![post(2, 0, 400)]));
    assert_eq!(ledger.balance(&bank()).net(Side::Debit), 600);
    assert_eq!(sums(&ledger, bank()), [1000, 400, 0, 0]);
}

#[test]
fn accounts_that_may_be_negative_are() {
    let mut ledger = funded();
    apply(
        &mut ledger,
        100,
        &group(
            2,
            vec![single(free(1), cost(), 5), single(cost(), free(1), 4)],
        ),
    );
    assert_eq!(ledger.balance(&free(1)).net(Side::Credit), -1);
    apply(
        &mut ledger,
        100,
        &group(3, vec![single(free(1), cost(), 5)]),
    );
    assert_eq!(ledger.balance(&cost()).net(Side::Debit), -6);
}

#[test]
fn an_account_is_opened_by_a_transfer_that_happens() {
    let mut ledger = funded();
    let refused = group(
        2,
        vec![
            single(bank(), customer(5), 1),
            single(bank(), customer(6), 0),
        ],
    );
    assert!(ledger.apply(&refused, at(100)).is_err());
    let names =
        |ledger: &Ledger<Account>| -> Vec<_> { ledger.accounts().map(|(key, _)| *key).collect() };
    assert_eq!(names(&ledger), [bank(), customer(1)]);
    assert_eq!(ledger.balance(&customer(5)), Balance::default());
    apply(
        &mut ledger,
        100,
        &group(2, vec![single(bank(), customer(0), 1)]),
    );
    assert_eq!(names(&ledger), [bank(), customer(0), customer(1)]);
    assert_eq!(sums(&ledger, customer(0)), [0, 1, 0, 0]);
    let balances: Vec<_> = ledger.accounts().map(|(_, balance)| balance).collect();
    assert_eq!(balances[1], ledger.balance(&customer(0)));
}

#[test]
fn a_new_ledger_is_empty() {
    let ledger = Ledger::<Account>::new();
    assert_eq!(ledger.now(), None);
    assert_eq!(
        ledger.accounts().count() + ledger.transfers().count() + ledger.holds().count(),
        0
    );
    assert_eq!(ledger.audit(), Ok(ledger.trial_balance()));
    assert!(ledger.trial_balance().totals.is_empty());
    assert_eq!(format!("{ledger:?}"), "{}");
}

#[test]
fn the_debug_form_is_the_accounts() {
    assert!(format!("{:?}", funded()).starts_with("{Bank(USD/2): Balance"));
}

#[test]
fn what_was_recorded_is_what_was_asked() {
    let ledger = world();
    let recorded: Vec<Recorded<'_, Account>> = ledger.transfers().collect();
    let ids = [(1, 2), (2, 5), (3, 2), (4, 1)];
    let ids = ids
        .into_iter()
        .flat_map(|(group, size)| (0..size).map(move |index| place(group, index)));
    assert!(recorded.iter().map(|one| one.id).eq(ids));
    let (one, two) = (customer(1), customer(2));
    let expected = |id, seconds, minor, kind| Recorded {
        id,
        at: at(seconds),
        debit: &one,
        credit: &two,
        amount: amount(minor),
        kind,
    };
    let hold = place(2, 2);
    for (number, entry) in [
        (
            2,
            expected(
                place(2, 0),
                100,
                100,
                RecordedKind::Pending {
                    expires_at: Some(at(200)),
                },
            ),
        ),
        (
            3,
            expected(
                place(2, 1),
                100,
                100,
                RecordedKind::Pending { expires_at: None },
            ),
        ),
        (
            7,
            expected(place(3, 0), 120, 60, RecordedKind::Post { pending: hold }),
        ),
        (
            8,
            expected(
                place(3, 1),
                120,
                100,
                RecordedKind::Void {
                    pending: place(2, 3),
                },
            ),
        ),
        (
            9,
            expected(
                place(4, 0),
                150,
                100,
                RecordedKind::Expire {
                    pending: place(2, 4),
                },
            ),
        ),
    ] {
        assert_eq!(recorded[number], entry);
    }
    assert_eq!(recorded[0].kind, RecordedKind::Single);
    assert_eq!((recorded[0].debit, recorded[0].credit), (&bank(), &one));
}

#[test]
fn open_holds_are_listed_in_order() {
    let ledger = world();
    let (one, two) = (customer(1), customer(2));
    let expected = |index, expires_at| Held {
        id: place(2, index),
        debit: &one,
        credit: &two,
        amount: amount(100),
        expires_at,
    };
    let holds: Vec<_> = ledger.holds().collect();
    assert_eq!(holds, [expected(0, Some(at(200))), expected(1, None)]);
}

#[test]
fn sums_over_accounts_may_exceed_the_largest_amount() {
    let mut ledger = Ledger::new();
    let most = Amount::MAX.minor();
    let transfers = vec![
        single(free(1), free(2), most),
        single(free(3), free(4), most),
    ];
    apply(&mut ledger, 1, &group(1, transfers));
    let totals = ledger.trial_balance().totals[&asset("USD/2")];
    assert_eq!(totals.debits_posted, 2 * i128::from(most));
}
