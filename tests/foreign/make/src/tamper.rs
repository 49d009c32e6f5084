//! Copies in which exactly one thing is wrong. A client that accepts one of them does not look at it.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::{Outcome, write};

/// Copies `from` to `to` and spoils the copy.
///
/// # Errors
/// For an unknown kind, and for a copy in which nothing changed.
pub fn copy(kind: &str, from: &Path, to: &Path) -> Outcome {
    copy_all(from, to)?;
    match kind {
        "payload" => envelopes(to, flip_payload)?,
        "payload-type" => envelopes(to, |wire| {
            wire["payloadType"] = json!("application/vnd.in-toto.other+json");
            Ok(())
        })?,
        "signature" => envelopes(to, flip_signature)?,
        "stripped" => envelopes(to, |wire| {
            let signatures = wire["signatures"].as_array_mut().ok_or("signatures")?;
            signatures
                .pop()
                .map(drop)
                .ok_or_else(|| "no signature".into())
        })?,
        "doubled" => envelopes(to, |wire| {
            let signatures = wire["signatures"].as_array_mut().ok_or("signatures")?;
            let last = signatures.len() - 1;
            let sig = signatures[0]["sig"].clone();
            signatures[last]["sig"] = sig;
            Ok(())
        })?,
        "statement" => envelopes(to, |wire| {
            replace_in_payload(wire, "/Statement/v1", "/Statement/v9")
        })?,
        "subject" => envelopes(to, forget_subject)?,
        "entry" => entry(to)?,
        "tile" => tile(to)?,
        "root" => checkpoints(to, flip_root)?,
        "size" => checkpoints(to, |text| replace_line(text, 1, |size| format!("1{size}")))?,
        "origin" => checkpoints(to, |text| {
            replace_line(text, 0, |origin| format!("{origin}x"))
        })?,
        "log-signature" => checkpoints(to, |text| flip_base64_of(text, 0))?,
        "cosignature" => checkpoints(to, |text| flip_base64_of(text, 1))?,
        "path" => proof(to, |text| replace_line(text, 2, flip_base64))?,
        "index" => proof(to, |text| replace_line(text, 1, neighbour))?,
        "sigsum-message" => flip(&to.join("message"), 0)?,
        "sigsum-root" => sigsum(to, "root_hash=")?,
        "sigsum-signature" => sigsum(to, "signature=")?,
        "sigsum-cosignature" => sigsum(to, "cosignature=")?,
        "sigsum-path" => sigsum(to, "node_hash=")?,
        "sigsum-leaf" => sigsum(to, "leaf=")?,
        other => return Err(format!("there is no way of tampering called {other}").into()),
    }
    match same(from, to)? {
        true => Err(format!("{kind}: nothing changed").into()),
        false => Ok(()),
    }
}

/// Every file below `folder`.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    found.sort();
    Ok(found)
}

fn copy_all(from: &Path, to: &Path) -> Outcome {
    for file in files(from)? {
        write(&to.join(file.strip_prefix(from)?), fs::read(&file)?)?;
    }
    Ok(())
}

