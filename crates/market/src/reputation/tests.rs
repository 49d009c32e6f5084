use super::*;

fn amount(minor: i64) -> Amount {
    Amount::new(minor).expect("an amount")
}

fn ppm(ppm: u32) -> Ppm {
    Ppm::new(ppm).expect("a share")
}

fn party(number: u64) -> KeyId {
    format!("{number:064x}").parse().expect("a key id")
}

fn day(number: u64) -> Timestamp {
    Timestamp::from_seconds(number * 86_400).expect("this century")
}

fn rules() -> ReputationRules {
    ReputationRules {
        half_life_days: 90,
        fee_reference: amount(100),
        counterparty_cap: ppm(200_000),
        prior: Prior {
            strength_milli: 4_000,
            deliver: ppm(700_000),
            defect: ppm(30_000),
        },
    }
}

/// A day in this century on which everything happens unless it says otherwise.
const TODAY: u64 = 20_000;

fn record(at: u64, counterparty: u64, ending: Ending) -> Record {
    Record {
        at: day(at),
        counterparty: party(counterparty),
        ending,
        fee: amount(100),
        verdicts_passed: 1,
        verdicts_failed: 0,
        seconds_to_pass: Some(600),
        on_time: true,
    }
}

fn history(records: impl IntoIterator<Item = Record>) -> History {
    let mut history = History::default();
    for record in records {
        history.observe(&record, &rules());
    }
    history
}

/// So many contracts on one day, each with another buyer.
fn among_many(contracts: u64, ending: Ending) -> impl Iterator<Item = Record> {
    (0..contracts).map(move |number| record(TODAY, number, ending))
}

fn standing(history: &History) -> Standing {
    history.standing(&rules(), day(TODAY))
}

#[test]
fn without_a_record_there_is_only_the_prior() {
    let nobody = standing(&History::default());
    assert_eq!(nobody.delivers, bounds::lower(2_800, 1_200));
    assert_eq!(nobody.defects, bounds::upper(120, 3_880));
    assert_eq!((nobody.effective_milli, nobody.fees), (0, Amount::ZERO));
    assert_eq!((nobody.on_time, nobody.latency_seconds), (Ppm::ZERO, None));
    assert_eq!(nobody.finals_per_day_milli, 0);
    assert_eq!(nobody.benchmark, bounds::lower(500, 500));
    assert_eq!(nobody.uptime, bounds::lower(500, 500));
    assert_eq!(nobody.errors, bounds::upper(500, 500));
    assert_eq!(nobody.as_of, day(TODAY));
}

#[test]
fn each_ending_counts_where_it_belongs() {
    let endings = [
        (Ending::Final, 100),
        (Ending::Rejected, 20),
        (Ending::Defaulted, 10),
        (Ending::ClawedBack, 5),
    ];
    let records = endings.map(|(ending, contracts)| among_many(contracts, ending));
    let known = standing(&history(records.into_iter().flatten()));
    assert_eq!(known.effective_milli, 135_000);
    assert_eq!(known.delivers, bounds::lower(102_800, 31_200));
    assert_eq!(known.defects, bounds::upper(5_120, 103_880));
    assert_eq!(known.errors, bounds::upper(35_500, 100_500));
    assert_eq!(known.benchmark, bounds::lower(135_500, 500));
    assert_eq!(known.on_time, Ppm::ONE);
    assert_eq!(known.fees, amount(10_000), "only final contracts pay one");
    assert_eq!(
        known.finals_per_day_milli,
        bounds::count_lower(100_000) / 30
    );
}

#[test]
fn verdicts_and_deadlines_are_counted_of_every_contract() {
    let late = |number| Record {
        verdicts_failed: 2,
        on_time: false,
        ..record(TODAY, number, Ending::Final)
    };
    let records = among_many(30, Ending::Final).chain((100..110).map(late));
    let known = standing(&history(records));
    assert_eq!(known.benchmark, bounds::lower(40_500, 20_500));
    assert_eq!(known.on_time, ppm(750_000));
}

