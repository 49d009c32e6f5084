//! Values as the schema's validator sees them, with a meter.
//!
//! What a schema costs on a document can be far more than either (`anyOf` in `anyOf`, a hundred names
//! in `required` against a million empty objects), and the validator that we use collects all errors
//! before it shows the first. So it reads documents through this view: every access takes steps from a
//! budget, and once that is used up there is nothing more to see, so that it soon ends. What it then
//! says is not used.

use jsonschema::json::{Array, Json, Node, NodeIdentity, Object, cmp, unique};
use jsonschema::{JsonType, Validator};
use serde_json::{Map, Number, Value, map};
use std::borrow::Cow;
use std::cell::Cell;
use std::slice;

/// How many bytes of a string are read in one step.
const BYTES_PER_STEP: usize = 16;
/// What an error takes: it is some 500 bytes of memory, wherever it stands in the tree of errors.
const STEPS_PER_ERROR: u64 = 200;

/// How many bytes of the path in an error take a step.
const BYTES_OF_PATH_PER_STEP: u64 = 2;
/// What a `$ref` takes: where it was is looked up and kept.
const STEPS_PER_REFERENCE: u64 = 4;
/// What a number takes that is only compared.
const STEPS_PER_NUMBER: u64 = 2;
/// What a whole number takes if `multipleOf` may divide it, as an exact fraction.
const STEPS_PER_INTEGER: u64 = 18;
/// What another number takes then.
const STEPS_PER_FRACTION: u64 = 20;
/// What a number takes whose fraction has many digits.
const STEPS_PER_LONG_FRACTION: u64 = 300;

/// What a document is once the budget is used up. Errors about it are none.
static NOTHING: Value = Value::Null;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(0) };
    static PER_ERROR: Cell<u64> = const { Cell::new(STEPS_PER_ERROR) };
    static DIVIDES: Cell<bool> = const { Cell::new(false) };
}

/// Sets what an error in this document takes: it holds the path to its value.
pub(crate) fn expect_paths_of(document: &Value) {
    let per_byte = longest_path(document) as u64 / BYTES_OF_PATH_PER_STEP;
    PER_ERROR.set(STEPS_PER_ERROR + per_byte);
}

fn longest_path(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(longest_path).max().map(|it| it + 8),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| key.len() + 1 + longest_path(value))
            .max(),
        _ => None,
    };
    inner.unwrap_or_default()
}

/// Whether the schema has `multipleOf`, which makes numbers dear.
pub(crate) fn expect_division(divides: bool) {
    DIVIDES.set(divides);
}

/// Steps that are left.
pub(crate) struct Budget(u64);

impl Budget {
    /// So many.
    pub(crate) fn of(steps: u64) -> Self {
        Self(steps)
    }

    /// More of them; but what is used up remains so.
    pub(crate) fn add(&mut self, steps: u64) {
        if !self.is_empty() {
            self.0 = self.0.saturating_add(steps);
        }
    }

    /// None is left: what was done with the last did not end.
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// How many there are.
    pub(crate) fn left(&self) -> u64 {
        self.0
    }

    /// Takes so many.
    pub(crate) fn take(&mut self, steps: u64) {
        self.0 = self.0.saturating_sub(steps);
    }

    /// Takes the steps of `run` from the budget.
    pub(crate) fn spend<T>(&mut self, run: impl FnOnce() -> T) -> T {
        LEFT.set(self.0);
        let found = run();
        self.0 = LEFT.take();
        found
    }

    /// Whether a document satisfies a schema; `false` if the budget did not suffice.
    pub(crate) fn accepts(&mut self, schema: &Validator<Metered>, document: &Value) -> bool {
        let valid = self.spend(|| schema.is_valid(View(document)));
        valid && !self.is_empty()
    }
}

/// Whether a value of an error is one that was really there.
pub(crate) fn is_real(value: &Value) -> bool {
    !std::ptr::eq(value, &raw const NOTHING)
}

fn take(steps: u64) -> bool {
    LEFT.set(LEFT.get().saturating_sub(steps));
    LEFT.get() > 0
}

fn steps_of(text: &str) -> u64 {
    1 + (text.len() / BYTES_PER_STEP) as u64
}

fn steps_of_number(number: &Number) -> u64 {
    let plain = 2_f64.powi(-64)..2_f64.powi(64);
    match number.as_f64().map(f64::abs) {
        _ if !DIVIDES.get() => STEPS_PER_NUMBER,
        _ if !number.is_f64() => STEPS_PER_INTEGER,
        Some(size) if size == 0.0 || plain.contains(&size) => STEPS_PER_FRACTION,
        _ => STEPS_PER_LONG_FRACTION,
    }
}

