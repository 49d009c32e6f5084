//! Aligned text: columns as wide as their widest cell, colour without a width.

use anstyle::Style;

use crate::printer::paint;
use crate::render::foreign::one_line;

/// Between two columns.
const GAP: &str = "  ";

/// One cell.
pub(super) struct Cell {
    text: String,
    style: Option<Style>,
    right: bool,
}

impl Cell {
    /// Text, aligned to the left. It may be foreign.
    pub(super) fn text(text: impl ToString) -> Self {
        Self {
            text: one_line(&text.to_string()),
            style: None,
            right: false,
        }
    }

    /// A number, aligned to the right.
    pub(super) fn number(text: impl ToString) -> Self {
        Self {
            right: true,
            ..Self::text(text)
        }
    }

    /// In a colour.
    pub(super) fn in_style(self, style: Style) -> Self {
        Self {
            style: Some(style),
            ..self
        }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }

    fn padded(&self, width: usize) -> String {
        let space = " ".repeat(width.saturating_sub(self.width()));
        let text = self
            .style
            .map_or_else(|| self.text.clone(), |style| paint(style, &self.text));
        match self.right {
            true => space + &text,
            false => text + &space,
        }
    }
}

/// Rows of equal length, the first being the heads, as lines.
pub(super) fn lines(rows: &[Vec<Cell>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(Cell::width)
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<Cell>| {
        let cells: Vec<_> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| cell.padded(*width))
            .collect();
        cells.join(GAP).trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::GOOD;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_colour_has_no_width() {
        let rows = [
            vec![Cell::text("case"), Cell::number("fuel"), Cell::text("ok")],
            vec![
                Cell::text("é"),
                Cell::number(12_345),
                Cell::text("✓").in_style(GOOD),
            ],
        ];
        let lines = lines(&rows);
        assert_eq!(lines[0], "case   fuel  ok");
        assert_eq!(
            anstream::adapter::strip_str(&lines[1]).to_string(),
            "é     12345  ✓"
        );
    }
}
