//! JSON without duplicate keys. Which of two members counts differs between readers, so a document
//! with both is not one document.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt::{self, Write as _};

/// Why a text is not one JSON document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// What a person reads, with line and column within the text.
    pub(crate) message: String,
    /// Line within the text, counted from 1.
    pub(crate) line: u64,
    /// Pointer of the member that occurs twice, if that is what is wrong.
    pub(crate) duplicate: Option<String>,
}

/// Parses one document; nothing but white space may follow it.
pub(crate) fn parse(text: &[u8]) -> Result<Value, Malformed> {
    let duplicate = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let root = Place {
        parent: None,
        token: Token::Root,
        duplicate: &duplicate,
    };
    let value = root.deserialize(&mut reader);
    value
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| Malformed {
            message: error.to_string(),
            line: error.line() as u64,
            duplicate: duplicate.take(),
        })
}

/// Where the parser is.
#[derive(Clone, Copy)]
struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    token: Token<'a>,
    duplicate: &'a RefCell<Option<String>>,
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
            duplicate: self.duplicate,
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
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut reader: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = reader.next_element_seed(self.child(Token::Index(items.len())))? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut reader: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = reader.next_key::<String>()? {
            let place = self.child(Token::Key(&key));
            if members.contains_key(&key) {
                *self.duplicate.borrow_mut() = Some(place.pointer());
                return Err(A::Error::custom(format!("the key {key:?} occurs twice")));
            }
            let value = reader.next_value_seed(place)?;
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}
