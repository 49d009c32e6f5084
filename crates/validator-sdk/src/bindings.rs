//! The contract as `wit-bindgen` sees it, for guests that want to be closer to the metal than
//! [`Validator`](crate::Validator): implement [`Guest`] and call `bindings::export!`.
//!
//! Everything in here is generated from `wit/proofmark-validator-1.0.0`; the comments there are the
//! reference. Calling an imported function outside WebAssembly panics: unit tests go through the
//! wrappers of this crate, which have an in-memory host.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::undocumented_unsafe_blocks
)]

#[cfg(not(feature = "program"))]
wit_bindgen::generate!({
    path: "../../wit/proofmark-validator-1.0.0",
    world: "validator",
    pub_export_macro: true,
    default_bindings_module: "proofmark_validator_sdk::bindings",
    additional_derives: [PartialEq, Eq],
});

#[cfg(feature = "program")]
wit_bindgen::generate!({
    path: "../../wit/proofmark-validator-1.0.0",
    world: "validator-of-programs",
    pub_export_macro: true,
    default_bindings_module: "proofmark_validator_sdk::bindings",
    additional_derives: [PartialEq, Eq],
});
