//! A log on a web server.

use std::time::Duration;

use proofmark_tlog::note::MAX_NOTE_BYTES;
use proofmark_tlog::tile::{MAX_BUNDLE_BYTES, Path};

use super::{Source, SourceError};
use crate::layout::CHECKPOINT;
use crate::web;

/// The public files of a log below a URL.
#[derive(Debug, Clone)]
pub struct Web {
    prefix: String,
    agent: ureq::Agent,
}

impl Web {
    /// The log below this prefix; each request takes at most so long.
    #[must_use]
    pub fn new(prefix: &str, timeout: Duration) -> Self {
        Self {
            prefix: prefix.trim_end_matches('/').to_owned(),
            agent: web::agent(timeout),
        }
    }

    /// A file, `None` where the server has none.
    fn file(&self, path: &str, limit_bytes: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let answer = web::get(&self.agent, &self.place(path), limit_bytes);
        let answer = answer.map_err(|source| self.failed(path, source))?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 => Ok(None),
            _ => Err(self.failed(path, answer.unexpected())),
        }
    }

    fn failed(&self, path: &str, error: web::WebError) -> SourceError {
        SourceError {
            place: self.place(path),
            source: error.into(),
        }
    }
}

impl Source for Web {
    fn checkpoint(&self) -> Result<Vec<u8>, SourceError> {
        let missing = || self.failed(CHECKPOINT, web::WebError::Status(404));
        self.file(CHECKPOINT, MAX_NOTE_BYTES)?.ok_or_else(missing)
    }

    fn read(&self, path: Path) -> Result<Option<Vec<u8>>, SourceError> {
        self.file(&path.to_string(), MAX_BUNDLE_BYTES)
    }

    fn place(&self, path: &str) -> String {
        format!("{}/{path}", self.prefix)
    }
}
