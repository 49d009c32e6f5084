use std::collections::BTreeSet;

use super::{Flaw, Place};
use crate::ledger::{Account as Kept, Bound as Bounds, End, Entry, Kind, Row, Standing};
use crate::testing::*;
use crate::{Amount, Applied, Ledger, MAX_GROUP};
use proofmark_core::Digest;

type Books = Ledger<Account>;

/// Rows of the world: 0 and 1 single, 2 to 6 holds 0 to 4, 7 posts hold 2, 8 voids hold 3, 9 expires hold 4.
/// Accounts: 0 the bank, 1 and 2 the customers.
#[track_caller]
fn found<T>(place: Place, flaw: Flaw, tamper: impl FnOnce(&mut Books) -> T) -> Flaw {
    let mut books = world();
    tamper(&mut books);
    let error = books.audit().expect_err("something was changed");
    assert_eq!((error.place, error.flaw), (place, flaw));
    flaw
}

fn in_group(number: u32) -> Place {
    Place::Group(id(number))
}

fn in_transfer(group: u32, index: u16) -> Place {
    Place::Transfer(place(group, index))
}

/// Moves what a balance says beside the recorded transfers, so that only the transfers are wrong.
fn row(books: &mut Books, row: usize, debit: u32, credit: u32) {
    books.journal.rows[row].debit = debit;
    books.journal.rows[row].credit = credit;
}

/// Makes an id lead to a group.
fn lead(books: &mut Books, group: u32, number: u32) {
    let groups = books.journal.groups.clone();
    let id_of = |number: u32| &groups[number as usize].id;
    books.journal.index.insert(&id(group), number, id_of);
}

/// Appends a group that the ledger would refuse, with accounts it would open.
fn force(books: &mut Books, keys: [Account; 2], minor: i64) {
    for key in keys {
        if books.chart.number(&key).is_none() {
            let number = books.chart.next();
            let accounts = books.chart.accounts.clone();
            let key_of = |number: u32| &accounts[number as usize].key;
            books.chart.index.insert(&key, number, key_of);
            books.chart.accounts.push(Kept {
                key,
                standing: Standing::new(&key),
            });
        }
    }
    let number = |key| books.chart.number(key).expect("it was opened");
    let (debit, credit) = (number(&keys[0]), number(&keys[1]));
    let first = books.journal.rows.len() as u32;
    let number = books.journal.groups.len() as u32;
    lead(books, 9, number);
    books.journal.groups.push(Entry {
        id: id(9),
        first,
        at: at(NOW),
    });
    books.journal.rows.push(Row {
        amount: amount(minor),
        debit,
        credit,
        kind: Kind::Single,
    });
}

fn of_numbers() -> Vec<Flaw> {
    use Flaw::*;
    let whole = Place::Ledger;
    vec![
        found(whole, DanglingNumber, |books| {
            books.journal.rows[9].debit = 3
        }),
        found(whole, DanglingNumber, |books| {
            books.journal.rows[9].credit = 3
        }),
        found(whole, DanglingNumber, |books| {
            books.journal.rows[9].kind = Kind::Expire(5)
        }),
        found(whole, DanglingNumber, |books| {
            books.journal = Ledger::<Account>::new().journal;
            books.journal.rows = world().journal.rows;
        }),
        found(Place::Hold(1), DanglingNumber, |books| {
            books.journal.holds[1].row = 10
        }),
        found(Place::Hold(1), DanglingNumber, |books| {
            books.journal.holds[1].row = 2
        }),
        found(Place::Hold(1), DanglingNumber, |books| {
            books.journal.rows[3].kind = Kind::Pending(0)
        }),
        found(in_group(1), DanglingNumber, |books| {
            books.journal.groups[0].first = 1
        }),
        found(in_group(1), GroupSize, |books| {
            books.journal.groups[1].first = 0
        }),
        found(in_group(2), GroupSize, |books| {
            books.journal.groups[2].first = 1
        }),
        found(in_group(4), GroupSize, |books| {
            books.journal.groups[3].first = 10
        }),
        found(in_group(4), GroupSize, |books| {
            books.journal.groups[3].first = 11
        }),
        found(in_group(4), GroupSize, |books| {
            let last = books.journal.rows[0];
            books.journal.rows.extend([last; MAX_GROUP]);
        }),
        found(whole, Index, |books| {
            books.chart.index = Ledger::new().chart.index
        }),
        found(whole, Index, |books| lead(books, 9, 0)),
        found(whole, Index, |books| books.chart.accounts.pop()),
        found(Place::Account(1), Index, |books| {
            books.chart.accounts[1].key = bank()
        }),
        found(in_group(1), Index, |books| {
            books.journal.index = Ledger::<Account>::new().journal.index;
            (0..4).for_each(|number| lead(books, number + 2, number));
        }),
        found(in_group(1), Index, |books| {
            books.journal.groups[1].id = id(1)
        }),
        found(in_group(2), Index, |books| {
            books.journal.groups[2].id = id(2)
        }),
    ]
}

