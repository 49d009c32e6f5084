//! What is wrong with parameters that the schema cannot say: contradictions, and demands that hold
//! whatever is delivered.

use super::{EmptyWindow, Latency, MAX_RECORDS, Params, Period, Uptime};
use crate::judges::reaches;
use crate::samples::MAX_DURATION_US;
use crate::tally::SECOND_US;
use proofmark_validator_sdk::{Problem, problem};

impl Params {
    /// What the schema cannot say.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.question_columns(&mut problems);
        self.question_statuses(&mut problems);
        self.question_counts(&mut problems);
        match self.period {
            Some(period) => self.question_period(period, &mut problems),
            None => self.question_gaps(&mut problems),
        }
        self.question_span(&mut problems);
        self.question_demands(&mut problems);
        problems
    }

    fn question_columns(&self, problems: &mut Vec<Problem>) {
        let mut wanted = self.wanted_columns();
        wanted.sort_unstable();
        if wanted.windows(2).any(|pair| pair[0] == pair[1]) {
            problems.push(problem("/columns", "one column cannot mean two things"));
        }
    }

    fn question_statuses(&self, problems: &mut Vec<Problem>) {
        for (index, range) in self.error_statuses.iter().enumerate() {
            if range.from > range.to {
                let pointer = format!("/error_statuses/{index}");
                let message = "`from` lies above `to`: no status is an error";
                problems.push(problem(pointer, message));
            }
        }
        let judged = self.error_rate.is_some() || self.uptime.is_some();
        if self.error_statuses.is_empty() && judged {
            let message = "nothing is an error: an error rate or uptime says nothing";
            problems.push(problem("/error_statuses", message));
        }
    }

    fn question_counts(&self, problems: &mut Vec<Problem>) {
        if self.min_records > self.max_records {
            problems.push(problem("/min_records", "more than `max_records`"));
        }
        if self.max_records > MAX_RECORDS {
            problems.push(problem("/max_records", format!("more than {MAX_RECORDS}")));
        }
    }

    /// With a period, the longest gap is the period, and the longest span a microsecond less.
    fn question_period(&self, period: Period, problems: &mut Vec<Problem>) {
        if period.from_us >= period.to_us {
            problems.push(problem("/period", "`from_us` must lie before `to_us`"));
            return;
        }
        let period_us = period.to_us - period.from_us;
        if self.min_period_us() >= period_us {
            let message = "starts in `period` cannot lie so far apart";
            problems.push(problem("/min_period_s", message));
        }
        if self.max_gap_us().is_some_and(|gap_us| gap_us >= period_us) {
            let message = "no gap in `period` can be longer: it says nothing";
            problems.push(problem("/max_gap_s", message));
        }
    }

    /// Without a period, what holds the first and the last start apart is `min_period_s`.
    fn question_gaps(&self, problems: &mut Vec<Problem>) {
        let gap_us = self.max_gap_us();
        if gap_us.is_some_and(|gap_us| gap_us >= self.min_period_us()) {
            let message = "says nothing without a `period` or a longer `min_period_s`: \
                two requests would do";
            problems.push(problem("/max_gap_s", message));
        }
    }

    /// Something must keep the time between the first start and the last from being empty.
    fn question_span(&self, problems: &mut Vec<Problem>) {
        let needs_more = |asked| needs_more_than_two(asked, self.min_period_s);
        // Without a period, a gap that is no shorter is refused already.
        let shorter = |gap| gap < self.min_period_s || self.period.is_none();
        let gap = self.max_gap_s.is_some_and(shorter);
        let filled = gap || self.uptime.is_some_and(needs_more);
        if self.min_period_s > 0 && !filled {
            let message = "two requests span any time: ask for `max_gap_s` as well, or for \
                `uptime` with `empty_window` `down` and shorter windows";
            problems.push(problem("/min_period_s", message));
        }
    }

    fn question_demands(&self, problems: &mut Vec<Problem>) {
        let asked = [
            self.latency.is_some(),
            self.throughput.is_some(),
            self.uptime.is_some(),
            self.error_rate.is_some(),
            self.benchmark.is_some(),
        ];
        if !asked.contains(&true) {
            let message = "nothing is asked for: every well-formed file would pass";
            problems.push(problem("", message));
        }
        if let Some(asked) = &self.latency {
            question_latency(asked, problems);
        }
        if let Some(asked) = &self.throughput
            && asked.min_requests_per_1000_s.is_none()
            && asked.min_tokens_per_1000_s.is_none()
        {
            let message = "asks for neither requests nor tokens";
            problems.push(problem("/throughput", message));
        }
        if let Some(asked) = self.uptime {
            question_uptime(asked, problems);
        }
        if self.error_rate.is_some_and(|it| it.max_ppm >= 1_000_000) {
            let message = "no share of errors is larger: it says nothing";
            problems.push(problem("/error_rate/max_ppm", message));
        }
        if self.benchmark.as_ref().is_some_and(|it| it.min > it.max) {
            problems.push(problem(
                "/benchmark/min",
                "above `max`: no score reaches it",
            ));
        }
    }

    fn min_period_us(&self) -> u64 {
        self.min_period_s.saturating_mul(SECOND_US)
    }

    fn max_gap_us(&self) -> Option<u64> {
        self.max_gap_s.map(|gap_s| gap_s.saturating_mul(SECOND_US))
    }
}

fn question_latency(asked: &Latency, problems: &mut Vec<Problem>) {
    if asked.limits.is_empty() {
        problems.push(problem("/latency/limits", "asks for no percentile"));
    }
    for (index, limit) in asked.limits.iter().enumerate() {
        let pointer = |member: &str| format!("/latency/limits/{index}/{member}");
        if !(1..=1_000_000).contains(&limit.percentile_ppm) {
            problems.push(problem(pointer("percentile_ppm"), "must be 1 to 1,000,000"));
        }
        if limit.max_us >= MAX_DURATION_US {
            let message = "no duration is longer: it says nothing";
            problems.push(problem(pointer("max_us"), message));
        }
    }
}

