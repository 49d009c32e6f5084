//! A clean environment: what a caller sets for the host must not change the bytes of a guest.

use std::env;
use std::process::Command;

/// Variables that only say how to reach crates, how to show progress, and where Cargo lives.
const KEPT_PREFIXES: [&str; 4] = ["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_TERM_"];
/// The jobserver of an outer Cargo is kept, so that a build within a build does not use more cores.
const KEPT: [&str; 2] = ["CARGO_HOME", "CARGO_MAKEFLAGS"];
/// The compiler that an outer Cargo chose is kept; it never names a wrapper.
const COMPILER: &str = "RUSTC";

/// The Cargo to call: the one that called us, if one did.
pub(crate) fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The compiler to ask: the one that an outer Cargo uses, if there is one.
pub(crate) fn rustc() -> String {
    env::var(COMPILER).unwrap_or_else(|_| "rustc".to_owned())
}

/// Removes every inherited variable that could change what is built.
pub(crate) fn clean(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(changes_the_build) {
            command.env_remove(name);
        }
    }
}

/// `RUSTFLAGS`, wrappers (`cargo clippy` sets one), profiles, targets and the like.
fn changes_the_build(name: &str) -> bool {
    if name == COMPILER || KEPT.contains(&name) {
        return false;
    }
    if KEPT_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return false;
    }
    let of_cargo = name.starts_with("CARGO_") || name.starts_with("DEP_");
    let of_rustc = name.starts_with("RUSTC_") || name.starts_with("RUSTDOC");
    let of_script = ["TARGET", "HOST", "PROFILE", "OPT_LEVEL", "DEBUG", "OUT_DIR"].contains(&name);
    of_cargo || of_rustc || of_script || name == "RUSTFLAGS"
}

#[cfg(test)]
mod tests {
    use super::changes_the_build;

    #[test]
    fn host_flags_wrappers_and_profiles_do_not_reach_a_guest() {
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_RUSTFLAGS",
            "CARGO_BUILD_TARGET",
            "CARGO_TARGET_DIR",
            "CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_INCREMENTAL",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTC_BOOTSTRAP",
            "TARGET",
        ] {
            assert!(changes_the_build(name), "{name}");
        }
    }

    #[test]
    fn the_compiler_the_registry_and_the_jobserver_stay() {
        for name in [
            "RUSTC",
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "CARGO_MAKEFLAGS",
            "PATH",
        ] {
            assert!(!changes_the_build(name), "{name}");
        }
    }
}
