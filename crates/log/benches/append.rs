//! Appends batches of a thousand entries, beside the floor: writing and syncing the same bytes, and hashing them.
//!
//! `cargo bench -p proofmark-log --bench append`

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use proofmark_core::Digest;
use proofmark_keys::{SecretKey, Signer, sign};
use proofmark_log::Log;
use proofmark_tlog::NoteKey;

const BATCHES: u64 = 300;
const BATCH: u64 = 1000;
/// About what one attestation with two signatures takes in the log.
const ENTRY_BYTES: usize = 450;

fn main() {
    let scratch = tempfile::tempdir_in(".").expect("a directory on the disk that is measured");
    let signer = SecretKey::from_seed(&[7; 32]);
    let key = NoteKey::log("log.example".parse().expect("a name"), *signer.public_key());
    let mut log = Log::create(&scratch.path().join("log"), &key, &signer).expect("made");
    let mut floor = File::create(scratch.path().join("floor")).expect("made");
    let (mut appending, mut writing, mut hashing, mut signing) = Default::default();
    let mut slowest = Duration::ZERO;
    // In turn, so that a noisy machine is equally noisy for all.
    for number in 0..BATCHES {
        let batch = batch(number);
        let before = appending;
        time(&mut appending, || {
            log.append(&batch, &signer).expect("appended")
        });
        slowest = slowest.max(appending - before);
        let bytes = batch.concat();
        time(&mut writing, || {
            floor.write_all(&bytes).expect("written");
            floor.sync_data().expect("synced");
        });
        time(&mut hashing, || Digest::of(&bytes));
        time(&mut signing, || {
            sign(&signer, b"a checkpoint of about a hundred bytes").expect("signed")
        });
    }
    let leaves = BATCHES * BATCH;
    let rate = |time: Duration| leaves as f64 / time.as_secs_f64();
    println!("append: {BATCHES} batches of {BATCH} entries of {ENTRY_BYTES} bytes");
    println!(
        "  durable and public       {:>10.0} leaves/s",
        rate(appending)
    );
    println!(
        "  slowest batch            {:>10.1} ms",
        slowest.as_secs_f64() * 1000.0
    );
    println!(
        "  floor: write, fdatasync  {:>10.0} leaves/s",
        rate(writing)
    );
    println!(
        "  floor: SHA-256           {:>10.0} leaves/s",
        rate(hashing)
    );
    println!(
        "  floor: sign and verify   {:>10.0} leaves/s",
        rate(signing)
    );
    let floor = writing + hashing + signing;
    println!(
        "  times the floor          {:>10.2}",
        appending.as_secs_f64() / floor.as_secs_f64()
    );
    let start = Instant::now();
    drop(log);
    let log = Log::open(&scratch.path().join("log")).expect("opened");
    println!(
        "  open                     {:>10.1} ms",
        start.elapsed().as_secs_f64() * 1000.0
    );
    let start = Instant::now();
    for index in (0..leaves).step_by(997) {
        log.prove(index).expect("proven");
    }
    let proofs = leaves.div_ceil(997) as f64;
    println!(
        "  prove                    {:>10.0} proofs/s",
        proofs / start.elapsed().as_secs_f64()
    );
}

fn time<T>(sum: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    *sum += start.elapsed();
    done
}

fn batch(number: u64) -> Vec<Vec<u8>> {
    let entry = |index: u64| {
        let mut entry = Digest::of(&index.to_be_bytes()).to_string().into_bytes();
        entry.resize(ENTRY_BYTES, b'x');
        entry
    };
    (number * BATCH..(number + 1) * BATCH).map(entry).collect()
}
