//! `hostile`: uploads that are slow, huge, lying, wrong or too many, against a market that goes on serving somebody
//! else. What it takes is memory of the server alone.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, SystemTime};

use proofmark_api::ticket::{Access, Ticket};
use proofmark_core::{Digest, Timestamp, uri};
use proofmark_keys::{SecretKey, Signer as _};

use crate::guests::Setting;
use crate::measure::ms;
use crate::memory::watch;
use crate::serve::Market;
use crate::table::{Figure, Section, Target};
use crate::wire;

/// Connections of an attack. The server holds 768 at most.
const MANY: usize = 600;
/// Connections where more are tried than the server holds.
const TOO_MANY: usize = 3_000;
/// Commands of somebody else meanwhile, one after the other.
const COMMANDS: usize = 5_000;
/// A large upload, in bytes.
const LARGE: u64 = 256 << 20;
/// The largest blob, in bytes.
const HUGE: u64 = 2 << 30;

/// Requests that are begun, and left as they are.
type Attack = fn(&Victim) -> Vec<TcpStream>;

const ATTACKS: &[(&str, Attack)] = &[
    ("nobody", |_| Vec::new()),
    ("600 uploads of 2 GiB that say nothing more", |it| {
        it.uploads(MANY, HUGE, &[])
    }),
    ("600 commands of 6 MiB that stop half way", |it| {
        it.commands(MANY, 6 << 20, 3 << 20)
    }),
    (
        "600 commands that end after other lengths than they say",
        |it| it.commands(MANY, 10, 1 << 20),
    ),
    ("600 uploads of other bytes than they say", |it| {
        it.uploads(MANY, 1 << 20, &vec![7; 1 << 20])
    }),
    ("8 uploads of 256 MiB of other bytes", Victim::large),
    ("3,000 connections that say nothing", |it| {
        it.silent(TOO_MANY)
    }),
];

/// Whom all of it is sent to.
struct Victim {
    address: String,
    tickets: SecretKey,
}

impl Victim {
    fn connect(&self) -> Option<TcpStream> {
        let stream = TcpStream::connect(&self.address).ok()?;
        // What the server does not take any more is not waited for.
        stream
            .set_write_timeout(Some(Duration::from_millis(500)))
            .ok()?;
        stream
            .set_read_timeout(Some(Duration::from_millis(500)))
            .ok()?;
        Some(stream)
    }

    /// Heads of requests, and as much of their bodies as the server takes.
    fn begun(&self, many: usize, head: impl Fn(usize) -> String, body: &[u8]) -> Vec<TcpStream> {
        let begin = |number: usize| {
            let mut stream = self.connect()?;
            let sent = stream.write_all(head(number).as_bytes());
            match sent.and_then(|()| stream.write_all(body)) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => None,
                _ => Some(stream),
            }
        };
        (0..many).filter_map(begin).collect()
    }

    fn uploads(&self, many: usize, size: u64, body: &[u8]) -> Vec<TcpStream> {
        self.begun(many, |number| self.upload(number, size), body)
    }

    fn commands(&self, many: usize, says: usize, sends: usize) -> Vec<TcpStream> {
        let head = format!(
            "POST /v1/commands HTTP/1.1\r\nhost: market\r\ncontent-type: application/json\r\ncontent-length: {says}\r\n\r\n"
        );
        self.begun(many, |_| head.clone(), &vec![b'{'; sends])
    }

    fn silent(&self, many: usize) -> Vec<TcpStream> {
        (0..many).filter_map(|_| self.connect()).collect()
    }

    /// All of it arrives, at the same time.
    fn large(&self) -> Vec<TcpStream> {
        thread::scope(|scope| {
            let sends = |number: usize| {
                let mut stream = self.connect()?;
                stream
                    .write_all(self.upload(number, LARGE).as_bytes())
                    .ok()?;
                let part = vec![7; 1 << 20];
                for _ in 0..LARGE >> 20 {
                    stream.write_all(&part).ok()?;
                }
                let _ = stream.read(&mut [0; 512]);
                Some(stream)
            };
            let threads: Vec<_> = (0..8)
                .map(|number| scope.spawn(move || sends(number)))
                .collect();
            let ended = threads.into_iter().map(|it| it.join().expect("it sends"));
            ended.flatten().collect()
        })
    }

    /// The head of an upload whose ticket is in order, of bytes that nobody has.
    fn upload(&self, number: usize, size: u64) -> String {
        let blob = Digest::of(format!("what nobody has {number} {size}").as_bytes());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seconds = now.expect("after 1970").as_secs();
        let start = Timestamp::from_micros(0).expect("a time");
        let ticket = Ticket {
            schema: uri::TICKET_V1.to_owned(),
            market: "urn:market:local".parse().expect("a term"),
            sender: self.tickets.public_key().id(),
            valid_until: start.plus_seconds(seconds + 600),
            access: Access::Upload {
                blob,
                size,
                public: false,
            },
        };
        let ticket = ticket.sign(&self.tickets).expect("signed");
        format!(
            "PUT /v1/blobs/{blob} HTTP/1.1\r\nhost: market\r\nauthorization: {ticket}\r\ncontent-length: {size}\r\n\r\n"
        )
    }
}

pub(crate) fn run(setting: &Setting) -> Section {
    let mut section = Section::new(
        "hostile",
        "a market under hostile uploads: its memory, and the commands of somebody else meanwhile",
        &[
            "who sends beside",
            "server MiB",
            "obeyed",
            "p50 ms",
            "p99 ms",
        ],
    );
    let market = Market::with(setting, &["--no-examiner"]);
    market.buyer();
    let pem = fs::read_to_string(market.folder.join("buyer.pem")).expect("a key");
    let victim = Victim {
        address: market.address.clone(),
        tickets: SecretKey::from_pem(&pem).expect("a key"),
    };
    let mut most = 0.0_f64;
    for (series, (who, attack)) in (100..).zip(ATTACKS) {
        let deposits = market.deposits(series);
        let watched = watch(market.server.id());
        let answered = thread::scope(|scope| {
            // Connected before: how many may be connected is another matter.
            let commands = scope.spawn(|| wire::closed(&market.address, &deposits[..COMMANDS], 1));
            let held = attack(&victim);
            let answered = commands.join().expect("it is answered");
            drop(held);
            answered
        });
        let peak = watched.stop().pss_mib();
        most = most.max(peak);
        section.row(vec![
            (*who).into(),
            Figure::Decimal(peak, 0),
            Figure::Count(COMMANDS as u64),
            Figure::Decimal(ms(answered.within(0.5)), 2),
            Figure::Decimal(ms(answered.within(0.99)), 2),
        ]);
    }
    // Bodies of commands that have arrived are 384 MiB at most, in vectors that may be half empty.
    section.target(Target::at_most("MiB of the server", most, 768.0, ""));
    section
}
