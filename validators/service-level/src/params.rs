//! What the buyer asks for. `params.schema.json` describes the same for people and tools.

mod problems;

use crate::Check;
use serde::Deserialize;

/// The most records that are ever judged. The ids take 20 bytes each, and when they are gone, the
/// requests 16: 4,000,000 × 20 bytes = 80 MB of the 128 MiB (134 MB) that a run has by default.
pub(crate) const MAX_RECORDS: u64 = 4_000_000;

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
    /// The shortest time from the first start to the last, in seconds.
    pub min_period_s: u64,
    /// The longest time without a start, in seconds.
    pub max_gap_s: Option<u64>,
    /// The period that is judged; without it, the supplier chooses.
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
                StatusRange { from: 0, to: 199 },
                StatusRange { from: 400, to: 999 },
            ],
            min_records: 1,
            max_records: MAX_RECORDS,
            min_period_s: 0,
            max_gap_s: None,
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
    /// What no other request has. Without a name, nothing tells a copied record from another request.
    pub id: Option<String>,
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
            id: None,
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

/// Lower bounds of throughput over the rated time: `period`, or from the first start to the last end.
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
    /// The lowest score that passes, in units of `10^-decimals`.
    pub min: i64,
    /// The highest score that there can be, in the same units: the top of the scale.
    pub max: i64,
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

    /// Whether a judge looks at single requests; otherwise sums are enough.
    pub fn needs_samples(&self) -> bool {
        self.latency.is_some() || self.uptime.is_some() || self.max_gap_s.is_some()
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
        wanted.extend(columns.id.as_deref());
        wanted.extend(self.score_column());
        wanted
    }
}
