use proofmark_core::Timestamp;

use super::*;
use crate::reputation::{bounds, exposure};

fn amount(minor: i64) -> Amount {
    Amount::new(minor).expect("an amount")
}

fn ppm(ppm: u32) -> Ppm {
    Ppm::new(ppm).expect("a share")
}

/// The example of `docs/market.md`: cents; f = 2.5 %, v = 2, L_fail = 800, L_def = 2000, σ = 10 %.
fn terms(rule: AwardRule) -> AwardTerms {
    AwardTerms {
        rule,
        ceiling: amount(5_000),
        total_ceiling: None,
        fee: ppm(25_000),
        holdback: ppm(200_000),
        verification: amount(2),
        loss_fail: amount(800),
        loss_defect: amount(2_000),
        slash: ppm(100_000),
        qualification: Qualification::default(),
    }
}

fn standing(delivers: u32, defects: u32) -> Standing {
    Standing {
        delivers: ppm(delivers),
        defects: ppm(defects),
        effective_milli: 100_000,
        on_time: Ppm::ONE,
        fees: amount(10_000),
        benchmark: ppm(900_000),
        errors: ppm(50_000),
        uptime: ppm(990_000),
        latency_seconds: Some(3_600),
        finals_per_day_milli: 2_000,
        as_of: Timestamp::from_seconds(1_795_716_000).expect("this century"),
    }
}

/// A bid of which nothing is wrong: never fails, never defective, no bond.
fn candidate(number: u8, price: i64) -> Candidate {
    Candidate {
        bid: Digest::of(&[number]),
        supplier: format!("{number:064x}").parse().expect("a key id"),
        price: amount(price),
        bond: Amount::ZERO,
        sequence: u64::from(number),
        standing: standing(1_000_000, 0),
        exposure_open: Amount::ZERO,
        exposure_limit: Amount::MAX,
        funds_bond: true,
        expired: false,
    }
}

/// Which candidate wins, and what it is paid.
fn winner(terms: &AwardTerms, candidates: &[Candidate]) -> Option<(usize, i64)> {
    let win = choose(terms, candidates).winner?;
    let at = candidates.iter().position(|it| it.bid == win.bid);
    Some((at.expect("one of them"), win.price.minor()))
}

fn total(terms: &AwardTerms, price: i64, bond: i64, delivery: [u64; 2], defect: [u64; 2]) -> i64 {
    let delivers = bounds::lower(delivery[0], delivery[1]);
    let defects = bounds::upper(defect[0], defect[1]);
    let total = total_price(terms, amount(price), amount(bond), delivers, defects);
    total.expect("an amount").minor()
}

/// Prior of strength 4: 70 % deliver, 3 % of deliveries are defective.
#[test]
fn the_worked_example_has_these_totals() {
    let terms = terms(AwardRule::SecondScore);
    let newcomer = ([2_800, 1_200], [120, 3_880]);
    // 190 of 200 contracts final, 10 not delivered, one clawed back; 10 of 50 final, 40 not delivered.
    let veteran = ([192_800, 11_200], [1_120, 193_880]);
    let poor = ([12_800, 41_200], [120, 13_880]);
    assert_eq!(total(&terms, 1_000, 0, veteran.0, veteran.1), 1_119);
    assert_eq!(total(&terms, 850, 0, newcomer.0, newcomer.1), 2_263);
    assert_eq!(total(&terms, 850, 2_000, newcomer.0, newcomer.1), 1_776);
    assert_eq!(total(&terms, 600, 0, poor.0, poor.1), 4_710);
}

/// Each part of the formula, rounded as stated.
#[test]
fn the_total_price_is_the_cost_of_work_and_the_cost_of_risk() {
    let terms = terms(AwardRule::FirstScore);
    for (price, bond, delivers, defects, expected) in [
        // 1000 + 25 + 2
        (1_000, 0, 1_000_000, 0, 1_027),
        // ⌈1001 · 2.5 %⌉ = 26
        (1_001, 0, 1_000_000, 0, 1_029),
        // + ⌈802 / 3⌉ = 268
        (1_000, 0, 750_000, 0, 1_295),
        // + ⌈(2 + 800 − 10) / 3⌉ = 264
        (1_000, 100, 750_000, 0, 1_291),
        // σ·B = ⌊10.9⌋
        (1_000, 109, 500_000, 0, 1_819),
        // a bond beyond the loss: ⌈2 / 3⌉ = 1
        (1_000, 9_000, 750_000, 0, 1_028),
        // + ⌈2000 · 0.0001 %⌉ = 1
        (1_000, 0, 1_000_000, 1, 1_028),
        // + ⌈(2000 − 500) · 10 %⌉
        (1_000, 500, 1_000_000, 100_000, 1_177),
        (1_000, 2_000, 1_000_000, 100_000, 1_027),
        (0, 0, 1_000, 0, 2 + 999 * 802),
    ] {
        let total = total_price(
            &terms,
            amount(price),
            amount(bond),
            ppm(delivers),
            ppm(defects),
        );
        assert_eq!(
            total,
            Some(amount(expected)),
            "{price} {bond} {delivers} {defects}"
        );
    }
    let nothing = Amount::ZERO;
    assert_eq!(
        total_price(&terms, nothing, nothing, Ppm::ZERO, Ppm::ZERO),
        None
    );
    assert_eq!(
        total_price(&terms, Amount::MAX, nothing, Ppm::ONE, Ppm::ZERO),
        None
    );
}

