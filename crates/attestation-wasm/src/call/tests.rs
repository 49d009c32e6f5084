use super::*;

const FACTS: &[u8] = br#"{"now":"2026-01-01T00:00:00Z"}"#;

fn call(parts: [&[u8]; 4]) -> serde_json::Value {
    let mut call = Call::default();
    let kinds = [Part::Bundle, Part::Policy, Part::Facts, Part::Pin];
    for (part, bytes) in kinds.into_iter().zip(parts) {
        let room = call.room(part, bytes.len());
        let fits = room.len();
        room.copy_from_slice(&bytes[..fits]);
    }
    assert_eq!(call.answer(), "");
    let answer = call.verify().to_owned();
    assert_eq!(call.answer(), answer);
    serde_json::from_str(&answer).expect("an answer is JSON")
}

fn failed_rule(answer: &serde_json::Value) -> &str {
    answer["answer"]["failure"]["rule"]
        .as_str()
        .expect("a failure")
}

#[test]
fn every_number_is_the_part_of_its_place() {
    let parts = [
        Part::Bundle,
        Part::Policy,
        Part::Facts,
        Part::Pin,
        Part::Remembered,
        Part::Criteria,
        Part::Submission,
        Part::Known,
    ];
    for (number, part) in (0..).zip(parts) {
        assert_eq!(Part::of_number(number), Some(part));
        assert_eq!(part as u32, number);
    }
    assert_eq!(Part::of_number(7), Some(Part::Known));
    assert_eq!(Part::of_number(8), None);
    assert_eq!(Part::of_number(u32::MAX), None);
}

#[test]
fn an_answer_is_the_library_s() {
    let answer = call([b"{}", b"{}", FACTS, b""]);
    let expected = verify_json(&Request {
        bundle: b"{}",
        policy: b"{}",
        facts: FACTS,
        ..Request::default()
    });
    let expected = expected.expect("the facts can be read");
    assert_eq!(answer, json!({ "answer": expected }));
    assert_eq!(failed_rule(&answer), "parse");
}

#[test]
fn what_is_cut_off_is_too_large_still() {
    let huge = vec![b' '; PART_LIMIT_BYTES + 1_000];
    assert_eq!(failed_rule(&call([&huge, b"{}", FACTS, b""])), "size");
    let mut call = Call::default();
    assert_eq!(call.room(Part::Policy, usize::MAX).len(), PART_LIMIT_BYTES);
}

#[test]
fn mistakes_of_the_caller_are_no_answers() {
    let cases: [([&[u8]; 4], &str); 4] = [
        ([b"{}", b"{}", b"", b""], "facts: "),
        ([b"{}", b"{}", br#"{"now":"yesterday"}"#, b""], "facts: "),
        ([b"{}", b"{}", FACTS, b"sha256:1"], "pin: "),
        ([b"{}", b"{}", FACTS, b"\xff"], "pin: "),
    ];
    for (parts, beginning) in cases {
        let answer = call(parts);
        let error = answer["error"].as_str().expect("an error");
        assert!(error.starts_with(beginning), "{error}");
        assert_eq!(answer.get("answer"), None);
    }
}

#[test]
fn parts_stay_until_they_are_replaced() {
    let mut call = Call::default();
    call.room(Part::Facts, FACTS.len()).copy_from_slice(FACTS);
    let first = call.verify().to_owned();
    assert_eq!(call.verify(), first);
    call.room(Part::Facts, 0);
    assert!(call.verify().starts_with(r#"{"error":"#));
}

#[test]
fn what_is_known_beside_is_read_and_forgotten() {
    let mut call = Call::default();
    call.room(Part::Facts, FACTS.len()).copy_from_slice(FACTS);
    for (part, name) in [
        (Part::Remembered, "remembered"),
        (Part::Criteria, "criteria"),
        (Part::Submission, "submission"),
        (Part::Known, "known"),
    ] {
        call.room(part, 1);
        let error: serde_json::Value = serde_json::from_str(call.verify()).expect("JSON");
        let error = error["error"].as_str().expect("an error");
        assert!(error.starts_with(&format!("{name}: ")), "{error}");
        call.forget();
        call.room(Part::Facts, FACTS.len()).copy_from_slice(FACTS);
        assert!(call.verify().starts_with(r#"{"answer":"#));
    }
}

#[test]
fn an_empty_known_bundle_is_a_mistake_and_forgets_nothing() {
    let mut call = Call::default();
    call.room(Part::Facts, FACTS.len()).copy_from_slice(FACTS);
    call.room(Part::Known, 0);
    assert!(call.verify().starts_with(r#"{"error":"known: "#));
}

#[test]
fn the_exports_lead_to_one_call() {
    assert!(crate::proofmark_part(8, 10).is_null());
    assert!(!crate::proofmark_part(0, 10).is_null());
    assert_eq!(crate::proofmark_part_limit(), PART_LIMIT_BYTES);
    let length = crate::proofmark_verify();
    let expected = Call::default().verify().len();
    assert_eq!(length, expected, "the facts are missing");
    assert!(!crate::proofmark_answer().is_null());
    crate::proofmark_forget();
}
