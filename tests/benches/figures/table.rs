//! What a bench says: tables of figures and the targets they are held to, as text or as JSON.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// One entry of a table.
#[derive(Debug, Clone)]
pub(crate) enum Figure {
    /// A word.
    Text(String),
    /// A number, and with how many decimals it is shown.
    Decimal(f64, usize),
    /// A count, shown with separators.
    Count(u64),
    /// Nothing was measured here.
    Empty,
}

impl From<&str> for Figure {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Figure {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Figure {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl Figure {
    fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    fn show(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Decimal(value, decimals) => format!("{value:.decimals$}"),
            Self::Count(count) => thousands(*count),
            Self::Empty => "–".to_owned(),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Decimal(value, _) => json!(value),
            Self::Count(count) => json!(count),
            Self::Empty => Value::Null,
        }
    }
}

/// `1234567` as `1,234,567`.
fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// A figure that the issue asks for.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    what: String,
    found: f64,
    wanted: f64,
    unit: &'static str,
    at_most: bool,
}

impl Target {
    /// Reached when `found` is at most `wanted`.
    pub(crate) fn at_most(
        what: impl Into<String>,
        found: f64,
        wanted: f64,
        unit: &'static str,
    ) -> Self {
        Self {
            what: what.into(),
            found,
            wanted,
            unit,
            at_most: true,
        }
    }

    /// Reached when `found` is at least `wanted`.
    pub(crate) fn at_least(
        what: impl Into<String>,
        found: f64,
        wanted: f64,
        unit: &'static str,
    ) -> Self {
        Self {
            what: what.into(),
            found,
            wanted,
            unit,
            at_most: false,
        }
    }

    fn met(&self) -> bool {
        if self.at_most {
            self.found <= self.wanted
        } else {
            self.found >= self.wanted
        }
    }

    fn show(&self) -> String {
        let word = if self.met() { "met   " } else { "MISSED" };
        let sign = if self.at_most { "≤" } else { "≥" };
        let Self {
            what,
            found,
            wanted,
            unit,
            ..
        } = self;
        format!("{word}  {what}: {found:.2}{unit} (wanted {sign} {wanted}{unit})")
    }

    fn to_json(&self) -> Value {
        json!({
            "what": self.what,
            "found": self.found,
            "wanted": self.wanted,
            "relation": if self.at_most { "at-most" } else { "at-least" },
            "unit": self.unit.trim(),
            "met": self.met(),
        })
    }
}

/// The outcome of one bench.
#[derive(Debug)]
pub(crate) struct Section {
    name: &'static str,
    about: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Figure>>,
    targets: Vec<Target>,
    notes: Vec<String>,
}

impl Section {
    /// An empty one; `about` says what the rows are.
    pub(crate) fn new(
        name: &'static str,
        about: &'static str,
        columns: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            about,
            columns,
            rows: Vec::new(),
            targets: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row; one cell for each column.
    pub(crate) fn row(&mut self, cells: Vec<Figure>) {
        assert_eq!(
            cells.len(),
            self.columns.len(),
            "a row of {} has as many cells as columns",
            self.name
        );
        self.rows.push(cells);
    }

    /// Adds a target.
    pub(crate) fn target(&mut self, target: Target) {
        self.targets.push(target);
    }

    /// Adds a sentence below the table.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Aligned text: words to the left, figures to the right.
    pub(crate) fn to_text(&self) -> String {
        let shown: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| row.iter().map(Figure::show).collect())
            .collect();
        let width = |at: usize| {
            let cells = shown.iter().map(|row| row[at].chars().count());
            cells
                .chain([self.columns[at].chars().count()])
                .max()
                .unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let left = |at: usize| self.rows.first().is_some_and(|row| row[at].is_text());
        let line = |cells: Vec<&str>| {
            let padded = cells.iter().enumerate().map(|(at, cell)| match left(at) {
                true => format!("{cell:<width$}", width = widths[at]),
                false => format!("{cell:>width$}", width = widths[at]),
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let mut text = format!("{}: {}\n", self.name, self.about);
        let _ = writeln!(text, "  {}", line(self.columns.to_vec()));
        for row in &shown {
            let _ = writeln!(text, "  {}", line(row.iter().map(String::as_str).collect()));
        }
        for told in self
            .targets
            .iter()
            .map(Target::show)
            .chain(self.notes.iter().cloned())
        {
            let _ = writeln!(text, "  {told}");
        }
        text
    }

    /// The same for programs: rows as objects with the columns as keys.
    pub(crate) fn to_json(&self) -> Value {
        let row = |cells: &Vec<Figure>| -> Value {
            let keys = self.columns.iter().map(|column| (*column).to_owned());
            Value::Object(
                keys.zip(cells.iter().map(Figure::to_json))
                    .collect::<Map<_, _>>(),
            )
        };
        json!({
            "name": self.name,
            "about": self.about,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "targets": self.targets.iter().map(Target::to_json).collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}
