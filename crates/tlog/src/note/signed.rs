//! The text form of a signed note.

use std::fmt;

use super::KeyName;
use crate::lines;

/// Longest note in bytes: 128 KiB. 16 signatures of 5 KB, which the specification wants room for, and text.
pub const MAX_NOTE_BYTES: usize = 128 << 10;

/// Most signatures of one note; the specification wants at least 16.
pub const MAX_SIGNATURES: usize = 64;

/// What each signature line starts with: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// A text and the signatures that stand under it: a claim until [`SignedNote::verify`] has tried them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One line under a note.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteSignature {
    /// Whose it claims to be.
    pub name: KeyName,
    /// The id of the key whose it claims to be.
    pub id: [u8; 4],
    /// The signature, in the form of its type; at least one byte.
    pub bytes: Vec<u8>,
}

/// Bytes that are no signed note. Whoever made them is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More than [`MAX_NOTE_BYTES`].
    #[error("a note has at most {MAX_NOTE_BYTES} bytes")]
    TooLarge,
    /// Not UTF-8, or with a control character besides the newline.
    #[error("a note is UTF-8 text without control characters")]
    Characters,
    /// The text does not end in a newline, or no empty line and no signature follow it.
    #[error("a note is a text that ends in a newline, an empty line, and signatures")]
    Structure,
    /// A line under the text is not a dash, a name and canonical base64 of more than 4 bytes, in one spelling.
    #[error("a line under the note is no signature")]
    SignatureLine,
    /// There are none, or more than [`MAX_SIGNATURES`].
    #[error("a note has 1 to {MAX_SIGNATURES} signatures")]
    SignatureCount,
}

impl NoteError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "note-too-large",
            Self::Characters => "note-characters",
            Self::Structure => "note-malformed",
            Self::SignatureLine => "note-signature-malformed",
            Self::SignatureCount => "note-signature-count",
        }
    }
}

impl SignedNote {
    /// A text with these signatures, none of which is tried.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<Self, NoteError> {
        check_text(&text)?;
        check_count(signatures.len())?;
        if signatures
            .iter()
            .any(|signature| signature.bytes.is_empty())
        {
            return Err(NoteError::SignatureLine);
        }
        let note = Self { text, signatures };
        match note.to_string().len() <= MAX_NOTE_BYTES {
            true => Ok(note),
            false => Err(NoteError::TooLarge),
        }
    }

    /// Reads a note. What it gives is written again as the same bytes.
    ///
    /// # Errors
    /// [`NoteError`]. Whether the signatures verify is not looked at.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        check_characters(note)?;
        // The text may have empty lines too: the last one counts.
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(NoteError::Structure)?;
        let signatures = parse_signature_lines(signatures)?;
        Ok(Self {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// What is signed, its last newline included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// As they stand there; none of them has been tried.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Puts a signature under the others. One that stands there already is not put there twice; another one
    /// of the same key replaces the older one.
    ///
    /// # Errors
    /// [`NoteError`] where the note gets too long; then nothing has changed.
    pub fn attach(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        let mut signatures = self.signatures.clone();
        let same =
            |one: &&mut NoteSignature| (&one.name, one.id) == (&signature.name, signature.id);
        match signatures.iter_mut().find(same) {
            Some(older) => *older = signature,
            None => signatures.push(signature),
        }
        *self = Self::new(self.text.clone(), signatures)?;
        Ok(())
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for signature in &self.signatures {
            writeln!(f, "{signature}")?;
        }
        Ok(())
    }
}

/// The line without its newline.
impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id[..], &self.bytes].concat();
        write!(f, "{DASH}{} {}", self.name, lines::to_base64(&bytes))
    }
}

/// Reads signature lines without a text over them, as a witness answers with.
///
/// # Errors
/// [`NoteError`].
pub fn parse_signature_lines(text: &str) -> Result<Vec<NoteSignature>, NoteError> {
    if text.len() > MAX_NOTE_BYTES {
        return Err(NoteError::TooLarge);
    }
    let body = text.strip_suffix('\n').ok_or(NoteError::Structure)?;
    check_count(body.split('\n').count())?;
    let signatures = body.split('\n').map(parse_signature);
    signatures
        .collect::<Option<_>>()
        .ok_or(NoteError::SignatureLine)
}

fn parse_signature(line: &str) -> Option<NoteSignature> {
    let (name, base64) = line.strip_prefix(DASH)?.split_once(' ')?;
    let bytes = lines::from_base64(base64)?;
    let (id, bytes) = bytes.split_first_chunk()?;
    (!bytes.is_empty()).then_some(())?;
    Some(NoteSignature {
        name: name.parse().ok()?,
        id: *id,
        bytes: bytes.to_vec(),
    })
}

fn check_count(count: usize) -> Result<(), NoteError> {
    match (1..=MAX_SIGNATURES).contains(&count) {
        true => Ok(()),
        false => Err(NoteError::SignatureCount),
    }
}

/// Of a text that is to be signed.
pub(super) fn check_text(text: &str) -> Result<(), NoteError> {
    check_characters(text)?;
    match text.ends_with('\n') {
        true => Ok(()),
        false => Err(NoteError::Structure),
    }
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    match text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
        true => Err(NoteError::Characters),
        false => Ok(()),
    }
}
