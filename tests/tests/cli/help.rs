//! Help is the published reference: every command has a snapshot, and every snapshot a command.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clap::CommandFactory;
use proofmark_cli::args::Args;

use super::program::{Ran, program};
use super::transcript;

/// Where insta keeps the snapshots of this file.
const SNAPSHOTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/snapshots");

/// The words of every command, the binary itself (no words) first.
fn commands() -> Vec<Vec<String>> {
    fn walk(command: &clap::Command, words: &[String], found: &mut Vec<Vec<String>>) {
        found.push(words.to_vec());
        for inner in command.get_subcommands() {
            let mut words = words.to_vec();
            words.push(inner.get_name().to_owned());
            walk(inner, &words, found);
        }
    }
    let mut found = Vec::new();
    walk(&Args::command(), &[], &mut found);
    found
}

fn name(words: &[String]) -> String {
    let mut name = String::from("help");
    for word in words {
        name.push('-');
        name.push_str(word);
    }
    name
}

#[test]
fn every_command_has_its_help_in_a_snapshot() {
    for words in commands() {
        let ran: Ran = program()
            .args(&words)
            .arg("--help")
            .output()
            .expect("the binary starts")
            .into();
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{words:?}");
        let lines: Vec<_> = ran.out.lines().map(str::trim_end).collect();
        transcript::assert(&name(&words), &lines.join("\n"));
    }
}

#[test]
fn every_snapshot_of_help_has_its_command() {
    let expected: BTreeSet<_> = commands()
        .iter()
        .map(|words| format!("{}.snap", name(words)))
        .collect();
    let files = fs::read_dir(Path::new(SNAPSHOTS)).expect("the snapshots");
    let names = files.map(|file| {
        file.expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let found: BTreeSet<_> = names
        .filter(|file| file.starts_with("help") && file.ends_with(".snap"))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn every_option_and_every_command_is_explained() {
    for words in commands() {
        let mut root = Args::command();
        let command = words.iter().fold(&mut root, |command, word| {
            command
                .find_subcommand_mut(word)
                .expect("the walk found it")
        });
        assert!(command.get_about().is_some(), "{words:?}");
        for argument in command.get_arguments() {
            assert!(
                argument.get_help().is_some(),
                "{words:?} {}",
                argument.get_id()
            );
        }
    }
}

#[test]
fn the_version_is_that_of_the_workspace() {
    let ran: Ran = program()
        .arg("--version")
        .output()
        .expect("the binary starts")
        .into();
    assert_eq!(
        (ran.code, ran.out),
        (0, format!("proofmark {}\n", env!("CARGO_PKG_VERSION")))
    );
}
