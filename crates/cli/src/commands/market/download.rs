//! Fetching blobs of a market, in as many parts as it takes, into a store of one's own.

use std::io::Read as _;

use proofmark_blobs::{Blobs, OwnerName};
use proofmark_core::Digest;
use proofmark_criteria::submission::MAX_MANIFEST_BYTES;
use proofmark_engine::gate::MAX_COMPONENT_BYTES;
use proofmark_examiner::Need;
use proofmark_market::ContractId;

use super::client::{self, Rest};
use crate::failure::Failure;

/// Code of a blob that is longer than expected.
pub(super) const TOO_LONG: &str = "blob-too-long";

/// Longest manifest, criteria document or component: how long these are is said nowhere, or not relied on.
const MAX_UNSAID_BYTES: u64 = match MAX_MANIFEST_BYTES > MAX_COMPONENT_BYTES {
    true => MAX_MANIFEST_BYTES as u64,
    false => MAX_COMPONENT_BYTES as u64,
};

/// Whose the parts are that have arrived: of whoever fetches.
const OWNER: &str = "download";

/// So many bytes are read at a time.
const CHUNK: usize = 64 << 10;

/// What came of a blob.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Some of it: the next time more.
    More,
    /// All of it.
    Last,
    /// It is not to be had.
    Not,
}

/// For whom a market shows a blob.
#[derive(Clone, Copy)]
pub(super) enum Reader<'r> {
    /// For everybody.
    Anybody,
    /// For whoever has to do with a contract, and signs a ticket for the blob.
    Of(
        &'r ContractId,
        &'r dyn Fn(Digest) -> Result<String, Failure>,
    ),
}

/// Where blobs come from, and where they are kept.
pub(super) struct Download<'d> {
    pub(super) market: &'d str,
    pub(super) blobs: &'d Blobs,
    pub(super) reader: Reader<'d>,
}

