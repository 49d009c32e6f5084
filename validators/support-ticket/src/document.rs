//! JSON documents of a known form.

use proofmark_validator_sdk::{Artifact, ReadError, Refusal};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// Why there is no such document in a file.
pub(crate) enum Unread {
    /// It cannot be read.
    File(ReadError),
    /// It is read, and is none.
    Form(String),
}

/// What is in a file. A member that is missing, unknown or there twice makes it another form.
pub(crate) fn parse<T: DeserializeOwned>(
    file: Result<Artifact, ReadError>,
    max_bytes: u64,
) -> Result<T, Unread> {
    let bytes = file.and_then(|mut file| file.read_all(max_bytes));
    let bytes = bytes.map_err(Unread::File)?;
    let read: Result<Object<T>, _> = serde_json::from_slice(&bytes);
    match read {
        Ok(Object(it)) => Ok(it),
        Err(error) => Err(Unread::Form(error.to_string())),
    }
}

/// What is written with the names of its members. Without this, a list of the values would be read as well.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Object<T>(pub(crate) T);

impl<T> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }

        let read = deserializer.deserialize_map(Members(PhantomData));
        read.map(Self)
    }
}

/// The buyer's file says what it cannot mean.
pub(crate) fn wrong(name: &str, why: &str) -> Refusal {
    Refusal::InvalidParams(format!("the reference file `{name}`: {why}"))
}
