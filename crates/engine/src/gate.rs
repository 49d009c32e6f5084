//! Structural limits, checked before a compiler sees the bytes.
//!
//! wasmtime does not count slow compilation as a vulnerability, and 42 KB of nested loops cost 49 CPU
//! seconds. These limits stop the kinds of bomb that structure alone reveals; they are calibrated on
//! real guests (CPython has 38 core instances, 781 nested blocks and 15,849 `br_table` targets in one
//! function) with room to spare. What passes them still meets the wall: the resource limits of the
//! compiling process.

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentTypeRef, FunctionBody, Operator, Parser, Payload,
    TypeRef,
};

use crate::prepare::{PrepareError, Structural};
use crate::run::{VALIDATOR_INTERFACES, wasi};

/// Largest component: CPython is 18.5 MB.
pub const MAX_COMPONENT_BYTES: usize = 32 << 20;
const MAX_BODY_BYTES: u64 = 1 << 20;
const MAX_FUNCTIONS: u64 = 50_000;
const MAX_LOCALS: u64 = 2_048;
const MAX_OPERATORS: u64 = 400_000;
const MAX_BLOCK_NESTING: u64 = 4_096;
const MAX_LOOP_NESTING: u64 = 128;
const MAX_LOOPS: u64 = 4_096;
const MAX_BR_TABLE_TARGETS: u64 = 32_768;
const MAX_TYPE_VALUES: u64 = 128;
/// Parameters and results times functions: 20,000 functions of 1,000 parameters once cost CosmWasm 5.6 s
/// each.
const MAX_VALUES_OF_FUNCTIONS: u64 = 2_000_000;
const MAX_CORE_MODULES: u64 = 64;
const MAX_CODE_BYTES: u64 = 16 << 20;
const MAX_GLOBALS: u64 = 2_000;
const MAX_TYPES: u64 = 5_000;
const MAX_DATA_SEGMENTS: u64 = 100_000;
const MAX_ELEMENT_SEGMENTS: u64 = 1_000;
const MAX_INTERNAL_IMPORTS: u64 = 10_000;
/// Modules and components inside components inside components.
const MAX_COMPONENT_NESTING: usize = 16;

pub(crate) type Gate<T> = Result<T, PrepareError>;

/// Check the structure and the imports of a component.
///
/// `extra` are interfaces or functions beyond the allow-list (tests only).
///
/// # Errors
/// The first thing that is not a component, is over a limit, or is not offered.
pub fn check(bytes: &[u8], extra: &[&str]) -> Gate<()> {
    limit(
        "component-bytes",
        bytes.len() as u64,
        MAX_COMPONENT_BYTES as u64,
    )?;
    match bytes.get(4..8) {
        Some([1, 0, 0, 0]) if bytes.starts_with(b"\0asm") => return Err(PrepareError::CoreModule),
        Some(_) if bytes.starts_with(b"\0asm") => {}
        _ => return Err(PrepareError::NotWebAssembly),
    }
    let mut totals = Totals::default();
    let mut nesting = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| malformed(&error))?;
        match &payload {
            Payload::ModuleSection { .. } => {
                nesting += 1;
                totals.start_module();
                limit("core-modules", totals.modules, MAX_CORE_MODULES)?;
            }
            Payload::ComponentSection { .. } => nesting += 1,
            Payload::ComponentCanonicalSection(functions) => check_encodings(functions.clone())?,
            Payload::End(_) => nesting = nesting.saturating_sub(1),
            Payload::ComponentImportSection(imports) if nesting == 0 => {
                for import in imports.clone() {
                    let import = import.map_err(|error| malformed(&error))?;
                    // A type that the world uses is only a name for what an interface defines.
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        offered(import.name.name, extra)?;
                    }
                }
            }
            other => totals.count(other)?,
        }
        limit(
            "component-nesting",
            nesting as u64,
            MAX_COMPONENT_NESTING as u64,
        )?;
    }
    Ok(())
}

fn malformed(error: &wasmparser::BinaryReaderError) -> PrepareError {
    PrepareError::Malformed {
        offset: error.offset() as u64,
    }
}

pub(crate) fn limit(what: &'static str, found: u64, limit: u64) -> Gate<()> {
    if found > limit {
        return Err(PrepareError::Structural(Structural {
            what: what.into(),
            found,
            limit,
        }));
    }
    Ok(())
}

/// A WASI interface is offered in any patch version of 0.2, one of ours in exactly its own.
fn offered(import: &str, extra: &[&str]) -> Gate<()> {
    let wasi = import.split_once('@').is_some_and(|(name, version)| {
        version.starts_with("0.2.") && wasi::INTERFACES.contains(&name)
    });
    if wasi || VALIDATOR_INTERFACES.contains(&import) || extra.contains(&import) {
        return Ok(());
    }
    Err(PrepareError::UnknownImport(import.to_owned()))
}

/// Only UTF-8 crosses the boundary: another encoding would be decoded into memory of the host, of a size
/// that shows only afterwards.
fn check_encodings(functions: wasmparser::ComponentCanonicalSectionReader<'_>) -> Gate<()> {
    for function in functions {
        let options = match function.map_err(|error| malformed(&error))? {
            CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. } => {
                options
            }
            _ => continue,
        };
        let foreign = [CanonicalOption::UTF16, CanonicalOption::CompactUTF16];
        if options.iter().any(|option| foreign.contains(option)) {
            return Err(PrepareError::Invalid(
                "it passes text in another encoding than UTF-8".into(),
            ));
        }
    }
    Ok(())
}

