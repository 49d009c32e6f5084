//! A set of spans.

use crate::Span;
use std::fmt;

/// Spans in ascending order, no two of which touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpanSet {
    spans: Vec<Span>,
}

impl SpanSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The spans in ascending order.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Adds a span, and joins it with those that it touches.
    pub fn insert(&mut self, span: Span) {
        let (mut start, mut end) = (span.start(), span.end());
        self.spans.retain(|other| {
            let touches = span.touches(*other);
            if touches {
                start = start.min(other.start());
                end = end.max(other.end());
            }
            !touches
        });
        let at = self.spans.partition_point(|other| other.end() < start);
        self.spans.extend(Span::new(start, end));
        self.spans[at..].rotate_right(1);
    }

    /// Takes a span out of the set.
    pub fn remove(&mut self, span: Span) {
        let mut left = Vec::with_capacity(self.spans.len());
        for other in &self.spans {
            if !other.overlaps(span) {
                left.push(*other);
                continue;
            }
            if let Some(before) = Span::new(other.start(), span.start()) {
                left.push(before);
            } else if let Some(after) = Span::new(span.end(), other.end()) {
                left.push(after);
            }
        }
        self.spans = left;
    }

    /// Whether the integer is in one of the spans.
    pub fn contains(&self, point: i64) -> bool {
        let at = self.spans.partition_point(|span| span.end() <= point);
        self.spans.get(at).is_some_and(|span| span.start() <= point)
    }
}

impl fmt::Display for SpanSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, span) in self.spans.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{span}")?;
        }
        Ok(())
    }
}