impl Download<'_> {
    /// One blob, in as many parts as the market cuts it into, as long as each brings something. Says whether it was to be
    /// had.
    pub(super) fn one(&self, need: Need) -> Result<bool, Failure> {
        loop {
            match self.part(need)? {
                Part::More => {}
                Part::Last => return Ok(true),
                Part::Not => return Ok(false),
            }
        }
    }

    /// What comes of a blob before the connection ends, after what has come before.
    fn part(&self, (blob, said): Need) -> Result<Part, Failure> {
        let owner = OwnerName::new(OWNER).expect("lowercase letters");
        let arrived = self.blobs.arrived(&owner, &blob);
        let signed = match self.reader {
            Reader::Anybody => None,
            Reader::Of(contract, ticket) => Some((contract, ticket(blob)?)),
        };
        let signed = signed.as_ref().map(|(of, ticket)| (*of, ticket.as_str()));
        let Some(rest) = client::blob(self.market, &blob, signed, arrived)? else {
            return Ok(Part::Not);
        };
        let Rest {
            from,
            whole,
            mut body,
        } = rest;
        let failed = |why: &dyn std::fmt::Display| {
            let hint = "try again; an examiner does so by itself";
            Failure::environment("blob-not-fetched", format!("{blob}: {why}"), hint)
        };
        let most = said.unwrap_or(MAX_UNSAID_BYTES);
        if whole > most {
            let why = format!("{blob} has {whole} bytes, and {most} are expected at most");
            let hint = "whoever named it must say how long it is";
            return Err(Failure::environment(TOO_LONG, why, hint));
        }
        // Another run may fetch the same at this moment.
        let kept = self.blobs.begin(&owner, blob, whole, from);
        let mut kept = kept.map_err(|error| failed(&error))?;
        let mut chunk = vec![0; CHUNK];
        let broken = loop {
            match body.read(&mut chunk) {
                Ok(0) => break None,
                Ok(read) => kept.write(&chunk[..read]).map_err(|error| failed(&error))?,
                Err(error) => break Some(error),
            }
        };
        match broken {
            // A market, or a proxy before it, that begins again each time never comes to the end.
            _ if kept.received() < whole && kept.received() > arrived => Ok(Part::More),
            Some(error) if kept.received() < whole => Err(failed(&error)),
            _ => kept
                .finish(false)
                .map(|()| Part::Last)
                .map_err(|error| failed(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{TcpListener, TcpStream};

    use tempfile::TempDir;

    use super::*;

    /// So much comes before a connection is cut.
    const CUT: usize = 100_000;

    /// A market that cuts every connection, as one does in which it has lasted too long; says where each began.
    fn cutting(
        bytes: Vec<u8>,
        ranges: bool,
        connections: usize,
    ) -> (String, std::thread::JoinHandle<Vec<usize>>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serve = move || {
            let one = |_| {
                let (mut stream, _) = listener.accept().expect("somebody");
                let asked = asked(&stream);
                let from = if ranges { asked } else { 0 };
                let head = match from {
                    0 => "200 OK".to_owned(),
                    from => {
                        let (last, all) = (bytes.len() - 1, bytes.len());
                        format!("206 Partial Content\r\ncontent-range: bytes {from}-{last}/{all}")
                    }
                };
                let rest = &bytes[from..];
                let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", rest.len());
                stream.write_all(head.as_bytes()).expect("it is sent");
                let cut = &rest[..rest.len().min(CUT)];
                stream.write_all(cut).expect("it is sent");
                from
            };
            (0..connections).map(one).collect()
        };
        (url, std::thread::spawn(serve))
    }

    /// From which byte on a request asks.
    fn asked(stream: &TcpStream) -> usize {
        let lines = BufReader::new(stream).lines();
        let lines = lines.map(|line| line.expect("text").to_ascii_lowercase());
        let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
        let range = head.iter().find_map(|it| it.strip_prefix("range: bytes="));
        range.map_or(0, |it| it.trim_end_matches('-').parse().expect("a number"))
    }

    fn own(directory: &TempDir) -> Blobs {
        Blobs::open(directory.path()).expect("it opens")
    }

    fn one(market: &str, blobs: &Blobs, need: Need) -> Result<bool, Failure> {
        let reader = Reader::Anybody;
        Download {
            market,
            blobs,
            reader,
        }
        .one(need)
    }

    #[test]
    fn large_work_arrives_in_parts() {
        let bytes: Vec<u8> = (0..250_000_u32).map(|it| (it % 251) as u8).collect();
        let blob = Digest::of(&bytes);
        let (market, served) = cutting(bytes.clone(), true, 3);
        let directory = TempDir::new().expect("a directory");
        let blobs = own(&directory);
        let need = (blob, Some(bytes.len() as u64));
        one(&market, &blobs, need).expect("it arrives");
        let found = blobs.find(&blob).expect("it is there");
        assert_eq!(std::fs::read(found).expect("a file"), bytes);
        assert_eq!(served.join().expect("it ends"), [0, CUT, 2 * CUT]);
    }

    /// A proxy before the market knows no ranges, and cuts connections as well: there is no end, so others get the run.
    #[test]
    fn what_begins_again_each_time_is_given_up() {
        let bytes = vec![7; 250_000];
        let blob = Digest::of(&bytes);
        let (market, served) = cutting(bytes, false, 2);
        let directory = TempDir::new().expect("a directory");
        let blobs = own(&directory);
        let given_up = one(&market, &blobs, (blob, Some(250_000)));
        let given_up = given_up.expect_err("it cannot end");
        assert_eq!(given_up.problems[0].code, "blob-not-fetched");
        assert_eq!(served.join().expect("it ends"), [0, 0]);
    }

    #[test]
    fn what_is_longer_than_it_should_be_is_not_fetched() {
        let bytes = vec![7; 1_000];
        let blob = Digest::of(&bytes);
        let (market, _served) = cutting(bytes, true, 1);
        let directory = TempDir::new().expect("a directory");
        let refused = one(&market, &own(&directory), (blob, Some(999)));
        let refused = refused.expect_err("it is too long");
        assert!(
            refused.sentence().contains("999 are expected"),
            "{refused:?}"
        );
    }

    /// What was there before, and is not what the market has, is begun again and ends.
    #[test]
    fn what_arrived_before_is_not_believed() {
        let bytes = vec![7; 1_000];
        let blob = Digest::of(&bytes);
        let (market, served) = cutting(bytes, true, 2);
        let directory = TempDir::new().expect("a directory");
        let blobs = own(&directory);
        let owner = OwnerName::new(OWNER).expect("a name");
        let other = blobs.begin(&owner, blob, 1_000, 0);
        other
            .expect("it begins")
            .write(&[0; 500])
            .expect("it is taken");
        let need = (blob, Some(1_000));
        let refused = one(&market, &blobs, need).expect_err("another digest");
        assert_eq!(refused.problems[0].code, "blob-not-fetched");
        one(&market, &blobs, need).expect("it arrives");
        assert_eq!(served.join().expect("it ends"), [500, 0]);
    }
}
