//! A receiver: HTTP/1.1 by hand, so that it can do what no library does.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a receiver does with a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Says {
    /// Answers.
    Status(u16),
    /// Reads, and says nothing.
    Hangs,
    /// Sends elsewhere on the same server.
    Redirects,
    /// Closes the connection.
    Drops,
    /// Answers something else than HTTP.
    Nonsense,
    /// Answers a byte from time to time.
    Trickles,
    /// Answers 200, and then bytes without end.
    Floods,
}

/// What came in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

#[derive(Default)]
struct State {
    got: Vec<Request>,
    next: VecDeque<Says>,
    always: Option<Says>,
}

pub(crate) struct Receiver {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::over(None).await
    }

    /// One that speaks over TLS, if there is a certificate.
    pub(crate) async fn over(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let seen = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, tls) = (Arc::clone(&seen), tls.clone());
                tokio::spawn(async move {
                    let Some(tls) = tls else {
                        return answer(stream, seen).await;
                    };
                    // Whoever does not believe the certificate hangs up.
                    if let Ok(stream) = tls.accept(stream).await {
                        answer(stream, seen).await;
                    }
                });
            }
        });
        Self { port, state }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/events", self.port)
    }

    /// One after the other, then 200.
    pub(crate) fn says(&self, next: impl IntoIterator<Item = Says>) {
        self.state.lock().expect("nobody panicked").next = next.into_iter().collect();
    }

    pub(crate) fn always(&self, says: Says) {
        self.state.lock().expect("nobody panicked").always = Some(says);
    }

    pub(crate) fn count(&self) -> usize {
        self.state.lock().expect("nobody panicked").got.len()
    }

    /// Everything, when there is so much.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Request> {
        for _ in 0..600 {
            if self.count() >= count {
                return self.state.lock().expect("nobody panicked").got.clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} of {count} requests came", self.count());
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, state: Arc<Mutex<State>>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let says = {
        let mut state = state.lock().expect("nobody panicked");
        state.got.push(request);
        let next = state.next.pop_front();
        next.or(state.always).unwrap_or(Says::Status(200))
    };
    let _ = speak(&mut stream, says).await;
}

async fn speak(stream: &mut (impl AsyncWrite + Unpin), says: Says) -> std::io::Result<()> {
    match says {
        Says::Status(status) => {
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
        }
        Says::Hangs => tokio::time::sleep(Duration::from_secs(3_600)).await,
        Says::Redirects => {
            let head = "HTTP/1.1 307 X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
        }
        Says::Drops => {}
        Says::Nonsense => stream.write_all(b"220 mail.example ESMTP\r\n\r\n").await?,
        Says::Trickles => {
            for byte in b"HTTP/1.1 200 X\r\nx: ".iter().chain(&[b'y'; 10_000]) {
                stream.write_all(&[*byte]).await?;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        Says::Floods => {
            let head = "HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n";
            stream.write_all(head.as_bytes()).await?;
            loop {
                stream.write_all(b"4\r\nmore\r\n").await?;
            }
        }
    }
    stream.shutdown().await
}

/// Nothing for what is no request.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        let mut chunk = [0; 4_096];
        let count = stream.read(&mut chunk).await.ok().filter(|it| *it > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break end;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length?.1.parse().ok()?;
    let mut body = bytes[end + 4..].to_vec();
    let mut rest = vec![0; length.checked_sub(body.len())?];
    stream.read_exact(&mut rest).await.ok()?;
    body.extend(rest);
    Some(Request {
        path,
        headers,
        body: String::from_utf8(body).ok()?,
    })
}
