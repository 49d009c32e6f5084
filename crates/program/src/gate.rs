//! What a module may be, before the interpreter sees it.
//!
//! The interpreter trusts its parser in places where a hostile module is not what it seems (a code section that announces no
//! function panics it), translates some valid constructs into many times their size, and walks others again and again. Ordinary
//! compilers make none of them: so they are off, and every module is validated by the parser of the engine's own gate first.

use wasmparser::{Parser, Payload, ValidPayload, Validator, WasmFeatures};

use crate::profile::MAX_LOCALS;

/// The proposals of [`crate::PROFILE`]. Not among them: several results of a block, and arithmetic in constants.
fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::GC_TYPES
        | WasmFeatures::FLOATS
}

/// Whether a module is valid, and none of its functions has more locals than a call may clear.
pub(crate) fn passes(module: &[u8]) -> bool {
    validated(module).unwrap_or(false)
}

fn validated(module: &[u8]) -> Result<bool, wasmparser::BinaryReaderError> {
    let mut validator = Validator::new_with_features(features());
    let mut allocations = wasmparser::FuncValidatorAllocations::default();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if matches!(payload, Payload::CodeSectionStart { count: 0, .. }) {
            return Ok(false);
        }
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            if locals(&body)? > MAX_LOCALS {
                return Ok(false);
            }
            let mut function = function.into_validator(allocations);
            function.validate(&body)?;
            allocations = function.into_allocations();
        }
    }
    Ok(true)
}

fn locals(body: &wasmparser::FunctionBody<'_>) -> Result<u64, wasmparser::BinaryReaderError> {
    let groups = body.get_locals_reader()?.into_iter();
    groups
        .map(|group| group.map(|(count, _)| u64::from(count)))
        .try_fold(0_u64, |sum, count| Ok(sum.saturating_add(count?)))
}