#[test]
fn a_contract_weighs_as_much_as_its_fee_is_of_the_reference() {
    for (fee, milli) in [
        (0, 0),
        (1, 100),
        (50, 5_000),
        (100, 10_000),
        (9_999, 10_000),
    ] {
        let records = among_many(10, Ending::Final).map(|it| Record {
            fee: amount(fee),
            ..it
        });
        let known = standing(&history(records));
        assert_eq!(known.effective_milli, milli, "a fee of {fee}");
        assert_eq!(known.fees, amount(10 * fee));
    }
}

#[test]
fn evidence_halves_in_a_half_life_and_ends_after_ten() {
    let known = history(among_many(64, Ending::Final));
    let later = |days| known.standing(&rules(), day(TODAY + days));
    for (lives, milli, fees) in [(0, 64_000, 6_400), (1, 32_000, 3_200), (6, 1_000, 100)] {
        let then = later(lives * 90);
        assert_eq!((then.effective_milli, then.fees), (milli, amount(fees)));
    }
    let gone = later(900);
    assert_eq!((gone.effective_milli, gone.fees), (0, Amount::ZERO));
    assert_eq!(gone.delivers, standing(&History::default()).delivers);
    let before = known.standing(&rules(), day(TODAY - 1));
    assert_eq!(before.effective_milli, 0, "later days are not looked at");
    assert!(later(30).finals_per_day_milli < later(29).finals_per_day_milli);
}

#[test]
fn one_counterparty_counts_no_more_than_its_share_for_and_against() {
    // 90 contracts with one buyer and 10 with others: the one counts as 20.
    let one = |ending| (0..90).map(move |_| record(TODAY, 999, ending));
    let good = standing(&history(
        among_many(10, Ending::Final).chain(one(Ending::Final)),
    ));
    assert_eq!(good.effective_milli, 30_000);
    assert_eq!(good.delivers, bounds::lower(32_800, 1_200));
    let bad = standing(&history(
        among_many(10, Ending::Final).chain(one(Ending::Rejected)),
    ));
    assert_eq!(bad.effective_milli, 30_000);
    assert_eq!(bad.delivers, bounds::lower(12_800, 21_200));
    assert_eq!(bad.fees, amount(1_000));
    // Five that share equally are each at their share.
    let five = (0..100).map(|number| record(TODAY, number % 5, Ending::Final));
    assert_eq!(standing(&history(five)).effective_milli, 100_000);
    let four = (0..100).map(|number| record(TODAY, number % 4, Ending::Final));
    assert_eq!(standing(&history(four)).effective_milli, 80_000);
}

#[test]
fn the_bound_on_latency_is_an_order_statistic() {
    let took = |number: u64| Record {
        seconds_to_pass: Some(number),
        ..record(TODAY - number % 90, number, Ending::Final)
    };
    let slowest = |samples: u64| standing(&history((1..=samples).map(took))).latency_seconds;
    assert_eq!(slowest(44), None);
    assert_eq!(slowest(45), Some(45), "the largest of 45");
    assert_eq!(slowest(76), Some(76));
    assert_eq!(slowest(77), Some(76), "one may be left out");
    let cheap = |number| Record {
        fee: amount(99),
        ..took(number)
    };
    assert_eq!(
        standing(&history((1..=200).map(cheap))).latency_seconds,
        None
    );
    let old = |number| Record {
        at: day(TODAY - 90),
        ..took(number)
    };
    let aged = history((1..=200).map(old).chain([record(TODAY, 1, Ending::Final)]));
    assert_eq!(standing(&aged).latency_seconds, None);
    let all = history((1..=90).map(took));
    let then = |days| all.standing(&rules(), day(TODAY + days)).latency_seconds;
    assert_eq!(
        (then(45), then(46)),
        (Some(90), None),
        "45 days are left, then 44"
    );
    let one_buyer = (0..200).map(|_| record(TODAY, 1, Ending::Final));
    assert_eq!(
        standing(&history(one_buyer)).latency_seconds,
        None,
        "8 a day"
    );
}

