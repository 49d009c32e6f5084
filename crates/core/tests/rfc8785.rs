//! The published vectors of RFC 8785: the writer underneath gives their bytes for all of them, and we give
//! the same bytes or refuse, as the profile says.

use std::fs;
use std::path::Path;

use proofmark_core::canonical::{self, CanonicalError, ParseError, ParseLimits, Unsupported};
use serde_json::Value;

/// What our profile makes of a case: its bytes, or what stands at which place in the way.
type Expected = Result<(), (&'static str, Unsupported)>;

/// Every published case by name.
const CASES: [(&str, Expected); 6] = [
    ("arrays", Err(("/1/10", Unsupported::Null))),
    ("french", Ok(())),
    ("structures", Err(("/1/\n", Unsupported::Fraction))),
    ("unicode", Ok(())),
    ("values", Err(("/numbers/0", Unsupported::Fraction))),
    ("weird", Ok(())),
];

/// RFC 8785, appendix B: the bits of a double and its text; no text where there is no JSON for it.
const NUMBERS: [(u64, Option<&str>); 26] = [
    (0x0000_0000_0000_0000, Some("0")),
    (0x8000_0000_0000_0000, Some("0")),
    (0x0000_0000_0000_0001, Some("5e-324")),
    (0x8000_0000_0000_0001, Some("-5e-324")),
    (0x7fef_ffff_ffff_ffff, Some("1.7976931348623157e+308")),
    (0xffef_ffff_ffff_ffff, Some("-1.7976931348623157e+308")),
    (0x4340_0000_0000_0000, Some("9007199254740992")),
    (0xc340_0000_0000_0000, Some("-9007199254740992")),
    (0x4430_0000_0000_0000, Some("295147905179352830000")),
    (0x7fff_ffff_ffff_ffff, None),
    (0x7ff0_0000_0000_0000, None),
    (0x44b5_2d02_c7e1_4af5, Some("9.999999999999997e+22")),
    (0x44b5_2d02_c7e1_4af6, Some("1e+23")),
    (0x44b5_2d02_c7e1_4af7, Some("1.0000000000000001e+23")),
    (0x444b_1ae4_d6e2_ef4e, Some("999999999999999700000")),
    (0x444b_1ae4_d6e2_ef4f, Some("999999999999999900000")),
    (0x444b_1ae4_d6e2_ef50, Some("1e+21")),
    (0x3eb0_c6f7_a0b5_ed8c, Some("9.999999999999997e-7")),
    (0x3eb0_c6f7_a0b5_ed8d, Some("0.000001")),
    (0x41b3_de43_5555_5553, Some("333333333.3333332")),
    (0x41b3_de43_5555_5554, Some("333333333.33333325")),
    (0x41b3_de43_5555_5555, Some("333333333.3333333")),
    (0x41b3_de43_5555_5556, Some("333333333.3333334")),
    (0x41b3_de43_5555_5557, Some("333333333.33333343")),
    (0xbecb_f647_612f_3696, Some("-0.0000033333333333333333")),
    (0x4314_3ff3_c1cb_0959, Some("1424953923781206.2")),
];

fn vector(folder: &str, file: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/rfc8785");
    let path = path.join(folder).join(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn from_hex(text: &[u8]) -> Vec<u8> {
    let text = str::from_utf8(text).expect("hexadecimal is text");
    let digits: String = text.split_whitespace().collect();
    hex::decode(digits).expect("hexadecimal")
}

#[test]
fn the_writer_gives_every_published_case() {
    let mut run = 0;
    for (name, _) in CASES {
        let input: Value = serde_json::from_slice(&vector("input", &format!("{name}.json")))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = serde_json_canonicalizer::to_vec(&input).expect("it can be written");
        assert_eq!(
            written,
            vector("output", &format!("{name}.json")),
            "{name}, as text"
        );
        let hexadecimal = vector("outhex", &format!("{name}.txt"));
        assert_eq!(written, from_hex(&hexadecimal), "{name}, as hexadecimal");
        run += 1;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/rfc8785/input");
    let published = fs::read_dir(folder).expect("the vectors").count();
    assert_eq!((run, published), (6, 6), "a case was left out");
}

#[test]
fn we_give_the_published_bytes_or_refuse_by_name() {
    let (mut written, mut refused) = (0, 0);
    for (name, expected) in CASES {
        let input = vector("input", &format!("{name}.json"));
        let read = canonical::parse(&input, ParseLimits::DOCUMENT);
        match (read, expected) {
            (Ok(value), Ok(())) => {
                let bytes = canonical::to_bytes(&value).expect("what was read can be written");
                assert_eq!(bytes, vector("output", &format!("{name}.json")), "{name}");
                written += 1;
            }
            (Err(ParseError::Unsupported { pointer, what }), Err(expected)) => {
                assert_eq!((pointer.as_str(), what), expected, "{name}");
                refused += 1;
            }
            (read, expected) => panic!("{name}: {read:?}, not {expected:?}"),
        }
    }
    assert_eq!((written, refused), (3, 3));
}

/// What another reader made of a text is refused on the way out, too.
#[test]
fn what_the_profile_leaves_out_is_not_written_either() {
    let mut run = 0;
    for (name, expected) in CASES {
        let input: Value = serde_json::from_slice(&vector("input", &format!("{name}.json")))
            .expect("the cases are JSON");
        match (canonical::to_bytes(&input), expected) {
            (Ok(bytes), Ok(())) => {
                assert_eq!(bytes, vector("output", &format!("{name}.json")), "{name}");
            }
            // In the order of names: `literals`, with its null, comes before `numbers`.
            (Err(CanonicalError::Unsupported { what, .. }), Err(_)) if name == "values" => {
                assert_eq!(what, Unsupported::Null);
            }
            (Err(CanonicalError::Unsupported { pointer, what }), Err(expected)) => {
                assert_eq!((pointer.as_str(), what), expected, "{name}");
            }
            (written, expected) => panic!("{name}: {written:?}, not {expected:?}"),
        }
        run += 1;
    }
    assert_eq!(run, 6);
}

#[test]
fn the_writer_gives_every_published_number_and_we_refuse_it_as_a_double() {
    let mut run = 0;
    for (bits, text) in NUMBERS {
        let double = f64::from_bits(bits);
        let written = serde_json_canonicalizer::to_vec(&double).ok();
        assert_eq!(written.as_deref(), text.map(str::as_bytes), "{bits:016x}");
        // An infinity or no number at all becomes `null` in serde_json before we see it.
        let expected = match text {
            Some(_) => Unsupported::Fraction,
            None => Unsupported::Null,
        };
        match canonical::to_bytes(&double) {
            Err(CanonicalError::Unsupported { what, .. }) => {
                assert_eq!(what, expected, "{bits:016x}")
            }
            other => panic!("{bits:016x}: {other:?}"),
        }
        run += 1;
    }
    assert_eq!(run, 26);
}

#[test]
fn of_the_published_texts_of_numbers_only_the_small_integers_are_read() {
    let mut seen = [0; 3];
    for text in NUMBERS.iter().filter_map(|(_, text)| *text) {
        let kind = match canonical::parse(text.as_bytes(), ParseLimits::DOCUMENT) {
            Ok(value) => {
                assert_eq!(value, Value::from(0), "{text}");
                0
            }
            Err(ParseError::Unsupported {
                what: Unsupported::LargeInteger,
                ..
            }) => {
                assert!(!text.contains(['.', 'e']), "{text}");
                1
            }
            Err(ParseError::Unsupported {
                what: Unsupported::Fraction,
                ..
            }) => {
                assert!(text.contains(['.', 'e']), "{text}");
                2
            }
            Err(other) => panic!("{text}: {other}"),
        };
        seen[kind] += 1;
    }
    assert_eq!(seen, [2, 5, 17]);
}

/// RFC 8785, §3.2.2 and §3.2.4: the example of the text, to the byte, from the writer underneath.
#[test]
fn the_writer_gives_the_example_of_the_text() {
    let source = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    let published = b"
        7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72
        75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72 73 22 3a
        5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31
        65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d 32 37
        5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30
        30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d";
    let value: Value = serde_json::from_str(source).expect("the example is JSON");
    let written = serde_json_canonicalizer::to_vec(&value).expect("it can be written");
    assert_eq!(written, from_hex(published));
}
