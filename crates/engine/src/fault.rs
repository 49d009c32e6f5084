//! Whose fault it is when a run gives no report.
//!
//! Two families that never mix: a [`FaultCode`] is deterministic and becomes part of the record (the
//! criterion is inconclusive); a [`HostFault`] is the environment's, is never recorded, and says
//! nothing about the work.

use std::fmt;

use proofmark_criteria::fault::{FaultCode, HostFaultCode};
use wasmtime::Trap;

/// The environment failed: no verdict, try again here or elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HostFault {
    /// Stable code.
    pub code: HostFaultCode,
    /// What happened, for the operator. Never enters a record.
    pub detail: String,
}

impl HostFault {
    /// A fault with its code and what happened.
    pub fn new(code: HostFaultCode, detail: impl fmt::Display) -> Self {
        Self {
            code,
            detail: detail.to_string(),
        }
    }

    pub(crate) fn io(what: &str, error: impl fmt::Display) -> Self {
        Self::new(HostFaultCode::Io, format!("{what}: {error}"))
    }

    pub(crate) fn internal(error: impl fmt::Display) -> Self {
        Self::new(HostFaultCode::Internal, error)
    }
}

impl fmt::Display for HostFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "host fault {}: {}", self.code, self.detail)
    }
}

impl std::error::Error for HostFault {}

/// How a call into a guest failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// The guest (or its limits): deterministic.
    Guest(FaultCode),
    /// The environment.
    Host(HostFault),
}

/// Raised by our own host functions and limiter to end a run with exactly this fault.
#[derive(Debug)]
pub(crate) struct Ended(pub FaultCode);

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run ended: {}", self.0)
    }
}

impl std::error::Error for Ended {}

/// Sort an error from wasmtime by its owner. The text of the error is never looked at.
///
/// Everything that is neither a trap nor known to come from the host was raised by wasmtime while it
/// moved values across the boundary, because what the guest passed breaks the canonical ABI.
pub(crate) fn classify(error: &wasmtime::Error) -> CallError {
    if let Some(Ended(code)) = error.downcast_ref::<Ended>() {
        return CallError::Guest(*code);
    }
    if let Some(fault) = error.downcast_ref::<HostFault>() {
        return CallError::Host(fault.clone());
    }
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return CallError::Guest(trap_code(*trap));
    }
    host_cause(error).map_or(CallError::Guest(FaultCode::AbiViolation), CallError::Host)
}

pub(crate) fn host_cause(error: &wasmtime::Error) -> Option<HostFault> {
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return Some(HostFault::new(
            HostFaultCode::PoolExhausted,
            "every slot of the instance pool is in use",
        ));
    }
    if error.is::<wasmtime::error::OutOfMemory>() {
        return Some(HostFault::new(
            HostFaultCode::OutOfMemory,
            "the host has no memory left",
        ));
    }
    let io = error
        .chain()
        .any(|cause| cause.is::<std::io::Error>() || cause.is::<rustix::io::Errno>());
    io.then(|| HostFault::io("operating system", error))
}

/// The closed list. Codes that a newer wasmtime adds fall to `trap-other` until they are named here.
pub(crate) fn trap_code(trap: Trap) -> FaultCode {
    match trap {
        Trap::StackOverflow => FaultCode::StackOverflow,
        Trap::OutOfFuel => FaultCode::OutOfFuel,
        Trap::UnreachableCodeReached => FaultCode::Unreachable,
        Trap::MemoryOutOfBounds => FaultCode::MemoryOutOfBounds,
        Trap::TableOutOfBounds => FaultCode::TableOutOfBounds,
        Trap::IndirectCallToNull | Trap::BadSignature => FaultCode::IndirectCall,
        Trap::IntegerOverflow => FaultCode::IntegerOverflow,
        Trap::IntegerDivisionByZero => FaultCode::DivisionByZero,
        Trap::BadConversionToInteger => FaultCode::BadConversion,
        // Calling the host while it is answering, or returning what the types do not allow.
        Trap::CannotEnterComponent
        | Trap::CannotLeaveComponent
        | Trap::InvalidChar
        | Trap::InvalidDiscriminant
        | Trap::StringOutOfBounds
        | Trap::ListOutOfBounds
        | Trap::UnalignedPointer => FaultCode::AbiViolation,
        _ => FaultCode::TrapOther,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every trap this wasmtime knows, and what it means here. An upgrade that adds one fails this test
    /// until somebody has decided what it means.
    #[test]
    fn every_trap_has_been_decided_on() {
        let known: Vec<_> = (0..=u8::MAX).filter_map(Trap::from_u8).collect();
        let named: Vec<_> = known
            .iter()
            .filter(|trap| trap_code(**trap) != FaultCode::TrapOther)
            .map(|trap| format!("{trap:?}"))
            .collect();
        assert_eq!(
            named,
            [
                "StackOverflow",
                "MemoryOutOfBounds",
                "TableOutOfBounds",
                "IndirectCallToNull",
                "BadSignature",
                "IntegerOverflow",
                "IntegerDivisionByZero",
                "BadConversionToInteger",
                "UnreachableCodeReached",
                "OutOfFuel",
                "CannotEnterComponent",
                "CannotLeaveComponent",
                "InvalidChar",
                "StringOutOfBounds",
                "ListOutOfBounds",
                "InvalidDiscriminant",
                "UnalignedPointer",
            ]
        );
        assert_eq!(known.len(), KNOWN_TRAPS, "{known:?}");
    }

    /// In wasmtime 48.0.8. The rest belongs to features that are switched off, and is `trap-other`.
    const KNOWN_TRAPS: usize = 50;

    #[test]
    fn owners_are_told_apart_by_type_and_never_by_text() {
        let guest = wasmtime::Error::new(Ended(FaultCode::LogLimit));
        assert_eq!(classify(&guest), CallError::Guest(FaultCode::LogLimit));
        let trap = wasmtime::Error::from(Trap::IntegerDivisionByZero);
        assert_eq!(classify(&trap), CallError::Guest(FaultCode::DivisionByZero));
        let fault = HostFault::new(HostFaultCode::ArtifactChanged, "a file");
        assert_eq!(
            classify(&wasmtime::Error::new(fault.clone())),
            CallError::Host(fault)
        );
        let io = wasmtime::Error::new(std::io::Error::other("no space"));
        assert!(matches!(
            classify(&io),
            CallError::Host(HostFault {
                code: HostFaultCode::Io,
                ..
            })
        ));
        let unknown = wasmtime::Error::msg("pointer not aligned");
        assert_eq!(
            classify(&unknown),
            CallError::Guest(FaultCode::AbiViolation)
        );
    }
}
