//! Bounds what a foreign schema can cost before anything runs it.
//!
//! Forty definitions that each apply the next one twice are a few kilobytes of text and 2^40
//! evaluations of one value. So the schemas that apply to *one and the same* value are counted with all
//! references followed; circles among them are refused. Schemas for the members and items of a value are
//! counted from there on anew: their number grows with the parameters, which the buyer writes.
//! `unevaluatedProperties` and `unevaluatedItems` are refused: to see what is left, the library evaluates
//! the schemas for the same value once more at every level.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ParamsSchemaError;

/// Most schemas that apply to one value: some 20 ms of work.
const MAX_EXPANSION: u64 = 10_000;
/// Longest chain of references and combinators, so that no evaluation exhausts the stack.
const MAX_CHAIN: usize = 128;

/// Keywords whose target cannot be seen in the text, or whose cost cannot.
const REFUSED: [&str; 7] = [
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords that hold a schema for the same value.
const SAME_ONE: [&str; 4] = ["not", "if", "then", "else"];
/// Keywords that hold a list of schemas for the same value.
const SAME_LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords that hold schemas by name for the same value.
const SAME_MAP: [&str; 1] = ["dependentSchemas"];
/// Keywords that hold a schema for something inside the value.
const INNER_ONE: [&str; 5] = [
    "additionalProperties",
    "items",
    "contains",
    "propertyNames",
    "contentSchema",
];
/// Keywords that hold a list of schemas for something inside the value.
const INNER_LIST: [&str; 1] = ["prefixItems"];
/// Keywords that hold schemas by name for something inside the value, or for later use.
const INNER_MAP: [&str; 4] = ["properties", "patternProperties", "$defs", "definitions"];

/// Refuses a schema whose cost cannot be bounded.
pub(super) fn check(root: &Value) -> Result<(), ParamsSchemaError> {
    let mut expansion = Expansion {
        root,
        counts: BTreeMap::new(),
    };
    let mut open = vec![root];
    let mut seen = BTreeMap::new();
    while let Some(schema) = open.pop() {
        let Some(object) = schema.as_object() else {
            continue;
        };
        if seen.insert(address(schema), ()).is_some() {
            continue;
        }
        check_keywords(object, std::ptr::eq(schema, root))?;
        if expansion.count(schema, 0)? > MAX_EXPANSION {
            return Err(ParamsSchemaError::TooComplex);
        }
        open.extend(expansion.same(object)?);
        open.extend(inner(object));
    }
    Ok(())
}

/// How many patterns a document has, or more: a member may be called like a keyword.
pub(super) fn patterns(document: &Value) -> usize {
    let mut open = vec![document];
    let mut count = 0;
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                let named = members.get("patternProperties").and_then(Value::as_object);
                count += usize::from(members.contains_key("pattern")) + named.map_or(0, Map::len);
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    count
}

fn check_keywords(object: &Map<String, Value>, is_root: bool) -> Result<(), ParamsSchemaError> {
    let refused = REFUSED
        .into_iter()
        .find(|keyword| object.contains_key(*keyword));
    // An id inside would change what the references below it mean.
    let nested_id = (!is_root && object.contains_key("$id")).then_some("$id");
    match refused.or(nested_id) {
        Some(keyword) => Err(ParamsSchemaError::Keyword { keyword }),
        None => Ok(()),
    }
}

struct Expansion<'s> {
    root: &'s Value,
    /// Per schema, by its address within `root`: `None` while it is being counted.
    counts: BTreeMap<usize, Option<u64>>,
}

impl<'s> Expansion<'s> {
    /// How many schemas apply to a value to which `schema` applies.
    fn count(&mut self, schema: &'s Value, chain: usize) -> Result<u64, ParamsSchemaError> {
        let Some(object) = schema.as_object() else {
            return Ok(1);
        };
        if chain > MAX_CHAIN {
            return Err(ParamsSchemaError::TooComplex);
        }
        match self.counts.insert(address(schema), None) {
            Some(None) => return Err(ParamsSchemaError::Cycle),
            Some(Some(count)) => {
                self.counts.insert(address(schema), Some(count));
                return Ok(count);
            }
            None => {}
        }
        let mut count = 1_u64;
        for part in self.same(object)? {
            count = count.saturating_add(self.count(part, chain + 1)?);
        }
        self.counts.insert(address(schema), Some(count));
        Ok(count)
    }

    /// The schemas that apply to the same value as `object` does.
    fn same(&self, object: &'s Map<String, Value>) -> Result<Vec<&'s Value>, ParamsSchemaError> {
        let mut parts = held(object, &SAME_ONE, &SAME_LIST, &SAME_MAP);
        if let Some(reference) = object.get("$ref") {
            parts.push(self.resolve(reference)?);
        }
        Ok(parts)
    }

    fn resolve(&self, reference: &Value) -> Result<&'s Value, ParamsSchemaError> {
        let text = reference.as_str().ok_or(ParamsSchemaError::Reference)?;
        let pointer = text.strip_prefix('#').ok_or(ParamsSchemaError::Reference)?;
        // A percent sign would be decoded by some readers and not by others.
        if pointer.contains('%') {
            return Err(ParamsSchemaError::Reference);
        }
        self.root
            .pointer(pointer)
            .ok_or(ParamsSchemaError::Reference)
    }
}

fn inner(object: &Map<String, Value>) -> Vec<&Value> {
    held(object, &INNER_ONE, &INNER_LIST, &INNER_MAP)
}

fn held<'s>(
    object: &'s Map<String, Value>,
    ones: &[&str],
    lists: &[&str],
    maps: &[&str],
) -> Vec<&'s Value> {
    let get = |keyword: &&str| object.get(*keyword);
    let listed = lists
        .iter()
        .filter_map(get)
        .filter_map(Value::as_array)
        .flatten();
    let mapped = maps.iter().filter_map(get).filter_map(Value::as_object);
    let named = mapped.flat_map(|schemas| schemas.values());
    ones.iter()
        .filter_map(get)
        .chain(listed)
        .chain(named)
        .collect()
}

/// Identity of a value inside one document that does not move while it is looked at.
fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}
