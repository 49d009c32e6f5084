//! In which line each record begins, for findings about requests that were read long ago.

use proofmark_validator_sdk::Place;

/// The most places where records and lines stop going together: 100,000 × 16 bytes = 1.6 MB. Telemetry has
/// one, behind its header, unless blank lines or line breaks in fields make more.
const MAX_SHIFTS: usize = 100_000;

/// The lines of records.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// A record, and how many more lines than records begin before it than before the one above.
    shifts: Vec<Shift>,
    /// The first record whose line was not kept.
    forgotten: Option<u64>,
}

/// From this record on, the line has this much higher a number.
#[derive(Debug, Clone, Copy)]
struct Shift {
    record: u64,
    lines: u64,
}

impl Places {
    /// Adds a record that stands after all others, and begins in this line.
    pub(crate) fn push(&mut self, record: u64, line: u64) {
        let lines = line.saturating_sub(record);
        if self.shifts.last().is_some_and(|last| last.lines == lines) {
            return;
        }
        if self.shifts.len() < MAX_SHIFTS {
            self.shifts.push(Shift { record, lines });
        } else {
            self.forgotten.get_or_insert(record);
        }
    }

    /// A record of the file at `path`; with its line, if that was kept.
    pub(crate) fn of(&self, path: &str, record: u64) -> Place {
        let place = Place::file(path).record(record);
        match self.line(record) {
            Some(line) => place.line(line),
            None => place,
        }
    }

    fn line(&self, record: u64) -> Option<u64> {
        if self.forgotten.is_some_and(|first| record >= first) {
            return None;
        }
        let behind = self.shifts.partition_point(|shift| shift.record <= record);
        let shift = self.shifts.get(behind.checked_sub(1)?)?;
        Some(record + shift.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_has_its_line() {
        let mut places = Places::default();
        let lines = [2, 3, 5, 6, 7, 11, 12];
        for (record, line) in (1..).zip(lines) {
            places.push(record, line);
        }
        for (record, line) in (1..).zip(lines) {
            assert_eq!(places.line(record), Some(line), "{record}");
        }
        assert_eq!(places.shifts.len(), 3);
        assert_eq!(Places::default().line(1), None);
    }

    #[test]
    fn what_takes_too_much_memory_is_left_out() {
        let mut places = Places::default();
        let last = 2 * MAX_SHIFTS as u64;
        (1..=last).for_each(|record| places.push(record, 2 * record));
        assert_eq!(places.shifts.len(), MAX_SHIFTS);
        assert_eq!(places.line(1_000), Some(2_000));
        assert_eq!(places.line(last), None);
        assert_eq!(places.of("t", last), Place::file("t").record(last));
    }
}
