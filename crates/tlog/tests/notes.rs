//! Signed notes: the vectors of the specification and of golang.org/x/mod, and what is refused.

use proofmark_keys::{SecretKey, Signer as _};
use proofmark_tlog::note::{
    KeyKind, KeyName, MAX_NOTE_BYTES, MAX_SIGNATURES, NoteError, NoteKey, NoteKeyError,
    NoteSignature, SignNoteError, SignedNote, VerifyNoteError, parse_signature_lines, sign_note,
};
use proptest::prelude::*;

const PETER: &str = include_str!("../vectors/note/peter.note");
const BOTH: &str = include_str!("../vectors/note/both.note");

/// Seeds, found by trying, of two keys with one id under the name `example.com/twin`.
const TWINS: [u32; 2] = [32023, 113157];

fn key(text: &str) -> NoteKey {
    let key: NoteKey = text.trim_end().parse().expect("a key");
    assert_eq!(key.to_string(), text.trim_end());
    key
}

fn peter() -> NoteKey {
    key(include_str!("../vectors/note/peter.vkey"))
}

fn enoch() -> NoteKey {
    key(include_str!("../vectors/note/enoch.vkey"))
}

fn peter_secret() -> SecretKey {
    let mut seed = [0; 32];
    let hex = include_str!("../vectors/note/peter.seed").trim_end();
    hex::decode_to_slice(hex, &mut seed).expect("a seed");
    SecretKey::from_seed(&seed)
}

/// The text and the two signature lines of the Go vectors.
fn parts() -> (&'static str, &'static str, &'static str) {
    let (text, lines) = BOTH.split_once("\n\n").expect("a note");
    let (peter, _) = lines.split_once('\n').expect("two lines");
    let enoch = &lines[peter.len() + 1..];
    (&BOTH[..=text.len()], &lines[..=peter.len()], enoch)
}

fn parse(text: &str) -> Result<SignedNote, NoteError> {
    SignedNote::parse(text.as_bytes())
}

#[test]
fn published_notes_verify() {
    let spec = include_str!("../vectors/c2sp/signed-note.note");
    let spec_key = key(include_str!("../vectors/c2sp/signed-note.vkey"));
    let mut count = 0;
    for (text, keys, verified, unknown) in [
        (spec, vec![&spec_key], 1, 0),
        (PETER, vec![&peter()], 1, 0),
        (BOTH, vec![&peter()], 1, 1),
        (BOTH, vec![&enoch()], 1, 1),
        (BOTH, vec![&peter(), &enoch()], 2, 0),
        (BOTH, vec![&enoch(), &peter(), &enoch()], 2, 0),
    ] {
        let note = parse(text).expect("a note");
        assert_eq!(note.to_string(), text);
        let found = note.verify(&keys).expect("it is signed");
        assert_eq!((found.verified.len(), found.unknown), (verified, unknown));
        count += 1;
    }
    for text in [
        include_str!("../vectors/c2sp/signed-note-2.note"),
        include_str!("../vectors/c2sp/checkpoint.note"),
        include_str!("../vectors/c2sp/cosignature.note"),
    ] {
        let note = parse(text).expect("a note");
        assert_eq!(note.to_string(), text);
        assert_eq!(note.verify(&[&peter()]), Err(VerifyNoteError::Unsigned));
        count += 1;
    }
    assert_eq!(count, 9);
    let quasimodo = parse(include_str!("../vectors/c2sp/signed-note-2.note")).expect("a note");
    assert!(
        quasimodo.text().contains("sole:\n\ned"),
        "empty lines belong to the text"
    );
}

#[test]
fn we_sign_the_bytes_of_the_go_vector() {
    let (text, ..) = parts();
    let note = sign_note(text, &peter(), &peter_secret()).expect("it signs");
    assert_eq!(note.to_string(), PETER);
}

