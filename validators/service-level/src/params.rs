//! What the buyer asks for. `params.schema.json` describes the same for people and tools.

use crate::Check;
use proofmark_validator_sdk::{Problem, problem};
use serde::Deserialize;

/// A record number takes 24 bits of the packed samples (see `samples`).
pub(crate) const MAX_RECORDS: u64 = (1 << 24) - 1;
const DEFAULT_MAX_RECORDS: u64 = 4_000_000;

/// All parameters. What is absent is not asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Params {
    /// Path of the telemetry in the submission.
    pub telemetry: String,
    /// How it is written.
    pub format: Format,
    /// What separates the fields of CSV.
    pub delimiter: Delimiter,
    /// Names of the columns.
    pub columns: Columns,
    /// In what the times are measured.
    pub units: Units,
    /// Statuses that mean an unsuccessful request.
    pub error_statuses: Vec<StatusRange>,
    /// The fewest records that are telemetry at all.
    pub min_records: u64,
    /// The most records that are judged.
    pub max_records: u64,
    /// The shortest covered period, in seconds.
    pub min_period_s: u64,
    /// The period that the telemetry has to cover; by default what it covers.
    pub period: Option<Period>,
    /// Upper bounds of latency percentiles.
    pub latency: Option<Latency>,
    /// Lower bounds of throughput.
    pub throughput: Option<Throughput>,
    /// Lower bound of the share of good windows.
    pub uptime: Option<Uptime>,
    /// Upper bound of the share of errors.
    pub error_rate: Option<ErrorRate>,
    /// Lower bound of a score.
    pub benchmark: Option<Benchmark>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            telemetry: "telemetry.csv".to_owned(),
            format: Format::Auto,
            delimiter: Delimiter::Comma,
            columns: Columns::default(),
            units: Units::default(),
            error_statuses: vec![
                StatusRange { from: 0, to: 99 },
                StatusRange { from: 500, to: 999 },
            ],
            min_records: 1,
            max_records: DEFAULT_MAX_RECORDS,
            min_period_s: 0,
            period: None,
            latency: None,
            throughput: None,
            uptime: None,
            error_rate: None,
            benchmark: None,
        }
    }
}

/// How telemetry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// By the end of the path: `.jsonl` and `.ndjson` are JSON Lines, anything else is CSV.
    Auto,
    /// RFC 4180 with a header.
    Csv,
    /// One JSON object per line.
    Jsonl,
}

/// What separates the fields of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// U+0009
    Tab,
}

impl Delimiter {
    /// The byte itself.
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

/// Names of columns, or of members of JSON objects.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    /// When the request began.
    pub start: String,
    /// How long it took.
    pub duration: String,
    /// Its status.
    pub status: String,
    /// How many tokens it produced.
    pub tokens: String,
}

impl Default for Columns {
    fn default() -> Self {
        let [start, duration, status, tokens] =
            ["start", "duration", "status", "tokens"].map(str::to_owned);
        Self {
            start,
            duration,
            status,
            tokens,
        }
    }
}

/// Units of the two times.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Units {
    /// Unit of the start, since the Unix epoch or any other origin.
    pub start: Unit,
    /// Unit of the duration.
    pub duration: Unit,
}

impl Default for Units {
    fn default() -> Self {
        Self {
            start: Unit::Microseconds,
            duration: Unit::Microseconds,
        }
    }
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Unit {
    /// 10⁻⁶ s
    #[serde(rename = "us")]
    Microseconds,
    /// 10⁻³ s
    #[serde(rename = "ms")]
    Milliseconds,
    /// 1 s
    #[serde(rename = "s")]
    Seconds,
}

impl Unit {
    /// Decimal places between this unit and the microsecond.
    pub fn places(self) -> u32 {
        match self {
            Self::Microseconds => 0,
            Self::Milliseconds => 3,
            Self::Seconds => 6,
        }
    }
}

/// Statuses from one to another, both included.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRange {
    /// The first.
    pub from: u16,
    /// The last.
    pub to: u16,
}

