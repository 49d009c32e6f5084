//! The log of a market: every verdict once, in the order of commands, whatever stops in between; and whatever was changed
//! in it or in the record is named.

use std::fs;
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use proofmark_attestation::{Bundle, leaf};
use proofmark_core::Timestamp;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_log::{Folder, Log, LogReader};
use proofmark_market::{Action, ContractAction};
use proofmark_service::{
    AuditedLog, Finding, LogSetup, Logbook, LogbookError, Logger, Recorder, audit, is_log,
};
use proofmark_simulator::stage::{Actor, Says, Stage, rules, terms};
use proofmark_storage::{SqliteStore, Store};
use proofmark_tlog::NoteKey;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;

/// A contract that fails once, passes then, is paid and becomes final: two verdicts.
fn judged_twice() -> Stage {
    let names = ["buyer", "supplier", "passer-by", "alpha"];
    let mut stage = Stage::open(&names.map(Actor::new), 100_000);
    let (buyer, supplier) = (Actor::new("buyer"), Actor::new("supplier"));
    let rfq = stage.publish(&buyer, &terms()).expect("in order");
    let bid = stage.offer(1_000, 1_000);
    let bonded = false;
    stage.must(&supplier, Action::PlaceBid { rfq, bid, bonded }, None);
    stage.pass_rfq(rfq);
    let contract = rfq.contract(NonZeroU8::MIN);
    for (work, says) in [("not much", Says::Fail), ("the answer", Says::Pass)] {
        let submission = stage.work(work);
        stage.act(&supplier, contract, ContractAction::Submit { submission });
        let alpha = Actor::new("alpha");
        let judged = stage.judge(&Actor::passer_by(), contract, says, &[&alpha]);
        judged.expect("it waits");
    }
    stage.act(&buyer, contract, ContractAction::Accept);
    stage.pass_contract(contract);
    stage
}

/// The bundles that were presented on a stage, each with the place of its command.
fn bundles(stage: &Stage) -> Vec<(usize, Vec<u8>)> {
    let all = stage.log.iter().enumerate();
    let attached = all.filter_map(|(at, entry)| Some((at, entry.attachment.clone()?)));
    attached
        .filter(|(_, bytes)| Bundle::parse(bytes).is_ok())
        .collect()
}

/// A market that obeys what happened on a stage, in a directory of its own.
struct Place {
    stage: Stage,
    directory: PathBuf,
    clock: Arc<AtomicI64>,
    _scratch: Option<TempDir>,
}

/// It runs.
struct Running {
    recorder: Recorder,
    store: Arc<dyn Store>,
}

impl Place {
    fn new() -> Self {
        let (stage, scratch) = (judged_twice(), TempDir::new().expect("a directory"));
        Self {
            clock: Arc::new(AtomicI64::new(stage.log[0].at.micros())),
            stage,
            directory: scratch.path().to_owned(),
            _scratch: Some(scratch),
        }
    }

    fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    async fn start(&self) -> Running {
        let store = SqliteStore::open(&self.directory.join("record.db")).await;
        let store: Arc<dyn Store> = Arc::new(store.expect("it opens"));
        let seen = Arc::clone(&self.clock);
        let now = move || Timestamp::from_micros(seen.load(Ordering::Relaxed)).expect("a time");
        let recorder = Recorder::start(Arc::clone(&store), rules(), now).await;
        let recorder = recorder.expect("it starts");
        Running { recorder, store }
    }

    /// Obeys the commands of the stage from where the record is, to this place.
    async fn obey(&self, running: &Running, to: usize) {
        let position = running.store.position().await.expect("it can be read");
        let from = usize::try_from(position.sequence).expect("few");
        for entry in &self.stage.log[from..to] {
            self.clock.store(entry.at.micros(), Ordering::Relaxed);
            let sent = entry.envelope.clone();
            let sent = running.recorder.send(sent, entry.attachment.clone());
            sent.await.expect("it is obeyed");
        }
    }

    async fn open(&self, running: &Running) -> Result<(Logger, Logbook), LogbookError> {
        self.open_with(running, [7; 32], true).await
    }