#[test]
fn the_error_table_of_the_go_tests_holds() {
    let (text, peter_line, enoch_line) = parts();
    let short = &peter_line[..peter_line.len() - 1];
    let bad_name = peter_line.replace("PeterNeumann", "Bad Name");
    let malformed = [
        (text.to_owned(), NoteError::Structure),
        (format!("{text}\n"), NoteError::Structure),
        (format!("{text}\n{short}"), NoteError::Structure),
        (format!("\u{1}{text}\n{peter_line}"), NoteError::Characters),
        (format!("{text}\n{bad_name}"), NoteError::SignatureLine),
        (
            format!("{text}\n{peter_line}Unexpected line.\n"),
            NoteError::SignatureLine,
        ),
        (
            format!("{text}\n{}", peter_line.repeat(101)),
            NoteError::SignatureCount,
        ),
    ];
    for (bytes, error) in &malformed {
        assert_eq!(parse(bytes), Err(*error), "{bytes}");
    }
    let bytes = [b"\xff", text.as_bytes(), b"\n", peter_line.as_bytes()].concat();
    assert_eq!(SignedNote::parse(&bytes), Err(NoteError::Characters));
    // Unverified; an invalid signature; duplicates, of which one that is not tried is invalid.
    let both = parse(BOTH).expect("a note");
    assert_eq!(both.verify(&[]), Err(VerifyNoteError::Unsigned));
    let broken = |line: &str| format!("{}ABCD{}", &line[..60], &line[60..]);
    let invalid = parse(&format!("{text}\n{}", broken(peter_line))).expect("a note");
    let refused = Err(VerifyNoteError::Invalid(peter().name().clone()));
    assert_eq!(invalid.verify(&[&peter()]), refused);
    let many = format!(
        "{text}\n{}{}{}",
        peter_line.repeat(2),
        enoch_line.repeat(2),
        broken(enoch_line)
    );
    let many = parse(&many).expect("a note");
    let known = peter();
    let found = many.verify(&[&known]).expect("Peter has signed");
    assert_eq!((found.verified.len(), found.unknown), (1, 3));
    let refused = Err(VerifyNoteError::Invalid(enoch().name().clone()));
    assert_eq!(many.verify(&[&peter(), &enoch()]), refused);
    // A signature under another name, and under another id, is a stranger's.
    for line in [
        peter_line.replace("PeterNeumann", "CarmenSandiego"),
        peter_line.replace("x08g", "xxxx"),
    ] {
        let note = parse(&format!("{text}\n{line}")).expect("a note");
        assert_eq!(note.verify(&[&peter()]), Err(VerifyNoteError::Unsigned));
    }
    assert_eq!(malformed.len() + 1 + 6, 14);
}

#[test]
fn second_spellings_of_a_note_are_refused() {
    let (text, line, _) = parts();
    let end = line.len() - 2;
    let cases = [
        (BOTH.replace('\n', "\r\n"), NoteError::Characters),
        (BOTH.replace("answer", "\tanswer"), NoteError::Characters),
        (format!("{BOTH}\n"), NoteError::Structure),
        (format!("\n{line}"), NoteError::Structure),
        (format!("{text}{line}"), NoteError::Structure),
        (
            format!("{text}\n{}", line.replace('—', "-")),
            NoteError::SignatureLine,
        ),
        (
            format!("{text}\n{}", line.replace("— ", "—")),
            NoteError::SignatureLine,
        ),
        (
            format!("{text}\n{}", line.replace("— ", "—  ")),
            NoteError::SignatureLine,
        ),
        (format!("{text}\n {line}"), NoteError::SignatureLine),
        (
            format!("{text}\n{} \n", line.trim_end()),
            NoteError::SignatureLine,
        ),
        (
            format!("{text}\n{}\n", &line[..end]),
            NoteError::SignatureLine,
        ),
        (
            format!("{text}\n{}\n", line.trim_end().replace("nAM=", "nAN=")),
            NoteError::SignatureLine,
        ),
        (
            format!("{text}\n{}", line.replace('/', "_")),
            NoteError::SignatureLine,
        ),
        (
            format!("{text}\n— PeterNeumann x08gow==\n"),
            NoteError::SignatureLine,
        ),
        (
            format!("{text}\n— PeterNeumann \n"),
            NoteError::SignatureLine,
        ),
        (format!("{text}\n—  x08goABC\n"), NoteError::SignatureLine),
        (
            format!("{text}\n{}", line.replace("Peter", "Pe+er")),
            NoteError::SignatureLine,
        ),
        (
            format!("{text}\n{}", line.replace("Peter", "Pe\u{2003}er")),
            NoteError::SignatureLine,
        ),
        (String::new(), NoteError::Structure),
    ];
    for (bytes, error) in &cases {
        assert_eq!(parse(bytes), Err(*error), "{bytes}");
    }
    assert_eq!(cases.len(), 19);
}

