//! JSON documents of a known form.

use proofmark_validator_sdk::{Artifact, ReadError, Refusal, reference};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// The longest document of the buyer's.
const MAX_BUYERS_BYTES: u64 = 1 << 20;

/// The longest name of a line or category, and the longest clause.
pub(crate) const MAX_NAME_BYTES: usize = 200;

/// The most lines of a claim, and so of a decision.
pub(crate) const MAX_LINES: usize = 1_000;

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

/// An object whose members have any names, none of them twice.
pub(crate) fn by_name<'de, K, T, D>(deserializer: D) -> Result<BTreeMap<K, T>, D::Error>
where
    K: Deserialize<'de> + Ord,
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Names<K, T>(PhantomData<(K, T)>);

    impl<'de, K: Deserialize<'de> + Ord, T: Deserialize<'de>> Visitor<'de> for Names<K, T> {
        type Value = BTreeMap<K, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
            let mut found = BTreeMap::new();
            while let Some((name, value)) = members.next_entry()? {
                if found.insert(name, value).is_some() {
                    return Err(A::Error::custom("a member is there twice"));
                }
            }
            Ok(found)
        }
    }

    deserializer.deserialize_map(Names(PhantomData))
}

/// A list in which nothing is there twice, in any order.
pub(crate) fn distinct<'de, T: Deserialize<'de> + Ord, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeSet<T>, D::Error> {
    let list = Vec::<T>::deserialize(deserializer)?;
    let length = list.len();
    let set: BTreeSet<T> = list.into_iter().collect();
    match set.len() == length {
        true => Ok(set),
        false => Err(D::Error::custom("something is there twice")),
    }
}

/// What is in one of the buyer's files.
pub(crate) fn of_the_buyer<T: DeserializeOwned>(name: &str) -> Result<T, Refusal> {
    parse(reference::open(name), MAX_BUYERS_BYTES).map_err(|unread| match unread {
        Unread::File(error) => error.into(),
        Unread::Form(why) => wrong(name, &why),
    })
}

/// The buyer's file says what it cannot mean.
pub(crate) fn wrong(name: &str, why: &str) -> Refusal {
    Refusal::InvalidParams(format!("the reference file `{name}`: {why}"))
}
