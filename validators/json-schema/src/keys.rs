//! What must differ between documents.

use serde_json::{Number, Value};
use std::collections::BTreeMap;

/// How many keys are remembered: some 45 bytes each.
pub(crate) const MAX_KEYS: usize = 1_000_000;

/// The keys of all documents so far, each with the number of its first document.
pub(crate) struct Keys<'a> {
    pointer: &'a str,
    seen: BTreeMap<u128, u64>,
}

/// What a document's key says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// No document before had it.
    New,
    /// The document of this number had it first.
    Of(u64),
    /// The document has no value there.
    Missing,
    /// No more can be remembered.
    TooMany,
}

impl<'a> Keys<'a> {
    /// Keys are values at an RFC 6901 pointer.
    pub(crate) fn at(pointer: &'a str) -> Self {
        Self {
            pointer,
            seen: BTreeMap::new(),
        }
    }

    /// Remembers the key of the document with this number.
    pub(crate) fn add(&mut self, document: &Value, number: u64) -> Key {
        let Some(value) = document.pointer(self.pointer) else {
            return Key::Missing;
        };
        let mut hash = Hash::new();
        hash.value(value);
        match self.seen.get(&hash.0) {
            Some(first) => Key::Of(*first),
            None if self.seen.len() >= MAX_KEYS => Key::TooMany,
            None => {
                self.seen.insert(hash.0, number);
                Key::New
            }
        }
    }
}

/// 128 bits in the manner of FNV-1a, eight bytes at a time, over a canonical form. Equal values always
/// meet; that others do takes a supplier who looks for it, against whom the finding then is.
struct Hash(u128);

impl Hash {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

    fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn word(&mut self, word: u64) {
        let mixed = (self.0 ^ u128::from(word)).wrapping_mul(Self::PRIME);
        // The product moves bits up only.
        self.0 = mixed.rotate_left(61);
    }

    /// Each kind begins differently and says its length, so that no two values run together.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.tagged(b'n', 0),
            Value::Bool(value) => self.tagged(b'b', u64::from(*value)),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                self.tagged(b'a', items.len() as u64);
                items.iter().for_each(|item| self.value(item));
            }
            // The map is sorted by key.
            Value::Object(members) => {
                self.tagged(b'o', members.len() as u64);
                for (key, value) in members {
                    self.text(key);
                    self.value(value);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.tagged(b's', text.len() as u64);
        for chunk in text.as_bytes().chunks(8) {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(bytes));
        }
    }

    /// `1`, `1.0` and `1e0` are one number, as for JSON Schema.
    fn number(&mut self, number: &Number) {
        let whole = number.as_i128().or_else(|| number.as_f64().and_then(whole));
        match (whole, number.as_f64()) {
            (Some(whole), _) => {
                self.tagged(b'i', whole as u64);
                self.word((whole >> 64) as u64);
            }
            (None, value) => self.tagged(b'd', value.unwrap_or_default().to_bits()),
        }
    }

    fn tagged(&mut self, tag: u8, value: u64) {
        self.word(u64::from(tag));
        self.word(value);
    }
}

/// A double that is a whole number as that number, where it fits.
fn whole(value: f64) -> Option<i128> {
    let fits = value.fract() == 0.0 && value.abs() < 2_f64.powi(127);
    fits.then_some(value as i128)
}
