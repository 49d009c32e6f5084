//! The profile is the one that was published, and names what is linked.

use super::*;

/// A change of anything a verdict or its fuel depends on is a change of the profile, and must be meant:
/// every recorded verdict names it.
#[test]
fn the_profile_is_the_one_that_was_published() {
    assert_eq!(EngineProfile::current().digest().to_string(), PUBLISHED);
}

const PUBLISHED: &str = "sha256:b5ece78a2e22990800b46c6b3692bcbd573bb7bf9e79e089185da5f8c836dc7b";

#[test]
fn the_runtime_is_the_one_that_is_linked() {
    let lock = include_str!("../../../Cargo.lock");
    let programs = proofmark_program::PROFILE;
    let runtimes = [
        ("wasmtime", WASMTIME_VERSION),
        (programs.interpreter, programs.version),
    ];
    for (name, version) in runtimes.iter().chain(programs.parts) {
        let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(
            lock.contains(&entry),
            "Cargo.lock has another {name} than the profile names"
        );
    }
}
