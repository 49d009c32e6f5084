use std::cell::Cell;

use super::*;
use crate::testing::{amount, asset, at, bank, cost, customer, free, id};
use crate::{Applied, Group, Ledger, Transfer};

fn balance(sums: [i64; 4]) -> Balance {
    let [
        debits_posted,
        credits_posted,
        debits_pending,
        credits_pending,
    ] = sums.map(amount);
    Balance {
        debits_posted,
        credits_posted,
        debits_pending,
        credits_pending,
    }
}

#[test]
fn a_bound_follows_from_the_key() {
    assert_eq!(Bound::of(&bank()), Bound::CreditsWithinDebits);
    assert_eq!(Bound::of(&customer(1)), Bound::DebitsWithinCredits);
    assert_eq!(Bound::of(&free(1)), Bound::None);
    assert_eq!(Bound::of(&cost()), Bound::None);
}

#[test]
fn a_bound_counts_what_is_held_on_one_side_only() {
    for (sums, debits, credits) in [
        ([5, 5, 0, 0], true, true),
        ([5, 6, 1, 0], true, false),
        ([5, 6, 2, 0], false, false),
        ([5, 6, 0, 9], true, false),
        ([6, 5, 0, 1], false, true),
        ([6, 5, 0, 2], false, false),
        ([6, 5, 9, 0], false, true),
    ] {
        let balance = balance(sums);
        assert!(Bound::None.holds(&balance));
        assert_eq!(
            Bound::DebitsWithinCredits.holds(&balance),
            debits,
            "{sums:?}"
        );
        assert_eq!(
            Bound::CreditsWithinDebits.holds(&balance),
            credits,
            "{sums:?}"
        );
    }
}

thread_local! {
    static SPREADS: Cell<u32> = const { Cell::new(0) };
}

/// An account that counts how often accounts are looked up.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Counting(u8);

impl AccountKey for Counting {
    fn asset(&self) -> Asset {
        asset("USD/2")
    }

    fn normal(&self) -> Side {
        Side::Credit
    }

    fn may_be_negative(&self) -> bool {
        true
    }

    fn spread(&self) -> u64 {
        SPREADS.set(SPREADS.get() + 1);
        u64::from(self.0)
    }
}

fn moving(number: u32, pairs: &[(u8, u8)]) -> Group<Counting> {
    let single = |(debit, credit): &(u8, u8)| Transfer::Single {
        debit: Counting(*debit),
        credit: Counting(*credit),
        amount: amount(1),
    };
    Group {
        id: id(number),
        transfers: pairs.iter().map(single).collect(),
    }
}

#[test]
fn an_account_that_the_last_transfer_named_is_not_looked_up_again() {
    let mut ledger = Ledger::new();
    let first = moving(1, &[(1, 2), (3, 4)]);
    assert_eq!(ledger.apply(&first, at(1)), Ok(Applied::Created));
    for (pairs, looked_up) in [
        ([(1, 2), (3, 4)], 4),
        ([(1, 2), (1, 4)], 3),
        ([(1, 2), (3, 2)], 3),
        ([(1, 2), (2, 3)], 3),
        ([(1, 2), (3, 1)], 3),
        ([(1, 2), (2, 1)], 2),
    ] {
        SPREADS.set(0);
        let again = moving(2, &pairs);
        assert_eq!(ledger.check(&again, at(1)), Ok(Applied::Created));
        assert_eq!(SPREADS.get(), looked_up, "{pairs:?}");
    }
}
