//! How many subschemas a schema applies to one and the same value.
//!
//! The meter counts looks at the document. Keywords that combine schemas (`anyOf`, `$ref`, …) look at
//! nothing themselves: sixteen definitions, each `anyOf` the next one twice, are 65,536 ways to say no
//! to the number 1. A schema with more than some is refused when criteria are made.

use serde_json::Value;
use std::collections::BTreeMap;

/// The most subschemas for one value.
pub(crate) const MAX: u64 = 1_000;
/// So deep references are followed.
const MAX_DEPTH: usize = 200;

/// The largest number of any schema within the document, or more than [`MAX`].
pub(crate) fn most(document: &Value) -> u64 {
    let mut ways = Ways {
        document,
        known: BTreeMap::new(),
    };
    ways.most(document)
}

struct Ways<'a> {
    document: &'a Value,
    /// By address. Beyond all bounds while it is worked out: whoever comes back to it goes in circles.
    known: BTreeMap<usize, u64>,
}

impl<'a> Ways<'a> {
    fn most(&mut self, value: &'a Value) -> u64 {
        let inner = match value {
            Value::Object(members) => members.values().map(|it| self.most(it)).max(),
            Value::Array(items) => items.iter().map(|it| self.most(it)).max(),
            _ => None,
        };
        self.of(value, 0).max(inner.unwrap_or_default())
    }

    fn of(&mut self, schema: &'a Value, depth: usize) -> u64 {
        let Value::Object(members) = schema else {
            return 1;
        };
        let address = std::ptr::from_ref(schema) as usize;
        if let Some(known) = self.known.get(&address) {
            return *known;
        }
        if depth > MAX_DEPTH {
            return u64::MAX;
        }
        self.known.insert(address, u64::MAX);
        let mut sum = 1_u64;
        for (key, value) in members {
            for applied in self.applied(key, value) {
                sum = sum.saturating_add(self.of(applied, depth + 1));
            }
        }
        self.known.insert(address, sum);
        sum
    }

    /// The subschemas that a keyword applies to the value itself, not to parts of it.
    fn applied(&self, key: &str, value: &'a Value) -> Vec<&'a Value> {
        match (key, value) {
            ("allOf" | "anyOf" | "oneOf", Value::Array(items)) => items.iter().collect(),
            ("not" | "if" | "then" | "else", schema) => vec![schema],
            ("dependentSchemas" | "dependencies", Value::Object(members)) => {
                members.values().collect()
            }
            ("$ref" | "$dynamicRef", Value::String(reference)) => {
                let pointer = reference.strip_prefix('#');
                let target = pointer.and_then(|pointer| self.document.pointer(pointer));
                target.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_applied_to_one_value_is_counted() {
        let tree = json!({
            "anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}],
            "$defs": {"a": {"properties": {"child": {"$ref": "#"}}}}
        });
        for (schema, expected) in [
            (json!(true), 1),
            (json!({"type": "string"}), 1),
            (
                json!({"properties": {"a": {"not": {}}}, "if": {}, "then": {"not": {}}}),
                4,
            ),
            // The root, two alternatives, and what one of them refers to; from `child` one more.
            (tree, 5),
        ] {
            assert_eq!(most(&schema), expected, "{schema}");
        }
    }

    #[test]
    fn chains_and_circles_are_beyond_all_bounds() {
        let mut definitions = serde_json::Map::new();
        for at in 0..16 {
            let next = json!({"$ref": format!("#/$defs/{}", at + 1)});
            definitions.insert(at.to_string(), json!({"anyOf": [next.clone(), next]}));
        }
        definitions.insert("16".to_owned(), json!({"type": "string"}));
        assert!(most(&json!({"$ref": "#/$defs/0", "$defs": definitions})) > MAX);
        assert!(most(&json!({"allOf": [{"$ref": "#"}]})) > MAX);
    }
}
