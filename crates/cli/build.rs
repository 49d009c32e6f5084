//! Rebuilds the binary when a file that is embedded in it changes: the embedding macro cannot tell Cargo.

fn main() {
    for embedded in [
        "../../examples",
        "../../wit",
        "../validator-sdk",
        "template",
    ] {
        println!("cargo::rerun-if-changed={embedded}");
    }
}
