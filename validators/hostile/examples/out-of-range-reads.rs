//! Asks for bytes that are not there, in every way. No fault: each call answers with an error value.

use proofmark_validator_hostile::host::artifacts::AccessError::{NotFound, OutOfRange};
use proofmark_validator_hostile::{host, hostile, passed, report};

hostile!({
    let artifact = host::submission::open("large.bin").expect("the test delivers it");
    let size = artifact.size();
    assert_eq!(artifact.read(size + 1, 1), Err(OutOfRange));
    assert_eq!(artifact.read(u64::MAX, u32::MAX), Err(OutOfRange));
    assert_eq!(artifact.read(0, (1 << 20) + 1), Err(OutOfRange));
    assert_eq!(artifact.read(size, 1), Ok(Vec::new()));
    assert_eq!(artifact.read(size - 1, 9).map(|bytes| bytes.len()), Ok(1));
    assert_eq!(artifact.read_records(u64::MAX, 1, b'\n'), Err(OutOfRange));
    assert_eq!(artifact.hash_range(1, u64::MAX), Err(OutOfRange));
    assert_eq!(artifact.hash_range(size, 1), Err(OutOfRange));
    for path in [
        "",
        "/",
        "..",
        "../large.bin",
        "large.bin\0",
        "LARGE.BIN",
        "./large.bin",
    ] {
        assert!(matches!(host::submission::open(path), Err(NotFound)));
    }
    assert!(matches!(
        host::submission::open(&"x".repeat(1 << 20)),
        Err(NotFound)
    ));
    assert!(host::reference::enumerate(None, u32::MAX).is_empty());
    Ok(report(passed("every call was answered")))
});
