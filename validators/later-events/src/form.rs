//! What a field of an event may say at all. Buyer and supplier agreed on it: any other value makes the event another one.

use crate::time::Time;
use crate::value::{Decimal, Value};
use serde::Deserialize;
use std::fmt;

/// The form of a field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// One of these.
    OneOf(Vec<Value>),
    /// A number.
    Number(Bounds),
    /// Exactly so many digits of a hexadecimal number, in small letters: a commit, a digest.
    Hex(usize),
    /// A text of 1 to so many bytes, without control characters.
    Text(usize),
    /// An instant, as `at` is written.
    Time,
    /// `true` or `false`.
    Boolean,
}

/// Between which bounds a number lies, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Bounds {
    pub(crate) at_least: Option<Decimal>,
    pub(crate) at_most: Option<Decimal>,
}

impl Bounds {
    pub(crate) fn hold(self, number: Decimal) -> bool {
        self.at_least.is_none_or(|it| it <= number) && self.at_most.is_none_or(|it| number <= it)
    }

    /// Whether there is a number that both allow.
    fn overlap(self, other: Self) -> bool {
        let least = self.at_least.max(other.at_least);
        let mosts = [self.at_most, other.at_most].into_iter().flatten();
        mosts
            .min()
            .is_none_or(|most| least.is_none_or(|it| it <= most))
    }
}

impl Form {
    /// Whether a value is of this form.
    pub(crate) fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::OneOf(values), value) => values.contains(value),
            (Self::Number(bounds), Value::Number(number)) => bounds.hold(*number),
            (Self::Hex(digits), Value::Text(text)) => {
                let is_digit = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
                text.len() == *digits && text.bytes().all(is_digit)
            }
            (Self::Text(bytes), Value::Text(text)) => {
                let fits = !text.is_empty() && text.len() <= *bytes;
                fits && !text.chars().any(char::is_control)
            }
            (Self::Time, Value::Text(text)) => Time::parse(text).is_some(),
            (Self::Boolean, Value::Flag(_)) => true,
            _ => false,
        }
    }

    /// Whether a value of this form can lie within the bounds.
    pub(crate) fn meets(&self, bounds: Bounds) -> bool {
        match self {
            Self::Number(own) => own.overlap(bounds),
            Self::OneOf(values) => values
                .iter()
                .any(|it| matches!(it, Value::Number(number) if bounds.hold(*number))),
            _ => false,
        }
    }

    /// Whether it says nothing that anything could be of.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::OneOf(values) => values.is_empty(),
            Self::Number(bounds) => !bounds.overlap(Bounds::default()),
            Self::Hex(count) | Self::Text(count) => *count == 0,
            Self::Time | Self::Boolean => false,
        }
    }
}

/// As a finding says what was expected.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneOf(values) => {
                let values: Vec<_> = values.iter().map(Value::to_string).collect();
                write!(f, "one of {}", values.join(", "))
            }
            Self::Number(Bounds { at_least, at_most }) => {
                f.write_str("a number")?;
                at_least.map_or(Ok(()), |it| write!(f, ", at least {it}"))?;
                at_most.map_or(Ok(()), |it| write!(f, ", at most {it}"))
            }
            Self::Hex(digits) => write!(f, "{digits} hexadecimal digits in small letters"),
            Self::Text(bytes) => write!(f, "a text of 1 to {bytes} bytes"),
            Self::Time => f.write_str("a time such as 2026-03-02T09:14:05Z"),
            Self::Boolean => f.write_str("true or false"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(json: &str) -> Form {
        serde_json::from_str(json).expect("a form")
    }

    #[test]
    fn a_form_admits_what_was_agreed_on() {
        for (of, good, bad) in [
            (
                r#"{"one_of":["customer",1]}"#,
                r#"["customer",1]"#,
                r#"["Customer","","1",2]"#,
            ),
            (
                r#"{"number":{"at_least":1,"at_most":"4.5"}}"#,
                "[1,4]",
                r#"[0,5,"3",true]"#,
            ),
            (r#"{"number":{}}"#, "[0,-9]", r#"["0"]"#),
            (
                r#"{"hex":4}"#,
                r#"["00af"]"#,
                r#"["00AF","00a","00aff","00ag",""]"#,
            ),
            (r#"{"text":5}"#, r#"["a","nän"]"#, r#"["","nänän","a\n",5]"#),
            (
                r#""time""#,
                r#"["2026-03-02T09:14:05Z"]"#,
                r#"["2026-03-02"]"#,
            ),
            (r#""boolean""#, "[true,false]", r#"["true",1]"#),
        ] {
            let (form, of_json) = (form(of), |it: &str| {
                serde_json::from_str::<Vec<Value>>(it).expect("values")
            });
            assert!(of_json(good).iter().all(|it| form.admits(it)), "{of}");
            assert!(!of_json(bad).iter().any(|it| form.admits(it)), "{of}");
        }
    }

    #[test]
    fn bounds_that_nothing_meets_are_known() {
        let bounds = |json: &str| serde_json::from_str::<Bounds>(json).expect("bounds");
        let score = form(r#"{"number":{"at_least":1,"at_most":5}}"#);
        assert!(score.meets(bounds(r#"{"at_most":1}"#)));
        assert!(!score.meets(bounds(r#"{"at_most":"0.9"}"#)));
        assert!(!score.meets(bounds(r#"{"at_least":6}"#)));
        assert!(form(r#"{"one_of":[1,2]}"#).meets(bounds(r#"{"at_least":2}"#)));
        assert!(!form(r#""boolean""#).meets(bounds("{}")));
        assert!(form(r#"{"number":{"at_least":2,"at_most":1}}"#).is_empty());
        assert!(form(r#"{"one_of":[]}"#).is_empty());
    }
}