#[test]
fn limits_are_where_they_are_said_to_be() {
    let (text, line, _) = parts();
    let note = format!("{text}\n{}", line.repeat(MAX_SIGNATURES));
    assert_eq!(parse(&note).expect("64 signatures").signatures().len(), 64);
    let note = format!("{note}{line}");
    assert_eq!(parse(&note), Err(NoteError::SignatureCount));
    let fill = "a".repeat(MAX_NOTE_BYTES - line.len() - 2);
    assert!(parse(&format!("{fill}\n\n{line}")).is_ok());
    assert_eq!(
        parse(&format!("{fill}a\n\n{line}")),
        Err(NoteError::TooLarge)
    );
    let signature = parse(PETER).expect("a note").signatures()[0].clone();
    let made = |text: String| SignedNote::new(text, vec![signature.clone()]);
    assert!(made(format!("{fill}\n")).is_ok());
    assert_eq!(made(format!("{fill}a\n")), Err(NoteError::TooLarge));
}

#[test]
fn keys_have_one_spelling() {
    let good = peter().to_string();
    let base = good.split('+').nth(2).expect("a key");
    let cases = [
        (good.to_uppercase(), "key-not-a-point"),
        (good.replace("c74f20a3", "C74F20A3"), "note-key-id"),
        (good.replace("c74f20a3", "0c74f20a3"), "note-key-id"),
        (good.replace("c74f20a3", "c74f20a4"), "note-key-id"),
        (good.replace("PeterNeumann", "PeterNeuman"), "note-key-id"),
        (good.replace("PeterNeumann", ""), "note-key-name"),
        (
            good.replace("PeterNeumann", "Peter Neumann"),
            "note-key-name",
        ),
        (good.replace("+c74f20a3", ""), "note-key-malformed"),
        (format!("{good}="), "note-key-malformed"),
        (format!("{good}\n"), "note-key-malformed"),
        (good.replace("+ARpc", "+ABpc"), "note-key-kind"),
        (good.replace("+ARpc", "+Ahpc"), "note-key-kind"),
        (good.replace("+ARpc", "+Bhpc"), "note-key-kind"),
        (good.replace("+ARpc", "+/xpc"), "note-key-kind"),
        (good.replace(base, ""), "note-key-malformed"),
        (good.replace(base, "AQ=="), "key-length"),
        (good.replace(base, &base[..40]), "key-length"),
        (
            good.replace(base, &format!("AQEA{}", "A".repeat(40))),
            "key-weak",
        ),
        (String::new(), "note-key-malformed"),
    ];
    for (text, code) in &cases {
        let refused = text.parse::<NoteKey>().expect_err(text);
        assert_eq!(refused.code(), *code, "{text}: {refused}");
    }
    assert_eq!(cases.len(), 19);
    assert!(matches!(
        good.replace("+ARpc", "+Bhpc").parse::<NoteKey>(),
        Err(NoteKeyError::Kind(0x06))
    ));
    let witness = NoteKey::witness(peter().name().clone(), *peter().public());
    assert_eq!(witness.kind(), KeyKind::Cosignature);
    assert_ne!(witness.id(), peter().id());
    assert_eq!(witness.to_string().parse(), Ok(witness));
}

#[test]
fn keys_that_one_cannot_tell_apart_are_refused() {
    // Ids are 32 bits, so that keys with one id can be found.
    let found = |seed: u32| {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&seed.to_be_bytes());
        let secret = SecretKey::from_seed(&bytes);
        let name: KeyName = "example.com/twin".parse().expect("a name");
        (NoteKey::log(name, *secret.public_key()), secret)
    };
    let ((one, secret), (other, _)) = (found(TWINS[0]), found(TWINS[1]));
    assert_eq!(one.id(), other.id());
    assert_ne!(one, other);
    let note = sign_note("text\n", &one, &secret).expect("it signs");
    let refused = Err(VerifyNoteError::Ambiguous(one.name().clone()));
    assert_eq!(note.verify(&[&one, &other]), refused);
    assert_eq!(note.verify(&[&other, &peter(), &one]), refused);
    let invalid = Err(VerifyNoteError::Invalid(one.name().clone()));
    assert_eq!(note.verify(&[&other]), invalid);
    let twice = [&one, &one];
    assert_eq!(
        note.verify(&twice)
            .expect("the same key twice is one key")
            .verified
            .len(),
        1
    );
}

