//! Parts per million: the only fraction in Proofmark.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A share between nothing (0) and everything (1,000,000), in parts per million.
///
/// Scores and thresholds are integers because a sum of floating-point numbers depends on its order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "u32", into = "u32")]
pub struct Ppm(u32);

/// A number that is not a share: above 1,000,000. Whoever wrote the document is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is above 1000000 parts per million")]
pub struct PpmError(pub u32);

impl Ppm {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Everything: 1,000,000 parts per million.
    pub const ONE: Self = Self(1_000_000);

    /// A share of `ppm` parts per million.
    ///
    /// # Errors
    /// [`PpmError`] above 1,000,000.
    pub fn new(ppm: u32) -> Result<Self, PpmError> {
        Self::try_from(ppm)
    }

    /// The number of parts per million.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// `part / whole`, rounded down; `None` if `whole` is 0, or `part` is larger than it or above 2^108
    /// (where the product with a million overflows).
    ///
    /// ```
    /// use proofmark_core::Ppm;
    /// assert_eq!(Ppm::ratio(1, 3), Ppm::new(333_333).ok());
    /// assert_eq!(Ppm::ratio(1, 0), None);
    /// ```
    #[must_use]
    pub fn ratio(part: u128, whole: u128) -> Option<Self> {
        if part > whole {
            return None;
        }
        let ppm = part.checked_mul(1_000_000)?.checked_div(whole)?;
        u32::try_from(ppm).ok().map(Self)
    }
}

impl TryFrom<u32> for Ppm {
    type Error = PpmError;

    fn try_from(ppm: u32) -> Result<Self, PpmError> {
        if ppm > Self::ONE.0 {
            return Err(PpmError(ppm));
        }
        Ok(Self(ppm))
    }
}

impl From<Ppm> for u32 {
    fn from(ppm: Ppm) -> Self {
        ppm.0
    }
}

impl fmt::Display for Ppm {
    /// The bare number of parts per million; how a person sees it is the terminal's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_checked_everywhere() {
        assert_eq!(Ppm::new(1_000_000), Ok(Ppm::ONE));
        assert_eq!(Ppm::new(1_000_001), Err(PpmError(1_000_001)));
        assert!(serde_json::from_str::<Ppm>("1000001").is_err());
        assert!(serde_json::from_str::<Ppm>("-1").is_err());
        assert!(serde_json::from_str::<Ppm>("0.5").is_err());
    }

    #[test]
    fn serde_is_a_plain_number() -> Result<(), serde_json::Error> {
        assert_eq!(serde_json::to_string(&Ppm(950_000))?, "950000");
        assert_eq!(serde_json::from_str::<Ppm>("950000")?, Ppm(950_000));
        Ok(())
    }

    #[test]
    fn ratios_round_down() {
        for (part, whole, ppm) in [(0, 1, 0), (2, 3, 666_666), (999_999, 1_000_000, 999_999)] {
            assert_eq!(Ppm::ratio(part, whole), Some(Ppm(ppm)));
        }
        assert_eq!(Ppm::ratio(4, 3), None);
        assert_eq!(Ppm::ratio(u128::MAX, u128::MAX), None);
    }
}
