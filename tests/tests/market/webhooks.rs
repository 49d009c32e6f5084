//! Being told of events: a receiver on this machine, a market that is stopped and started again, and a script that checks what
//! came.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{Server, proofmark};

/// What came: the head of a request, and its body.
type Request = (String, Vec<u8>);

/// Takes everything that comes.
fn receiver() -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/events", listener.local_addr().expect("its own"));
    let (told, got) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = take(stream, &told);
        }
    });
    (url, got)
}

fn take(stream: TcpStream, told: &Sender<Request>) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let _ = told.send((head, body));
    (&stream).write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
}

fn json(folder: &Path, url: &str, arguments: &[&str]) -> (Option<i32>, Value) {
    let all = [&["--output", "json"], arguments].concat();
    let output = proofmark(folder, url, &all);
    let said = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), said)
}

#[track_caller]
fn done(folder: &Path, url: &str, arguments: &[&str]) -> Value {
    let (code, said) = json(folder, url, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {said:#}");
    said
}

fn next(got: &Receiver<Request>) -> (Request, Value) {
    let request = got.recv_timeout(Duration::from_secs(30));
    let request = request.expect("it is told");
    let body = serde_json::from_slice(&request.1).expect("JSON");
    (request, body)
}

#[test]
fn a_party_is_told_of_events_and_checks_what_it_is_told() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let folder = folder.path();
    done(folder, "", &["market", "init", "market"]);
    done(folder, "", &["key", "new", "buyer.pem"]);
    done(folder, "", &["key", "new", "supplier.pem"]);
    let (url, got) = receiver();
    let local = ["--webhooks-local", "--no-examiner"];
    let server = Server::start_with(folder, &local);
    done(
        folder,
        &server.url,
        &["party", "register", "--key", "buyer.pem"],
    );
    let add = [
        "webhook",
        "add",
        &url,
        "--type",
        "market.*",
        "--key",
        "buyer.pem",
    ];
    let hook = done(folder, &server.url, &add);
    let hook = hook["id"].as_str().expect("its name");
    let key = done(folder, &server.url, &["market", "show"])["webhook_key"].take();
    done(
        folder,
        &server.url,
        &["webhook", "test", hook, "--key", "buyer.pem"],
    );
    assert_eq!(next(&got).1["type"], "webhook.test");
    // What happens is told, and once; also by a server that starts again.
    server.stop();
    let server = Server::start_with(folder, &local);
    done(
        folder,
        &server.url,
        &["party", "register", "--key", "supplier.pem"],
    );
    let ((head, body), told) = next(&got);
    assert_eq!(told["type"], "market.party_registered");
    checks(folder, &head, &body, key.as_str().expect("it is published"));
    let message = shown(folder, &server.url, hook, 2);
    let again = ["webhook", "redeliver", hook, &message, "--key", "buyer.pem"];
    done(folder, &server.url, &again);
    let ((again, same), _) = next(&got);
    assert!(again.contains(&message), "{again}");
    assert_eq!(same, body);
    // A market that speaks to strangers speaks to no such address.
    server.stop();
    let server = Server::start_with(folder, &["--no-examiner"]);
    let other = format!("{url}/other");
    let add = ["webhook", "add", &other, "--key", "buyer.pem"];
    let (code, refused) = json(folder, &server.url, &add);
    let code = (code, refused.pointer("/error/problems/0/code").cloned());
    assert_eq!(code, (Some(2), Some("webhook-address".into())));
    let remove = ["webhook", "remove", hook, "--key", "buyer.pem"];
    done(folder, &server.url, &remove);
    let list = done(
        folder,
        &server.url,
        &["webhook", "list", "--key", "buyer.pem"],
    );
    assert_eq!(list["items"], Value::Array(Vec::new()));
    server.stop();
    // None of it is a part of the record.
    done(folder, "", &["market", "audit", "market"]);
}

/// As a script does: headers and body in files.
fn checks(folder: &Path, head: &str, body: &[u8], key: &str) {
    fs::write(folder.join("head"), head).expect("it is written");
    fs::write(folder.join("body"), body).expect("it is written");
    let verify = ["webhook", "verify", "head", "body", "--webhook-key", key];
    let said = done(folder, "", &verify);
    assert_eq!(said["type"], "market.party_registered");
    let text = proofmark(folder, "", &verify);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.starts_with("msg_") && text.contains("market.party_registered"));
    fs::write(folder.join("body"), [body, b" "].concat()).expect("it is written");
    let (code, refused) = json(folder, "", &verify);
    let problem = refused.pointer("/error/problems/0/code").cloned();
    assert_eq!(
        (code, problem),
        (Some(4), Some("webhook-signature-invalid".into()))
    );
    let old = head
        .lines()
        .map(
            |line| match line.to_ascii_lowercase().starts_with("webhook-timestamp") {
                true => "webhook-timestamp: 1700000000\n".to_owned(),
                false => format!("{line}\n"),
            },
        )
        .collect::<String>();
    fs::write(folder.join("head"), old).expect("it is written");
    let (code, refused) = json(folder, "", &verify);
    let problem = refused.pointer("/error/problems/0/code").cloned();
    assert_eq!((code, problem), (Some(4), Some("webhook-old".into())));
}

/// The name of the last message of an event, when all of so many are delivered.
fn shown(folder: &Path, url: &str, hook: &str, count: usize) -> String {
    for _ in 0..200 {
        let shown = done(
            folder,
            url,
            &["webhook", "show", hook, "--key", "buyer.pem"],
        );
        let messages = shown["messages"].as_array().expect("messages");
        let delivered = messages.iter().all(|it| it["state"] == "delivered");
        if messages.len() == count && delivered {
            assert_eq!(messages[0]["tries"][0]["status"], 204);
            return messages[0]["id"].as_str().expect("its name").to_owned();
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("it was not delivered")
}
