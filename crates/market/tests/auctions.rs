//! Random auctions: nobody gains by bidding another price than the true one, and no ring of identities gains
//! anything that it has not paid for.

use proofmark_core::{Digest, Ppm, Timestamp};
use proofmark_keys::KeyId;
use proofmark_ledger::Amount;
use proofmark_market::award::{
    Assessment, AwardRule, AwardTerms, Candidate, Choice, Qualification, award, choose, total_price,
};
use proofmark_market::reputation::{
    Ending, History, Prior, Record, ReputationRules, Standing, exposure, exposure_limit,
};

/// How many auctions are tried.
const AUCTIONS: u64 = 120_000;

fn amount(minor: u64) -> Amount {
    Amount::new(minor.cast_signed()).expect("an amount")
}

fn ppm(ppm: u64) -> Ppm {
    u32::try_from(ppm)
        .ok()
        .and_then(|ppm| Ppm::new(ppm).ok())
        .expect("a share")
}

fn party(number: u64) -> KeyId {
    format!("{number:064x}").parse().expect("a key id")
}

fn day(number: u64) -> Timestamp {
    Timestamp::from_seconds(number * 86_400).expect("this century")
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same auctions in every run. And the standing that random ones
/// are made from.
struct Chance {
    state: u64,
    standing: Standing,
}

impl Chance {
    fn new(state: u64) -> Self {
        let standing = History::default().standing(&rules(), day(20_000));
        Self { state, standing }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }
}

fn rules() -> ReputationRules {
    ReputationRules {
        half_life_days: 90,
        fee_reference: amount(25),
        counterparty_cap: ppm(200_000),
        prior: Prior {
            strength_milli: 4_000,
            deliver: ppm(700_000),
            defect: ppm(30_000),
        },
    }
}

fn random_terms(chance: &mut Chance) -> AwardTerms {
    let ceiling = 1 + chance.below(3_000);
    AwardTerms {
        rule: AwardRule::SecondScore,
        ceiling: amount(ceiling),
        total_ceiling: chance
            .one_in(3)
            .then(|| amount(ceiling / 2 + chance.below(2_000))),
        fee: ppm(chance.below(200_000)),
        holdback: ppm(chance.below(1_000_001)),
        verification: amount(chance.below(20)),
        loss_fail: amount(chance.below(1_000)),
        loss_defect: amount(chance.below(3_000)),
        slash: ppm(chance.below(500_001)),
        qualification: Qualification {
            errors_max: chance.one_in(3).then(|| ppm(500_000)),
            newcomer_bond: chance.one_in(3).then(|| amount(500)),
            ..Qualification::default()
        },
    }
}

/// A bidder whose price is its true cost.
fn random_candidate(chance: &mut Chance, number: u64, terms: &AwardTerms) -> Candidate {
    let ceiling = terms.ceiling.minor().unsigned_abs();
    let mut standing = chance.standing;
    standing.delivers = ppm(100_000 + chance.below(900_001));
    standing.defects = ppm(chance.below(4) * 50_000);
    standing.errors = ppm(chance.below(1_000_000));
    standing.effective_milli = chance.below(10_000);
    let exposure_limit = match chance.one_in(2) {
        true => Amount::MAX,
        false => amount(chance.below(2 * ceiling)),
    };
    Candidate {
        bid: Digest::of(&chance.next().to_be_bytes()),
        supplier: party(number),
        price: amount(chance.below(ceiling + ceiling / 8 + 1)),
        bond: amount(chance.below(3) * chance.below(1_000)),
        sequence: number,
        standing,
        exposure_open: amount(chance.below(200)),
        exposure_limit,
        funds_bond: !chance.one_in(20),
        expired: chance.one_in(20),
    }
}

/// What a bidder whose work costs `cost` gains.
fn gain(choice: &Choice, bidder: KeyId, cost: Amount) -> i64 {
    match choice.winner {
        Some(win) if win.supplier == bidder => win.price.minor() - cost.minor(),
        _ => 0,
    }
}

/// Prices at which an untrue bid could turn the outcome: anything, or near to the ceilings and to what the winner
/// is paid.
fn untrue_price(chance: &mut Chance, terms: &AwardTerms, choice: &Choice, cost: Amount) -> Amount {
    let near = |price: Amount, chance: &mut Chance| {
        amount((price.minor().unsigned_abs() + chance.below(5)).saturating_sub(2))
    };
    let paid = choice.winner.map_or(cost, |win| win.price);
    match chance.below(4) {
        0 => amount(chance.below(terms.ceiling.minor().unsigned_abs() + 2)),
        1 => near(paid, chance),
        2 => near(cost, chance),
        _ => near(terms.ceiling, chance),
    }
}

/// Not even one unit of rounding is gained: what is paid is the largest whole price at which the winner would still
/// not be dearer than the next bid, so at its true cost nobody wins below it and nobody loses above it.
#[test]
fn no_untrue_price_ever_gains_more_than_the_true_one() {
    let mut chance = Chance::new(1);
    let (mut won, mut gained, mut turned) = (0_u64, 0_u64, 0_u64);
    for _ in 0..AUCTIONS {
        let terms = random_terms(&mut chance);
        let bidders = 1 + chance.below(6);
        let mut bids: Vec<_> = (0..bidders)
            .map(|number| random_candidate(&mut chance, number, &terms))
            .collect();
        let truth = choose(&terms, &bids);
        check(&terms, &bids, &truth);
        won += u64::from(truth.winner.is_some());
        for liar in 0..bids.len() {
            let (supplier, cost) = (bids[liar].supplier, bids[liar].price);
            let honest = gain(&truth, supplier, cost);
            assert!(honest >= 0, "a true price never loses");
            gained += u64::from(honest > 0);
            bids[liar].price = untrue_price(&mut chance, &terms, &truth, cost);
            let lied = choose(&terms, &bids);
            assert!(
                gain(&lied, supplier, cost) <= honest,
                "{supplier} gains by asking {} for {cost}: {terms:?} {bids:?}",
                bids[liar].price
            );
            turned += u64::from(lied.winner.map(|it| it.bid) != truth.winner.map(|it| it.bid));
            bids[liar].price = cost;
        }
    }
    // The auctions are such that lies change something.
    assert!(
        won > AUCTIONS / 2 && gained > AUCTIONS / 3 && turned > AUCTIONS / 10,
        "{won} {gained} {turned}"
    );
}

/// What holds of every award.
fn check(terms: &AwardTerms, bids: &[Candidate], choice: &Choice) {
    let Some(win) = choice.winner else {
        let eligible = |it: &Assessment| matches!(it, Assessment::Eligible { .. });
        assert!(
            !choice.assessments.iter().any(eligible),
            "somebody could win"
        );
        return;
    };
    let at = bids
        .iter()
        .position(|it| it.bid == win.bid)
        .expect("a bidder");
    let bid = &bids[at];
    assert!(win.price >= bid.price && win.price <= terms.ceiling);
    assert!(
        terms
            .total_ceiling
            .is_none_or(|ceiling| win.total <= ceiling)
    );
    let paid = (win.price, bid.standing.delivers, bid.standing.defects);
    assert_eq!(
        total_price(terms, paid.0, bid.bond, paid.1, paid.2),
        Some(win.total)
    );
    let exposed = exposure(win.price, win.price.share_up(terms.holdback), bid.bond);
    let headroom = bid.exposure_limit.saturating_sub(bid.exposure_open);
    assert!(exposed <= headroom, "what is paid exposes too much");
    for (other, assessment) in bids.iter().zip(&choice.assessments) {
        if let (Assessment::Eligible { total }, true) = (assessment, other.bid != bid.bid) {
            assert!(
                win.total <= *total,
                "the winner is not dearer than any other bid"
            );
        }
    }
}

#[test]
fn more_bond_never_makes_a_newcomer_dearer() {
    let mut chance = Chance::new(2);
    for _ in 0..20_000 {
        let terms = random_terms(&mut chance);
        let bid = random_candidate(&mut chance, 1, &terms);
        let standing = bid.standing;
        let total = |bond| {
            total_price(
                &terms,
                bid.price,
                amount(bond),
                standing.delivers,
                standing.defects,
            )
        };
        let bond = chance.below(4_000);
        let more = bond + chance.below(4_000);
        assert!(total(more) <= total(bond), "{bond} and {more}: {terms:?}");
    }
}

fn final_contract(at: u64, counterparty: KeyId, fee: u64) -> Record {
    Record {
        at: day(at),
        counterparty,
        ending: Ending::Final,
        fee: amount(fee),
        verdicts_passed: 1,
        verdicts_failed: 0,
        seconds_to_pass: Some(60),
        on_time: true,
    }
}

/// A record with `contracts` final contracts, among buyers by turns.
fn history(contracts: u64, buyers: std::ops::Range<u64>, fee: u64) -> History {
    let mut history = History::default();
    for number in 0..contracts {
        let buyer = party(buyers.start + number % (buyers.end - buyers.start));
        history.observe(&final_contract(20_000, buyer, fee), &rules());
    }
    history
}

/// A bid at this price, with a standing and a limit of exposure as the record gives them.
fn bid_of(number: u64, price: u64, history: &History) -> Candidate {
    let standing = history.standing(&rules(), day(20_000));
    Candidate {
        bid: Digest::of(&number.to_be_bytes()),
        supplier: party(number),
        price: amount(price),
        bond: Amount::ZERO,
        sequence: number,
        standing,
        exposure_open: Amount::ZERO,
        exposure_limit: exposure_limit(1_000_000, standing.fees),
        funds_bond: true,
        expired: false,
    }
}

fn terms(rule: AwardRule, qualification: Qualification) -> AwardTerms {
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
        qualification,
    }
}

