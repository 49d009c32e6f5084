//! wasmtime's configuration, derived from the profile.
//!
//! Every proposal is switched on or off by name, so that a future default cannot opt us in.

use std::sync::Arc;

use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, ModuleVersionStrategy, OperatorCost,
    PoolingAllocationConfig,
};

use crate::mapped::Publisher;
use crate::profile::{self, EngineProfile};

/// How hard Cranelift works. Alters speed, and at which depth the native stack overflows
/// ([`FaultCode::StackOverflow`](proofmark_criteria::FaultCode::StackOverflow)); nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum OptLevel {
    /// Compile quickly.
    None,
    /// Run quickly.
    #[default]
    Speed,
}

impl OptLevel {
    fn cranelift(self) -> wasmtime::OptLevel {
        match self {
            OptLevel::None => wasmtime::OptLevel::None,
            OptLevel::Speed => wasmtime::OptLevel::Speed,
        }
    }

    /// The word in the key of compiled code.
    pub fn as_str(self) -> &'static str {
        match self {
            OptLevel::None => "none",
            OptLevel::Speed => "speed",
        }
    }
}

/// An engine that only compiles. Has no pool: compilation needs memory for code, not for guests.
/// Cranelift runs on one thread (the feature for more is not compiled in), so that the limit on
/// processor time means something.
pub fn compiling_engine(opt: OptLevel) -> wasmtime::Result<Engine> {
    let mut config = base()?;
    config.cranelift_opt_level(opt.cranelift());
    Engine::new(&config)
}

/// An engine that only runs, with room for `slots` runs at once. It cannot compile.
pub fn running_engine(slots: u32) -> wasmtime::Result<Engine> {
    let mut config = base()?;
    config.enable_compiler(false);
    config.with_custom_code_memory(Some(Arc::new(Publisher)));
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(slots)));
    Engine::new(&config)
}

fn base() -> wasmtime::Result<Config> {
    let mut config = Config::new();
    determinism(&mut config);
    features(&mut config);
    silence(&mut config);
    config.max_wasm_stack(profile::MAX_WASM_STACK_BYTES);
    config.module_version(ModuleVersionStrategy::Custom(module_version()))?;
    config.target(profile::TARGET)?;
    for feature in profile::TARGET_FEATURES {
        // SAFETY: the flags are extensions of the instruction set; wasmtime checks when it loads the
        // code that the machine has them, and refuses otherwise.
        unsafe { config.cranelift_flag_enable(feature) };
    }
    Ok(config)
}

/// wasmtime compares the major version only; code of another patch release would be metered
/// differently, so the full version and the profile are part of the stamp.
pub fn module_version() -> String {
    format!(
        "{}+{}",
        profile::WASMTIME_VERSION,
        EngineProfile::current().digest().hex()
    )
}

fn determinism(config: &mut Config) {
    let mut cost = OperatorCost::new();
    cost.MemoryGrow = profile::PRICES.memory_grow;
    cost.variable.memory_grow_per_page = profile::PRICES.memory_grow_per_page;
    config.consume_fuel(true);
    config.operator_cost(cost);
    config.cranelift_nan_canonicalization(true);
    config.wasm_relaxed_simd(false);
    config.relaxed_simd_deterministic(true);
    config.epoch_interruption(false);
    config.memory_init_cow(true);
}

/// Threads, exceptions, function references and async have no switch here: wasmtime is compiled
/// without them, so the refusal is in the binary itself.
fn features(config: &mut Config) {
    config.wasm_simd(true);
    config.wasm_bulk_memory(true);
    config.wasm_multi_value(true);
    config.wasm_multi_memory(false);
    config.wasm_tail_call(false);
    config.wasm_component_model(true);
    config.wasm_memory64(false);
    config.wasm_wide_arithmetic(false);
    config.wasm_custom_page_sizes(false);
    config.wasm_stack_switching(false);
    config.wasm_gc(false);
    config.shared_memory(false);
    config.concurrency_support(false);
}

/// Text of the engine about a guest must never reach a record, so it is not even made.
fn silence(config: &mut Config) {
    config.wasm_backtrace_max_frames(None);
    config.generate_address_map(false);
    // Nothing unwinds through a guest natively: traps are caught, and host functions return errors.
    config.native_unwind_info(false);
}

/// Bytes of a memory and a table slot that stay resident between runs: clearing 1 MiB costs less
/// than faulting it in again (measured: 40 against 80 µs per run).
const KEEP_RESIDENT_BYTES: usize = 1 << 20;

fn pool(slots: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots)
        .total_core_instances(slots * profile::MAX_CORE_INSTANCES)
        .total_memories(slots * profile::MAX_MEMORIES as u32)
        .total_tables(slots * profile::MAX_TABLES as u32)
        .max_memory_size(proofmark_criteria::limits::MAX_MEMORY_BYTES as usize)
        .table_elements(proofmark_criteria::limits::MAX_TABLE_ELEMENTS as usize)
        .max_memories_per_component(profile::MAX_MEMORIES as u32)
        .max_tables_per_component(profile::MAX_TABLES as u32)
        .max_core_instances_per_component(profile::MAX_CORE_INSTANCES)
        .max_memories_per_module(1)
        .max_tables_per_module(profile::MAX_TABLES as u32)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    pool
}
