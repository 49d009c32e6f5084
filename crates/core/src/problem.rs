//! The shape in which a bad document is reported.

use std::fmt;

use serde::Serialize;

/// One thing wrong with a document that somebody wrote. A document is reported as a list of these, all
/// of them at once. Whoever wrote the document must act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable name of the kind of problem, kebab-case. Never changes once published.
    pub code: &'static str,
    /// RFC 6901 JSON Pointer to the place in the document; `None` where there is no document yet (it
    /// does not parse) or the problem has no place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// What is wrong, one sentence without its place.
    pub message: String,
    /// What to do about it, one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a place and a hint.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            pointer: None,
            message: message.into(),
            hint: None,
        }
    }

    /// The same at `pointer`.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// The same at `pointer`, unless it already has a place.
    #[must_use]
    pub fn or_at(self, pointer: &str) -> Self {
        match self.pointer {
            Some(_) => self,
            None => self.at(pointer),
        }
    }

    /// The same with `hint`.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    /// The message alone; code, place and hint are laid out by whoever shows it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_the_message_alone() {
        let problem = Problem::new("some-code", "it is wrong")
            .at("/a")
            .hint("mend it");
        assert_eq!(problem.to_string(), "it is wrong");
    }

    #[test]
    fn a_place_is_kept_or_filled_in() {
        let placed = Problem::new("c", "m").at("/a").or_at("/b");
        assert_eq!(placed.pointer.as_deref(), Some("/a"));
        let filled = Problem::new("c", "m").or_at("/b");
        assert_eq!(filled.pointer.as_deref(), Some("/b"));
    }

    #[test]
    fn absent_members_are_omitted_in_json() -> Result<(), serde_json::Error> {
        let json = serde_json::to_string(&Problem::new("c", "m"))?;
        assert_eq!(json, r#"{"code":"c","message":"m"}"#);
        Ok(())
    }
}
