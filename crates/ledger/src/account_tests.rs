use super::*;
use crate::testing::{amount, bank};

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
fn net_is_what_was_posted() {
    let balance = balance([3, 10, 5, 7]);
    assert_eq!(balance.net(Side::Credit), 7);
    assert_eq!(balance.net(Side::Debit), -7);
}

#[test]
fn available_leaves_out_what_is_held_and_what_is_announced() {
    assert_eq!(balance([3, 10, 5, 7]).available(Side::Credit), amount(2));
    assert_eq!(balance([20, 10, 5, 7]).available(Side::Debit), amount(3));
    assert_eq!(balance([8, 10, 5, 7]).available(Side::Credit), Amount::ZERO);
    assert_eq!(balance([16, 10, 0, 7]).available(Side::Debit), Amount::ZERO);
}

#[test]
fn sides_are_the_sums_of_posted_and_pending() {
    let balance = balance([3, 10, 5, 7]);
    assert_eq!(
        (balance.debits(), balance.credits()),
        (amount(8), amount(17))
    );
}

#[test]
fn an_account_need_not_give_a_number() {
    assert_eq!(bank().spread(), 0);
}

#[test]
fn serde_names_are_stable() {
    let json = serde_json::to_string(&(Side::Debit, Side::Credit, balance([1, 2, 3, 4])));
    assert_eq!(
        json.expect("JSON"),
        r#"["debit","credit",{"debits_posted":1,"credits_posted":2,"debits_pending":3,"credits_pending":4}]"#
    );
}
