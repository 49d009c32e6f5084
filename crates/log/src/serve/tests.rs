use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use proofmark_core::{Digest, Timestamp};
use proofmark_keys::{SecretKey, Signer};
use proofmark_tlog::{NoteKey, VerifiedCheckpoint, leaf_hash};

use super::*;
use crate::witness::Witness;
use crate::{Cosigner, CosignerError, Folder, Log, LogReader, Web};

const TIMEOUT: Duration = Duration::from_secs(30);

/// A server of this test's own, on a port that was free.
struct Server {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    fn start(routes: Router, limits: ServeLimits) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("nonblocking");
        let address = listener.local_addr().expect("an address");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                let stop = async {
                    let _ = stopped.await;
                };
                serve(listener, routes, limits, stop).await.expect("served");
            });
        });
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends bytes as they are, and gives all that comes back.
    fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("connected");
        stream.set_read_timeout(Some(TIMEOUT)).expect("set");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn get(&self, path: &str) -> String {
        self.raw(&format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn log_signer() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn log_key() -> NoteKey {
    NoteKey::log(
        "log.example".parse().expect("a name"),
        *log_signer().public_key(),
    )
}

fn log(directory: &Path, size: u64) -> Log {
    let mut log = Log::create(directory, &log_key(), &log_signer()).expect("made");
    let entries: Vec<_> = (0..size)
        .map(|index| index.to_be_bytes().to_vec())
        .collect();
    log.append(&entries, &log_signer()).expect("appended");
    log
}

fn serve_witness(directory: &Path, name: &str, seed: u8) -> (Server, NoteKey) {
    let signer = SecretKey::from_seed(&[seed; 32]);
    let key = NoteKey::witness(name.parse().expect("a name"), *signer.public_key());
    let witness = Witness::open(&directory.join(name), &key, Arc::new(signer), &[log_key()]);
    let clock = || Timestamp::from_seconds(1_795_716_000).expect("this century");
    let routes = witness_routes(Arc::new(witness.expect("opened")), Arc::new(clock));
    (Server::start(routes, ServeLimits::default()), key)
}

#[test]
fn a_log_is_read_over_http_as_from_its_directory() {
    let scratch = tempfile::tempdir().expect("a directory");
    let log = log(scratch.path(), 300);
    let server = Server::start(
        log_routes(Folder::new(scratch.path())),
        ServeLimits::default(),
    );
    let reader = LogReader::open(Web::new(&server.url(), TIMEOUT), &log_key()).expect("opened");
    assert_eq!(reader.size(), 300);
    let proof = reader.prove(299).expect("proven");
    assert_eq!(proof, log.prove(299).expect("proven"));
    proof
        .verify(&leaf_hash(&299_u64.to_be_bytes()), &log_key())
        .expect("it holds");
    assert_eq!(reader.entries(256).expect("read").len(), 44);
    assert_eq!(
        reader.prefix(7).expect("proven").1,
        log.prove_consistency(7).expect("proven")
    );
}

#[test]
fn files_have_their_types_and_nothing_else_is_a_file() {
    let scratch = tempfile::tempdir().expect("a directory");
    let _log = log(scratch.path(), 300);
    let server = Server::start(
        log_routes(Folder::new(scratch.path())),
        ServeLimits::default(),
    );
    let checkpoint = server.get("/checkpoint").to_lowercase();
    assert!(checkpoint.starts_with("http/1.1 200"), "{checkpoint}");
    assert!(checkpoint.contains("content-type: text/plain; charset=utf-8"));
    assert!(checkpoint.contains("cache-control: no-cache"));
    for path in [
        "/tile/0/000",
        "/tile/0/001.p/44",
        "/tile/1/000.p/1",
        "/tile/entries/001.p/44",
    ] {
        let tile = server.get(path).to_lowercase();
        assert!(tile.starts_with("http/1.1 200"), "{path}: {tile}");
        assert!(tile.contains("content-type: application/octet-stream"));
        assert!(tile.contains("immutable"));
    }
    for path in [
        "/",
        "/tile/",
        "/tile/0/002",
        "/tile/0/001.p/43",
        "/tile/0/0",
        "/tile/0/000.p/256",
        "/tile/00/000",
        "/tile/../checkpoint",
        "/tile/0/../../checkpoint",
        "/tile/..%2f..%2fstate%2fkey",
        "/tile/%2e%2e/checkpoint",
        "/../state/key",
        "/state/key",
        "/tile/0/x000/000",
        "/tile/0/000/",
        "//checkpoint",
        "/checkpoint/",
        "/tile/0/000%00",
    ] {
        let answer = server.get(path);
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    let posted = server.raw(
        "POST /checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    assert!(posted.starts_with("HTTP/1.1 405"), "{posted}");
}

#[test]
fn cosignatures_are_collected_kept_and_served() {
    let scratch = tempfile::tempdir().expect("a directory");
    let mut log = log(&scratch.path().join("log"), 3);
    let (one, one_key) = serve_witness(scratch.path(), "one.example", 11);
    let (two, two_key) = serve_witness(scratch.path(), "two.example", 12);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let gone = format!("http://{}", nobody.local_addr().expect("an address"));
    drop(nobody);
    let cosigners = [
        Cosigner {
            key: one_key.clone(),
            url: one.url() + "/",
        },
        Cosigner {
            key: two_key.clone(),
            url: two.url(),
        },
        Cosigner {
            key: one_key.clone(),
            url: gone,
        },
        // Answers, but with a key that is not believed.
        Cosigner {
            key: two_key.clone(),
            url: one.url(),
        },
    ];
    for round in 0..3 {
        let witnessed = log
            .collect_cosignatures(&cosigners, TIMEOUT)
            .expect("published");
        assert_eq!(witnessed.cosignatures.len(), 2, "{:?}", witnessed.failures);
        assert_eq!(witnessed.failures.len(), 2, "round {round}");
        assert!(matches!(witnessed.failures[0], CosignerError::Web { .. }));
        assert!(matches!(
            witnessed.failures[1],
            CosignerError::Answer { .. }
        ));
        let public = std::fs::read(scratch.path().join("log/public/checkpoint")).expect("there");
        assert_eq!(public, witnessed.checkpoint.to_string().into_bytes());
        let origin = Digest::of(b"log.example").hex();
        let seen = one.get(&format!("/{origin}/checkpoint"));
        assert!(seen.contains(log.checkpoint().text()), "{seen}");
        let proof = log.prove(0).expect("proven");
        let verified = VerifiedCheckpoint::open(&proof.checkpoint, &log_key()).expect("signed");
        assert_eq!(
            verified
                .cosignatures(&[&one_key, &two_key])
                .expect("valid")
                .len(),
            2
        );
        // Without growth in the first round, with growth in the second.
        if round > 0 {
            log.append(&[vec![round]], &log_signer()).expect("appended");
        }
    }
}

#[test]
fn a_witness_that_knows_another_tree_refuses() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (server, key) = serve_witness(scratch.path(), "one.example", 11);
    let cosigner = [Cosigner {
        key,
        url: server.url(),
    }];
    let mut honest = log(&scratch.path().join("honest"), 5);
    let witnessed = honest
        .collect_cosignatures(&cosigner, TIMEOUT)
        .expect("published");
    assert_eq!(witnessed.cosignatures.len(), 1);
    for (name, size, status) in [("same-size", 5, 409), ("larger", 9, 422)] {
        let mut forked =
            Log::create(&scratch.path().join(name), &log_key(), &log_signer()).expect("made");
        forked
            .append(&vec![b"other".to_vec(); size], &log_signer())
            .expect("appended");
        let witnessed = forked
            .collect_cosignatures(&cosigner, TIMEOUT)
            .expect("nothing to publish");
        let [CosignerError::Refused { status: found, .. }] = &witnessed.failures[..] else {
            panic!("{:?}", witnessed.failures);
        };
        assert_eq!(*found, status, "{name}");
    }
    let mut behind = log(&scratch.path().join("behind"), 2);
    let witnessed = behind
        .collect_cosignatures(&cosigner, TIMEOUT)
        .expect("nothing to publish");
    assert!(matches!(
        witnessed.failures[..],
        [CosignerError::Ahead { known: 5, .. }]
    ));
}

/// Anybody may show a witness what the log has published, also while the log asks.
#[test]
fn a_witness_that_is_shown_more_meanwhile_knows_no_other_tree() {
    let scratch = tempfile::tempdir().expect("a directory");
    let asked = Arc::new(AtomicU64::new(0));
    let answer = move || async move {
        let known = asked.fetch_add(1, Ordering::Relaxed) + 1;
        let head = [("content-type", "text/x.tlog.size")];
        (StatusCode::CONFLICT, head, format!("{known}\n"))
    };
    let routes = Router::new().route("/add-checkpoint", axum::routing::post(answer));
    let server = Server::start(routes, ServeLimits::default());
    let signer = SecretKey::from_seed(&[11; 32]);
    let name = "one.example".parse().expect("a name");
    let cosigner = Cosigner {
        key: NoteKey::witness(name, *signer.public_key()),
        url: server.url(),
    };
    let mut log = log(&scratch.path().join("log"), 5);
    let asked = log.collect_cosignatures(&[cosigner], TIMEOUT);
    let failures = asked.expect("nothing to publish").failures;
    let [failure @ CosignerError::Raced { known: 3, .. }] = &failures[..] else {
        panic!("{failures:?}");
    };
    assert!(!failure.knows_another());
}

#[test]
fn too_much_is_not_read_and_other_methods_are_refused() {
    let scratch = tempfile::tempdir().expect("a directory");
    let (server, _) = serve_witness(scratch.path(), "one.example", 11);
    let length = 200 << 10;
    let body = "x".repeat(length);
    let head = format!(
        "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(server.address).expect("connected");
    stream.write_all(head.as_bytes()).expect("sent");
    // The server may hang up before it has all of it.
    let _ = stream.write_all(body.as_bytes());
    let mut answer = [0; 12];
    if stream.read_exact(&mut answer).is_ok() {
        assert_eq!(&answer, b"HTTP/1.1 413");
    }
    assert!(server.get("/add-checkpoint").starts_with("HTTP/1.1 405"));
    assert!(server.get("/x/checkpoint").starts_with("HTTP/1.1 404"));
}

#[test]
fn who_says_nothing_is_sent_away_and_others_are_served() {
    let scratch = tempfile::tempdir().expect("a directory");
    let _log = log(scratch.path(), 3);
    let limits = ServeLimits {
        connections: 1,
        header_timeout: Duration::from_millis(200),
        ..ServeLimits::default()
    };
    let server = Server::start(log_routes(Folder::new(scratch.path())), limits);
    let mut silent = TcpStream::connect(server.address).expect("connected");
    silent.write_all(b"GET /check").expect("sent");
    // The only seat is taken until the silent one is sent away.
    assert!(server.get("/checkpoint").starts_with("HTTP/1.1 200"));
}

/// Also when every seat is taken by who would stay, and another waits for one.
#[test]
fn a_server_that_is_told_to_stop_stops() {
    let scratch = tempfile::tempdir().expect("a directory");
    let _log = log(scratch.path(), 3);
    let limits = ServeLimits {
        connections: 1,
        header_timeout: Duration::from_secs(60),
        ..ServeLimits::default()
    };
    let server = Server::start(log_routes(Folder::new(scratch.path())), limits);
    let mut silent = TcpStream::connect(server.address).expect("connected");
    silent.write_all(b"GET /check").expect("sent");
    let _waits = TcpStream::connect(server.address).expect("connected");
    std::thread::sleep(Duration::from_millis(200));
    let told = std::time::Instant::now();
    drop(server);
    let took = told.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}

/// Whoever has been answered and may ask again holds nothing up.
#[test]
fn a_connection_that_waits_for_another_request_ends_at_once() {
    let scratch = tempfile::tempdir().expect("a directory");
    let _log = log(scratch.path(), 3);
    let limits = ServeLimits::default();
    let server = Server::start(log_routes(Folder::new(scratch.path())), limits);
    let mut stream = TcpStream::connect(server.address).expect("connected");
    let asked = b"GET /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(asked).expect("sent");
    assert_ne!(stream.read(&mut [0; 4_096]).expect("an answer"), 0);
    let told = std::time::Instant::now();
    drop(server);
    let took = told.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
}
