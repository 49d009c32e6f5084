//! The buyer's own files that belong to the criteria.

use crate::artifact::Artifact;
use crate::files::Listing;
use crate::host::Origin;
use crate::read_error::ReadError;

/// Opens a reference file by the name that the criteria document gives it.
pub fn open(name: &str) -> Result<Artifact, ReadError> {
    Artifact::open(Origin::Reference, name)
}

/// All reference files, in ascending byte order of their names.
pub fn list() -> Listing {
    Listing::new(Origin::Reference)
}
