//! The strict reader.

use std::fmt;

use serde::Serialize;
use serde::de::{self, DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::Unsupported;
use crate::{MAX_SAFE_INTEGER, Problem, pointer};

/// How much is read before a document is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseLimits {
    /// Length of the text in bytes; checked before anything is decoded.
    pub max_bytes: usize,
    /// Arrays and objects inside each other; 1 allows `{}` and `[]` alone. Beyond 127 the reader's own
    /// guard of its stack comes first.
    pub max_depth: usize,
}

impl ParseLimits {
    /// For documents that people write: 1 MiB, which is some 10,000 criteria lines, and 64 levels.
    pub const DOCUMENT: Self = Self {
        max_bytes: 1 << 20,
        max_depth: 64,
    };
}

/// Why a text is not a document of the profile. Whoever wrote the text is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The text is longer than the limit.
    #[error("the document has {bytes} bytes, of which {max_bytes} are allowed")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// It is not JSON, or something follows the document.
    #[error("the document is not JSON at line {line}, column {column}: {message}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
        /// What the reader expected.
        message: String,
    },
    /// An object has two members of one name.
    #[error("a member name occurs twice in one object")]
    DuplicateName {
        /// JSON Pointer to the second one.
        pointer: String,
    },
    /// Arrays and objects are nested too deeply.
    #[error("the document is nested deeper than {max_depth} levels")]
    TooDeep {
        /// JSON Pointer to the first value below the limit.
        pointer: String,
        /// The limit.
        max_depth: usize,
    },
    /// A value that the profile leaves out.
    #[error("{what} is not allowed in a document")]
    Unsupported {
        /// JSON Pointer to it.
        pointer: String,
        /// What it is.
        what: Unsupported,
    },
}

impl ParseError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "document-too-large",
            Self::Syntax { .. } => "not-json",
            Self::DuplicateName { .. } => "duplicate-member",
            Self::TooDeep { .. } => "document-too-deep",
            Self::Unsupported { what, .. } => match what {
                Unsupported::Fraction => "fraction-not-allowed",
                Unsupported::LargeInteger => "integer-too-large",
                Unsupported::Null => "null-not-allowed",
            },
        }
    }

    /// JSON Pointer to the place, where the text is JSON.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::TooLarge { .. } | Self::Syntax { .. } => None,
            Self::DuplicateName { pointer }
            | Self::TooDeep { pointer, .. }
            | Self::Unsupported { pointer, .. } => Some(pointer),
        }
    }

    const fn hint(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "move large content into a reference file",
            Self::Syntax { .. } => "check the text with any JSON tool",
            Self::DuplicateName { .. } => "keep one of the members",
            Self::TooDeep { .. } => "flatten the document",
            Self::Unsupported { what, .. } => match what {
                Unsupported::Fraction => {
                    "use an integer of a smaller unit, for instance parts per million"
                }
                Unsupported::LargeInteger => "write the number as a string",
                Unsupported::Null => "leave the member out",
            },
        }
    }
}

impl From<ParseError> for Problem {
    fn from(error: ParseError) -> Self {
        let problem = Self::new(error.code(), error.to_string()).hint(error.hint());
        match error.pointer() {
            Some(pointer) => problem.at(pointer),
            None => problem,
        }
    }
}

/// The type that a document of the profile is written from. Serde also reads a list of the members' values in the
/// place of an object, which nobody writes; so what was read is written again, and must be the same.
///
/// # Errors
/// One sentence.
pub fn read_as<T: DeserializeOwned + Serialize>(value: &Value) -> Result<T, String> {
    let read: T = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    match serde_json::to_value(&read) {
        Ok(written) if written == *value => Ok(read),
        _ => Err("a list stands in the place of an object".to_owned()),
    }
}

/// Reads one document of the profile.
///
/// # Errors
/// [`ParseError`]; the size comes first, then whatever is met first in the text.
pub fn parse(bytes: &[u8], limits: ParseLimits) -> Result<Value, ParseError> {
    if bytes.len() > limits.max_bytes {
        return Err(ParseError::TooLarge {
            bytes: bytes.len(),
            max_bytes: limits.max_bytes,
        });
    }
    let mut trail = Trail {
        max_depth: limits.max_depth,
        defect: None,
        innermost: Vec::new(),
    };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let seed = Seed {
        trail: &mut trail,
        depth: 0,
    };
    seed.deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| trail.explain(&error, bytes))
}

