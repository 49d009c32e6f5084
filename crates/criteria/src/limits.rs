//! The deterministic limits of one run: part of the criteria, the same on every machine.
//!
//! Limits that depend on a clock or on the host (CPU seconds, resident memory) protect the host and are
//! not here: they belong to the engine and never decide a verdict.

use proofmark_core::{MAX_SAFE_INTEGER, integer};
use serde::{Deserialize, Serialize};

/// Default of [`Limits::fuel`]: 10^9, some 50 to 110 ms of compiled code at 9 to 21 units per ns.
pub const DEFAULT_FUEL: u64 = 1_000_000_000;
/// Default of [`Limits::fuel_per_byte`]: parsing JSON costs 137 units per byte in Rust and 522 in the
/// slowest JavaScript engine, times two for the work on what was parsed.
pub const DEFAULT_FUEL_PER_BYTE: u64 = 1_000;
/// Default of [`Limits::memory_bytes`]: 128 MiB = 128 × 2^20; CPython starts with 13 MiB.
pub const DEFAULT_MEMORY_BYTES: u64 = 128 << 20;
/// Default of [`Limits::table_elements`]: the largest known guest (a JavaScript engine) has 7,689.
pub const DEFAULT_TABLE_ELEMENTS: u32 = 20_000;
/// Default of [`Limits::instances`]: CPython has 38 core instances in one component.
pub const DEFAULT_INSTANCES: u32 = 64;
/// Default of [`Limits::log_bytes`]: 64 KiB = 64 × 2^10, a thousand lines of 64 bytes.
pub const DEFAULT_LOG_BYTES: u32 = 64 << 10;
/// Default of [`Limits::log_messages`].
pub const DEFAULT_LOG_MESSAGES: u32 = 1_000;
/// Default of [`Limits::report_bytes`]: 1 MiB = 2^20, some 2,000 findings of 512 bytes.
pub const DEFAULT_REPORT_BYTES: u32 = 1 << 20;
/// Default of [`Limits::findings_per_check`]: more than a person reads.
pub const DEFAULT_FINDINGS_PER_CHECK: u32 = 100;
/// Default of [`Limits::read_bytes`]: 64 MiB = 64 × 2^20.
pub const DEFAULT_READ_BYTES: u64 = 64 << 20;
/// Default of [`Limits::read_passes`]: a multi-pass algorithm rarely needs more than 8.
pub const DEFAULT_READ_PASSES: u32 = 8;
/// Default of [`Limits::open_artifacts`].
pub const DEFAULT_OPEN_ARTIFACTS: u32 = 64;

/// Most fuel that a document may ask for: at 10^10 a second, about 17 minutes.
pub const MAX_FUEL: u64 = 10_000_000_000_000;
/// Most further fuel per byte: a hundredfold of what the slowest JSON guest measured needs, and more.
pub const MAX_FUEL_PER_BYTE: u64 = 1_000_000;
/// Most fuel of one run, whatever the size of the input: 10 × [`MAX_FUEL`], about three hours.
pub const MAX_RUN_FUEL: u64 = 10 * MAX_FUEL;
/// Largest [`Limits::memory_bytes`]: 1 GiB = 2^30.
pub const MAX_MEMORY_BYTES: u64 = 1 << 30;
/// Largest [`Limits::table_elements`], and what the engine's pool reserves per table.
pub const MAX_TABLE_ELEMENTS: u32 = 100_000;
/// Largest [`Limits::instances`].
pub const MAX_INSTANCES: u32 = 64;
/// Largest [`Limits::log_bytes`]: 1 MiB = 2^20.
pub const MAX_LOG_BYTES: u32 = 1 << 20;
/// Largest [`Limits::log_messages`].
pub const MAX_LOG_MESSAGES: u32 = 10_000;
/// Smallest [`Limits::report_bytes`]: 256 KiB = 256 × 2^10, some 500 findings of 512 bytes. The contract
/// promises it, so that a validator need not know the limit to stay below it.
pub const MIN_REPORT_BYTES: u32 = 256 << 10;
/// Largest [`Limits::report_bytes`]: 4 MiB = 4 × 2^20.
pub const MAX_REPORT_BYTES: u32 = 4 << 20;
/// Largest [`Limits::findings_per_check`].
pub const MAX_FINDINGS_PER_CHECK: u32 = 1_000;
/// Largest [`Limits::read_passes`].
pub const MAX_READ_PASSES: u32 = 1_000_000;
/// Largest [`Limits::open_artifacts`].
pub const MAX_OPEN_ARTIFACTS: u32 = 1_024;

/// One row per limit, so that the struct, its overrides, defaults and bounds cannot drift apart.
macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $default:expr, $min:expr => $max:expr;)+) => {
        /// The limits of one run, all of them explicit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Limits {
            $($(#[$doc])* pub $name: $type,)+
        }

        /// Any subset of [`Limits`]; what is absent keeps its value.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct LimitsOverride {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$type>,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Limits {
            /// The largest value of every limit.
            pub const MAX: Self = Self { $($name: $max,)+ };
            /// The smallest value of every limit with which a run makes sense.
            pub const MIN: Self = Self { $($name: $min,)+ };

            /// Every limit by name: value, smallest and largest allowed.
            #[must_use]
            pub fn rows(&self) -> Vec<LimitRow> {
                vec![$(LimitRow {
                    name: stringify!($name),
                    value: u64::from(self.$name),
                    min: u64::from(Self::MIN.$name),
                    max: u64::from(Self::MAX.$name),
                },)+]
            }
        }

        impl From<Limits> for LimitsOverride {
            fn from(limits: Limits) -> Self {
                Self { $($name: Some(limits.$name),)+ }
            }
        }

        impl LimitsOverride {
            /// `base` with the values that are present here.
            #[must_use]
            pub fn apply(&self, base: Limits) -> Limits {
                Limits { $($name: self.$name.unwrap_or(base.$name),)+ }
            }

            /// Names of the limits that are present here.
            #[must_use]
            pub fn present(&self) -> Vec<&'static str> {
                let mut names = Vec::new();
                $(if self.$name.is_some() { names.push(stringify!($name)); })+
                names
            }
        }
    };
}

