//! What the browser needs to verify by itself: our script, the wrapper and the module, each under a name that tells its
//! content, so that whoever has it need not ask again.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// A year: what has this name never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A file as it is sent.
pub(crate) struct File {
    /// Its name, with the beginning of its digest.
    pub(crate) name: &'static str,
    /// SHA-256 of the whole, for whoever wants to compare.
    pub(crate) digest: &'static str,
    plain: &'static [u8],
    packed: &'static [u8],
}

/// The module that verifies in a browser, as it is served.
#[must_use]
pub const fn verifier() -> &'static [u8] {
    PROOFMARK_WASM.plain
}

pub(crate) async fn send(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let all = [&PROOFMARK_WASM, &PROOFMARK_MJS, &VERDICT_MJS];
    let Some(file) = all.into_iter().find(|file| file.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let packed = accepts_gzip(&headers);
    let body = if packed { file.packed } else { file.plain };
    let mut answer = body.into_response();
    let own = answer.headers_mut();
    own.insert(header::CONTENT_TYPE, content_type(file.name));
    own.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    own.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if packed {
        own.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    answer
}

fn content_type(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.ends_with(".wasm") {
        true => "application/wasm",
        false => "text/javascript; charset=utf-8",
    })
}

/// `gzip` named, and not with a weight of nothing.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    let accepted = accepted.filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| {
        let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused = weight.trim().trim_start_matches("q=").parse() == Ok(0.0_f32);
        coding.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_the_same() {
        use std::io::Read as _;
        for file in [&PROOFMARK_WASM, &PROOFMARK_MJS, &VERDICT_MJS] {
            let mut unpacked = Vec::new();
            let mut reader = flate2::read::GzDecoder::new(file.packed);
            reader.read_to_end(&mut unpacked).expect("gzip");
            assert!(unpacked == file.plain, "{}", file.name);
            let digest = proofmark_core::Digest::of(file.plain).to_string();
            assert_eq!(digest, file.digest);
            let (_, hex) = digest.split_once(':').expect("a digest");
            assert!(file.name.contains(&hex[..16]), "{}", file.name);
        }
        let script = str::from_utf8(VERDICT_MJS.plain).expect("text");
        for named in [&PROOFMARK_WASM, &PROOFMARK_MJS] {
            assert!(
                script.contains(named.name),
                "the script names {}",
                named.name
            );
        }
    }

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        for (value, expected) in [
            ("gzip, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip;q=0.000", false),
            ("identity", false),
        ] {
            let value = HeaderValue::from_static(value);
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, value)]);
            assert_eq!(accepts_gzip(&headers), expected, "{headers:?}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