    async fn open_with(
        &self,
        running: &Running,
        seed: [u8; 32],
        make_again: bool,
    ) -> Result<(Logger, Logbook), LogbookError> {
        let log = self.log();
        let setup = LogSetup {
            directory: &log,
            origin: "stage.example/log".parse().expect("a name"),
            signer: SecretKey::from_seed(&seed),
            witnesses: Vec::new(),
            make_again,
        };
        Logger::open(running.recorder.clone(), Arc::clone(&running.store), setup).await
    }

    /// Lets the log catch up, and stops as a killed process does: nothing is told to end.
    async fn log_all(&self, running: &Running, verdicts: u64) -> Logbook {
        let (logger, book) = self.open(running).await.expect("it opens");
        let task = tokio::spawn(logger.run());
        let mut logged = book.watch();
        let all = logged.wait_for(|logged| *logged >= verdicts).await;
        assert_eq!(*all.expect("it goes on"), verdicts);
        task.abort();
        let _ = task.await;
        book
    }

    /// What stands in the log, each entry proven against the checkpoint.
    fn entries(&self) -> Vec<Vec<u8>> {
        let reader = LogReader::open(Folder::new(&self.log()), &key()).expect("it is signed");
        match reader.size() {
            0 => Vec::new(),
            _ => reader.entries(0).expect("they are proven"),
        }
    }

    /// Of the first so many verdicts.
    fn expected(&self, verdicts: usize) -> Vec<Vec<u8>> {
        let bundles = bundles(&self.stage).into_iter().take(verdicts);
        let leaves = bundles.map(|(_, bytes)| {
            let bundle = Bundle::parse(&bytes).expect("a bundle");
            leaf(&bundle.envelope, &bundle.envelope.key_ids()).expect("signed")
        });
        leaves.collect()
    }

    /// A copy of the directory, in which something may be changed.
    fn copied(&self) -> TempDir {
        let copy = TempDir::new().expect("a directory");
        copy_into(&self.directory, copy.path());
        copy
    }
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => {
                fs::create_dir(&target).expect("it is made");
                copy_into(&entry.path(), &target);
            }
            false => drop(fs::copy(entry.path(), target).expect("it is copied")),
        }
    }
}

