//! The integer bounds against exact distributions, computed here on their own in floating point.

use proofmark_market::reputation::bounds::{FLOOR, MAX_EVIDENCE_MILLI, count_lower, lower, upper};
use proofmark_market::reputation::{MAX_SAMPLES, slowest_left_out};
use proptest::prelude::*;

/// ln Γ by Lanczos' approximation (g = 7, 9 terms), good to 15 digits.
fn ln_gamma(z: f64) -> f64 {
    const TERMS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if z < 0.5 {
        let pi = std::f64::consts::PI;
        return (pi / (pi * z).sin()).ln() - ln_gamma(1.0 - z);
    }
    let z = z - 1.0;
    let sum = (1..9).fold(TERMS[0], |sum, i| sum + TERMS[i] / (z + i as f64));
    let t = z + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (z + 0.5) * t.ln() - t + sum.ln()
}

/// The continued fraction of the incomplete beta function by Lentz' method (Numerical Recipes 6.4).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let tiny = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / tiny(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a - 1.0 + 2.0 * m) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 1.0 + 2.0 * m));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / tiny(1.0 + term * d);
            c = tiny(1.0 + term / c);
            step = c * d;
            product *= step;
        }
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    product
}

/// I_x(a, b), the regularised incomplete beta function.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let log = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    match x < (a + 1.0) / (a + b + 2.0) {
        true => log.exp() * fraction(a, b, x) / a,
        false => 1.0 - log.exp() * fraction(b, a, 1.0 - x) / b,
    }
}

/// P(a, y), the regularised lower incomplete gamma function, by its series.
fn incomplete_gamma(a: f64, y: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..100_000 {
        term *= y / (a + f64::from(k));
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    (a * y.ln() - y - ln_gamma(a + 1.0)).exp() * sum
}

/// Where an increasing function reaches 10 %.
fn tenth(mut high: f64, share: impl Fn(f64) -> f64) -> f64 {
    let mut low = 0.0;
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        match share(middle) < 0.1 {
            true => low = middle,
            false => high = middle,
        }
    }
    low
}

fn quantile(a_milli: u64, b_milli: u64) -> f64 {
    let (a, b) = (a_milli as f64 / 1e3, b_milli as f64 / 1e3);
    tenth(1.0, |x| incomplete_beta(a, b, x))
}

/// Thousandths from 0.1 to 40,000 outcomes, 24 for each power of ten.
fn grid() -> Vec<u64> {
    (0..=134)
        .map(|i| (100.0 * 10_f64.powf(f64::from(i) / 24.0)).round() as u64)
        .collect()
}

#[test]
fn the_reference_itself_gives_known_values() {
    for i in 1..100 {
        let x = f64::from(i) / 100.0;
        for (a, b, known) in [
            (1.0, 3.5, 1.0 - (1.0 - x).powf(3.5)),
            (2.5, 1.0, x.powf(2.5)),
            (0.5, 0.5, x.sqrt().asin() * std::f64::consts::FRAC_2_PI),
            (
                2.0,
                3.0,
                6.0 * x.powi(2) - 8.0 * x.powi(3) + 3.0 * x.powi(4),
            ),
            (0.1, 1.0, x.powf(0.1)),
        ] {
            let got = incomplete_beta(a, b, x);
            assert!((got - known).abs() < 1e-13, "I_{x}({a}, {b}) is {got}");
        }
        let got = incomplete_gamma(1.0, x);
        assert!(
            (got - (1.0 - (-x).exp())).abs() < 1e-14,
            "P(1, {x}) is {got}"
        );
    }
    assert!((ln_gamma(171.0) - 706.573_062_245_787_5).abs() < 1e-11);
    assert!((ln_gamma(0.1) - 2.252_712_651_734_206).abs() < 1e-13);
}

#[test]
fn the_lower_bound_is_the_exact_quantile_rounded_down() {
    let mut worst = 0.0_f64;
    for a in grid() {
        for b in grid() {
            let exact = quantile(a, b).max(f64::from(FLOOR) / 1e6) * 1e6;
            let error = exact - f64::from(lower(a, b).get());
            // The reference has 10 digits.
            assert!(
                (-1e-4..1.0 + 1e-4).contains(&error),
                "({a}, {b}): {error} ppm"
            );
            worst = worst.max(error);
        }
    }
    assert!(
        worst > 0.9,
        "the grid is dense enough to see every rounding"
    );
}