/// Counts over the whole component, and what is needed from the current module.
#[derive(Default)]
struct Totals {
    modules: u64,
    functions: u64,
    code_bytes: u64,
    globals: u64,
    types: u64,
    data_segments: u64,
    element_segments: u64,
    imports: u64,
    values_of_functions: u64,
    /// Number of parameters and results of each type of the current module.
    values: Vec<u64>,
}

impl Totals {
    fn start_module(&mut self) {
        self.modules += 1;
        self.values.clear();
    }

    fn count(&mut self, payload: &Payload<'_>) -> Gate<()> {
        match payload {
            Payload::TypeSection(types) => self.types(types.clone()),
            Payload::ImportSection(imports) => {
                self.imports += u64::from(imports.count());
                limit("internal-imports", self.imports, MAX_INTERNAL_IMPORTS)?;
                for import in imports.clone().into_imports() {
                    if let TypeRef::Func(index) = import.map_err(|error| malformed(&error))?.ty {
                        self.function(index)?;
                    }
                }
                Ok(())
            }
            Payload::FunctionSection(functions) => {
                for index in functions.clone() {
                    self.function(index.map_err(|error| malformed(&error))?)?;
                }
                Ok(())
            }
            Payload::GlobalSection(globals) => {
                self.globals += u64::from(globals.count());
                limit("globals", self.globals, MAX_GLOBALS)
            }
            Payload::DataSection(data) => {
                self.data_segments += u64::from(data.count());
                limit("data-segments", self.data_segments, MAX_DATA_SEGMENTS)
            }
            Payload::ElementSection(elements) => {
                self.element_segments += u64::from(elements.count());
                limit(
                    "element-segments",
                    self.element_segments,
                    MAX_ELEMENT_SEGMENTS,
                )
            }
            Payload::CodeSectionEntry(body) => self.body(body),
            _ => Ok(()),
        }
    }

    fn types(&mut self, types: wasmparser::TypeSectionReader<'_>) -> Gate<()> {
        self.types += u64::from(types.count());
        limit("types", self.types, MAX_TYPES)?;
        for group in types {
            for ty in group.map_err(|error| malformed(&error))?.types() {
                let values = match &ty.composite_type.inner {
                    // What is returned beyond registers lies in memory and is copied like parameters.
                    wasmparser::CompositeInnerType::Func(func) => {
                        (func.params().len() + func.results().len()) as u64
                    }
                    _ => 0,
                };
                limit("type-values", values, MAX_TYPE_VALUES)?;
                self.values.push(values);
            }
        }
        Ok(())
    }

    fn function(&mut self, type_index: u32) -> Gate<()> {
        self.functions += 1;
        limit("functions", self.functions, MAX_FUNCTIONS)?;
        self.values_of_functions += self
            .values
            .get(type_index as usize)
            .copied()
            .unwrap_or_default();
        limit(
            "values-of-functions",
            self.values_of_functions,
            MAX_VALUES_OF_FUNCTIONS,
        )
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Gate<()> {
        let bytes = body.range().len() as u64;
        limit("function-body-bytes", bytes, MAX_BODY_BYTES)?;
        self.code_bytes += bytes;
        limit("code-bytes", self.code_bytes, MAX_CODE_BYTES)?;
        check_locals(body)?;
        check_operators(body)
    }
}

fn check_locals(body: &FunctionBody<'_>) -> Gate<()> {
    let mut locals = 0;
    for group in body
        .get_locals_reader()
        .map_err(|error| malformed(&error))?
    {
        locals += u64::from(group.map_err(|error| malformed(&error))?.0);
        limit("locals", locals, MAX_LOCALS)?;
    }
    Ok(())
}

fn check_operators(body: &FunctionBody<'_>) -> Gate<()> {
    // One entry per open block: is it a loop?
    let mut open: Vec<bool> = Vec::new();
    let (mut operators, mut loops, mut open_loops, mut targets) = (0, 0, 0, 0);
    let mut reader = body
        .get_operators_reader()
        .map_err(|error| malformed(&error))?;
    while !reader.eof() {
        operators += 1;
        limit("operators", operators, MAX_OPERATORS)?;
        match reader.read().map_err(|error| malformed(&error))? {
            Operator::Loop { .. } => {
                open.push(true);
                loops += 1;
                open_loops += 1;
                limit("loops", loops, MAX_LOOPS)?;
                limit("loop-nesting", open_loops, MAX_LOOP_NESTING)?;
            }
            Operator::Block { .. } | Operator::If { .. } => open.push(false),
            Operator::End => open_loops -= u64::from(open.pop() == Some(true)),
            Operator::BrTable { targets: table } => {
                targets += u64::from(table.len());
                limit("br-table-targets", targets, MAX_BR_TABLE_TARGETS)?;
            }
            _ => {}
        }
        limit("block-nesting", open.len() as u64, MAX_BLOCK_NESTING)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
