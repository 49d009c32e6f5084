//! Shapes that several routes share.

use proofmark_core::Timestamp;
use proofmark_market::event::Noted;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A time in RFC 3339.
pub(crate) fn text(at: &Timestamp) -> String {
    at.to_string()
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Happened {
    /// When.
    at: String,
    /// What: its `type`, and what belongs to it.
    #[schema(value_type = Object)]
    event: Value,
}

impl From<&Noted> for Happened {
    fn from(noted: &Noted) -> Self {
        Self {
            at: text(&noted.at),
            event: json!(noted.event),
        }
    }
}
