//! Sets of half-open spans of integers.

mod parse;
mod set;
mod span;

pub use parse::ParseError;
pub use set::SpanSet;
pub use span::Span;
