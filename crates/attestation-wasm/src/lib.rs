//! Verification of outcomes for browsers, and for every other language that runs WebAssembly.
//!
//! In scope: the way into [`proofmark_attestation::verify::verify_json`] and out of it, over the memory of a
//! module. Out of scope: verification itself, so that the answers are those of the library and of
//! `proofmark verify`; and files, the network and a clock, which the module does not have: it imports
//! nothing, and its caller tells it the time.
//!
//! | export | what it does |
//! |---|---|
//! | `proofmark_part_limit() -> len` | bytes that a part is cut off at; a longer part is refused all the same |
//! | `proofmark_part(part, len) -> ptr` | room for a part: 0 bundle, 1 policy, 2 facts, 3 pin, 4 remembered policy, 5 criteria, 6 manifest of the submission (3 to 6 of length 0: none), 7 one more known bundle; null for another number |
//! | `proofmark_forget()` | forgets every part |
//! | `proofmark_verify() -> len` | verifies what was put there, and gives the length of the answer |
//! | `proofmark_answer() -> ptr` | the answer: JSON in UTF-8, `{"answer": …}`, or `{"error": …}` where anything but bundle and policy cannot be read |
//!
//! `web/proofmark.mjs` wraps this for JavaScript, and `web/index.html` is a page that needs no server but for
//! files:
//!
//! ```text
//! cargo build --release -p proofmark-attestation-wasm --target wasm32-unknown-unknown
//! ```

mod call;
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod chance;

use std::cell::RefCell;

pub use call::{Call, PART_LIMIT_BYTES, Part};

thread_local! {
    static CALL: RefCell<Call> = RefCell::new(Call::default());
}

/// Bytes that a part is cut off at.
// SAFETY: no other symbol of the program has this name.
#[unsafe(no_mangle)]
pub extern "C" fn proofmark_part_limit() -> usize {
    PART_LIMIT_BYTES
}

/// Room for a part of `length` bytes; null if there is no part of this number.
// SAFETY: no other symbol of the program has this name. The caller writes at most the bytes it asked for (cut
// off at the limit), before it asks for this part again; nothing here reads through a pointer from outside.
#[unsafe(no_mangle)]
pub extern "C" fn proofmark_part(part: u32, length: usize) -> *mut u8 {
    let Some(part) = Part::of_number(part) else {
        return std::ptr::null_mut();
    };
    CALL.with_borrow_mut(|call| call.room(part, length).as_mut_ptr())
}

/// Forgets every part.
// SAFETY: no other symbol of the program has this name.
#[unsafe(no_mangle)]
pub extern "C" fn proofmark_forget() {
    CALL.with_borrow_mut(Call::forget);
}

/// Verifies, and gives the length of the answer.
// SAFETY: no other symbol of the program has this name.
#[unsafe(no_mangle)]
pub extern "C" fn proofmark_verify() -> usize {
    CALL.with_borrow_mut(|call| call.verify().len())
}

/// The last answer. It stays where it is until the next [`proofmark_verify`].
// SAFETY: no other symbol of the program has this name.
#[unsafe(no_mangle)]
pub extern "C" fn proofmark_answer() -> *const u8 {
    CALL.with_borrow(|call| call.answer().as_ptr())
}
