//! Why less is paid than was claimed.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// The policy does not know the category.
    UnknownCategory,
    /// The policy excludes it.
    NotCovered,
    /// Before the first day of the policy, or after the last.
    OutsidePeriod,
    /// Before the category's cover begins.
    WaitingPeriod,
    /// Too long after its date.
    FiledLate,
    /// The limit of the category is used up, in part or altogether.
    CategoryLimit,
    /// The insured bears it first.
    Deductible,
    /// The insured bears a share.
    Coinsurance,
    /// The limit of the policy is used up, in part or altogether.
    PolicyLimit,
}

impl Reason {
    /// All of them.
    pub(crate) const ALL: [Self; 9] = [
        Self::UnknownCategory,
        Self::NotCovered,
        Self::OutsidePeriod,
        Self::WaitingPeriod,
        Self::FiledLate,
        Self::CategoryLimit,
        Self::Deductible,
        Self::Coinsurance,
        Self::PolicyLimit,
    ];

    /// As it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownCategory => "unknown-category",
            Self::NotCovered => "not-covered",
            Self::OutsidePeriod => "outside-period",
            Self::WaitingPeriod => "waiting-period",
            Self::FiledLate => "filed-late",
            Self::CategoryLimit => "category-limit",
            Self::Deductible => "deductible",
            Self::Coinsurance => "coinsurance",
            Self::PolicyLimit => "policy-limit",
        }
    }

    /// Whether the clause of the category is cited for it.
    pub(crate) const fn is_of_the_category(self) -> bool {
        matches!(
            self,
            Self::NotCovered | Self::WaitingPeriod | Self::CategoryLimit | Self::Coinsurance
        )
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let found = Self::ALL.into_iter().find(|it| it.as_str() == name);
        found.ok_or_else(|| D::Error::custom("a reason is none of those that there are"))
    }
}
