//! Amounts as people write them.

use proofmark_ledger::{Amount, Asset};
use proofmark_market::explain::money;

use crate::failure::Failure;

/// `40`, `40.5` or `40.00` in `USD/2`: so many minor units.
pub(super) fn parse(text: &str, asset: Asset) -> Result<Amount, Failure> {
    let scale = usize::from(asset.scale());
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let dot = text.contains('.');
    let sound = !whole.is_empty() && digits(whole) && digits(part) && dot != part.is_empty();
    if !sound || part.len() > scale {
        return Err(malformed(text, asset));
    }
    let minor = format!("{whole}{part:0<scale$}");
    let minor = minor.parse().map_err(|_| malformed(text, asset))?;
    Amount::new(minor).map_err(|_| malformed(text, asset))
}

fn malformed(text: &str, asset: Asset) -> Failure {
    let example = money(Amount::MAX, asset);
    let why = format!("{text:?} is no amount of {}", asset.code());
    let hint = format!(
        "digits, and at most {} after a point; no more than {example}",
        asset.scale()
    );
    Failure::input("amount-malformed", why, hint)
}

/// As [`money`], of a member that holds minor units.
pub(super) fn shown(minor: &serde_json::Value, asset: Option<Asset>) -> String {
    let amount = minor.as_i64().and_then(|minor| Amount::new(minor).ok());
    match (amount, asset) {
        (Some(amount), Some(asset)) => money(amount, asset),
        _ => minor.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(text: &str, asset: &str) -> Option<i64> {
        let asset = asset.parse().expect("an asset");
        parse(text, asset).ok().map(Amount::minor)
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, asset, expected) in [
            ("40", "USD/2", 4_000),
            ("40.5", "USD/2", 4_050),
            ("40.05", "USD/2", 4_005),
            ("0.01", "USD/2", 1),
            ("0", "USD/2", 0),
            ("7", "JPY/0", 7),
            ("90071992547409.91", "USD/2", 9_007_199_254_740_991),
        ] {
            assert_eq!(minor(text, asset), Some(expected), "{text}");
        }
    }

    #[test]
    fn nothing_is_rounded_and_nothing_guessed() {
        let wrong = [
            "",
            ".",
            "40.",
            ".5",
            "40.005",
            "-1",
            "+1",
            "1e3",
            "1,000",
            " 1",
            "4 0",
            "90071992547409.92",
            "99999999999999999999",
        ];
        for text in wrong {
            assert_eq!(minor(text, "USD/2"), None, "{text:?}");
        }
        assert_eq!(minor("7.0", "JPY/0"), None);
    }
}
