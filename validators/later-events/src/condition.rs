//! Which events a rule is about: those of a type whose fields fulfil its conditions.

use crate::event::Event;
use crate::form::{Bounds, Form};
use crate::value::{Decimal, Value};
use serde::Deserialize;
use std::collections::BTreeMap;

/// By field.
pub(crate) type Conditions = BTreeMap<String, Condition>;

/// The fields of a type, by name.
pub(crate) type Fields = BTreeMap<String, Form>;

/// What must be true of a field: one of these, or both bounds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Condition {
    equals: Option<Value>,
    one_of: Option<Vec<Value>>,
    /// Any other than these.
    none_of: Option<Vec<Value>>,
    at_least: Option<Decimal>,
    at_most: Option<Decimal>,
    /// What this field of the anchor says.
    same_as: Option<String>,
}

impl Condition {
    /// `of_anchor` is what the anchor says in the field that is compared.
    fn holds(&self, value: &Value, of_anchor: Option<&Value>) -> bool {
        let bounds = self.bounds();
        let bounded = |it: Bounds| matches!(value, Value::Number(number) if it.hold(*number));
        self.equals.as_ref().is_none_or(|it| it == value)
            && self.one_of.as_ref().is_none_or(|it| it.contains(value))
            && self.none_of.as_ref().is_none_or(|it| !it.contains(value))
            && bounds.is_none_or(bounded)
            && (self.same_as.is_none() || of_anchor == Some(value))
    }

    fn bounds(&self) -> Option<Bounds> {
        let bounds = Bounds {
            at_least: self.at_least,
            at_most: self.at_most,
        };
        (bounds != Bounds::default()).then_some(bounds)
    }

    /// What is wrong with it for a field of this form: a condition that no event could fulfil guarantees nothing.
    fn problem(&self, form: &Form, anchor: Option<&Fields>) -> Option<String> {
        let kinds = [
            self.equals.is_some(),
            self.one_of.is_some(),
            self.none_of.is_some(),
            self.bounds().is_some(),
            self.same_as.is_some(),
        ];
        if kinds.into_iter().filter(|it| *it).count() != 1 {
            return Some("a condition says one thing".to_owned());
        }
        let named = self.one_of.iter().chain(&self.none_of).flatten();
        let mut named = named.chain(&self.equals);
        if let Some(value) = named.find(|it| !form.admits(it)) {
            return Some(format!("no event says {value} here: it is {form}"));
        }
        if let Form::OneOf(all) = form
            && let Some(none) = &self.none_of
            && all.iter().all(|it| none.contains(it))
        {
            return Some("no event says anything else".to_owned());
        }
        if self.one_of.as_ref().is_some_and(Vec::is_empty)
            || self.none_of.as_ref().is_some_and(Vec::is_empty)
        {
            return Some("the list is empty".to_owned());
        }
        if self.bounds().is_some_and(|it| !form.meets(it)) {
            return Some(format!("no event lies within these bounds: it is {form}"));
        }
        let field = self.same_as.as_ref()?;
        match anchor.map(|fields| fields.get(field)) {
            None => Some("there is no anchor that it could be compared with".to_owned()),
            Some(None) => Some(format!("the anchor has no field `{field}`")),
            Some(Some(other)) if other != form => Some(format!(
                "the anchor's `{field}` is of another form: {other}"
            )),
            Some(Some(_)) => None,
        }
    }
}

/// Events of a type whose fields fulfil the conditions, as the parameters say it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection<'p> {
    pub(crate) kind: &'p str,
    pub(crate) conditions: &'p Conditions,
}

/// The same, with the places of the fields: it is asked for every event.
#[derive(Debug)]
pub(crate) struct Selector<'p> {
    pub(crate) kind: &'p str,
    conditions: Vec<Placed<'p>>,
}

#[derive(Debug)]
struct Placed<'p> {
    /// Of the field among those of the type.
    at: usize,
    condition: &'p Condition,
    /// Of the field of the anchor that is compared.
    of_anchor: Option<usize>,
}

impl Selector<'_> {
    pub(crate) fn selects(&self, event: &Event, anchor: Option<&Event>) -> bool {
        let fulfilled = |it: &Placed<'_>| {
            let of_anchor = it.of_anchor.zip(anchor);
            let of_anchor = of_anchor.and_then(|(at, anchor)| anchor.values.get(at));
            let value = event.values.get(it.at);
            value.is_some_and(|value| it.condition.holds(value, of_anchor))
        };
        event.kind == self.kind && self.conditions.iter().all(fulfilled)
    }

    /// Whether it compares with the anchor.
    pub(crate) fn compares(&self) -> bool {
        self.conditions.iter().any(|it| it.of_anchor.is_some())
    }
}

impl<'p> Selection<'p> {
    /// Of parameters in which nothing is wrong, so that every field has its place.
    pub(crate) fn prepared(
        self,
        events: &BTreeMap<String, Fields>,
        anchor: Option<&Fields>,
    ) -> Selector<'p> {
        let place = |fields: &Fields, name: &str| fields.keys().position(|it| it == name);
        let placed = |(field, condition): (&String, &'p Condition)| Placed {
            at: events
                .get(self.kind)
                .and_then(|it| place(it, field))
                .unwrap_or(usize::MAX),
            of_anchor: (condition.same_as.as_ref()).and_then(|name| place(anchor?, name)),
            condition,
        };
        Selector {
            kind: self.kind,
            conditions: self.conditions.iter().map(placed).collect(),
        }
    }

    /// Where, below the selector, and what is wrong.
    pub(crate) fn problems(
        &self,
        events: &BTreeMap<String, Fields>,
        anchor: Option<&Fields>,
    ) -> Vec<(String, String)> {
        let Some(fields) = events.get(self.kind) else {
            let message = format!("`events` has no type `{}`", self.kind);
            return vec![("/type".to_owned(), message)];
        };
        let of = |(field, condition): (&String, &Condition)| {
            let problem = match fields.get(field) {
                Some(form) => condition.problem(form, anchor)?,
                None => format!("`{}` has no field of that name", self.kind),
            };
            Some((format!("/where/{field}"), problem))
        };
        self.conditions.iter().filter_map(of).collect()
    }
}
