//! Where a log is read from, and what can be read of it without its writer: proofs and entries.

mod folder;
mod reader;
mod tiles;
mod web;

use std::error::Error;

use proofmark_tlog::tile::Path;

pub use folder::Folder;
pub use reader::{LogReader, ReadError};
pub use tiles::TileError;
pub use web::Web;

pub(crate) use reader::{checked_proof, verified};
pub(crate) use tiles::Tiles;

/// The public files of a log: a directory, a web server.
pub trait Source {
    /// The signed checkpoint, as it stands there.
    ///
    /// # Errors
    /// [`SourceError`].
    fn checkpoint(&self) -> Result<Vec<u8>, SourceError>;

    /// A tile or a bundle; `None` where it is not there.
    ///
    /// # Errors
    /// [`SourceError`].
    fn read(&self, path: Path) -> Result<Option<Vec<u8>>, SourceError>;

    /// Where that is, for people.
    fn place(&self, path: &str) -> String;
}

/// A file of a log cannot be read. The environment, or whoever serves the log, is to blame.
#[derive(Debug, thiserror::Error)]
#[error("{place} cannot be read")]
pub struct SourceError {
    /// Which file.
    pub place: String,
    /// Why.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn checkpoint(&self) -> Result<Vec<u8>, SourceError> {
        (**self).checkpoint()
    }

    fn read(&self, path: Path) -> Result<Option<Vec<u8>>, SourceError> {
        (**self).read(path)
    }

    fn place(&self, path: &str) -> String {
        (**self).place(path)
    }
}
