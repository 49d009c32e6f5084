//! `stream`: an artifact far larger than any memory limit, through the product as a person runs it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use proofmark_tests::setup;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::guests::{self, PROOFMARK, Setting};
use crate::large;
use crate::measure::{ms, time};
use crate::memory::{self, Peak};
use crate::table::{Figure, Section, Target};

const SIZE: u64 = 2 << 30;
const WINDOW_BYTES: usize = 1 << 20;
const MAX_MEMORY_MIB: f64 = 256.0;

pub(crate) fn run(setting: &Setting) -> Section {
    let mut section = Section::new(
        "stream",
        "`proofmark check` of one artifact of 2 GiB; the floor does the same work natively, without isolation",
        &[
            "validator",
            "floor s",
            "check s",
            "× floor",
            "of it run s",
            "MB per second",
            "fuel used",
            "peak MiB",
            "peak PSS MiB",
        ],
    );
    let root = setting.scratch().join("stream");
    let work = root.join("work");
    fs::create_dir_all(&work).expect("scratch can be written");
    fs::write(root.join("workload.wasm"), &setting.workload).expect("scratch can be written");
    fs::write(root.join("schema.json"), SCHEMA).expect("scratch can be written");
    let input = work.join(guests::INPUT);
    large::noise(&input, SIZE);
    case(
        &mut section,
        setting,
        &root,
        "own: reads 1 MiB windows, folds",
        &workload("fold"),
        &|| fold(&input),
    );
    case(
        &mut section,
        setting,
        &root,
        "own: hash-range of all",
        &workload("hash-range"),
        &|| {
            std::hint::black_box((hash(&input), hash(&input)));
        },
    );
    large::json_lines(&input, SIZE);
    case(
        &mut section,
        setting,
        &root,
        "json-schema, JSON Lines",
        JSON_LINES,
        &|| parse(&input),
    );
    fs::remove_dir_all(&root).expect("scratch can be emptied");
    section.note("check hashes the artifact before the run; peak is the sum of VmHWM over parent and worker, so pages");
    section.note("that both map count twice; peak PSS is sampled every 20 ms. One run each.");
    section
}

fn workload(kind: &str) -> String {
    let params = format!("params = {{ kind = \"{kind}\", count = 0 }}");
    format!(
        "name = \"stream\"\n[[criteria]]\nname = \"all-of-it\"\nvalidator = {{ path = \"workload.wasm\" }}\nrequired = true\n{params}\n"
    )
}

const JSON_LINES: &str = r#"
name = "stream"
[[criteria]]
name = "all-of-it"
validator = { builtin = "json-schema" }
required = true
references = { "schema.json" = { path = "schema.json" } }
params = { artifact = "input", format = "json-lines" }
"#;

const SCHEMA: &str = r#"{
    "type": "object",
    "required": ["id", "name", "status", "quantity", "price"],
    "properties": {
        "id": { "type": "integer", "minimum": 0 },
        "name": { "type": "string", "minLength": 1 },
        "status": { "enum": ["open", "shipped", "returned"] },
        "quantity": { "type": "integer", "minimum": 1 },
        "price": { "type": "integer", "minimum": 0 },
        "tags": { "type": "array", "items": { "type": "string" } }
    }
}"#;

/// Freeze the criteria, then time the native work and the check, one after the other.
fn case(
    section: &mut Section,
    setting: &Setting,
    root: &Path,
    name: &str,
    criteria: &str,
    floor: &dyn Fn(),
) {
    let document = root.join("criteria.toml");
    fs::write(&document, criteria).expect("scratch can be written");
    // Another case's: a frozen document is not replaced unasked.
    let _ = fs::remove_file(root.join("criteria.json"));
    let cache = setting.cache();
    let locked = proofmark(&cache)
        .args(["criteria", "lock"])
        .arg(&document)
        .output()
        .expect("it starts");
    assert!(
        locked.status.success(),
        "{}",
        String::from_utf8_lossy(&locked.stderr)
    );
    let ((), floor) = time(floor);
    let mut command = proofmark(&cache);
    command
        .args(["check", "--output", "json"])
        .arg(root.join("criteria.json"))
        .arg(root.join("work"));
    let (found, took) = time(|| check(command));
    let peak = found.peak;
    section.row(vec![
        name.into(),
        Figure::Decimal(floor.as_secs_f64(), 2),
        Figure::Decimal(took.as_secs_f64(), 2),
        Figure::Decimal(took.as_secs_f64() / floor.as_secs_f64(), 2),
        Figure::Decimal(found.run.as_secs_f64(), 2),
        Figure::Decimal(SIZE as f64 / 1e3 / ms(took), 0),
        found.fuel_used.into(),
        Figure::Decimal(peak.sum_of_peaks_mib(), 0),
        Figure::Decimal(peak.pss_mib(), 0),
    ]);
    section.target(Target::at_most(
        format!("peak memory, {name}"),
        peak.sum_of_peaks_mib(),
        MAX_MEMORY_MIB,
        " MiB",
    ));
}

fn proofmark(cache: &Path) -> Command {
    let mut command = Command::new(PROOFMARK);
    command
        .arg("--cache")
        .arg(cache)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a check told.
struct Found {
    run: Duration,
    fuel_used: u64,
    peak: Peak,
}

fn check(mut command: Command) -> Found {
    let child = command
        .current_dir(setup::root())
        .spawn()
        .expect("it starts");
    let watch = memory::watch(child.id());
    let output = child.wait_with_output().expect("it ends");
    let peak = watch.stop();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert_eq!(
        told["verdict"],
        "pass",
        "{told:#} {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let run = Duration::from_micros(told["runs"][0]["run_us"].as_u64().unwrap_or_default());
    Found {
        run,
        fuel_used: fuel_used(&told["record"]),
        peak,
    }
}

/// The first figure of that name, wherever it stands in the record.
fn fuel_used(record: &Value) -> u64 {
    let inner =
        |values: &mut dyn Iterator<Item = &Value>| values.map(fuel_used).find(|fuel| *fuel > 0);
    match record {
        Value::Object(members) => match members
            .get("fuel_used")
            .or(members.get("fuelUsed"))
            .and_then(Value::as_u64)
        {
            Some(fuel) => fuel,
            None => inner(&mut members.values()).unwrap_or_default(),
        },
        Value::Array(items) => inner(&mut items.iter()).unwrap_or_default(),
        _ => 0,
    }
}

/// What `check` does before every run.
fn hash(path: &Path) -> Vec<u8> {
    let mut hash = Sha256::new();
    windows(path, |window| hash.update(window));
    hash.finalize().to_vec()
}

fn fold(path: &Path) {
    std::hint::black_box(hash(path));
    let mut state = 0_u64;
    windows(path, |window| {
        for word in window.as_chunks::<8>().0 {
            state = state.rotate_left(5) ^ u64::from_le_bytes(*word);
        }
    });
    std::hint::black_box(state);
}

fn parse(path: &Path) {
    std::hint::black_box(hash(path));
    let file = fs::File::open(path).expect("the file is there");
    for line in BufReader::with_capacity(WINDOW_BYTES, file).lines() {
        let value: Value = serde_json::from_str(&line.expect("it is text")).expect("it is JSON");
        std::hint::black_box(value);
    }
}

fn windows(path: &Path, mut each: impl FnMut(&[u8])) {
    let mut file = fs::File::open(path).expect("the file is there");
    let mut buffer = vec![0; WINDOW_BYTES];
    loop {
        match file.read(&mut buffer).expect("it can be read") {
            0 => return,
            got => each(&buffer[..got]),
        }
    }
}
