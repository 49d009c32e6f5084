//! The floor: a bare loop over wasmtime, written by hand, with the pool settings that measured best and
//! nothing else. It meters, bounds memory and canonicalises NaN like the product; it charges nothing for
//! host calls, checks nothing of the report, hashes nothing and isolates nothing.

use std::sync::Arc;

use wasmtime::component::{
    Component, ComponentExportIndex, HasSelf, InstancePre, Linker, Resource, ResourceType,
};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Result,
    Store, StoreLimits, StoreLimitsBuilder,
};

use bindings::proofmark::validator::artifacts::{AccessError, Entry};
use bindings::proofmark::validator::{artifacts, log, reference, submission, types};

#[allow(missing_docs, unreachable_pub)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit/proofmark-validator-1.0.0",
        world: "validator",
        with: { "proofmark:validator/artifacts.artifact": super::Input },
    });
}

/// The one file there is; handles carry nothing. Public, because the bindings export it again.
#[allow(unreachable_pub)]
pub struct Input;

/// What a store carries.
struct State {
    limits: StoreLimits,
    input: Arc<[u8]>,
}

/// What `evaluate` returns.
type Answer = (Result<types::Report, types::Refusal>,);

/// A component that is linked and ready.
pub(crate) struct Bare {
    engine: Engine,
    pre: InstancePre<State>,
    evaluate: ComponentExportIndex,
    input: Arc<[u8]>,
    fuel: Option<u64>,
}

/// Like the product's default.
const MEMORY_BYTES: usize = 128 << 20;
/// Runs at once.
const SLOTS: u32 = 16;

fn engine(metered: bool) -> Result<Engine> {
    let mut config = Config::new();
    config.consume_fuel(metered);
    config.cranelift_nan_canonicalization(true);
    config.cranelift_opt_level(OptLevel::Speed);
    config.concurrency_support(false);
    config.max_wasm_stack(1 << 20);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(SLOTS)
        .total_core_instances(SLOTS * 8)
        .total_memories(SLOTS)
        .total_tables(SLOTS * 4)
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(64 << 10)
        .pagemap_scan(Enabled::Auto);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config)
}

impl Bare {
    /// Compile and link; without `fuel` the code is compiled without metering.
    pub(crate) fn new(component: &[u8], input: &[u8], fuel: Option<u64>) -> Result<Self> {
        let engine = engine(fuel.is_some())?;
        let component = Component::from_binary(&engine, component)?;
        let mut linker = Linker::new(&engine);
        bindings::Validator::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
        for uses in ["submission", "reference"] {
            let mut instance = linker.instance(&format!("proofmark:validator/{uses}@1.0.0"))?;
            instance.resource("artifact", ResourceType::host::<Input>(), |_, _| Ok(()))?;
        }
        // WASI is imported by the standard library and not called in these runs.
        linker.define_unknown_imports_as_traps(&component)?;
        let export = component.get_export_index(None, "evaluate");
        let evaluate = export.ok_or_else(|| wasmtime::Error::msg("there is no `evaluate`"))?;
        let pre = linker.instantiate_pre(&component)?;
        Ok(Self {
            engine,
            pre,
            evaluate,
            input: input.into(),
            fuel,
        })
    }

    /// One run in a fresh store and instance; how many checks passed.
    pub(crate) fn run(&self, params: &str) -> Result<usize> {
        let limits = StoreLimitsBuilder::new().memory_size(MEMORY_BYTES).build();
        let mut store = Store::new(
            &self.engine,
            State {
                limits,
                input: Arc::clone(&self.input),
            },
        );
        store.limiter(|state| &mut state.limits);
        if let Some(fuel) = self.fuel {
            store.set_fuel(fuel)?;
        }
        let instance = self.pre.instantiate(&mut store)?;
        // The bindings' own call would check the types of all three exports, every time.
        let evaluate = instance.get_typed_func::<(&str,), Answer>(&mut store, &self.evaluate)?;
        let (report,) = evaluate.call(&mut store, (params,))?;
        let checks = report.map(|report| report.checks).unwrap_or_default();
        Ok(checks
            .iter()
            .filter(|check| check.status == types::Status::Pass)
            .count())
    }
}

impl State {
    fn range(&self, offset: u64, len: u64) -> Result<&[u8], AccessError> {
        let start = usize::try_from(offset).map_err(|_| AccessError::OutOfRange)?;
        let rest = self.input.get(start..).ok_or(AccessError::OutOfRange)?;
        Ok(&rest[..rest.len().min(usize::try_from(len).unwrap_or(usize::MAX))])
    }
}

impl artifacts::HostArtifact for State {
    fn size(&mut self, _: Resource<Input>) -> u64 {
        self.input.len() as u64
    }

    fn digest(&mut self, _: Resource<Input>) -> Vec<u8> {
        vec![0; 32]
    }

    fn read(&mut self, _: Resource<Input>, offset: u64, len: u32) -> Result<Vec<u8>, AccessError> {
        self.range(offset, len.into()).map(<[u8]>::to_vec)
    }

    fn read_records(
        &mut self,
        _: Resource<Input>,
        _: u64,
        _: u32,
        _: u8,
    ) -> Result<Vec<u8>, AccessError> {
        Err(AccessError::OutOfRange)
    }

    fn hash_range(
        &mut self,
        _: Resource<Input>,
        offset: u64,
        len: u64,
    ) -> Result<Vec<u8>, AccessError> {
        use sha2::Digest as _;
        self.range(offset, len)
            .map(|bytes| sha2::Sha256::digest(bytes).to_vec())
    }

    fn drop(&mut self, _: Resource<Input>) -> Result<()> {
        Ok(())
    }
}

impl artifacts::Host for State {}
impl types::Host for State {}

impl submission::Host for State {
    fn enumerate(&mut self, _: Option<String>, _: u32) -> Vec<Entry> {
        Vec::new()
    }

    fn open(&mut self, _: String) -> Result<Resource<Input>, AccessError> {
        Ok(Resource::new_own(0))
    }
}

impl reference::Host for State {
    fn enumerate(&mut self, _: Option<String>, _: u32) -> Vec<Entry> {
        Vec::new()
    }

    fn open(&mut self, _: String) -> Result<Resource<Input>, AccessError> {
        Err(AccessError::NotFound)
    }
}

impl log::Host for State {
    fn write(&mut self, _: log::Level, _: String) {}
}