limits! {
    /// Units of fuel for `evaluate`, whatever the size of the input.
    fuel: u64 = DEFAULT_FUEL, 1 => MAX_FUEL;
    /// Further units per byte of the input: the submission and the reference files.
    fuel_per_byte: u64 = DEFAULT_FUEL_PER_BYTE, 0 => MAX_FUEL_PER_BYTE;
    /// Bytes of all linear memories together.
    memory_bytes: u64 = DEFAULT_MEMORY_BYTES, 1 << 16 => MAX_MEMORY_BYTES;
    /// Elements of all tables together.
    table_elements: u32 = DEFAULT_TABLE_ELEMENTS, 0 => MAX_TABLE_ELEMENTS;
    /// Core instances.
    instances: u32 = DEFAULT_INSTANCES, 1 => MAX_INSTANCES;
    /// Bytes of all log messages together.
    log_bytes: u32 = DEFAULT_LOG_BYTES, 0 => MAX_LOG_BYTES;
    /// Number of log messages.
    log_messages: u32 = DEFAULT_LOG_MESSAGES, 0 => MAX_LOG_MESSAGES;
    /// Size of the report in bytes, as [`crate::report::size_bytes`] counts it.
    report_bytes: u32 = DEFAULT_REPORT_BYTES, MIN_REPORT_BYTES => MAX_REPORT_BYTES;
    /// Findings recorded per check; what a validator reports beyond is left out.
    findings_per_check: u32 = DEFAULT_FINDINGS_PER_CHECK, 0 => MAX_FINDINGS_PER_CHECK;
    /// Bytes that the host reads or hashes for the guest, whatever the size of the input.
    read_bytes: u64 = DEFAULT_READ_BYTES, 0 => MAX_SAFE_INTEGER;
    /// How often the whole input may be read on top of that.
    read_passes: u32 = DEFAULT_READ_PASSES, 0 => MAX_READ_PASSES;
    /// Artifacts open at once.
    open_artifacts: u32 = DEFAULT_OPEN_ARTIFACTS, 1 => MAX_OPEN_ARTIFACTS;
}

/// One limit with its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitRow {
    /// Name as in documents.
    pub name: &'static str,
    /// Its value.
    pub value: u64,
    /// The smallest value with which a run makes sense.
    pub min: u64,
    /// The largest value an engine must grant.
    pub max: u64,
}

impl Limits {
    /// Units of fuel, where submission and references have `input_bytes` together, at most
    /// [`MAX_RUN_FUEL`].
    #[must_use]
    pub fn fuel_for(&self, input_bytes: u64) -> u64 {
        let scaled = self.fuel_per_byte.saturating_mul(input_bytes);
        self.fuel.saturating_add(scaled).min(MAX_RUN_FUEL)
    }

    /// Bytes that the host reads for the guest, where submission and references have `input_bytes`
    /// together, at most 2^53 − 1.
    #[must_use]
    pub fn read_limit_for(&self, input_bytes: u64) -> u64 {
        let passes = u64::from(self.read_passes).saturating_mul(input_bytes);
        integer::saturate(self.read_bytes.saturating_add(passes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_inside_the_bounds() {
        for row in Limits::default().rows() {
            assert!((row.min..=row.max).contains(&row.value), "{row:?}");
            assert!(row.max <= MAX_SAFE_INTEGER, "{row:?}");
        }
        assert_eq!(Limits::default().rows().len(), 12);
    }

    #[test]
    fn overrides_replace_only_what_is_present() {
        let overrides = LimitsOverride {
            fuel: Some(5),
            open_artifacts: Some(1),
            ..LimitsOverride::default()
        };
        let limits = overrides.apply(Limits::default());
        assert_eq!((limits.fuel, limits.open_artifacts), (5, 1));
        assert_eq!(limits.memory_bytes, DEFAULT_MEMORY_BYTES);
        assert_eq!(overrides.present(), ["fuel", "open_artifacts"]);
    }

    #[test]
    fn fuel_and_reads_grow_with_the_input_and_saturate() {
        let limits = Limits::default();
        assert_eq!(limits.fuel_for(0), 1_000_000_000);
        assert_eq!(limits.fuel_for(2_000), 1_002_000_000);
        assert_eq!(limits.fuel_for(u64::MAX), MAX_RUN_FUEL);
        assert_eq!(limits.read_limit_for(10), (64 << 20) + 80);
        assert_eq!(limits.read_limit_for(u64::MAX), MAX_SAFE_INTEGER);
    }

    #[test]
    fn unknown_and_missing_members_are_refused() {
        assert!(serde_json::from_str::<LimitsOverride>(r#"{"feul":1}"#).is_err());
        assert!(serde_json::from_str::<Limits>(r#"{"fuel":1}"#).is_err());
        assert!(serde_json::from_str::<LimitsOverride>("{}").is_ok());
    }
}
