//! Policy texts: what is written, what is read, and what is enough.

use proofmark_keys::{SecretKey, Signer as _};
use proofmark_tlog::note::{KeyName, NoteKey};
use proofmark_tlog::policy::{Group, LogLine, Policy};
use proptest::prelude::*;

fn name(text: &str) -> KeyName {
    text.parse().expect("a name")
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn log() -> NoteKey {
    NoteKey::log(name("example.com/log"), *secret(1).public_key())
}

fn witness(seed: u8) -> NoteKey {
    NoteKey::witness(
        name(&format!("example.com/w{seed}")),
        *secret(seed).public_key(),
    )
}

#[test]
fn policies_are_written_as_specified() {
    let logs = || {
        vec![LogLine {
            key: log(),
            url: Some("https://example.com/log".to_owned()),
        }]
    };
    let policy = Policy::threshold(logs(), [2, 3, 4].map(witness), 2).expect("it makes sense");
    let text = policy.to_string();
    let expected = format!(
        "log {} https://example.com/log\nwitness w1 {}\nwitness w2 {}\nwitness w3 {}\n\
         group quorum 2 w1 w2 w3\nquorum quorum\n",
        log(),
        witness(2),
        witness(3),
        witness(4)
    );
    assert_eq!(text, expected);
    assert_eq!(text.parse(), Ok(policy.clone()));
    assert!(policy.is_met_by(&[&witness(4), &witness(2)]));
    assert!(!policy.is_met_by(&[&witness(4), &witness(4)]));
    assert!(!policy.is_met_by(&[&witness(4), &witness(5)]));
    let none = Policy::threshold(logs(), [], 0).expect("it makes sense");
    assert!(none.to_string().ends_with("quorum none\n"));
    assert!(none.is_met_by(&[]));
    let refused = Policy::threshold(logs(), [witness(2)], 2).expect_err("more than there are");
    assert_eq!(refused.code(), "tlog-policy-threshold");
}

/// The example of the specification, with keys.
fn two_levels() -> String {
    let keys: Vec<_> = (2..8).map(witness).collect();
    format!(
        "# comment\n\n log {}\nwitness X1 {}\nwitness\tX2  {} \nwitness X3 {} https://w.example\n\
         group X-witnesses 2 X1 X2 X3\nwitness Y1 {}\nwitness Y2 {}\nwitness Y3 {}\n\
         group Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
        log(),
        keys[0],
        keys[1],
        keys[2],
        keys[3],
        keys[4],
        keys[5]
    )
}

#[test]
fn the_policy_of_the_specification_means_what_it_says() {
    let policy: Policy = two_levels().parse().expect("a policy");
    assert_eq!(policy.to_string().parse(), Ok(policy.clone()));
    let met = |seeds: &[u8]| {
        let keys: Vec<_> = seeds.iter().map(|seed| witness(*seed)).collect();
        policy.is_met_by(&keys.iter().collect::<Vec<_>>())
    };
    assert!(met(&[2, 3, 5]) && met(&[2, 4, 7]) && met(&[2, 3, 4, 5, 6, 7]));
    assert!(!met(&[2, 5, 6, 7]) && !met(&[2, 3, 4]) && !met(&[]));
}

#[test]
fn policies_that_make_no_sense_are_refused() {
    let good = two_levels();
    let cases = [
        (good.replace("quorum X-and-Y\n", ""), "tlog-policy-line"),
        (format!("{good}quorum none\n"), "tlog-policy-line"),
        (
            good.replace("quorum X-and-Y", "quorum Z"),
            "tlog-policy-line",
        ),
        (good.trim_end().to_owned(), "tlog-policy-line"),
        (good.replace('\n', "\r\n"), "tlog-policy-line"),
        (
            good.replace("group X-witnesses 2", "group X-witnesses 0"),
            "tlog-policy-threshold",
        ),
        (
            good.replace("group X-witnesses 2", "group X-witnesses 4"),
            "tlog-policy-threshold",
        ),
        (
            good.replace("group X-witnesses 2", "group X-witnesses 02"),
            "tlog-policy-line",
        ),
        (good.replace("2 X1 X2 X3", "1"), "tlog-policy-threshold"),
        (
            good.replace("2 X1 X2 X3", "2 X1 X2 X2"),
            "tlog-policy-member-twice",
        ),
        (
            good.replace("any Y1 Y2 Y3", "any Y1 Y2 X3"),
            "tlog-policy-member-twice",
        ),
        (
            good.replace("any Y1 Y2 Y3", "any Y1 Y2 none"),
            "tlog-policy-line",
        ),
        (
            good.replace("any Y1 Y2 Y3", "any Y1 Y2 X-and-Y"),
            "tlog-policy-line",
        ),
        (
            good.replace("group Y-witnesses any", "group Y1 any")
                .replace("X-witnesses Y-witnesses", "X-witnesses Y1"),
            "tlog-policy-name-twice",
        ),
        (
            good.replace("witness Y1", "witness none"),
            "tlog-policy-line",
        ),
        (
            good.replace(&witness(5).to_string(), &witness(2).to_string()),
            "tlog-policy-key-twice",
        ),
        (
            good.replace(&witness(5).to_string(), &log().to_string()),
            "note-key-kind",
        ),
        (
            good.replace(&log().to_string(), &witness(5).to_string()),
            "note-key-kind",
        ),
        (good.replace("group X-w", "gruppe X-w"), "tlog-policy-line"),
        (good.replace("https://w.example", "a b"), "tlog-policy-line"),
        (
            format!("{}{good}", "#\n".repeat(70_000)),
            "tlog-policy-too-large",
        ),
    ];
    for (text, code) in &cases {
        let refused = text.parse::<Policy>().expect_err(text);
        assert_eq!(refused.code(), *code, "{refused}: {text}");
    }
    assert_eq!(cases.len(), 21);
    let group = Group {
        name: "a b".to_owned(),
        threshold: 1,
        members: Vec::new(),
    };
    let refused = Policy::new(Vec::new(), Vec::new(), vec![group], None).expect_err("a space");
    assert_eq!(refused.code(), "tlog-policy-word");
    let many =
        (0..33).map(|seed| NoteKey::log(name(&format!("l{seed}")), *secret(seed).public_key()));
    let many = many.map(|key| LogLine { key, url: None }).collect();
    let refused = Policy::new(many, Vec::new(), Vec::new(), None).expect_err("too many");
    assert_eq!(refused.code(), "tlog-policy-too-large");
}

proptest! {
    #[test]
    fn so_many_of_so_many_are_enough(count in 1_usize..8, threshold in 1_usize..8, mask in any::<u8>()) {
        let keys: Vec<_> = (2..).take(count).map(witness).collect();
        let policy = Policy::threshold(Vec::new(), keys.clone(), threshold);
        prop_assert_eq!(policy.is_ok(), threshold <= count);
        if let Ok(policy) = policy {
            prop_assert_eq!(policy.to_string().parse(), Ok(policy.clone()));
            let signed = keys.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
            let signed: Vec<_> = signed.map(|(_, key)| key).collect();
            prop_assert_eq!(policy.is_met_by(&signed), signed.len() >= threshold);
        }
    }

    #[test]
    fn any_text_is_a_policy_or_none(text in "(log|witness|group|quorum|none|all|[a-z0-9 \t\n#+]){0,20}") {
        if let Ok(policy) = text.parse::<Policy>() {
            prop_assert_eq!(policy.to_string().parse(), Ok(policy));
        }
    }
}
