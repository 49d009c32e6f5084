//! From when until when it must last, and what is known of it.

use super::*;

#[test]
fn the_ends_of_the_window_belong_to_it() {
    let later = |at| export(&[ANCHOR, ("2", at, "x", r#""v":"2""#)]);
    let params = small();
    for (at, forbidden) in [("01T12", Fail), ("03T12", Fail), ("03T13", Pass)] {
        assert_eq!(of(&params, later(at)), [Pass, Pass, forbidden], "{at}");
    }
    // At the instant of the anchor, and before it in the export.
    let before = export(&[("2", "01T12", "x", r#""v":"2""#), ANCHOR]);
    assert_eq!(of(&params, before), [Pass, Pass, Pass]);
}

/// Newest first, which of two events at one instant came first is not said; so it is not held against anybody.
#[test]
fn an_export_in_the_wrong_order_still_shows_what_it_shows() {
    let (x, n) = (
        ("2", "02T00", "x", r#""v":"2""#),
        ("3", "02T01", "n", r#""n":1"#),
    );
    assert_eq!(
        of(&small(), export(&[n, x, ANCHOR])),
        [Inconclusive, Pass, Fail]
    );
    let tie = ("2", "01T12", "x", r#""v":"2""#);
    assert_eq!(
        of(&small(), export(&[n, ANCHOR, tie])),
        [Inconclusive, Pass, Inconclusive]
    );
}

/// Of an export that is cut off, the anchor may be another one: an event counts where it lies in the window either way.
#[test]
fn what_is_missing_is_not_held_against_the_supplier() {
    let cut = |events: &[_]| export(events).replace("\"events\":2", "\"events\":3");
    let early = ("2", "02T23", "x", r#""v":"2""#);
    assert_eq!(
        of(&small(), cut(&[ANCHOR, early])),
        [Inconclusive, Inconclusive, Fail]
    );
    let late = ("2", "03T01", "x", r#""v":"2""#);
    assert_eq!(
        of(&small(), cut(&[ANCHOR, late])),
        [Inconclusive, Inconclusive, Inconclusive]
    );
    let mut supplied = small();
    supplied["delivered_by"] = json!("supplier");
    assert_eq!(of(&supplied, cut(&[ANCHOR, late])), [Fail, Fail, Fail]);
    // A comparison with an anchor that may be another one says nothing.
    let mut same = small();
    same["forbidden"][0]["where"] = json!({"v": {"same_as": "v"}});
    let same_value = ("2", "02T23", "x", r#""v":"1""#);
    assert_eq!(of(&same, export(&[ANCHOR, same_value])), [Pass, Pass, Fail]);
    assert_eq!(of(&same, export(&[ANCHOR, early])), [Pass, Pass, Pass]);
    assert_eq!(of(&same, cut(&[ANCHOR, same_value]))[2], Inconclusive);
}

/// What had to come within a day has not, and the rest of the window changes nothing of that.
#[test]
fn a_deadline_that_is_over_needs_no_whole_window() {
    let mut params = small();
    params["required"] = json!([{"type": "n", "within_seconds": 86_400}]);
    let until = |day: &str, events: &[_]| {
        let export = export(events).replace("-05T00:00:00Z", &format!("-{day}:00:00Z"));
        sealed(export.as_bytes())
    };
    assert_eq!(
        of(&params, until("02T13", &[ANCHOR])),
        [Inconclusive, Fail, Inconclusive]
    );
    assert_eq!(
        of(&params, until("02T11", &[ANCHOR])),
        [Inconclusive, Inconclusive, Inconclusive]
    );
    let n = ("2", "02T12", "n", r#""n":1"#);
    assert_eq!(
        of(&params, until("02T13", &[ANCHOR, n])),
        [Inconclusive, Pass, Inconclusive]
    );
    let n = ("2", "02T13", "n", r#""n":1"#);
    assert_eq!(
        of(&params, until("05T00", &[ANCHOR, n])),
        [Pass, Fail, Pass]
    );
}

#[test]
fn whoever_waits_is_answered_in_time() {
    let mut params = small();
    params["forbidden"][0]["at_most"] = json!(9);
    params["required"] =
        json!([{"type": "n", "after_each": {"type": "x"}, "within_seconds": 7_200}]);
    let (x, n) = (r#""v":"2""#, r#""n":1"#);
    let asked = |events: &[(&'static str, &'static str)]| {
        let rows = events.iter().enumerate().map(|(at, (kind, when))| {
            let id = ["2", "3", "4", "5", "6"][at];
            (id, *when, *kind, if *kind == "x" { x } else { n })
        });
        let rows: Vec<_> = std::iter::once(ANCHOR).chain(rows).collect();
        of(&params, export(&rows))[1]
    };
    assert_eq!(asked(&[("x", "02T00"), ("n", "02T02")]), Pass);
    assert_eq!(asked(&[("x", "02T00"), ("n", "02T03")]), Fail);
    assert_eq!(
        asked(&[("x", "02T00"), ("x", "02T01"), ("n", "02T02")]),
        Pass
    );
    assert_eq!(
        asked(&[
            ("x", "02T00"),
            ("n", "02T01"),
            ("x", "02T05"),
            ("n", "02T08")
        ]),
        Fail
    );
    assert_eq!(asked(&[("n", "02T00"), ("x", "02T01")]), Fail);
    // There is time until after the window.
    assert_eq!(asked(&[("x", "03T11")]), Pass);
    assert_eq!(asked(&[("x", "03T10")]), Fail);
}
