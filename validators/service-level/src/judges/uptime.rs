//! `uptime`: the share of windows in which enough requests succeeded.

use crate::params::{EmptyWindow, Params, Uptime};
use crate::tally::{Tally, Window, window_us};
use proofmark_validator_sdk::{CheckBuilder, Finding, Severity, percent, ratio_ppm};

/// Judges the windows. Examined are the windows that count, matched those that are up.
pub(crate) fn judge(params: &Params, asked: &Uptime, tally: &Tally, check: &mut CheckBuilder) {
    let mut up = 0;
    for (number, window) in &tally.windows {
        if is_up(asked, window) {
            up += 1;
        } else {
            check.finding(window_down(params, asked, *number, window));
        }
    }
    let busy = tally.windows.len() as u64;
    let empty = covered_windows(params, asked, tally).saturating_sub(busy);
    let (counted, up) = match asked.empty_window {
        EmptyWindow::Up => (busy + empty, up + empty),
        EmptyWindow::Down => (busy + empty, up),
        EmptyWindow::Skip => (busy, up),
    };
    check.count(counted, up).score_by_ratio();
    let share = ratio_ppm(up, counted);
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
        .actual(percent(share));
    check.finding(finding);
}

fn is_up(asked: &Uptime, window: &Window) -> bool {
    reaches(window.successful, window.requests, asked.min_success_ppm)
}

/// `part / whole ≥ ppm`, exactly.
fn reaches(part: u64, whole: u64, ppm: u32) -> bool {
    u128::from(part) * 1_000_000 >= u128::from(whole) * u128::from(ppm)
}

/// Windows begin at multiples of their length. Covered are those that the period touches; without a
/// period, those from the first start to the last.
fn covered_windows(params: &Params, asked: &Uptime, tally: &Tally) -> u64 {
    let (first_us, last_us) = match params.period {
        Some(period) => (period.from_us, period.to_us - 1),
        None => (tally.first_start_us, tally.last_start_us),
    };
    let length_us = window_us(asked.window_s);
    last_us / length_us - first_us / length_us + 1
}

fn window_down(params: &Params, asked: &Uptime, number: u64, window: &Window) -> Finding {
    let start_us = number * window_us(asked.window_s);
    let Window {
        requests,
        successful,
        first_record,
    } = *window;
    let message =
        format!("In the window from {start_us} µs, {successful} of {requests} requests succeeded.");
    Finding::new("window-down", message)
        .severity(Severity::Minor)
        .at_record(&params.telemetry, first_record)
        .expected(format!(
            "at least {} successful",
            percent(asked.min_success_ppm)
        ))
        .actual(percent(ratio_ppm(successful, requests)))
}