fn same(one: &Path, other: &Path) -> Outcome<bool> {
    for file in files(one)? {
        if fs::read(other.join(file.strip_prefix(one)?))? != fs::read(&file)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn flip(path: &Path, at: usize) -> Outcome {
    let mut bytes = fs::read(path)?;
    *bytes.get_mut(at).ok_or("the file is too short")? ^= 1;
    write(path, bytes)
}

/// Changes the envelope in every form in which it is there.
fn envelopes(folder: &Path, change: impl Fn(&mut Value) -> Outcome) -> Outcome {
    for file in files(folder)? {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let tampered = name.starts_with("outcome.") && !name.ends_with(".tlog-proof");
        if !tampered {
            continue;
        }
        let mut document: Value = serde_json::from_slice(&fs::read(&file)?)?;
        // In a Sigstore bundle, in a bundle of ours, or alone.
        let held = ["dsseEnvelope", "envelope"]
            .into_iter()
            .find(|member| document.get(member).is_some());
        match held {
            Some(member) => change(&mut document[member])?,
            None if document.get("signatures").is_none() => continue,
            None => change(&mut document)?,
        }
        let end = if name.ends_with('l') { "\n" } else { "" };
        write(&file, format!("{document}{end}"))?;
    }
    Ok(())
}

fn decoded(wire: &Value, member: &str) -> Outcome<Vec<u8>> {
    Ok(STANDARD.decode(wire[member].as_str().ok_or("text")?)?)
}

/// Another verdict, or another letter where there is none: still a statement, still canonical.
fn flip_payload(wire: &mut Value) -> Outcome {
    let mut payload = decoded(wire, "payload")?;
    let name = b"\"subject\":[{\"digest\":{\"sha256\":\"";
    let at = payload
        .windows(name.len())
        .position(|window| window == name);
    let digit = payload
        .get_mut(at.ok_or("a subject")? + name.len())
        .ok_or("a digest")?;
    *digit = if *digit == b'0' { b'1' } else { b'0' };
    wire["payload"] = json!(STANDARD.encode(payload));
    Ok(())
}

fn flip_signature(wire: &mut Value) -> Outcome {
    let signatures = wire["signatures"].as_array_mut().ok_or("signatures")?;
    let last = signatures.last_mut().ok_or("a signature")?;
    let mut bytes = decoded(last, "sig")?;
    bytes[10] ^= 1;
    last["sig"] = json!(STANDARD.encode(bytes));
    Ok(())
}

fn replace_in_payload(wire: &mut Value, old: &str, new: &str) -> Outcome {
    let payload = String::from_utf8(decoded(wire, "payload")?)?;
    wire["payload"] = json!(STANDARD.encode(payload.replacen(old, new, 1)));
    Ok(())
}

/// A statement about nothing.
fn forget_subject(wire: &mut Value) -> Outcome {
    let mut statement: Value = serde_json::from_slice(&decoded(wire, "payload")?)?;
    statement["subject"][0]["digest"] = json!({});
    wire["payload"] = json!(STANDARD.encode(statement.to_string()));
    Ok(())
}

/// The index of another entry that is in the log, too.
fn neighbour(line: &str) -> String {
    let index = line
        .strip_prefix("index ")
        .and_then(|index| index.parse::<u64>().ok());
    match index {
        Some(index) => format!("index {}", index.checked_sub(1).unwrap_or(1)),
        None => line.to_owned(),
    }
}

/// The proven entry, where it stands in its bundle.
fn entry(folder: &Path) -> Outcome {
    let (index, path) = part(folder, "entries")?;
    let bytes = fs::read(&path)?;
    let mut at = 0;
    for _ in 0..index % 256 {
        at += 2 + usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    }
    // Inside a signature, so that it is still an entry about the same envelope.
    let signature = b"\"sig\":\"";
    let found = bytes[at..]
        .windows(signature.len())
        .position(|window| window == signature);
    flip(&path, at + found.ok_or("a signature")? + signature.len())
}

/// The proven leaf's hash, where it stands in its tile.
fn tile(folder: &Path) -> Outcome {
    let (index, path) = part(folder, "0")?;
    flip(&path, index % 256 * 32)
}

/// The index of the proven entry, and the file of the log's size that it is in.
fn part(folder: &Path, kind: &str) -> Outcome<(usize, PathBuf)> {
    let line = |path: &str, number: usize| -> Outcome<String> {
        let text = fs::read_to_string(folder.join(path))?;
        Ok(text.lines().nth(number).ok_or("too few lines")?.to_owned())
    };
    let index = line("outcome.tlog-proof", 1)?;
    let index: usize = index.strip_prefix("index ").ok_or("an index")?.parse()?;
    let size: usize = line("log/checkpoint", 1)?.parse()?;
    let (number, width) = (index / 256, (size - index / 256 * 256).min(256));
    let partial = if width == 256 {
        String::new()
    } else {
        format!(".p/{width}")
    };
    let path = folder.join(format!("log/tile/{kind}/{number:03}{partial}"));
    Ok((index, path))
}

/// Changes the checkpoint in the log and in the proof.
fn checkpoints(folder: &Path, change: impl Fn(&str) -> Outcome<String>) -> Outcome {
    let path = folder.join("log/checkpoint");
    let before = fs::read_to_string(&path)?;
    write(&path, change(&before)?)?;
    proof(folder, |text| {
        let (head, note) = text.split_once("\n\n").ok_or("a note")?;
        Ok(format!("{head}\n\n{}", change(note)?))
    })
}

fn proof(folder: &Path, change: impl Fn(&str) -> Outcome<String>) -> Outcome {
    let path = folder.join("outcome.tlog-proof");
    let before = fs::read_to_string(&path)?;
    write(&path, change(&before)?)
}

fn replace_line(text: &str, number: usize, change: impl Fn(&str) -> String) -> Outcome<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let line = lines.get_mut(number).ok_or("too few lines")?;
    *line = change(line);
    Ok(format!("{}\n", lines.join("\n")))
}

/// Flips a bit of a base64 text, which stays base64.
fn flip_base64(text: &str) -> String {
    let mut bytes = STANDARD.decode(text).unwrap_or_default();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    STANDARD.encode(bytes)
}

fn flip_root(text: &str) -> Outcome<String> {
    replace_line(text, 2, flip_base64)
}

/// Flips a bit of a note's signature with this number.
fn flip_base64_of(note: &str, number: usize) -> Outcome<String> {
    let first = note
        .lines()
        .position(|line| line.starts_with('—'))
        .ok_or("signatures")?;
    replace_line(note, first + number, |line| match line.rsplit_once(' ') {
        Some((name, base64)) => format!("{name} {}", flip_base64(base64)),
        None => line.to_owned(),
    })
}

/// Flips a bit of the last value of the first line with this beginning.
fn sigsum(folder: &Path, beginning: &str) -> Outcome {
    let path = folder.join("signature");
    let text = fs::read_to_string(&path)?;
    let number = text
        .lines()
        .position(|line| line.starts_with(beginning))
        .ok_or("a line")?;
    let changed = replace_line(&text, number, |line| {
        let (rest, last) = line.split_at(line.len() - 1);
        format!("{rest}{}", if last == "0" { "1" } else { "0" })
    })?;
    write(&path, changed)
}
