//! Reading files: windows, records, listings, and whose fault a failure is.

use proofmark_validator_sdk::testing::Fixture;
use proofmark_validator_sdk::{
    Artifact, MAX_RECORD_BYTES, ReadErrorKind, Records, Refusal, reference, submission,
};
use std::io::{BufRead, Read, Seek, SeekFrom};

fn with_file<T>(content: impl AsRef<[u8]>, judge: impl FnOnce(Artifact) -> T) -> T {
    let fixture = Fixture::new().submission("f", content);
    fixture
        .run(|| judge(submission::open("f").expect("the file")))
        .0
}

/// Numbers 0, 1, … as bytes, so that every place is recognisable.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

fn collect(mut records: Records) -> Vec<(u64, u64, String)> {
    let mut found = Vec::new();
    while let Some(record) = records.next_record().expect("a record") {
        let text = String::from_utf8_lossy(record.bytes).into_owned();
        found.push((record.number, record.offset, text));
    }
    found
}

#[test]
fn read_returns_every_byte_whatever_the_window() {
    let content = pattern(10_000);
    for window in [1, 7, 4_096, 10_000, 1 << 20] {
        with_file(&content, |file| {
            let mut read = Vec::new();
            file.with_window(window)
                .read_to_end(&mut read)
                .expect("bytes");
            assert!(read == content, "{window}");
        });
    }
}

#[test]
fn seek_works_within_and_beyond_the_window() {
    with_file(pattern(1_000), |file| {
        let mut file = file.with_window(100);
        let mut at = |target: SeekFrom| {
            let position = file.seek(target).expect("a seek");
            let mut byte = [0];
            let count = file.read(&mut byte).expect("a read");
            (position, count, byte[0])
        };
        assert_eq!(at(SeekFrom::Start(500)), (500, 1, (500 % 251) as u8));
        assert_eq!(at(SeekFrom::Current(-1)), (500, 1, (500 % 251) as u8));
        assert_eq!(at(SeekFrom::Start(0)), (0, 1, 0));
        assert_eq!(at(SeekFrom::End(-1)), (999, 1, (999 % 251) as u8));
        assert_eq!(at(SeekFrom::Start(5_000)), (5_000, 0, 0));
        assert!(file.seek(SeekFrom::Current(-6_000)).is_err());
    });
}

#[test]
fn buffered_reading_stops_at_lines() {
    with_file("ab\ncd", |file| {
        let lines: Vec<String> = file.with_window(2).lines_of_text();
        assert_eq!(lines, ["ab", "cd"]);
    });
}

/// `BufRead::lines`, which the inherent `lines` of an artifact shadows.
trait LinesOfText {
    fn lines_of_text(self) -> Vec<String>;
}

impl LinesOfText for Artifact {
    fn lines_of_text(self) -> Vec<String> {
        BufRead::lines(self)
            .map(|line| line.expect("a line"))
            .collect()
    }
}

#[test]
fn lines_have_numbers_offsets_and_no_line_ends() {
    let found = with_file("a\r\n\nbc\n\rd\ne", |file| {
        collect(file.with_window(3).lines())
    });
    let expected = [
        (1, 0, "a"),
        (2, 3, ""),
        (3, 4, "bc"),
        (4, 7, "\rd"),
        (5, 10, "e"),
    ];
    assert_eq!(
        found,
        expected.map(|(number, offset, text)| (number, offset, text.to_owned()))
    );
}

#[test]
fn the_window_decides_nothing_about_records() {
    let text: String = (0..2_000).map(|n| "x".repeat(n % 40) + "\n").collect();
    let whole = with_file(&text, |file| collect(file.records(b'\n')));
    assert_eq!(whole.len(), 2_000);
    for window in [1, 41, 1_000] {
        let found = with_file(&text, |file| {
            collect(file.with_window(window).records(b'\n'))
        });
        assert!(found == whole, "{window}");
    }
}

#[test]
fn an_empty_file_has_no_records_and_a_trailing_delimiter_adds_none() {
    assert!(with_file("", |file| collect(file.lines())).is_empty());
    assert_eq!(with_file("a;", |file| collect(file.records(b';'))).len(), 1);
    assert_eq!(
        with_file("a;;", |file| collect(file.records(b';'))).len(),
        2
    );
}

#[test]
fn a_record_may_be_as_long_as_a_host_call_and_no_longer() {
    let longest = "x".repeat(MAX_RECORD_BYTES as usize - 1) + "\ny\n";
    assert_eq!(with_file(&longest, |file| collect(file.lines())).len(), 2);
    let longer = "ok\n".to_owned() + &"x".repeat(MAX_RECORD_BYTES as usize) + "\ny\n";
    let error = with_file(&longer, |file| {
        let mut lines = file.lines();
        assert!(lines.next_record().expect("the first").is_some());
        lines.next_record().expect_err("too long")
    });
    let limit_bytes = MAX_RECORD_BYTES;
    assert_eq!(
        error.kind,
        ReadErrorKind::RecordTooLong {
            number: 2,
            offset: 3,
            limit_bytes
        }
    );
}

#[test]
fn whole_files_are_bounded_and_text_is_utf_8() {
    let content = pattern(3 << 20);
    with_file(&content, |mut file| {
        assert!(file.read_all(3 << 20).expect("bytes") == content);
        let kind = file.read_all((3 << 20) - 1).expect_err("too large").kind;
        let (size_bytes, limit_bytes) = (3 << 20, (3 << 20) - 1);
        assert_eq!(
            kind,
            ReadErrorKind::TooLarge {
                size_bytes,
                limit_bytes
            }
        );
    });
    let kind = with_file(b"ab\xff", |mut file| {
        file.read_text(10).expect_err("not text").kind
    });
    assert_eq!(kind, ReadErrorKind::NotUtf8 { valid_up_to: 2 });
}

#[test]
fn digests_are_sha_256() {
    with_file("abc", |file| {
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(file.digest().to_string(), abc);
        assert_eq!(file.hash_range(0, 3).expect("a digest").to_string(), abc);
        assert!(file.hash_range(1, 3).is_err());
    });
}

#[test]
fn listings_go_over_pages_in_byte_order() {
    let names: Vec<String> = (0..2_500).map(|n| format!("{n:05}")).collect();
    let fixture = names
        .iter()
        .rev()
        .fold(Fixture::new(), |all, name| all.submission(name, "x"));
    let (listed, _) = fixture.reference("r", "y").run(|| {
        assert_eq!(
            reference::list()
                .map(|entry| entry.path)
                .collect::<Vec<_>>(),
            ["r"]
        );
        submission::list()
            .map(|entry| entry.path)
            .collect::<Vec<_>>()
    });
    assert!(listed == names);
}

#[test]
fn what_is_missing_is_the_fault_of_who_owed_it() {
    let (refusals, _) = Fixture::new().run(|| {
        let of_supplier = submission::open("a").err().expect("an error");
        assert!(of_supplier.is_not_found());
        assert_eq!(
            of_supplier.to_string(),
            "artifact `a`: there is no such file"
        );
        let of_buyer = reference::open("b").err().expect("an error");
        [of_supplier, of_buyer].map(Refusal::from)
    });
    assert!(matches!(refusals[0], Refusal::UnsupportedSubmission(_)));
    assert!(matches!(refusals[1], Refusal::InvalidParams(_)));
}