#[test]
fn only_the_right_signer_signs_and_only_what_is_a_note() {
    let secret = peter_secret();
    let stranger = SecretKey::from_seed(&[9; 32]);
    let name = |text: &str| text.parse::<KeyName>().expect("a name");
    let refused = |text: &str, key: &NoteKey, secret: &SecretKey| {
        let refused = sign_note(text, key, secret).expect_err("it must not sign");
        refused.code()
    };
    assert_eq!(refused("a", &peter(), &secret), "note-malformed");
    assert_eq!(refused("", &peter(), &secret), "note-malformed");
    assert_eq!(refused("a\u{7}\n", &peter(), &secret), "note-characters");
    assert_eq!(refused("a\n", &peter(), &stranger), "note-key-other");
    let cosignature =
        "cosignature/v1\ntime 1\nexample.com\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
    assert_eq!(
        refused(cosignature, &peter(), &secret),
        "note-text-ambiguous"
    );
    let witness = NoteKey::witness(name("w"), *secret.public_key());
    assert_eq!(refused("a\n", &witness, &secret), "note-key-kind");
    let long = format!("{}\n", "a".repeat(4096));
    assert!(matches!(
        sign_note(&long, &peter(), &secret),
        Err(SignNoteError::Sign(_))
    ));
}

#[test]
fn a_newer_signature_replaces_an_older_one_of_its_key() {
    let mut note = parse(BOTH).expect("a note");
    let mut newer = note.signatures()[1].clone();
    note.attach(newer.clone()).expect("it fits");
    assert_eq!(note.to_string(), BOTH);
    newer.bytes = vec![1];
    note.attach(newer.clone()).expect("it fits");
    assert_eq!(note.signatures().len(), 2);
    newer.id = [0; 4];
    note.attach(newer.clone()).expect("it fits");
    assert_eq!(note.signatures().len(), 3);
    newer.bytes = Vec::new();
    assert_eq!(note.attach(newer), Err(NoteError::SignatureLine));
    assert_eq!(note.signatures().len(), 3);
}

#[test]
fn the_answer_of_a_witness_is_signature_lines() {
    let answer = include_str!("../vectors/c2sp/add-checkpoint-answer.txt");
    let lines = parse_signature_lines(answer).expect("three lines");
    let again: String = lines.iter().map(|line| format!("{line}\n")).collect();
    assert_eq!((lines.len(), again.as_str()), (3, answer));
    for bad in [
        "",
        "\n",
        answer.trim_end(),
        &format!("{answer}\n"),
        &format!("\n{answer}"),
    ] {
        assert!(parse_signature_lines(bad).is_err(), "{bad}");
    }
}

fn any_name() -> impl Strategy<Value = KeyName> {
    "[a-zäß./0-9-]{1,20}".prop_map(|name| name.parse().expect("a name"))
}

prop_compose! {
    fn any_signature()(
        name in any_name(),
        id in any::<[u8; 4]>(),
        bytes in proptest::collection::vec(any::<u8>(), 1..100),
    ) -> NoteSignature {
        NoteSignature { name, id, bytes }
    }
}

proptest! {
    #[test]
    fn any_note_is_read_as_it_was_written(
        text in "[ -~äß\n]{0,60}",
        signatures in proptest::collection::vec(any_signature(), 1..6),
    ) {
        let note = SignedNote::new(format!("{text}\n"), signatures).expect("a note");
        prop_assert_eq!(parse(&note.to_string()), Ok(note));
    }

    #[test]
    fn any_bytes_are_a_note_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(note) = SignedNote::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes);
        }
    }
}

#[test]
fn any_changed_bit_of_a_note_is_noticed() {
    let known = peter();
    let mut readable = 0;
    for bit in 0..8 * PETER.len() {
        let mut bytes = PETER.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(note) = SignedNote::parse(&bytes) else {
            continue;
        };
        assert!(note.verify(&[&known]).is_err(), "bit {bit}");
        assert_eq!(note.to_string().into_bytes(), bytes);
        readable += 1;
    }
    assert!(readable > 500, "{readable}");
}
