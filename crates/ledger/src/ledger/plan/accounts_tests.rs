//! What stops a defect of the planner: sums are changed without having been admitted.

use super::super::Plan;
use super::*;
use crate::testing::{Account, amount, at, bank, customer, free, id, world};

/// Does something with two accounts, in the plan of a new group.
fn with(debit: Account, credit: Account, work: impl FnOnce(&mut Planner<'_, Account>, Pair)) {
    let (ledger, mut plan) = (world(), Plan::new());
    let mut planner = Planner::new(&ledger, id(9), at(160), &mut plan);
    let pair = planner.pair(&debit, &credit).expect("two accounts");
    work(&mut planner, pair);
}

#[test]
#[should_panic(expected = "what was admitted fits the debited account")]
fn a_debit_that_was_not_admitted_is_a_defect() {
    with(customer(1), free(1), |planner, pair| {
        planner.post_to(pair, amount(741));
    });
}

#[test]
#[should_panic(expected = "what was admitted fits the credited account")]
fn a_hold_that_was_not_admitted_is_a_defect() {
    with(free(1), bank(), |planner, pair| {
        planner.hold_on(pair, amount(2001));
    });
}

#[test]
#[should_panic(expected = "only what is held is released")]
fn a_release_of_what_is_not_held_is_a_defect() {
    with(customer(1), customer(2), |planner, pair| {
        planner.release_from(pair, amount(201));
    });
}

#[test]
#[should_panic(expected = "was not admitted")]
fn a_sum_above_the_largest_amount_is_a_defect() {
    with(bank(), customer(1), |planner, pair| {
        planner.post_to(pair, Amount::MAX);
    });
}