/// What the visitors learn about a document that is refused. The place is gathered while the error
/// unwinds, so a good document pays nothing for it.
struct Trail {
    max_depth: usize,
    defect: Option<Defect>,
    innermost: Vec<String>,
}

#[derive(Clone, Copy)]
enum Defect {
    DuplicateName,
    TooDeep,
    Unsupported(Unsupported),
}

impl Trail {
    fn refuse<E: de::Error>(&mut self, defect: Defect) -> E {
        self.defect = Some(defect);
        // Never shown: `explain` reads `defect`.
        E::custom("refused")
    }

    fn explain(self, error: &serde_json::Error, text: &[u8]) -> ParseError {
        let pointer = pointer::from_innermost(&self.innermost);
        let max_depth = self.max_depth;
        match self.defect {
            Some(Defect::DuplicateName) => ParseError::DuplicateName { pointer },
            Some(Defect::TooDeep) => ParseError::TooDeep { pointer, max_depth },
            Some(Defect::Unsupported(what)) => ParseError::Unsupported { pointer, what },
            // The visitor takes every kind of value but one: whatever else it refused is a number that no
            // integer type of the reader holds.
            None if error.classify() == Category::Data => ParseError::Unsupported {
                pointer,
                what: number_before(text, error.line(), error.column()),
            },
            None => syntax(error),
        }
    }
}

/// What the number that ends at a place (counted from 1) is: too large, or not an integer.
fn number_before(text: &[u8], line: usize, column: usize) -> Unsupported {
    let line = text
        .split(|byte| *byte == b'\n')
        .nth(line.saturating_sub(1));
    let before = line.and_then(|line| line.get(..column)).unwrap_or_default();
    let of_a_number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let end = before.iter().rposition(of_a_number).map_or(0, |at| at + 1);
    let number = before[..end]
        .iter()
        .rev()
        .take_while(|byte| of_a_number(byte));
    // Minus zero, too, is no integer of the reader.
    let (mut whole, mut large) = (true, false);
    for byte in number {
        whole &= !b".eE".contains(byte);
        large |= (b'1'..=b'9').contains(byte);
    }
    match whole && large {
        true => Unsupported::LargeInteger,
        false => Unsupported::Fraction,
    }
}

fn syntax(error: &serde_json::Error) -> ParseError {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let place = format!(" at line {line} column {column}");
    ParseError::Syntax {
        line,
        column,
        message: text.strip_suffix(&place).unwrap_or(&text).to_owned(),
    }
}

struct Seed<'t> {
    trail: &'t mut Trail,
    depth: usize,
}

impl Seed<'_> {
    /// The seed for what is inside, or the refusal to look there.
    fn enter<E: de::Error>(&mut self) -> Result<usize, E> {
        if self.depth >= self.trail.max_depth {
            return Err(self.trail.refuse(Defect::TooDeep));
        }
        Ok(self.depth + 1)
    }

    fn integer<E: de::Error>(&mut self, magnitude: u64, value: Value) -> Result<Value, E> {
        if magnitude > MAX_SAFE_INTEGER {
            let defect = Defect::Unsupported(Unsupported::LargeInteger);
            return Err(self.trail.refuse(defect));
        }
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, array, string, integer or boolean")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: de::Error>(mut self, value: u64) -> Result<Value, E> {
        self.integer(value, value.into())
    }

    fn visit_i64<E: de::Error>(mut self, value: i64) -> Result<Value, E> {
        self.integer(value.unsigned_abs(), value.into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Err(self.trail.refuse(Defect::Unsupported(Unsupported::Null)))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let depth = self.enter()?;
        let mut array = Vec::new();
        loop {
            let seed = Seed {
                trail: &mut *self.trail,
                depth,
            };
            match items.next_element_seed(seed) {
                Ok(Some(item)) => array.push(item),
                Ok(None) => return Ok(Value::Array(array)),
                Err(error) => {
                    self.trail.innermost.push(array.len().to_string());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        let depth = self.enter()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                self.trail.innermost.push(name);
                return Err(self.trail.refuse(Defect::DuplicateName));
            }
            let seed = Seed {
                trail: &mut *self.trail,
                depth,
            };
            match members.next_value_seed(seed) {
                Ok(value) => object.insert(name, value),
                Err(error) => {
                    self.trail.innermost.push(name);
                    return Err(error);
                }
            };
        }
        Ok(Value::Object(object))
    }
}
