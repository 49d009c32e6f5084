//! Joins the spans given as arguments: `cargo run --example merge 0..5 5..9`.

use spans::SpanSet;

fn main() {
    let text = std::env::args().skip(1).collect::<Vec<_>>().join(",");
    match text.parse::<SpanSet>() {
        Ok(set) => println!("{set}"),
        Err(error) => eprintln!("{error}"),
    }
}
