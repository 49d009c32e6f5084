//! Reading and writing sets.

use spans::SpanSet;

#[test]
fn a_set_is_written_as_it_is_read() {
    let set: SpanSet = "0..5,7..9".parse().expect("a set");
    assert_eq!(set.to_string(), "0..5,7..9");
}

#[test]
fn what_is_no_span_is_told() {
    let error = "0..5,9..7".parse::<SpanSet>().expect_err("it is refused");
    assert_eq!(error.to_string(), "`9..7` is no span");
}
