//! Uploads that end well, badly, or not at all.

use std::fs;
use std::time::{Duration, SystemTime};

use proofmark_blobs::{Blobs, LEAST_BYTES, OwnerName, UploadError};
use proofmark_core::Digest;
use tempfile::TempDir;

const BYTES: &[u8] = b"the work, in some bytes";

struct Place {
    blobs: Blobs,
    directory: TempDir,
}

fn place() -> Place {
    let directory = TempDir::new().expect("a directory");
    let blobs = Blobs::open(directory.path()).expect("it opens");
    Place { blobs, directory }
}

fn owner(name: &str) -> OwnerName {
    OwnerName::new(name).expect("a name")
}

fn put(blobs: &Blobs, name: &str, bytes: &[u8], public: bool) {
    let upload = blobs.begin(&owner(name), Digest::of(bytes), bytes.len() as u64, 0);
    let mut upload = upload.expect("it begins");
    upload.write(bytes).expect("it is taken");
    upload.finish(public).expect("it is whole");
}

#[test]
fn what_is_whole_is_found_by_whom_it_belongs_to() {
    let Place { blobs, directory } = place();
    let digest = Digest::of(BYTES);
    assert_eq!(blobs.find(&digest), None);
    put(&blobs, "ann", BYTES, false);
    let file = blobs.find(&digest).expect("it is there");
    assert_eq!(fs::read(&file).expect("a file"), BYTES);
    assert!(blobs.find_of(&owner("ann"), &digest).is_some());
    // Whoever only knows the digest has nothing.
    assert_eq!(blobs.find_of(&owner("bob"), &digest), None);
    assert_eq!(blobs.find_public(&digest), None);
    // Whoever has the content too shares the bytes, and may publish them.
    put(&blobs, "bob", BYTES, true);
    assert!(blobs.find_of(&owner("bob"), &digest).is_some());
    assert!(blobs.find_public(&digest).is_some());
    assert_eq!(fs::read_dir(blobs.all()).expect("a folder").count(), 1);
    for name in ["ann", "bob"] {
        let bytes = blobs.bytes_of(&owner(name)).expect("they are counted");
        assert_eq!(bytes, LEAST_BYTES);
    }
    assert_eq!(blobs.bytes_of(&owner("eve")).expect("nothing"), 0);
    // Another process sees the same.
    let again = Blobs::open(directory.path()).expect("it opens");
    assert!(again.find(&digest).is_some());
}

#[test]
fn an_upload_goes_on_where_it_was_broken_off() {
    let Place {
        blobs,
        directory: _kept,
    } = place();
    let (digest, size) = (Digest::of(BYTES), BYTES.len() as u64);
    let begin = |from| blobs.begin(&owner("ann"), digest, size, from);
    let mut first = begin(0).expect("it begins");
    first.write(&BYTES[..5]).expect("it is taken");
    assert!(matches!(begin(5), Err(UploadError::InUse)));
    // Another owner is not in the way, and goes on with nothing of it.
    let other = blobs.begin(&owner("bob"), digest, size, 0);
    assert_eq!(other.expect("it begins").received(), 0);
    drop(first);
    assert_eq!(blobs.arrived(&owner("ann"), &digest), 5);
    // However short it is, it takes a block.
    assert_eq!(blobs.bytes_of(&owner("ann")).expect("counted"), LEAST_BYTES);
    assert_eq!(blobs.bytes_of_one(&owner("ann"), &digest), LEAST_BYTES);
    assert_eq!(blobs.bytes_of_one(&owner("bob"), &Digest::of(b"")), 0);
    let elsewhere = begin(4);
    assert!(
        matches!(elsewhere, Err(UploadError::Elsewhere { arrived: 5 })),
        "{elsewhere:?}"
    );
    let early = begin(5).expect("it goes on").finish(false);
    assert!(
        matches!(early, Err(UploadError::TooShort { received: 5, .. })),
        "{early:?}"
    );
    // Whoever announces less than has arrived is not left with something longer.
    let shorter = blobs.begin(&owner("ann"), digest, 4, 5);
    assert!(
        matches!(shorter, Err(UploadError::TooLong { size: 4 })),
        "{shorter:?}"
    );
    let mut second = begin(5).expect("it goes on");
    assert_eq!(second.received(), 5);
    second.write(&BYTES[5..]).expect("it is taken");
    let longer = second.write(b"!");
    assert!(
        matches!(longer, Err(UploadError::TooLong { .. })),
        "{longer:?}"
    );
    second.finish(false).expect("it is whole");
    assert_eq!(blobs.arrived(&owner("ann"), &digest), 0);
    assert!(blobs.find(&digest).is_some());
}