/// Whether two requests so far apart leave too many windows empty. They span at least
/// `period_s / window_s + 1` windows, and fill two.
fn needs_more_than_two(asked: Uptime, period_s: u64) -> bool {
    let windows = period_s / asked.window_s.max(1) + 1;
    asked.empty_window == EmptyWindow::Down && !reaches(2, windows, asked.min_up_ppm)
}

fn question_uptime(asked: Uptime, problems: &mut Vec<Problem>) {
    if asked.window_s == 0 {
        problems.push(problem("/uptime/window_s", "must be at least 1"));
    }
    if asked.min_up_ppm == 0 {
        let message = "no share of windows is smaller: it says nothing";
        problems.push(problem("/uptime/min_up_ppm", message));
    }
    if asked.min_success_ppm == 0 && asked.empty_window != EmptyWindow::Down {
        let message = "every window is up, unless `empty_window` is `down`";
        problems.push(problem("/uptime/min_success_ppm", message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR_RATE: &str = r#""error_rate":{"max_ppm":1000}"#;
    const UPTIME: &str =
        r#""uptime":{"window_s":1,"min_success_ppm":1,"min_up_ppm":1,"empty_window":"#;

    fn pointers(json: &str) -> Vec<String> {
        let params: Params = serde_json::from_str(json).expect("parameters");
        let problems = params.problems().into_iter();
        problems.map(|problem| problem.pointer).collect()
    }

    #[test]
    fn sensible_parameters_have_no_problem() {
        for further in [
            "",
            r#","period":{"from_us":0,"to_us":86400000000},"min_period_s":86399,"max_gap_s":86398"#,
            r#","min_period_s":61,"max_gap_s":60"#,
            r#","min_period_s":60,"uptime":{"window_s":20,"min_success_ppm":1,"min_up_ppm":500001,
                "empty_window":"down"}"#,
            r#","uptime":{"window_s":1,"min_success_ppm":0,"min_up_ppm":1,"empty_window":"down"}"#,
        ] {
            let json = format!("{{{ERROR_RATE}{further}}}");
            assert_eq!(pointers(&json), [""; 0], "{further}");
        }
    }

    #[test]
    fn each_contradiction_points_at_its_place() {
        for (further, pointer) in [
            (r#","columns":{"start":"status"}"#, "/columns"),
            (r#","columns":{"id":"start"}"#, "/columns"),
            (
                r#","error_statuses":[{"from":2,"to":1}]"#,
                "/error_statuses/0",
            ),
            (r#","min_records":9,"max_records":8"#, "/min_records"),
            (r#","max_records":4000001"#, "/max_records"),
            (r#","period":{"from_us":2,"to_us":2}"#, "/period"),
            (
                r#","period":{"from_us":0,"to_us":9000000},"min_period_s":9,"max_gap_s":1"#,
                "/min_period_s",
            ),
        ] {
            let json = format!("{{{ERROR_RATE}{further}}}");
            assert_eq!(pointers(&json), [pointer], "{further}");
        }
        for (json, pointer) in [
            (r#"{"throughput":{}}"#, "/throughput"),
            (
                r#"{"latency":{"limits":[{"percentile_ppm":0,"max_us":1}]}}"#,
                "/latency/limits/0/percentile_ppm",
            ),
            (
                r#"{"benchmark":{"from":{"column":{"name":"f1"}},"decimals":2,"min":2,"max":1}}"#,
                "/benchmark/min",
            ),
        ] {
            assert_eq!(pointers(json), [pointer], "{json}");
        }
    }

    #[test]
    fn what_holds_whatever_is_delivered_is_no_demand() {
        let too_long = r#","min_period_s":60,"uptime":{"window_s":20,"min_success_ppm":1,
            "min_up_ppm":500000,"empty_window":"down"}"#;
        let skip = format!(r#","min_period_s":86400,{UPTIME}"skip"}}"#);
        for (further, pointer) in [
            (r#","min_period_s":86400"#, "/min_period_s"),
            (&*skip, "/min_period_s"),
            (too_long, "/min_period_s"),
            (r#","max_gap_s":60"#, "/max_gap_s"),
            (r#","min_period_s":60,"max_gap_s":60"#, "/max_gap_s"),
            (
                r#","period":{"from_us":0,"to_us":60000000},"max_gap_s":60"#,
                "/max_gap_s",
            ),
            (r#","error_statuses":[]"#, "/error_statuses"),
        ] {
            let json = format!("{{{ERROR_RATE}{further}}}");
            assert_eq!(pointers(&json), [pointer], "{further}");
        }
        for (json, pointer) in [
            ("{}", ""),
            (
                r#"{"error_rate":{"max_ppm":1000000}}"#,
                "/error_rate/max_ppm",
            ),
            (
                r#"{"uptime":{"window_s":1,"min_success_ppm":1,"min_up_ppm":0,"empty_window":"up"}}"#,
                "/uptime/min_up_ppm",
            ),
            (
                r#"{"uptime":{"window_s":1,"min_success_ppm":0,"min_up_ppm":1,"empty_window":"up"}}"#,
                "/uptime/min_success_ppm",
            ),
            (r#"{"latency":{"limits":[]}}"#, "/latency/limits"),
            (
                r#"{"latency":{"limits":[{"percentile_ppm":1,"max_us":1099511627775}]}}"#,
                "/latency/limits/0/max_us",
            ),
        ] {
            assert_eq!(pointers(json), [pointer], "{json}");
        }
    }
}
