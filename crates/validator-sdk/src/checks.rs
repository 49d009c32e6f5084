//! Typed check ids.

/// The closed set of checks that a validator declares and reports; made by [`checks!`](crate::checks!).
pub trait CheckId: Copy + Ord + 'static {
    /// Every check, in the order of declaration.
    const ALL: &'static [Self];

    /// Its id in the contract.
    fn id(self) -> &'static str;

    /// What it asks, in a sentence.
    fn summary(self) -> &'static str;
}

/// Declares the checks of a validator: an enum, the ids of the contract and what each check asks.
/// An id that the contract does not allow, or one that occurs twice, does not compile.
///
/// ```
/// proofmark_validator_sdk::checks! {
///     /// What this validator reports.
///     pub enum Check {
///         /// No row is missing.
///         Coverage = "coverage": "Every id of the reference has a prediction.",
///         /// The share of correct rows.
///         Accuracy = "accuracy": "The share of correct predictions reaches the minimum.",
///     }
/// }
/// ```
#[macro_export]
macro_rules! checks {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$check_meta:meta])* $check:ident = $id:literal : $summary:literal),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        $visibility enum $name {
            $($(#[$check_meta])* $check),+
        }

        impl $crate::CheckId for $name {
            const ALL: &'static [Self] = &[$(Self::$check),+];

            fn id(self) -> &'static str {
                match self { $(Self::$check => $id),+ }
            }

            fn summary(self) -> &'static str {
                match self { $(Self::$check => $summary),+ }
            }
        }

        const _: () = $crate::checks::assert_ids(&[$($id),+]);
    };
}

/// Fails to compile unless all ids are allowed and differ.
#[doc(hidden)]
pub const fn assert_ids(ids: &[&str]) {
    let mut at = 0;
    while at < ids.len() {
        assert!(
            crate::text::is_code(ids[at]),
            "a check id is 1 to 64 of a-z, 0-9 and -"
        );
        let mut other = at + 1;
        while other < ids.len() {
            assert!(!same(ids[at], ids[other]), "a check id occurs twice");
            other += 1;
        }
        at += 1;
    }
}

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}
