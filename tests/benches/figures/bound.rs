//! `bound`: what the parts of a check and of a delivery cost by themselves, as bare as they can be had, and so what this
//! machine could do at most if nothing else were done: no criteria, no record, no market, no database.

use std::hint::black_box;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use proofmark_keys::{SecretKey, Signer as _, sign};

use crate::guests::Setting;
use crate::machine;
use crate::measure::{time, us};
use crate::serve;
use crate::table::{Figure, Section};
use crate::wire;

/// Requests, and signatures, of each measurement.
const TIMES: usize = 20_000;
/// As many connections as the clients of `serve` and `deliver` have at most.
const CONNECTIONS: usize = 32;
/// A request and an answer of a check are about as long.
const REQUEST_BYTES: usize = 3_000;
const ANSWER_BYTES: usize = 6_000;
/// A statement about ten checks is about as long.
const MESSAGE_BYTES: usize = 2_500;

/// Processor time of each part.
struct Parts {
    http: Duration,
    engine: Duration,
    sign: Duration,
    verify: Duration,
}

pub(crate) fn run(setting: &Setting) -> Section {
    let mut section = Section::new(
        "bound",
        "what this machine could do at most: the bare parts, and nothing else",
        &["part", "CPU µs", "in a check", "in a delivery"],
    );
    let parts = Parts::measured(setting);
    // A delivery is two requests, submission and acceptance. Two signatures are made, the engine's and the carrier's, and
    // checked by whoever made them (a fault in signing would give the key away); three are verified that are somebody else's.
    let counted = [
        (
            "request and answer over HTTP, with its client",
            parts.http,
            1,
            2,
        ),
        ("run of ten checks, isolated", parts.engine, 1, 1),
        ("signature made", parts.sign, 1, 2),
        ("signature verified, strictly", parts.verify, 1, 5),
    ];
    for (part, cost, check, delivery) in counted {
        let times = [check, delivery].map(|it| Figure::Count(it.into()));
        let [check, delivery] = times;
        section.row(vec![
            part.into(),
            Figure::Decimal(us(cost), 1),
            check,
            delivery,
        ]);
    }
    let sum = |of: fn((u32, u32)) -> u32| {
        let costs = counted.iter().map(|it| it.1 * of((it.2, it.3)));
        machine::cores() / costs.sum::<Duration>().as_secs_f64()
    };
    section.row(vec![
        "at most per second".into(),
        Figure::Empty,
        Figure::Decimal(sum(|it| it.0), 0),
        Figure::Decimal(sum(|it| it.1), 0),
    ]);
    section
}

impl Parts {
    fn measured(setting: &Setting) -> Self {
        let key = SecretKey::from_seed(&[7; 32]);
        let message = vec![b'x'; MESSAGE_BYTES];
        let signature = sign(&key, &message).expect("a short message");
        let each = |what: &dyn Fn()| of_each(|| (0..TIMES).for_each(|_| what()));
        Self {
            http: http(),
            engine: Duration::from_secs_f64(
                machine::cores().min(serve::CALLERS) / serve::alone(setting),
            ),
            sign: each(&|| {
                black_box(key.sign(&message).expect("a short message"));
            }),
            verify: each(&|| {
                let verified = key.public_key().verify(&message, &signature);
                verified.expect("it is the key's");
            }),
        }
    }
}

fn of_each(all: impl FnOnce()) -> Duration {
    time(all).1 / u32::try_from(TIMES).expect("there are few")
}

/// A bare server, which reads the whole request and looks at nothing, and the clients of the other benches.
fn http() -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound").to_string();
    listener.set_nonblocking(true).expect("a socket");
    thread::spawn(move || serve_bare(listener));
    let requests = vec![wire::post("/", &"x".repeat(REQUEST_BYTES)); TIMES];
    wire::closed(&address, &requests[..200], CONNECTIONS);
    let before = machine::cpu_of_this_process();
    wire::closed(&address, &requests, CONNECTIONS);
    let spent = machine::cpu_of_this_process() - before;
    spent / u32::try_from(TIMES).expect("there are few")
}

/// Until the process ends.
fn serve_bare(listener: TcpListener) {
    let answer = Bytes::from(vec![b'y'; ANSWER_BYTES]);
    let app = Router::new().route("/", post(|_: Bytes| async move { answer }));
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).expect("an option of TCP");
            let service = TowerToHyperService::new(app.clone());
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
}
