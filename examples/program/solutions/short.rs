//! Reads one ISO 8601 duration per line (weeks, days, hours, minutes, seconds) and writes its length in seconds.
//! What is no such duration is `invalid`.

use std::io::{Read, stdin};

fn main() {
    let mut input = String::new();
    if stdin().read_to_string(&mut input).is_err() {
        eprintln!("the input is not UTF-8");
        std::process::exit(2);
    }
    for line in input.lines() {
        match seconds(line.trim()) {
            Some(seconds) => println!("{seconds}"),
            None => println!("invalid"),
        }
    }
}

/// The length of a duration: `P` with weeks alone, or with days and, behind `T`, hours, minutes and seconds.
fn seconds(text: &str) -> Option<u64> {
    let rest = text.strip_prefix('P')?;
    if let Some(weeks) = rest.strip_suffix('W') {
        return Some(weeks.parse::<u64>().ok()? * 7 * 86_400);
    }
    let (date, time) = match rest.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    if rest.is_empty() {
        return None;
    }
    let days = parts(date, &[('D', 86_400)])?;
    let hours = parts(time.unwrap_or(""), &[('H', 3_600), ('M', 60), ('S', 1)])?;
    Some(days + hours)
}

/// Numbers with their units, each unit at most once and in this order.
fn parts(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut total = 0_u64;
    for (unit, length) in units {
        if let Some((digits, rest)) = text.split_once(*unit) {
            total = total + number(digits)? * *length;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

/// A number.
fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}