#[test]
fn more_bond_never_makes_a_bid_dearer() {
    let terms = terms(AwardRule::SecondScore);
    let newcomer = (bounds::lower(2_800, 1_200), bounds::upper(120, 3_880));
    let totals: Vec<_> = (0..=9_000)
        .map(|bond| total_price(&terms, amount(850), amount(bond), newcomer.0, newcomer.1))
        .collect();
    assert!(totals.is_sorted_by(|less, more| less >= more));
    assert!(totals.iter().all(Option::is_some));
    assert!(totals.last() < totals.first());
}

#[test]
fn the_largest_price_of_a_budget_is_exact() {
    for fee in [0, 1, 24_999, 25_000, 333_333, 1_000_000] {
        let fee = ppm(fee);
        for budget in 0..3_000 {
            let largest = largest_price(amount(budget), fee);
            let cost = |price: i64| price + amount(price).share_up(fee).minor();
            assert!(cost(largest.minor()) <= budget);
            assert!(cost(largest.minor() + 1) > budget);
        }
        assert!(largest_price(Amount::MAX, fee) <= Amount::MAX);
    }
}

#[test]
fn each_rule_chooses_and_pays_as_it_says() {
    // Cheap but unreliable: T = 700 + 18 + 2 + 802; reliable: T = 1000 + 25 + 2; dearer: T = 1100 + 28 + 2.
    let mut bids = [candidate(1, 700), candidate(2, 1_000), candidate(3, 1_100)];
    bids[0].standing.delivers = ppm(500_000);
    let wins = |rule, bids: &[Candidate]| winner(&terms(rule), bids);
    assert_eq!(wins(AwardRule::FirstPrice, &bids), Some((0, 700)));
    assert_eq!(wins(AwardRule::FirstScore, &bids), Some((1, 1_000)));
    assert_eq!(wins(AwardRule::SecondScore, &bids), Some((1, 1_100)));
    // The next total counts, not the next price: (1522 − 2) / 1.025.
    assert_eq!(wins(AwardRule::SecondScore, &bids[..2]), Some((1, 1_482)));
    assert_eq!(wins(AwardRule::SecondScore, &bids[..1]), Some((0, 5_000)));
    assert_eq!(wins(AwardRule::SecondScore, &[]), None);
}

#[test]
fn the_only_bidder_is_paid_by_the_ceilings() {
    let mut terms = terms(AwardRule::SecondScore);
    let bid = candidate(1, 1_000);
    assert_eq!(winner(&terms, std::slice::from_ref(&bid)), Some((0, 5_000)));
    terms.total_ceiling = Some(amount(2_052));
    assert_eq!(winner(&terms, std::slice::from_ref(&bid)), Some((0, 2_000)));
    terms.total_ceiling = Some(amount(1_027));
    assert_eq!(winner(&terms, std::slice::from_ref(&bid)), Some((0, 1_000)));
    terms.total_ceiling = Some(amount(1_026));
    assert_eq!(winner(&terms, &[bid]), None);
    terms.total_ceiling = None;
    terms.ceiling = Amount::MAX;
    let paid = winner(&terms, &[candidate(1, 1_000)]).expect("a winner").1;
    assert_eq!(
        paid,
        largest_price(amount(Amount::MAX.minor() - 2), terms.fee).minor()
    );
}

