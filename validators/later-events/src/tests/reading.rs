//! What an export says, to every reader.

use super::*;

/// An event is one event, however often it is told, and a line says one thing to every reader.
#[test]
fn an_export_says_one_thing() {
    let x = ("2", "02T00", "x", r#""v":"2""#);
    let mut params = small();
    params["forbidden"][0]["at_most"] = json!(1);
    assert_eq!(
        of(&params, export(&[ANCHOR, x, x])),
        [Inconclusive, Inconclusive, Inconclusive]
    );
    for rest in [
        r#""v":"2","v":"3""#,
        r#""v":"2","type":"n""#,
        r#""v":"2","w":null"#,
        r#""v":["2"]"#,
        r#""v":null"#,
        r#""v":"2 ""#,
        r#""w":"2""#,
    ] {
        let row = ("2", "02T00", "x", rest);
        assert_eq!(
            of(&small(), export(&[ANCHOR, row]))[0],
            Inconclusive,
            "{rest}"
        );
    }
    for (was, is) in [
        (r#""type":"x""#, r#""type":"X""#),
        (r#""type":"x""#, r#""type":"х""#),
        (r#""type":"x""#, r#""type":"x\u200b""#),
        (r#""id":"2""#, r#""id":"2\u200b""#),
        (r#""id":"2""#, r#""id":2"#),
        (r#""subject":"s","type":"x""#, r#""subject":"S","type":"x""#),
        (
            r#""at":"2026-01-02T00:00:00Z""#,
            r#""at":"2026-01-02 00:00:00Z""#,
        ),
    ] {
        let other = export(&[ANCHOR, x]).replace(was, is);
        let found = of(&small(), sealed(other.as_bytes()));
        assert_eq!((found[0], found[2]), (Inconclusive, Inconclusive), "{is}");
    }
    // Escaped, it is the same text.
    let escaped = export(&[ANCHOR, x]).replace(r#""type":"x""#, r#""\u0074ype":"\u0078""#);
    assert_eq!(of(&small(), sealed(escaped.as_bytes())), [Pass, Pass, Fail]);
}

#[test]
fn a_header_is_of_one_form() {
    let good = export(&[ANCHOR]);
    assert_eq!(of(&small(), &good), [Pass, Pass, Pass]);
    let (first, rest) = good.split_once('\n').expect("lines");
    let header: Value = serde_json::from_str(first).expect("JSON");
    let values: Vec<_> = header.as_object().expect("an object").values().collect();
    let listed = json!(values).to_string();
    let twice = first.replacen('{', r#"{"complete":true,"#, 1);
    let noted = first.replacen('{', r#"{"note":"x","#, 1);
    let backwards = first.replace("2026-01-01T", "2026-02-01T");
    let other = first.replace("later-events/v1", "later-events/v2");
    for first in [
        listed,
        twice,
        noted,
        backwards,
        other,
        "{}".to_owned(),
        String::new(),
    ] {
        let found = of(&small(), format!("{first}\n{rest}"));
        assert_eq!(found, [Inconclusive; 3], "{first}");
    }
}

/// Whoever can make events come, cannot keep one from being seen by making many.
#[test]
fn a_flood_hides_nothing() {
    let mut params = small();
    params["max_events"] = json!(3);
    let ids: Vec<_> = (10..99).map(|id| id.to_string()).collect();
    let mut rows = vec![ANCHOR];
    rows.extend(ids.iter().map(|id| (id.as_str(), "01T13", "n", r#""n":1"#)));
    rows.push(("2", "03T00", "x", r#""v":"2""#));
    assert_eq!(of(&params, export(&rows)), [Inconclusive, Pass, Fail]);
    let long = format!("\n{}\n", "x".repeat(300_000));
    let broken = export(&rows).replacen('\n', &long, 1);
    assert_eq!(of(&params, sealed(broken.as_bytes()))[2], Fail);
}