#[test]
fn promises_give_a_bound_on_uptime() {
    let mut history = History::default();
    let fee = rules().fee_reference;
    for number in 0..100 {
        match number % 10 {
            0 => history.observe_broken_word(day(TODAY), party(number), fee, &rules()),
            _ => history.observe(&record(TODAY, number, Ending::Rejected), &rules()),
        }
        // Who says that it will not deliver keeps no word and breaks none.
        history.observe(&record(TODAY, number, Ending::Defaulted), &rules());
    }
    assert_eq!(standing(&history).uptime, bounds::lower(90_500, 10_500));
    let faded = history.standing(&rules(), day(TODAY + 90));
    assert_eq!(faded.uptime, bounds::lower(45_500, 5_500));
    for number in 0..10 {
        history.observe(&record(TODAY + 1_000, number, Ending::Final), &rules());
    }
    let after = history.standing(&rules(), day(TODAY + 1_000));
    assert_eq!(after.uptime, bounds::lower(10_500, 500));
}

#[test]
fn promises_weigh_what_their_contracts_weigh() {
    let mut history = History::default();
    for number in 0..100 {
        let free = Record {
            fee: Amount::ZERO,
            ..record(TODAY, number, Ending::Final)
        };
        history.observe(&free, &rules());
    }
    assert_eq!(standing(&history).uptime, bounds::lower(500, 500), "free");
    for _ in 0..100 {
        history.observe(&record(TODAY, 1, Ending::Final), &rules());
    }
    for number in 0..100 {
        let fee = rules().fee_reference;
        history.observe_broken_word(day(TODAY), party(number), fee, &rules());
    }
    // What was kept to one counterparty is at most a fifth of the 100 that were kept; of what was broken, it is with 100 kept and one
    // broken at most a fifth of 200.
    let capped = bounds::lower(20_000 + 500, 99_396 + 500);
    assert_eq!(
        standing(&history).uptime,
        capped,
        "one friend does not help"
    );
}

#[test]
fn a_broken_promise_never_raises_uptime() {
    let fee = rules().fee_reference;
    for kept in 0..12 {
        for to in 1..6 {
            let mut history = History::default();
            for number in 0..kept {
                let with = record(TODAY, number % to, Ending::Final);
                history.observe(&with, &rules());
            }
            let before = standing(&history).uptime;
            for whom in [0, 100] {
                let mut worse = history.clone();
                worse.observe_broken_word(day(TODAY), party(whom), fee, &rules());
                let after = standing(&worse).uptime;
                assert!(after <= before, "{kept} kept to {to}: {before} to {after}");
            }
        }
    }
}

#[test]
fn a_history_is_bounded() {
    let mut history = history([]);
    for number in 0..2_000 {
        history.observe(&record(TODAY, number, Ending::Final), &rules());
    }
    assert_eq!(history.buckets(), MAX_COUNTERPARTIES_PER_DAY);
    let known = history.standing(&rules(), day(TODAY));
    assert_eq!(known.effective_milli, 2_000_000, "none of them is lost");
    let bad = record(TODAY, 3_000, Ending::Rejected);
    history.observe(&bad, &rules());
    let worse = history.standing(&rules(), day(TODAY));
    assert!(worse.delivers < known.delivers, "the last least of all");
    for number in 0..30_000 {
        let at = TODAY + 1 + number / 500;
        history.observe(&record(at, number, Ending::Final), &rules());
    }
    assert!(history.buckets() <= MAX_BUCKETS);
    let end = TODAY + 60;
    assert!(history.standing(&rules(), day(end)).effective_milli > 10_000_000);
    history.observe(&record(end + 2_000, 1, Ending::Final), &rules());
    assert_eq!(history.buckets(), 1, "what has faded is dropped");
}

