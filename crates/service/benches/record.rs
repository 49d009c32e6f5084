//! Commands per second that are made durable, by the number of clients that wait for each.
//!
//! On SQLite beside the floor: the same rows, prepared before, inserted in groups of 100, and bare `fdatasync`; and beside
//! what the cores could do if they also verified every signature, of which the floor knows nothing. On PostgreSQL, where
//! Debian's is installed, beside what `pgbench -N` (its simple update) reaches on the same server.
//!
//! `cargo bench -p proofmark-service --bench record`

#[path = "../../storage/tests/conformance/server.rs"]
mod server;

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proofmark_core::Timestamp;
use proofmark_market::Action;
use proofmark_service::Recorder;
use proofmark_simulator::stage::{Actor, Message, Stage, cents, rules, usd};
use proofmark_storage::{Command, Obeyed, PostgresStore, SqliteStore, Store};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Commands of each measurement.
const COMMANDS: usize = 8_000;

fn main() {
    let runtime = Runtime::new().expect("two threads");
    println!("bare fdatasync of 4 KiB: {:.0}/s", fdatasync());
    let (messages, now) = messages();
    let groups = runtime.block_on(bare(&messages, now));
    println!("the same rows in groups of 100: {groups:.0} commands/s");
    let verified = runtime.block_on(verified(&messages, now));
    println!("one thread reads and verifies: {verified:.0} commands/s");
    // As if each took the time of both and nothing else, on cores that are never idle. The groups wait for the disk too,
    // which costs no core anything; obeying, waking and answering are left out.
    let both = cores() / (1.0 / groups + 1.0 / verified);
    println!(
        "both together on all cores: {both:.0} commands/s, {:.2} of the groups",
        both / groups
    );
    // `-- 64 64 64`: only these, to look at with a profiler.
    let asked: Vec<usize> = std::env::args().filter_map(|it| it.parse().ok()).collect();
    if !asked.is_empty() {
        for clients in asked {
            let rate = runtime.block_on(clients_wait(&messages, now, clients));
            println!("{clients:>4} clients: {rate:.0} commands/s");
        }
        return;
    }
    for clients in [1, 8, 64, 256] {
        let rate = runtime.block_on(clients_wait(&messages, now, clients));
        println!(
            "{clients:>4} clients: {rate:.0} commands/s, {:.2} of the groups, {:.2} of both",
            rate / groups,
            rate / both
        );
    }

    postgres(&runtime, &messages, now);
}

/// As many clients as `pgbench` is run with.
const CLIENTS: usize = 32;

fn postgres(runtime: &Runtime, messages: &[Message], now: Timestamp) {
    let Some(server) = server::Server::start() else {
        println!("PostgreSQL is not installed here");
        return;
    };
    let floor = pgbench(&server);
    println!("pgbench -N, {CLIENTS} clients: {floor:.0} transactions/s");
    let rate = runtime.block_on(async {
        let store = PostgresStore::open(&server.database()).await;
        let store: Arc<dyn Store> = Arc::new(store.expect("it opens"));
        rate(send_all(&store, messages, now, CLIENTS).await)
    });
    println!(
        "{CLIENTS:>4} clients: {rate:.0} commands/s, {:.2} of pgbench",
        rate / floor
    );
}

/// Transactions per second of the simple update, for ten seconds.
fn pgbench(server: &server::Server) -> f64 {
    server.database();
    server.says("pgbench", &["--initialize", "--quiet", "--scale=10"]);
    let clients = format!("--client={CLIENTS}");
    let options = ["--skip-some-updates", "--jobs=2", "--time=10", &clients];
    let said = server.says("pgbench", &options);
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    tps.unwrap_or_else(|| panic!("it says how many: {said}"))
}

fn fdatasync() -> f64 {
    let directory = tempfile::tempdir().expect("a directory");
    let mut file = File::create(directory.path().join("file")).expect("a file");
    let (started, mut times) = (Instant::now(), 0_u32);
    while started.elapsed() < Duration::from_secs(1) {
        file.write_all(&[0; 4_096]).expect("it is written");
        file.sync_data().expect("it is durable");
        times += 1;
    }
    f64::from(times) / started.elapsed().as_secs_f64()
}

