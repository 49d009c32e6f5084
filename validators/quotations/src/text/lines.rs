//! Numbers of lines.

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(
            std::iter::once(0)
                .chain(breaks.map(|(at, _)| at + 1))
                .collect(),
        )
    }

    /// The number of the line, from 1, on which the byte `at` stands.
    pub(super) fn number(&self, at: usize) -> u64 {
        self.0.partition_point(|start| *start <= at) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_count_from_one() {
        let lines = Lines::new("a\n\nb");
        assert_eq!([0, 1, 2, 3].map(|at| lines.number(at)), [1, 1, 2, 3]);
    }
}