#[test]
fn a_ring_of_fifty_identities_without_paid_fees_changes_no_award() {
    let honest = [
        bid_of(1, 1_000, &history(200, 1_000..1_020, 25)),
        bid_of(2, 1_100, &history(150, 1_000..1_020, 25)),
    ];
    let filter = Qualification {
        benchmark_min: Some(ppm(900_000)),
        latency_max_seconds: Some(3_600),
        finals_per_day_min_milli: Some(100),
        errors_max: Some(ppm(100_000)),
        ..Qualification::default()
    };
    // Each of the fifty has had twenty contracts with each of the others, and bids less than anybody.
    let ring = |fee| {
        let record = history(980, 100..149, fee);
        (100..150)
            .map(move |number| bid_of(number, 400, &record))
            .collect::<Vec<_>>()
    };
    let unknown: Vec<_> = (100..150)
        .map(|number| bid_of(number, 400, &History::default()))
        .collect();
    assert_eq!(ring(0), unknown, "a record that cost nothing is no record");
    for rule in [
        AwardRule::FirstPrice,
        AwardRule::FirstScore,
        AwardRule::SecondScore,
    ] {
        for filter in [Qualification::default(), filter.clone()] {
            let terms = terms(rule, filter);
            let alone = award(&terms, &honest);
            let with_ring = award(&terms, &[honest.to_vec(), ring(0)].concat());
            assert!(alone.winner.is_some());
            assert_eq!(with_ring.winner, alone.winner, "{rule:?}");
        }
    }
    // A ring that pays what honest trade pays has a record; it costs that much.
    assert!(ring(25)[0].standing.fees == amount(980 * 25));
}

#[test]
fn a_ring_gains_no_more_evidence_than_it_pays_fees_for() {
    let mut chance = Chance::new(3);
    for _ in 0..2_000 {
        let members = 1 + chance.below(50);
        let mut history = History::default();
        let mut paid = 0;
        for _ in 0..1 + chance.below(100) {
            let (at, fee) = (20_000 - chance.below(100), chance.below(60));
            let buyer = party(chance.below(members));
            history.observe(&final_contract(at, buyer, fee), &rules());
            paid += fee;
        }
        let standing = history.standing(&rules(), day(20_000));
        assert!(
            standing.effective_milli <= paid * 1_000 / 25,
            "{members} members"
        );
        assert!(standing.fees <= amount(paid));
        let limit = exposure_limit(1_000_000, standing.fees);
        assert!(
            limit <= amount(paid),
            "it can take no more than it has paid"
        );
    }
    // One counterparty makes up its share of all evidence, whatever it pays.
    let one = history(100, 7..8, 1_000).standing(&rules(), day(20_000));
    assert_eq!(one.effective_milli, 20_000);
}
