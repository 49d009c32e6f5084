//! A log in the form of Sigsum, so that Sigsum's verifier checks our checkpoints, proofs and cosignatures in
//! one call: leaf signature, log signature, inclusion, and a quorum of witnesses.

use std::fmt::Write as _;
use std::path::Path;

use proofmark_keys::{SecretKey, Signer as _, sign};
use sha2::{Digest as _, Sha256};

use crate::log::Log;
use crate::{Outcome, write};

/// How many leaves, and which one is proven.
const SIZE: u64 = 7;
const INDEX: u64 = 3;

/// Writes `message` (32 bytes), `signature` (Sigsum's text form), `policy` and `signer.pub`.
pub fn make(to: &Path) -> Outcome {
    let signer = SecretKey::from_seed(&[1; 32]);
    let (log_key, witness) = (
        SecretKey::from_seed(&[3; 32]),
        SecretKey::from_seed(&[4; 32]),
    );
    let message = |index: u64| -> [u8; 32] { Sha256::digest(format!("outcome {index}")).into() };
    let leaves: Vec<Leaf> = (0..SIZE)
        .map(|index| Leaf::new(&signer, &message(index)))
        .collect::<Outcome<_>>()?;
    let origin = format!(
        "sigsum.org/v1/tree/{}",
        hash(log_key.public_key().as_bytes())
    );
    let entries = leaves.iter().map(Leaf::encode).collect();
    let log = Log::new(&origin, &log_key, &witness, entries)?;
    let proven = &leaves[usize::try_from(INDEX)?];
    write(&to.join("message"), message(INDEX))?;
    write(&to.join("signature"), signature(&log, proven)?)?;
    write(&to.join("signer.pub"), signer.public_key().as_bytes())?;
    let hexadecimal = |key: &SecretKey| hex::encode(key.public_key().as_bytes());
    let policy = format!(
        "log {}\nwitness w1 {}\nquorum w1\n",
        hexadecimal(&log_key),
        hexadecimal(&witness)
    );
    write(&to.join("policy"), policy)
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A leaf of Sigsum: checksum, signature over it, and the digest of the key.
struct Leaf {
    checksum: [u8; 32],
    signature: [u8; 64],
    key_hash: [u8; 32],
}

impl Leaf {
    fn new(signer: &SecretKey, message: &[u8; 32]) -> Outcome<Self> {
        let checksum: [u8; 32] = Sha256::digest(message).into();
        let signed = [&b"sigsum.org/v1/tree-leaf\0"[..], &checksum].concat();
        let signature = *sign(signer, &signed)?.as_bytes();
        let key_hash = Sha256::digest(signer.public_key().as_bytes()).into();
        Ok(Self {
            checksum,
            signature,
            key_hash,
        })
    }

    fn encode(&self) -> Vec<u8> {
        [&self.checksum[..], &self.signature, &self.key_hash].concat()
    }
}

/// Our proof in Sigsum's text form, version 2.
fn signature(log: &Log, leaf: &Leaf) -> Outcome<String> {
    let proof = log.prove(INDEX)?;
    let [by_log, by_witness] = proof.checkpoint.signatures() else {
        return Err("a checkpoint with a signature and a cosignature".into());
    };
    let (time, cosignature) = by_witness.bytes.split_first_chunk().ok_or("a time")?;
    let root = proof.checkpoint.text().lines().nth(2).ok_or("a root")?;
    let root = root.parse::<Root>()?;
    let mut text = String::new();
    writeln!(text, "version=2\nlog={}", hash(log.key.public().as_bytes()))?;
    writeln!(
        text,
        "leaf={} {}\n",
        hex::encode(leaf.key_hash),
        hex::encode(leaf.signature)
    )?;
    writeln!(text, "size={SIZE}\nroot_hash={}", hex::encode(root.0))?;
    writeln!(text, "signature={}", hex::encode(&by_log.bytes))?;
    let witness = hash(log.witness.public().as_bytes());
    let time = u64::from_be_bytes(*time);
    writeln!(
        text,
        "cosignature={witness} {time} {}\n",
        hex::encode(cosignature)
    )?;
    writeln!(text, "leaf_index={}", proof.index)?;
    for node in &proof.path {
        writeln!(text, "node_hash={}", hex::encode(node.as_bytes()))?;
    }
    Ok(text)
}

/// A root in a checkpoint's text.
struct Root(Vec<u8>);

impl std::str::FromStr for Root {
    type Err = base64::DecodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .map(Self)
    }
}
