use proptest::prelude::*;

use super::*;

/// A journal of three frames after the first, and where each frame ends.
fn sample() -> (Vec<u8>, Vec<usize>) {
    let (mut writer, mut bytes) = JournalWriter::begin("base");
    let mut ends = vec![bytes.len()];
    bytes.extend(writer.batch(&[b"one".to_vec(), vec![]], "first"));
    ends.push(bytes.len());
    bytes.extend(writer.cosigned("first and more"));
    ends.push(bytes.len());
    bytes.extend(writer.batch(&[vec![7; 3000]], "second"));
    ends.push(bytes.len());
    assert_eq!(writer.size_bytes, bytes.len() as u64);
    (bytes, ends)
}

#[test]
fn what_is_written_is_read() {
    let (bytes, _) = sample();
    let journal = Journal::read(&bytes).expect("whole").expect("begun");
    let expected = [
        Frame::Batch(vec![b"one".to_vec(), vec![]], "first".into()),
        Frame::Cosigned("first and more".into()),
        Frame::Batch(vec![vec![7; 3000]], "second".into()),
    ];
    assert_eq!(journal.frames, expected);
    assert!(!journal.torn);
    assert_eq!(journal.base, "base");
}

#[test]
fn every_cut_leaves_the_frames_before_it() {
    let (bytes, ends) = sample();
    for cut in 0..bytes.len() {
        let whole = ends.iter().filter(|&&end| end <= cut).count();
        match Journal::read(&bytes[..cut]).expect("a cut is no damage") {
            None => assert_eq!(whole, 0, "cut at {cut}"),
            Some(journal) => {
                assert_eq!(journal.frames.len() + 1, whole, "cut at {cut}");
                assert_eq!(journal.torn, !ends.contains(&cut), "cut at {cut}");
            }
        }
    }
}

#[test]
fn a_damaged_body_is_torn_at_the_end_and_damage_before_it() {
    let (bytes, ends) = sample();
    for (index, &end) in ends.iter().enumerate() {
        let mut changed = bytes.clone();
        changed[end - 1] ^= 1;
        let read = Journal::read(&changed);
        match index == ends.len() - 1 {
            true => assert!(read.expect("no damage").expect("begun").torn),
            false => {
                let offset = if index == 0 {
                    MAGIC.len()
                } else {
                    ends[index - 1]
                };
                assert_eq!(read.expect_err("damage"), DamagedFrame { offset });
            }
        }
    }
}

#[test]
fn a_frame_of_another_journal_does_not_fit() {
    let (mut other, _) = JournalWriter::begin("another base");
    let stray = other.batch(&[b"stray".to_vec()], "stray");
    let (_, mut bytes) = JournalWriter::begin("base");
    bytes.extend(stray);
    let journal = Journal::read(&bytes).expect("no damage").expect("begun");
    assert_eq!(journal.frames, []);
    assert!(journal.torn);
}

#[test]
fn an_unknown_kind_and_a_second_base_are_damage() {
    let (writer, bytes) = JournalWriter::begin("base");
    for (kind, body) in [
        (0, &b"again"[..]),
        (3, b"new"),
        (1, b"\0\0\0\x01"),
        (2, b"\xff"),
    ] {
        let mut changed = bytes.clone();
        changed.extend(writer.clone().frame(kind, &[body]));
        let offset = bytes.len();
        assert_eq!(
            Journal::read(&changed).expect_err("damage"),
            DamagedFrame { offset }
        );
    }
}

proptest! {
    #[test]
    fn no_flipped_bit_gives_other_frames(at in any::<prop::sample::Index>(), bit in 0..8u8) {
        let (bytes, _) = sample();
        let right = Journal::read(&bytes).expect("whole").expect("begun").frames;
        let mut changed = bytes.clone();
        let at = at.index(bytes.len());
        changed[at] ^= 1 << bit;
        if let Ok(Some(journal)) = Journal::read(&changed) {
            prop_assert!(journal.torn);
            prop_assert_eq!(journal.base, "base");
            prop_assert!(right.starts_with(&journal.frames));
        }
    }

    #[test]
    fn nothing_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let whole = [MAGIC, &bytes].concat();
        let _ = Journal::read(&whole);
        let _ = decode(1, &bytes);
    }
}