/// A period in microseconds, its end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first microsecond.
    pub from_us: u64,
    /// The first microsecond after it.
    pub to_us: u64,
}

/// Which requests count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Those without an error.
    Successful,
    /// All.
    All,
}

/// Upper bounds of latency percentiles.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// Over which requests.
    #[serde(default = "successful")]
    pub over: Scope,
    /// Each must hold.
    pub limits: Vec<LatencyLimit>,
}

/// One bound of one percentile.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LatencyLimit {
    /// The percentile in parts per million: 950,000 is p95.
    pub percentile_ppm: u32,
    /// The longest duration at it.
    pub max_us: u64,
}

/// Lower bounds of throughput over the covered period.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throughput {
    /// Which requests count.
    #[serde(default = "successful")]
    pub over: Scope,
    /// Requests in a thousand seconds.
    pub min_requests_per_1000_s: Option<u64>,
    /// Tokens in a thousand seconds.
    pub min_tokens_per_1000_s: Option<u64>,
}

/// Lower bound of the share of good windows.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uptime {
    /// Length of a window in seconds.
    pub window_s: u64,
    /// A window is up if at least this share of its requests is successful.
    pub min_success_ppm: u32,
    /// At least this share of the windows must be up.
    pub min_up_ppm: u32,
    /// What a window without requests is.
    pub empty_window: EmptyWindow,
}

/// What a window without requests is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmptyWindow {
    /// Up: nobody asked.
    Up,
    /// Down: nobody could ask.
    Down,
    /// Not counted.
    Skip,
}

/// Upper bound of the share of errors.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRate {
    /// The largest share of requests with an error.
    pub max_ppm: u32,
}

/// Lower bound of a score.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// Where the score stands.
    pub from: ScoreSource,
    /// How many decimal places of the score count; further ones are cut off downwards.
    pub decimals: u32,
    /// The lowest score, in units of `10^-decimals`.
    pub min: i64,
}

/// Where a score stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum ScoreSource {
    /// In a JSON artifact.
    Artifact {
        /// Its path in the submission.
        path: String,
        /// JSON Pointer to the number.
        pointer: String,
    },
    /// The arithmetic mean over a column of the telemetry.
    Column {
        /// Its name.
        name: String,
    },
}

fn successful() -> Scope {
    Scope::Successful
}

impl Params {
    /// The unit-free question whether a status means an error.
    pub fn is_error(&self, status: u16) -> bool {
        self.error_statuses
            .iter()
            .any(|range| (range.from..=range.to).contains(&status))
    }

    /// The format, decided.
    pub fn is_jsonl(&self) -> bool {
        match self.format {
            Format::Auto => [".jsonl", ".ndjson"]
                .iter()
                .any(|end| self.telemetry.ends_with(end)),
            Format::Csv => false,
            Format::Jsonl => true,
        }
    }

    /// The form always; of the others, those with a bound.
    pub(crate) fn asks_for(&self, check: Check) -> bool {
        match check {
            Check::WellFormed => true,
            Check::Latency => self.latency.is_some(),
            Check::Throughput => self.throughput.is_some(),
            Check::Uptime => self.uptime.is_some(),
            Check::ErrorRate => self.error_rate.is_some(),
            Check::Benchmark => self.benchmark.is_some(),
        }
    }

    /// Whether tokens are asked for; otherwise their column need not exist.
    pub fn needs_tokens(&self) -> bool {
        self.throughput
            .as_ref()
            .is_some_and(|asked| asked.min_tokens_per_1000_s.is_some())
    }

    /// The column of scores, if scores come from one.
    pub fn score_column(&self) -> Option<&str> {
        match &self.benchmark.as_ref()?.from {
            ScoreSource::Column { name } => Some(name),
            ScoreSource::Artifact { .. } => None,
        }
    }

    /// Names of the columns that are needed, in the order of the fields of a record.
    pub fn wanted_columns(&self) -> Vec<&str> {
        let columns = &self.columns;
        let mut wanted = vec![&*columns.start, &*columns.duration, &*columns.status];
        wanted.extend(self.needs_tokens().then_some(&*columns.tokens));
        wanted.extend(self.score_column());
        wanted
    }

