use proptest::prelude::*;

use super::*;
use crate::report::tests::check;

fn ppm(value: u32) -> Ppm {
    Ppm::new(value).expect("the test uses shares")
}

fn outcome(required: bool, weight: u32, status: Verdict, score: u32) -> CriterionOutcome {
    let score = match status {
        Verdict::Inconclusive => ScoreBounds::UNKNOWN,
        Verdict::Fail | Verdict::Pass => ScoreBounds::exactly(ppm(score)),
    };
    CriterionOutcome {
        required,
        weight,
        status,
        score,
    }
}

#[test]
fn a_criterion_takes_the_worst_status_of_its_checks() {
    use Status::{Fail, Inconclusive, Pass};
    let cases: [(&[Status], Verdict, Option<u32>); 6] = [
        (&[Pass, Pass], Verdict::Pass, Some(1_000_000)),
        (&[Pass, Fail], Verdict::Fail, Some(500_000)),
        (&[Inconclusive, Fail, Pass], Verdict::Fail, Some(333_333)),
        (&[Inconclusive, Pass], Verdict::Inconclusive, None),
        (&[Fail], Verdict::Fail, Some(0)),
        (&[], Verdict::Inconclusive, None),
    ];
    for (statuses, status, score) in cases {
        let checks: Vec<_> = statuses.iter().map(|status| check("c", *status)).collect();
        let outcome = CriterionOutcome::reported(true, 1, &checks);
        assert_eq!(outcome.status, status, "{statuses:?}");
        assert_eq!(outcome.score.known().map(Ppm::get), score, "{statuses:?}");
    }
}

#[test]
fn a_check_with_a_score_counts_it_whatever_its_status() {
    let mut failed = check("c", Status::Fail);
    failed.score = Some(ppm(900_000));
    let outcome = CriterionOutcome::reported(false, 1, &[failed, check("d", Status::Pass)]);
    assert_eq!(outcome.score.known(), Some(ppm(950_000)));
}

/// The table of the module, row by row.
#[test]
fn the_table_holds() {
    use Verdict::{Fail, Inconclusive, Pass};
    let required = |status| outcome(true, 0, status, 0);
    let weighted = |weight, status, score| outcome(false, weight, status, score);
    type Row = (Option<u32>, Vec<CriterionOutcome>, Verdict, Option<u32>);
    let cases: Vec<Row> = vec![
        (None, vec![], Inconclusive, None),
        (
            None,
            vec![weighted(1, Pass, 1_000_000)],
            Inconclusive,
            Some(1_000_000),
        ),
        (None, vec![required(Pass), required(Fail)], Fail, None),
        (
            None,
            vec![required(Inconclusive), required(Fail)],
            Fail,
            None,
        ),
        (
            None,
            vec![required(Inconclusive), required(Pass)],
            Inconclusive,
            None,
        ),
        (None, vec![required(Pass)], Pass, None),
        (
            Some(800_000),
            vec![weighted(1, Fail, 799_999)],
            Fail,
            Some(799_999),
        ),
        (
            Some(800_000),
            vec![weighted(1, Fail, 800_000)],
            Pass,
            Some(800_000),
        ),
        (
            Some(800_000),
            vec![weighted(1, Inconclusive, 0)],
            Inconclusive,
            None,
        ),
        // Nothing that is open could still reach the threshold.
        (
            Some(800_000),
            vec![weighted(3, Fail, 0), weighted(1, Inconclusive, 0)],
            Fail,
            None,
        ),
        // Nothing that is open could still miss it.
        (
            Some(750_000),
            vec![weighted(3, Pass, 1_000_000), weighted(1, Inconclusive, 0)],
            Pass,
            None,
        ),
        (
            Some(500_000),
            vec![required(Fail), weighted(1, Pass, 1_000_000)],
            Fail,
            Some(1_000_000),
        ),
        (
            Some(500_000),
            vec![required(Inconclusive), weighted(1, Fail, 0)],
            Fail,
            Some(0),
        ),
        (Some(500_000), vec![required(Pass)], Inconclusive, None),
        // Rounded down: 2/3 of a million.
        (
            Some(666_667),
            vec![weighted(2, Pass, 1_000_000), weighted(1, Fail, 0)],
            Fail,
            Some(666_666),
        ),
    ];
    for (index, (threshold, outcomes, verdict, score)) in cases.into_iter().enumerate() {
        let roll = fold(threshold.map(ppm), &outcomes);
        assert_eq!(roll.verdict, verdict, "row {index}");
        assert_eq!(roll.score.map(Ppm::get), score, "row {index}");
    }
}

