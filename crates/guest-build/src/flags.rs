//! The compiler's flags: where files seem to lie, and how much memory a guest starts with.

use crate::toolchain::Toolchain;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// 4 MiB = 1 MiB of stack + up to 1 MiB of data + 2 MiB of heap: a validator that holds one window
/// (256 KiB) and a document of half a megabyte never calls `memory.grow`, which would cost its host two
/// `mprotect` calls per verdict. Pages that are not touched cost nothing.
pub const DEFAULT_INITIAL_MEMORY_BYTES: u32 = 4 << 20;

/// What separates flags in `CARGO_ENCODED_RUSTFLAGS`; paths may hold spaces.
const SEPARATOR: &str = "\u{1f}";

/// The value of `CARGO_ENCODED_RUSTFLAGS`: `own`, and what makes paths the same everywhere. That variable wins over every other source of flags.
pub(crate) fn encoded(
    workspace_root: &Path,
    target_dir: &Path,
    toolchain: &Toolchain,
    own: &[String],
) -> OsString {
    let mut flags: Vec<OsString> = own.iter().map(OsString::from).collect();
    // Later ones win, so the narrower come later.
    let std_sources = toolchain.sysroot.join("lib/rustlib/src/rust");
    flags.push(remap(workspace_root, "/workspace"));
    flags.extend(cargo_homes().iter().map(|home| remap(home, "/cargo")));
    flags.push(remap(target_dir, "/target"));
    flags.push(remap(
        &std_sources,
        &format!("/rustc/{}", toolchain.commit_hash),
    ));
    flags.join(SEPARATOR.as_ref())
}

/// The memory that a guest starts with.
pub(crate) fn initial_memory(bytes: u32) -> Vec<String> {
    vec![
        "-C".to_owned(),
        format!("link-arg=--initial-memory={bytes}"),
    ]
}

fn remap(from: &Path, to: &str) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.push(from);
    flag.push("=");
    flag.push(to);
    flag
}

/// `CARGO_HOME` as Cargo sees it, and with links resolved.
fn cargo_homes() -> Vec<PathBuf> {
    let named = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = named.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let resolved = home.as_ref().and_then(|home| home.canonicalize().ok());
    let mut homes: Vec<PathBuf> = home.into_iter().chain(resolved).collect();
    homes.dedup();
    homes
}
