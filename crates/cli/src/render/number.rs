//! Numbers as people read them.

use proofmark_core::Ppm;

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Parts per million as a percentage with four places: exact, because 10,000 parts are one percent.
pub(crate) fn percent(share: Ppm) -> String {
    let parts = share.get();
    format!("{}.{:04} %", parts / 10_000, parts % 10_000)
}

/// A duration with three digits that matter.
pub(crate) fn duration(time: std::time::Duration) -> String {
    match time.as_micros() {
        micros if micros < 1_000 => format!("{micros} µs"),
        micros if micros < 1_000_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        micros => format!(
            "{}.{:02} s",
            micros / 1_000_000,
            micros % 1_000_000 / 10_000
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn parts_per_million_are_exact_percentages() {
        assert_eq!(
            percent(Ppm::new(990_175).expect("below a million")),
            "99.0175 %"
        );
        assert_eq!(percent(Ppm::new(1).expect("below a million")), "0.0001 %");
    }
}
