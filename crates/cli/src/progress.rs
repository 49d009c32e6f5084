//! Progress bars: on standard error, and only if that is a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Nothing is drawn for work shorter than this.
const QUIET: Duration = Duration::from_millis(200);

fn shown(bar: ProgressBar) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    bar
}

/// Bytes being hashed, of an unknown total.
pub(crate) fn hashing() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} hashing {bytes} ({bytes_per_sec})");
    let bar = shown(ProgressBar::new_spinner());
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

/// Bytes being sent.
pub(crate) fn sending(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{spinner} sending {bytes} of {total_bytes} ({bytes_per_sec})",
    );
    let bar = shown(ProgressBar::new(total));
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

/// One step after another, each named.
pub(crate) fn steps(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} [{pos}/{len}] {msg} {elapsed}");
    let bar = shown(ProgressBar::new(total));
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(QUIET);
    bar
}