/// Why the bounds are not that: the same grid, the usual approximation.
#[test]
fn the_normal_approximation_would_be_off_by_a_quarter() {
    let mut worst = [0.0_f64; 3];
    for a in grid() {
        for b in grid() {
            let n = (a + b) as f64 / 1e3;
            let mean = a as f64 / 1e3 / n;
            let normal = mean - 1.2816 * (mean * (1.0 - mean) / (n + 1.0)).sqrt();
            let error = (normal.max(1e-3) - quantile(a, b).max(1e-3)).abs();
            for (worst, least) in worst.iter_mut().zip([0.0, 4.0, 50.0]) {
                if n >= least {
                    *worst = worst.max(error);
                }
            }
        }
    }
    let [all, with_prior, with_history] = worst;
    assert!((0.23..0.26).contains(&all), "{all}");
    assert!((0.035..0.045).contains(&with_prior), "{with_prior}");
    assert!((0.002..0.006).contains(&with_history), "{with_history}");
}

#[test]
fn the_ends_are_bounded() {
    for (a, b, expected) in [
        (0, 0, FLOOR),
        (0, 1_000, FLOOR),
        (1_000, 1_000, 100_000),
        (2_000, 1_000, 316_227),
        (1_000, 2_000, 51_316),
        (500, 500, 24_471),
        (1_000, 200, 409_510),
        (1_000_000, 0, 999_999),
        (u64::MAX, 0, 999_999),
        (0, u64::MAX, FLOOR),
    ] {
        assert_eq!(lower(a, b).get(), expected, "({a}, {b})");
        assert_eq!(upper(b, a).get(), 1_000_000 - expected, "({b}, {a})");
    }
    let even = lower(u64::MAX, u64::MAX).get();
    assert!((497_900..498_000).contains(&even), "{even}");
    assert_eq!(
        lower(MAX_EVIDENCE_MILLI, MAX_EVIDENCE_MILLI),
        lower(u64::MAX, u64::MAX)
    );
}

#[test]
fn the_bound_on_a_count_is_the_exact_quantile_rounded_down() {
    for count in grid() {
        let a = count as f64 / 1e3;
        let exact = tenth(a, |y| incomplete_gamma(a, y)) * 1e3;
        let error = exact - count_lower(count) as f64;
        assert!((-1e-4..1.0 + 1e-4).contains(&error), "{count}: {error}");
    }
    assert_eq!(count_lower(1_000), 105, "-ln 0.9");
    assert_eq!(count_lower(0), 0);
    assert_eq!(count_lower(u64::MAX), count_lower(MAX_EVIDENCE_MILLI));
}

/// P(Bin(n, 5 %) ≤ k).
fn binomial(n: usize, k: usize) -> f64 {
    let n = n as f64;
    let term = |i: usize| {
        let i = i as f64;
        let ways = ln_gamma(n + 1.0) - ln_gamma(i + 1.0) - ln_gamma(n - i + 1.0);
        (ways + i * 0.05_f64.ln() + (n - i) * 0.95_f64.ln()).exp()
    };
    (0..=k).map(term).sum()
}

#[test]
fn as_many_of_the_slowest_are_left_out_as_the_exact_binomial_allows() {
    assert!((binomial(2, 1) - 0.9975).abs() < 1e-12);
    for n in 0..=MAX_SAMPLES {
        match slowest_left_out(n) {
            Some(k) => {
                assert!(binomial(n, k) <= 0.1, "{n} samples, {k} left out");
                assert!(binomial(n, k + 1) > 0.1, "{n} samples, {k} left out");
            }
            None => assert!(n == 0 || binomial(n, 0) > 0.1, "{n} samples"),
        }
    }
    assert_eq!(
        (slowest_left_out(44), slowest_left_out(45)),
        (None, Some(0))
    );
    assert_eq!(slowest_left_out(usize::MAX), slowest_left_out(MAX_SAMPLES));
}

/// Counts of every size, in thousandths.
fn count() -> impl Strategy<Value = u64> {
    (0_u32..28, any::<u64>()).prop_map(|(bits, value)| value & ((1 << bits) - 1))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_success_never_lowers_the_bound_and_a_failure_never_raises_it(
        (a, b) in (count(), count()),
        more in prop_oneof![Just(1_u64), Just(1_000), 1..1_000_000_u64],
    ) {
        let bound = lower(a, b);
        prop_assert!(lower(a + more, b) >= bound);
        prop_assert!(lower(a, b + more) <= bound);
        prop_assert!(upper(a, b + more) <= upper(a, b));
        prop_assert!(upper(a + more, b) >= upper(a, b));
        let (low, high) = (bound.get(), upper(a, b).get());
        prop_assert!(low <= high || low == FLOOR || high == 1_000_000 - FLOOR);
        prop_assert!(count_lower(a + more) >= count_lower(a));
    }

    #[test]
    fn no_input_panics(a: u64, b: u64) {
        prop_assert!(lower(a, b).get() >= FLOOR);
        prop_assert!(upper(a, b).get() <= 1_000_000 - FLOOR);
        prop_assert!(count_lower(a) <= a);
    }
}
