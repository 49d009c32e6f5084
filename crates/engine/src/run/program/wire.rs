//! The types of the interface `program`, as they cross the boundary. What a validator passes is copied only once it is paid for.

// The variants are lowered by wasmtime, which the compiler does not see.
#![allow(dead_code)]

use proofmark_program::{LoadError as Refused, Trap as Cause};
use wasmtime::component::{ComponentType, Lift, Lower, WasmList, WasmStr};

/// `program.limits`
#[derive(Debug, Clone, Copy, ComponentType, Lift)]
#[component(record)]
pub(super) struct Limits {
    pub(super) fuel: u64,
    #[component(name = "memory-bytes")]
    pub(super) memory_bytes: u64,
    #[component(name = "output-bytes")]
    pub(super) output_bytes: u32,
}

/// `program.file`: nothing is copied before it is paid for.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct File {
    pub(super) path: WasmStr,
    pub(super) content: WasmList<u8>,
}

/// `program.request`: likewise.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(super) struct Request {
    pub(super) args: WasmList<WasmStr>,
    pub(super) stdin: WasmList<u8>,
    pub(super) files: WasmList<File>,
    pub(super) limits: Limits,
}

/// `program.trap`
#[derive(Debug, Clone, Copy, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub(super) enum Trap {
    #[component(name = "unreachable")]
    Unreachable,
    #[component(name = "memory-out-of-bounds")]
    MemoryOutOfBounds,
    #[component(name = "table-out-of-bounds")]
    TableOutOfBounds,
    #[component(name = "bad-indirect-call")]
    BadIndirectCall,
    #[component(name = "division-by-zero")]
    DivisionByZero,
    #[component(name = "integer-overflow")]
    IntegerOverflow,
    #[component(name = "bad-conversion")]
    BadConversion,
    #[component(name = "stack-overflow")]
    StackOverflow,
    #[component(name = "other")]
    Other,
}

impl From<Cause> for Trap {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Unreachable => Self::Unreachable,
            Cause::MemoryOutOfBounds => Self::MemoryOutOfBounds,
            Cause::TableOutOfBounds => Self::TableOutOfBounds,
            Cause::BadIndirectCall => Self::BadIndirectCall,
            Cause::DivisionByZero => Self::DivisionByZero,
            Cause::IntegerOverflow => Self::IntegerOverflow,
            Cause::BadConversion => Self::BadConversion,
            Cause::StackOverflow => Self::StackOverflow,
            Cause::Other => Self::Other,
        }
    }
}

/// `program.exit`
#[derive(ComponentType, Lower)]
#[component(variant)]
pub(super) enum Exit {
    #[component(name = "exited")]
    Exited(u32),
    #[component(name = "trapped")]
    Trapped(Trap),
    #[component(name = "out-of-fuel")]
    OutOfFuel,
    #[component(name = "out-of-memory")]
    OutOfMemory,
    #[component(name = "output-limit")]
    OutputLimit,
    #[component(name = "denied")]
    Denied(String),
}

/// `program.run`
#[derive(ComponentType, Lower)]
#[component(record)]
pub(super) struct Run {
    pub(super) exit: Exit,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    #[component(name = "fuel-used")]
    pub(super) fuel_used: u64,
    #[component(name = "memory-bytes")]
    pub(super) memory_bytes: u64,
}

/// `program.load-error`
#[derive(ComponentType, Lower)]
#[component(variant)]
pub(super) enum LoadError {
    #[component(name = "not-webassembly")]
    NotWebAssembly,
    #[component(name = "component")]
    Component,
    #[component(name = "too-large")]
    TooLarge,
    #[component(name = "invalid")]
    Invalid,
    #[component(name = "unknown-import")]
    UnknownImport(String),
    #[component(name = "missing-export")]
    MissingExport(String),
    #[component(name = "too-many")]
    TooMany,
}

impl From<Refused> for LoadError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotWebAssembly => Self::NotWebAssembly,
            Refused::Component => Self::Component,
            Refused::TooLarge { .. } => Self::TooLarge,
            Refused::Invalid => Self::Invalid,
            Refused::Import(name) => Self::UnknownImport(name),
            Refused::Export(name) => Self::MissingExport(name),
        }
    }
}
