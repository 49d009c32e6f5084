//! Who runs the programs of the fixtures: the interpreter that the engine has.

use proofmark_program::{self as native, Limits};
use proofmark_validator_sdk::program::{Exit, LoadError, Request, Run, Trap};
use proofmark_validator_sdk::testing::Runnable;

pub(super) fn load(module: &[u8]) -> Result<Runnable, LoadError> {
    let program = native::Program::load(module).map_err(refused)?;
    Ok(Box::new(move |request| run(&program, request)))
}

fn refused(error: native::LoadError) -> LoadError {
    match error {
        native::LoadError::NotWebAssembly => LoadError::NotWebassembly,
        native::LoadError::Component => LoadError::Component,
        native::LoadError::TooLarge { .. } => LoadError::TooLarge,
        native::LoadError::Invalid => LoadError::Invalid,
        native::LoadError::Import(name) => LoadError::UnknownImport(name),
        native::LoadError::Export(name) => LoadError::MissingExport(name),
    }
}

fn run(program: &native::Program, request: &Request) -> Run {
    let files = request.files.iter();
    let run = program.run(native::Request {
        args: request.args.clone(),
        stdin: request.stdin.clone(),
        files: files
            .map(|file| (file.path.clone(), file.content.clone()))
            .collect(),
        limits: Limits {
            fuel: request.limits.fuel,
            memory_bytes: request.limits.memory_bytes,
            output_bytes: u64::from(request.limits.output_bytes),
        },
    });
    let run = run.expect("the system has memory for a program");
    Run {
        exit: exit(run.exit),
        stdout: run.stdout,
        stderr: run.stderr,
        fuel_used: run.fuel_used,
        memory_bytes: run.memory_bytes,
    }
}

fn exit(exit: native::Exit) -> Exit {
    match exit {
        native::Exit::Exited(status) => Exit::Exited(status),
        native::Exit::Trapped(trap) => Exit::Trapped(cause(trap)),
        native::Exit::OutOfFuel => Exit::OutOfFuel,
        native::Exit::OutOfMemory => Exit::OutOfMemory,
        native::Exit::OutputLimit => Exit::OutputLimit,
        native::Exit::Denied(name) => Exit::Denied(name),
    }
}

fn cause(trap: native::Trap) -> Trap {
    match trap {
        native::Trap::Unreachable => Trap::Unreachable,
        native::Trap::MemoryOutOfBounds => Trap::MemoryOutOfBounds,
        native::Trap::TableOutOfBounds => Trap::TableOutOfBounds,
        native::Trap::BadIndirectCall => Trap::BadIndirectCall,
        native::Trap::DivisionByZero => Trap::DivisionByZero,
        native::Trap::IntegerOverflow => Trap::IntegerOverflow,
        native::Trap::BadConversion => Trap::BadConversion,
        native::Trap::StackOverflow => Trap::StackOverflow,
        native::Trap::Other => Trap::Other,
    }
}
