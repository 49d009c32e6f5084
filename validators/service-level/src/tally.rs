//! What all judges need to know of the requests, gathered in one pass.

use crate::params::{Params, Scope};
use crate::samples::Samples;
use crate::telemetry::Request;
use std::collections::BTreeMap;

/// Microseconds in a second.
pub(crate) const SECOND_US: u64 = 1_000_000;

/// Requests that were successful, and all of them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Split {
    /// Over all requests.
    pub all: u128,
    /// Over the successful ones.
    pub successful: u128,
}

impl Split {
    fn add(&mut self, amount: u64, success: bool) {
        self.all += u128::from(amount);
        self.successful += u128::from(if success { amount } else { 0 });
    }

    /// The part that counts.
    pub(crate) fn over(&self, scope: Scope) -> u128 {
        match scope {
            Scope::All => self.all,
            Scope::Successful => self.successful,
        }
    }
}

/// The requests that begin in one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// How many.
    pub requests: u64,
    /// How many of them were successful.
    pub successful: u64,
    /// The number of the first record in it.
    pub first_record: u64,
}

/// Sums over all usable requests. Memory: eight bytes per sample, a map entry per non-empty window.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// How many requests.
    pub requests: Split,
    /// How many tokens.
    pub tokens: Split,
    /// Earliest start.
    pub first_start_us: u64,
    /// Latest start.
    pub last_start_us: u64,
    /// Latest end.
    pub last_end_us: u64,
    /// Durations of the requests that the latency limits look at.
    pub samples: Samples,
    /// Non-empty windows by their number since the origin of time, if uptime is asked for.
    pub windows: BTreeMap<u64, Window>,
    /// Unsuccessful requests by status.
    pub errors: BTreeMap<u16, u64>,
    /// The record of the first unsuccessful request.
    pub first_error: Option<u64>,
    /// Sum of the scores.
    pub score_sum: i128,
}

impl Tally {
    /// Takes one request in.
    pub(crate) fn add(&mut self, request: &Request, record: u64, params: &Params) {
        let success = !params.is_error(request.status);
        self.cover(request);
        self.requests.add(1, success);
        self.tokens.add(request.tokens, success);
        self.score_sum += i128::from(request.score.unwrap_or(0));
        if !success {
            *self.errors.entry(request.status).or_default() += 1;
            self.first_error.get_or_insert(record);
        }
        if params
            .latency
            .as_ref()
            .is_some_and(|it| success || it.over == Scope::All)
        {
            self.samples.push(request.duration_us, record);
        }
        if let Some(uptime) = &params.uptime {
            let number = request.start_us / window_us(uptime.window_s);
            let empty = Window {
                requests: 0,
                successful: 0,
                first_record: record,
            };
            let window = self.windows.entry(number).or_insert(empty);
            window.requests += 1;
            window.successful += u64::from(success);
        }
    }

    /// There was no usable request.
    pub(crate) fn is_empty(&self) -> bool {
        self.requests.all == 0
    }

    /// Length of the covered period in microseconds: the period that the parameters name, otherwise
    /// from the first start to the last end.
    pub(crate) fn period_us(&self, params: &Params) -> u64 {
        match params.period {
            Some(period) => period.to_us - period.from_us,
            None => self.last_end_us - self.first_start_us,
        }
    }

    fn cover(&mut self, request: &Request) {
        let end_us = request.start_us + request.duration_us; // both far below 2^63
        if self.is_empty() {
            self.first_start_us = request.start_us;
        }
        self.first_start_us = self.first_start_us.min(request.start_us);
        self.last_start_us = self.last_start_us.max(request.start_us);
        self.last_end_us = self.last_end_us.max(end_us);
    }
}

/// Length of a window in microseconds.
pub(crate) fn window_us(window_s: u64) -> u64 {
    window_s.saturating_mul(SECOND_US).max(1)
}
