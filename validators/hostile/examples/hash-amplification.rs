//! Lets the host hash the same artifact over and over. Fault: `read-limit`.

use proofmark_validator_hostile::{host, hostile};

hostile!({
    let artifact = host::submission::open("large.bin").expect("the test delivers it");
    loop {
        std::hint::black_box(
            artifact
                .hash_range(0, artifact.size())
                .expect("within the artifact"),
        );
    }
});
