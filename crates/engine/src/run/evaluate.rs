//! Load compiled code, and call the three exports of a validator.

use proofmark_criteria::fault::FaultCode;
use proofmark_criteria::limits::Limits;

use std::fs::File;

use proofmark_criteria::report::ValidatorManifest;
use proofmark_criteria::schema::ParamsAnswer;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Linker, Lower,
};
use wasmtime::{Engine, Store};

use super::bindings as wire;
use super::bounded::{Items, Text};
use super::state::{ArtifactHost, ArtifactListing, ArtifactSet, Bytes, ExtraImports, RunState};
use super::{RawEnd, RunInput, RunOutput, bounded, host, lift, wasi};
use crate::config;
use crate::fault::{CallError, HostFault, classify, host_cause};
use crate::mapped::Mapping;
use crate::profile;

/// The exports of the world, in one place.
const DESCRIBE: &str = "describe";
const CHECK_PARAMS: &str = "check-params";
const EVALUATE: &str = "evaluate";

/// A wasmtime engine without a compiler, and the imports every validator is given.
pub struct Runner {
    engine: Engine,
    linker: Linker<RunState>,
}

/// A validator that is ready to run: linked once, instantiated afresh for every run.
pub struct Loaded {
    pre: InstancePre<RunState>,
    describe: ComponentExportIndex,
    check_params: ComponentExportIndex,
    evaluate: ComponentExportIndex,
    /// Last, because it is dropped last: the code above lies in it.
    _mapping: Mapping,
}

/// Why compiled code could not be made ready.
#[derive(Debug)]
pub enum LoadError {
    /// The component lacks an export of the world.
    MissingExport(&'static str),
    /// The component imports something of another type, or something that is not offered.
    Imports(String),
    /// The component needs more instances, memories or tables at once than any run may have.
    Rejected(String),
    /// The system failed.
    Host(HostFault),
}

impl Runner {
    /// A runner with room for `slots` runs at once.
    ///
    /// # Errors
    /// When the machine lacks what the profile needs (address space, instruction set).
    pub fn new(slots: u32, extra: Option<ExtraImports>) -> Result<Self, HostFault> {
        supported_machine()?;
        let engine = config::running_engine(slots)
            .map_err(|error| HostFault::internal(format!("{error:#}")))?;
        let mut linker = Linker::new(&engine);
        host::add_to_linker(&mut linker)
            .and_then(|()| wasi::add_to_linker(&mut linker))
            .and_then(|()| extra.map_or(Ok(()), |extra| extra(&mut linker)))
            .map_err(HostFault::internal)?;
        Ok(Self { engine, linker })
    }

    /// Make compiled code ready to run.
    ///
    /// # Errors
    /// See [`LoadError`].
    ///
    /// # Safety
    /// The first `len` bytes of `code` are native code: they must come unchanged from
    /// [`crate::compile::compile`], and nobody may write to the file any more. The cache authenticates
    /// them with a keyed hash and never writes to a file twice; a worker gets them from its parent only.
    pub unsafe fn load(&self, code: &File, len: u64) -> Result<Loaded, LoadError> {
        let mapping = Mapping::of(code, len)
            .map_err(|error| LoadError::Host(HostFault::io("compiled code", error)))?;
        // SAFETY: the caller vouches for the bytes; they stay where they are for as long as `Loaded`.
        let component = unsafe { Component::deserialize_raw(&self.engine, mapping.memory()) }
            // Our own stamp is on the code, and `new` saw that the machine can run it: what is left is
            // that the component does not fit the pool.
            .map_err(|error| match host_cause(&error) {
                Some(fault) => LoadError::Host(fault),
                None => LoadError::Rejected(format!("{error:#}")),
            })?;
        let pre = self
            .linker
            .instantiate_pre(&component)
            .map_err(|error| LoadError::Imports(format!("{error:#}")))?;
        let export = |name| {
            component
                .get_export_index(None, name)
                .ok_or(LoadError::MissingExport(name))
        };
        let (describe, check_params, evaluate) =
            (export(DESCRIBE)?, export(CHECK_PARAMS)?, export(EVALUATE)?);
        Ok(Loaded {
            pre,
            describe,
            check_params,
            evaluate,
            _mapping: mapping,
        })
    }

    /// Ask a validator what it is.
    ///
    /// # Errors
    /// The fault that ended the call.
    pub fn describe(&self, validator: &Loaded) -> Result<ValidatorManifest, CallError> {
        let mut store = self.store(&publishing_input(), Box::new(NoArtifacts));
        bounded::allow(MAX_MANIFEST_BYTES);
        let (manifest,): (wire::Manifest,) = call(validator, &mut store, &validator.describe, ())?;
        Ok(lift::manifest(manifest))
    }

    /// Ask a validator what parameters ask for.
    ///
    /// # Errors
    /// The fault that ended the call.
    pub fn check_params(
        &self,
        validator: &Loaded,
        params: &str,
    ) -> Result<ParamsAnswer, CallError> {
        let mut store = self.store(&publishing_input(), Box::new(NoArtifacts));
        bounded::allow(MAX_MANIFEST_BYTES);
        let (answer,): (Result<Items<Text>, Items<wire::Problem>>,) =
            call(validator, &mut store, &validator.check_params, (params,))?;
        Ok(lift::params_answer(answer))
    }

