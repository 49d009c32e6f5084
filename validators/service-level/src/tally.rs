//! What all judges need to know of the requests, gathered in one pass.

use crate::params::{Params, Scope};
use crate::places::Places;
use crate::samples::{Sample, Samples};
use crate::telemetry::{MAX_STATUS, Position, Request};

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

/// Sums over all usable requests. Memory: the samples, if a judge needs single requests.
#[derive(Debug)]
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
    /// The requests one by one, if a judge needs them.
    pub samples: Samples,
    /// How many requests were unsuccessful, by status.
    pub errors: Vec<u64>,
    /// The record of the first unsuccessful request.
    pub first_error: Option<u64>,
    /// Where the records stand.
    pub places: Places,
    /// Sum of the scores.
    pub score_sum: i128,
    keeps_samples: bool,
    /// For each status, whether it means an error.
    is_error: Vec<bool>,
}

impl Tally {
    /// With nothing in it, and with room for so many requests.
    pub(crate) fn new(params: &Params, capacity: usize) -> Self {
        let statuses = 0..=MAX_STATUS;
        let keeps_samples = params.needs_samples();
        Self {
            requests: Split::default(),
            tokens: Split::default(),
            first_start_us: u64::MAX,
            last_start_us: 0,
            last_end_us: 0,
            samples: Samples::with_capacity(if keeps_samples { capacity } else { 0 }),
            errors: vec![0; statuses.len()],
            first_error: None,
            places: Places::default(),
            score_sum: 0,
            keeps_samples,
            is_error: statuses.map(|status| params.is_error(status)).collect(),
        }
    }

    /// Takes one request in.
    pub(crate) fn add(&mut self, request: &Request, position: Position) {
        let status = usize::from(request.status);
        let success = !self.is_error[status]; // at most MAX_STATUS
        self.requests.add(1, success);
        self.tokens.add(request.tokens, success);
        self.score_sum += i128::from(request.score);
        if !success {
            self.errors[status] += 1;
            self.first_error.get_or_insert(position.record);
        }
        let end_us = request.start_us + request.duration_us; // both far below 2^63
        self.first_start_us = self.first_start_us.min(request.start_us);
        self.last_start_us = self.last_start_us.max(request.start_us);
        self.last_end_us = self.last_end_us.max(end_us);
        self.places.push(position.record, position.line);
        if self.keeps_samples {
            let (start_us, duration_us) = (request.start_us, request.duration_us);
            let sample = Sample::new(start_us, duration_us, success, position.record);
            self.samples.push(sample);
        }
    }

    /// There was no usable request.
    pub(crate) fn is_empty(&self) -> bool {
        self.requests.all == 0
    }

    /// From the first start to the last; 0 without a request. Ends do not count: a single slow request
    /// would cover any time.
    pub(crate) fn span_us(&self) -> u64 {
        self.last_start_us.saturating_sub(self.first_start_us)
    }

    /// The time over which rates are taken: the period that the parameters name, otherwise from the first
    /// start to the last end, whose later requests can only lower a rate.
    pub(crate) fn rated_us(&self, params: &Params) -> u64 {
        match params.period {
            Some(period) => period.to_us - period.from_us,
            None => self.last_end_us.saturating_sub(self.first_start_us),
        }
    }
}
