//! Randomness, of which there is none: a verifier that asked for it could give two answers.
//!
//! The JSON Schema library below seeds its hash tables with it, which only keeps strangers from choosing names
//! that collide. A module for one page and documents of at most 4 MiB does without, and so needs no import.

/// What the crate `getrandom` calls, as `.cargo/config.toml` chooses for this target: zeroes.
// SAFETY: no other symbol of the program has this name. `getrandom` promises that `to` and the `length` bytes
// after it may be written, which is all that is done with them.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(
    to: *mut u8,
    length: usize,
) -> Result<(), getrandom::Error> {
    // SAFETY: as above.
    unsafe { std::ptr::write_bytes(to, 0, length) };
    Ok(())
}