fn of_transfers() -> Vec<Flaw> {
    use Flaw::*;
    let euro = Account::Bank(asset("EUR/2"));
    let odd = (
        Account::Bank(asset("USD/3")),
        Account::Customer(9, asset("USD/3")),
    );
    vec![
        found(in_group(3), TimeWentBack, |books| {
            books.journal.groups[2].at = at(99)
        }),
        found(in_group(9), Unbalanced, |books| {
            force(books, [euro, customer(1)], 1)
        }),
        found(in_transfer(9, 0), OtherAsset, |books| {
            force(books, [euro, customer(1)], 1);
            let mut back = books.journal.rows[10];
            (back.debit, back.credit) = (back.credit, back.debit);
            books.journal.rows.push(back);
        }),
        found(in_transfer(9, 0), OtherScale, |books| {
            force(books, [odd.0, odd.1], 1)
        }),
        found(in_transfer(9, 0), SameAccount, |books| {
            force(books, [bank(), bank()], 1)
        }),
        found(in_transfer(9, 0), NoAmount, |books| {
            force(books, [bank(), customer(1)], 0)
        }),
        found(in_transfer(9, 0), Overflow, |books| {
            force(books, [bank(), customer(1)], Amount::MAX.minor())
        }),
        found(in_transfer(9, 0), Overflow, |books| {
            force(books, [free(1), customer(1)], Amount::MAX.minor());
        }),
        found(in_transfer(9, 0), Negative, |books| {
            force(books, [customer(1), customer(2)], 741)
        }),
        found(in_transfer(9, 0), Negative, |books| {
            force(books, [free(1), bank()], 2001)
        }),
        found(in_transfer(5, 0), Negative, |books| {
            let hold = group(5, vec![pending(free(1), bank(), 1, None)]);
            assert_eq!(books.apply(&hold, at(NOW)), Ok(Applied::Created));
            books.journal.rows[10].amount = amount(2001);
        }),
        found(in_transfer(2, 1), Negative, |books| {
            books.journal.rows[3].amount = amount(901);
        }),
        found(in_transfer(2, 0), BornExpired, |books| {
            books.journal.holds[0].expires_at = Some(at(100));
        }),
        found(in_transfer(3, 0), PostedLate, |books| {
            books.journal.holds[2].expires_at = Some(at(120));
        }),
        found(in_transfer(4, 0), ExpiredEarly, |books| {
            books.journal.holds[4].expires_at = Some(at(151));
        }),
        found(in_transfer(4, 0), ExpiredEarly, |books| {
            books.journal.holds[4].expires_at = None
        }),
        found(in_transfer(3, 0), PostedTooMuch, |books| {
            books.journal.rows[7].amount = amount(101);
        }),
        found(in_transfer(3, 1), ReleasedOther, |books| {
            books.journal.rows[8].amount = amount(99)
        }),
        found(in_transfer(4, 0), ReleasedOther, |books| {
            books.journal.rows[9].amount = amount(99)
        }),
        found(in_transfer(3, 1), NotHeld, |books| {
            books.journal.rows[8].kind = Kind::Void(2)
        }),
        found(in_transfer(1, 1), NotHeld, |books| {
            books.journal.rows[1].kind = Kind::Void(0)
        }),
        found(in_transfer(3, 0), OtherAccounts, |books| {
            row(books, 7, 2, 1)
        }),
        found(in_transfer(3, 1), OtherAccounts, |books| {
            row(books, 8, 1, 0)
        }),
    ]
}