#[test]
fn what_is_something_else_is_not_kept() {
    let Place {
        blobs,
        directory: _kept,
    } = place();
    let (digest, size) = (Digest::of(BYTES), BYTES.len() as u64);
    let mut upload = blobs
        .begin(&owner("ann"), digest, size, 0)
        .expect("it begins");
    let wrong = [0; BYTES.len()];
    upload.write(&wrong).expect("it is taken");
    let refused = upload.finish(true);
    let found = Digest::of(&wrong);
    assert!(
        matches!(refused, Err(UploadError::WrongDigest { found: is }) if is == found),
        "{refused:?}"
    );
    assert_eq!(blobs.find(&digest), None);
    assert_eq!(blobs.bytes_of(&owner("ann")).expect("counted"), 0);
    // Whoever begins again begins with nothing.
    let mut long = blobs
        .begin(&owner("ann"), digest, size, 0)
        .expect("it begins");
    long.write(&wrong).expect("it is taken");
    drop(long);
    let again = blobs
        .begin(&owner("ann"), digest, size, 0)
        .expect("it begins");
    assert_eq!(again.received(), 0);
}

/// The process died when the blob had its place, and its name as an upload was not removed yet.
#[test]
fn an_upload_that_was_put_and_not_ended_begins_beside_it() {
    let Place { blobs, directory } = place();
    let (digest, size) = (Digest::of(BYTES), BYTES.len() as u64);
    put(&blobs, "bob", BYTES, false);
    let place = blobs.find(&digest).expect("it is there");
    let partial = directory.path().join("partial/ann");
    fs::create_dir_all(&partial).expect("a folder");
    fs::hard_link(&place, partial.join(digest.hex())).expect("another name");
    let again = blobs.begin(&owner("ann"), digest, size, 0);
    let mut again = again.expect("it begins");
    again.write(&[0; BYTES.len()]).expect("it is taken");
    drop(again);
    assert_eq!(fs::read(&place).expect("a file"), BYTES);
    // Whoever wanted to go on is told where: at the beginning.
    fs::remove_file(partial.join(digest.hex())).expect("a file");
    fs::hard_link(&place, partial.join(digest.hex())).expect("another name");
    let on = blobs.begin(&owner("ann"), digest, size, size);
    assert!(
        matches!(on, Err(UploadError::Elsewhere { arrived: 0 })),
        "{on:?}"
    );
    put(&blobs, "ann", BYTES, false);
    assert!(blobs.find_of(&owner("ann"), &digest).is_some());
}

/// What a disk has lost comes back with the next one who sends it.
#[test]
fn what_is_not_whole_is_not_kept_for_another() {
    let Place { blobs, directory } = place();
    let digest = Digest::of(BYTES);
    put(&blobs, "ann", BYTES, true);
    for rest in [&b""[..], &[0; BYTES.len()]] {
        fs::write(blobs.find(&digest).expect("it is there"), rest).expect("it is lost");
        put(&blobs, "bob", BYTES, false);
        let all = [
            blobs.find(&digest),
            blobs.find_public(&digest),
            blobs.find_of(&owner("bob"), &digest),
            blobs.find_of(&owner("ann"), &digest),
        ];
        for found in all {
            let found = found.expect("it is there");
            assert_eq!(fs::read(found).expect("a file"), BYTES);
        }
        let left = fs::read_dir(directory.path().join("partial/bob")).expect("a folder");
        assert_eq!(left.count(), 0);
    }
}

#[test]
fn what_nobody_went_on_with_is_swept() {
    let Place {
        blobs,
        directory: _kept,
    } = place();
    let (digest, size) = (Digest::of(BYTES), BYTES.len() as u64);
    let mut upload = blobs
        .begin(&owner("ann"), digest, size, 0)
        .expect("it begins");
    upload.write(&BYTES[..5]).expect("it is taken");
    drop(upload);
    put(&blobs, "ann", b"whole", false);
    let now = SystemTime::now();
    let sweep = |before| blobs.sweep(before).expect("it is swept");
    assert_eq!(sweep(now - Duration::from_secs(3_600)), 0);
    assert_eq!(sweep(now + Duration::from_secs(3_600)), 1);
    assert_eq!(blobs.arrived(&owner("ann"), &digest), 0);
    assert!(blobs.find(&Digest::of(b"whole")).is_some());
}

#[test]
fn a_name_leads_nowhere_else() {
    for name in ["", "..", "a/b", "A", "ann.", &"a".repeat(129)] {
        assert_eq!(OwnerName::new(name), None, "{name}");
    }
}

#[test]
fn nothing_is_the_smallest_blob() {
    let Place {
        blobs,
        directory: _kept,
    } = place();
    put(&blobs, "ann", b"", true);
    assert!(blobs.find_public(&Digest::of(b"")).is_some());
}

#[test]
fn what_one_has_can_be_published_later() {
    let Place {
        blobs,
        directory: _kept,
    } = place();
    let digest = Digest::of(BYTES);
    put(&blobs, "ann", BYTES, false);
    let publish = |name| blobs.publish(&owner(name), &digest).expect("it is written");
    assert!(!publish("bob"));
    assert_eq!(blobs.find_public(&digest), None);
    assert!(publish("ann") && publish("ann"));
    assert!(blobs.find_public(&digest).is_some());
}