/// One candidate of which this is wrong, next to another that wins.
fn reason(terms: &AwardTerms, spoil: impl Fn(&mut Candidate)) -> Option<Ineligible> {
    let mut bids = [candidate(1, 1_000), candidate(2, 2_000)];
    spoil(&mut bids[0]);
    let choice = choose(terms, &bids);
    match choice.assessments[0] {
        Assessment::Eligible { .. } | Assessment::PassedOver { .. } => None,
        Assessment::Ineligible(reason) => {
            assert_eq!(choice.winner.expect("the other").bid, bids[1].bid);
            Some(reason)
        }
    }
}

#[test]
fn a_bid_that_does_not_count_has_a_named_reason() {
    let mut terms = terms(AwardRule::FirstPrice);
    terms.total_ceiling = Some(amount(5_000));
    let is = |spoil: fn(&mut Candidate)| reason(&terms, spoil);
    assert_eq!(is(|_| ()), None);
    assert_eq!(is(|it| it.expired = true), Some(Ineligible::Expired));
    assert_eq!(
        is(|it| it.price = amount(5_001)),
        Some(Ineligible::PriceAboveCeiling)
    );
    // 1000 − 200 are exposed.
    assert_eq!(is(|it| it.exposure_limit = amount(800)), None);
    let exceeded = Some(Ineligible::ExposureExceeded);
    assert_eq!(is(|it| it.exposure_limit = amount(799)), exceeded);
    // Alone it would be within the limit, and would win: it has taken its headroom elsewhere.
    let mut elsewhere = candidate(1, 1_000);
    elsewhere.exposure_limit = amount(800);
    elsewhere.exposure_open = Amount::MAX;
    let choice = choose(&terms, &[elsewhere.clone()]);
    assert!(matches!(
        choice.assessments[..],
        [Assessment::PassedOver { .. }]
    ));
    // Where it would have lost, nothing is lost.
    let mut better = candidate(2, 999);
    better.exposure_limit = amount(800);
    let choice = choose(&terms, &[elsewhere, better]);
    let lost = Assessment::Ineligible(Ineligible::ExposureExceeded);
    assert_eq!(choice.assessments[0], lost);
    assert_eq!(
        is(|it| (it.exposure_open, it.bond) = (Amount::MAX, amount(800))),
        None
    );
    // ⌈(1 − q)/q · 802⌉ takes the total above 5,000.
    let above = Some(Ineligible::TotalAboveCeiling);
    assert_eq!(is(|it| it.standing.delivers = ppm(160_000)), above);
    assert_eq!(is(|it| it.standing.delivers = Ppm::ZERO), above);
}

#[test]
fn each_requirement_is_checked_and_named() {
    let mut terms = terms(AwardRule::FirstScore);
    terms.qualification = Qualification {
        benchmark_min: Some(ppm(900_000)),
        latency_max_seconds: Some(3_600),
        finals_per_day_min_milli: Some(2_000),
        uptime_min: Some(ppm(990_000)),
        errors_max: Some(ppm(50_000)),
        newcomer_bond: Some(amount(500)),
    };
    let is = |spoil: fn(&mut Standing)| reason(&terms, |it| spoil(&mut it.standing));
    let unmet = |requirement| Some(Ineligible::NotQualified(requirement));
    assert_eq!(is(|_| ()), None, "each is met exactly");
    assert_eq!(
        is(|it| it.benchmark = ppm(899_999)),
        unmet(Requirement::Benchmark)
    );
    assert_eq!(
        is(|it| it.latency_seconds = Some(3_601)),
        unmet(Requirement::Latency)
    );
    assert_eq!(
        is(|it| it.latency_seconds = None),
        unmet(Requirement::Latency)
    );
    assert_eq!(
        is(|it| it.finals_per_day_milli = 1_999),
        unmet(Requirement::Throughput)
    );
    assert_eq!(
        is(|it| it.uptime = ppm(989_999)),
        unmet(Requirement::Uptime)
    );
    assert_eq!(is(|it| it.errors = ppm(50_001)), unmet(Requirement::Errors));
    let newcomer = |bond: i64, effective_milli: u64| {
        reason(&terms, |it| {
            it.bond = amount(bond);
            it.standing.latency_seconds = None;
            it.standing.effective_milli = effective_milli;
        })
    };
    assert_eq!(newcomer(500, 0), None, "the bond stands in for the record");
    assert_eq!(newcomer(500, 4_999), None);
    assert_eq!(
        newcomer(500, 5_000),
        unmet(Requirement::Latency),
        "it has a record"
    );
    assert_eq!(newcomer(499, 0), unmet(Requirement::Latency));
    terms.qualification.newcomer_bond = None;
    let unbonded = reason(&terms, |it| {
        it.standing = Standing {
            effective_milli: 0,
            latency_seconds: None,
            ..it.standing
        }
    });
    assert_eq!(unbonded, unmet(Requirement::Latency));
}

