//! Everything besides module and request that a run, or its fuel, depends on.

use serde::Serialize;

/// Units of a validator's fuel for each unit of the interpreter's: it takes about five times as long for an instruction as compiled
/// code does, and so costs five times as much.
pub const FUEL_FACTOR: u64 = 5;

/// Longest module, in bytes: a large program of a compiled language has 2 to 4 MiB.
pub const MAX_MODULE_BYTES: u64 = 4 << 20;

/// A validator's fuel for loading, for each byte of the module.
pub const LOAD_PER_BYTE: u64 = 400;

/// Most imports: preview 1 has 46 functions, and each import is linked for every run.
pub(crate) const MAX_IMPORTS: usize = 1_000;

/// Most locals of a function: each call clears them, for the price of a call.
pub(crate) const MAX_LOCALS: u64 = 2_048;

/// Calls inside calls. Counted, not measured in native stack, so that it is the same everywhere.
pub(crate) const MAX_RECURSION: usize = 10_000;

/// Values of all calls that are open, in bytes.
pub(crate) const MAX_STACK_BYTES: usize = 8 << 20;

/// Most elements of all tables together.
pub(crate) const MAX_TABLE_ELEMENTS: u64 = 100_000;

/// Most files that are open at once.
pub(crate) const MAX_OPEN: usize = 256;

/// Seed of the fixed stream that stands for chance; arbitrary (the golden ratio, as SplitMix64 uses it), and small enough to be
/// written in JSON.
pub(crate) const RANDOM_SEED: u64 = 0x1e37_79b9_7f4a_7c15 & ((1 << 53) - 1);

/// What is paid for beyond instructions, in units of the interpreter's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prices {
    /// Every call of the system.
    pub call: u64,
    /// Per byte that a call reads or writes.
    pub per_byte: u64,
    /// Every run: an instance is made, and its imports are linked.
    pub run: u64,
    /// Every run, per byte of the module: data and tables are filled.
    pub run_per_module_byte: u64,
    /// Every run, per 64 bytes of the memory that it begins with; growth costs the same.
    pub run_per_64_bytes: u64,
}

pub(crate) const PRICES: Prices = Prices {
    call: 200,
    per_byte: 1,
    run: 2_000,
    run_per_module_byte: 1,
    run_per_64_bytes: 1,
};

/// The profile of this release: part of the engine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Who interprets.
    pub interpreter: &'static str,
    /// Its exact release: another one can count other fuel.
    pub version: &'static str,
    /// What else decides which modules are valid, and what they become: crates, and their exact releases.
    pub parts: &'static [(&'static str, &'static str)],
    system: &'static str,
    features_on: &'static [&'static str],
    not_a_number: &'static str,
    fuel_factor: u64,
    max_module_bytes: u64,
    load_per_byte: u64,
    limits_of_parts: &'static str,
    max_locals: u64,
    max_imports: usize,
    max_recursion: usize,
    max_stack_bytes: usize,
    max_table_elements: u64,
    max_open: usize,
    clock: &'static str,
    random_seed: u64,
    prices: Prices,
}

/// See [`Profile`].
pub const PROFILE: Profile = Profile {
    interpreter: "wasmi",
    version: "2.0.0",
    parts: &[
        ("wasmi_core", "2.0.0"),
        ("wasmi_ir", "2.0.0"),
        ("wasmparser", "0.228.0"),
        ("wasmparser", "0.254.2"),
    ],
    system: crate::wasi::WASI,
    features_on: &[
        "bulk-memory",
        "floats",
        "mutable-global",
        "reference-types",
        "saturating-float-to-int",
        "sign-extension",
    ],
    not_a_number: "canonical",
    fuel_factor: FUEL_FACTOR,
    max_module_bytes: MAX_MODULE_BYTES,
    load_per_byte: LOAD_PER_BYTE,
    limits_of_parts: "wasmi's strict limits",
    max_locals: MAX_LOCALS,
    max_imports: MAX_IMPORTS,
    max_recursion: MAX_RECURSION,
    max_stack_bytes: MAX_STACK_BYTES,
    max_table_elements: MAX_TABLE_ELEMENTS,
    max_open: MAX_OPEN,
    clock: "from 1 ns, moved by waiting only",
    random_seed: RANDOM_SEED,
    prices: PRICES,
};
