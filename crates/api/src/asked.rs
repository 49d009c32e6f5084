//! What a request asks for, read so that whatever is wrong is a problem document too.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The query.
pub(crate) struct Asked<T>(pub(crate) T);

/// The variable parts of the path.
pub(crate) struct Named<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Query::from_request_parts(parts, state).await;
        let Query(asked) = read.map_err(|error| Problem::malformed(error.body_text()))?;
        Ok(Self(asked))
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Path::from_request_parts(parts, state).await;
        let Path(named) = read.map_err(|error| Problem::malformed(error.body_text()))?;
        Ok(Self(named))
    }
}

/// A state that nothing is ever in is a mistake, and not an empty list.
pub(crate) fn known_state(asked: Option<&str>, names: &[&str]) -> Result<(), Problem> {
    match asked.filter(|asked| !names.contains(asked)) {
        None => Ok(()),
        Some(asked) => Err(Problem::malformed(format!(
            "there is no state {asked}: {}",
            names.join(", ")
        ))),
    }
}