#[test]
fn of_several_reasons_the_first_is_stated() {
    let mut terms = terms(AwardRule::SecondScore);
    terms.total_ceiling = Some(amount(5_000));
    terms.qualification.errors_max = Some(ppm(10));
    let mut bid = candidate(1, 5_001);
    bid.expired = true;
    bid.funds_bond = false;
    bid.exposure_limit = Amount::ZERO;
    let mut next = |mend: fn(&mut Candidate)| {
        let found = choose(&terms, std::slice::from_ref(&bid)).assessments[0];
        mend(&mut bid);
        found
    };
    for (mend, expected) in [
        (
            (|it| it.expired = false) as fn(&mut Candidate),
            Ineligible::Expired,
        ),
        (|it| it.price = amount(4_990), Ineligible::PriceAboveCeiling),
        (
            |it| it.standing.errors = Ppm::ZERO,
            Ineligible::NotQualified(Requirement::Errors),
        ),
        (
            |it| it.exposure_limit = Amount::MAX,
            Ineligible::ExposureExceeded,
        ),
        (|it| it.price = amount(1_000), Ineligible::TotalAboveCeiling),
    ] {
        assert_eq!(next(mend), Assessment::Ineligible(expected));
    }
    // Only the bond is missing, and nobody else bids.
    assert!(matches!(
        next(|it| it.funds_bond = true),
        Assessment::PassedOver { .. }
    ));
    assert!(matches!(next(|_| ()), Assessment::Eligible { .. }));
}

#[test]
fn only_who_would_have_won_is_passed_over() {
    let terms = terms(AwardRule::FirstScore);
    let mut bids = [1, 2, 3, 4].map(|number| candidate(number, 400 + 100 * i64::from(number)));
    for unfunded in [0, 2] {
        bids[unfunded].funds_bond = false;
    }
    let choice = choose(&terms, &bids);
    assert_eq!(choice.winner.map(|win| win.bid), Some(bids[1].bid));
    let [first, second, third, fourth] = choice.assessments.try_into().expect("four");
    assert!(
        matches!(first, Assessment::PassedOver { .. }),
        "it was lower"
    );
    assert!(matches!(second, Assessment::Eligible { .. }), "it wins");
    let lost = Assessment::Ineligible(Ineligible::BondNotFunded);
    assert_eq!(third, lost, "it would have lost anyway");
    assert!(matches!(fourth, Assessment::Eligible { .. }));
    // A bid that could not be paid sets no price either.
    let second_score = AwardTerms {
        rule: AwardRule::SecondScore,
        ..terms.clone()
    };
    let paid = winner(&second_score, &bids).map(|(_, price)| price);
    bids[2].funds_bond = true;
    let less = winner(&second_score, &bids).map(|(_, price)| price);
    assert!(paid > less, "{paid:?} and {less:?}");
}

#[test]
fn the_worst_bid_is_the_one_that_would_win_last() {
    let terms = terms(AwardRule::FirstScore);
    let mut bids = [(1, 600), (2, 800), (3, 700)].map(|(number, price)| candidate(number, price));
    assert_eq!(worst(&terms, &bids), Some(1));
    bids[0].expired = true;
    assert_eq!(worst(&terms, &bids), Some(0), "it does not compete");
    bids[2].expired = true;
    assert_eq!(worst(&terms, &bids), Some(2), "the later of two");
    assert_eq!(worst(&terms, &[]), None);
}

