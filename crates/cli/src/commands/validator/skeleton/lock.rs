//! The lock file of a new crate: the versions that the SDK was tested with, so that two authors with
//! one source get one component.
//!
//! `template/Cargo.lock.in` is checked in; a test sees that it agrees with the workspace. To make it again:
//! ```text
//! proofmark validator new /tmp/name-of-validator && cp Cargo.lock /tmp/name-of-validator/
//! (cd /tmp/name-of-validator && cargo metadata --format-version 1 > /dev/null)   # drops what is not needed
//! sed 's/name-of-validator/{{name}}/' /tmp/name-of-validator/Cargo.lock > crates/cli/template/Cargo.lock.in
//! ```

const PACKAGE: &str = "[[package]]\n";

/// The packages in the order that Cargo writes them in: by name, which the template cannot know.
pub(super) fn sorted(lock: &str) -> String {
    let mut parts = lock.split(PACKAGE);
    let head = parts.next().unwrap_or_default();
    let mut packages: Vec<&str> = parts.map(str::trim_end).collect();
    packages.sort();
    let packages: Vec<_> = packages
        .iter()
        .map(|package| format!("{PACKAGE}{package}\n"))
        .collect();
    format!("{head}{}", packages.join("\n"))
}