#[test]
fn no_numbers_stop_a_history() {
    let rules = ReputationRules {
        half_life_days: 0,
        fee_reference: Amount::ZERO,
        counterparty_cap: Ppm::ONE,
        prior: Prior {
            strength_milli: u64::MAX,
            deliver: Ppm::ONE,
            defect: Ppm::ONE,
        },
    };
    let mut history = History::default();
    let mut buyer = BuyerHistory::default();
    for number in 0..100 {
        let at = Timestamp::from_seconds(0)
            .expect("1970")
            .plus_seconds(number % 2 * u64::MAX);
        let extreme = Record {
            at,
            fee: Amount::MAX,
            verdicts_passed: u32::MAX,
            verdicts_failed: u32::MAX,
            seconds_to_pass: Some(u64::MAX),
            ..record(0, number % 3, Ending::Final)
        };
        history.observe(&extreme, &rules);
        history.observe_broken_word(at, party(number % 3), Amount::MAX, &rules);
        buyer.observe(
            &BuyerRecord {
                at,
                fee: Amount::MAX,
                disputes_lost: u32::MAX,
                rejections_overturned: u32::MAX,
                ..of_buyer(number)
            },
            &rules,
        );
        let known = history.standing(&rules, at);
        assert!(known.delivers.get() >= bounds::FLOOR);
        assert!(serde_json::to_value(known).is_ok());
        assert!(buyer.standing(&rules, at).bad.get() >= 900_000);
    }
    let text = serde_json::to_string(&history).expect("JSON");
    assert!(text.len() < 10_000, "{} bytes", text.len());
}

fn of_buyer(supplier: u64) -> BuyerRecord {
    BuyerRecord {
        at: day(TODAY),
        counterparty: party(supplier),
        fee: amount(100),
        cancelled: false,
        silent: false,
        disputes_lost: 0,
        rejections_overturned: 0,
    }
}

#[test]
fn buyers_are_judged_by_what_they_did() {
    let mut history = BuyerHistory::default();
    let rules = rules();
    for number in 0..100 {
        let one = BuyerRecord {
            cancelled: number < 10,
            silent: number >= 40,
            disputes_lost: if number < 5 { 2 } else { 0 },
            rejections_overturned: u32::from(number == 50),
            ..of_buyer(number)
        };
        history.observe(&one, &rules);
    }
    let known = history.standing(&rules, day(TODAY));
    assert_eq!(known.contracts_milli, 100_000);
    assert_eq!(
        (known.cancelled_milli, known.silent_milli),
        (10_000, 60_000)
    );
    assert_eq!(known.disputes_lost_milli, 10_000);
    assert_eq!(known.rejections_overturned_milli, 1_000);
    assert_eq!(
        known.bad,
        bounds::upper(11_500, 89_500),
        "each contract once"
    );
    let later = history.standing(&rules, day(TODAY + 90));
    assert_eq!(
        (later.contracts_milli, later.cancelled_milli),
        (50_000, 5_000)
    );
    let nobody = BuyerHistory::default().standing(&rules, day(TODAY));
    assert_eq!(
        (nobody.contracts_milli, nobody.bad),
        (0, bounds::upper(500, 500))
    );
}

#[test]
fn exposure_is_what_neither_holdback_nor_bond_covers() {
    for (price, holdback, bond, exposed) in [
        (1_000, 200, 300, 500),
        (1_000, 200, 800, 0),
        (1_000, 1_200, 0, 0),
        (1_000, 0, 0, 1_000),
        (0, 0, 0, 0),
    ] {
        let found = exposure(amount(price), amount(holdback), amount(bond));
        assert_eq!(found, amount(exposed));
    }
    for (kappa, fees, limit) in [
        (1_000_000, 250, 250),
        (0, 250, 0),
        (1_500_000, 3, 4),
        (999_999, 1, 0),
    ] {
        assert_eq!(exposure_limit(kappa, amount(fees)), amount(limit));
    }
    assert_eq!(exposure_limit(u32::MAX, Amount::MAX), Amount::MAX);
}

#[test]
fn the_largest_price_within_a_headroom_is_exact() {
    for share in [0, 1, 199_999, 200_000, 333_333, 999_999] {
        let holdback = ppm(share);
        for headroom in 0..500 {
            let bond = amount(headroom % 7);
            let largest = price_within(amount(headroom), holdback, bond);
            let exposed = |price: i64| {
                exposure(amount(price), amount(price).share_up(holdback), bond).minor()
            };
            assert!(exposed(largest.minor()) <= headroom);
            assert!(
                exposed(largest.minor() + 1) > headroom,
                "{share} {headroom}"
            );
        }
    }
    assert_eq!(
        price_within(Amount::ZERO, Ppm::ONE, Amount::ZERO),
        Amount::MAX
    );
    assert_eq!(
        price_within(Amount::MAX, Ppm::ZERO, Amount::MAX),
        Amount::MAX
    );
}