#[test]
fn ties_are_broken_by_rule() {
    let base = candidate(9, 1_000);
    let digests = [Digest::from_bytes([1; 32]), Digest::from_bytes([2; 32])];
    // Without declared losses neither defects nor bond change the total price.
    let terms = |rule| AwardTerms {
        loss_fail: Amount::ZERO,
        loss_defect: Amount::ZERO,
        ..terms(rule)
    };
    for rule in [
        AwardRule::FirstPrice,
        AwardRule::FirstScore,
        AwardRule::SecondScore,
    ] {
        let mut worse = Candidate {
            bid: digests[0],
            sequence: 1,
            bond: amount(9),
            ..base.clone()
        };
        let mut better = Candidate {
            bid: digests[1],
            sequence: 2,
            bond: amount(8),
            ..base.clone()
        };
        worse.standing.defects = ppm(11);
        better.standing.defects = ppm(10);
        let mut decides = |what: &str, level: fn(&mut Candidate, &mut Candidate)| {
            for bids in [
                [worse.clone(), better.clone()],
                [better.clone(), worse.clone()],
            ] {
                let win = choose(&terms(rule), &bids).winner.expect("a winner");
                assert_eq!(win.bid, better.bid, "{rule:?}: {what}");
                assert_eq!(
                    win.price,
                    amount(1_000),
                    "a tie leaves nothing to be paid above"
                );
            }
            level(&mut worse, &mut better);
        };
        decides("fewer defects", |worse, better| {
            worse.standing.defects = better.standing.defects;
            better.bond = amount(10);
        });
        decides("the larger bond", |worse, better| {
            worse.bond = better.bond;
            better.sequence = 0;
        });
        decides("the earlier bid", |worse, better| {
            worse.sequence = better.sequence;
            (worse.bid, better.bid) = (better.bid, worse.bid);
        });
        decides("the lower digest", |_, _| ());
    }
}

#[test]
fn what_is_paid_stays_within_the_limit_of_exposure() {
    let terms = terms(AwardRule::SecondScore);
    let mut bids = [candidate(1, 1_000), candidate(2, 3_000)];
    assert_eq!(winner(&terms, &bids), Some((0, 3_000)));
    for limit in 800..2_500 {
        (bids[0].exposure_limit, bids[0].exposure_open) = (amount(limit), Amount::ZERO);
        let (at, paid) = winner(&terms, &bids).expect("a winner");
        assert_eq!(at, 0, "a limit on what is paid does not change who wins");
        let held = |price: i64| {
            exposure(
                amount(price),
                amount(price).share_up(terms.holdback),
                bids[0].bond,
            )
            .minor()
        };
        assert!(held(paid) <= limit, "{paid} at a limit of {limit}");
        assert!(
            paid == 3_000 || held(paid + 1) > limit,
            "{paid} at a limit of {limit}"
        );
    }
}

