//! Sections of a WebAssembly module or component, and bytes in them.

use std::ops::Range;

use crate::Operator;
use crate::edit::Edit;

/// Magic number and version.
const HEADER_BYTES: usize = 8;

/// Names and other notes, which change nothing that runs.
const CUSTOM: u8 = 0;

/// So many bytes of each section are changed.
const BYTES_CHANGED: usize = 64;

pub(crate) fn edits(bytes: &[u8]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (id, whole, content) in sections(bytes) {
        if id == CUSTOM || content.is_empty() {
            continue;
        }
        let place = format!("section {id} at byte {}", whole.start);
        edits.push(Edit::new(Operator::SectionRemoved, place, whole, ""));
        let step = content.len().div_ceil(BYTES_CHANGED);
        edits.extend(content.step_by(step).map(|at| {
            let place = format!("byte {at}");
            Edit::new(Operator::ByteChanged, place, at..at + 1, [bytes[at] ^ 1])
        }));
    }
    edits
}

/// Each with its id, its whole and its content, as far as they can be read (WebAssembly core specification, §5.5.2).
fn sections(bytes: &[u8]) -> Vec<(u8, Range<usize>, Range<usize>)> {
    let (mut sections, mut at) = (Vec::new(), HEADER_BYTES);
    while let Some(id) = bytes.get(at)
        && let Some((length, start)) = leb128(bytes, at + 1)
        && let Some(end) = start.checked_add(length).filter(|end| *end <= bytes.len())
    {
        sections.push((*id, at..end, start..end));
        at = end;
    }
    sections
}

/// An unsigned number of 32 bits, and where it ends.
fn leb128(bytes: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().enumerate().skip(start).take(5) {
        value |= u64::from(byte & 0x7f) << (7 * (at - start));
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, at + 1));
        }
    }
    None
}
