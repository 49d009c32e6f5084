//! The engine profile: everything besides the inputs that a verdict or its fuel depends on.
//!
//! Fuel is comparable only within one profile. The profile is serialised canonically and its digest
//! is part of every verdict record, so two parties that disagree can first see whether they ran the
//! same machine. What does *not* alter a verdict (the allocator, the isolation mode) is deliberately
//! absent. So is Cranelift's optimisation level, which alters one thing: at which depth the native stack
//! overflows. A run that ends so is recorded as such and must not be relied on; see
//! [`FaultCode::is_deterministic`](proofmark_criteria::FaultCode::is_deterministic). `tests/` shows that
//! records agree across all of these.

use std::sync::OnceLock;

use proofmark_core::{Digest, canonical};
use proofmark_criteria::{report, text};
use serde::Serialize;

/// The exact wasmtime release this engine is built with. A patch release can change fuel.
pub const WASMTIME_VERSION: &str = "48.0.8";

/// The profile's name, for people; its digest is its identity.
pub const PROFILE_NAME: &str = "proofmark-2";

/// Target triple that guests are compiled for, whatever the build machine is.
pub const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Instruction-set extensions the compiled code may use (x86-64-v2). Fixed, so that the compiled
/// code does not depend on the machine that compiles.
pub const TARGET_FEATURES: &[&str] = &[
    "has_sse3",
    "has_ssse3",
    "has_sse41",
    "has_sse42",
    "has_popcnt",
];

/// Stack that guest code may use, in bytes. CPython needs more than wasmtime's default 512 KiB.
pub const MAX_WASM_STACK_BYTES: usize = 1 << 20;

/// Native stack guaranteed below a run: the guest's 1 MiB, and room for host frames beneath it.
pub const NATIVE_STACK_BYTES: usize = 4 << 20;

/// Fuel for instantiation, apart from the run's own: data segments and start functions cost
/// differently from platform to platform (wasmtime issue 14331), so this is a wall and not a measure.
pub const INSTANTIATION_FUEL: u64 = 1_000_000_000;

/// Fuel for `describe` and for `check-params`: what is said once may not cost more than a run.
pub const DESCRIBE_FUEL: u64 = 1_000_000_000;

/// Most bytes one `read` or `read-records` may ask for.
pub const MAX_READ_BYTES: u32 = 1 << 20;

/// Most entries one `enumerate` may ask for.
pub const MAX_ENUMERATE: u32 = 1_000;

/// Most linear memories and tables of a guest, over all its core instances (CPython has 38 instances
/// and as many tables).
pub const MAX_MEMORIES: usize = 8;
/// See [`MAX_MEMORIES`].
pub const MAX_TABLES: usize = 64;

/// Most core instances of a guest (CPython has 38).
pub const MAX_CORE_INSTANCES: u32 = 64;

/// Most handles of resources that a guest may hold at once: open artifacts, and a few streams.
pub const MAX_HANDLES: usize = 4_096;

/// Longest name that is looked up; no artifact has a longer path.
pub const MAX_NAME_BYTES: usize = 1_024;

/// What `check-write` permits at once. A writer that respects it is never cut.
pub const WRITE_BYTES: u64 = 4_096;

/// Most programs that a validator may have loaded at once.
pub const MAX_PROGRAMS: u32 = 4;

/// Most bytes that a validator may pass to one run of a program: arguments, standard input and files.
pub const MAX_PROGRAM_INPUT_BYTES: u64 = 64 << 20;

/// Largest linear memory of a program. The host may hold twice as much for it.
pub const MAX_PROGRAM_MEMORY_BYTES: u64 = 256 << 20;

/// What the rest of a run counts as, once its fuel must say nothing more.
pub const SPENT_MARGIN_FUEL: u64 = 10_000_000;

/// Most bytes that a program may write in one run.
pub const MAX_PROGRAM_OUTPUT_BYTES: u32 = 4 << 20;

/// How reports are counted and cut before they are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportRules {
    structure_bytes: u64,
    max_name_bytes: usize,
    max_summary_bytes: usize,
    max_message_bytes: usize,
    max_evidence_bytes: usize,
    max_place_bytes: usize,
}

const REPORT_RULES: ReportRules = ReportRules {
    structure_bytes: report::STRUCTURE_BYTES,
    max_name_bytes: text::MAX_NAME_BYTES,
    max_summary_bytes: text::MAX_SUMMARY_BYTES,
    max_message_bytes: text::MAX_MESSAGE_BYTES,
    max_evidence_bytes: text::MAX_EVIDENCE_BYTES,
    max_place_bytes: text::MAX_PLACE_BYTES,
};

