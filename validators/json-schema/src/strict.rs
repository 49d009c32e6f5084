//! JSON without duplicate keys. Which of two members counts differs between readers, so a document
//! with both is not one document.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::{Cell, RefCell};
use std::fmt::{self, Write as _};

/// How much memory a document may take: with a million keys of other documents (`unique_by`) it is well
/// below the 128 MiB that a validator has. 48 MiB = 48 × 2^20.
pub(crate) const MAX_MEMORY_BYTES: usize = 48 << 20;
/// What an item takes: 16 bytes in a vector that grows by copying itself to twice its size.
const ITEM_BYTES: usize = 48;
/// What the first member of an object takes: a node with room for eleven.
const OBJECT_BYTES: usize = 420;
/// What each further one takes, as nodes that were split hold five.
const MEMBER_BYTES: usize = OBJECT_BYTES / 5;
/// What a string takes beside its bytes.
const STRING_BYTES: usize = 16;

/// Why a text is not one JSON document that can be judged.
#[derive(Debug)]
pub(crate) struct Malformed {
    error: serde_json::Error,
    cause: Option<Cause>,
}

/// What is wrong with a document beyond JSON's grammar.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Pointer of the member that occurs twice.
    Duplicate(String),
    /// Its values take more than [`MAX_MEMORY_BYTES`].
    TooLarge,
}

impl Malformed {
    /// The cause, if it is not the grammar.
    pub(crate) fn cause(&self) -> Option<&Cause> {
        self.cause.as_ref()
    }

    /// Where in the file, if the text begins at its line `first`: line and column, both from 1.
    pub(crate) fn line_and_column(&self, first: u64) -> (u64, usize) {
        let line = first + (self.error.line() as u64).saturating_sub(1);
        (line, self.error.column())
    }

    /// What a person reads, without a place: the parser counts lines from the beginning of the text.
    pub(crate) fn what(&self) -> String {
        let (line, column) = (self.error.line(), self.error.column());
        let place = format!(" at line {line} column {column}");
        let message = self.error.to_string();
        message.strip_suffix(&place).unwrap_or(&message).to_owned()
    }

    /// What a person reads, with the place in a file in which the text begins at the line `first`.
    pub(crate) fn message(&self, first: u64) -> String {
        let (line, column) = self.line_and_column(first);
        format!("{} at line {line} column {column}", self.what())
    }
}

/// Parses one document; nothing but white space may follow it.
pub(crate) fn parse(text: &[u8]) -> Result<Value, Malformed> {
    let state = State {
        room: Cell::new(MAX_MEMORY_BYTES),
        cause: RefCell::new(None),
    };
    let mut reader = serde_json::Deserializer::from_slice(text);
    let root = Place {
        parent: None,
        token: Token::Root,
        state: &state,
    };
    let value = root.deserialize(&mut reader);
    value
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| Malformed {
            error,
            cause: state.cause.take(),
        })
}

/// What is shared by all places of a document.
struct State {
    room: Cell<usize>,
    cause: RefCell<Option<Cause>>,
}

impl State {
    /// Reserves memory before it is used.
    fn reserve<E: Error>(&self, bytes: usize) -> Result<(), E> {
        match self.room.get().checked_sub(bytes) {
            Some(left) => {
                self.room.set(left);
                Ok(())
            }
            None => Err(self.refuse(Cause::TooLarge, "the values take too much memory")),
        }
    }

    fn refuse<E: Error>(&self, cause: Cause, message: impl fmt::Display) -> E {
        *self.cause.borrow_mut() = Some(cause);
        E::custom(message)
    }
}

/// Where the parser is.
#[derive(Clone, Copy)]
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    token: Token<'a>,
    state: &'a State,
}

#[derive(Clone, Copy)]
enum Token<'a> {
    Root,
    Index(usize),
    Key(&'a str),
}

impl<'a> Place<'a> {
    fn child(&'a self, token: Token<'a>) -> Place<'a> {
        Place {
            parent: Some(self),
            token,
            state: self.state,
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = self.parent.map(Place::pointer).unwrap_or_default();
        match self.token {
            Token::Root => {}
            Token::Index(index) => drop(write!(pointer, "/{index}")),
            Token::Key(key) => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
        }
        pointer
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.state.reserve(STRING_BYTES + value.len())?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut reader: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = reader.next_element_seed(self.child(Token::Index(items.len())))? {
            self.state.reserve(ITEM_BYTES)?;
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut reader: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = reader.next_key::<String>()? {
            let place = self.child(Token::Key(&key));
            if members.contains_key(&key) {
                let cause = Cause::Duplicate(place.pointer());
                let message = format_args!("the key {key:?} occurs twice");
                return Err(self.state.refuse(cause, message));
            }
            let node = match members.is_empty() {
                true => OBJECT_BYTES,
                false => MEMBER_BYTES,
            };
            self.state.reserve(node + STRING_BYTES + key.len())?;
            let value = reader.next_value_seed(place)?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}
