//! Mutants: good work with one mistake put into it. A validator that passes one of them has not looked there.
//!
//! | file | what is changed |
//! |---|---|
//! | `json` | members, elements and scalars of a JSON document, or of each line of one (JSON Lines) |
//! | `table` | records and cells of CSV and TSV |
//! | `text` | lines, words and numbers |
//! | `diff` | hunks, lines and paths of a unified diff |
//! | `wasm` | sections of a WebAssembly module or component, and bytes in them |
//! | `pick` | so many of all that there could be, some of each operator |
//!
//! Everything but the one mistake stays byte for byte, and the same work has the same mutants. Terms as in mutation
//! testing (DeMillo, Lipton, Sayward: *Hints on Test Data Selection*, 1978): an **operator** makes **mutants**; whoever
//! notices one has **killed** it, the others **survive**. A survivor may be as good as the original (*equivalent*): whether
//! that is so is for people to see, so each says what it changed. In scope: making mutants. Out of scope: judging them.

mod diff;
mod edit;
mod json;
mod kind;
mod pick;
mod table;
mod text;
mod wasm;

use std::collections::BTreeSet;
use std::fmt;

use edit::Edit;
use proofmark_core::Digest;

/// Longest file of which mutants are made, in bytes; of longer ones only the whole file is mutated.
pub const MAX_FILE_BYTES: usize = 256 << 10;

/// A file of the work.
#[derive(Debug, Clone, Copy)]
pub struct File<'b> {
    /// Its path, whose end says what kind of file it is.
    pub path: &'b str,
    /// Its content.
    pub bytes: &'b [u8],
}

/// The kinds of mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// A file is missing.
    FileRemoved,
    /// A file is there, and empty.
    FileEmptied,
    /// A file ends in the middle.
    FileHalved,
    /// A member of an object is missing.
    MemberRemoved,
    /// An element of an array is missing.
    ElementRemoved,
    /// An element of an array is there twice.
    ElementRepeated,
    /// A text is empty.
    StringEmptied,
    /// A text has another character in it.
    StringChanged,
    /// A number has another last digit.
    NumberChanged,
    /// A number has the other sign.
    NumberNegated,
    /// A truth value is the other one.
    BooleanFlipped,
    /// A record is missing.
    RecordRemoved,
    /// A record is there twice.
    RecordRepeated,
    /// A cell is empty.
    CellEmptied,
    /// A cell has another value.
    CellChanged,
    /// A line is missing.
    LineRemoved,
    /// A line is there twice.
    LineRepeated,
    /// A word has another letter.
    WordChanged,
    /// A hunk is missing.
    HunkRemoved,
    /// A line that was to be added is not.
    AddedLineRemoved,
    /// A line that was to be added is another.
    AddedLineChanged,
    /// A line that should be in the base is another.
    ContextChanged,
    /// Another file is changed.
    PathChanged,
    /// A section is missing.
    SectionRemoved,
    /// A byte of a section is another.
    ByteChanged,
}

impl Operator {
    /// Its stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FileRemoved => "file-removed",
            Self::FileEmptied => "file-emptied",
            Self::FileHalved => "file-halved",
            Self::MemberRemoved => "member-removed",
            Self::ElementRemoved => "element-removed",
            Self::ElementRepeated => "element-repeated",
            Self::StringEmptied => "string-emptied",
            Self::StringChanged => "string-changed",
            Self::NumberChanged => "number-changed",
            Self::NumberNegated => "number-negated",
            Self::BooleanFlipped => "boolean-flipped",
            Self::RecordRemoved => "record-removed",
            Self::RecordRepeated => "record-repeated",
            Self::CellEmptied => "cell-emptied",
            Self::CellChanged => "cell-changed",
            Self::LineRemoved => "line-removed",
            Self::LineRepeated => "line-repeated",
            Self::WordChanged => "word-changed",
            Self::HunkRemoved => "hunk-removed",
            Self::AddedLineRemoved => "added-line-removed",
            Self::AddedLineChanged => "added-line-changed",
            Self::ContextChanged => "context-changed",
            Self::PathChanged => "path-changed",
            Self::SectionRemoved => "section-removed",
            Self::ByteChanged => "byte-changed",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Work with one mistake in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// What kind of mistake.
    pub operator: Operator,
    /// In which file.
    pub path: String,
    /// Where in it: a JSON pointer, a line, a record. Empty for the whole file.
    pub place: String,
    /// What was there, shortened; empty for the whole file.
    pub was: String,
    /// What is there instead, shortened; empty where nothing is.
    pub is: String,
    /// The file as it is now; nothing if it is missing.
    pub bytes: Option<Vec<u8>>,
}

/// At most so many mutants of these files, some of each operator, evenly over the work. None is the work itself, and no two
/// are the same.
#[must_use]
pub fn mutants(files: &[File<'_>], most: usize) -> Vec<Mutant> {
    let edits = files.iter().enumerate().flat_map(|(at, file)| {
        let inner = match file.bytes.len() <= MAX_FILE_BYTES {
            true => kind::of(file).edits(file.bytes),
            false => Vec::new(),
        };
        let all = edit::whole(file.bytes).into_iter().chain(inner);
        all.map(move |edit| (at, edit))
    });
    let mut edits: Vec<(usize, Edit)> = edits.collect();
    edits.sort_by(|(a, one), (b, other)| (a, one).cmp(&(b, other)));
    edits.dedup_by(|(a, one), (b, other)| a == b && one.comes_to_the_same_as(other));
    edits.retain(|(at, edit)| edit.changes(files[*at].bytes));
    let operators: Vec<_> = edits.iter().map(|(_, edit)| edit.operator).collect();
    let (mut seen, mut made) = (BTreeSet::new(), Vec::new());
    for index in pick::evenly(&operators, most) {
        let (at, edit) = &edits[index];
        let mutant = edit.made(&files[*at]);
        // To leave out the first of two equal lines, or the second, comes to the same.
        let comes_to = mutant.bytes.as_deref().map(Digest::of);
        if seen.insert((*at, comes_to)) {
            made.push(mutant);
        }
    }
    made
}
