//! The work that was delivered.

use crate::artifact::Artifact;
use crate::files::Listing;
use crate::host::Origin;
use crate::read_error::ReadError;

/// Opens an artifact by its path.
pub fn open(path: &str) -> Result<Artifact, ReadError> {
    Artifact::open(Origin::Submission, path)
}

/// All artifacts, in ascending byte order of their paths.
pub fn list() -> Listing {
    Listing::new(Origin::Submission)
}