    /// What the schema cannot say.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        self.question_columns(&mut problems);
        self.question_periods(&mut problems);
        self.question_demands(&mut problems);
        problems
    }

    fn question_columns(&self, problems: &mut Vec<Problem>) {
        let mut wanted = self.wanted_columns();
        wanted.sort_unstable();
        if wanted.windows(2).any(|pair| pair[0] == pair[1]) {
            problems.push(problem("/columns", "one column cannot mean two things"));
        }
        for (index, range) in self.error_statuses.iter().enumerate() {
            if range.from > range.to {
                let pointer = format!("/error_statuses/{index}");
                problems.push(problem(
                    pointer,
                    "`from` lies above `to`: no status is an error",
                ));
            }
        }
    }

    fn question_periods(&self, problems: &mut Vec<Problem>) {
        if self.min_records > self.max_records {
            problems.push(problem("/min_records", "more than `max_records`"));
        }
        if self.max_records > MAX_RECORDS {
            problems.push(problem("/max_records", format!("more than {MAX_RECORDS}")));
        }
        let Some(period) = self.period else { return };
        if period.from_us >= period.to_us {
            problems.push(problem("/period", "`from_us` must lie before `to_us`"));
        } else if (period.to_us - period.from_us) / 1_000_000 < self.min_period_s {
            problems.push(problem("/min_period_s", "longer than `period`"));
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
            problems.push(problem(
                "",
                "nothing is asked for: every well-formed file would pass",
            ));
        }
        if let Some(asked) = &self.throughput
            && asked.min_requests_per_1000_s.is_none()
            && asked.min_tokens_per_1000_s.is_none()
        {
            problems.push(problem(
                "/throughput",
                "asks for neither requests nor tokens",
            ));
        }
        if let Some(asked) = &self.latency {
            for (index, limit) in asked.limits.iter().enumerate() {
                if !(1..=1_000_000).contains(&limit.percentile_ppm) {
                    let pointer = format!("/latency/limits/{index}/percentile_ppm");
                    problems.push(problem(pointer, "must be 1 to 1,000,000"));
                }
            }
        }
        if self.uptime.is_some_and(|asked| asked.window_s == 0) {
            problems.push(problem("/uptime/window_s", "must be at least 1"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(json: &str) -> Vec<String> {
        let params: Params = serde_json::from_str(json).expect("parameters");
        params
            .problems()
            .into_iter()
            .map(|problem| problem.pointer)
            .collect()
    }

    #[test]
    fn sensible_parameters_have_no_problem() {
        assert!(pointers(r#"{"error_rate":{"max_ppm":1000}}"#).is_empty());
    }

    #[test]
    fn each_contradiction_points_at_its_place() {
        let error_rate = r#""error_rate":{"max_ppm":1000}"#;
        for (json, pointer) in [
            (r#"{}"#.to_owned(), ""),
            (
                format!(r#"{{{error_rate},"columns":{{"start":"status"}}}}"#),
                "/columns",
            ),
            (
                format!(r#"{{{error_rate},"error_statuses":[{{"from":2,"to":1}}]}}"#),
                "/error_statuses/0",
            ),
            (
                format!(r#"{{{error_rate},"min_records":9,"max_records":8}}"#),
                "/min_records",
            ),
            (
                format!(r#"{{{error_rate},"max_records":99000000}}"#),
                "/max_records",
            ),
            (
                format!(r#"{{{error_rate},"period":{{"from_us":2,"to_us":2}}}}"#),
                "/period",
            ),
            (
                format!(r#"{{{error_rate},"period":{{"from_us":0,"to_us":2}},"min_period_s":1}}"#),
                "/min_period_s",
            ),
            (r#"{"throughput":{}}"#.to_owned(), "/throughput"),
            (
                r#"{"latency":{"limits":[{"percentile_ppm":0,"max_us":1}]}}"#.to_owned(),
                "/latency/limits/0/percentile_ppm",
            ),
        ] {
            assert_eq!(pointers(&json), [pointer], "{json}");
        }
    }
}
