//! What a shell relies on: completions, the cache, manifests, streams that are closed early.

use std::fs;
use std::process::Stdio;

use proofmark_core::Digest;

use super::program::{Ran, command, folder, program, run_in};
use super::run;
use super::transcript::Transcript;
use proofmark_tests::frozen::freeze;

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{shell}");
        for word in [
            "proofmark",
            "check",
            "criteria",
            "validator",
            "submission",
            "completions",
            "demo",
        ] {
            assert!(ran.out.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn the_cache_can_be_looked_at_and_emptied() {
    let folder = folder(&[("schema.json", b"{}"), ("work/result.jsonl", b"{}\n")]);
    let path = folder.path();
    let cached = |words: &[&'static str]| [words, &["--cache", "cache"]].concat();
    let mut transcript = Transcript::default();
    transcript.call(path, &cached(&["cache", "status"]));
    assert_eq!(run_in(path, &cached(&["criteria", "init"])).code, 0);
    assert_eq!(
        run_in(path, &cached(&["criteria", "lock", "criteria.toml"])).code,
        0
    );
    let full = run_in(path, &cached(&["cache", "status", "--output", "json"])).json();
    assert_eq!(full["entries"], 1);
    assert!(
        full["size_bytes"]
            .as_u64()
            .is_some_and(|size| size > 10_000),
        "{full}"
    );
    let cleared = run_in(path, &cached(&["cache", "clear", "--output", "json"])).json();
    assert_eq!(cleared, full, "what is cleared is what was there");
    transcript.call(path, &cached(&["cache", "status"]));
    transcript.call(path, &["cache", "status", "--no-cache"]);
    transcript.assert("shell-cache");
}

#[test]
fn without_a_home_there_is_no_cache_and_no_error() {
    let folder = folder(&[("schema.json", b"{}")]);
    assert_eq!(run_in(folder.path(), &["criteria", "init"]).code, 0);
    let ran: Ran = program()
        .current_dir(folder.path())
        .args(["criteria", "lint", "criteria.toml"])
        .output()
        .expect("it starts")
        .into();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn the_environment_names_the_cache() {
    let folder = folder(&[("home/empty", b"")]);
    let status = |variable: &str, value: &str| {
        let mut command = program();
        command
            .current_dir(folder.path())
            .args(["cache", "status", "--output", "json"])
            .env(variable, value);
        let ran: Ran = command.output().expect("it starts").into();
        ran.json()["directory"].as_str().expect("a text").to_owned()
    };
    assert_eq!(status("PROOFMARK_CACHE", "own"), "own");
    assert_eq!(status("XDG_CACHE_HOME", "xdg"), "xdg/proofmark");
    assert_eq!(status("HOME", "home"), "home/.cache/proofmark");
}

#[test]
fn a_manifest_is_the_bytes_that_are_hashed() {
    let folder = folder(&[("b.txt", b"second"), ("a/ä.txt", b"first"), ("empty", b"")]);
    let mut transcript = Transcript::default();
    let ran = transcript.call(folder.path(), &["submission", "manifest", "."]);
    assert_eq!(ran.code, 0);
    assert_eq!(
        Digest::of(ran.out.as_bytes()).to_string(),
        ran.err.trim(),
        "`| sha256sum` says the digest"
    );
    let json = run_in(
        folder.path(),
        &["submission", "manifest", ".", "--output", "json"],
    );
    assert_eq!(json.out, ran.out, "in either format");
    transcript.assert("shell-manifest");
}

/// An option of the call wins over the environment.
#[test]
fn no_cache_can_be_asked_for_whatever_the_environment_says() {
    let mut command = program();
    let ran: Ran = command
        .args(["cache", "status", "--no-cache"])
        .env("PROOFMARK_CACHE", "x")
        .output()
        .expect("it starts")
        .into();
    assert!(ran.err.contains("[no-cache]"), "{}", ran.err);
}

/// The reader has gone before anything is written: what `| head` comes to.
#[test]
fn a_closed_pipe_is_no_panic() {
    let folder = folder(&[("schema.json", b"{}"), ("work/result.jsonl", b"{}\n")]);
    let path = folder.path();
    assert_eq!(run_in(path, &["criteria", "init"]).code, 0);
    assert_eq!(run_in(path, &["criteria", "lock", "criteria.toml"]).code, 0);
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["completions", "bash"],
        &["criteria", "show", "criteria.json"],
        &["check", "criteria.json", "work"],
        &["check", "criteria.json", "work", "--output", "json"],
        &["submission", "manifest", "work"],
        &["cache", "status"],
        &["validator", "inspect", "json-schema"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        drop(reader);
        let mut command = command(path, arguments);
        let ran: Ran = command
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .expect("it starts")
            .into();
        assert_eq!(
            (ran.code, ran.err.contains("panic")),
            (0, false),
            "{arguments:?}: {}",
            ran.err
        );
    }
}

/// Neither stream has a reader.
#[test]
fn two_closed_pipes_are_no_panic() {
    let folder = folder(&[]);
    for (arguments, exit) in [
        (&["check", "nowhere", "nowhere"][..], 2),
        (&["completions", "zsh"], 0),
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        drop(reader);
        let mut command = command(folder.path(), arguments);
        command
            .stdout(writer.try_clone().expect("a pipe"))
            .stderr(writer);
        assert_eq!(
            command.status().expect("it starts").code(),
            Some(exit),
            "{arguments:?}"
        );
    }
}

#[test]
fn what_a_validator_says_cannot_write_to_the_terminal() {
    let component = proofmark_validators::hostile::guest("escapes").expect("a hostile guest");
    let folder = folder(&[("work/a", b"")]);
    freeze(folder.path(), component, |_| {});
    for format in ["text", "json"] {
        let ran = run_in(
            folder.path(),
            &[
                "check",
                "criteria.json",
                "work",
                "--log",
                "--output",
                format,
            ],
        );
        for text in [&ran.out, &ran.err] {
            let control = text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(control, None, "{format}: {text:?}");
        }
        assert!(ran.out.contains("alert(1)"), "{}", ran.out);
    }
}

#[test]
fn logs_go_to_standard_error() {
    let component =
        proofmark_validators::hostile::guest("log-flood-count").expect("a hostile guest");
    let folder = folder(&[("work/a", b"")]);
    freeze(folder.path(), component, |document| {
        document["criteria"][0]["limits"]["log_messages"] = 3.into();
    });
    let quiet = run_in(folder.path(), &["check", "criteria.json", "work"]);
    let loud = run_in(folder.path(), &["check", "criteria.json", "work", "--log"]);
    assert_eq!((quiet.code, quiet.err.as_str()), (3, ""));
    assert_eq!(
        loud.err
            .lines()
            .filter(|line| line.starts_with("first "))
            .count(),
        3,
        "{}",
        loud.err
    );
    assert_eq!(quiet.out.lines().count(), loud.out.lines().count());
    assert!(fs::read_dir(folder.path()).is_ok());
}