    /// Judge a submission.
    ///
    /// # Errors
    /// Only host faults: whatever the guest does is an output.
    pub fn evaluate(
        &self,
        validator: &Loaded,
        input: &RunInput,
        artifacts: Box<dyn ArtifactHost>,
    ) -> Result<RunOutput, HostFault> {
        let mut store = self.store(input, artifacts);
        let report_bytes = u64::from(input.limits.report_bytes);
        bounded::allow(report_bytes);
        let called = call::<_, (Result<wire::Report, wire::Refusal>,)>(
            validator,
            &mut store,
            &validator.evaluate,
            (input.params.as_str(),),
        );
        let fuel_used = exact_fuel(&called, input.fuel, &store);
        store.data_mut().usage.report_bytes = report_bytes - bounded::left();
        let end = match called {
            Ok((returned,)) => lift::end(returned),
            Err(CallError::Guest(code)) => RawEnd::Faulted(code),
            Err(CallError::Host(fault)) => return Err(fault),
        };
        Ok(finish(store, end, fuel_used))
    }

    fn store(&self, input: &RunInput, artifacts: Box<dyn ArtifactHost>) -> Store<RunState> {
        let mut store = Store::new(&self.engine, RunState::new(input, artifacts));
        store.limiter(|state| &mut state.limiter);
        // Nothing is copied before it is counted in units of the contract, so wasmtime's own limit on
        // copies would only blur which limit was hit.
        store.set_hostcall_fuel(usize::MAX);
        store.set_max_component_handles(profile::MAX_HANDLES);
        store
    }
}

/// The profile's instruction set is fixed; an older machine cannot run it.
fn supported_machine() -> Result<(), HostFault> {
    let supported =
        std::is_x86_feature_detected!("sse4.2") && std::is_x86_feature_detected!("popcnt");
    let missing = || HostFault::internal("this processor lacks x86-64-v2 (SSE 4.2, POPCNT)");
    supported.then_some(()).ok_or_else(missing)
}

/// Most that `describe` or `check-params` may return, in the units of the report limit: a schema is the
/// longest part.
const MAX_MANIFEST_BYTES: u64 = 512 << 10;

/// Instantiate under the instantiation budget, then call one export under the run's own.
fn call<P, R>(
    validator: &Loaded,
    store: &mut Store<RunState>,
    export: &ComponentExportIndex,
    params: P,
) -> Result<R, CallError>
where
    P: ComponentNamedList + Lower,
    R: ComponentNamedList + Lift + 'static,
{
    let instance = instantiate(validator, store)?;
    let function = instance
        .get_typed_func::<P, R>(&mut *store, export)
        .map_err(|_| {
            // The component exports the name with another type.
            CallError::Guest(FaultCode::AbiViolation)
        })?;
    let fuel = store.data().fuel;
    store
        .set_fuel(fuel)
        .map_err(|error| CallError::Host(HostFault::internal(error)))?;
    function
        .call(store, params)
        .map_err(|error| classify(&error))
}

fn instantiate(validator: &Loaded, store: &mut Store<RunState>) -> Result<Instance, CallError> {
    store
        .set_fuel(profile::INSTANTIATION_FUEL)
        .map_err(|error| CallError::Host(HostFault::internal(error)))?;
    validator.pre.instantiate(&mut *store).map_err(|error| {
        let untouched = store
            .get_fuel()
            .is_ok_and(|left| left == profile::INSTANTIATION_FUEL);
        match classify(&error) {
            CallError::Guest(FaultCode::OutOfFuel) => {
                CallError::Guest(FaultCode::InstantiationLimit)
            }
            // wasmtime refuses more instances, memories or tables than the limiter or pool allows with
            // an error of its own, which looks like one of the canonical ABI; but then no code has run.
            CallError::Guest(FaultCode::AbiViolation) if untouched => {
                CallError::Guest(FaultCode::InstanceLimit)
            }
            other => other,
        }
    })
}

/// wasmtime's counter is exact after a normal return and when it ran out; after any other trap it
/// under-reports (issue 13802). It is read before the guest's clean-up when a report is refused while
/// it is lifted, and after it otherwise: each is the same everywhere.
fn exact_fuel<T>(
    called: &Result<T, CallError>,
    limit: u64,
    store: &Store<RunState>,
) -> Option<u64> {
    let most = store.data().fuel_left_most;
    let used = || {
        store
            .get_fuel()
            .ok()
            .map(|left| limit.saturating_sub(left.min(most)))
    };
    match called {
        Ok(_) => used(),
        Err(CallError::Guest(FaultCode::OutOfFuel)) => Some(limit),
        Err(CallError::Guest(code)) if code.returned() => used(),
        Err(_) => None,
    }
}

fn finish(store: Store<RunState>, end: RawEnd, fuel_used: Option<u64>) -> RunOutput {
    let returned = !matches!(end, RawEnd::Faulted(code) if !code.returned());
    let usage = store.data().usage();
    let (digest, log) = store.into_data().take_log();
    RunOutput {
        end,
        fuel_used,
        log_digest: returned.then_some(digest),
        log,
        usage,
    }
}

/// `describe` and `check-params` see no file, and get the default limits.
fn publishing_input() -> RunInput {
    RunInput {
        params: String::new(),
        limits: Limits::default(),
        fuel: profile::DESCRIBE_FUEL,
        read_bytes: 0,
    }
}

struct NoArtifacts;

impl ArtifactHost for NoArtifacts {
    fn list(&self, _: ArtifactSet) -> &[ArtifactListing] {
        &[]
    }

    fn open(&mut self, _: ArtifactSet, _: usize) -> Result<Bytes, HostFault> {
        Err(HostFault::internal(
            "an artifact of an empty listing was opened",
        ))
    }
}
