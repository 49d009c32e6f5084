//! Rounds, medians and ratios. The machine is shared and noisy, so contenders take turns within every
//! round, and a ratio is the median over the rounds of ratios within a round.

use std::time::{Duration, Instant};

/// Times of one contender, one for each round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// Adds a round.
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The middle one.
    pub(crate) fn median(&self) -> Duration {
        Duration::from_secs_f64(median(self.0.iter().map(Duration::as_secs_f64)))
    }

    /// The shortest: what an idle machine would show most often.
    pub(crate) fn best(&self) -> Duration {
        self.0.iter().min().copied().unwrap_or_default()
    }

    /// How many times longer than `floor`: the median of the ratios of the same round.
    pub(crate) fn over(&self, floor: &Times) -> f64 {
        median(
            self.0
                .iter()
                .zip(&floor.0)
                .map(|(own, floor)| own.as_secs_f64() / floor.as_secs_f64()),
        )
    }
}

/// The middle value; the lower of two.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    assert!(!sorted.is_empty(), "nothing was measured");
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) / 2]
}

/// One thing to measure: does its work once per call.
pub(crate) type Contender<'a> = Box<dyn FnMut() + 'a>;

/// Lets all contenders take turns, `rounds` times; each turn calls its contender `calls` times. Every
/// second round goes backwards, so that nobody always runs behind the same neighbour. The times are
/// those of one call.
pub(crate) fn interleave(
    rounds: usize,
    calls: u32,
    contenders: &mut [Contender<'_>],
) -> Vec<Times> {
    let mut times = vec![Times::default(); contenders.len()];
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..contenders.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for at in order {
            let started = Instant::now();
            (0..calls).for_each(|_| contenders[at]());
            times[at].0.push(started.elapsed() / calls);
        }
    }
    times
}

/// How long one call takes.
pub(crate) fn time<T>(call: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let value = call();
    (value, started.elapsed())
}

/// Microseconds.
pub(crate) fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
