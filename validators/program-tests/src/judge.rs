//! Load the program, and run it on every case.

use crate::Check;
use crate::case::{Case, Cases};
use crate::params::Params;
use crate::{price, told};
use proofmark_validator_sdk::program::{Limits, Program, Request, Run, fuel_left, spend_to};
use proofmark_validator_sdk::{Finding, Refusal, ReportBuilder, submission};

pub(crate) fn judge(params: &Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
    let shown = Cases::of(&params.cases)?;
    let closed = params.closed_cases.as_deref().map(Cases::of).transpose()?;
    let price = price::cases(params, &shown);
    let closed_price = closed.as_ref().map_or(0, |it| price::cases(params, it));
    price::check_memory(params)?;
    price::check_fuel(params, price.saturating_add(closed_price))?;
    let program = match load(params) {
        Ok(program) => program,
        Err(finding) => {
            report.fail_untouched(&finding);
            return Ok(());
        }
    };
    report
        .check(Check::Program)
        .examine(true)
        .summary("It is a program that can be run.");
    show(params, &program, &shown, report)?;
    match closed {
        Some(closed) => keep_closed(params, &program, &closed, closed_price, report),
        None => Ok(()),
    }
}

fn load(params: &Params) -> Result<Program, Box<Finding>> {
    let missing = |error| {
        let message = format!("There is no program: {error}");
        Box::new(Finding::new("program-missing", message).at_file(&params.program))
    };
    let file = submission::open(&params.program).map_err(missing)?;
    if file.len() > params.program_bytes_max {
        let finding = Finding::new("program-too-large", "The program is too large.");
        let most = format!("at most {} bytes", params.program_bytes_max);
        let finding = finding.expected(most).actual(file.len());
        return Err(Box::new(finding.at_file(&params.program)));
    }
    Program::load(&file).map_err(|error| Box::new(told::unloadable(params, &error)))
}

fn run(params: &Params, program: &Program, case: &Case) -> Run {
    let own_name = std::iter::once("program".to_owned());
    program.run(&Request {
        args: own_name.chain(case.args.iter().cloned()).collect(),
        stdin: case.stdin.clone().into_bytes(),
        files: case.files(),
        limits: Limits {
            fuel: params.fuel_per_case,
            memory_bytes: params.memory_bytes,
            output_bytes: params.output_bytes,
        },
    })
}

/// Cases that may be seen: each failure is told.
fn show(
    params: &Params,
    program: &Program,
    cases: &Cases<'_>,
    report: &mut ReportBuilder<Check>,
) -> Result<(), Refusal> {
    let check = report.check(Check::Cases);
    cases.each(|case| {
        let wrong = told::wrong(params, &case, &run(params, program, &case));
        check.examine(wrong.is_none());
        if let Some(finding) = wrong {
            check.finding(finding);
        }
    })?;
    let (right, all) = (check.matched(), check.examined());
    check.summary(format!("{right} of {all} cases have the right answer."));
    Ok(())
}

/// Cases of which one bit is told. All of them run, and whatever they cost, the same is spent: the fuel of a run is public.
fn keep_closed(
    params: &Params,
    program: &Program,
    cases: &Cases<'_>,
    price: u64,
    report: &mut ReportBuilder<Check>,
) -> Result<(), Refusal> {
    let after = fuel_left().saturating_sub(price);
    let mut all_right = true;
    cases.each(|case| {
        let wrong = told::wrong(params, &case, &run(params, program, &case));
        all_right &= wrong.is_none();
    })?;
    spend_to(after);
    let check = report.check(Check::ClosedCases);
    check.count(1, u64::from(all_right));
    match all_right {
        true => check.summary("All of them have the right answer."),
        false => check
            .finding(failed(params))
            .summary("Not all of them have the right answer."),
    };
    Ok(())
}

fn failed(params: &Params) -> Finding {
    let message = "Not all of the cases that are not shown have the right answer.";
    Finding::new("closed-case-failed", message).at_file(&params.program)
}