fn of_state() -> Vec<Flaw> {
    use Flaw::*;
    let whole = Place::Ledger;
    vec![
        found(whole, Unbalanced, |books| {
            books.chart.accounts[1].standing.balance.debits_posted = amount(61);
        }),
        found(whole, Unbalanced, |books| {
            books.chart.accounts[2].standing.balance.credits_pending = amount(0);
        }),
        found(Place::Account(0), Balance, |books| {
            books.chart.accounts[0].standing.balance.debits_posted = amount(2001);
            books.chart.accounts[2].standing.balance.credits_posted = amount(1061);
        }),
        found(Place::Account(1), Balance, |books| {
            books.chart.accounts[1].standing.balance.debits_pending = amount(100);
            books.chart.accounts[2].standing.balance.credits_pending = amount(100);
        }),
        found(Place::Account(0), Balance, |books| {
            books.journal.rows[0].amount = amount(1001)
        }),
        found(Place::Account(0), Bound, |books| {
            books.chart.accounts[0].standing.bound = Bounds::None
        }),
        found(Place::Account(1), Bound, |books| {
            books.chart.accounts[1].standing.bound = Bounds::CreditsWithinDebits;
        }),
        found(Place::Account(3), NeverNamed, |books| {
            force(books, [bank(), free(1)], 1);
            books.journal.rows[10].credit = 1;
            books.chart.accounts[0].standing.balance.debits_posted = amount(2001);
            books.chart.accounts[1].standing.balance.credits_posted = amount(1001);
        }),
        found(Place::Hold(0), Hold, |books| {
            books.journal.holds[0].end = Some(End::Voided)
        }),
        found(Place::Hold(2), Hold, |books| {
            books.journal.holds[2].end = None
        }),
        found(Place::Hold(3), Hold, |books| {
            books.journal.holds[3].end = Some(End::Posted)
        }),
        found(Place::Hold(4), Hold, |books| {
            books.journal.holds[4].end = Some(End::Voided)
        }),
        found(whole, Hold, |books| books.journal.open.remove(&0)),
        found(whole, Hold, |books| books.journal.open.insert(2)),
        found(whole, Hold, |books| {
            let hold = books.journal.rows[3];
            books.journal.rows.push(hold);
            books.chart.accounts[1].standing.balance.debits_pending = amount(300);
            books.chart.accounts[2].standing.balance.credits_pending = amount(300);
        }),
        found(whole, Assets, |books| books.chart.assets.clear()),
        found(whole, Assets, |books| {
            let euro = asset("EUR/2");
            books.chart.assets.insert(*euro.padded_code(), euro);
        }),
        found(whole, History, |books| {
            books.journal.history = Digest::of(b"")
        }),
        found(whole, History, |books| {
            books.journal.groups[3].at = at(NOW + 1)
        }),
        found(whole, History, |books| {
            books.journal.holds[0].expires_at = Some(at(201))
        }),
    ]
}

#[test]
fn every_flaw_is_found() {
    let found = [of_numbers(), of_transfers(), of_state()].concat();
    let found: BTreeSet<_> = found.into_iter().collect();
    assert!(found.iter().eq(Flaw::ALL), "a flaw has no case: {found:?}");
}

#[test]
fn an_error_says_where_and_what() {
    let text = |place: Place| place.has(Flaw::NoAmount).to_string();
    let id = id(1);
    assert_eq!(text(Place::Ledger), "the ledger: the amount is 0");
    assert_eq!(text(Place::Account(3)), "account 3: the amount is 0");
    assert_eq!(text(Place::Hold(3)), "hold 3: the amount is 0");
    assert_eq!(
        text(in_group(1)),
        format!("group {}: the amount is 0", id.0)
    );
    assert_eq!(
        text(in_transfer(1, 7)),
        format!("transfer 7 of group {}: the amount is 0", id.0)
    );
}

#[test]
fn right_books_pass_and_say_what_they_sum_to() {
    let books = world();
    assert_eq!(books.audit(), Ok(books.trial_balance()));
    let totals = books.trial_balance().totals[&asset("USD/2")];
    assert_eq!((totals.debits_posted, totals.credits_posted), (2060, 2060));
    assert_eq!((totals.debits_pending, totals.credits_pending), (200, 200));
    let mut books = books;
    let more = group(9, vec![single(bank(), free(3), 1)]);
    assert_eq!(books.apply(&more, at(NOW)), Ok(Applied::Created));
    books.audit().expect("still right");
}

#[test]
fn one_side_alone_is_not_balanced() {
    let totals = |sums: [i128; 4]| super::Totals {
        debits_posted: sums[0],
        credits_posted: sums[1],
        debits_pending: sums[2],
        credits_pending: sums[3],
    };
    assert!(totals([1, 1, 2, 2]).is_balanced());
    assert!(!totals([1, 2, 2, 2]).is_balanced());
    assert!(!totals([1, 1, 1, 2]).is_balanced());
    assert!(!totals([1, 2, 2, 1]).is_balanced());
}