/// What a host call costs in fuel. Basis: a guest-to-host call takes about 0.1 µs and 1 ns of guest
/// time is about 10 fuel, so a call is 1,000; moving a byte costs the host 0.06 ns, charged as 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostPrices {
    /// Every host call, before anything else.
    pub call: u64,
    /// Opening an artifact: in a worker its descriptor comes from the parent, which takes 25 µs.
    pub open: u64,
    /// Per byte that `read` asks for and the artifact has.
    pub read_per_byte: u64,
    /// Per byte that `read-records` scans.
    pub read_records_per_byte: u64,
    /// Per byte hashed by `hash-range` (native SHA-256 takes 0.6 ns).
    pub hash_per_byte: u64,
    /// Per entry that `enumerate` returns, besides its text.
    pub enumerate_per_entry: u64,
    /// Per byte of text or data: names, log messages and standard output that the guest passes, paths that
    /// `enumerate` returns.
    pub text_per_byte: u64,
    /// Per byte of the fixed random stream.
    pub random_per_byte: u64,
    /// `memory.grow`, however much it adds: it takes the host 6 ns even for nothing.
    pub memory_grow: u8,
    /// Per 64 KiB page that `memory.grow` adds; wasmtime's own default is 0.
    pub memory_grow_per_page: u8,
}

/// The prices of this profile.
pub const PRICES: HostPrices = HostPrices {
    call: 1_000,
    open: 250_000,
    read_per_byte: 1,
    read_records_per_byte: 2,
    hash_per_byte: 8,
    enumerate_per_entry: 200,
    text_per_byte: 2,
    random_per_byte: 4,
    memory_grow: 255,
    memory_grow_per_page: 255,
};

/// The profile as it is serialised and hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineProfile {
    name: &'static str,
    runtime: &'static str,
    runtime_version: &'static str,
    target: &'static str,
    target_features: &'static [&'static str],
    validator_world: &'static str,
    features_on: &'static [&'static str],
    features_off: &'static [&'static str],
    nan_canonicalization: bool,
    relaxed_simd: &'static str,
    memory_init_cow: bool,
    max_wasm_stack_bytes: usize,
    instantiation_fuel: u64,
    max_read_bytes: u32,
    max_enumerate: u32,
    max_memories: usize,
    max_tables: usize,
    max_core_instances: u32,
    max_handles: usize,
    max_name_bytes: usize,
    write_bytes: u64,
    string_encoding: &'static str,
    report: ReportRules,
    memory_growth_over_limit: &'static str,
    stack_overflow: &'static str,
    host_prices: HostPrices,
    wasi: crate::run::wasi::FixedAnswers,
    max_programs: u32,
    max_program_input_bytes: u64,
    max_program_memory_bytes: u64,
    max_program_output_bytes: u32,
    spent_margin_fuel: u64,
    programs: proofmark_program::Profile,
}

impl EngineProfile {
    /// The one profile this engine runs.
    pub fn current() -> &'static EngineProfile {
        static PROFILE: OnceLock<EngineProfile> = OnceLock::new();
        PROFILE.get_or_init(|| EngineProfile {
            name: PROFILE_NAME,
            runtime: "wasmtime/cranelift",
            runtime_version: WASMTIME_VERSION,
            target: TARGET,
            target_features: TARGET_FEATURES,
            validator_world: proofmark_criteria::report::VALIDATOR_WORLD,
            features_on: &[
                "bulk-memory",
                "component-model",
                "multi-value",
                "reference-types",
                "simd",
            ],
            features_off: &[
                "component-model-async",
                "custom-page-sizes",
                "exceptions",
                "function-references",
                "gc",
                "memory64",
                "multi-memory",
                "relaxed-simd",
                "shared-memory",
                "stack-switching",
                "tail-call",
                "threads",
                "wide-arithmetic",
            ],
            nan_canonicalization: true,
            relaxed_simd: "off",
            memory_init_cow: true,
            max_wasm_stack_bytes: MAX_WASM_STACK_BYTES,
            instantiation_fuel: INSTANTIATION_FUEL,
            max_read_bytes: MAX_READ_BYTES,
            max_enumerate: MAX_ENUMERATE,
            max_memories: MAX_MEMORIES,
            max_tables: MAX_TABLES,
            max_core_instances: MAX_CORE_INSTANCES,
            max_handles: MAX_HANDLES,
            max_name_bytes: MAX_NAME_BYTES,
            write_bytes: WRITE_BYTES,
            string_encoding: "utf-8",
            report: REPORT_RULES,
            memory_growth_over_limit: "ends the run",
            stack_overflow: "at a depth that depends on generated code",
            host_prices: PRICES,
            wasi: crate::run::wasi::FIXED_ANSWERS,
            max_programs: MAX_PROGRAMS,
            max_program_input_bytes: MAX_PROGRAM_INPUT_BYTES,
            max_program_memory_bytes: MAX_PROGRAM_MEMORY_BYTES,
            max_program_output_bytes: MAX_PROGRAM_OUTPUT_BYTES,
            spent_margin_fuel: SPENT_MARGIN_FUEL,
            programs: proofmark_program::PROFILE,
        })
    }

    /// The profile's identity.
    pub fn digest(&self) -> Digest {
        static DIGEST: OnceLock<Digest> = OnceLock::new();
        *DIGEST.get_or_init(|| {
            canonical::digest(self).expect("the profile is integers, strings and booleans only")
        })
    }

    /// The profile's name.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