fn key() -> NoteKey {
    let public = *SecretKey::from_seed(&[7; 32]).public_key();
    NoteKey::log("stage.example/log".parse().expect("a name"), public)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verdict_is_logged_once_in_the_order_of_commands_wherever_it_stopped() {
    let place = Place::new();
    let presented = bundles(&place.stage);
    let [(first, _), (second, _)] = presented.as_slice() else {
        panic!("{} verdicts", presented.len())
    };
    let running = place.start().await;
    // Obeyed, and killed before it was logged: there is not even a log.
    place.obey(&running, first + 1).await;
    drop(running);
    let running = place.start().await;
    place.log_all(&running, 1).await;
    assert_eq!(place.entries(), place.expected(1));
    // The same again, with a log that is behind.
    place.obey(&running, second + 1).await;
    drop(running);
    let running = place.start().await;
    let book = place.log_all(&running, 2).await;
    assert_eq!(place.entries(), place.expected(2));
    // Killed after it was logged: nothing is logged twice.
    drop(running);
    let running = place.start().await;
    place.obey(&running, place.stage.log.len()).await;
    place.log_all(&running, 2).await;
    assert_eq!(place.entries(), place.expected(2));
    let checkpoint = book.checkpoint().expect("it is published");
    assert!(checkpoint.contains("\n2\n"), "two leaves: {checkpoint}");
    // What everybody gets is proven, and the envelope is the one that was presented.
    let contract = running
        .recorder
        .consult(|_, papers| papers.verdicts().to_vec())
        .await;
    for (presented, (_, bytes)) in contract.expect("it runs").iter().zip(&presented) {
        let proven = book.proven(bytes.clone(), presented).expect("it is logged");
        let proven = Bundle::parse(&proven).expect("a bundle");
        let own = Bundle::parse(bytes).expect("a bundle");
        assert_eq!(proven.envelope, own.envelope);
        let evidence = proven.log.expect("the proof");
        assert_eq!(evidence.proof.index, presented.index);
        let entry = leaf(&own.envelope, &evidence.signers).expect("signed");
        let hash = proofmark_tlog::leaf_hash(&entry);
        evidence.proof.verify(&hash, book.key()).expect("it holds");
        let other = book.proven(b"{}".to_vec(), presented);
        assert_eq!(other.expect_err("other bytes").code(), "record-changed");
    }
}

/// A log that is lost is made again, to the last bit of its checkpoint, once somebody says that the record is as new as it
/// was: one that goes on from an older record is a fork.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_lost_is_made_again_the_same() {
    let place = Place::new();
    let running = place.start().await;
    place.obey(&running, place.stage.log.len()).await;
    place.log_all(&running, 2).await;
    let file = place.log().join("public/checkpoint");
    let before = fs::read(&file).expect("a checkpoint");
    fs::remove_dir_all(place.log()).expect("it is gone");
    let refused = place.open_with(&running, [7; 32], false).await;
    let refused = refused.err().expect("nobody said so");
    assert_eq!(refused.code(), "log-missing");
    assert!(!place.log().exists(), "nothing was signed");
    let (found, _) = audited_of(&*running.store, &place.directory).await;
    assert!(named(&found, "log-missing", "the log"), "{found:#?}");
    place.log_all(&running, 2).await;
    assert_eq!(fs::read(&file).expect("a checkpoint"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_another_history_or_key_is_not_gone_on_with() {
    let place = Place::new();
    let (first, _) = bundles(&place.stage)[0];
    let running = place.start().await;
    place.obey(&running, first + 1).await;
    place.log_all(&running, 1).await;
    let code = |opened: Result<(Logger, Logbook), LogbookError>| {
        let error = opened.err().expect("it is refused");
        assert!(!error.hint().is_empty());
        error.code()
    };
    assert_eq!(
        code(place.open_with(&running, [8; 32], false).await),
        "log-wrong-key"
    );
    // A leaf that nobody presented, then one more than there are verdicts.
    let mut log = Log::open(&place.log()).expect("it opens");
    let signer = SecretKey::from_seed(&[7; 32]);
    log.append(&[b"mine".to_vec()], &signer)
        .expect("it is appended");
    drop(log);
    assert_eq!(code(place.open(&running).await), "log-ahead");
    place.obey(&running, place.stage.log.len()).await;
    assert_eq!(code(place.open(&running).await), "log-differs");
    let audited = AuditedLog {
        directory: place.log(),
        key: key(),
    };
    let found = audit(&*running.store, None, Some(&audited)).await.findings;
    assert!(
        named(&found, "log-leaf-differs", "leaf 1 of command"),
        "{found:#?}"
    );
}

fn named(found: &[Finding], code: &str, place: &str) -> bool {
    let mut found = found.iter();
    found.any(|it| it.code == code && it.place.contains(place))
}

/// The audit of a copy of a market and its log.
async fn audited(directory: &Path) -> (Vec<Finding>, u64) {
    let store = SqliteStore::open(&directory.join("record.db")).await;
    audited_of(&store.expect("it opens"), directory).await
}

async fn audited_of(store: &dyn Store, directory: &Path) -> (Vec<Finding>, u64) {
    let log = AuditedLog {
        directory: directory.join("log"),
        key: key(),
    };
    let audit = audit(store, None, Some(&log)).await;
    (audit.findings, audit.counts.leaves)
}

/// Changes one byte of a value in the record.
async fn flip(directory: &Path, (select, update): (&'static str, &'static str), at: &[u8]) -> i64 {
    let options = SqliteConnectOptions::new().filename(directory.join("record.db"));
    let pool = SqlitePool::connect_with(options).await.expect("it opens");
    let row: (i64, Vec<u8>) = sqlx::query_as(select)
        .fetch_one(&pool)
        .await
        .expect("a row");
    let (name, mut bytes) = row;
    let found = bytes.windows(at.len()).position(|it| it == at);
    let last = found.expect("it is there") + at.len() - 1;
    bytes[last] ^= 1;
    let update = sqlx::query(update).bind(bytes).bind(name);
    update.execute(&pool).await.expect("it is changed");
    pool.close().await;
    name
}

/// Changes one byte of a file of the log.
fn flip_file(directory: &Path, file: &str) {
    let file = directory.join("log/public").join(file);
    let mut bytes = fs::read(&file).expect("it is there");
    let within = bytes.len() / 4;
    bytes[within] ^= 1;
    fs::write(file, bytes).expect("it is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_byte_that_was_flipped_is_named_wherever_it_is() {
    let place = Place::new();
    let running = place.start().await;
    place.obey(&running, place.stage.log.len()).await;
    place.log_all(&running, 2).await;
    let Running { recorder, store } = running;
    recorder.close().await;
    store.close().await;
    let honest = audited(place.copied().path()).await;
    assert_eq!(honest, (Vec::new(), 2));
    let bundle = bundles(&place.stage)[1].0 + 1;
    for (what, statements, at, code) in IN_THE_RECORD {
        let copy = place.copied();
        let name = flip(copy.path(), *statements, at.as_bytes()).await;
        let (found, _) = audited(copy.path()).await;
        assert!(
            named(&found, code, &format!("{what} {name}")),
            "{what}: {found:#?}"
        );
        if at.contains("schema") {
            assert_eq!(
                usize::try_from(name).expect("few"),
                bundle,
                "the last bundle"
            );
        }
    }
    for (file, code) in [
        ("tile/0/000.p/2", "tile-hashes"),
        ("tile/entries/000.p/2", "log-entry"),
        ("checkpoint", ""),
    ] {
        let copy = place.copied();
        flip_file(copy.path(), file);
        let (found, _) = audited(copy.path()).await;
        let there = found
            .iter()
            .any(|it| it.place.ends_with(file) && (it.code == code || code.is_empty()));
        assert!(there, "{file}: {found:#?}");
    }
}

/// The place in a finding, how it is read and written, after which text a byte is flipped, and what is found.
type Flip = (
    &'static str,
    (&'static str, &'static str),
    &'static str,
    &'static str,
);

const IN_THE_RECORD: &[Flip] = &[
    (
        "command",
        (
            "SELECT sequence, envelope FROM commands WHERE sequence = 5",
            "UPDATE commands SET envelope = $1 WHERE sequence = $2",
        ),
        r#""payload":"eyJ"#,
        "command-refused",
    ),
    (
        "transfer",
        (
            "SELECT number, CAST(body AS BLOB) FROM transfers WHERE number = 3",
            "UPDATE transfers SET body = CAST($1 AS TEXT) WHERE number = $2",
        ),
        r#""amount":1"#,
        "record-differs",
    ),
    // The attachment of the last command that presented a verdict.
    (
        "command",
        (
            "SELECT max(sequence), attachment FROM commands WHERE CAST(attachment AS TEXT) LIKE '%bundle/v1%'",
            "UPDATE commands SET attachment = $1 WHERE sequence = $2",
        ),
        r#""schema":"h"#,
        "command-refused",
    ),
];

/// A record that lost its end contradicts itself nowhere; the log of its verdicts knows better.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_finds_a_record_that_was_cut_off() {
    let place = Place::new();
    let (first, _) = bundles(&place.stage)[0];
    let running = place.start().await;
    place.obey(&running, place.stage.log.len()).await;
    place.log_all(&running, 2).await;
    let short = Place {
        stage: judged_twice(),
        directory: TempDir::new().expect("a directory").keep(),
        clock: Arc::new(AtomicI64::new(place.stage.log[0].at.micros())),
        _scratch: None,
    };
    let other = short.start().await;
    short.obey(&other, first + 1).await;
    fs::create_dir(short.log()).expect("it is made");
    copy_into(&place.log(), &short.log());
    let Running { recorder, store } = other;
    recorder.close().await;
    store.close().await;
    let (found, leaves) = audited(&short.directory).await;
    assert_eq!((found.len(), leaves), (1, 1), "{found:#?}");
    assert!(named(&found, "log-ahead", "leaf 1"), "{found:#?}");
    let running = short.start().await;
    let opened = short.open(&running).await;
    assert_eq!(opened.err().map(|it| it.code()), Some("log-ahead"));
    fs::remove_dir_all(&short.directory).expect("it is gone");
}

/// A server that is killed while it makes its log has shown nobody anything: that is no damage.
#[test]
fn a_log_that_was_being_made_is_none() {
    let directory = TempDir::new().expect("a directory");
    assert!(!is_log(directory.path()));
    let signer = SecretKey::from_seed(&[7; 32]);
    drop(Log::create(directory.path(), &key(), &signer).expect("it is made"));
    assert!(is_log(directory.path()));
    let checkpoint = directory.path().join("public/checkpoint");
    fs::remove_file(checkpoint).expect("it was there");
    assert!(!is_log(directory.path()), "nothing of it was ever public");
}
