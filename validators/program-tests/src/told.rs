//! What is wrong with a run, as a finding.

use crate::case::Case;
use crate::compare::same;
use crate::params::{Compare, Params};
use proofmark_validator_sdk::program::{Exit, LoadError, Run, Trap};
use proofmark_validator_sdk::{Finding, excerpt, shorten};

/// How much of an output is shown.
const SHOWN_BYTES: usize = 200;

/// Why a run is not the right answer; nothing if it is.
pub(crate) fn wrong(params: &Params, case: &Case, run: &Run) -> Option<Finding> {
    let finding = match &run.exit {
        Exit::Exited(status) if *status != case.exit => {
            let message = said("it ends with another status", case);
            Finding::new("wrong-exit", message)
                .expected(case.exit)
                .actual(ended(*status, run))
        }
        Exit::Exited(_) => {
            return wrong_output(params.compare, case, run).map(|it| place(it, params));
        }
        Exit::Trapped(trap) => Finding::new("crashed", said("it does what no program may", case))
            .actual(match last_words(run).as_str() {
                "" => trap_name(*trap).to_owned(),
                said => format!("{}; it said: {said}", trap_name(*trap)),
            }),
        Exit::OutOfFuel => Finding::new("out-of-fuel", said("it does not come to an end", case))
            .expected(format!("at most {} units of fuel", params.fuel_per_case)),
        Exit::OutOfMemory => Finding::new("out-of-memory", said("it wants more memory", case))
            .expected(format!("at most {} bytes", params.memory_bytes)),
        Exit::OutputLimit => Finding::new("output-limit", said("it writes too much", case))
            .expected(format!("at most {} bytes", params.output_bytes)),
        Exit::Denied(name) => {
            Finding::new("denied", said("it asks for what no program is given", case))
                .actual(shorten(name, SHOWN_BYTES))
        }
    };
    Some(place(finding, params))
}

fn place(finding: Finding, params: &Params) -> Finding {
    finding.at_file(&params.program)
}

fn wrong_output(compare: Compare, case: &Case, run: &Run) -> Option<Finding> {
    let wanted = case.stdout.as_bytes();
    if same(compare, wanted, &run.stdout) {
        return None;
    }
    let message = said("it gives another answer", case);
    let finding = Finding::new("wrong-output", message);
    Some(finding.expected(shown(wanted)).actual(shown(&run.stdout)))
}

fn said(what: &str, case: &Case) -> String {
    format!("Case `{}`: {what}.", shorten(&case.name, 80))
}

fn ended(status: u32, run: &Run) -> String {
    match last_words(run).as_str() {
        "" => status.to_string(),
        said => format!("{status}; it said: {said}"),
    }
}

/// What it wrote to standard error.
fn last_words(run: &Run) -> String {
    shown(run.stderr.trim_ascii())
}

fn shown(bytes: &[u8]) -> String {
    excerpt(bytes, SHOWN_BYTES)
}

fn trap_name(trap: Trap) -> &'static str {
    match trap {
        Trap::Unreachable => "it gave up (a panic, an assertion, or abort)",
        Trap::MemoryOutOfBounds => "memory that is not there",
        Trap::TableOutOfBounds => "a table entry that is not there",
        Trap::BadIndirectCall => "a call of no function, or of one of another type",
        Trap::DivisionByZero => "a division by zero",
        Trap::IntegerOverflow => "a quotient that is no integer of its type",
        Trap::BadConversion => "a float that is no integer of its type",
        Trap::StackOverflow => "calls inside calls without an end",
        Trap::Other => "a part of the program does not fit",
    }
}

/// Why a file is no program.
pub(crate) fn unloadable(params: &Params, error: &LoadError) -> Finding {
    let why = match error {
        LoadError::NotWebassembly => "it is not WebAssembly".to_owned(),
        LoadError::Component => {
            "it is a component, not a core module; build for wasm32-wasip1".to_owned()
        }
        LoadError::TooLarge => "it is too large".to_owned(),
        LoadError::Invalid => {
            "it is not valid, needs what is switched off, or has too many parts".to_owned()
        }
        LoadError::UnknownImport(name) => {
            format!("it imports `{}`, which is not offered", shorten(name, 120))
        }
        LoadError::MissingExport(name) => format!(
            "it does not export `{}`, as a command does",
            shorten(name, 120)
        ),
        LoadError::TooMany => "too many programs are loaded".to_owned(),
    };
    Finding::new("not-a-program", "The file cannot be run.")
        .at_file(&params.program)
        .expected("a WASI command (a core module for wasm32-wasip1)")
        .actual(why)
}
