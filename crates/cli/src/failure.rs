//! Errors as people and scripts see them: a code that stays, a sentence, a hint, an exit status.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use proofmark_core::Problem;
pub(crate) use proofmark_core::chain;
use proofmark_criteria::HostFaultCode;
use proofmark_engine::intake::IntakeError;
use proofmark_engine::judge::JudgeError;
use proofmark_engine::{HostFault, PrepareError, PublishError};
use serde_json::Value;

use crate::printer::Printer;

/// Exit status. Published; scripts rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or the verdict is pass.
    Done = 0,
    /// A negative answer: the verdict is fail, a fixture does not hold.
    Negative = 1,
    /// Usage or bad input.
    BadInput = 2,
    /// Inconclusive, or the environment failed.
    Unavailable = 3,
    /// A bundle was refused: nothing is known of the work, in particular not that it fails.
    Refused = 4,
    /// A bug in Proofmark.
    Bug = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command did not do what it was asked to do.
#[derive(Debug)]
pub struct Failure {
    /// Exit status.
    pub exit: Exit,
    /// One or more things that are wrong.
    pub problems: Vec<Problem>,
    /// What was being worked on: a file, a validator.
    pub subject: Option<String>,
    /// What was done nevertheless, for programs: there is one document on standard output.
    pub done: Option<Value>,
}

impl Failure {
    /// Bad input: one thing is wrong.
    pub fn input(code: &'static str, message: impl fmt::Display, hint: impl Into<String>) -> Self {
        Self::one(Exit::BadInput, code, message, hint)
    }

    /// The environment failed.
    pub fn environment(
        code: &'static str,
        message: impl fmt::Display,
        hint: impl Into<String>,
    ) -> Self {
        Self::one(Exit::Unavailable, code, message, hint)
    }

    /// All that is wrong, in one line.
    pub(crate) fn sentence(&self) -> String {
        let problems = self.problems.iter();
        let said: Vec<_> = problems
            .map(|it| format!("{}: {}", it.code, it.message))
            .collect();
        said.join("; ")
    }

    fn one(
        exit: Exit,
        code: &'static str,
        message: impl fmt::Display,
        hint: impl Into<String>,
    ) -> Self {
        let problem = Problem::new(code, message.to_string()).hint(hint);
        Self {
            exit,
            problems: vec![problem],
            subject: None,
            done: None,
        }
    }

    /// Name what was being worked on.
    #[must_use]
    pub fn about(mut self, subject: impl fmt::Display) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    /// A file that cannot be read.
    pub fn unreadable(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::input(
            "unreadable",
            format!("{} cannot be read: {error}", path.display()),
            "check the path and its permissions",
        )
    }

    /// A file that cannot be written.
    pub fn unwritable(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::environment(
            "unwritable",
            format!("{} cannot be written: {error}", path.display()),
            "check the path and its permissions",
        )
    }
}

impl From<Vec<Problem>> for Failure {
    fn from(mut problems: Vec<Problem>) -> Self {
        for problem in problems.iter_mut().filter(|problem| problem.hint.is_none()) {
            problem.hint = Some(where_to_look(problem.pointer.as_deref()).to_owned());
        }
        Self {
            exit: Exit::BadInput,
            problems,
            subject: None,
            done: None,
        }
    }
}

/// The hint of a problem that has none of its own: the place where the right form can be seen.
fn where_to_look(pointer: Option<&str>) -> &'static str {
    match pointer.and_then(|pointer| pointer.split('/').nth(3)) {
        Some("params") => "`proofmark validator inspect <name or file>` shows every parameter",
        _ => "compare with what `proofmark criteria init` writes",
    }
}

impl From<IntakeError> for Failure {
    fn from(error: IntakeError) -> Self {
        Self::input(error.code(), chain(&error), error.hint())
    }
}

impl From<HostFault> for Failure {
    fn from(fault: HostFault) -> Self {
        let hint = match fault.code {
            HostFaultCode::CacheCorrupt => {
                "do so, name another directory with --cache, or keep nothing with --no-cache"
            }
            _ => "this says nothing about the work; try again",
        };
        Self::environment(fault.code.as_str(), &fault, hint)
    }
}

impl From<PrepareError> for Failure {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Host(fault) => fault.into(),
            other => Self::input(other.code(), chain(&other), other.hint()),
        }
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Host(fault) => fault.into(),
            PublishError::Guest { code, .. } => Self::input(
                code.as_str(),
                chain(&error),
                "the validator's author must mend it; `proofmark validator test` shows more",
            ),
        }
    }
}

impl From<JudgeError> for Failure {
    fn from(error: JudgeError) -> Self {
        let hint = match &error {
            JudgeError::ValidatorMissing { .. } | JudgeError::ReferenceMissing { .. } => {
                "put the file into `blobs/` beside the criteria, or name its directory with --blobs"
                    .to_owned()
            }
            JudgeError::Prepare { source, .. } => source.hint().to_owned(),
            JudgeError::ReferenceSize { .. } => {
                "the document was changed by hand; freeze it again".to_owned()
            }
            JudgeError::WrongBytes { .. } => "the file was changed; get it again".to_owned(),
            JudgeError::Host { .. } | JudgeError::Assemble(_) => {
                "this says nothing about the work; try again".to_owned()
            }
        };
        let exit = if error.is_host() {
            Exit::Unavailable
        } else {
            Exit::BadInput
        };
        Self::one(exit, error.code(), chain(&error), hint)
    }
}

/// Run a command; report a failure, and a panic as the bug it is.
pub(crate) fn guard(
    printer: &Printer,
    command: impl FnOnce() -> Result<Exit, Failure>,
) -> ExitCode {
    match catch_unwind(AssertUnwindSafe(command)) {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(failure)) => {
            printer.failure(&failure);
            failure.exit.into()
        }
        Err(_) => {
            printer.failure(&Failure::one(
                Exit::Bug,
                "bug",
                "Proofmark failed in a way it should not",
                "please report it with the message above and the command you ran",
            ));
            Exit::Bug.into()
        }
    }
}
