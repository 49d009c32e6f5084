//! Looks for a byte, eight at a time: telemetry is mostly bytes that nobody looks for.

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);

/// Where the first byte stands that is one of the two.
pub(super) fn find(bytes: &[u8], one: u8, other: u8) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    let (ones, others) = (ONES * u64::from(one), ONES * u64::from(other));
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = zeroes(word ^ ones) | zeroes(word ^ others);
        if found != 0 {
            return Some(index * 8 + (found.trailing_zeros() / 8) as usize);
        }
    }
    let found = rest.iter().position(|byte| *byte == one || *byte == other);
    found.map(|at| bytes.len() - rest.len() + at)
}

/// The highest bit of every byte that is zero; of bytes behind the first of them, perhaps others.
fn zeroes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_a_loop_finds() {
        let mut state = 1_u64;
        for len in 0..70 {
            for _ in 0..50 {
                let bytes: Vec<u8> = (0..len)
                    .map(|_| {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1);
                        b"\x00\x01\x7f\x80\x81\xff\n\r,\"\"x"[(state >> 33) as usize % 12]
                    })
                    .collect();
                for (one, other) in [(b'\n', b'\n'), (b',', b'"'), (0, 0x80), (0xff, 1)] {
                    let slow = bytes.iter().position(|byte| *byte == one || *byte == other);
                    assert_eq!(find(&bytes, one, other), slow, "{bytes:?}");
                }
            }
        }
    }
}
