//! The buyer's test cases, one in a line.

use proofmark_validator_sdk::program::File;
use proofmark_validator_sdk::{Refusal, reference};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Most cases in a file.
const MAX_CASES: u64 = 10_000;

/// What the program is given, and what it must answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// For people; the number of the line, if there is none.
    #[serde(default)]
    pub(crate) name: String,
    /// Arguments after the program's own name.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// Standard input.
    #[serde(default)]
    pub(crate) stdin: String,
    /// Files below `/`, as text.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// What it must write to standard output.
    pub(crate) stdout: String,
    /// With what it must end.
    #[serde(default)]
    pub(crate) exit: u32,
}

impl Case {
    pub(crate) fn files(&self) -> Vec<File> {
        let files = self.files.iter();
        files
            .map(|(path, text)| File {
                path: path.clone(),
                content: text.clone().into_bytes(),
            })
            .collect()
    }
}

/// A file of cases, and how many there are.
pub(crate) struct Cases<'p> {
    name: &'p str,
    /// How many.
    pub(crate) count: u64,
    /// How long the file is, in bytes.
    pub(crate) bytes: u64,
    /// How many arguments and files there are in all of them.
    pub(crate) parts: u64,
}

impl<'p> Cases<'p> {
    /// Count them, and see that each is one: what is wrong with them must not depend on the program.
    pub(crate) fn of(name: &'p str) -> Result<Self, Refusal> {
        let mut cases = Self {
            name,
            count: 0,
            bytes: reference::open(name)?.len(),
            parts: 0,
        };
        let (mut count, mut parts) = (0, 0);
        cases.each(|case| {
            count += 1;
            parts += (case.args.len() + case.files.len()) as u64;
        })?;
        if count == 0 {
            return Err(wrong(name, 0, "there is no case"));
        }
        (cases.count, cases.parts) = (count, parts);
        Ok(cases)
    }

    /// Every case in its order. One line is in memory at a time.
    pub(crate) fn each(&self, mut judge: impl FnMut(Case)) -> Result<(), Refusal> {
        let mut lines = reference::open(self.name)?.lines();
        while let Some(line) = lines.next_record()? {
            if line.bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            if line.number > MAX_CASES {
                return Err(wrong(self.name, line.number, "there are too many lines"));
            }
            let case: Result<Case, _> = serde_json::from_slice(line.bytes);
            let mut case =
                case.map_err(|error| wrong(self.name, line.number, &error.to_string()))?;
            if case.name.is_empty() {
                case.name = format!("line {}", line.number);
            }
            judge(case);
        }
        Ok(())
    }
}

/// The buyer's file says what it cannot mean.
fn wrong(name: &str, line: u64, why: &str) -> Refusal {
    Refusal::InvalidParams(format!("the reference file `{name}`, line {line}: {why}"))
}
