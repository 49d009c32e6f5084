//! Errors of logs as people see them.

use proofmark_log::{LogError, ReadError};

use crate::failure::{Failure, chain};

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let hint = match &error {
            LogError::Missing(_) => "make one: proofmark log init",
            LogError::Exists(_) => "append to it, or name another directory",
            LogError::Locked(_) => "wait until it is done",
            LogError::WrongKey { .. } => {
                "name the key that the log was made with: --key of `proofmark log`, --log-key elsewhere"
            }
            LogError::EntryTooLong { .. } => "log a digest of it instead",
            LogError::BatchEmpty | LogError::BatchTooLong => "append in several calls",
            LogError::OutOfTree { .. } => {
                "`proofmark log checkpoint` says how many entries there are"
            }
            LogError::Sign(_) => "check the key, or the program that signs",
            LogError::Damaged { .. } | LogError::Unprovable(_) => {
                "do not append to it; `proofmark log fsck` says more"
            }
            LogError::Disk { .. } | LogError::Broken => {
                "mend the disk and try again: what was acknowledged is there"
            }
            LogError::Full | LogError::OtherCheckpoint => "look at `proofmark log checkpoint`",
        };
        match error.is_request() {
            true => Self::input(error.code(), chain(&error), hint),
            false => Self::environment(error.code(), chain(&error), hint),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        let hint = match &error {
            ReadError::OutOfTree { .. } => {
                "`proofmark log checkpoint` says how many entries there are"
            }
            ReadError::Checkpoint { .. } => "is this the log that the key is of?",
            _ => "`proofmark log fsck` says more of a log in a directory",
        };
        match error {
            ReadError::OutOfTree { .. } => Self::input(error.code(), chain(&error), hint),
            _ => Self::environment(error.code(), chain(&error), hint),
        }
    }
}
