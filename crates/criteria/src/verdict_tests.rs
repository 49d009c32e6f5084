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
    let cases: [(&[Status], Verdict, Option<u32>); 7] = [
        (&[Pass, Pass], Verdict::Pass, Some(1_000_000)),
        (&[Pass, Fail], Verdict::Fail, Some(500_000)),
        (&[Fail, Fail, Pass], Verdict::Fail, Some(333_333)),
        (&[Inconclusive, Fail, Pass], Verdict::Fail, None),
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

#[test]
fn an_open_check_counts_from_nothing_to_everything_whatever_it_says_of_itself() {
    let mut open = check("c", Status::Inconclusive);
    open.score = Some(ppm(900_000));
    let decided = [Status::Fail, Status::Pass, Status::Pass];
    let checks = decided
        .map(|status| check("d", status))
        .into_iter()
        .chain([open]);
    let score = CriterionOutcome::reported(false, 1, &checks.collect::<Vec<_>>()).score;
    assert_eq!(score.lower.rounded(), ppm(500_000));
    assert_eq!(score.upper.rounded(), ppm(750_000));
}

/// What is open could still reach 90 %, so it is no fail although a check failed; and nine of ten are
/// enough for 80 %, whatever the tenth turns out to be.
#[test]
fn an_open_check_neither_fails_nor_hides_what_is_decided() {
    let statuses = |pass, fail, open| {
        let all = [
            (Status::Pass, pass),
            (Status::Fail, fail),
            (Status::Inconclusive, open),
        ];
        let checks = all
            .iter()
            .flat_map(|(status, count)| vec![check("c", *status); *count]);
        [CriterionOutcome::reported(
            false,
            1,
            &checks.collect::<Vec<_>>(),
        )]
    };
    let verdict = |threshold, outcomes: &[_]| fold(Some(ppm(threshold)), outcomes).verdict;
    assert_eq!(verdict(900_000, &statuses(8, 1, 1)), Verdict::Inconclusive);
    assert_eq!(verdict(900_001, &statuses(8, 1, 1)), Verdict::Fail);
    assert_eq!(verdict(800_000, &statuses(9, 0, 1)), Verdict::Pass);
    assert_eq!(verdict(800_000, &statuses(8, 1, 1)), Verdict::Pass);
}

#[test]
fn scores_are_folded_exactly_and_rounded_only_to_be_shown() {
    let checks = |pass: usize, fail: usize| {
        let mut checks = vec![check("c", Status::Pass); pass];
        checks.resize(pass + fail, check("c", Status::Fail));
        CriterionOutcome::reported(false, 1, &checks)
    };
    // 2/3 and 1/3 make exactly one half, though each is rounded down to be shown.
    let thirds = [checks(2, 1), checks(1, 2)];
    let roll = fold(Some(ppm(500_000)), &thirds);
    assert_eq!(
        (roll.verdict, roll.score),
        (Verdict::Pass, Some(ppm(500_000)))
    );
    // Denominators without a common multiple that any machine word holds.
    let primes = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73,
    ];
    let halves: Vec<_> = primes
        .iter()
        .flat_map(|prime| [checks(1, prime - 1), checks(prime - 1, 1)])
        .collect();
    assert_eq!(fold(Some(ppm(500_000)), &halves).verdict, Verdict::Pass);
    assert_eq!(fold(Some(ppm(500_001)), &halves).verdict, Verdict::Fail);
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

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::Fail),
        Just(Status::Inconclusive),
        Just(Status::Pass)
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
    a.status <= b.status
        && a.score.lower.exact() <= b.score.lower.exact()
        && a.score.upper.exact() <= b.score.upper.exact()
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

    /// However the open checks turn out, a verdict that was given before stays.
    #[test]
    fn what_is_decided_stays_decided(
        threshold in any_threshold(),
        criteria in proptest::collection::vec(
            (any::<bool>(), 0_u32..5, proptest::collection::vec((status(), any::<bool>()), 1..6)),
            1..6,
        ),
    ) {
        let outcomes = |close: bool| -> Vec<_> {
            let criteria = criteria.iter().map(|(required, weight, checks)| {
                let checks = checks.iter().map(|(status, passes)| match (status, close, passes) {
                    (Status::Inconclusive, true, true) => check("c", Status::Pass),
                    (Status::Inconclusive, true, false) => check("c", Status::Fail),
                    (status, _, _) => check("c", *status),
                });
                CriterionOutcome::reported(*required, *weight, &checks.collect::<Vec<_>>())
            });
            criteria.collect()
        };
        let (open, closed) = (fold(threshold, &outcomes(false)), fold(threshold, &outcomes(true)));
        if open.verdict != Verdict::Inconclusive {
            prop_assert_eq!(open.verdict, closed.verdict);
        }
        if open.score.is_some() {
            prop_assert_eq!(open.score, closed.score);
        }
    }
}
