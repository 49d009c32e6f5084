//! The cases of the folder `fixtures`, and the programs in them.

use super::{ProgramTests, changed, folder, interpreter, module, source};
use proofmark_validator_sdk::testing::{assert_fixtures, interpret_programs_with};

/// A case, the text of its program, and what is changed in it.
type Made = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// The program of each case that delivers one.
const PROGRAMS: &[Made] = &[
    ("accept/sums", "sum", &[]),
    ("accept/backwards", "reverse", &[]),
    ("accept/words", "sum", &[]),
    // The sum in 32 bits.
    (
        "reject/narrow",
        "sum",
        &[(
            "(call $print (call $sum))",
            "(call $print (i64.extend_i32_s (i32.wrap_i64 (call $sum))))",
        )],
    ),
    // What begins with a minus is added all the same.
    (
        "reject/no-minus",
        "sum",
        &[(
            "(then (local.set $negative (i32.const 1)))",
            "(then (local.set $negative (i32.const 0)))",
        )],
    ),
    // The last number is forgotten where no space follows.
    (
        "reject/last-forgotten",
        "sum",
        &[(
            "(return (i64.add (local.get $sum) (local.get $value)))",
            "(return (local.get $sum))",
        )],
    ),
    // Whoever gives nothing waits for ever.
    (
        "reject/waits-for-ever",
        "sum",
        &[(
            "(br_if $more (i32.load (i32.const 8)))",
            "(br_if $more (i32.eqz (global.get $length))) (br_if $more (i32.load (i32.const 8)))",
        )],
    ),
    // What cannot be read ends in a crash.
    (
        "reject/crashes",
        "sum",
        &[("(then (call $exit (i32.const 2)))", "(then unreachable)")],
    ),
    // … or is no reason to say so.
    (
        "reject/another-status",
        "sum",
        &[(
            "(then (call $exit (i32.const 2)))",
            "(then (call $exit (i32.const 0)))",
        )],
    ),
    // A page for every byte.
    (
        "reject/hungry",
        "sum",
        &[(
            "(local.set $at (i32.add (local.get $at) (i32.const 1)))",
            "(local.set $at (i32.add (local.get $at) (i32.const 1))) (drop (memory.grow (i32.const 64)))",
        )],
    ),
    // The answer again and again.
    (
        "reject/talkative",
        "sum",
        &[(
            "(call $print (call $sum))",
            "(loop $again (call $print (call $sum)) (br $again))",
        )],
    ),
    // It would like to write a file.
    (
        "reject/asks-for-more",
        "sum",
        &[
            (
                "(memory (export",
                "(import \"wasi_snapshot_preview1\" \"path_create_directory\" (func $make (param i32 i32 i32) (result i32)))\n  (memory (export",
            ),
            (
                "(call $read_all)\n    (call $print",
                "(drop (call $make (i32.const 3) (i32.const 64) (i32.const 1)))\n    (call $read_all)\n    (call $print",
            ),
        ],
    ),
    // It needs a host of its own.
    (
        "reject/not-a-command",
        "sum",
        &[(
            "(memory (export",
            "(import \"env\" \"now\" (func (result i64)))\n  (memory (export",
        )],
    ),
    // It knows the cases that are shown.
    (
        "reject/learnt-by-heart",
        "sum",
        &[(
            "(call $print (call $sum))",
            "(if (i32.eq (global.get $length) (i32.const 5)) (then (call $print (i64.const 40))) (else (call $print (i64.const -12))))",
        )],
    ),
    ("reject/too-large", "sum", &[]),
];

fn program(text: &str, changes: &[(&str, &str)]) -> Vec<u8> {
    let text = changes
        .iter()
        .fold(source(text), |text, (from, to)| changed(&text, from, to));
    module(&text)
}

/// With `PROOFMARK_BLESS` the programs are written; otherwise they must be those of the texts.
#[test]
fn programs_are_those_of_their_texts() {
    for (case, text, changes) in PROGRAMS {
        let path = folder()
            .join("fixtures")
            .join(case)
            .join("submission/program.wasm");
        let made = program(text, changes);
        if std::env::var_os("PROOFMARK_BLESS").is_some() {
            std::fs::write(&path, &made)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
        let found =
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(
            found == made,
            "{case}: write it again with PROOFMARK_BLESS=1"
        );
    }
}

#[test]
fn fixtures_do_what_they_promise_and_cover_every_code() {
    interpret_programs_with(interpreter::load);
    let codes = assert_fixtures::<ProgramTests>(&folder().join("fixtures"));
    let all = [
        "closed-case-failed",
        "crashed",
        "denied",
        "not-a-program",
        "out-of-fuel",
        "out-of-memory",
        "output-limit",
        "program-missing",
        "program-too-large",
        "wrong-exit",
        "wrong-output",
    ];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), all);
}
