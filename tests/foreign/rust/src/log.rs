//! The crates `signed_note` and `tlog_tiles`: the checkpoint's signature and cosignature, the proof, and the
//! tiles from which anybody can make it again.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dsse::{Envelope, pae};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use signed_note::{Note, StandardVerifier, Verifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Error, Hash, Tile, TileHashReader, TileReader, check_record, prove_record,
    record_hash,
};

use crate::{Failure, Verdict, broken, read, read_text, refused};

/// A proof as it is written: C2SP tlog-proof@v1.
struct Proof {
    index: u64,
    path: Vec<Hash>,
    note: Vec<u8>,
}

pub fn verify(folder: &Path) -> Verdict {
    let proof = Proof::parse(&read_text(folder, "outcome.tlog-proof")?)?;
    let head = open(folder, &proof.note)?;
    let tiles = Tiles(folder.join("log"));
    let served = open(folder, &read(folder, "log/checkpoint")?)?;
    let entry = tiles.entry(proof.index, served.size())?;
    if signed_digest(&entry) != Some(pae_digest(folder)?) {
        return Err(refused("the entry is about another envelope"));
    }
    let leaf = record_hash(&entry);
    check_record(&proof.path, head.size(), *head.hash(), proof.index, leaf).map_err(refused)?;
    // The log itself gives the same proof from its tiles, each of which is authenticated on the way.
    let reader = TileHashReader::new(served.size(), *served.hash(), &tiles);
    let made = prove_record(served.size(), proof.index, &reader).map_err(refused)?;
    check_record(&made, served.size(), *served.hash(), proof.index, leaf).map_err(refused)?;
    match served.size() != head.size() || made == proof.path {
        true => Ok(()),
        false => Err(refused("the tiles give another proof")),
    }
}

/// The digest that an entry names: of what the engines have signed.
fn signed_digest(entry: &[u8]) -> Option<String> {
    let entry: serde_json::Value = serde_json::from_slice(entry).ok()?;
    entry["pae"]["sha256"].as_str().map(str::to_owned)
}

/// The same from the envelope.
fn pae_digest(folder: &Path) -> Result<String, Failure> {
    let envelope = Envelope::from_json(&read(folder, "outcome.dsse.json")?).map_err(broken)?;
    let payload = STANDARD.decode(&envelope.payload).map_err(broken)?;
    Ok(hex::encode(Sha256::digest(pae(
        &envelope.payload_type,
        &payload,
    ))))
}

/// A checkpoint with the signatures of the log and of the witness.
fn open(folder: &Path, note: &[u8]) -> Result<Checkpoint, Failure> {
    let log = StandardVerifier::new(read_text(folder, "log.vkey")?.trim()).map_err(refused)?;
    let origin = log.name().to_owned();
    let witness = Witness::parse(read_text(folder, "witness.vkey")?.trim())?;
    let note = Note::from_bytes(note).map_err(refused)?;
    let known = VerifierList::new(vec![Box::new(log), Box::new(witness)]);
    let (verified, _) = note.verify(&known).map_err(refused)?;
    if verified.len() != 2 {
        return Err(refused("the log and the witness must both have signed"));
    }
    let head = Checkpoint::from_bytes(note.text()).map_err(|_| refused("no checkpoint"))?;
    match head.origin() == origin {
        true => Ok(head),
        false => Err(refused("the checkpoint of another log")),
    }
}

impl Proof {
    fn parse(text: &str) -> Result<Self, Failure> {
        let (head, note) = text
            .split_once("\n\n")
            .ok_or_else(|| refused("no checkpoint"))?;
        let mut lines = head.lines();
        if lines.next() != Some("c2sp.org/tlog-proof@v1") {
            return Err(refused("another format"));
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(|index| index.parse().ok());
        let path: Result<Vec<_>, _> = lines.map(Hash::parse_hash).collect();
        Ok(Self {
            index: index.ok_or_else(|| refused("no index"))?,
            path: path.map_err(refused)?,
            note: note.as_bytes().to_vec(),
        })
    }
}

/// A witness's key, which `signed_note` leaves to its users (C2SP tlog-cosignature).
struct Witness {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl Witness {
    fn parse(vkey: &str) -> Result<Self, Failure> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(broken("witness.vkey is not a key"));
        };
        let key = STANDARD.decode(key).map_err(broken)?;
        let id = u32::from_str_radix(id, 16).map_err(broken)?;
        if key.first() != Some(&4) || signed_note::key_id(name, &key) != id {
            return Err(refused("the witness's key has another id"));
        }
        let bytes = key[1..].try_into().map_err(broken)?;
        let key = VerifyingKey::from_bytes(bytes).map_err(broken)?;
        Ok(Self {
            name: name.to_owned(),
            id,
            key,
        })
    }
}

impl Verifier for Witness {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk() else {
            return false;
        };
        let time = u64::from_be_bytes(*time);
        let message = [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat();
        let signature = Signature::from_slice(signature);
        signature.is_ok_and(|signature| self.key.verify_strict(&message, &signature).is_ok())
    }
}

/// The folder of a log.
struct Tiles(PathBuf);

impl TileReader for Tiles {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| {
            // The crate names the height of a tile too, which C2SP fixed at 8.
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            std::fs::read(self.0.join(&path))
                .map_err(|error| Error::InvalidInput(format!("{path}: {error}")))
        };
        tiles.iter().map(read).collect()
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

impl Tiles {
    /// The entry at `index`: bundles of 256, each entry after its length in two bytes.
    fn entry(&self, index: u64, size: u64) -> Result<Vec<u8>, Failure> {
        if index >= size {
            return Err(refused("there is no such entry"));
        }
        let bundle = index / 256;
        let width = (size - bundle * 256).min(256);
        let path = Tile::new(8, 0, bundle, u32::try_from(width).map_err(broken)?, false).path();
        let path = path.replacen("tile/8/0/", "tile/entries/", 1);
        let bytes = read(&self.0, &path).map_err(|_| refused(format!("there is no {path}")))?;
        let mut rest = &bytes[..];
        for at in 0..=index % 256 {
            let (length, after) = rest
                .split_first_chunk()
                .ok_or_else(|| refused("no entry"))?;
            let length = usize::from(u16::from_be_bytes(*length));
            let entry = after
                .get(..length)
                .ok_or_else(|| refused("half an entry"))?;
            if at == index % 256 {
                return Ok(entry.to_vec());
            }
            rest = &after[length..];
        }
        Err(refused("no entry"))
    }
}
