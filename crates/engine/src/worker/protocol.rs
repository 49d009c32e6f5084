//! What parent and child say to each other, as postcard frames.

use proofmark_criteria::report::ValidatorManifest;
use proofmark_criteria::schema::ParamsAnswer;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::sandbox::IsolationReport;
use crate::config::OptLevel;
use crate::fault::{CallError, HostFault};
use crate::prepare::PrepareError;
use crate::run::{ArtifactListing, ArtifactSet, RunInput, RunOutput};

/// Largest frame: the listing of 100,000 artifacts with long paths, or compiled code.
pub const MAX_FRAME_BYTES: usize = 256 << 20;
/// Largest frame out of a child that runs guests: a report of 4 MiB, tripled by cleaning, and a log. Few
/// bytes can stand for large structures, so what a broken-out worker may send is kept small.
pub const MAX_RUN_RESPONSE_BYTES: usize = 16 << 20;

/// Parent to child.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Compile the component.
    Compile {
        /// How hard.
        opt: OptLevel,
        /// The component.
        component: ByteBuf,
    },
    /// Load the compiled code at the beginning of the file that comes with this frame.
    Load {
        /// What later requests call it.
        validator: u64,
        /// How long it is.
        len: u64,
    },
    /// Forget a loaded validator.
    Unload {
        /// Which.
        validator: u64,
    },
    /// Call `describe`.
    Describe {
        /// Which.
        validator: u64,
    },
    /// Call `check-params`.
    CheckParams {
        /// Which.
        validator: u64,
        /// Canonical JSON.
        params: String,
    },
    /// Call `evaluate`.
    Evaluate {
        /// Which.
        validator: u64,
        /// Parameters and limits.
        input: Box<RunInput>,
        /// The delivered work.
        submission: Files,
        /// The buyer's files.
        reference: Files,
    },
    /// The answer to [`Response::OpenArtifact`]: with a descriptor, or not at all.
    Artifact {
        /// Why there is none.
        error: Option<HostFault>,
    },
}

/// A file set as it is sent: small contents at once, the rest by descriptor when asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Files {
    /// All artifacts, sorted by path.
    pub listing: Vec<ArtifactListing>,
    /// Contents that are small enough to come along, by index.
    pub inline: Vec<(u32, ByteBuf)>,
}

/// Child to parent.
#[derive(Debug, Serialize, Deserialize)]
pub enum Response {
    /// Locked down and listening.
    Ready(IsolationReport),
    /// Answers [`Request::Compile`].
    Compiled(Result<ByteBuf, PrepareError>),
    /// Answers [`Request::Load`] and [`Request::Unload`].
    Loaded(Result<(), PrepareError>),
    /// Answers [`Request::Describe`].
    Described(Result<ValidatorManifest, CallFailure>),
    /// Answers [`Request::CheckParams`].
    ParamsChecked(Result<ParamsAnswer, CallFailure>),
    /// Answers [`Request::Evaluate`].
    Evaluated(Box<Result<RunOutput, HostFault>>),
    /// Asked in the middle of a run: the parent sends [`Request::Artifact`].
    OpenArtifact {
        /// Which set.
        set: ArtifactSet,
        /// Index in its listing.
        index: u32,
    },
    /// The child could not read a request, or a request made no sense.
    Confused(String),
}

/// [`CallError`] on the wire.
#[derive(Debug, Serialize, Deserialize)]
pub enum CallFailure {
    /// The guest's fault.
    Guest(proofmark_criteria::fault::FaultCode),
    /// The environment's.
    Host(HostFault),
}

impl From<CallError> for CallFailure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Guest(code) => Self::Guest(code),
            CallError::Host(fault) => Self::Host(fault),
        }
    }
}

impl From<CallFailure> for CallError {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Guest(code) => Self::Guest(code),
            CallFailure::Host(fault) => Self::Host(fault),
        }
    }
}
