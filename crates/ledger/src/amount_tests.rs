use super::*;
use proptest::prelude::*;

fn any_amount() -> impl Strategy<Value = Amount> {
    prop_oneof![0..100_i64, 0..=Amount::MAX.0, Just(Amount::MAX.0)].prop_map(Amount)
}

fn any_weight() -> impl Strategy<Value = u64> {
    prop_oneof![0..10_u64, any::<u64>(), Just(0), Just(u64::MAX)]
}

#[test]
fn the_range_is_checked_everywhere() {
    assert_eq!(Amount::new(9_007_199_254_740_991), Ok(Amount::MAX));
    assert_eq!(Amount::new(0), Ok(Amount::ZERO));
    for minor in [-1, Amount::MAX.0 + 1, i64::MIN, i64::MAX] {
        assert_eq!(Amount::new(minor), Err(AmountError));
        assert_eq!(Amount::try_from(minor), Err(AmountError));
        assert!(serde_json::from_str::<Amount>(&minor.to_string()).is_err());
    }
    assert!(serde_json::from_str::<Amount>("1.0").is_err());
    assert_eq!(serde_json::to_string(&Amount(17)).expect("a number"), "17");
    assert_eq!(serde_json::from_str::<Amount>("17").ok(), Some(Amount(17)));
}

#[test]
fn an_amount_is_its_number() {
    assert_eq!(Amount(17).to_string(), "17");
    assert_eq!((Amount(17).minor(), i64::from(Amount(17))), (17, 17));
    assert!(Amount::ZERO.is_zero() && !Amount(1).is_zero());
}

#[test]
fn sums_differences_and_products_stay_in_range() {
    assert_eq!(Amount(2).checked_add(Amount(3)), Some(Amount(5)));
    assert_eq!(Amount::MAX.checked_add(Amount(1)), None);
    assert_eq!(Amount(3).checked_sub(Amount(2)), Some(Amount(1)));
    assert_eq!(Amount(2).checked_sub(Amount(3)), None);
    assert_eq!(Amount(3).saturating_sub(Amount(2)), Amount(1));
    assert_eq!(Amount(2).saturating_sub(Amount(3)), Amount::ZERO);
    assert_eq!(Amount(7).checked_mul(3), Some(Amount(21)));
    assert_eq!(Amount(1 << 52).checked_mul(2), None);
    assert_eq!(Amount::MAX.checked_mul(u32::MAX), None);
}

#[test]
fn the_units_left_over_go_to_the_largest_remainders() {
    for (whole, weights, parts) in [
        (10, &[1, 1, 1][..], &[4, 3, 3][..]),
        (10, &[1, 2, 4], &[1, 3, 6]),
        (7, &[0, 0], &[4, 3]),
        (7, &[0, 5, 0], &[0, 7, 0]),
        (0, &[3, 4], &[0, 0]),
        (1, &[1, 1], &[1, 0]),
        (2, &[1, 4, 1], &[1, 1, 0]),
    ] {
        let split = Amount(whole).split(weights);
        assert_eq!(split.iter().map(|part| part.0).collect::<Vec<_>>(), parts);
    }
}

/// Each share that a contract can name, in basis points, of amounts at every edge.
#[test]
fn what_is_held_back_and_what_is_paid_are_the_whole() {
    let wholes = [0, 1, 2, 3, 7, 99, 100, 9_999, 10_000, 10_001, 123_456_789];
    for whole in wholes
        .into_iter()
        .chain([Amount::MAX.0 - 1, Amount::MAX.0])
        .map(Amount)
    {
        let mut before = Amount::ZERO;
        for points in 0..=10_000_u32 {
            let share = Ppm::new(points * 100).expect("a share");
            let held = whole.share_up(share);
            let paid = whole
                .checked_sub(held)
                .expect("a share is not above the whole");
            assert_eq!(held.checked_add(paid), Some(whole));
            let exact = i128::from(whole.0) * i128::from(points);
            assert_eq!(i128::from(held.0), (exact + 9_999) / 10_000);
            assert_eq!(i128::from(whole.share_down(share).0), exact / 10_000);
            assert!(before <= held, "a larger share is not less");
            before = held;
        }
        assert_eq!(before, whole);
    }
}

proptest! {
    #[test]
    fn a_split_sums_and_is_within_one_of_exact(
        whole in any_amount(),
        weights in proptest::collection::vec(any_weight(), 1..12),
    ) {
        let parts = whole.split(&weights);
        prop_assert_eq!(parts.len(), weights.len());
        prop_assert_eq!(parts.iter().map(|part| part.0).sum::<i64>(), whole.0);
        let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        for (part, weight) in parts.iter().zip(&weights).filter(|_| total > 0) {
            let down = i128::from(whole.0) as u128 * u128::from(*weight) / total;
            prop_assert!(part.0 as u128 == down || part.0 as u128 == down + 1);
        }
    }

    #[test]
    fn a_split_is_monotone_in_the_weights(
        whole in any_amount(),
        weights in proptest::collection::vec(any_weight(), 1..12),
    ) {
        let parts = whole.split(&weights);
        for (a, left) in weights.iter().enumerate() {
            for (b, right) in weights.iter().enumerate() {
                prop_assert!(left <= right || parts[a] >= parts[b], "more weight is not less");
                prop_assert!(left != right || a > b || parts[a] >= parts[b], "the earlier first");
            }
        }
    }

    #[test]
    fn equal_weights_are_within_one_and_grow_with_the_whole(
        whole in 0..Amount::MAX.0,
        count in 1..12_usize,
    ) {
        let weights = vec![1; count];
        let (less, more) = (Amount(whole).split(&weights), Amount(whole + 1).split(&weights));
        prop_assert!(less.iter().zip(&more).all(|(less, more)| less <= more));
        prop_assert!(less[0].0 - less[count - 1].0 <= 1);
    }

    #[test]
    fn shares_bracket_the_exact_part(whole in any_amount(), ppm in 0..=1_000_000_u32) {
        let share = Ppm::new(ppm).expect("a share");
        let (down, up) = (whole.share_down(share), whole.share_up(share));
        let exact = i128::from(whole.0) * i128::from(ppm);
        prop_assert!(i128::from(down.0) * MILLION <= exact && exact <= i128::from(up.0) * MILLION);
        prop_assert!(up.0 - down.0 == i64::from(exact % MILLION != 0));
    }
}
