//! Large files, written without holding them in memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// One file of `size` bytes that look like noise: one mebibyte of them over and over, each numbered.
pub(crate) fn noise(path: &Path, size: u64) {
    const BLOCK_BYTES: usize = 1 << 20;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut block: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .flatten()
    .take(BLOCK_BYTES)
    .collect();
    let mut file = File::create(path).expect("scratch can be written");
    for number in 0..size / BLOCK_BYTES as u64 {
        block[..8].copy_from_slice(&number.to_le_bytes());
        file.write_all(&block).expect("there is room");
    }
}

/// JSON Lines of at least `size` bytes; every line is a small record. Says how many lines there are.
pub(crate) fn json_lines(path: &Path, size: u64) -> u64 {
    let mut file =
        BufWriter::with_capacity(1 << 20, File::create(path).expect("scratch can be written"));
    let (mut written, mut lines) = (0, 0);
    while written < size {
        let line = format!(
            "{{\"id\":{lines},\"name\":\"sample {lines}\",\"status\":\"shipped\",\"quantity\":{},\"price\":{},\
             \"tags\":[\"steel\",\"zinc\"],\"ordered_on\":\"2026-11-05\"}}\n",
            1 + lines % 9,
            250 + lines % 1_000,
        );
        file.write_all(line.as_bytes()).expect("there is room");
        written += line.len() as u64;
        lines += 1;
    }
    file.flush().expect("there is room");
    lines
}