/// Deposits, signed by the operator, after what opens a market.
fn messages() -> (Vec<Message>, Timestamp) {
    let supplier = Actor::new("supplier");
    let mut stage = Stage::open(std::slice::from_ref(&supplier), 0);
    let opening = stage.log.iter().map(|entry| Message {
        envelope: entry.envelope.clone(),
        attachment: entry.attachment.clone(),
    });
    let mut messages: Vec<_> = opening.collect();
    for _ in 0..COMMANDS {
        let deposit = Action::Deposit {
            party: supplier.id(),
            asset: usd(),
            amount: cents(100),
        };
        messages.push(stage.write(&Actor::operator(), deposit, None));
    }
    (messages, stage.now)
}

async fn store() -> (TempDir, Arc<dyn Store>) {
    let directory = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::open(&directory.path().join("record.db")).await;
    (directory, Arc::new(store.expect("it opens")))
}

fn rate(took: Duration) -> f64 {
    COMMANDS as f64 / took.as_secs_f64()
}

/// What one recorder kept, inserted into another record.
async fn bare(messages: &[Message], now: Timestamp) -> f64 {
    let (_first, kept) = store().await;
    send_all(&kept, messages, now, 256).await;
    let rows = read(&*kept).await;
    let (_second, store) = store().await;
    let rules = proofmark_core::canonical::to_bytes(&rules()).expect("rules");
    store.found(&rules).await.expect("it begins");
    let epoch = store
        .lease(None, now, now.plus_seconds(600))
        .await
        .expect("nobody else writes");
    let started = Instant::now();
    for group in rows.chunks(100) {
        store.append(epoch, group).await.expect("it is kept");
    }
    rate(started.elapsed())
}

/// Commands per second that one thread reads and whose signatures it verifies.
async fn verified(messages: &[Message], now: Timestamp) -> f64 {
    let (_directory, store) = store().await;
    send_all(&store, messages, now, 256).await;
    let recorder = Recorder::start(store, rules(), move || now).await;
    let recorder = recorder.expect("it starts");
    let started = Instant::now();
    for message in &messages[messages.len() - COMMANDS..] {
        let signed = recorder.verify(&message.envelope).await;
        signed.expect("it is the sender's");
    }
    rate(started.elapsed())
}

fn cores() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64)
}

/// Everything in a record, by command.
async fn read(store: &dyn Store) -> Vec<Obeyed> {
    let commands = store.commands(0, u32::MAX).await.expect("they are there");
    let mut rows: Vec<_> = commands
        .into_iter()
        .map(|command: Command| Obeyed {
            command,
            consequences: proofmark_storage::Consequences::default(),
        })
        .collect();
    let at = |sequence: u64| usize::try_from(sequence - 1).expect("an index");
    for event in store.events(0, u32::MAX).await.expect("they are there") {
        rows[at(event.sequence)].consequences.events.push(event.it);
    }
    for transfer in store.transfers(0, u32::MAX).await.expect("they are there") {
        rows[at(transfer.sequence)]
            .consequences
            .transfers
            .push(transfer.it);
    }
    rows
}

async fn clients_wait(messages: &[Message], now: Timestamp, clients: usize) -> f64 {
    let (_directory, store) = store().await;
    rate(send_all(&store, messages, now, clients).await)
}

/// Each client sends a command when its last one was acknowledged. What opens the market is not counted.
async fn send_all(
    store: &Arc<dyn Store>,
    messages: &[Message],
    now: Timestamp,
    clients: usize,
) -> Duration {
    let recorder = Recorder::start(Arc::clone(store), rules(), move || now)
        .await
        .expect("it starts");
    let (opening, deposits) = messages.split_at(messages.len() - COMMANDS);
    for message in opening {
        let sent = recorder.send(message.envelope.clone(), message.attachment.clone());
        sent.await.expect("it is obeyed");
    }
    let started = Instant::now();
    let clients = (0..clients).map(|client| {
        let recorder = recorder.clone();
        let mine = deposits.iter().skip(client).step_by(clients);
        let mine: Vec<_> = mine.map(|message| message.envelope.clone()).collect();
        tokio::spawn(async move {
            for envelope in mine {
                recorder.send(envelope, None).await.expect("it is obeyed");
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("it ends");
    }
    let took = started.elapsed();
    recorder.close().await;
    took
}
