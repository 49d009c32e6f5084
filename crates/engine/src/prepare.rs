//! Why a component is not accepted as a validator.

use std::fmt;

use proofmark_criteria::fault::{FaultCode, Owner};
use serde::{Deserialize, Serialize};

use crate::fault::HostFault;

/// A structural limit that a component is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Structural {
    /// What was counted, as a stable word.
    pub what: String,
    /// How many there are (or how many there were when counting stopped).
    pub found: u64,
    /// How many there may be.
    pub limit: u64,
}

/// What a compilation ran out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resource {
    /// Processor time.
    Cpu,
    /// Memory.
    Memory,
}

/// The component cannot become a validator. All but [`PrepareError::Host`] are the validator's fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrepareError {
    /// The bytes are not WebAssembly.
    NotWebAssembly,
    /// A core module; a validator is a component.
    CoreModule,
    /// The binary breaks off or is not well-formed.
    Malformed {
        /// Where, in bytes from the start.
        offset: u64,
    },
    /// Well-formed but not valid, or it needs a feature that the profile switches off.
    Invalid(String),
    /// Over a structural limit.
    Structural(Structural),
    /// Asks for an import that is not offered.
    UnknownImport(String),
    /// Imports something under a known name with another type.
    ImportType(String),
    /// Lacks an export of the validator world.
    MissingExport(String),
    /// Compilation ran out of what it is given.
    TooCostly(Resource),
    /// The environment failed; try again.
    Host(HostFault),
}

impl PrepareError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotWebAssembly => "not-webassembly",
            Self::CoreModule => "core-module",
            Self::Malformed { .. } => "malformed-component",
            Self::Invalid(_) => "invalid-component",
            Self::Structural(_) => "structural-limit",
            Self::UnknownImport(_) => "unknown-import",
            Self::ImportType(_) => "import-type",
            Self::MissingExport(_) => "missing-export",
            Self::TooCostly(_) => "compile-too-costly",
            Self::Host(_) => "host-fault",
        }
    }

    /// Who must act.
    pub fn owner(&self) -> Owner {
        match self {
            Self::Host(_) => Owner::Host,
            _ => Owner::Validator,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotWebAssembly => "pass the .wasm file of a WebAssembly component",
            Self::CoreModule => {
                "build for wasm32-wasip2, or wrap the module with `wasm-tools component new`"
            }
            Self::Malformed { .. } => {
                "the file is truncated or damaged; build or download it again"
            }
            Self::Invalid(_) => {
                "threads, memory64, GC, exceptions, relaxed SIMD and async are off; build without them"
            }
            Self::Structural(_) => {
                "split large functions; docs/design/0004-compilation.md lists every limit"
            }
            Self::UnknownImport(_) => {
                "remove what needs it (network, real files, real time), or stub it at build time"
            }
            Self::ImportType(_) => "build against wit/proofmark-validator-1.0.0 as published",
            Self::MissingExport(_) => "export the world `proofmark:validator/validator@1.0.0`",
            Self::TooCostly(_) => {
                "simplify generated code: fewer and smaller functions, fewer live values"
            }
            Self::Host(_) => {
                "try again; if it stays, check memory, the cache directory and the worker binary"
            }
        }
    }
}

impl fmt::Display for PrepareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWebAssembly => write!(f, "the file is not WebAssembly"),
            Self::CoreModule => write!(f, "the file is a core module, a validator is a component"),
            Self::Malformed { offset } => write!(f, "the component is malformed at byte {offset}"),
            Self::Invalid(why) => write!(f, "the component is not valid: {why}"),
            Self::Structural(Structural { what, found, limit }) => {
                write!(
                    f,
                    "the component is over the limit for {what}: {found} of at most {limit}"
                )
            }
            Self::UnknownImport(name) => {
                write!(f, "the component imports {name}, which is not offered")
            }
            Self::ImportType(why) => write!(f, "an import has another type than is offered: {why}"),
            Self::MissingExport(name) => write!(f, "the component does not export {name}"),
            Self::TooCostly(Resource::Cpu) => {
                write!(f, "compiling the component takes too much processor time")
            }
            Self::TooCostly(Resource::Memory) => {
                write!(f, "compiling the component takes too much memory")
            }
            Self::Host(_) => write!(f, "the component could not be prepared"),
        }
    }
}

impl std::error::Error for PrepareError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Host(fault) => Some(fault),
            _ => None,
        }
    }
}

/// A call into a validator while it is published (`describe`, `check-params`) gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The validator's fault: it cannot be published like this.
    #[error("the validator failed in {export}: {}", code.meaning())]
    Guest {
        /// Which export was called.
        export: &'static str,
        /// How it ended.
        code: FaultCode,
    },
    /// The environment's.
    #[error("the validator could not be asked")]
    Host(#[source] HostFault),
}

impl PublishError {
    /// Stable code.
    pub fn code(&self) -> String {
        match self {
            Self::Guest { code, .. } => code.to_string(),
            Self::Host(fault) => fault.code.to_string(),
        }
    }
}
