//! Inserting, removing and looking up.

use spans::{Span, SpanSet};

fn span(start: i64, end: i64) -> Span {
    Span::new(start, end).expect("not empty")
}

fn set(text: &str) -> SpanSet {
    text.parse().expect("a set")
}

#[test]
fn spans_that_touch_are_joined() {
    let mut set = set("0..5,7..9");
    set.insert(span(5, 7));
    assert_eq!(set.to_string(), "0..9");
}

#[test]
fn spans_stay_in_order() {
    let mut set = set("10..12");
    set.insert(span(0, 2));
    set.insert(span(5, 6));
    assert_eq!(set.to_string(), "0..2,5..6,10..12");
}

#[test]
fn the_beginning_of_a_span_is_removed() {
    let mut set = set("0..10");
    set.remove(span(0, 4));
    assert_eq!(set.to_string(), "4..10");
}

#[test]
fn the_end_of_a_span_is_removed() {
    let mut set = set("0..10");
    set.remove(span(6, 12));
    assert_eq!(set.to_string(), "0..6");
}

#[test]
fn points_are_found() {
    let set = set("0..5,7..9");
    assert!(set.contains(4) && set.contains(7));
    assert!(!set.contains(5) && !set.contains(9));
}
