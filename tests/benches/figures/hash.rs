//! `hash`: taking in a submission, against SHA-256 alone over the same file.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::path::Path;

use proofmark_criteria::submission::SubmissionLimits;
use proofmark_engine::intake;
use sha2::{Digest, Sha256};

use crate::guests::Setting;
use crate::large;
use crate::measure::{Contender, interleave};
use crate::table::{Figure, Section, Target};

const ROUNDS: usize = 7;
const FILE_BYTES: u64 = 1 << 30;
/// The same as intake uses.
const BUFFER_BYTES: usize = 1 << 20;

pub(crate) fn run(setting: &Setting) -> Section {
    let root = setting.scratch().join("hash");
    std::fs::create_dir(&root).expect("scratch can be written");
    let file = root.join("large.bin");
    large::noise(&file, FILE_BYTES);
    let limits = SubmissionLimits::default();
    let mut contenders: Vec<Contender<'_>> = vec![
        Box::new(|| drop(black_box(sha2_alone(&file)))),
        Box::new(|| {
            let taken = intake::directory(&root, &limits, &|_| {}).expect("it can be taken in");
            assert_eq!(taken.files.size_bytes(), FILE_BYTES);
        }),
    ];
    // Once, so that the file is in the page cache for both.
    interleave(1, 1, &mut contenders);
    let times = interleave(ROUNDS, 1, &mut contenders);
    drop(contenders);
    std::fs::remove_dir_all(&root).expect("scratch can be emptied");
    let mut section = Section::new(
        "hash",
        "a submission of one file of 1 GiB",
        &["way", "ms", "MB per second", "× floor"],
    );
    for (name, times_of) in ["sha2 alone (floor)", "submission intake"]
        .iter()
        .zip(&times)
    {
        section.row(vec![
            (*name).into(),
            Figure::Decimal(times_of.median().as_secs_f64() * 1e3, 0),
            Figure::Decimal(FILE_BYTES as f64 / 1e6 / times_of.median().as_secs_f64(), 0),
            Figure::Decimal(1.0 / times_of.over(&times[0]), 3),
        ]);
    }
    section.target(Target::at_least(
        "speed of intake over sha2 alone",
        1.0 / times[1].over(&times[0]),
        0.9,
        "×",
    ));
    section.note(format!(
        "{ROUNDS} interleaved rounds; file in the page cache, buffer of 1 MiB"
    ));
    section
}

fn sha2_alone(path: &Path) -> Vec<u8> {
    let mut file = File::open(path).expect("the file is there");
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer).expect("it can be read") {
            0 => return hash.finalize().to_vec(),
            got => hash.update(&buffer[..got]),
        }
    }
}
