//! SHA-256 digests: the identity of everything.

use std::fmt;
use std::io;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// What the text form starts with.
const PREFIX: &str = "sha256:";

/// A SHA-256 digest. Its only text form is `sha256:` and 64 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// Text that is not a digest. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// The text does not start with `sha256:`.
    #[error("a digest starts with `sha256:`")]
    Prefix,
    /// There are not exactly 64 digits.
    #[error("a SHA-256 digest has 64 hexadecimal digits")]
    Length,
    /// A character is not one of `0-9 a-f`. Uppercase is refused, so that equal digests are equal texts.
    #[error("a digest is written in lowercase hexadecimal digits")]
    Digit,
}

impl Digest {
    /// The digest of `bytes`.
    ///
    /// ```
    /// let empty = proofmark_core::Digest::of(b"");
    /// assert!(empty.to_string().starts_with("sha256:e3b0c442"));
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest that was computed elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 digits without the prefix.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

/// The text form of a digest. Written so often that it is worth not to allocate.
struct Text([u8; PREFIX.len() + 64]);

impl Text {
    fn of(digest: &Digest) -> Self {
        let mut text = [0; PREFIX.len() + 64];
        let (prefix, digits) = text.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX.as_bytes());
        hex::encode_to_slice(digest.0, digits).expect("two digits for each byte");
        Self(text)
    }

    fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("ASCII")
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::of(self).as_str())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let digits = text.strip_prefix(PREFIX).ok_or(DigestError::Prefix)?;
        if digits.len() != 64 {
            return Err(DigestError::Length);
        }
        // `hex` also takes uppercase.
        if !digits
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        {
            return Err(DigestError::Digit);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| DigestError::Digit)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(Text::of(self).as_str()),
            false => serializer.serialize_bytes(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Digest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a digest (`sha256:` and 64 lowercase hexadecimal digits)")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Digest, E> {
                bytes
                    .try_into()
                    .map(Digest)
                    .map_err(|_| E::invalid_length(bytes.len(), &self))
            }
        }
        match deserializer.is_human_readable() {
            true => deserializer.deserialize_str(Reader),
            false => deserializer.deserialize_bytes(Reader),
        }
    }
}

/// Computes a [`Digest`] piece by piece, for bytes that are never in memory at once.
///
/// As an [`io::Write`] it takes everything and never fails, so `io::copy` can feed it.
#[derive(Clone, Debug, Default)]
pub struct Digester(Sha256);

impl Digester {
    /// A digester that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes taken.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl io::Write for Digester {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_published_vector_holds() {
        assert_eq!(Digest::of(b"abc").to_string(), ABC);
        assert_eq!(format!("{:?}", Digest::of(b"abc")), ABC);
    }

    #[test]
    fn only_one_spelling_is_accepted() {
        let digits = &ABC[PREFIX.len()..];
        let cases = [
            (digits.to_owned(), DigestError::Prefix),
            (format!("SHA256:{digits}"), DigestError::Prefix),
            (
                format!("sha256:{}", digits.to_uppercase()),
                DigestError::Digit,
            ),
            (format!("sha256:{}", &digits[1..]), DigestError::Length),
            (format!("sha256:{digits}0"), DigestError::Length),
            (format!("sha256: {}", &digits[1..]), DigestError::Digit),
            (format!("sha256:{}", "é".repeat(32)), DigestError::Digit),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Digest>(), Err(error), "{text}");
        }
        assert_eq!(ABC.parse(), Ok(Digest::of(b"abc")));
    }

    #[test]
    fn serde_uses_the_text_form() -> Result<(), serde_json::Error> {
        let json = serde_json::to_string(&Digest::of(b"abc"))?;
        assert_eq!(json, format!("\"{ABC}\""));
        assert_eq!(serde_json::from_str::<Digest>(&json)?, Digest::of(b"abc"));
        assert!(serde_json::from_str::<Digest>("\"sha256:00\"").is_err());
        Ok(())
    }

    proptest! {
        #[test]
        fn pieces_give_the_digest_of_the_whole(pieces in proptest::collection::vec(any::<Vec<u8>>(), 0..8)) {
            let mut digester = Digester::new();
            for piece in &pieces {
                digester.write_all(piece)?;
            }
            prop_assert_eq!(digester.finish(), Digest::of(&pieces.concat()));
        }
    }
}
