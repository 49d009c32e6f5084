//! A server that is told to stop stops, whoever listens to it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{Server, proofmark};

/// Less than what is begun is given to end: the stream has ended by itself.
const SOON: Duration = Duration::from_millis(2_500);

/// Less than a lease that was not given back lasts.
const NO_LEASE: Duration = Duration::from_secs(10);

#[test]
fn a_listener_holds_up_neither_the_end_nor_the_next_start() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let made = proofmark(folder.path(), "", &["market", "init", "market"]);
    assert!(made.status.success());
    let server = Server::start_with(folder.path(), &["--no-examiner"]);
    let place = server.url.strip_prefix("http://").expect("a scheme");
    let mut listens = TcpStream::connect(place).expect("it listens");
    let asked = b"GET /v1/events/stream HTTP/1.1\r\nHost: market\r\n\r\n";
    listens.write_all(asked).expect("it is sent");
    let mut heard = String::new();
    while !heard.contains("id: 1") {
        let mut chunk = [0; 1 << 16];
        let read = listens.read(&mut chunk).expect("it tells");
        assert_ne!(read, 0, "{heard}");
        heard.push_str(&String::from_utf8_lossy(&chunk[..read]));
    }
    let told = Instant::now();
    server.stop();
    let took = told.elapsed();
    assert!(took < SOON, "{took:?}");
    let began = Instant::now();
    let again = Server::start_with(folder.path(), &["--no-examiner"]);
    let took = began.elapsed();
    assert!(took < NO_LEASE, "{took:?}");
    again.stop();
}
