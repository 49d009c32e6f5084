//! How things are written.

use proofmark_core::{Ppm, Timestamp};
use proofmark_ledger::{Amount, Asset};
use proofmark_market::explain;

/// The beginning of a name: enough to tell apart, the whole stands in the link and in the title.
pub(crate) fn short(name: &impl ToString) -> String {
    let name = name.to_string();
    let rest = name
        .rsplit_once([':', '_'])
        .map_or(0, |(kind, _)| kind.len() + 1);
    // The milestone of a contract is told, and not its prefix alone.
    let end = name.char_indices().nth(16).map_or(name.len(), |(at, _)| at);
    match name.starts_with("sha256:") {
        true => format!("{}…", &name[rest..(rest + 12).min(name.len())]),
        false if end < name.len() => format!("{}…", &name[..end]),
        false => name,
    }
}

/// `2026-11-28 07:32:13 UTC`, to the second.
pub(crate) fn time(at: &Timestamp) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => text,
    }
}

/// As `40.00 USD`.
pub(crate) fn money(amount: Amount, asset: Asset) -> String {
    explain::money(amount, asset)
}

/// As `97.5 %`.
pub(crate) fn percent(share: Ppm) -> String {
    let tenths = share.get() / 1_000;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// As `2 h 30 min`: the two largest units.
pub(crate) fn duration(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let (mut left, mut parts) = (seconds, Vec::new());
    for (size, name) in UNITS {
        if left >= size {
            parts.push(format!("{} {name}", left / size));
            left %= size;
        }
    }
    parts.truncate(2);
    match parts.is_empty() {
        true => "0 s".to_owned(),
        false => parts.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (90, "1 min 30 s"),
            (9_000, "2 h 30 min"),
            (90_061, "1 d 1 h"),
        ] {
            assert_eq!(duration(seconds), expected);
        }
    }

    #[test]
    fn names_are_told_by_their_beginning() {
        let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
        assert_eq!(short(&digest), "0123456789ab…");
        assert_eq!(
            short(&"rfq_0123456789abcdef0123456789abcdef"),
            "rfq_0123456789ab…"
        );
        assert_eq!(short(&"0123"), "0123");
    }

    #[test]
    fn shares_are_rounded_down() {
        assert_eq!(percent(Ppm::new(975_999).expect("a share")), "97.5 %");
        assert_eq!(percent(Ppm::ONE), "100.0 %");
    }
}