#[test]
fn the_largest_weights_do_not_overflow() {
    let outcomes = vec![outcome(true, u32::MAX, Verdict::Pass, 1_000_000); 1_000];
    assert_eq!(fold(Some(Ppm::ONE), &outcomes).verdict, Verdict::Pass);
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Fail),
        Just(Verdict::Inconclusive),
        Just(Verdict::Pass)
    ]
}

fn any_outcome() -> impl Strategy<Value = CriterionOutcome> {
    (any::<bool>(), 0_u32..5, verdict(), 0_u32..=1_000_000)
        .prop_map(|(required, weight, status, score)| outcome(required, weight, status, score))
}

fn any_outcomes() -> impl Strategy<Value = Vec<CriterionOutcome>> {
    proptest::collection::vec(any_outcome(), 0..8)
}

fn any_threshold() -> impl Strategy<Value = Option<Ppm>> {
    proptest::option::of((0_u32..=1_000_000).prop_map(ppm))
}

/// Whether `b` is at least as good as `a` in every respect.
fn improves(a: &CriterionOutcome, b: &CriterionOutcome) -> bool {
    a.status <= b.status && a.score.lower <= b.score.lower && a.score.upper <= b.score.upper
}

proptest! {
    #[test]
    fn a_better_criterion_never_worsens_the_verdict(
        threshold in any_threshold(),
        outcomes in any_outcomes(),
        index in any::<prop::sample::Index>(),
        (status, score) in (verdict(), 0_u32..=1_000_000),
    ) {
        prop_assume!(!outcomes.is_empty());
        let index = index.index(outcomes.len());
        let mut changed = outcomes.clone();
        changed[index] = outcome(changed[index].required, changed[index].weight, status, score);
        let (before, after) = (fold(threshold, &outcomes), fold(threshold, &changed));
        if improves(&outcomes[index], &changed[index]) {
            prop_assert!(before.verdict <= after.verdict);
        }
        if improves(&changed[index], &outcomes[index]) {
            prop_assert!(after.verdict <= before.verdict);
        }
    }

    #[test]
    fn order_does_not_matter(
        threshold in any_threshold(),
        (outcomes, shuffled) in any_outcomes().prop_flat_map(|o| (Just(o.clone()), Just(o).prop_shuffle())),
    ) {
        prop_assert_eq!(fold(threshold, &outcomes), fold(threshold, &shuffled));
    }

    #[test]
    fn no_failed_required_criterion_passes(
        threshold in any_threshold(),
        mut outcomes in any_outcomes(),
        weight in 0_u32..5,
        score in 0_u32..=1_000_000,
    ) {
        outcomes.push(outcome(true, weight, Verdict::Fail, score));
        prop_assert_eq!(fold(threshold, &outcomes).verdict, Verdict::Fail);
    }

    #[test]
    fn bounds_enclose_whatever_the_open_ones_turn_out_to_be(
        threshold in any_threshold(),
        outcomes in any_outcomes(),
        scores in proptest::collection::vec(0_u32..=1_000_000, 8),
    ) {
        let roll = fold(threshold, &outcomes);
        let closed: Vec<_> = outcomes.iter().zip(scores).map(|(open, score)| {
            CriterionOutcome { score: open.score.known().map_or(ScoreBounds::exactly(ppm(score)), ScoreBounds::exactly), ..*open }
        }).collect();
        if let Some(score) = fold(threshold, &closed).score {
            prop_assert!(roll.bounds.lower <= score && score <= roll.bounds.upper);
        }
    }
}