/// The representation.
pub(crate) struct Metered;

/// A value.
#[derive(Clone, Copy)]
pub(crate) struct View<'a>(pub(crate) &'a Value);

impl<'a> View<'a> {
    /// The value, or nothing once the steps are used up.
    fn see(self) -> &'a Value {
        self.see_for(1)
    }

    fn see_for(self, steps: u64) -> &'a Value {
        if take(steps) { self.0 } else { &NOTHING }
    }
}

impl Json for Metered {
    type Node<'a> = View<'a>;
    type PreparedKey = String;
    type StringBuffer = Value;
    const KEYS_PER_LOOKUP: usize = 2;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut Value, text: &str, run: impl FnOnce(View<'_>) -> T) -> T {
        *buffer = Value::String(text.to_owned());
        run(View(buffer))
    }
}

impl<'a> Node<'a, Metered> for View<'a> {
    type Object = Members<'a>;
    type Array = Items<'a>;
    type Number = &'a Number;

    fn as_object(&self) -> Option<Members<'a>> {
        self.see().as_object().map(Members)
    }

    fn as_array(&self) -> Option<Items<'a>> {
        self.see().as_array().map(|items| Items(items))
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        let text = self.0.as_str()?;
        self.see_for(steps_of(text)).as_str().map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<&'a Number> {
        let steps = self.0.as_number().map_or(1, steps_of_number);
        self.see_for(steps).as_number()
    }

    fn as_boolean(&self) -> Option<bool> {
        self.see().as_bool()
    }

    fn is_null(&self) -> bool {
        self.see().is_null()
    }

    fn json_type(&self) -> JsonType {
        self.see().json_type()
    }

    /// The comparison ends at the first difference and the other side is the buyer's, so the meter
    /// takes what the smaller of both has at this level.
    fn equals_value(&self, expected: &Value) -> bool {
        let size = |value: &Value| match value {
            Value::String(text) => steps_of(text),
            Value::Array(items) => 1 + items.len() as u64,
            Value::Object(members) => 1 + members.len() as u64,
            _ => 1,
        };
        cmp::equal(self.see_for(size(self.0).min(size(expected))), expected)
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Borrowed(self.see_for(PER_ERROR.get()))
    }

    /// Asked for at each `$ref`, which remembers it.
    fn identity(&self) -> Option<NodeIdentity> {
        take(STEPS_PER_REFERENCE);
        Some(NodeIdentity::new(
            std::ptr::from_ref::<Value>(self.0) as usize
        ))
    }
}

/// The members of an object.
pub(crate) struct Members<'a>(&'a Map<String, Value>);

impl<'a> Object<'a, Metered> for Members<'a> {
    type Node = View<'a>;
    type MemberName = &'a str;
    type MembersIter = MembersIter<'a>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, key: &String) -> Option<View<'a>> {
        take(1).then(|| self.0.get(key.as_str()).map(View))?
    }

    fn members(&self) -> MembersIter<'a> {
        MembersIter(self.0.iter())
    }
}

/// One member after the other.
pub(crate) struct MembersIter<'a>(map::Iter<'a>);

impl<'a> Iterator for MembersIter<'a> {
    type Item = (&'a str, View<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.0.next()?;
        take(steps_of(key)).then_some((key.as_str(), View(value)))
    }
}

/// The items of an array.
pub(crate) struct Items<'a>(&'a [Value]);

impl<'a> Array<'a, Metered> for Items<'a> {
    type Node = View<'a>;
    type ElementsIter = ItemsIter<'a>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn elements(&self) -> ItemsIter<'a> {
        ItemsIter(self.0.iter())
    }

    /// In time linear in the size of all items together.
    fn is_unique(&self) -> bool {
        let size = self.0.iter().map(weight).fold(0, u64::saturating_add);
        take(size) && unique::is_unique(self.0)
    }
}

/// One item after the other.
pub(crate) struct ItemsIter<'a>(slice::Iter<'a, Value>);

impl<'a> Iterator for ItemsIter<'a> {
    type Item = View<'a>;

    fn next(&mut self) -> Option<View<'a>> {
        let item = self.0.next()?;
        take(1).then_some(View(item))
    }
}

/// The steps to read a value to its end.
pub(crate) fn weight(value: &Value) -> u64 {
    match value {
        Value::String(text) => steps_of(text),
        Value::Array(items) => 1 + items.iter().map(weight).sum::<u64>(),
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| steps_of(key) + weight(value);
            1 + members.iter().map(member).sum::<u64>()
        }
        _ => 1,
    }
}
