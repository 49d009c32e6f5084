//! `uptime`: the share of windows in which enough requests succeeded.

use super::reaches;
use crate::params::{EmptyWindow, Params, Uptime};
use crate::samples::Sample;
use crate::tally::{SECOND_US, Tally};
use proofmark_validator_sdk::{CheckBuilder, Finding, Severity, percent, ratio_ppm};

/// Judges the windows. Examined are the windows that count, matched those that are up.
pub(crate) fn judge(params: &Params, asked: &Uptime, tally: &mut Tally, check: &mut CheckBuilder) {
    let (first_us, last_us) = covered_us(params, tally);
    let length_us = window_us(asked);
    let places = &tally.places;
    let starts = tally.samples.by_start();
    let (mut busy, mut up) = (0, 0);
    for window in starts.chunk_by(|a, b| a.start_us / length_us == b.start_us / length_us) {
        busy += 1;
        if is_up(asked, window) {
            up += 1;
        } else {
            check.finding_of(Severity::Minor, || {
                // Of its records the first in the file.
                let first = window.iter().map(Sample::record).min().unwrap_or(1);
                window_down(asked, window).at(places.of(&params.telemetry, first))
            });
        }
    }
    let empty = (last_us / length_us - first_us / length_us + 1).saturating_sub(busy);
    let (counted, up) = match asked.empty_window {
        EmptyWindow::Up => (busy + empty, up + empty),
        EmptyWindow::Down => (busy + empty, up),
        EmptyWindow::Skip => (busy, up),
    };
    check.count(counted, up).score_by_ratio();
    check.summary(format!(
        "{up} of {counted} windows of {} s are up",
        asked.window_s
    ));
    let holds = reaches(up, counted, asked.min_up_ppm);
    check.decide(holds);
    if holds {
        return;
    }
    let without = match asked.empty_window {
        EmptyWindow::Down => format!("; {empty} windows are without requests"),
        EmptyWindow::Up | EmptyWindow::Skip => String::new(),
    };
    let message = format!("Too few windows are up: {up} of {counted}{without}.");
    let finding = Finding::new("uptime-low", message)
        .at_file(&params.telemetry)
        .expected(format!(
            "at least {} of the windows",
            percent(asked.min_up_ppm)
        ))
        .actual(percent(ratio_ppm(up, counted)));
    check.finding(finding);
}

fn window_us(asked: &Uptime) -> u64 {
    asked.window_s.saturating_mul(SECOND_US).max(1)
}

/// The first and the last microsecond whose windows count: those of the period, otherwise the first start
/// and the last.
fn covered_us(params: &Params, tally: &Tally) -> (u64, u64) {
    match params.period {
        Some(period) => (period.from_us, period.to_us - 1),
        None => (tally.first_start_us, tally.last_start_us),
    }
}

fn is_up(asked: &Uptime, window: &[Sample]) -> bool {
    reaches(
        successful(window),
        window.len() as u64,
        asked.min_success_ppm,
    )
}

fn successful(window: &[Sample]) -> u64 {
    window.iter().filter(|sample| sample.success()).count() as u64
}

fn window_down(asked: &Uptime, window: &[Sample]) -> Finding {
    let length_us = window_us(asked);
    let start_us = window.first().map_or(0, |sample| sample.start_us) / length_us * length_us;
    let (requests, successful) = (window.len() as u64, successful(window));
    let message =
        format!("In the window from {start_us} µs, {successful} of {requests} requests succeeded.");
    Finding::new("window-down", message)
        .expected(format!(
            "at least {} successful",
            percent(asked.min_success_ppm)
        ))
        .actual(percent(ratio_ppm(successful, requests)))
}
