//! The ready-made validators as component bytes, built from source by the build script.
//!
//! **In scope:** bytes and parameter schemas. **Out of scope:** what they judge (the folders beside
//! this one), how they are built (`proofmark-guest-build`), and running them (`proofmark-engine`).

/// A validator that comes with the product.
#[derive(Clone, Copy, Debug)]
pub struct ReadyMade {
    /// Its name, which is also that of its folder.
    pub name: &'static str,
    /// The component. A validator is identified by the SHA-256 of these bytes.
    pub component: &'static [u8],
    /// That SHA-256, as documents write it.
    pub digest: &'static str,
    /// JSON Schema (draft 2020-12) of its parameters, as `describe` returns it.
    pub params_schema: &'static str,
}

/// All of them, in the order of their names.
pub static READY_MADE: &[ReadyMade] = include!(concat!(env!("OUT_DIR"), "/ready_made.rs"));

/// The one of that name.
pub fn ready_made(name: &str) -> Option<&'static ReadyMade> {
    READY_MADE.iter().find(|validator| validator.name == name)
}

/// Guests that misbehave, for tests of the engine.
#[cfg(feature = "hostile")]
pub mod hostile {
    /// Name and component, in the order of the names.
    pub static GUESTS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/hostile.rs"));

    /// The component of that name.
    pub fn guest(name: &str) -> Option<&'static [u8]> {
        GUESTS
            .iter()
            .find(|(guest, _)| *guest == name)
            .map(|(_, component)| *component)
    }
}

#[cfg(test)]
mod tests;
