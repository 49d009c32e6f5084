//! Why a file could not be read, and whose fault that is.

use crate::Refusal;
use crate::bindings::proofmark::validator::artifacts::AccessError;
use crate::host::Origin;
use std::{error, fmt, io};

/// Why a file could not be read. Turned into a [`Refusal`] by `?`: the supplier's file makes it
/// `unsupported-submission`, the buyer's `invalid-params`.
///
/// Where the criteria ask for a file, a failing check serves its reader better than a refusal: match
/// on [`ReadError::is_not_found`] first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Whose file.
    pub origin: Origin,
    /// Its path or name.
    pub path: String,
    /// What happened.
    pub kind: ReadErrorKind,
}

/// What happened to a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// The host's answer.
    Access(AccessError),
    /// A record does not fit into the largest piece that is read at once.
    RecordTooLong {
        /// The record, counted from 1.
        number: u64,
        /// Where it begins.
        offset: u64,
        /// How much would have been accepted, delimiter included.
        limit_bytes: u64,
    },
    /// The whole file was asked for and is larger than the caller accepts.
    TooLarge {
        /// How large it is.
        size_bytes: u64,
        /// How much would have been accepted.
        limit_bytes: u64,
    },
    /// Text was asked for and the bytes are not UTF-8.
    NotUtf8 {
        /// Bytes before the first that does not fit.
        valid_up_to: u64,
    },
}

impl ReadError {
    pub(crate) fn access(origin: Origin, path: &str, error: AccessError) -> Self {
        Self {
            origin,
            path: path.to_owned(),
            kind: ReadErrorKind::Access(error),
        }
    }

    /// There is no file of that name.
    pub fn is_not_found(&self) -> bool {
        self.kind == ReadErrorKind::Access(AccessError::NotFound)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`: ", self.origin, self.path)?;
        match &self.kind {
            ReadErrorKind::Access(AccessError::NotFound) => f.write_str("there is no such file"),
            ReadErrorKind::Access(AccessError::OutOfRange) => {
                f.write_str("a read lies outside of the file or of the host's limits")
            }
            ReadErrorKind::Access(AccessError::TooManyOpen) => f.write_str("too many open files"),
            ReadErrorKind::RecordTooLong {
                number,
                offset,
                limit_bytes,
            } => write!(
                f,
                "record {number} at byte {offset} is longer than {limit_bytes} bytes"
            ),
            ReadErrorKind::TooLarge {
                size_bytes,
                limit_bytes,
            } => {
                write!(
                    f,
                    "{size_bytes} bytes are more than the {limit_bytes} that are accepted"
                )
            }
            ReadErrorKind::NotUtf8 { valid_up_to } => {
                write!(f, "not UTF-8 after byte {valid_up_to}")
            }
        }
    }
}

impl error::Error for ReadError {}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        match (error.origin, &error.kind) {
            (_, ReadErrorKind::Access(AccessError::OutOfRange | AccessError::TooManyOpen)) => {
                Self::Internal(error.to_string())
            }
            (Origin::Submission, _) => Self::UnsupportedSubmission(error.to_string()),
            (Origin::Reference, _) => Self::InvalidParams(error.to_string()),
        }
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        let kind = match error.kind {
            ReadErrorKind::Access(AccessError::NotFound) => io::ErrorKind::NotFound,
            ReadErrorKind::NotUtf8 { .. } | ReadErrorKind::RecordTooLong { .. } => {
                io::ErrorKind::InvalidData
            }
            _ => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}
