//! What an amount is an amount of.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest code of an asset, in characters.
const MAX_CODE: usize = 12;
/// Largest scale: 10^18 is the largest power of ten of which a few still fit an `i64`.
const MAX_SCALE: u8 = 18;

/// A currency or another countable thing, and into how many decimal places it is divided: `USD/2` counts cents.
///
/// The code is 1 to 12 characters of `A-Z 0-9 .`, the scale 0 to 18. Ordered by code, then by scale.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asset {
    /// Padded with zeros, so that shorter codes come first.
    code: [u8; MAX_CODE],
    scale: u8,
}

/// Text that is no asset. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssetError {
    /// The code is empty, longer than 12 characters, or has a character outside `A-Z 0-9 .`.
    #[error("the code of an asset is 1 to 12 characters of A-Z, 0-9 and `.`")]
    Code,
    /// The scale is above 18.
    #[error("the scale of an asset is 0 to 18")]
    Scale,
    /// The text is not a code, `/` and a scale in plain digits.
    #[error("an asset is written as its code, `/` and its scale: USD/2")]
    Form,
}

impl Asset {
    /// The asset with this code, divided into 10^`scale` minor units.
    ///
    /// # Errors
    /// [`AssetError::Code`] before [`AssetError::Scale`].
    pub fn new(code: &str, scale: u8) -> Result<Self, AssetError> {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'.';
        if code.is_empty() || code.len() > MAX_CODE || !code.bytes().all(allowed) {
            return Err(AssetError::Code);
        }
        if scale > MAX_SCALE {
            return Err(AssetError::Scale);
        }
        let mut padded = [0; MAX_CODE];
        padded[..code.len()].copy_from_slice(code.as_bytes());
        Ok(Self {
            code: padded,
            scale,
        })
    }

    /// The code, without the scale.
    #[must_use]
    pub fn code(&self) -> &str {
        let length = self.code.iter().position(|byte| *byte == 0);
        let code = &self.code[..length.unwrap_or(MAX_CODE)];
        str::from_utf8(code).expect("a code is ASCII")
    }

    /// The code as it is kept: equal for equal codes, whatever the scale.
    pub(crate) const fn padded_code(&self) -> &[u8; MAX_CODE] {
        &self.code
    }

    /// How many decimal places of a major unit one minor unit is.
    #[must_use]
    pub const fn scale(&self) -> u8 {
        self.scale
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.code(), self.scale)
    }
}

impl fmt::Debug for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Asset {
    type Err = AssetError;

    fn from_str(text: &str) -> Result<Self, AssetError> {
        let (code, scale) = text.split_once('/').ok_or(AssetError::Form)?;
        let asset = Self::new(code, scale.parse().map_err(|_| AssetError::Form)?)?;
        // `+2` and `02` also parse; one asset has one spelling.
        match asset.scale.to_string() == scale {
            true => Ok(asset),
            false => Err(AssetError::Form),
        }
    }
}

impl Serialize for Asset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Asset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
#[path = "asset_tests.rs"]
mod tests;
