//! A client that costs next to nothing: requests that were written before, sent over connections that stay open.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// A request, byte for byte.
pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: market\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The body of a good answer; nothing if it is another.
pub(crate) fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: market\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
}

/// A connection that stays open.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("an option of TCP");
        Self {
            stream,
            answer: Vec::new(),
        }
    }

    /// Sends a request, and reads the whole answer, which must be a good one.
    fn ask(&mut self, request: &[u8]) {
        self.stream.write_all(request).expect("it is sent");
        self.answer.clear();
        let (mut part, mut whole) = ([0; 16_384], None);
        while whole.is_none_or(|whole| self.answer.len() < whole) {
            let read = self.stream.read(&mut part).expect("it answers");
            assert!(read > 0, "the server hung up");
            self.answer.extend_from_slice(&part[..read]);
            whole = whole.or_else(|| length(&self.answer));
        }
        let good = self.answer.starts_with(b"HTTP/1.1 200");
        assert!(good, "{}", String::from_utf8_lossy(&self.answer));
    }
}

/// Of the whole answer, once its head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..head]).expect("a head is text");
    let mut lines = text.lines().filter_map(|line| line.split_once(": "));
    let (_, body) = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    Some(head + body.trim().parse::<usize>().expect("a length"))
}

/// How a load was answered.
pub(crate) struct Answered {
    pub(crate) per_second: f64,
    latencies: Vec<Duration>,
}

impl Answered {
    /// The latency that this share of answers does not exceed.
    pub(crate) fn within(&self, share: f64) -> Duration {
        let last = self.latencies.len() - 1;
        let at = (last as f64 * share).round();
        self.latencies[(at as usize).min(last)]
    }

    fn of(mut latencies: Vec<Duration>, took: Duration) -> Self {
        latencies.sort_unstable();
        Self {
            per_second: latencies.len() as f64 / took.as_secs_f64(),
            latencies,
        }
    }
}

/// Each connection sends its requests one after the other, as fast as they are answered.
pub(crate) fn closed(address: &str, requests: &[Vec<u8>], connections: usize) -> Answered {
    let started = Instant::now();
    let latencies = on_each(connections, |number| {
        let mut connection = Connection::open(address);
        let mine = requests.iter().skip(number).step_by(connections);
        let asked = mine.map(|request| {
            let started = Instant::now();
            connection.ask(request);
            started.elapsed()
        });
        asked.collect()
    });
    Answered::of(latencies, started.elapsed())
}

/// A request falls due at a fixed rate, whether the last one was answered or not. What it waits for a free connection
/// counts as latency: else a server that stands still would look fast (coordinated omission).
pub(crate) fn open(
    address: &str,
    requests: &[Vec<u8>],
    connections: usize,
    per_second: f64,
) -> Answered {
    let started = Instant::now() + Duration::from_millis(20);
    let latencies = on_each(connections, |number| {
        let mut connection = Connection::open(address);
        let mine = requests
            .iter()
            .enumerate()
            .skip(number)
            .step_by(connections);
        let asked = mine.map(|(at, request)| {
            let due = started + Duration::from_secs_f64(at as f64 / per_second);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            connection.ask(request);
            due.elapsed()
        });
        asked.collect()
    });
    Answered::of(latencies, started.elapsed())
}

fn on_each(connections: usize, run: impl Fn(usize) -> Vec<Duration> + Sync) -> Vec<Duration> {
    thread::scope(|scope| {
        let run = &run;
        let started = (0..connections).map(|number| scope.spawn(move || run(number)));
        let started: Vec<_> = started.collect();
        let ended = started
            .into_iter()
            .flat_map(|it| it.join().expect("it ends"));
        ended.collect()
    })
}