#[test]
fn the_order_in_which_bids_are_given_does_not_matter() {
    let bids = [
        candidate(3, 1_000),
        candidate(1, 1_200),
        candidate(2, 1_100),
    ];
    let terms = terms(AwardRule::SecondScore);
    let one = award(&terms, &bids);
    let mut turned = bids.clone();
    turned.reverse();
    assert_eq!(award(&terms, &turned), one);
    let sequences = one.basis.candidates.iter().map(|it| it.candidate.sequence);
    assert_eq!(sequences.collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(recompute(&one), Ok(()));
    assert_eq!(recompute(&award(&terms, &[])), Ok(()));
}

/// A published award with every member that there is.
fn published() -> Award {
    let mut terms = terms(AwardRule::SecondScore);
    terms.total_ceiling = Some(amount(4_000));
    terms.qualification = Qualification {
        benchmark_min: Some(ppm(800_000)),
        latency_max_seconds: Some(7_200),
        finals_per_day_min_milli: Some(1_000),
        uptime_min: Some(ppm(900_000)),
        errors_max: Some(ppm(100_000)),
        newcomer_bond: Some(amount(500)),
    };
    let mut bids = [1, 2, 3, 4].map(|number| candidate(number, 900 + i64::from(number) * 50));
    bids[2].expired = true;
    bids[3].standing.benchmark = ppm(1);
    award(&terms, &bids)
}

/// Every value that is not a list or an object, by its JSON Pointer.
fn leaves(value: &serde_json::Value, at: &str, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                leaves(member, &format!("{at}/{name}"), found);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{at}/{index}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// Another value of the same kind.
fn changed(value: &serde_json::Value) -> Vec<serde_json::Value> {
    match value {
        serde_json::Value::Bool(is) => vec![(!is).into()],
        serde_json::Value::Number(number) => {
            let number = number.as_i64().expect("an integer");
            vec![
                (number + 1).into(),
                (number - 1).into(),
                (number / 2).into(),
            ]
        }
        serde_json::Value::String(text) => {
            let words = [
                "first_price",
                "first_score",
                "expired",
                "bond_not_funded",
                "latency",
                "2026-11-26T18:00:01Z",
            ];
            let mut last = text.clone();
            last.replace_range(
                text.len() - 1..,
                if text.ends_with('0') { "1" } else { "0" },
            );
            words
                .into_iter()
                .map(str::to_owned)
                .chain([last])
                .map(Into::into)
                .collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn every_single_change_of_a_published_award_is_caught() {
    let right = published();
    assert_eq!(recompute(&right), Ok(()));
    let json = serde_json::to_value(&right).expect("JSON");
    assert_eq!(
        serde_json::from_value::<Award>(json.clone()).ok(),
        Some(right.clone())
    );
    let mut places = Vec::new();
    leaves(&json, "", &mut places);
    assert!(places.len() > 90, "{} members", places.len());
    for place in places {
        let before = json.pointer(&place).cloned().expect("it is there");
        let mut tried = 0;
        for after in changed(&before)
            .into_iter()
            .filter(|after| *after != before)
        {
            let mut wrong = json.clone();
            *wrong.pointer_mut(&place).expect("it is there") = after.clone();
            if let Ok(wrong) = serde_json::from_value::<Award>(wrong) {
                tried += 1;
                assert!(recompute(&wrong).is_err(), "{place} became {after}");
            }
        }
        assert!(tried > 0, "{place} was changed to nothing that can be read");
    }
}

#[test]
fn a_bid_that_was_left_out_or_added_is_caught() {
    let right = published();
    for at in 0..right.basis.candidates.len() {
        let mut wrong = right.clone();
        wrong.basis.candidates.remove(at);
        assert!(recompute(&wrong).is_err(), "bid {at} was left out");
        let mut wrong = right.clone();
        wrong
            .basis
            .candidates
            .insert(at, right.basis.candidates[at].clone());
        assert!(recompute(&wrong).is_err(), "bid {at} was added");
    }
    let mut wrong = right.clone();
    wrong.winner = None;
    let found = recompute(&wrong).expect_err("nobody wins");
    assert_eq!(
        found,
        WrongAward::Winner {
            right: right.winner.map(Box::new)
        }
    );
    let mut wrong = right.clone();
    wrong.basis.terms.total_ceiling = None;
    assert_eq!(
        recompute(&wrong).expect_err("the digest").to_string(),
        "the digest is not of this award"
    );
    let mut wrong = right.clone();
    wrong.basis.candidates.swap(0, 1);
    assert_eq!(recompute(&wrong), Err(WrongAward::Order));
    let mut wrong = right;
    wrong.basis.candidates[2].assessment = Assessment::Eligible { total: amount(1) };
    let Err(WrongAward::Assessment { bid, right }) = recompute(&wrong) else {
        panic!("the third bid had expired")
    };
    assert_eq!(bid, wrong.basis.candidates[2].candidate.bid);
    assert_eq!(right, Assessment::Ineligible(Ineligible::Expired));
}

#[test]
fn an_award_is_written_with_these_words() {
    let award = award(&terms(AwardRule::FirstScore), &[candidate(1, 9_000)]);
    let json = serde_json::to_value(&award).expect("JSON");
    assert_eq!(
        json.pointer("/basis/terms/rule"),
        Some(&"first_score".into())
    );
    let assessment = json.pointer("/basis/candidates/0/assessment");
    assert_eq!(
        assessment,
        Some(&serde_json::json!({ "ineligible": "price_above_ceiling" }))
    );
    assert_eq!(json.get("winner"), None);
    let unmet = Assessment::Ineligible(Ineligible::NotQualified(Requirement::Throughput));
    let unmet = serde_json::to_value(unmet).expect("JSON");
    assert_eq!(
        unmet,
        serde_json::json!({ "ineligible": { "not_qualified": "throughput" } })
    );
}

#[test]
fn numbers_beyond_what_json_carries_do_not_stop_an_award() {
    let mut bid = candidate(1, 1_000);
    bid.sequence = u64::MAX;
    bid.standing.effective_milli = u64::MAX;
    bid.standing.latency_seconds = Some(u64::MAX);
    let mut terms = terms(AwardRule::SecondScore);
    terms.qualification.latency_max_seconds = Some(u64::MAX);
    assert_eq!(recompute(&award(&terms, &[bid])), Ok(()));
}

#[test]
fn the_digest_is_that_of_the_canonical_form() {
    for rule in [AwardRule::FirstPrice, AwardRule::SecondScore] {
        let terms = terms(rule);
        for candidates in [vec![], vec![candidate(1, 1_000), candidate(2, 9_999_999)]] {
            let award = award(&terms, &candidates);
            let mut covered = serde_json::json!({
                "schema": proofmark_core::uri::AWARD_V1,
                "basis": award.basis,
            });
            if let Some(winner) = &award.winner {
                covered["winner"] = serde_json::json!(winner);
            }
            let canonical = proofmark_core::canonical::digest(&covered).expect("it has one");
            assert_eq!(award.digest, canonical);
        }
    }
}
