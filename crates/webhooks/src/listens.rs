//! Which events a webhook is told of.

use serde::{Deserialize, Serialize};

/// Most types that one webhook names.
pub const MAX_TYPES: usize = 50;

/// Longest name of a type.
const MAX_TYPE_BYTES: usize = 64;

/// Which events a webhook is told of: those of these types, about this subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listens {
    /// Types as messages have them: `contract.paid`, or `contract.*` for all of one subject. None means all.
    #[serde(default)]
    pub types: Vec<String>,
    /// An RFQ, with the contracts that follow from it, or a contract. None means the whole market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// Why nothing can be listened to in this way. Whoever asks is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListensError {
    /// There are too many types.
    #[error("a webhook names {MAX_TYPES} types at most")]
    Many,
    /// Something is no type.
    #[error("{0:?} is no type: say contract.paid, or contract.* for all of one subject")]
    Type(String),
    /// The subject is none.
    #[error("{0:?} is neither an RFQ nor a contract")]
    Subject(String),
}

impl Listens {
    /// Whether anything can match.
    ///
    /// # Errors
    /// [`ListensError`].
    pub fn check(&self) -> Result<(), ListensError> {
        if self.types.len() > MAX_TYPES {
            return Err(ListensError::Many);
        }
        if let Some(other) = self.types.iter().find(|it| !is_type(it)) {
            let shown = other.chars().take(MAX_TYPE_BYTES).collect();
            return Err(ListensError::Type(shown));
        }
        match self.of.as_deref().filter(|of| !is_subject(of)) {
            None => Ok(()),
            Some(other) => {
                let shown = other.chars().take(MAX_TYPE_BYTES).collect();
                Err(ListensError::Subject(shown))
            }
        }
    }

    /// Whether an event of this type about this subject is told.
    #[must_use]
    pub fn hears(&self, kind: &str, subject: &str) -> bool {
        let fits = |wanted: &String| match wanted.strip_suffix('*') {
            Some(start) => kind.starts_with(start),
            None => kind == wanted,
        };
        let typed = self.types.is_empty() || self.types.iter().any(fits);
        typed && self.of.as_ref().is_none_or(|of| concerns(of, subject))
    }
}

fn concerns(of: &str, subject: &str) -> bool {
    // A contract is named by the digits of its RFQ, and the number of its milestone.
    let of_rfq = || {
        let rest = subject.strip_prefix("con_")?;
        let milestone = rest.strip_prefix(of.strip_prefix("rfq_")?)?;
        Some(milestone.starts_with('_'))
    };
    of == subject || of_rfq().unwrap_or(false)
}

fn is_type(text: &str) -> bool {
    let named = |part: &str| {
        let allowed = |it: u8| it.is_ascii_lowercase() || it == b'_';
        !part.is_empty() && part.bytes().all(allowed)
    };
    let parts = text.split_once('.');
    let parts = parts.filter(|_| text.len() <= MAX_TYPE_BYTES);
    parts.is_some_and(|(subject, event)| {
        ["market", "rfq", "contract"].contains(&subject) && (event == "*" || named(event))
    })
}

fn is_subject(text: &str) -> bool {
    let digits = |text: &str| {
        let digit = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        text.len() == 32 && text.bytes().all(digit)
    };
    if let Some(rest) = text.strip_prefix("rfq_") {
        return digits(rest);
    }
    let contract = text.strip_prefix("con_").and_then(|it| it.split_once('_'));
    contract.is_some_and(|(rfq, milestone)| {
        let number = milestone.parse::<u8>().ok().filter(|it| *it > 0);
        digits(rfq) && number.is_some_and(|it| it.to_string() == milestone)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFQ: &str = "rfq_00112233445566778899aabbccddeeff";
    const CONTRACT: &str = "con_00112233445566778899aabbccddeeff_1";
    const OTHER: &str = "con_ff112233445566778899aabbccddeeff_1";

    fn listens(types: &[&str], of: Option<&str>) -> Listens {
        Listens {
            types: types.iter().map(|it| (*it).to_owned()).collect(),
            of: of.map(str::to_owned),
        }
    }

    #[test]
    fn types_and_subjects_choose() {
        let all = Listens::default();
        assert!(all.hears("market.deposited", "market"));
        let some = listens(&["contract.paid", "rfq.*"], None);
        assert!(some.hears("contract.paid", CONTRACT));
        assert!(some.hears("rfq.bid_placed", RFQ));
        assert!(!some.hears("contract.accepted", CONTRACT));
        assert!(!some.hears("contract.paid_back", CONTRACT));
        assert!(!some.hears("market.deposited", "market"));
        let rfq = listens(&[], Some(RFQ));
        assert!(rfq.hears("rfq.bid_placed", RFQ));
        assert!(rfq.hears("contract.paid", CONTRACT), "it follows from it");
        assert!(!rfq.hears("contract.paid", OTHER));
        assert!(!rfq.hears("market.deposited", "market"));
        let contract = listens(&["contract.*"], Some(CONTRACT));
        assert!(contract.hears("contract.paid", CONTRACT));
        assert!(!contract.hears("rfq.bid_placed", RFQ));
    }

    #[test]
    fn what_can_never_match_is_refused() {
        for good in ["contract.paid", "rfq.*", "market.party_registered"] {
            assert_eq!(listens(&[good], None).check(), Ok(()), "{good}");
        }
        for bad in [
            "",
            "paid",
            "*",
            "party.paid",
            "contract.",
            "contract.Paid",
            "contract.paid.late",
            "contract.p*",
        ] {
            let refused = listens(&[bad], None).check();
            assert_eq!(refused, Err(ListensError::Type(bad.to_owned())), "{bad}");
        }
        assert_eq!(
            listens(&["rfq.*"; MAX_TYPES + 1], None).check(),
            Err(ListensError::Many)
        );
        for good in [RFQ, CONTRACT] {
            assert_eq!(listens(&[], Some(good)).check(), Ok(()), "{good}");
        }
        for bad in ["market", "rfq_1", "con_00112233445566778899aabbccddeeff_01"] {
            let refused = listens(&[], Some(bad)).check();
            assert_eq!(refused, Err(ListensError::Subject(bad.to_owned())), "{bad}");
        }
    }
}
