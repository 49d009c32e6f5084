//! What kind of file it is: by its name, and where that says nothing by what is in it.

use crate::edit::Edit;
use crate::{File, diff, json, table, text, wasm};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    JsonLines,
    Table(u8),
    Diff,
    Wasm,
    Text,
    /// Only whole files of it are mutated.
    Other,
}

pub(crate) fn of(file: &File<'_>) -> Kind {
    let name = file.path.to_ascii_lowercase();
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    match end {
        "json" if json::is(file.bytes) => Kind::Json,
        "jsonl" | "ndjson" => Kind::JsonLines,
        "csv" => Kind::Table(b','),
        "tsv" => Kind::Table(b'\t'),
        "diff" | "patch" => Kind::Diff,
        _ if file.bytes.starts_with(b"\0asm") => Kind::Wasm,
        _ if file.bytes.starts_with(b"diff --git ") => Kind::Diff,
        _ if std::str::from_utf8(file.bytes).is_ok() => Kind::Text,
        _ => Kind::Other,
    }
}

impl Kind {
    pub(crate) fn edits(self, bytes: &[u8]) -> Vec<Edit> {
        match self {
            Self::Json => json::document(bytes),
            Self::JsonLines => json::lines(bytes),
            Self::Table(delimiter) => table::edits(bytes, delimiter),
            Self::Diff => diff::edits(bytes),
            Self::Wasm => wasm::edits(bytes),
            Self::Text => text::edits(bytes),
            Self::Other => Vec::new(),
        }
    }
}
