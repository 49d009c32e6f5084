//! Names of keys, and keys with their names.

use std::fmt;
use std::str::FromStr;

use proofmark_core::Digest;
use proofmark_keys::{KeyError, PublicKey};

use crate::lines;

/// Longest name in bytes: what the ML-DSA-44 cosignature, which signs names, has room for.
pub const MAX_NAME_BYTES: usize = 255;

/// What a key is called in notes: a URL without a scheme, as a rule. Not empty, without spaces, `+` and
/// control characters, at most [`MAX_NAME_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

/// Text that is no [`KeyName`]. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the name of a key is 1 to {MAX_NAME_BYTES} bytes without spaces, `+` and control characters"
)]
pub struct KeyNameError;

impl KeyNameError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "note-key-name"
    }
}

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// 0x01: the text of notes.
    Ed25519,
    /// 0x04: checkpoints of logs that it watches, with the time (`cosignature/v1`).
    Cosignature,
}

/// A public key, its name, and what it signs. Its text form, a "vkey", is the name, the id in hexadecimal
/// digits, and the type byte and the key in base64, with `+` between them.
#[derive(Clone, PartialEq, Eq)]
pub struct NoteKey {
    name: KeyName,
    kind: KeyKind,
    public: PublicKey,
    id: [u8; 4],
}

/// Text that is no [`NoteKey`]. Whoever wrote it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteKeyError {
    /// Not `name+hex+base64`.
    #[error("a key of a log or witness is written as name+hex+base64")]
    Malformed,
    /// The name is none.
    #[error("the name in the key is none")]
    Name(#[source] KeyNameError),
    /// Another algorithm.
    #[error("keys of type 0x{0:02x} are not supported")]
    Kind(u8),
    /// The id is not the one that follows from name, type and key.
    #[error("the id in the key is not its own")]
    Id,
    /// The key itself is not acceptable.
    #[error("the public key in it is not acceptable")]
    Key(#[source] KeyError),
}

impl NoteKeyError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "note-key-malformed",
            Self::Name(error) => error.code(),
            Self::Kind(_) => "note-key-kind",
            Self::Id => "note-key-id",
            Self::Key(error) => error.code(),
        }
    }
}

impl KeyName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        let foreign = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        match text.is_empty() || text.len() > MAX_NAME_BYTES || text.contains(foreign) {
            true => Err(KeyNameError),
            false => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl KeyKind {
    /// The byte that stands for it.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    const fn of_byte(byte: u8) -> Result<Self, NoteKeyError> {
        match byte {
            0x01 => Ok(Self::Ed25519),
            0x04 => Ok(Self::Cosignature),
            other => Err(NoteKeyError::Kind(other)),
        }
    }
}

impl NoteKey {
    /// A key under a name.
    #[must_use]
    pub fn new(name: KeyName, kind: KeyKind, public: PublicKey) -> Self {
        let id = id(&name, kind, &public);
        Self {
            name,
            kind,
            public,
            id,
        }
    }

    /// The key of a log, which signs its checkpoints. The name is the log's origin.
    #[must_use]
    pub fn log(name: KeyName, public: PublicKey) -> Self {
        Self::new(name, KeyKind::Ed25519, public)
    }

    /// The key of a witness, which cosigns checkpoints. What it signs does not say its name, so that one key
    /// must not have two.
    #[must_use]
    pub fn witness(name: KeyName, public: PublicKey) -> Self {
        Self::new(name, KeyKind::Cosignature, public)
    }

    /// What it is called.
    #[must_use]
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key itself.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The first bytes of SHA-256(name || 0x0A || type || key). A hint and no proof of anything.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }
}

fn id(name: &KeyName, kind: KeyKind, public: &PublicKey) -> [u8; 4] {
    let tail = [&[b'\n', kind.byte()], &public.as_bytes()[..]].concat();
    let digest = Digest::of(&[name.as_str().as_bytes(), &tail].concat());
    let [a, b, c, d, ..] = *digest.as_bytes();
    [a, b, c, d]
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id);
        let key = [&[self.kind.byte()], &self.public.as_bytes()[..]].concat();
        write!(f, "{}+{id:08x}+{}", self.name, lines::to_base64(&key))
    }
}

impl fmt::Debug for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteKey({self})")
    }
}

impl FromStr for NoteKey {
    type Err = NoteKeyError;

    fn from_str(text: &str) -> Result<Self, NoteKeyError> {
        // Base64 may have a `+` too, names may not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hex), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteKeyError::Malformed);
        };
        let name = name.parse().map_err(NoteKeyError::Name)?;
        let key = lines::from_base64(key).ok_or(NoteKeyError::Malformed)?;
        let (kind, key) = key.split_first().ok_or(NoteKeyError::Malformed)?;
        let kind = KeyKind::of_byte(*kind)?;
        let key = Self::new(
            name,
            kind,
            PublicKey::from_bytes(key).map_err(NoteKeyError::Key)?,
        );
        match hex == format!("{:08x}", u32::from_be_bytes(key.id)) {
            true => Ok(key),
            false => Err(NoteKeyError::Id),
        }
    }
}
