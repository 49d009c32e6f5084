//! Canonical JSON: RFC 8785 under a strict profile.
//!
//! Everything that is hashed or signed is written by [`to_bytes`] and read by [`parse`]. The profile
//! leaves out of JSON what two implementations may disagree about:
//!
//! | Not in the profile | Why |
//! |---|---|
//! | numbers with a fraction or exponent | their shortest text form is a famous source of bugs |
//! | integers beyond ±(2^53 − 1) | RFC 8785 would round them without a word |
//! | `null` | a member that is absent is omitted; there is one way to say it |
//! | duplicate member names | readers disagree about which one wins |
//!
//! [`parse`] accepts exactly the documents that [`to_bytes`] can write, in any spelling of them.

mod parse;

use serde::Serialize;
use serde_json::{Number, Value};

pub use parse::{ParseError, ParseLimits, parse, read_as};

use crate::{Digest, MAX_SAFE_INTEGER, pointer};

/// Why a value has no canonical form. Whoever made the value is to blame.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// The value is not JSON at all, for instance a map whose keys are not text.
    #[error("the value cannot be written as JSON")]
    Serialize(#[source] serde_json::Error),
    /// A value outside the profile.
    #[error("{what} has no canonical form")]
    Unsupported {
        /// JSON Pointer to the value.
        pointer: String,
        /// What it is.
        what: Unsupported,
    },
}

/// A JSON value outside the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// A number with a fraction or an exponent, or minus zero.
    #[error("a number that is not an integer")]
    Fraction,
    /// An integer beyond ±(2^53 − 1).
    #[error("an integer beyond 2^53 - 1")]
    LargeInteger,
    /// `null`.
    #[error("`null`")]
    Null,
}

impl CanonicalError {
    /// JSON Pointer to the offending value, if there is one.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::Serialize(_) => None,
            Self::Unsupported { pointer, .. } => Some(pointer),
        }
    }
}

/// The canonical bytes of `value`.
///
/// # Errors
/// [`CanonicalError`] if the value, serialized, is outside the profile.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    value_to_bytes(&serde_json::to_value(value).map_err(CanonicalError::Serialize)?)
}

/// The canonical bytes of a JSON value; what [`to_bytes`] says of it, without a copy.
///
/// # Errors
/// [`CanonicalError`] if the value is outside the profile.
pub fn value_to_bytes(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    check(value)?;
    // Inside the profile only the order of members is left to sort: serde_json writes strings and integers as RFC 8785
    // does. A document whose members are in order already is most of what an engine hashes, so this counts.
    let written = match in_order(value) {
        true => serde_json::to_vec(value),
        false => serde_json_canonicalizer::to_vec(value),
    };
    written.map_err(CanonicalError::Serialize)
}

/// The compact form as serde writes it. That is the canonical one of a type whose members are declared in the order of RFC
/// 8785, which omits what is absent, and whose numbers are inside the profile: whoever declares such a type tests it against
/// [`to_bytes`], which takes many times as long.
///
/// # Errors
/// [`CanonicalError::Serialize`] if it is no JSON at all.
pub fn ordered_bytes<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    serde_json::to_vec(value).map_err(CanonicalError::Serialize)
}

/// The digest of the canonical bytes of `value`.
///
/// # Errors
/// As [`to_bytes`].
pub fn digest<T: Serialize + ?Sized>(value: &T) -> Result<Digest, CanonicalError> {
    Ok(Digest::of(&to_bytes(value)?))
}

/// Whether `value` is inside the profile.
///
/// # Errors
/// The first value outside it, in the order of the document.
pub fn check(value: &Value) -> Result<(), CanonicalError> {
    let mut innermost = Vec::new();
    check_value(value, &mut innermost).map_err(|what| CanonicalError::Unsupported {
        pointer: pointer::from_innermost(&innermost),
        what,
    })
}

/// Leaves the tokens of the offending place in `path`, the innermost first.
fn check_value(value: &Value, path: &mut Vec<String>) -> Result<(), Unsupported> {
    match value {
        Value::Null => Err(Unsupported::Null),
        Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => check_number(number),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check_value(item, path).inspect_err(|_| path.push(index.to_string()))?;
            }
            Ok(())
        }
        Value::Object(members) => {
            for (name, member) in members {
                check_value(member, path).inspect_err(|_| path.push(name.clone()))?;
            }
            Ok(())
        }
    }
}

/// Whether each object's members stand in the order of RFC 8785 (§3.2.3, UTF-16) by what is the same in UTF-8.
fn in_order(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(in_order),
        Value::Object(members) => {
            members.keys().all(|name| name.is_ascii())
                && members.keys().is_sorted()
                && members.values().all(in_order)
        }
        _ => true,
    }
}

fn check_number(number: &Number) -> Result<(), Unsupported> {
    let magnitude = match (number.as_u64(), number.as_i64()) {
        (Some(value), _) => value,
        (None, Some(value)) => value.unsigned_abs(),
        (None, None) => return Err(Unsupported::Fraction),
    };
    if magnitude > MAX_SAFE_INTEGER {
        return Err(Unsupported::LargeInteger);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
